//! Repairs doubly encoded UTF-8 ("mÃ¸te"): text that was read as Windows-1252 or Latin-1 and encoded again, once or
//! several times.

use super::repaired::{Repaired, line_number, segments};
use crate::read::charset::CodePage;

/// Maximum number of superfluous encodings that are undone.
const MAX_LEVELS: usize = 4;
/// A page counts as broken if it has at least this many certain repairs, and at least this many for each
/// correct sequence. Certain repairs are then made even in lines that also have correct characters.
const BROKEN_PAGE_RUNS: usize = 4;
/// A line that mentions encodings is repaired only if at least this many other lines are certainly doubly encoded.
const LINES_DESPITE_MENTION: usize = 3;
/// Lines with these words may show doubly encoded characters as examples.
const ENCODING_WORDS: &[&str] = &[
    "utf-8",
    "utf8",
    "latin-1",
    "latin1",
    "iso-8859",
    "windows-1252",
    "cp1252",
    "ascii",
    "unicode",
    "mojibake",
    "encod",
    "charset",
    "tegnsett",
    "tegnkod",
    "tegnet",
    "tegnene",
    "teiknsett",
    "teiknkod",
    "teiknet",
    "teikna",
    "bokstaven",
    "character",
];
/// The remains of a doubly encoded right quotation mark. Its third byte has no character in Windows-1252, so some
/// programs remove or replace it.
const CLOSING_QUOTE_REMNANTS: &[&str] = &["â€", "â€\u{fffd}"];

/// A maximal sequence of non-ASCII characters.
struct Run<'a> {
    /// Its byte offset in the page.
    start: usize,
    text: &'a str,
    /// The decoded text; `None` if the run isn't doubly encoded.
    repaired: Option<String>,
    /// Whether its neighbors leave no doubt that it is doubly encoded.
    is_certain: bool,
}

/// A line, or in HTML a tag or the text between two tags.
struct Segment<'a> {
    runs: Vec<Run<'a>>,
    mentions_encodings: bool,
}

impl Segment<'_> {
    /// Whether everything outside ASCII is doubly encoded.
    fn is_uniform(&self) -> bool {
        self.runs.iter().all(|run| run.repaired.is_some())
    }

    fn has_certain_run(&self) -> bool {
        self.runs.iter().any(|run| run.is_certain)
    }
}

/// Repairs a page. A segment is repaired only if each of its sequences of non-ASCII characters, when re-encoded, is
/// UTF-8 for letters and symbols of European languages. In addition, the neighbors of at least one sequence on the page
/// must leave no doubt. On a broken page (see `BROKEN_PAGE_RUNS`), certain sequences of other segments are also
/// repaired.
pub fn repair_double_utf8(text: &str, is_html: bool) -> Option<Repaired> {
    if !is_suspicious(text.as_bytes()) {
        return None;
    }
    let ansi = CodePage::windows_1252();
    let segments: Vec<Segment> = segments(text, is_html)
        .map(|(start, segment)| find_runs(text, start, segment, &ansi))
        .filter(|segment| !segment.runs.is_empty())
        .collect();
    let is_clear =
        |segment: &&Segment| segment.is_uniform() && segment.has_certain_run() && !segment.mentions_encodings;
    let clear = segments.iter().filter(is_clear).count();
    let runs = || segments.iter().filter(|segment| !segment.mentions_encodings).flat_map(|segment| &segment.runs);
    let certain = runs().filter(|run| run.is_certain).count();
    let right = runs().filter(|run| run.repaired.is_none() && run.text.chars().any(char::is_alphabetic)).count();
    let is_broken = certain >= BROKEN_PAGE_RUNS && right * BROKEN_PAGE_RUNS <= certain;
    let mut changes = Vec::new();
    for segment in &segments {
        let is_repaired = segment.is_uniform()
            && if segment.mentions_encodings {
                segment.has_certain_run() && clear >= LINES_DESPITE_MENTION
            } else {
                clear > 0
            };
        if !is_repaired && (!is_broken || segment.mentions_encodings) {
            continue;
        }
        for run in segment.runs.iter().filter(|run| is_repaired || run.is_certain) {
            let Some(repaired) = &run.repaired else { continue };
            let mut end = run.start + run.text.len();
            // A doubly encoded "à" (`Ã` and a no-break space) whose no-break space became a space; another space
            // follows.
            if run.text == "Ã" && text[end..].starts_with("  ") {
                end += 1;
            }
            changes.push((run.start..end, repaired.clone()));
        }
    }
    let first = changes.first()?.0.start;
    let lines = changes.chunk_by(|a, b| !text[a.0.start..b.0.start].contains('\n')).count();
    let lines = if lines == 1 { "one line".to_string() } else { format!("{lines} lines") };
    let note = format!("repaired doubly encoded UTF-8 on {lines} (first: line {})", line_number(text, first));
    Some(Repaired::new(text, changes, note))
}

