//! Names that are not UTF-8, names that don't show the type, and messages about files that are not read.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

use crate::archives::{tar, zip};
use crate::read::gzip;
use crate::{CommandOutput, TestEnv};

const TEXT: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til særskilt utsatte.";

/// Writes a file whose name may consist of any bytes.
fn write(env: &TestEnv, folder: &str, name: &[u8], content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(env.path(folder)).unwrap();
    let path = env.path(folder).join(OsStr::from_bytes(name));
    std::fs::write(&path, content).unwrap();
    crate::set_age(&path, std::time::Duration::from_secs(3600));
}

fn run(env: &TestEnv, args: &[&[u8]]) -> CommandOutput {
    let mut command = env.command(&[]);
    command.args(args.iter().map(|arg| OsStr::from_bytes(arg)));
    CommandOutput::of(command.spawn().unwrap())
}

fn paths(env: &TestEnv, query: &str) -> Vec<String> {
    let hits = env.run(&["search", "--json", "-n", "100", "--", query]).hits();
    let mut paths: Vec<String> = hits.iter().map(|hit| hit["path"].as_str().unwrap().to_string()).collect();
    paths.sort();
    paths
}

#[test]
fn indexes_files_whose_names_are_not_utf8() {
    let env = TestEnv::empty();
    write(&env, "p", b"\xe5r.txt", "Kommunen skal lage en plan for barnevernet.");
    write(&env, "p", b"\xf8r.txt", "Kommunen skal lage en plan for skolen.");
    write(&env, "p", b"\\xE5r.txt", "Kommunen skal lage en plan for helsetjenesten.");
    env.run(&["index", "p"]).exits(0).prints("3 pages (3 added)");
    env.run(&["index"]).exits(0).prints("nothing changed");
    env.run(&["status"]).exits(0).prints("up to date");
    assert_eq!(paths(&env, "plan"), ["p/\\x5CxE5r.txt", "p/\\xE5r.txt", "p/\\xF8r.txt"]);
    // The name as the hit shows it, and as the shell completes it.
    env.run(&["show", "p/\\xE5r.txt:1"]).exits(0).prints("barnevernet");
    run(&env, &[b"show", b"p/\xe5r.txt:1"]).exits(0).prints("barnevernet");
    env.run(&["show", "p/\\x5CxE5r.txt:1"]).exits(0).prints("helsetjenesten");
    // Other programs show two of the names like this.
    env.run(&["show", "p/\u{fffd}r.txt:1"]).exits(2);
    env.run(&["clean", "--explain", "p/\\xE5r.txt"]).exits(0).prints("barnevernet");
    run(&env, &[b"clean", b"p/\xf8r.txt"]).exits(0).prints("skolen");
    assert_eq!(paths(&env, "plan path:\\xE5r"), ["p/\\xE5r.txt"]);
    run(&env, &[b"plan", b"path:\xf8r"]).exits(0).prints("p/\\xF8r.txt:1");
    std::fs::remove_file(env.path("p").join(OsStr::from_bytes(b"\xe5r.txt"))).unwrap();
    env.run(&["index"]).exits(0).prints("2 pages (1 removed)");
    env.run(&["show", "p/\u{fffd}r.txt:1"]).exits(0).prints("skolen");
}

#[test]
fn indexes_folders_and_roots_whose_names_are_not_utf8() {
    let env = TestEnv::empty();
    env.write("a.txt", "Kommunen skal lage en plan.");
    std::fs::create_dir_all(env.path("p").join(OsStr::from_bytes(b"m\xf8te"))).unwrap();
    let file = env.path("p").join(OsStr::from_bytes(b"m\xf8te")).join("a.txt");
    std::fs::write(&file, TEXT).unwrap();
    run(&env, &[b"index", b"p/m\xf8te"]).exits(0).prints("1 page ");
    assert_eq!(paths(&env, "særskilt"), ["p/m\\xF8te/a.txt"]);
    assert_eq!(paths(&env, "særskilt path:møte"), ["p/m\\xF8te/a.txt"]);
    run(&env, &[b"index", b"p/m\xf8te/a.txt"]).exits(0).prints("nothing changed");
    env.run(&["index", "--rebuild"]).exits(0).prints("1 page ");
    env.run(&["status"]).exits(0).prints("p/m\\xF8te");
}

