//! Detects the single-byte encoding of a text by its letters: Windows-1252 (or Latin-1), unless another encoding is
//! more plausible and yields Sámi words or more Norwegian words.

use super::code_pages::CodePage;
use crate::norwegian::is_word;

/// Maximum number of bytes of a text that are examined.
const SAMPLE_BYTES: usize = 1 << 20;
/// The minimum difference between the score of another encoding and the score of Windows-1252. One byte makes this
/// difference if it is a letter inside a word (3) in the other encoding and a symbol between letters (-3) in
/// Windows-1252.
const MIN_MARGIN: i64 = 6;
/// Maximum number of words that are looked up in the lexicon.
const MAX_LOOKUPS: usize = 200;

/// Decodes bytes that aren't UTF-8. Returns the text and the name of its encoding. Lines in UTF-8, such as lines that
/// were added later, are decoded as Windows-1252. That makes them doubly encoded UTF-8, which a later step repairs.
pub fn decode_legacy(bytes: &[u8]) -> (String, &'static str) {
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    if !lines().any(is_utf8_line) {
        let (page, name) = detect(bytes);
        return (page.decode(bytes), name);
    }
    let legacy: Vec<u8> = lines().filter(|line| !is_utf8_line(line)).flatten().copied().collect();
    let (page, name) = detect(&legacy);
    let ansi = CodePage::windows_1252();
    let text = lines().map(|line| if is_utf8_line(line) { ansi.decode(line) } else { page.decode(line) }).collect();
    (text, name)
}

/// Whether a line is UTF-8 and has characters outside ASCII, all of which are common in Norwegian or Sámi text.
fn is_utf8_line(line: &[u8]) -> bool {
    let is_common = |c: char| match c {
        '\u{a0}'..='ÿ' | '\u{2010}'..='\u{203a}' | '€' | '™' => true,
        c => is_sami(c),
    };
    !line.is_ascii() && std::str::from_utf8(line).is_ok_and(|text| text.chars().all(|c| c.is_ascii() || is_common(c)))
}

fn is_sami(c: char) -> bool {
    "čđŋšŧžČĐŊŠŦŽ".contains(c)
}

/// Detects the encoding of a text. Returns it with its name.
fn detect(bytes: &[u8]) -> (CodePage, &'static str) {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let ansi = CodePage::windows_1252();
    let ansi_score = score(sample, &ansi);
    if is_latin9(sample) {
        let page = CodePage::latin9();
        let name = page.name;
        return (page, name);
    }
    // In order of preference. Code pages 865 and 850 differ in few characters that Norwegian text uses.
    let others = [CodePage::cp865(), CodePage::cp850(), CodePage::cp437(), CodePage::mac_roman(), CodePage::latin6()];
    let mut best: Option<(i64, CodePage)> = None;
    for page in others {
        let page_score = score(sample, &page);
        if page_score >= ansi_score + MIN_MARGIN
            && page_score > best.as_ref().map_or(0, |(score, _)| *score)
            && makes_words(sample, &page, &ansi)
        {
            best = Some((page_score, page));
        }
    }
    if let Some((_, page)) = best {
        let name = page.name;
        return (page, name);
    }
    // Windows-1252 is Latin-1 with letters and quotation marks in place of 32 control codes.
    let name = if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) { ansi.name } else { "Latin-1" };
    (ansi, name)
}

/// Whether a code page yields Norwegian or Sámi words. Norwegian: of the words with letters outside ASCII, at least a
/// third are in the lexicon, and more than with Windows-1252. Sámi words are recognized by their letters, without a
/// lexicon.
fn makes_words(bytes: &[u8], page: &CodePage, ansi: &CodePage) -> bool {
    let words = || bytes.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()).filter(|word| !word.is_ascii());
    let count_words = |page: &CodePage| {
        let words = words().take(MAX_LOOKUPS).map(|word| page.decode(word));
        words.filter(|word| word.chars().all(char::is_alphabetic) && is_word(&word.to_lowercase())).count()
    };
    let known = count_words(page);
    if known > count_words(ansi) && known * 3 >= words().take(MAX_LOOKUPS).count() {
        return true;
    }
    let sami = words().filter(|word| word.len() >= 3 && page.decode(word).chars().any(is_sami)).count();
    page.name == "ISO-8859-10" && sami >= 3 && sami * 4 >= words().count()
}

