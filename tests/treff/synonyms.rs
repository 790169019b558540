//! User synonyms: the files that they are read from, and the messages about errors in them.

use crate::TestEnv;

#[test]
fn errors_name_the_file_and_the_line() {
    let env = TestEnv::indexed();
    env.write("mine.txt", "# mine\nbarn = born\n");
    let plain = env.run(&["search", "barn"]).exits(0);
    assert_eq!(plain.stderr, "");
    assert_eq!(env.run(&["search", "--synonyms", "mine.txt", "barn"]).exits(0).stderr, "");
    env.write("bad.txt", "barn = born\nunge\n");
    env.run(&["search", "--synonyms", "bad.txt", "barn"]).exits(2).says("bad.txt:2: ").says(" = ");
    env.run(&["search", "--synonyms", "none.txt", "barn"]).exits(2).says("none.txt: cannot read");
    env.write("latin.txt", b"barn = b\xf8rn\n");
    env.run(&["search", "--synonyms", "latin.txt", "barn"]).exits(2).says("latin.txt").says("UTF-8");
    env.write("index/synonyms.txt", "barn = born\n");
    env.run(&["search", "barn"]).exits(0);
    env.write("index/synonyms.txt", "barn\n");
    env.run(&["search", "barn"]).exits(2).says("index/synonyms.txt:1: ");
}

#[test]
fn builds_an_index_in_a_folder_with_synonyms() {
    let env = TestEnv::with_seeds();
    env.write("own/synonyms.txt", "barn = glitrefabel\n");
    env.run(&["--index", "own", "index", "seeds"]).exits(0).prints("5 pages");
    env.run(&["--index", "own", "index", "--rebuild", "seeds"]).exits(0);
    assert!(env.path("own/synonyms.txt").exists());
    // The file is not indexed as a page, even if the index folder is below a root.
    env.run(&["--index", "own", "index", "."]).exits(0);
    assert!(env.run(&["--index", "own", "search", "\"glitrefabel\""]).exits(1).stdout.is_empty());
}