#[test]
fn members_whose_names_are_not_utf8_stay_distinct() {
    let names: [&[u8]; 4] = [b"\xe5r.txt", b"bl\x86b\x91r.txt", b"a\xff\xfe\x80.txt", "år.txt".as_bytes()];
    let expected = ["\\xC3\\xA5r.txt", "a\\xFF\\xFE\\x80.txt", "blåbær.txt", "år.txt"];
    let texts: Vec<String> = (0..4).map(|number| format!("Kommunen skal lage plan nummer {number}.")).collect();
    // The writers take names as text, so the bytes are put in afterwards.
    let placeholders = ["@r.txt", "bl1b2r.txt", "a345.txt", "år.txt"];
    let members: Vec<(&str, &[u8])> =
        placeholders.iter().zip(&texts).map(|(name, text)| (*name, text.as_bytes())).collect();
    let replace = |mut archive: Vec<u8>| {
        for (placeholder, name) in placeholders.iter().zip(names) {
            for at in 0..archive.len() - name.len() {
                if archive[at..].starts_with(placeholder.as_bytes()) {
                    archive[at..at + name.len()].copy_from_slice(name);
                }
            }
        }
        archive
    };
    let fix_checksums = |mut archive: Vec<u8>| {
        for start in (0..archive.len()).step_by(512) {
            if archive[start..].get(257..262) == Some(b"ustar") {
                let mut header = tar::Header::new_gnu();
                header.as_mut_bytes().copy_from_slice(&archive[start..start + 512]);
                header.set_cksum();
                archive[start..start + 512].copy_from_slice(header.as_bytes());
            }
        }
        archive
    };
    for (file, archive) in [("p.zip", replace(zip(&members))), ("p.tar", fix_checksums(replace(tar(&members))))] {
        let env = TestEnv::empty();
        env.write(file, archive);
        env.run(&["index", file]).exits(0).prints("4 pages");
        let hits = env.run(&["search", "--json", "plan nummer"]).hits();
        let mut records: Vec<&str> = hits.iter().map(|hit| hit["record"].as_str().unwrap()).collect();
        records.sort_unstable();
        assert_eq!(records, expected, "{file}");
        env.run(&["show", &format!("{file}#blåbær.txt:1")]).exits(0).prints("nummer 1");
        run(&env, &[b"show", &[file.as_bytes(), b"#bl\x86b\x91r.txt:1"].concat()]).exits(0).prints("nummer 1");
        run(&env, &[b"clean", &[file.as_bytes(), b"#bl\x86b\x91r.txt"].concat()]).exits(0).prints("nummer 1");
        run(&env, &[b"show", &[file.as_bytes(), b"#a\xff\xfe\x80.txt:1"].concat()]).exits(0).prints("nummer 2");
        env.run(&["clean", &format!("{file}#a\\xFF\\xFE\\x80.txt")]).exits(0).prints("nummer 2");
        env.run(&["index"]).exits(0).prints("nothing changed");
    }
}

