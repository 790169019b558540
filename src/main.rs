//! treff on the command line: parse, dispatch, exit code.

mod cli;

/// Building an index asks for memory all the time, in several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