/// How plausible the non-ASCII characters are next to their neighbors. Letters inside words count for an encoding;
/// symbols between letters count against it.
fn score(bytes: &[u8], page: &CodePage) -> i64 {
    let char_at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).map_or(' ', |byte| page.char(*byte));
    let upper = (0..bytes.len()).filter(|at| !bytes[*at].is_ascii());
    upper.map(|at| plausibility(char_at(at.checked_sub(1)), page.char(bytes[at]), char_at(Some(at + 1)))).sum()
}

fn plausibility(before: char, c: char, after: char) -> i64 {
    let follows_letter = before.is_alphabetic();
    let precedes_letter = after.is_alphabetic();
    if is_latin_letter(c) {
        let breaks_case = (c.is_uppercase() && before.is_lowercase())
            || (c.is_lowercase() && before.is_uppercase() && after.is_uppercase());
        return match c {
            _ if breaks_case => -3,
            'å' | 'Å' if !follows_letter && !precedes_letter => 1,
            _ if !follows_letter && !precedes_letter => -1,
            'æ' | 'ø' | 'å' | 'Æ' | 'Ø' | 'Å' => 3,
            'é' | 'è' | 'ê' | 'ó' | 'ò' | 'ô' | 'ö' | 'ü' | 'ä' | 'à' | 'á' | 'ç' | 'ñ' => 1,
            'É' | 'È' | 'Ö' | 'Ü' | 'Ä' | 'Á' => 1,
            _ if is_sami(c) => 1,
            _ => -1,
        };
    }
    match (follows_letter, precedes_letter) {
        (true, true) if matches!(c, '’' | '´' | '–' | '—' | '\u{ad}' | '…' | '·') => 1,
        (true, true) => -3,
        _ if c.is_control() => -3,
        (false, true) if "“‘„‚«‹»”’–—•·§\u{a0}".contains(c) => 1,
        (true, false) if "”’“»›«…™®–—\u{a0}".contains(c) => 1,
        (false, false) if "“‘„‚«‹»”’–—•·§…\u{a0}°€£½¼¾²³±×©".contains(c) => 1,
        (false, false) => 0,
        _ => -1,
    }
}

/// Whether a character is a letter of a word, as opposed to an ordinal indicator, micro sign or Greek letter in a
/// formula.
fn is_latin_letter(c: char) -> bool {
    matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ž')
}

