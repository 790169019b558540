//! Updates of files that can be read only in part: pages missing from the readable part are removed from the index, and
//! an unreadable page whose name is known stays as it was last read.

use std::io::Write;

use crate::TestEnv;
use crate::archives::{Members, gzip_each, response, tar, warc_record, zip};
use crate::read::gzip;

/// The text of a page. It differs from the texts of other pages only in the page's name.
fn text(name: &str) -> String {
    format!("Kommunen skal sørge for tilbudet, og dette er side {name}.")
}

fn lines(records: &[&str]) -> String {
    records.iter().map(|name| line(name) + "\n").collect()
}

fn line(name: &str) -> String {
    format!(r#"{{"id":"{name}","text":"{}"}}"#, text(name))
}

/// A response with a page.
fn page(name: &str) -> Vec<u8> {
    response(&format!("http://a.no/{name}"), "", format!("<p>{}</p>", text(name)).as_bytes())
}

/// The records in the index, sorted.
fn records(env: &TestEnv) -> Vec<String> {
    let hits = env.run(&["search", "--json", "-n", "100", "kommunen"]).hits();
    let mut records: Vec<String> = hits.iter().map(|hit| hit["record"].as_str().unwrap_or("").to_string()).collect();
    records.sort();
    records
}

/// Indexes a file, replaces it, and checks which records are in the index after an update: the `readable` ones, which a
/// rebuild finds, too, and the `kept` ones.
#[track_caller]
fn check(name: &str, old: &[u8], new: &[u8], readable: &[&str], kept: &[&str], message: &str) {
    let env = TestEnv::empty();
    env.write(name, old);
    env.run(&["index", name]).exits(0);
    env.write(name, new);
    let ran = env.run(&["index"]).exits(2).says(message);
    let mut expected = [readable, kept].concat();
    expected.sort_unstable();
    assert_eq!(records(&env), expected, "{ran:#?}");
    assert_eq!(ran.stderr.contains(" last read"), !kept.is_empty(), "{ran:#?}");
    env.run(&["index"]).exits(2).says(message).prints("nothing changed");
    assert_eq!(records(&env), expected, "after another update");
    env.run(&["index", "--rebuild", name]);
    assert_eq!(records(&env), readable, "rebuilt");
}

/// Like `check`, for web archives: `readable` and `kept` are names of pages.
#[track_caller]
fn check_pages(file: &str, old: &[u8], new: &[u8], readable: &[&str], kept: &[&str], message: &str) {
    let url = |name: &&str| format!("http://a.no/{name}");
    let (readable, kept): (Vec<_>, Vec<_>) = (readable.iter().map(url).collect(), kept.iter().map(url).collect());
    let [readable, kept] = [&readable, &kept].map(|urls| urls.iter().map(String::as_str).collect::<Vec<_>>());
    check(file, old, new, &readable, &kept, message);
}

#[test]
fn removes_missing_records_despite_a_damaged_line() {
    let old = lines(&["a", "b", "c", "d"]);
    let check = |damaged: &str, readable: &[&str], kept: &[&str], message: &str| {
        check("p.jsonl", old.as_bytes(), damaged.as_bytes(), readable, kept, message);
    };
    let cut = &line("b")[..20];
    check(&format!("{}{cut}\n{}", lines(&["a"]), lines(&["d"])), &["a", "d"], &["b"], "p.jsonl:2: invalid JSON");
    check(&format!("{}{cut}", lines(&["a"])), &["a"], &["b"], "p.jsonl:2: invalid JSON");
    check(&format!("{}oops\n", lines(&["a", "c"])), &["a", "c"], &[], "p.jsonl:3: not a JSON object");
    check(&format!("oops\n{}", lines(&["d"])), &["d"], &[], "p.jsonl:1: not a JSON object");
    let late = r#"{"text": oops, "id": "c"}"#;
    check(&format!("{late}\n{}", lines(&["a"])), &["a"], &["c"], "p.jsonl:1: invalid JSON");
    let neither = r#"{"id": "c", "title": "Uten tekst"}"#;
    check(&format!("{}{neither}\n", lines(&["d"])), &["d"], &["c"], "p.jsonl:2: has neither");
    // Two faults: a damaged line, and one that repeats an id.
    let two = format!("{cut}\n{}", lines(&["a", "a"]));
    check(&two, &["a"], &["b"], "p.jsonl:3: line 2 has the same id");
    let empty = format!("{cut}\n");
    check(&empty, &[], &["b"], "p.jsonl:1: invalid JSON");
}

#[test]
fn identifies_a_damaged_record_without_an_id_by_its_line_number() {
    let plain =
        |names: &[&str]| names.iter().map(|name| format!("{{\"text\":\"{}\"}}\n", text(name))).collect::<String>();
    let damaged = plain(&["a"]) + "oops\n";
    check("p.jsonl", plain(&["a", "b", "c"]).as_bytes(), damaged.as_bytes(), &["line 1"], &["line 2"], "p.jsonl:2: ");
}

#[test]
fn keeps_only_records_that_may_follow_the_truncation_of_gzip_data() {
    // Text that deflate can't compress much, so that it is cut off inside the long record.
    let noise: String = (0..20_000u64).map(|n| format!("{} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let long = format!(r#"{{"id":"c","text":"kommunen {noise}"}}"#) + "\n";
    let old = gzip((lines(&["a", "b"]) + &long + &lines(&["d"])).as_bytes());
    let new = gzip((lines(&["b"]) + &long + &lines(&["d"])).as_bytes());
    let cut = &new[..new.len() / 2];
    check("p.jsonl.gz", &old, cut, &["b"], &["c", "d"], "p.jsonl.gz:2: cannot be read: truncated data");
    // The truncated record is d. Record c would be before it, so it was removed from the file.
    let only_d = gzip((lines(&["b"]) + &long.replace("\"c\"", "\"d\"")).as_bytes());
    let cut = &only_d[..only_d.len() / 2];
    check("p.jsonl.gz", &old, cut, &["b"], &["d"], "p.jsonl.gz:2: cannot be read: truncated data");
    check("p.jsonl.gz", &old, &old[..5], &[], &["a", "b", "c", "d"], "p.jsonl.gz:1: cannot be read");
}

#[test]
fn removes_missing_members_despite_a_damaged_one() {
    let texts: Vec<(String, String)> = ["a", "b", "c"].iter().map(|name| (format!("{name}.txt"), text(name))).collect();
    let pack = |pack: &dyn Fn(&Members) -> Vec<u8>, indexes: &[usize]| {
        let members: Vec<(&str, &[u8])> =
            indexes.iter().map(|index| (texts[*index].0.as_str(), texts[*index].1.as_bytes())).collect();
        pack(&members)
    };
    let damage_deflate = |mut archive: Vec<u8>| {
        let at = 30 + "a.txt".len();
        archive[at..at + 4].fill(0xff);
        archive
    };
    let old = pack(&zip, &[0, 1, 2]);
    let message = "p.zip#b.txt: cannot be read";
    check("p.zip", &old, &damage_deflate(pack(&zip, &[1, 2])), &["c.txt"], &["b.txt"], message);
    check("p.zip", &old, &damage_deflate(pack(&zip, &[1])), &[], &["b.txt"], message);
    // If an archive has lost its central directory, it may have lost members at the end, too.
    let cut = pack(&zip, &[1, 2]);
    check("p.zip", &old, &cut[..cut.len() - 30], &["b.txt", "c.txt"], &[], "p.zip: truncated: no central directory");
    let cut = pack(&zip, &[0, 1]);
    check("p.zip", &old, &cut[..cut.len() - 30], &["a.txt", "b.txt"], &["c.txt"], "p.zip: truncated");

    let old = pack(&tar, &[0, 1, 2]);
    let damaged = |at: usize, indexes: &[usize]| {
        let mut archive = pack(&tar, indexes);
        archive[at] ^= 0xff;
        archive
    };
    // A byte of the checksum, of the name, and of the size.
    let message = "damaged header at byte 0; the members from byte 1024 on were read";
    check("p.tar", &old, &damaged(150, &[1, 2]), &["c.txt"], &["b.txt"], message);
    check("p.tar", &old, &damaged(0, &[1, 2]), &["c.txt"], &[], message);
    check("p.tar", &old, &damaged(126, &[1, 2]), &["c.txt"], &["b.txt"], message);
    check("p.tar", &old, &damaged(1024 + 150, &[0, 1]), &["a.txt"], &["b.txt", "c.txt"], "p.tar: damaged at byte 1024");
    check("p.tar", &old, &damaged(1024 + 150, &[0, 2]), &["a.txt"], &["c.txt"], "p.tar: damaged at byte 1024");
    let cut = &pack(&tar, &[1, 2])[..1024 + 512 + 10];
    check("p.tar", &old, cut, &["b.txt"], &["c.txt"], "p.tar#c.txt: cannot be read: truncated data");
    check("p.tar.gz", &gzip(&old), &gzip(&damaged(150, &[1, 2])), &["c.txt"], &["b.txt"], "damaged header at byte 0");
}

#[test]
fn removes_lines_missing_from_a_damaged_member() {
    let old = zip(&[("a.jsonl", lines(&["1", "2", "3"]).as_bytes()), ("b.txt", text("b").as_bytes())]);
    let damaged = zip(&[("a.jsonl", (lines(&["3"]) + &line("1")[..15]).as_bytes())]);
    check("p.zip", &old, &damaged, &["a.jsonl#3"], &["a.jsonl#1"], "p.zip#a.jsonl:2: invalid JSON");
    let mut damaged = zip(&[("a.jsonl", lines(&["1", "2", "3"]).as_bytes())]);
    let at = 30 + "a.jsonl".len();
    damaged[at..at + 4].fill(0xff);
    let kept = ["a.jsonl#1", "a.jsonl#2", "a.jsonl#3"];
    check("p.zip", &old, &damaged, &[], &kept, "p.zip#a.jsonl:1: cannot be read");
}

#[test]
fn removes_missing_records_despite_a_damaged_response() {
    let wrong_length = |name: &str| {
        let record = String::from_utf8(page(name)).unwrap();
        record.replacen("Content-Length: 1", "Content-Length: 9", 1).into_bytes()
    };
    let old = [page("1"), page("2"), page("3")];
    let gzip_old = gzip_each(&old);
    let packed = gzip_each(&[page("2"), page("3")]);
    let cut = &packed[..packed.len() - 20];
    let message = "p.warc.gz#http://a.no/3: truncated";
    check("p.warc.gz", &gzip_old, cut, &["http://a.no/2"], &["http://a.no/3"], message);
    let check = |name: &str, new: &[Vec<u8>], readable: &[&str], kept: &[&str], message: &str| {
        check(name, &old.concat(), &new.concat(), readable, kept, message);
    };
    let message = "p.warc#http://a.no/2: wrong Content-Length";
    check("p.warc", &[wrong_length("2"), page("3")], &["http://a.no/3"], &["http://a.no/2"], message);
    check("p.warc", &[b"junk\r\n\r\n".to_vec(), page("1")], &["http://a.no/1"], &[], "p.warc#record 1: no WARC/");
    let cut = page("2")[..page("2").len() - 20].to_vec();
    check("p.warc", &[page("3"), cut], &["http://a.no/3"], &["http://a.no/2"], "p.warc#http://a.no/2: truncated");
    let decoded = warc_record("conversion", "http://a.no/1", "text/plain", b"\0\x01\x02\0\0\x03\0\0");
    check("p.warc", &[decoded, page("3")], &["http://a.no/3"], &["http://a.no/1"], "p.warc#http://a.no/1: ");
}

#[test]
fn removes_missing_records_despite_a_damaged_gzip_member() {
    let request =
        |name: &str| warc_record("request", &format!("http://a.no/{name}"), "application/http", b"GET / HTTP/1.1");
    let old = gzip_each(&[page("1"), page("2"), page("3"), page("4")]);
    let damaged = |records: &[Vec<u8>], index: usize, from_end: usize| {
        let mut archive = gzip_each(records);
        let end = gzip_each(&records[..index + 1]).len();
        archive[end - from_end] ^= 0x55;
        archive
    };
    let check = |new: &[u8], readable: &[&str], kept: &[&str], message: &str| {
        check_pages("p.warc.gz", &old, new, readable, kept, message);
    };
    let next = "the records after it were read";
    let records = [page("2"), page("3"), page("4")];
    check(
        &damaged(&records, 0, 6),
        &["3", "4"],
        &["2"],
        &format!("wrong checksum, in the gzip member at byte 0; {next}"),
    );
    check(&damaged(&records, 1, 6), &["2", "4"], &["3"], "p.warc.gz#http://a.no/3: wrong checksum");
    check(&damaged(&records, 2, 6), &["2", "3"], &["4"], "p.warc.gz#http://a.no/4: wrong checksum");
    // The name of a page is not known without the start of its record.
    let first = gzip_each(&records[..1]).len();
    check(&damaged(&records, 0, first), &["3", "4"], &[], "p.warc.gz#record 1: invalid gzip header");
    let cut = [gzip_each(&records[..1]), gzip(&page("3"))[..60].to_vec(), gzip(&page("4"))].concat();
    check(&cut, &["2", "4"], &[], next);
    // A request contains no part of a page.
    let with_request = [page("4"), request("1"), page("2")];
    check(&damaged(&with_request, 1, 6), &["2", "4"], &[], "p.warc.gz#record 2: wrong checksum");
}

#[test]
fn reports_zeroed_parts_of_a_tar_archive() {
    let names = ["a", "b", "c", "d"].map(|name| format!("{name}.txt"));
    let texts = ["a", "b", "c", "d"].map(text);
    let members: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let old = tar(&members);
    // Each member takes 1,024 bytes.
    let zeroed = |range: std::ops::Range<usize>| {
        let mut archive = old.clone();
        archive[range].fill(0);
        archive
    };
    let check = |new: &[u8], readable: &[&str], kept: &[&str], message: &str| {
        check("p.tar", &old, new, readable, kept, message);
        check("p.tar.gz", &gzip(&old), &gzip(new), readable, kept, message);
    };
    let used = |from, to| format!("zeroed blocks at byte {from}; the members from byte {to} on were read");
    check(&zeroed(1024..1536), &["a.txt", "c.txt", "d.txt"], &[], &used(1024, 2048));
    check(&zeroed(0..512), &["b.txt", "c.txt", "d.txt"], &[], &used(0, 1024));
    check(&zeroed(1024..3072), &["a.txt", "d.txt"], &[], &used(1024, 3072));
    check(&zeroed(3072..3584), &["a.txt", "b.txt", "c.txt"], &["d.txt"], "damaged at byte 3072; 3 pages were read");
    check(&old[..old.len() - 512], &["a.txt", "b.txt", "c.txt", "d.txt"], &[], "truncated at byte 4608; 4 pages");
    check(&[0; 5120], &[], &["a.txt", "b.txt", "c.txt", "d.txt"], "contains only zero bytes");
    let two = [&old[..2048], &[0; 1024], &old[2048..]].concat();
    check(&two, &["a.txt", "b.txt", "c.txt", "d.txt"], &[], &used(2048, 3072));
    // A long name is in a separate entry before its member.
    let long = format!("{}.txt", "b".repeat(120));
    let old = tar(&[members[0], (&long, texts[1].as_bytes()), members[2]]);
    let mut damaged = old.clone();
    damaged[2048..2560].fill(0);
    self::check("p.tar", &old, &damaged, &["a.txt", "c.txt"], &[&long], &used(2048, 3072));
}

#[test]
fn padding_of_a_tar_archive_is_not_damage() {
    let page = text("a");
    let archive = tar(&[("a.txt", page.as_bytes())]);
    for padding in [0, 1, 512, 9000] {
        let padded = [archive.clone(), vec![0; padding]].concat();
        for (name, content) in [("p.tar", padded.clone()), ("p.tgz", gzip(&padded))] {
            let env = TestEnv::empty();
            env.write(name, content);
            assert_eq!(env.run(&["index", name]).exits(0).stderr, "", "{name} {padding}");
            assert_eq!(records(&env), ["a.txt"]);
        }
    }
    let env = TestEnv::empty();
    env.write("p.tar", &archive);
    env.run(&["index", "p.tar"]).exits(0);
    env.write("p.tar", vec![0; 10240]);
    env.run(&["index"]).exits(0).says("p.tar: empty archive");
    assert_eq!(records(&env), [""; 0]);
}

#[test]
fn reports_a_wrong_checksum_of_a_compressed_tar_archive() {
    let (a, b) = (text("a"), text("b"));
    let archive = tar(&[("a.txt", a.as_bytes()), ("b.txt", b.as_bytes())]);
    let stored = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let intact = stored(&archive);
    let flipped = |from_end: usize| {
        let mut bytes = intact.clone();
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        bytes
    };
    let at_text = memchr::memmem::find(&intact, b"Kommunen").unwrap();
    let message = "does not have a matching checksum";
    // The length and the checksum in the trailer, and a byte of a text.
    for from_end in [1, 8, intact.len() - at_text - 40] {
        check("p.tar.gz", &intact, &flipped(from_end), &["a.txt", "b.txt"], &[], message);
    }
    check(
        "p.tar.gz",
        &intact,
        &intact[..intact.len() - 4],
        &["a.txt", "b.txt"],
        &[],
        "truncated at byte 2048; 2 pages",
    );
    let mut zstd = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    zstd.include_checksum(true).unwrap();
    zstd.write_all(&archive).unwrap();
    let zstd = zstd.finish().unwrap();
    let mut damaged = zstd.clone();
    *damaged.last_mut().unwrap() ^= 1;
    check("p.tar.zst", &zstd, &damaged, &[], &["a.txt", "b.txt"], "p.tar.zst: cannot be read");
}

#[test]
fn ignores_zero_bytes_after_gzip_data() {
    let page = text("a");
    let html = format!("<!doctype html><title>T</title><p>{page}");
    let record = line("a") + "\n";
    let warc = response("http://a.no/a", "", html.as_bytes());
    let archive = tar(&[("a.txt", page.as_bytes())]);
    let files: [(&str, &[u8]); 5] = [
        ("p.txt.gz", page.as_bytes()),
        ("p.html.gz", html.as_bytes()),
        ("p.jsonl.gz", record.as_bytes()),
        ("p.warc.gz", &warc),
        ("p.tar.gz", &archive),
    ];
    for (name, content) in files {
        for padding in [1, 512, 200_000] {
            let env = TestEnv::empty();
            env.write(name, [gzip(content), vec![0; padding]].concat());
            assert_eq!(env.run(&["index", name]).exits(0).stderr, "", "{name} {padding}");
            assert_eq!(records(&env).len(), 1, "{name} {padding}");
        }
    }
}

#[test]
fn reads_gzip_data_followed_by_other_data() {
    let garbage: [&[u8]; 4] = [b"\n", b"noe annet", b"\0\0\0slutt", b"\x1f\x00noe annet enn gzip"];
    for garbage in garbage {
        let env = TestEnv::empty();
        env.write("p.txt.gz", [&gzip(text("a").as_bytes()), garbage].concat());
        let note = "p.txt.gz: the gzip data is followed by other data, which is ignored";
        env.run(&["index", "p.txt.gz"]).exits(0).says(note);
        assert_eq!(records(&env).len(), 1);
        let old = gzip(lines(&["a", "b"]).as_bytes());
        let new = [&gzip(lines(&["a"]).as_bytes()), garbage].concat();
        check("p.jsonl.gz", &old, &new, &["a"], &["b"], "p.jsonl.gz:2: cannot be read: the gzip data is followed");
    }
    // Adjacent gzip members are one file.
    let env = TestEnv::empty();
    env.write("p.jsonl.gz", [gzip(lines(&["a"]).as_bytes()), gzip(lines(&["b"]).as_bytes())].concat());
    assert_eq!(env.run(&["index", "p.jsonl.gz"]).exits(0).stderr, "");
    assert_eq!(records(&env), ["a", "b"]);
}

#[test]
fn decodes_damaged_saved_pages() {
    let html = format!("<!doctype html><html><body><p>{}</p></body></html>\n", text("på øya").repeat(20));
    let page = |encoding: &str, body: &str| {
        format!(
            "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=xx\n\n--xx\nContent-Type: text/html; \
             charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body}\n--xx--\n"
        )
    };
    let digits: Vec<char> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".chars().collect();
    let base64: String = (html.as_bytes().chunks(3))
        .map(|chunk| {
            let bits = (0..3).fold(0, |bits, index| bits << 8 | usize::from(*chunk.get(index).unwrap_or(&0)));
            let digit = |index: usize| if index > chunk.len() { '=' } else { digits[bits >> (18 - 6 * index) & 63] };
            (0..4).map(digit).collect::<String>()
        })
        .collect::<Vec<_>>()
        .chunks(19)
        .map(|line| line.concat() + "\n")
        .collect();
    let quoted = html.replace('å', "=C3=A5").replace('ø', "=C3=B8");
    let (base64, quoted) = (page("base64", &base64), page("quoted-printable", &quoted));
    let check = |new: &[u8], code: i32, message: &str| {
        let env = TestEnv::empty();
        env.write("p.mhtml", &base64);
        assert_eq!(env.run(&["index", "p.mhtml"]).exits(0).stderr, "");
        env.write("p.mhtml", new);
        env.run(&["index"]).exits(code).says(message);
        assert_eq!(env.run(&["search", "--json", "\"side på øya\""]).hits().len(), 1, "{message}");
    };
    let truncated = "p.mhtml: truncated: the end of its HTML part is missing";
    check(base64.trim_end_matches("\n--xx--\n").as_bytes(), 0, truncated);
    check(&base64.as_bytes()[..900], 0, truncated);
    check(quoted.trim_end_matches("\n--xx--\n").as_bytes(), 0, truncated);
    check(&quoted.as_bytes()[..900], 0, truncated);
    for damaged in [b'!', 0xff, 0, b'-'] {
        let mut new = base64.clone().into_bytes();
        new[600] = damaged;
        check(&new, 0, "p.mhtml: damaged base64");
    }
    check(quoted.replacen("=C3=A5", "=ZZ=A5", 1).as_bytes(), 0, "p.mhtml: damaged quoted-printable text");
    check(base64.replace(": base64", ": bose64").as_bytes(), 2, "unknown Content-Transfer-Encoding “bose64”");
    check(base64.replace("Transfer-Enc", "Transfor-Enc").as_bytes(), 2, "p.mhtml: contains no HTML");
    check(base64.replace("text/html", "text/hxml").as_bytes(), 2, "p.mhtml: contains no HTML");
}

#[test]
fn reports_repeated_ids_until_the_file_is_replaced() {
    let check = |name: &str, content: &dyn Fn(&[&str]) -> Vec<u8>, records: &[&str], message: &str| {
        let (old, new) = (content(&["a", "b"]), content(&["a", "b", "a"]));
        check(name, &old, &new, records, &[], message);
    };
    let message = "p.jsonl:3: line 1 has the same id \"a\"";
    check("p.jsonl", &|names| lines(names).into_bytes(), &["a", "b"], message);
    check("p.jsonl.gz", &|names| gzip(lines(names).as_bytes()), &["a", "b"], "p.jsonl.gz:3: line 1 has the same id");
    let in_zip = |names: &[&str]| zip(&[("a.jsonl", lines(names).as_bytes())]);
    check("p.zip", &in_zip, &["a.jsonl#a", "a.jsonl#b"], "p.zip:3: line 1 has the same id");
}

#[test]
fn keeps_the_page_of_a_response_with_damaged_headers() {
    let old = [page("1"), page("2")];
    let damaged = |from: &str, to: &str| {
        let record = String::from_utf8(page("1")).unwrap();
        assert!(record.contains(from), "{from}");
        [record.replacen(from, to, 1).into_bytes(), page("2")]
    };
    let place = "in the record at byte 0; the records after it were read";
    for (from, to, reason) in [
        ("1.1 200", "1.1 2x0", "malformed HTTP response"),
        ("HTTP/1.1", "HTDP/1.1", "malformed HTTP response"),
        ("WARC-Type:", "WERC-Type:", "no valid WARC-Type"),
        ("response", "re{ponse", "no valid WARC-Type"),
    ] {
        let new = damaged(from, to);
        let (readable, kept) = (["http://a.no/2"], ["http://a.no/1"]);
        let message = |name: &str| format!("{name}#http://a.no/1: {reason}, {place}");
        check("p.warc", &old.concat(), &new.concat(), &readable, &kept, &message("p.warc"));
        check("p.warc.gz", &gzip_each(&old), &gzip_each(&new), &readable, &kept, &message("p.warc.gz"));
    }
    // A damaged record of another kind, with the URL of an intact page.
    let request = warc_record("request", "http://a.no/1", "application/http", b"GET / HTTP/1.1");
    let request = String::from_utf8(request).unwrap().replace("WARC-Type:", "WERC-Type:").into_bytes();
    let new = [page("1"), page("2"), request].concat();
    check("p.warc", &old.concat(), &new, &["http://a.no/1", "http://a.no/2"], &[], "http://a.no/1: no valid WARC-Type");
}

fn stored_zip(members: &Members) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let name = rawzip::path::EntryPath::verbatim(name.as_bytes());
        let method = rawzip::CompressionMethod::STORE;
        let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn no_other_page_is_lost_if_a_record_of_a_wacz_file_is_damaged() {
    let crawl = |names: &[&str]| gzip_each(&names.iter().map(|name| page(name)).collect::<Vec<_>>());
    let wacz = |pack: &dyn Fn(&Members) -> Vec<u8>, one: &[u8], two: &[u8]| {
        pack(&[("archive/1.warc.gz", one), ("archive/2.warc.gz", two), ("datapackage.json", b"{}")])
    };
    let (one, two) = (crawl(&["1", "2", "3"]), crawl(&["4", "5"]));
    let old = wacz(&stored_zip, &one, &two);
    let check = |new: Vec<u8>, readable: &[&str], kept: &[&str], message: &str| {
        check_pages("p.wacz", &old, &new, readable, kept, message);
    };
    // Flips bits in `records`, which the archive stores uncompressed, `from_end` bytes before their end.
    let damaged = |records: &[u8], from_end: usize| {
        let mut archive = old.clone();
        let start = archive.windows(records.len()).position(|bytes| bytes == records).unwrap();
        archive[start + records.len() - from_end] ^= 0x55;
        archive
    };
    let (first, second) = (crawl(&["1"]), crawl(&["2"]));
    let message = format!(
        "p.wacz#http://a.no/2: wrong checksum, in the gzip member at byte {} of archive/1.warc.gz; the records after it",
        first.len()
    );
    check(damaged(&second, 6), &["1", "3", "4", "5"], &["2"], &message);
    let message = "p.wacz#http://a.no/5: wrong checksum, in the record at byte";
    check(damaged(&crawl(&["5"]), 6), &["1", "2", "3", "4"], &["5"], message);
    let message = format!(
        "p.wacz#record 2: invalid gzip header, in the gzip member at byte {} of archive/1.warc.gz; the records after it",
        first.len()
    );
    check(damaged(&second, second.len()), &["1", "3", "4", "5"], &[], &message);
    // The same damage, done before the member was added to the archive, so the member's checksum is right.
    let mut packed = one.clone();
    packed[first.len() + second.len() - 6] ^= 0x55;
    check(wacz(&zip, &packed, &two), &["1", "3", "4", "5"], &["2"], "p.wacz#http://a.no/2: wrong checksum");
    // Damage to the modification time in a gzip header, which the checksum in gzip doesn't cover.
    let message = "p.wacz#archive/1.warc.gz: wrong checksum, though no record is damaged";
    check(damaged(&second, second.len() - 4), &["1", "2", "3", "4", "5"], &[], message);
}
