//! Numbers and dates in the notation of a language.

use jiff::civil::Date;

use super::ui_language::UiLanguage;

const MONTHS: [(&str, &str); 12] = [
    ("januar", "January"),
    ("februar", "February"),
    ("mars", "March"),
    ("april", "April"),
    ("mai", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("august", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("desember", "December"),
];

impl UiLanguage {
    /// A number with separators between groups of three digits. Norwegian has a no-break space, and none in numbers of
    /// four digits.
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let is_grouped = digits.len() > 4 || self == UiLanguage::English && digits.len() == 4;
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if is_grouped && index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(if self == UiLanguage::English { ',' } else { '\u{a0}' });
            }
            grouped.push(digit);
        }
        grouped
    }

    /// A number with two decimals.
    pub fn decimal(self, number: f64) -> String {
        let text = format!("{number:.2}");
        if self == UiLanguage::English { text } else { text.replace('.', ",") }
    }

    /// An ISO 8601 date in words, such as `7. april 2020`; other texts unchanged.
    pub fn date(self, iso: &str) -> String {
        let Ok(date) = iso.parse::<Date>() else { return iso.to_string() };
        let (norwegian, english) = MONTHS[date.month() as usize - 1];
        match self {
            UiLanguage::English => format!("{} {english} {}", date.day(), date.year()),
            _ => format!("{}. {norwegian} {}", date.day(), date.year()),
        }
    }

    /// A text in the quotation marks of the language.
    pub fn quoted(self, text: &str) -> String {
        match self {
            UiLanguage::English => format!("“{text}”"),
            _ => format!("«{text}»"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_and_dates_as_the_language_does() {
        assert_eq!(UiLanguage::Bokmal.number(999), "999");
        assert_eq!(UiLanguage::Bokmal.number(1000), "1000");
        assert_eq!(UiLanguage::Nynorsk.number(61_488), "61\u{a0}488");
        assert_eq!(UiLanguage::English.number(1_234_567), "1,234,567");
        assert_eq!(UiLanguage::English.number(1234), "1,234");
        assert_eq!(UiLanguage::Bokmal.date("2020-04-07"), "7. april 2020");
        assert_eq!(UiLanguage::English.date("2020-12-17"), "17 December 2020");
        assert_eq!(UiLanguage::Nynorsk.date("i fjor"), "i fjor");
        assert_eq!(UiLanguage::Nynorsk.decimal(1.5), "1,50");
    }
}
