//! `treff serve` while the index is updated and rebuilt: no error, and no answer from two commits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use treff::index::UpdateOptions;

use crate::serve_support::{TestServer, wait_until};
use crate::{TestEnv, options, update};

/// Texts that have nothing but the word `utgave` in common.
const TEXTS: [&str; 4] = [
    "Kommunen skal hjelpe barn som trenger omsorg hjemmefra.",
    "Sykehuset vurderer pasienter etter alvorlighetsgrad og nytte.",
    "Skipsfarten langs kysten krever los i trange farvann.",
    "Bonden søker tilskudd for dyrking av bygg og havre.",
];

fn write_pages(env: &TestEnv, number: usize) {
    for (page, text) in TEXTS.iter().enumerate() {
        env.write(&format!("pages/{page}.md"), format!("# Side {page}\n\n{text} Dette er utgave nr{number}x.\n"));
    }
}

/// The numbers of the editions in an answer.
fn editions(answer: &str) -> Vec<usize> {
    let numbers = answer.match_indices("nr").filter_map(|(at, _)| answer[at + 2..].split_once('x')?.0.parse().ok());
    numbers.collect()
}

/// Updates the index `updates` times, then rebuilds it, while clients search without pause.
fn search_during_updates(updates: usize, mut after_update: impl FnMut(&TestServer, usize)) {
    let env = TestEnv::empty();
    let (index, pages) = (env.path("index"), [env.path("pages")]);
    write_pages(&env, 0);
    update(&index, &pages);
    let server = TestServer::of(env, |_| {});
    let is_done = AtomicBool::new(false);
    let client = || {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut connection = server.connect();
        while !is_done.load(Ordering::Relaxed) {
            connection.send("GET /api/v1/search?q=utgave&full=true&similar=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let answer = connection.read_response().expect("the connection stays open").has_status(200);
            let found = editions(answer.text());
            assert!(found.len() >= TEXTS.len() && found.iter().all(|number| *number == found[0]), "{}", answer.text());
            let generation = answer.json()["generation"].as_str().unwrap().to_string();
            assert_eq!(*seen.entry(generation).or_insert(found[0]), found[0], "{}", answer.text());
        }
    };
    std::thread::scope(|scope| {
        let clients = [scope.spawn(client), scope.spawn(client)];
        for number in 1..=updates + 1 {
            write_pages(&server.env, number);
            let rebuild = number > updates;
            treff::index::update(&UpdateOptions { rebuild, ..options(&index, &pages) }).unwrap();
            after_update(&server, number);
        }
        wait_until("the rebuilt index is served", || {
            editions(server.get("/api/v1/search?q=utgave&full=true").has_status(200).text())[0] == updates + 1
        });
        is_done.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
    });
}

#[test]
fn synonyms_that_cannot_be_read_hold_updates_back() {
    for (number, (broken, file)) in
        [(&b"bl\xe5 = gr\xf8nn"[..], "own.txt"), (b"\xff", "index/synonyms.txt")].into_iter().enumerate()
    {
        let env = TestEnv::empty();
        let (index, pages) = (env.path("index"), [env.path("pages")]);
        env.write("own.txt", "utgave = opplag\n");
        write_pages(&env, number);
        let server = TestServer::of(env, |config| config.synonyms = Some(config.index.with_file_name("own.txt")));
        server.get("/readyz").expect_problem(503, "no-index");
        // While there is no index.
        server.env.write(file, broken);
        update(&index, &pages);
        wait_until("the file is named", || server.log().iter().any(|message| message.contains(file)));
        let problem = server.get("/api/v1/search?q=utgave").expect_problem(503, "no-index").json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("synonyms") && !detail.contains("damaged") && !detail.contains(file), "{detail}");
        server.get("/readyz").expect_problem(503, "no-index");
        server.env.write(file, "utgave = opplag\n");
        wait_until("the index is served", || server.get("/readyz").status == 200);
        // While there is one.
        server.env.write(file, broken);
        write_pages(&server.env, 10);
        update(&index, &pages);
        let held_back = |message: &String| message.contains(file) && message.contains("updates are held back");
        wait_until("the log says so", || server.log().iter().any(held_back));
        server.get("/readyz").has_status(200);
        assert_eq!(editions(server.get("/api/v1/search?q=opplag").has_status(200).text())[0], number);
        server.env.write(file, "utgave = opplag\n");
        wait_until("the update is served", || {
            editions(server.get("/api/v1/search?q=opplag").has_status(200).text())[0] == 10
        });
    }
}

