//! A person's own synonyms: where they are read from, and what is said of a bad line.

use crate::TestEnv;

#[test]
fn a_bad_line_is_named_wherever_the_file_stands() {
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
fn an_index_can_be_built_beside_its_synonyms() {
    let env = TestEnv::with_seeds();
    env.write("own/synonyms.txt", "barn = glitrefabel\n");
    env.run(&["--index", "own", "index", "seeds"]).exits(0).prints("5 pages");
    env.run(&["--index", "own", "index", "--rebuild", "seeds"]).exits(0);
    assert!(env.path("own/synonyms.txt").exists());
    // They are no page, also where the index stands among the pages.
    env.run(&["--index", "own", "index", "."]).exits(0);
    assert!(env.run(&["--index", "own", "search", "\"glitrefabel\""]).exits(1).stdout.is_empty());
}
