//! Entry point of the `treff` program.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