#[test]
fn zip_members_have_the_name_of_their_unicode_path() {
    let field = |name: &[u8], path: &[u8]| [&[1][..], &rawzip::crc32(name).to_le_bytes(), path].concat();
    let path = "blåbær.txt".as_bytes();
    let members: [(&[u8], Vec<u8>, &str); 7] = [
        (b"bl?b?r.txt", field(b"bl?b?r.txt", path), "blåbær.txt"),
        (b"\xf8l.txt", field(b"\xf8l.txt", "æl/øl.txt".as_bytes()), "æl/øl.txt"),
        // The checksum belongs to another name.
        (b"ny.txt", field(b"gammel.txt", "får.txt".as_bytes()), "ny.txt"),
        (b"a.txt", field(b"a.txt", b"\xe5.txt"), "a.txt"),
        (b"b.txt", field(b"b.txt", b""), "b.txt"),
        (b"c.txt", [&[2][..], &field(b"c.txt", path)[1..]].concat(), "c.txt"),
        (b"d.txt", vec![1, 2, 3], "d.txt"),
    ];
    let mut archive = Vec::new();
    let mut writer = rawzip::ZipArchiveWriter::new(&mut archive);
    for (number, (name, field, _)) in members.iter().enumerate() {
        let id = rawzip::extra_fields::ExtraFieldId::INFO_ZIP_UNICODE_PATH;
        let file = writer.new_file(rawzip::path::EntryPath::verbatim(*name));
        let file = file.extra_field(id, field, rawzip::Header::default()).unwrap();
        let (mut entry, config) = file.compression_method(rawzip::CompressionMethod::DEFLATE).start().unwrap();
        let mut encoder = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast()));
        write!(encoder, "Kommunen skal lage plan nummer {number}.").unwrap();
        let (encoder, descriptor) = encoder.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    writer.finish().unwrap();
    let mut expected = members.map(|(.., name)| name);
    expected.sort_unstable();
    // The second archive has no central directory.
    for (archive, code) in [(&archive[..], 0), (&archive[..archive.len() - 30], 2)] {
        let env = TestEnv::empty();
        env.write("p.zip", archive);
        env.run(&["index", "p.zip"]).exits(code).prints("7 pages");
        let hits = env.run(&["search", "--json", "plan nummer"]).hits();
        let mut records: Vec<&str> = hits.iter().map(|hit| hit["record"].as_str().unwrap()).collect();
        records.sort_unstable();
        assert_eq!(records, expected);
        env.run(&["show", "p.zip#blåbær.txt:1"]).exits(0).prints("nummer 0");
    }
}

#[test]
fn recognizes_pages_by_content_if_the_name_does_not_show_the_type() {
    let page = format!("<!DOCTYPE html><html><body><p>{TEXT}</p></body></html>");
    let mhtml = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html; \
         charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Location: http://a.no/\r\n\r\n{page}\r\n--b--\r\n"
    );
    let names = ["side.html?id=5", "side.shtml", "side", "side.php?id=5", "side.aspx", "side.html.1", "side@x=1"];
    for name in names {
        let env = TestEnv::empty();
        env.write(&format!("p/{name}"), &page);
        env.run(&["index", "p"]).exits(0).prints("1 page ");
        assert_eq!(env.places("særskilt"), [format!("{name}:1")]);
        env.run(&["index"]).exits(0).prints("nothing changed");
        let env = TestEnv::empty();
        env.write("p.zip", zip(&[(name, page.as_bytes())]));
        env.write("p.tar.gz", gzip(&tar(&[(name, page.as_bytes())])));
        env.run(&["index", "p.zip", "p.tar.gz"]).exits(0).prints("2 pages");
    }
    let check = |name: &str, content: Vec<u8>| {
        let env = TestEnv::empty();
        env.write(&format!("p/{name}"), content);
        env.run(&["index", "p"]).exits(0).prints("1 page ");
        env.run(&["særskilt"]).exits(0).prints(name);
    };
    check("side.mhtml", mhtml.clone().into_bytes());
    check("side.mht.gz", gzip(mhtml.as_bytes()));
    check("notat.gz", gzip(TEXT.as_bytes()));
    check("poster.gz", gzip(format!("{{\"text\":\"{TEXT}\"}}\n").as_bytes()));
    check("side.zst", zstd::encode_all(page.as_bytes(), 3).unwrap());
    check("a.tar.zst", zstd::encode_all(&tar(&[("a.txt", TEXT.as_bytes())])[..], 3).unwrap());
    check("a.txt.zst", zstd::encode_all(TEXT.as_bytes(), 3).unwrap());
}