/// Whether the first character of a doubly encoded sequence (Â to ô) occurs before a character that can follow it.
fn is_suspicious(bytes: &[u8]) -> bool {
    let continues = |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, 0xc2 | 0xc5 | 0xc6 | 0xcb | 0xe2));
    memchr::memchr_iter(0xc3, bytes).any(|at| match bytes.get(at + 1) {
        Some(0x82..=0x9f) => continues(at + 2),
        // å and æ are among these; in correct text, one symbol may follow them.
        Some(0xa0..=0xb4) if continues(at + 2) => {
            let second = if bytes[at + 2] == 0xe2 { at + 5 } else { at + 4 };
            continues(second)
        }
        _ => false,
    })
}

fn find_runs<'a>(page: &'a str, start: usize, segment: &'a str, ansi: &CodePage) -> Segment<'a> {
    let mut runs = Vec::new();
    let bytes = segment.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|byte| !byte.is_ascii()) {
        let begin = at + offset;
        let length = bytes[begin..].iter().position(u8::is_ascii).unwrap_or(bytes.len() - begin);
        at = begin + length;
        let is_neutral = |c: char| matches!(c, '\u{a0}' | '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{fffd}');
        let mut text = &segment[begin..at];
        let mut from = begin;
        let mut repaired = repair_run(text, ansi);
        if repaired.is_none() && !CLOSING_QUOTE_REMNANTS.contains(&text) {
            let trimmed = text.trim_start_matches(is_neutral);
            from += text.len() - trimmed.len();
            text = trimmed.trim_end_matches(is_neutral);
            repaired = repair_run(text, ansi);
        }
        if text.is_empty() {
            continue;
        }
        let before = segment[..from].chars().next_back().unwrap_or('\n');
        let rest = &segment[from + text.len()..];
        let is_certain = repaired.as_ref().is_some_and(|repaired| is_certain(before, text, repaired, rest))
            && (is_in_tag(page, start) || !is_quoted(segment, from, from + text.len()));
        let repaired = repaired.or_else(|| repair_remnant(before, text, rest));
        runs.push(Run { start: start + from, text, repaired, is_certain });
    }
    let mentions_encodings = runs.iter().any(|run| run.repaired.is_some()) && {
        let lower = segment.to_lowercase();
        ENCODING_WORDS.iter().any(|word| lower.contains(word))
    };
    Segment { runs, mentions_encodings }
}

/// Whether the segment at this offset is the inside of an HTML tag.
fn is_in_tag(page: &str, start: usize) -> bool {
    page[..start].ends_with('<')
}

/// Decodes a run as often as it was encoded.
fn repair_run(run: &str, ansi: &CodePage) -> Option<String> {
    let mut current = decode_once(run, ansi)?;
    for _ in 1..MAX_LEVELS {
        match decode_once(&current, ansi) {
            Some(next) => current = next,
            None => break,
        }
    }
    current.chars().all(is_plausible).then_some(current)
}

/// Encodes a run as Windows-1252 (or Latin-1, for the bytes that it doesn't assign) and decodes it as UTF-8.
fn decode_once(run: &str, ansi: &CodePage) -> Option<String> {
    if may_be_right(run) {
        return None;
    }
    let byte = |c: char| match u8::try_from(u32::from(c)) {
        Ok(byte) => Some(byte),
        Err(_) => ansi.byte(c),
    };
    String::from_utf8(run.chars().map(byte).collect::<Option<Vec<u8>>>()?).ok()
}

/// Whether a run may be correct as it is: punctuation or a trademark sign follows Ä or Å, and no other sequence starts
/// in the run. "BLÅ–HVIT" isn't "BLŖHVIT".
fn may_be_right(run: &str) -> bool {
    let mut pairs = run.chars().zip(run.chars().skip(1));
    let has_pair =
        pairs.any(|(letter, sign)| matches!(letter, 'Ä' | 'Å') && (is_punctuation(sign) || "™®©".contains(sign)));
    has_pair && !run.contains(['Ã', 'Â', 'â'])
}

fn is_punctuation(c: char) -> bool {
    "‚„…‹›‘’“”•–—«»·§°\u{a0}".contains(c)
}

