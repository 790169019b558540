//! Parses the command line with clap, after rewriting arguments that clap cannot parse.
//!
//! `treff WORDS` is short for `treff search WORDS`, and `-word` in a search excludes a word. clap supports neither, so
//! `normalize_args` rewrites the arguments first.

use std::ffi::OsString;
use std::path::Path;

use clap::{Parser, Subcommand};
use treff::read::escape_path;

#[cfg(feature = "mcp")]
use crate::cli::commands::serving::mcp;
#[cfg(feature = "serve")]
use crate::cli::commands::serving::serve;
use crate::cli::commands::{analyze, bench, check_index, clean, completions, eval, index, man, search, show, status};
use crate::cli::globals::Globals;

/// Full-text search for Norwegian pages.
///
/// `treff WORDS…` is short for `treff search WORDS…`. Without an index, the first search builds one from ./seeds.
#[derive(Parser)]
#[command(name = "treff", version, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 something was found or done, 1 nothing was found, 2 an error occurred.\n\
    To search for a word that is also the name of a command: `treff search status`.")]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Search(search::Args),
    Index(index::Args),
    Show(show::Args),
    Clean(clean::Args),
    Analyze(analyze::Args),
    Bench(bench::Args),
    Eval(eval::Args),
    Status(status::Args),
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    #[cfg(feature = "mcp")]
    Mcp(mcp::Args),
    Check(check_index::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// A parser for searches alone: building the parser for all commands takes a twentieth of the time of a query, or a
/// tenth on a small index.
#[derive(Parser)]
#[command(name = "treff")]
struct SearchCli {
    #[command(flatten)]
    globals: Globals,
    #[command(flatten)]
    args: search::Args,
}

impl Cli {
    /// Parses the arguments of the process. The first one is the name of the program.
    pub fn parse_process_args(args: Vec<OsString>) -> Result<Cli, clap::Error> {
        let args = normalize_args(args);
        let position = command_position(&args);
        if args.get(position).is_some_and(|command| command == "search") {
            let without_command = args[..position].iter().chain(&args[position + 1..]);
            // Errors and --help come from the complete parser, which names the subcommand in its usage line.
            if let Ok(SearchCli { globals, args }) = SearchCli::try_parse_from(without_command) {
                return Ok(Cli { globals, command: Command::Search(args) });
            }
        }
        Cli::try_parse_from(args)
    }
}

/// The position of the command among the arguments: the first one that is not a global option.
fn command_position(args: &[OsString]) -> usize {
    let mut position = 1;
    while let Some(arg) = args.get(position) {
        let has_value = arg.to_str().is_some_and(|arg| arg.starts_with("--index=") || arg.starts_with("--color="));
        let takes_next = arg == "--index" || arg == "--color";
        if !has_value && !takes_next {
            break;
        }
        position += if takes_next { 2 } else { 1 };
    }
    position
}

/// Inserts `search` if no command is named, turns `help COMMAND` into `COMMAND --help`, and makes `-word` an excluded
/// word in a search.
fn normalize_args(mut args: Vec<OsString>) -> Vec<OsString> {
    let position = command_position(&args);
    let Some(first) = args.get(position) else {
        return args;
    };
    if first == "help" {
        args.remove(position);
        args.push("--help".into());
        return args;
    }
    let is_command = ["-h", "--help", "-V", "--version"].iter().any(|flag| first == flag)
        || first.to_str().is_some_and(Command::has_subcommand);
    if !is_command {
        args.insert(position, "search".into());
    }
    if args[position] == "search" || args[position] == "show" {
        // clap only accepts queries and hit ids that are UTF-8. A path in one of them is unescaped later.
        for index in position + 1..args.len() {
            if args[index].to_str().is_none() && args[index - 1] != "--index" && args[index - 1] != "--synonyms" {
                args[index] = escape_path(Path::new(&args[index])).into();
            }
        }
    }
    if args[position] == "search" {
        let options_end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
        for index in position + 1..options_end.max(position + 1) {
            let is_value = OPTIONS_WITH_VALUE.iter().any(|option| args[index - 1] == *option);
            if !is_value && let Some(word) = args[index].to_str().and_then(excluded_word) {
                // clap would read its letters as short options.
                args[index] = format!("{}-{word}", search::HYPHEN_MARK).into();
            }
        }
    }
    args
}

/// The options of a search whose value is the next argument.
const OPTIONS_WITH_VALUE: [&str; 13] = [
    "-n",
    "--limit",
    "--offset",
    "--synonyms",
    "--index",
    "--color",
    "--source",
    "--since",
    "--until",
    "--lang",
    "--snippet-chars",
    "--sort",
    "--facets",
];

/// Returns the word of `-word`. `None` for options: `-n`, `-n5`, `-h`, `-V`, and everything that begins with two
/// hyphens.
fn excluded_word(arg: &str) -> Option<&str> {
    let word = arg.strip_prefix('-').filter(|word| !word.is_empty() && !word.starts_with('-'))?;
    let is_limit =
        word.strip_prefix('n').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'='));
    (!is_limit && word != "h" && word != "V").then_some(word)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn inserts_search_and_marks_excluded_words() {
        let check = |line: &str, expected: &str| {
            let args = normalize_args(line.split(' ').map(OsString::from).collect());
            let args: Vec<_> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
            assert_eq!(args.join(" "), expected);
        };
        check("treff taushetsplikt", "treff search taushetsplikt");
        check("treff -n 3 barn", "treff search -n 3 barn");
        check("treff --index x barn", "treff --index x search barn");
        check("treff --index=x status", "treff --index=x status");
        check("treff -- -barn", "treff search -- -barn");
        check("treff search status", "treff search status");
        check("treff --help", "treff --help");
        check("treff --index=x --color always status", "treff --index=x --color always status");
        check("treff barn -skole -n 3 --json", "treff search barn \u{fdd0}-skole -n 3 --json");
        check("treff search -n5 -nord -- -barn", "treff search -n5 \u{fdd0}-nord -- -barn");
        check("treff index -", "treff index -");
        check("treff help index", "treff index --help");
        check("treff barn -n -1", "treff search barn -n -1");
        check("treff", "treff");
    }

    #[test]
    fn clap_accepts_the_definition() {
        Cli::command().debug_assert();
    }

    #[test]
    fn knows_the_search_options_that_take_a_value() {
        let command = Cli::command();
        let search = command.find_subcommand("search").unwrap();
        let options = search.get_arguments().chain(command.get_arguments());
        let mut names = Vec::new();
        for option in options.filter(|option| !option.is_positional() && option.get_action().takes_values()) {
            names.extend(option.get_short().map(|short| format!("-{short}")));
            names.extend(option.get_long().map(|long| format!("--{long}")));
        }
        names.sort();
        let mut expected = OPTIONS_WITH_VALUE;
        expected.sort();
        assert_eq!(names, expected);
    }
}
