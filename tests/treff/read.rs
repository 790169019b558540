//! Reading files of all types and encodings, and reporting files that can't be read.

use std::io::Write;

use crate::{CommandOutput, TestEnv};

const TEXT: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til særskilt utsatte.";

/// Indexes `content` as the file `name`, checks that a search finds it, and returns the output of indexing.
#[track_caller]
fn check_found(name: &str, content: impl AsRef<[u8]>) -> CommandOutput {
    let env = TestEnv::empty();
    env.write(&format!("pages/{name}"), content);
    let ran = env.run(&["index", "pages"]).exits(0);
    let hits = env.run(&["search", "--json", "\"sørge for et forsvarlig\" særskilt"]).exits(0).hits();
    assert_eq!(hits.len(), 1, "{name}: {hits:?}");
    assert_eq!(hits[0]["path"], format!("pages/{name}"));
    ran
}

#[track_caller]
fn check_quiet(name: &str, content: impl AsRef<[u8]>) {
    assert_eq!(check_found(name, content).stderr, "", "{name}");
}

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn html() -> String {
    format!(
        "<!doctype html><html><head><title>T</title></head><body><nav><a href='/'>Meny</a></nav><p>{TEXT}</p></body></html>"
    )
}

fn records() -> String {
    format!(
        "{}\n{}\n",
        serde_json::json!({"id": "a", "text": TEXT}),
        serde_json::json!({"id": "b", "text": "Noe annet."})
    )
}

#[test]
fn finds_pages_of_every_file_type() {
    check_quiet("a.txt", TEXT);
    check_quiet("a.html", html());
    check_quiet("a.htm", html());
    check_quiet("a.md", format!("# Tittel\n\n{TEXT}\n\n- punkt\n"));
    check_quiet("a.jsonl", records());
    check_quiet("a.txt.gz", gzip(TEXT.as_bytes()));
    check_quiet("a.html.gz", gzip(html().as_bytes()));
    check_quiet("a.md.gz", gzip(TEXT.as_bytes()));
    check_quiet("a.jsonl.gz", gzip(records().as_bytes()));
    check_quiet("deep/er/og med mellomrom/æøå.TXT", TEXT);
}