/// Whether a character is a letter or symbol of European languages, except those that show that a text is still doubly
/// encoded.
fn is_plausible(c: char) -> bool {
    match c {
        '¢' | '¤' | '¥' | '¦' | '¨' | '¬' | '¯' | '¶' | '¸' => false,
        '\u{a0}'..='\u{17f}' | '\u{218}'..='\u{21b}' => true,
        // Combining accents, Greek and Cyrillic.
        '\u{300}'..='\u{30c}' | '\u{327}' | '\u{328}' | '\u{386}'..='\u{3ce}' | '\u{400}'..='\u{45f}' => true,
        '\u{1e00}'..='\u{1eff}' | '\u{2002}'..='\u{203a}' | '\u{2070}'..='\u{2089}' | '€' | '№' | '™' => true,
        '\u{2190}'..='\u{21ff}' | '\u{2200}'..='\u{22ff}' | '\u{25a0}'..='\u{27bf}' | '\u{fb00}'..='\u{fb06}' => true,
        '\u{fe0f}' | '\u{feff}' | '\u{fffd}' | '\u{1f300}'..='\u{1faff}' => true,
        _ => false,
    }
}

/// Whether a repair is beyond doubt: the sequence is next to letters, or is one that nobody types.
fn is_certain(before: char, run: &str, repaired: &str, rest: &str) -> bool {
    let after = rest.chars().next().unwrap_or('\n');
    let mut source = run.chars();
    let (lead, continuation) = (source.next().unwrap_or(' '), source.next().unwrap_or(' '));
    let is_latin =
        |c: char| matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ſ' | '\u{218}'..='\u{21b}' | '\u{1e00}'..='\u{1eff}');
    if repaired.contains(is_latin) {
        return match lead {
            'Ä' | 'Å' => before.is_ascii_lowercase() || after.is_ascii_lowercase(),
            // "IRMÃ…" and "CHÂ»" are Portuguese and French words followed by punctuation.
            _ if is_punctuation(continuation) => before.is_ascii_lowercase() || after.is_ascii_alphabetic(),
            _ => before.is_ascii_alphabetic() || after.is_ascii_alphabetic() || repaired.chars().count() >= 3,
        };
    }
    if repaired.chars().any(char::is_alphabetic) {
        return repaired.chars().count() >= 2;
    }
    let next = rest.chars().find(|c| *c != ' ').unwrap_or('\n');
    match lead {
        'Â' => {
            let follows_word = before.is_ascii_lowercase() || before.is_ascii_digit() || ".,:;!?)%".contains(before);
            follows_word || next.is_ascii_digit() || (after.is_ascii_alphabetic() && before.is_ascii_whitespace())
        }
        'Ì' => before.is_ascii_alphabetic(),
        'ï' => after.is_ascii_alphabetic() || before == '\n',
        // Dashes, quotation marks and emoji.
        _ => true,
    }
}

/// Whether the word at these offsets is quoted, so that it may be shown as an example.
fn is_quoted(segment: &str, start: usize, end: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || !c.is_ascii();
    let before = segment[..start].trim_end_matches(is_word).chars().next_back();
    let after = segment[end..].trim_start_matches(is_word).chars().next();
    let is_quote = |c: Option<char>| c.is_some_and(|c| "\"'`".contains(c));
    is_quote(before) && is_quote(after)
}

