//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        // A program that can be loaded anywhere has its addresses put right whenever it starts: of a search for one word
        // in a small index that was a sixth of all instructions.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
