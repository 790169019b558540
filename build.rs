//! How the program is linked.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    // A program that can be loaded anywhere has its addresses put right whenever it starts: of a search for one word
    // in a small index that was a sixth of all instructions.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // To load the C library takes as long as a search.
    if is("TARGET", &std::env::var("HOST").unwrap_or_default())
        && let Some(folder) = static_libraries()
    {
        println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
        println!("cargo::rustc-link-arg-bins=-static");
    }
}

/// A folder with the C library to link into the program under the names that rustc asks for; `None` on a machine that has
/// none but the one that is loaded. `crt-static` would do the same, but fails there.
fn static_libraries() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("OUT_DIR")?);
    for (asked, name) in [("libc.a", "libc.a"), ("libm.a", "libm.a"), ("libgcc_s.a", "libgcc_eh.a")] {
        let found = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
        let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
        // What isn't there is answered by its name.
        if !path.is_absolute() {
            return None;
        }
        std::fs::copy(path, folder.join(asked)).ok()?;
    }
    Some(folder)
}