/// Repairs what is left of a doubly encoded character when its last character was removed or replaced by a space.
fn repair_remnant(before: char, run: &str, rest: &str) -> Option<String> {
    match run {
        "Â" if rest.starts_with(' ') && !before.is_ascii_uppercase() => Some(String::new()),
        "Ã" if rest.starts_with(' ') && !before.is_alphanumeric() => Some("à".to_string()),
        _ if CLOSING_QUOTE_REMNANTS.contains(&run) && !before.is_whitespace() => Some("”".to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the UTF-8 of a text as Windows-1252, with C1 controls for the bytes that Windows-1252 doesn't assign.
    fn encode(text: &str) -> String {
        let ansi = CodePage::windows_1252();
        text.bytes().map(|byte| ansi.char(byte)).collect()
    }

    fn encode_as_latin1(text: &str) -> String {
        text.bytes().map(char::from).collect()
    }

    fn repair(text: &str) -> String {
        repair_double_utf8(text, false).map_or_else(|| text.to_string(), |repaired| repaired.text)
    }

    #[track_caller]
    fn check(text: &str) {
        for encoded in
            [encode(text), encode_as_latin1(text), encode(&encode(text)), encode_as_latin1(&encode(&encode(text)))]
        {
            assert_eq!(repair(&encoded), text);
            let mixed = format!("Et møte på øya.\n{encoded}\nÅrsmøtet");
            assert_eq!(repair(&mixed), format!("Et møte på øya.\n{text}\nÅrsmøtet"));
        }
    }

    #[track_caller]
    fn stays(text: &str) {
        assert_eq!(repair(text), text);
    }

    #[test]
    fn repairs_norwegian_text() {
        check("Fylkestingsmøtet vedtok planen i går.");
        check("Årets rådmann på Østlandet");
        check("ÅRSMØTE I ÅS OG SÆRSKILT STØTTE");
        check("Eg høyrde på det, og såg at ho ikkje var der i går – «ho» kom seinare …");
        check("“Økonomi” – ‘ledelse’ • 50 € for én");
        check("à la carte på kaféen, crème brûlée, Ærlig");
        check("Det koster 50\u{a0}kr etter § 5, 20 °C i går");
        check("Ánde Somby leser šáhppát på Sørøya");
        check("Í Ýtri Ðað, Ïð går på");
        check("Gratulerer 🎉 med dagen, bård");
    }

    #[test]
    fn repairs_incomplete_sequences() {
        assert_eq!(repair("mÃ¸te Ã  la carte"), "møte à la carte");
        assert_eq!(repair("mÃ¸te Ã la carte"), "møte à la carte");
        assert_eq!(repair("mÃ¸te:Â i dag. Â Ja"), "møte: i dag.  Ja");
        assert_eq!(repair("â€œEt mÃ¸teâ€ sa han"), "“Et møte” sa han");
        assert_eq!(repair("\u{a0}mÃ¸te\u{fffd}"), "\u{a0}møte\u{fffd}");
        assert_eq!(repair("ï»¿Oslo"), "\u{feff}Oslo");
    }

    #[test]
    fn repairs_html_between_tags() {
        let html = "<p>På norsk</p><p>Et mÃ¸te</p><img alt=\"bÃ¥t\"><p title=\"på\">Å</p>";
        let repaired = repair_double_utf8(html, true).unwrap();
        assert_eq!(repaired.text, "<p>På norsk</p><p>Et møte</p><img alt=\"båt\"><p title=\"på\">Å</p>");
    }

    #[test]
    fn uncertain_sequences_are_repaired_if_others_are_certain() {
        assert_eq!(repair("FÃ…\nmÃ¸te\nÃ¥\nÂ© Kommunen"), "FÅ\nmøte\nå\n© Kommunen");
        let broken = "mÃ¸te\nbÃ¥t\nfÃ¸r\nvÃ¦r\nmÃ¸te på\n";
        assert_eq!(repair(broken), "møte\nbåt\nfør\nvær\nmøte på\n");
    }

    #[test]
    fn says_how_many_lines_were_repaired() {
        let note = |text: &str| repair_double_utf8(text, false).unwrap().note;
        assert_eq!(note("på\nmÃ¸te i gÃ¥r"), "repaired doubly encoded UTF-8 on one line (first: line 2)");
        assert_eq!(note("mÃ¸te\nbÃ¥t\npå"), "repaired doubly encoded UTF-8 on 2 lines (first: line 1)");
    }

    #[test]
    fn keeps_correct_letters() {
        stays("A REUNIÃO NÃO É EM SÃO PAULO, IRMÃ…");
        stays("IRMÃ…");
        stays("Minha irmã – a “Ã” é “AMANHÔ");
        stays("SỰ CHÂN THÀNH, Ã, Â, Â§");
        stays("Â§");
        stays("BLÅ–HVIT STRØM, blå–hvit, RÅ™, «NÅ»");
        stays("BLÅ–HVIT");
        stays("NÅ™ ER PÅ»");
        stays("blåbær ‘på’ «gård» på…”");
        stays("ESPAÑA “MAÑANA”, EL NIÑ“");
        stays("Îles, Ïle, ÎLE «Î»");
        stays("Ærfugl, Ðað, ÆØÅ, æøå…»");
        stays("Å§ Ä° Ö½");
    }

    #[test]
    fn keeps_texts_about_encodings() {
        stays("Tegnet ø vises som Ã¸ når filen er UTF-8.");
        stays("If you see cafÃ© in a page, its encoding is wrong.");
        stays("Her står «møte» som «mÃ¸te».");
        stays("Da ble \"mÃ¸te\" feil.");
        stays("Hvis du ser Ã¸ i teksten, er noe galt.");
        stays("Si vous voyez cafÃ© à l’écran");
        stays("Tegnet â€“ er en tankestrek.");
    }
}