#[test]
fn the_summary_names_what_is_not_read() {
    let env = TestEnv::empty();
    env.write("p/a.txt", TEXT);
    env.write("p/1.pdf", "%PDF-1.4");
    env.write("p/2.PDF", "%PDF-1.4");
    env.write("p/b.png", "\u{89}PNG");
    env.write("p/c", "%PDF-1.7");
    env.write("p/d.xyz", "noe");
    env.write("p/e", "bare tekst");
    env.write("p/f.zip", zip(&[("a.jpg", b"x"), ("b.jpg", b"x")]));
    let summary = "not read: 3 PDF documents, 3 images, 1 .xyz file, 1 extensionless file; ";
    env.run(&["index", "p"]).exits(0).prints(summary);
    env.run(&["index", "p"]).exits(0).prints("; not read: 3 PDF documents, ").prints("; done in ");
    let env = TestEnv::empty();
    env.write("p/1.pdf", "%PDF-1.4");
    env.run(&["index", "p"]).exits(0).says("no pages found (not read: 1 PDF document); treff reads .txt");
    env.run(&["index", "p/1.pdf"]).exits(2).says("p/1.pdf: not read: PDF document; treff reads .txt");
    env.write("p/a.html", "%PDF-1.4");
    env.run(&["index", "p"]).exits(2).says("p/a.html: PDF document, not text; remove it");
}

#[test]
fn the_summary_has_a_duration_even_if_nothing_was_read() {
    let env = TestEnv::empty();
    env.write("p/a.txt", TEXT);
    env.run(&["index", "p"]).exits(0).prints(" dropped as boilerplate; ").prints(" read in ");
    let ran = env.run(&["index", "p"]).exits(0).prints("1 page (nothing changed), ");
    ran.prints(" dropped as boilerplate; done in ");
}

#[test]
fn an_unexpanded_tilde_means_the_home_folder() {
    let env = TestEnv::empty();
    env.write("home/p/a.txt", TEXT);
    let run = |args: &[&str], index: Option<&str>| {
        let mut command = env.command(args);
        command.env("HOME", env.path("home"));
        if let Some(index) = index {
            command.env("TREFF_INDEX", index);
        }
        CommandOutput::of(command.spawn().unwrap())
    };
    run(&["index", "~/p"], Some("~/ix")).exits(0).prints("1 page ");
    run(&["særskilt"], Some("~/ix")).exits(0);
    run(&["--index", "~/ix", "særskilt"], None).exits(0);
    run(&["--index=~/ix", "clean", "~/p/a.txt"], None).exits(0);
    assert!(env.path("home/ix/treff.json").exists() && !env.path("~").exists());
}

#[test]
fn messages_name_the_path_that_is_wrong() {
    let env = TestEnv::indexed();
    env.write("fil", "x");
    for args in [&["--index", "fil", "barn"][..], &["--index", "fil", "index", "seeds"], &["--index", "fil", "status"]]
    {
        env.run(args).exits(2).says("fil is a file, not the folder of an index");
    }
    env.run(&["--index", "ny", "index", "finnes-ikke"]).exits(2).says("finnes-ikke");
    assert!(!env.path("ny").exists());
    env.run(&["--index", "ny", "barn"]).exits(0);
    let ran = env.run_with_input(&["index", "-"], b" \n");
    ran.exits(2).says("standard input: it is empty; pipe the pages");
    env.run(&["status"]).exits(0).prints("from       seeds\n");
    let path = format!("seeds/{}", crate::SEEDS[0]);
    let message = format!("no passage of {path} covers line 9999; its passages are on lines ");
    env.run(&["show", &format!("{path}:9999")]).exits(2).says(&message);
    env.run(&["show", "seeds/finnes-ikke.txt:3"]).exits(2).says("no passage seeds/finnes-ikke.txt:3 in the index");
}