#[test]
fn a_file_that_is_truncated_is_reported_before_it_is_read() {
    for (ending, is_emptied) in [("idx", true), ("store", false), ("term", false), ("fast", true)] {
        let env = TestEnv::empty();
        let (index, pages) = (env.path("index"), [env.path("pages")]);
        write_pages(&env, 0);
        update(&index, &pages);
        let server = TestServer::of(env, |config| config.has_metrics = true);
        server.get("/api/v1/search?q=utgave").has_status(200);
        let files = std::fs::read_dir(index.join("generation-1")).unwrap().map(|entry| entry.unwrap().path());
        let file = files.into_iter().find(|file| file.extension().is_some_and(|found| found == ending)).unwrap();
        let length = std::fs::metadata(&file).unwrap().len();
        let truncated = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
        truncated.set_len(if is_emptied { 0 } else { length - 1 }).unwrap();
        // This route does not read the index.
        wait_until("the damage is found", || server.get("/readyz").status == 503);
        server.get("/api/v1/search?q=utgave").expect_problem(503, "damaged");
        assert!(server.get("/metrics").text().contains("\ntreff_index_damaged 1\n"));
        let name = file.file_name().unwrap().to_str().unwrap();
        wait_until("the file is named", || server.log().iter().any(|message| message.contains(name)));
        write_pages(&server.env, 1);
        treff::index::update(&UpdateOptions { rebuild: true, ..options(&index, &pages) }).unwrap();
        wait_until("the rebuilt index is served", || server.get("/readyz").status == 200);
        assert_eq!(editions(server.get("/api/v1/search?q=utgave").has_status(200).text())[0], 1);
    }
}

#[test]
fn a_damaged_index_that_is_replaced_by_a_backup_is_served_again() {
    let env = TestEnv::empty();
    let (index, pages) = (env.path("index"), [env.path("pages")]);
    write_pages(&env, 0);
    update(&index, &pages);
    let generation = index.join("generation-1");
    let files = std::fs::read_dir(&generation).unwrap().map(|entry| entry.unwrap().path());
    let backup: Vec<_> = files.map(|file| (file.clone(), std::fs::read(file).unwrap())).collect();
    let (store, intact) = backup.iter().find(|(file, _)| file.extension().is_some_and(|it| it == "store")).unwrap();
    let server = TestServer::of(env, |config| config.has_metrics = true);
    let is_damaged = || server.get("/metrics").text().contains("\ntreff_index_damaged 1\n");
    let inverted: Vec<u8> = intact.iter().map(|byte| !byte).collect();
    std::fs::write(store, inverted).unwrap();
    server.get("/api/v1/search?q=utgave").expect_problem(503, "damaged");
    assert!(is_damaged());
    // A change that repairs nothing.
    let other_bytes: Vec<u8> = intact.iter().map(|byte| byte ^ 1).collect();
    std::fs::write(store, other_bytes).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert!(is_damaged());
    std::fs::remove_dir_all(&generation).unwrap();
    std::fs::create_dir(&generation).unwrap();
    for (file, bytes) in &backup {
        std::fs::write(file, bytes).unwrap();
    }
    wait_until("the repaired index is served", || !is_damaged());
    assert_eq!(editions(server.get("/api/v1/search?q=utgave").has_status(200).text())[0], 0);
}

#[test]
fn answers_come_from_one_commit_during_updates_and_a_rebuild() {
    search_during_updates(6, |_, _| {});
}

/// Numbers of file handles and memory mappings of this process, and its memory in kB.
#[cfg(target_os = "linux")]
fn resources() -> (usize, usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    (
        std::fs::read_dir("/proc/self/fd").unwrap().count(),
        std::fs::read_to_string("/proc/self/maps").unwrap().lines().count(),
        memory.split_whitespace().next().unwrap().parse().unwrap(),
    )
}

/// Slow: `cargo test --release -- --ignored a_hundred_updates`.
#[test]
#[ignore]
#[cfg(target_os = "linux")]
fn a_hundred_updates_leave_no_handle_and_no_memory_behind() {
    let mut after = Vec::new();
    search_during_updates(100, |server, number| {
        if number % 20 == 0 {
            let current = treff::index::open(&server.env.path("index")).unwrap().commit_id().to_string();
            wait_until("the update is served", || {
                server.get("/api/v1/status").json()["generation"].as_str().unwrap().starts_with(&current)
            });
            after.push(resources());
            eprintln!("after {number} updates: {:?} (handles, mappings, kB)", resources());
        }
    });
    let ((handles, mappings, memory), (last_handles, last_mappings, last_memory)) = (after[0], after[after.len() - 1]);
    assert!(last_handles <= handles + 10, "{after:?}");
    assert!(last_mappings <= mappings + 40, "{after:?}");
    assert!(last_memory <= memory + memory / 4, "{after:?}");
}
