//! Formats counts, sizes and durations for people.

use std::time::Duration;

/// "1 page", "5,000 pages", "2 queries". `noun` is in the singular.
pub fn format_count(number: u64, noun: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    match noun.strip_suffix('y') {
        _ if number == 1 => format!("{text} {noun}"),
        Some(stem) => format!("{text} {stem}ies"),
        None => format!("{text} {noun}s"),
    }
}

/// "18 kB", "1.4 MB": decimal units.
pub fn format_bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} bytes"),
        1_000..1_000_000 => format!("{} kB", number.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// "3 ms", "1.2 s", "2 min 5 s".
pub fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_numbers_with_units() {
        assert_eq!(format_count(1, "page"), "1 page");
        assert_eq!(format_count(98_348, "page"), "98,348 pages");
        assert_eq!(format_count(2, "query"), "2 queries");
        assert_eq!(format_bytes(17_950), "18 kB");
        assert_eq!(format_duration(Duration::from_millis(1234)), "1.2 s");
    }
}
