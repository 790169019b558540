//! `treff completions`: prints a completion script for a shell.

use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::print;

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_help = "Example:\n  treff completions bash > ~/.local/share/bash-completion/completions/treff")]
pub struct Args {
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// `cli` is the definition of the whole command line.
pub fn run(args: Args, mut cli: clap::Command) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli, "treff", &mut script);
    if args.shell == clap_complete::Shell::Bash {
        script = with_paths(&String::from_utf8_lossy(&script)).into_bytes();
    }
    print(|out| out.write_all(&script))?;
    Ok(Outcome::Success)
}

/// The subcommands whose arguments are paths.
const PATH_COMMANDS: [&str; 2] = ["index", "clean"];

/// Changes a bash script of clap_complete so that the arguments of `PATH_COMMANDS` are completed as paths.
/// Unchanged, the script would offer options. Without candidates, bash completes file names, because of
/// `complete -o default`.
fn with_paths(script: &str) -> String {
    let mut is_path_command = false;
    let mut lines: Vec<&str> = Vec::new();
    for line in script.lines() {
        if let Some(command) = line.trim().strip_prefix("treff__subcmd__").and_then(|rest| rest.strip_suffix(')')) {
            is_path_command = PATH_COMMANDS.contains(&command);
        }
        let is_word_list = line == r#"            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )"#;
        lines.push(match line.trim() {
            "if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then" if is_path_command => {
                "            if [[ ${cur} == -* ]] ; then"
            }
            _ if is_path_command && is_word_list => "            COMPREPLY=()",
            _ => line,
        });
    }
    lines.join("\n") + "\n"
}