#[test]
fn detects_and_reports_encodings() {
    check_quiet("a.txt", format!("\u{feff}{TEXT}"));
    check_found("a.txt", latin1(TEXT)).says("pages/a.txt: read as Latin-1");
    let mut quoted = latin1(TEXT);
    quoted.extend(b" \x93Sitat\x94");
    check_found("a.txt", quoted).says("pages/a.txt: read as Windows-1252");
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(TEXT.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    check_found("a.txt", utf16).says("pages/a.txt: read as UTF-16LE");
    let mut broken = format!("{TEXT}\nÅ, ").into_bytes();
    broken.push(0xff);
    check_found("a.txt", broken).says("pages/a.txt: invalid UTF-8 on line 2");
    let declared = html().replace("<head>", "<head><meta charset='iso-8859-1'>");
    check_found("a.html", latin1(&declared)).says("pages/a.html");
    check_found("a.txt.gz", gzip(&latin1(TEXT))).says("Latin-1");
}

#[test]
fn repairs_doubly_encoded_utf8_and_reports_it() {
    let doubly = |text: &str| latin1_to_utf8(text.as_bytes());
    let note = "repaired doubly encoded UTF-8 on one line (first: line 1)";
    check_found("a.txt", doubly(TEXT)).says(&format!("pages/a.txt: {note}"));
    check_found("a.txt", format!("Årsmøtet på øya.\n\n{}", doubly(TEXT))).says("on one line (first: line 3)");
    check_found("a.html", html().replace(TEXT, &doubly(TEXT))).says("pages/a.html: repaired doubly encoded UTF-8");
    let record = serde_json::json!({"id": "a", "text": doubly(&doubly(TEXT)), "title": doubly("Støtte til møter")});
    let ran = check_found("a.jsonl", record.to_string());
    ran.says(&format!("pages/a.jsonl#a: {note}; title: {note}"));
    check_found("a.jsonl", latin1(&records())).says("pages/a.jsonl#a: read as Latin-1");
}

/// Encodes bytes as UTF-8 as if they were Latin-1.
fn latin1_to_utf8(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[test]
fn repairs_escaped_text_and_reports_it() {
    let entities = TEXT.replace('å', "&aring;").replace('ø', "&#248;");
    check_found("a.txt", entities).says("pages/a.txt: decoded HTML character references");
    let html = html().replace(TEXT, &TEXT.replace('å', "&amp;aring;").replace('ø', "&amp;oslash;"));
    check_found("a.html", html).says("pages/a.html: decoded double-escaped HTML character references");
    let printable = TEXT.replace('å', "=C3=A5").replace('ø', "=C3=B8").replace("forsvarlig ", "forsva=\nrlig ");
    check_found("a.txt", printable).says("pages/a.txt: decoded quoted-printable");
    let seven_bit = TEXT.replace('å', "}").replace('ø', "|").replace('æ', "{");
    check_found("a.txt", seven_bit).says("pages/a.txt: read as ISO 646-NO");
    let utf16: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
    check_found("a.txt", utf16).says("pages/a.txt: read as UTF-16BE");
}

/// Indexes a file that can't be read and a valid page, and checks that the file is reported with `reason` and the page
/// is found.
#[track_caller]
fn check_reported(name: &str, content: impl AsRef<[u8]>, reason: &str) -> TestEnv {
    let env = TestEnv::empty();
    env.write(&format!("pages/{name}"), content);
    env.write("pages/good.txt", TEXT);
    env.run(&["index", "pages"]).exits(2).says(reason);
    // If the damaged file contains the same page, the valid one is shown as its copy.
    env.run(&["særskilt"]).exits(0).prints("pages/good.txt");
    env
}

#[test]
fn reports_unreadable_pages_and_keeps_the_others() {
    check_reported("a.txt", b"\x7fELF\0\0\0\0", "pages/a.txt: executable (ELF), not text");
    check_reported("a.txt.gz", b"no gzip at all", "pages/a.txt.gz");
    check_reported("a.txt.gz", &gzip(TEXT.as_bytes())[..20], "pages/a.txt.gz");
    let env = check_reported(
        "a.jsonl",
        format!("{{\"text\": oops}}\n{}", records().replace("Noe annet.", "Om barnevern.")),
        "pages/a.jsonl:1: ",
    );
    env.run(&["barnevern"]).exits(0).prints("pages/a.jsonl:3");
    check_reported("a.jsonl", "{\"id\": 1}\n", "pages/a.jsonl:1: ");
    check_reported("a.jsonl", "[1, 2]\n", "pages/a.jsonl:1: ");
    check_reported("a.jsonl", "{\"id\":1,\"text\":\"En\"}\n{\"id\":1,\"text\":\"To\"}\n", "pages/a.jsonl:2: ");
}

#[test]
fn keeps_a_page_that_becomes_unreadable() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", TEXT);
    env.run(&["index", "pages"]).exits(0);
    env.write("pages/a.txt", b"\0\0\0\0");
    env.run(&["index"]).exits(2).says("pages/a.txt");
    env.run(&["særskilt"]).exits(0);
    // It is reported at every update until the file is fixed.
    env.run(&["index"]).exits(2).says("pages/a.txt");
    env.write("pages/a.txt", "Noe annet.");
    env.run(&["index"]).exits(0);
    env.run(&["særskilt"]).exits(1);
}

#[test]
fn ignores_empty_and_unsupported_files() {
    let env = TestEnv::empty();
    env.write("pages/empty.txt", "");
    env.write("pages/empty.jsonl", "\n\n");
    env.write("pages/blank.html", " \n");
    env.write("pages/image.png", b"\x89PNG\0");
    env.write("pages/.hidden.txt", TEXT);
    env.run(&["index", "pages"]).exits(0);
    env.run(&["særskilt"]).exits(1);
    env.run(&["status"]).exits(0);
    env.run(&["index", "pages/image.png"]).exits(2).says("pages/image.png");
}

#[test]
fn reports_and_skips_pages_over_the_size_limit() {
    let env = check_reported("small.txt", "\0", "pages/small.txt");
    let path = env.path("pages/large.txt");
    // A sparse file, which takes no disk space.
    std::fs::File::create(&path).unwrap().set_len(65 << 20).unwrap();
    env.run(&["index"]).exits(2).says("pages/large.txt: larger than 64 MB");
    env.run(&["særskilt"]).exits(0);
}

#[cfg(unix)]
#[test]
fn follows_symbolic_links_but_not_loops() {
    use std::os::unix::fs::symlink;
    let env = TestEnv::empty();
    env.write("pages/a.txt", TEXT);
    env.write("elsewhere/b.txt", "En side om barnevern.");
    symlink(".", env.path("pages/loop")).unwrap();
    symlink(env.path("elsewhere"), env.path("pages/link")).unwrap();
    env.run(&["index", "pages"]).exits(0).says("pages/loop").prints("2 pages");
    env.run(&["barnevern"]).exits(0).prints("pages/link/b.txt");
    symlink("nowhere.txt", env.path("pages/dangling.txt")).unwrap();
    env.run(&["index"]).exits(2).says("pages/dangling.txt");
    env.run(&["særskilt"]).exits(0);
}

#[cfg(unix)]
#[test]
fn pages_in_an_unreadable_folder_stay_in_the_index() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::empty();
    env.write("pages/a.txt", "En side om barnevern.");
    env.write("pages/closed/b.txt", TEXT);
    env.run(&["index", "pages"]).exits(0);
    let closed = env.path("pages/closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser can read the folder anyway.
    if std::fs::read_dir(&closed).is_err() {
        env.run(&["index"]).exits(2).says("pages/closed");
        env.run(&["særskilt"]).exits(0);
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn pages_in_a_missing_folder_stay_in_the_index() {
    let env = TestEnv::empty();
    env.write("pages/a.txt", TEXT);
    env.write("other/b.txt", "En side om barnevern.");
    env.run(&["index", "pages", "other"]).exits(0);
    std::fs::rename(env.path("pages"), env.path("unmounted")).unwrap();
    env.run(&["index"]).exits(2).says("pages");
    env.run(&["særskilt"]).exits(0);
    env.run(&["status"]).exits(0).prints("now missing, empty or unreadable: pages");
    std::fs::create_dir(env.path("pages")).unwrap();
    env.run(&["status"]).exits(0).prints("now missing, empty or unreadable: pages");
}

#[test]
fn standard_input_is_indexed_and_kept() {
    let check = |input: &[u8], pages: &str| {
        let env = TestEnv::empty();
        env.run_with_input(&["index", "-"], input).exits(0).prints(pages);
        env.run(&["særskilt"]).exits(0);
        // An update without input keeps the pages that were read before.
        env.run(&["index"]).exits(0).prints(pages);
        env.run(&["særskilt"]).exits(0);
        env.run(&["status"]).exits(0).prints("standard input");
        env.run_with_input(&["index", "-"], b"En side om barnevern.").exits(0).prints("1 page ");
        env.run(&["særskilt"]).exits(1);
        env.run(&["barnevern"]).exits(0);
    };
    check(TEXT.as_bytes(), "1 page ");
    check(html().as_bytes(), "1 page ");
    check(records().as_bytes(), "2 pages ");
    check(&gzip(records().as_bytes()), "2 pages ");
}
