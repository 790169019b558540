//! Reading tar, zip and web archives, and reporting damage to them.

use std::io::Write;

use crate::read::gzip;
use crate::{CommandOutput, TestEnv};

const TEXT: &str = "Kommunen har plikt til å sørge for et forsvarlig tilbud til særskilt utsatte.";

pub type Members<'a> = [(&'a str, &'a [u8])];

pub fn zip(members: &Members) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let name = rawzip::path::EntryPath::verbatim(name.as_bytes());
        let method = rawzip::CompressionMethod::DEFLATE;
        let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
        let mut writer = config.wrap(encoder);
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

pub fn tar(members: &Members) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // `append_data` rejects names with `..`.
        if name.len() < 100 {
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            archive.append(&header, *content).unwrap();
        } else {
            archive.append_data(&mut header, name, *content).unwrap();
        }
    }
    archive.into_inner().unwrap()
}

pub fn warc_record(kind: &str, uri: &str, media_type: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2020-01-02T03:04:05Z\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

pub fn response(uri: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{fields}\r\n");
    warc_record("response", uri, "application/http; msgtype=response", &[head.as_bytes(), body].concat())
}

fn html(text: &str) -> String {
    format!("<!doctype html><html><head><title>T</title></head><body><h1>T</h1>\n<p>{text}</p></body></html>")
}

/// Indexes `content` as the file `name`, and checks which of its records contain `TEXT`.
#[track_caller]
fn check(name: &str, content: impl AsRef<[u8]>, records: &[&str]) -> (TestEnv, CommandOutput) {
    let env = TestEnv::empty();
    env.write(&format!("pages/{name}"), content);
    let ran = env.run(&["index", "pages"]);
    assert_eq!(found(&env), records, "{name}: {ran:#?}");
    (env, ran)
}

/// The records of the pages that contain `TEXT`, including the copies that a hit lists.
fn found(env: &TestEnv) -> Vec<String> {
    let hits = env.run(&["search", "--json", "-n", "100", "\"sørge for et forsvarlig\""]).hits();
    let places = hits.iter().flat_map(|hit| std::iter::once(hit).chain(hit["copies"].as_array().into_iter().flatten()));
    let mut records: Vec<String> = places.map(|place| place["record"].as_str().unwrap_or("").to_string()).collect();
    records.sort();
    records
}

#[track_caller]
fn check_quiet(name: &str, content: impl AsRef<[u8]>, records: &[&str]) -> TestEnv {
    let (env, ran) = check(name, content, records);
    assert_eq!(ran.exits(0).stderr, "", "{name}");
    env
}

/// Each record as a gzip member, as crawlers write them.
pub fn gzip_each(records: &[Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|record| gzip(record)).collect()
}

#[test]
fn finds_responses_of_a_web_archive() {
    let page = html(TEXT);
    let latin1: Vec<u8> = html(TEXT).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let (one, two) = page.as_bytes().split_at(70);
    let mut chunked = Vec::new();
    for chunk in [one, two, b""] {
        chunked.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
    }
    let records = [
        warc_record("warcinfo", "", "application/warc-fields", b"software: test"),
        warc_record("request", "http://a.no/", "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
        response("http://a.no/plain", "", page.as_bytes()),
        response("http://a.no/chunked", "Transfer-Encoding: chunked\r\n", &chunked),
        response("http://a.no/gzip", "Content-Encoding: gzip\r\n", &gzip(page.as_bytes())),
        response("http://a.no/unpacked", "Content-Encoding: gzip\r\n", page.as_bytes()),
        warc_record("resource", "http://a.no/file", "text/plain", TEXT.as_bytes()),
        warc_record(
            "response",
            "http://a.no/image",
            "application/http",
            format!("HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\n\r\n{page}").as_bytes(),
        ),
        warc_record(
            "response",
            "http://a.no/gone",
            "application/http",
            format!("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n{page}").as_bytes(),
        ),
    ];
    let expected = ["chunked", "file", "gzip", "plain", "unpacked"].map(|name| format!("http://a.no/{name}"));
    let expected = expected.each_ref().map(String::as_str);
    check_quiet("a.warc", records.concat(), &expected);
    check_quiet("a.warc.gz", gzip_each(&records), &expected);
    let env = check_quiet("a.warc.gz", gzip(&records.concat()), &expected);
    let hits = env.run(&["search", "--json", "særskilt"]).exits(0).hits();
    for hit in hits {
        assert_eq!((&hit["url"], &hit["date"]), (&hit["record"], &serde_json::Value::Null));
        let id = hit["id"].as_str().unwrap();
        env.run(&["show", id]).exits(0).prints(TEXT);
    }
    env.run(&["clean", "pages/a.warc.gz"]).exits(0).prints("# pages/a.warc.gz#http://a.no/chunked").prints(TEXT);
    let declared = warc_record(
        "response",
        "http://a.no/latin1",
        "application/http",
        &[b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n", &latin1[..]].concat(),
    );
    let (_, ran) = check("a.warc", declared, &["http://a.no/latin1"]);
    ran.exits(0).says("pages/a.warc#http://a.no/latin1: read as Latin-1");
}

#[test]
fn finds_extracted_texts_of_a_web_archive() {
    let records = [
        warc_record("warcinfo", "", "application/warc-fields", b"software: test"),
        warc_record("conversion", "http://a.no/1", "text/plain", TEXT.as_bytes()),
        warc_record("conversion", "http://a.no/2", "text/plain", b"Noe annet."),
    ];
    check_quiet("a.wet", records.concat(), &["http://a.no/1"]);
    check_quiet("a.wet.gz", gzip_each(&records), &["http://a.no/1"]);
    check_quiet("a.warc.wet.gz", gzip_each(&records), &["http://a.no/1"]);
}

#[test]
fn reads_members_like_files_of_a_folder() {
    let page = html(TEXT);
    let long = format!("{}/lang.html", "mappe/".repeat(40));
    let record = format!(
        "{}\n{}\n",
        serde_json::json!({"id": 7, "text": TEXT}),
        serde_json::json!({"text": format!("{TEXT} Dette er linje to.")})
    );
    let inner = zip(&[("x.html", page.as_bytes())]);
    let members: Vec<(&str, &[u8])> = vec![
        ("../x.html", page.as_bytes()),
        ("a.txt", TEXT.as_bytes()),
        ("dypt/ned/æ.md", TEXT.as_bytes()),
        ("dypt/records.jsonl", record.as_bytes()),
        ("dypt/.hidden.html", page.as_bytes()),
        ("image.png", b"\x89PNG\0"),
        (&long, page.as_bytes()),
        ("inner.zip", &inner),
    ];
    let packed = gzip(page.as_bytes());
    let members = [&members[..], &[("y.html.gz", &packed[..])]].concat();
    let mut expected = [
        "../x.html",
        "a.txt",
        "dypt/ned/æ.md",
        "dypt/records.jsonl#7",
        "dypt/records.jsonl#line 2",
        &long,
        "y.html.gz",
    ];
    expected.sort();
    for (name, content) in [("a.zip", zip(&members)), ("a.tar", tar(&members)), ("a.tgz", gzip(&tar(&members)))] {
        let (env, ran) = check(name, content, &expected);
        assert_eq!(
            ran.exits(0).stderr,
            format!("treff: pages/{name}#inner.zip: nested archive, not read; unpack it first\n")
        );
        assert!(!env.path("x.html").exists() && !env.path("pages/x.html").exists());
        let hits = env.run(&["search", "--json", "-n", "20", "særskilt"]).exits(0).hits();
        let line = |record: &str| hits.iter().find(|hit| hit["record"] == record).unwrap()["line"].clone();
        // Line numbers count from the start of the member: lines of the page, or lines of the .jsonl file.
        assert_eq!((line("../x.html"), line("dypt/records.jsonl#line 2")), (2.into(), 2.into()), "{name}");
        env.run(&["show", &format!("pages/{name}#dypt/ned/æ.md:1")]).exits(0).prints("> ").prints(TEXT);
        env.run(&["clean", &format!("pages/{name}")]).exits(0).prints(&format!("# pages/{name}#dypt/ned/æ.md"));
    }
}

#[test]
fn archive_and_folder_give_the_same_index() {
    let menu = "Hjem\nOm oss\nKontakt\nAktuelt\n\n";
    let pages: Vec<(String, String)> = ["barnevern", "skole", "helse", "bolig", "vann", "avløp"]
        .iter()
        .map(|about| (format!("{about}.txt"), format!("{menu}Kommunen har en plan for {about} i år og neste år.\n")))
        .collect();
    let members: Vec<(&str, &[u8])> = pages.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let folder = TestEnv::empty();
    members.iter().for_each(|(name, text)| folder.write(&format!("pages/{name}"), text));
    let archive = TestEnv::empty();
    archive.write("pages.zip", zip(&members));
    let summary = |env: &TestEnv, path: &str| {
        let printed = env.run(&["index", path]).exits(0).stdout;
        printed.split("; ").next().unwrap().to_string()
    };
    let of_folder = summary(&folder, "pages");
    assert!(of_folder.contains("24 lines dropped"), "{of_folder}");
    assert_eq!(of_folder, summary(&archive, "pages.zip"));
}

#[test]
fn indexes_the_pages_before_a_truncation() {
    let page = html(TEXT);
    let other = html("Noe annet.");
    let records = [response("http://a.no/1", "", page.as_bytes()), response("http://a.no/2", "", other.as_bytes())];
    let check_truncated = |name: &str, content: &[u8], first: &str| {
        let (env, ran) = check(name, content, &[first]);
        ran.exits(2).says(&format!("pages/{name}")).says("truncated");
        // Reported again until the archive is replaced.
        env.run(&["index"]).exits(2).says("truncated").prints("nothing changed");
        assert_eq!(found(&env), [first]);
    };
    let plain = records.concat();
    check_truncated("a.warc", &plain[..plain.len() - 20], "http://a.no/1");
    let packed = gzip_each(&records);
    check_truncated("a.warc.gz", &packed[..packed.len() - 20], "http://a.no/1");
    let members: [(&str, &[u8]); 2] = [("1.html", page.as_bytes()), ("2.html", other.as_bytes())];
    let archive = tar(&members);
    check_truncated("a.tar", &archive[..512 + 512 + 512 + 50], "1.html");
    // Truncated exactly between two members.
    check_truncated("a.tar", &archive[..1024], "1.html");
    // Text that deflate can't compress much, so that the archive is truncated inside the second member.
    let noise: String = (0..20_000u64).map(|n| format!("{} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let large: [(&str, &[u8]); 2] = [("1.html", page.as_bytes()), ("2.txt", noise.as_bytes())];
    let archive = gzip(&tar(&large));
    check_truncated("a.tar.gz", &archive[..archive.len() / 2], "1.html");
    let archive = zip(&large);
    check_truncated("a.zip", &archive[..archive.len() / 2], "1.html");
    // All members are complete, but the central directory is truncated.
    check_truncated("a.zip", &archive[..archive.len() - 30], "1.html");
}

#[test]
fn a_damaged_archive_keeps_its_indexed_pages() {
    let env = TestEnv::empty();
    let members: [(&str, &[u8]); 2] = [("1.txt", b"Noe annet."), ("2.txt", TEXT.as_bytes())];
    let archive = tar(&members);
    env.write("a.tar", &archive);
    env.run(&["index", "a.tar"]).exits(0).prints("2 pages");
    env.write("a.tar", &archive[..1024]);
    env.run(&["index"]).exits(2).says("a.tar: truncated").prints("2 pages");
    assert_eq!(found(&env), ["2.txt"]);
    env.write("a.tar", tar(&members[..1]));
    env.run(&["index"]).exits(0).prints("1 page ");
    env.write("a.zip", "ikke noe arkiv");
    env.run(&["index", "a.zip"]).exits(2).says("a.zip: not a zip archive");
}

#[test]
fn updates_follow_changes_to_an_archive() {
    let check = |name: &str, pack: &dyn Fn(&Members) -> Vec<u8>| {
        let env = TestEnv::empty();
        env.write(name, pack(&[("a.txt", TEXT.as_bytes()), ("b.txt", b"Noe annet.")]));
        env.run(&["index", name]).exits(0).prints("2 pages (2 added)");
        env.run(&["index"]).exits(0).prints("nothing changed");
        env.write(
            name,
            pack(&[("c.txt", b"En ny side om barnevern."), ("a.txt", b"Borte."), ("b.txt", b"Noe annet.")]),
        );
        env.run(&["index"]).exits(0).prints("3 pages (1 added, 1 changed)");
        assert!(found(&env).is_empty(), "{name}");
        env.run(&["barnevern"]).exits(0).prints("c.txt");
        env.write(name, pack(&[("b.txt", b"Noe annet.")]));
        env.run(&["index"]).exits(0).prints("1 page (2 removed)");
        env.write(name, pack(&[]));
        env.run(&["index"]).exits(0).prints("0 pages (1 removed)");
    };
    check("p.zip", &zip);
    check("p.tar", &tar);
    check("p.tar.gz", &|members| gzip(&tar(members)));
    check("p.warc.gz", &|members| {
        let record = |(name, text): &(&str, &[u8])| warc_record("conversion", name, "text/plain", text);
        let info = warc_record("warcinfo", "", "application/warc-fields", b"software: test");
        gzip_each(&std::iter::once(info).chain(members.iter().map(record)).collect::<Vec<_>>())
    });
}

#[test]
fn uses_the_last_of_several_members_with_the_same_name() {
    let members: [(&str, &[u8]); 3] = [("a.txt", b"Noe annet."), ("b.txt", b"To."), ("a.txt", TEXT.as_bytes())];
    let record = |(name, text): &(&str, &[u8])| warc_record("conversion", name, "text/plain", text);
    let web: Vec<u8> = members.iter().flat_map(record).collect();
    for (name, content) in [("p.zip", zip(&members)), ("p.tar", tar(&members)), ("p.wet", web)] {
        let (env, ran) = check(name, content, &["a.txt"]);
        ran.exits(0)
            .prints("2 pages")
            .says(&format!("pages/{name}#a.txt: several members of the archive have this name; the last is used"));
        env.run(&["index"]).exits(0).prints("nothing changed");
    }
}

#[test]
fn decompression_stops_at_the_page_size_limit() {
    let large = vec![b' '; 65 << 20];
    let members: [(&str, &[u8]); 3] = [("a.txt", TEXT.as_bytes()), ("b.txt", &large), ("c.jsonl", &large)];
    let expect = |name: &str, content: Vec<u8>, place: &str, record: &str| {
        let (_, ran) = check(name, content, &[record]);
        ran.exits(2).says(&format!("pages/{name}#{place}: larger than 64 MB"));
    };
    expect("p.zip", zip(&members), "b.txt", "a.txt");
    expect("p.zip", zip(&members), "c.jsonl:1", "a.txt");
    expect("p.tar.gz", gzip(&tar(&members)), "b.txt", "a.txt");
    let bomb = gzip(&large);
    expect("p.zip", zip(&[("b.txt.gz", &bomb), ("a.txt", TEXT.as_bytes())]), "b.txt.gz", "a.txt");
    let records = [
        response("http://a.no/1", "Content-Encoding: gzip\r\n", &bomb),
        response("http://a.no/2", "", &large),
        response("http://a.no/3", "", html(TEXT).as_bytes()),
    ];
    expect("p.warc.gz", gzip_each(&records), "http://a.no/1", "http://a.no/3");
    expect("p.warc.gz", gzip_each(&records), "http://a.no/2", "http://a.no/3");
}

#[test]
fn no_other_page_is_lost_if_a_member_is_damaged() {
    let mut archive = zip(&[("a.txt", b"Noe annet."), ("b.txt", TEXT.as_bytes())]);
    // The compressed bytes of the first member, after its header and name.
    let at = 30 + "a.txt".len();
    archive[at..at + 4].fill(0xff);
    let (_, ran) = check("p.zip", archive, &["b.txt"]);
    ran.exits(2).says("pages/p.zip#a.txt: cannot be read");
    let records =
        [response("http://a.no/1", "", b"<p>Noe annet."), response("http://a.no/2", "", html(TEXT).as_bytes())];
    let wrong_length =
        String::from_utf8(records.concat()).unwrap().replacen("Content-Length: 57", "Content-Length: 97", 1);
    let (_, ran) = check("p.warc", wrong_length, &["http://a.no/2"]);
    ran.exits(2).says("pages/p.warc#http://a.no/1: wrong Content-Length, in the record at byte 0");
}

#[test]
fn recognizes_archives_on_standard_input() {
    let members: [(&str, &[u8]); 2] = [("a.txt", TEXT.as_bytes()), ("b.txt", b"Noe annet.")];
    let record = warc_record("conversion", "a.txt", "text/plain", TEXT.as_bytes());
    for (content, pages) in [
        (zip(&members), "2 pages"),
        (tar(&members), "2 pages"),
        (gzip(&tar(&members)), "2 pages"),
        (record.clone(), "1 page "),
        (gzip(&record), "1 page "),
    ] {
        let env = TestEnv::empty();
        env.run_with_input(&["index", "-"], &content).exits(0).prints(pages);
        assert_eq!(found(&env), ["a.txt"]);
        env.write("pages", &content);
        env.run(&["clean", "pages"]).exits(0).prints("# pages#a.txt").prints(TEXT);
    }
}

#[test]
fn cleans_one_page_of_an_archive_by_name() {
    let env = TestEnv::empty();
    let (one, two) = (html(TEXT), html("Noe helt annet står på denne siden av arkivet."));
    env.write("a.zip", zip(&[("m/1.html", one.as_bytes()), ("m/2.html", two.as_bytes())]));
    let ran = env.run(&["clean", "--explain", "a.zip#m/2.html"]).exits(0);
    assert!(ran.stdout.contains("Noe helt annet") && !ran.stdout.contains(TEXT), "{}", ran.stdout);
    env.run(&["clean", "a.zip#m/3.html"]).exits(2).says("a.zip contains no page \"m/3.html\"");
}

#[test]
fn reads_crawls_in_zstd_and_wacz_files() {
    let records = [
        warc_record("warcinfo", "", "application/warc-fields", b"software: test"),
        response("http://a.no/1", "", html(TEXT).as_bytes()),
        response("http://a.no/2", "Content-Encoding: zstd\r\n", &zstd::encode_all(html(TEXT).as_bytes(), 3).unwrap()),
        response("http://a.no/3", "", b"%PDF-1.4"),
        warc_record("response", "http://a.no/4", "application/http", b"HTTP/1.1 404 NF\r\n\r\n<p>Nei"),
        warc_record("revisit", "http://a.no/1", "application/http", b"HTTP/1.1 200 OK\r\n\r\n"),
    ];
    let not_read = "not read: 1 HTTP 404 response, 1 PDF document, 1 revisit record; ";
    let check = |name: &str, content: Vec<u8>| {
        let (_, ran) = check(name, content, &["http://a.no/1", "http://a.no/2"]);
        assert_eq!(ran.exits(0).prints(not_read).stderr, "", "{name}");
    };
    check("a.warc.zst", records.iter().flat_map(|record| zstd::encode_all(&record[..], 3).unwrap()).collect());
    let samples: Vec<String> = (0..400).map(|number| format!("WARC/1.0\r\nWARC-Type: response\r\n{number}")).collect();
    let dictionary = zstd::dict::from_samples(&samples, 1000).unwrap();
    let mut encoder = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
    let packed: Vec<u8> = records.iter().flat_map(|record| encoder.compress(record).unwrap()).collect();
    let size = u32::try_from(dictionary.len()).unwrap().to_le_bytes();
    check("a.warc.zst", [b"\x5d\x2a\x4d\x18", &size[..], &dictionary, &packed].concat());
    let pages = format!("{{\"url\":\"http://a.no/1\",\"text\":\"{TEXT}\"}}\n");
    let crawl = gzip_each(&records);
    let members: [(&str, &[u8]); 3] =
        [("archive/data.warc.gz", &crawl), ("pages/pages.jsonl", pages.as_bytes()), ("datapackage.json", b"{}")];
    check("a.wacz", zip(&members));
}