/// Whether the text is ISO-8859-15: it has no byte that only Windows-1252 assigns, and every byte whose meaning differs
/// from Latin-1 is either a letter in a word, or a euro sign next to a number. A byte after Ã is ignored, because it is
/// the second byte of a letter in UTF-8.
fn is_latin9(bytes: &[u8]) -> bool {
    if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
        return false;
    }
    let page = CodePage::latin9();
    let char_at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).map_or(' ', |byte| page.char(*byte));
    let differs = |byte: u8| matches!(byte, 0xa4 | 0xa6 | 0xa8 | 0xb4 | 0xb8 | 0xbc..=0xbe);
    let is_utf8 = |at: usize| at.checked_sub(1).is_some_and(|lead| bytes[lead] == 0xc3);
    let mut differing = (0..bytes.len()).filter(|at| differs(bytes[*at]) && !is_utf8(*at)).peekable();
    differing.peek().is_some()
        && differing.all(|at| {
            let neighbor = |step: isize| char_at(at.checked_add_signed(step));
            let is_number = |near: char, next: char| near.is_ascii_digit() || (near == ' ' && next.is_ascii_digit());
            match page.char(bytes[at]) {
                '€' => is_number(neighbor(-1), neighbor(-2)) || is_number(neighbor(1), neighbor(2)),
                c => {
                    let (before, after) = (neighbor(-1), neighbor(1));
                    let is_upper = c.is_uppercase() && !before.is_lowercase() && after.is_alphabetic();
                    is_upper || (c.is_lowercase() && (before.is_lowercase() || after.is_lowercase()))
                }
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(page: &CodePage, text: &str) -> Vec<u8> {
        text.chars().map(|c| if c.is_ascii() { c as u8 } else { page.byte(c).unwrap() }).collect()
    }

    #[track_caller]
    fn check(page: &CodePage, text: &str, name: &str) {
        assert_eq!(decode_legacy(&encode(page, text)), (text.to_string(), name));
    }

    #[test]
    fn recognizes_mac_roman() {
        check(&CodePage::mac_roman(), "Fylkestingsmøtet vedtok planen i går.", "MacRoman");
        check(
            &CodePage::mac_roman(),
            "Årsmøtet på Østlandet vedtok “ærlige” løsninger – også for små øyer.",
            "MacRoman",
        );
        check(&CodePage::mac_roman(), "FØR ÅRSMØTET", "MacRoman");
        check(&CodePage::mac_roman(), "Eg høyrde ikkje kva dei sa, og gjekk heim att i snøvêret.", "MacRoman");
    }

    #[test]
    fn recognizes_dos_code_pages() {
        check(&CodePage::cp865(), "Fylkestingsmøtet vedtok planen i går.", "CP865");
        check(&CodePage::cp865(), "ÅRSMØTE: Særskilt støtte til små skular på Møre", "CP865");
        check(&CodePage::cp865(), "│ Rådhuset │ åpent │", "CP865");
        check(&CodePage::cp850(), "Etter loven § 5 får søkeren støtte.", "CP850");
        check(&CodePage::cp437(), "Søkeren får støtte før møtet.", "CP437");
    }

    #[test]
    fn recognizes_other_parts_of_iso_8859() {
        check(&CodePage::latin9(), "Prisen er 50 € for én måned.", "ISO-8859-15");
        check(&CodePage::latin9(), "Dušan får €12 i støtte.", "ISO-8859-15");
        check(
            &CodePage::latin6(),
            "Sámi čálalaš giella: davviša, čohkkát, oahppat, máŋga dáŋka čuorvvut šaddá.",
            "ISO-8859-10",
        );
    }

    #[test]
    fn ignores_lines_in_utf8_when_detecting_the_encoding() {
        let check = |page: &CodePage, text: &str, name: &str| {
            let bytes = [&encode(page, text), "\nPå øya var det blåbærsyltetøy.\n".as_bytes()].concat();
            let expected = format!("{text}\nPÃ¥ Ã¸ya var det blÃ¥bÃ¦rsyltetÃ¸y.\n");
            assert_eq!(decode_legacy(&bytes), (expected, name));
        };
        check(&CodePage::windows_1252(), "Møtet på øya.", "Latin-1");
        check(&CodePage::windows_1252(), "Eg høyrde “ikkje” noko på møtet.", "Windows-1252");
        check(&CodePage::latin9(), "Prisen er 50 € for én måned.", "ISO-8859-15");
        check(&CodePage::cp865(), "Fylkestingsmøtet vedtok planen i går.", "CP865");
        check(&CodePage::mac_roman(), "Fylkestingsmøtet vedtok planen «Øya» i går.", "MacRoman");
        let one_line = [&b"M\xf8tet p\xe5 \xd8ya, "[..], "på øya".as_bytes()].concat();
        assert_eq!(decode_legacy(&one_line), ("Møtet på Øya, pÃ¥ Ã¸ya".to_string(), "Latin-1"));
    }

    #[test]
    fn keeps_windows_1252_and_latin1() {
        let ansi = CodePage::windows_1252();
        check(&ansi, "Økonomi og ledelse på tvers", "Latin-1");
        check(&ansi, "“Økonomi” – ledelse", "Windows-1252");
        check(&ansi, "Rock’n’roll i ‘parken’ fra 1990–2000 …", "Windows-1252");
        check(&ansi, "Oslo–Bergen koster 50 € – “billig”", "Windows-1252");
        check(&ansi, "‹Hei› sa Siv†, «ja» og ‘nei’", "Windows-1252");
        check(&ansi, "Café Olé, 2½ time, 20 °C, 5 m²", "Latin-1");
        check(&ansi, "Œuvre, Šibenik og Žižek", "Windows-1252");
        check(&ansi, "Se ¤ og § 5", "Latin-1");
        check(&ansi, "¿Qué tal, señor?", "Latin-1");
    }
}
