//! Given the bytes of a page, what is its text?

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The text, and what to tell the person when it wasn't plain UTF-8. The error is the reason alone.
type Decoded = Result<(String, Option<String>), String>;

/// A plain text: byte order mark, else UTF-8, else what the server `said` it is, else Latin-1 or Windows-1252.
pub fn text(bytes: Vec<u8>, said: Option<&str>) -> Decoded {
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return Ok(with(encoding, &bytes));
    }
    if is_binary(&bytes) {
        return Err("is a binary file, not text; give it an ending that treff doesn't read, or remove it".into());
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok((without_nul(text), None)),
        Err(error) => error.into_bytes(),
    };
    let said = said.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = said.filter(|encoding| *encoding != UTF_8) {
        return Ok(with(encoding, &bytes));
    }
    if let Some(repaired) = broken_utf8(&bytes) {
        return Ok(repaired);
    }
    let (text, _, _) = WINDOWS_1252.decode(&bytes);
    // Windows-1252 is Latin-1 with letters and quotes in the place of 32 control codes.
    let name = if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) { "Windows-1252" } else { "Latin-1" };
    Ok((without_nul(text.into_owned()), Some(format!("read as {name}"))))
}

/// A marked-up page: byte order mark, else what the server `said`, else `<meta charset>`, else as plain text.
/// A declared encoding that the bytes contradict is passed over when they are valid UTF-8.
pub fn html(bytes: Vec<u8>, said: Option<&str>) -> Decoded {
    let is_told = Encoding::for_bom(&bytes).is_some() || is_binary(&bytes) || said.is_some();
    if is_told || std::str::from_utf8(&bytes).is_ok() {
        return text(bytes, said);
    }
    match declared(&bytes) {
        Some(encoding) if encoding != UTF_8 => Ok(with(encoding, &bytes)),
        _ => text(bytes, None),
    }
}

fn with(encoding: &'static Encoding, bytes: &[u8]) -> (String, Option<String>) {
    let (text, used, malformed) = encoding.decode(bytes);
    let note = match (used == UTF_8, malformed) {
        (true, false) => None,
        (_, false) => Some(format!("read as {}", used.name())),
        (_, true) => Some(format!("read as {}, with replacements", used.name())),
    };
    (without_nul(text.into_owned()), note)
}

/// UTF-8 in which a few bytes went wrong: more letters are valid sequences than are not.
fn broken_utf8(bytes: &[u8]) -> Option<(String, Option<String>)> {
    let mut valid = 0usize;
    let mut broken = 0usize;
    let mut first = None;
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            broken += 1;
            first.get_or_insert(at);
            at += chunk.invalid().len();
        }
    }
    let first = first?;
    if valid <= broken {
        return None;
    }
    let line = 1 + bytes[..first].iter().filter(|byte| **byte == b'\n').count();
    Some((
        without_nul(String::from_utf8_lossy(bytes).into_owned()),
        Some(format!("not valid UTF-8 in line {line}, at byte {first}; read with replacements")),
    ))
}

/// A text may have a stray NUL; of other files every fiftieth byte and more is one.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8192)];
    head.iter().filter(|byte| **byte == 0).count() * 50 > head.len()
}

fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', " ") } else { text }
}

/// `<meta charset=…>` or `<meta http-equiv content="…charset=…">` in the first kilobytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let after = &head[head.find("charset=")? + "charset=".len()..];
    let label: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
        .collect();
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, note: Option<&str>) {
        let (text, found) = text(bytes.to_vec(), None).unwrap();
        assert_eq!(text, expected);
        assert_eq!(found.as_deref(), note);
    }

    #[test]
    fn encodings_are_found_out_and_said() {
        check("Økonomi".as_bytes(), "Økonomi", None);
        check(b"\xef\xbb\xbf\xc3\x98konomi", "Økonomi", None);
        check(b"\xd8konomi og ledelse p\xe5 tvers", "Økonomi og ledelse på tvers", Some("read as Latin-1"));
        check(b"\x93\xd8konomi\x94 \x96 ledelse", "“Økonomi” – ledelse", Some("read as Windows-1252"));
        check(b"\xff\xfe\xd8\x00k\x00", "Øk", Some("read as UTF-16LE"));
    }

    #[test]
    fn a_broken_byte_in_utf8_does_not_make_it_latin1() {
        let (text, note) = text("på tvers\nav \u{e6}rlige \u{e5}r ".bytes().chain([0xff]).collect(), None).unwrap();
        assert_eq!(text, "på tvers\nav ærlige år \u{fffd}");
        assert_eq!(note.unwrap(), "not valid UTF-8 in line 2, at byte 25; read with replacements");
    }

    #[test]
    fn binary_files_are_refused() {
        assert!(text(b"\x7fELF\0\0\0".to_vec(), None).is_err());
        let stray = "Kommunen har plikt til\0 å sørge for et forsvarlig tilbud til alle barn.".to_string();
        assert!(!text(stray.into_bytes(), None).unwrap().0.contains('\0'));
    }

    #[test]
    fn html_follows_its_declaration_unless_the_bytes_are_utf8() {
        let declared = html(b"<meta charset=\"iso-8859-1\"><p>\xe5r".to_vec(), None).unwrap();
        assert!(declared.0.ends_with("år"));
        let contradicted = html("<meta charset=\"iso-8859-1\"><p>år".into(), None).unwrap();
        assert!(contradicted.0.ends_with("år"));
        let said = html(b"<meta charset=\"utf-8\"><p>\xe5r \xb9".to_vec(), Some("iso-8859-2")).unwrap();
        assert!(said.0.ends_with("ĺr š"), "{}", said.0);
    }
}
