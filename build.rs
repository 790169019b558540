//! Sets linker options: a position-dependent executable and, where possible, a static C library (Linux with glibc
//! only).

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    // A position-independent executable relocates its addresses at each start, which takes a sixth of all instructions
    // of a search for one word in a small index.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // Loading the C library dynamically takes as long as a search.
    if is("TARGET", &std::env::var("HOST").unwrap_or_default())
        && let Some(folder) = static_libraries()
    {
        println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
        println!("cargo::rustc-link-arg-bins=-static");
    }
}

/// Copies the static C library to a folder, under the names that rustc links. Returns `None` if the machine has only the
/// dynamic library. The target feature `crt-static` would do the same, but fails on such a machine.
fn static_libraries() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("OUT_DIR")?);
    for (linked_name, file_name) in [("libc.a", "libc.a"), ("libm.a", "libm.a"), ("libgcc_s.a", "libgcc_eh.a")] {
        let output = Command::new("cc").arg(format!("-print-file-name={file_name}")).output().ok()?;
        let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        // cc prints the bare name of a file that it doesn't find.
        if !path.is_absolute() {
            return None;
        }
        std::fs::copy(path, folder.join(linked_name)).ok()?;
    }
    Some(folder)
}
