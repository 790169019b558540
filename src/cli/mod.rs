//! What does a person type, and what do they read? One file a subcommand; nothing below this prints.

mod analyze;
mod bench;
mod check;
mod clean;
mod completions;
mod eval;
mod index;
mod man;
mod open;
mod search;
mod show;
mod status;
mod style;
mod suggest;
mod synonyms;
mod watch;
mod why;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::TypedValueParser;
use clap::{Parser, Subcommand};
use treff::error::{Error, Result};
use treff::index::with_corruption_guard;

/// Full-text search for Norwegian pages.
///
/// `treff WORDS…` is short for `treff search WORDS…`. Without an index, the first search builds one from ./seeds.
#[derive(Parser)]
#[command(name = "treff", version, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 something was found or done, 1 nothing was found, 2 an error.\n\
    A word that is also a command's name is searched with `treff search status`.")]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(clap::Args)]
struct Globals {
    /// Folder of the index
    #[arg(
        long,
        global = true,
        value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from),
        value_name = "DIR",
        env = "TREFF_INDEX",
        default_value = "index",
        hide_env_values = true
    )]
    index: PathBuf,
    /// When to use colors and links: by default on terminals, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: style::When,
}

#[derive(Subcommand)]
enum Command {
    Search(search::Args),
    Index(index::Args),
    Show(show::Args),
    Clean(clean::Args),
    Analyze(analyze::Args),
    Bench(bench::Args),
    Eval(eval::Args),
    Status(status::Args),
    Check(check::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// A search by itself: to make the arguments of all commands takes a twentieth of a query, and a tenth of a small index's.
#[derive(Parser)]
#[command(name = "treff")]
struct SearchAlone {
    #[command(flatten)]
    globals: Globals,
    #[command(flatten)]
    args: search::Args,
}

impl Cli {
    /// Of the arguments of the process, with the name of a command.
    fn of(args: Vec<OsString>) -> std::result::Result<Cli, clap::Error> {
        let at = command_at(&args);
        if args.get(at).is_some_and(|command| command == "search") {
            let alone = args[..at].iter().chain(&args[at + 1..]);
            // What is wrong with it, or how it is used, is told by the whole.
            if let Ok(SearchAlone { globals, args }) = SearchAlone::try_parse_from(alone) {
                return Ok(Cli { globals, command: Command::Search(args) });
            }
        }
        Cli::try_parse_from(args)
    }
}

/// What a command came to.
enum Outcome {
    Found,
    NothingFound,
    /// Something went wrong and was said; the rest was done.
    Failed,
}

/// Folder that is read when no path is given and none is known.
const SEEDS: &str = "seeds";

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let args = with_search(std::env::args_os().collect());
    let cli = match Cli::of(args) {
        Ok(cli) => cli,
        Err(error) => {
            let is_error = error.use_stderr();
            // A closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(if is_error { 2 } else { 0 });
        }
    };
    let mut globals = cli.globals;
    // TREFF_INDEX= in a shell means that it isn't set.
    if globals.index.as_os_str().is_empty() {
        globals.index = PathBuf::from("index");
    }
    let globals = &globals;
    let index = &globals.index;
    let outcome = match cli.command {
        Command::Search(args) => with_corruption_guard(index, || search::run(args, globals)),
        Command::Index(args) => index::run(args, globals),
        Command::Show(args) => with_corruption_guard(index, || show::run(args, globals)),
        Command::Clean(args) => with_corruption_guard(index, || clean::run(args, globals)),
        Command::Analyze(args) => analyze::run(args, globals),
        Command::Bench(args) => with_corruption_guard(index, || bench::run(args, globals)),
        Command::Eval(args) => with_corruption_guard(index, || eval::run(args, globals)),
        Command::Status(args) => with_corruption_guard(index, || status::run(args, globals)),
        Command::Check(args) => check::run(args, globals),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    };
    match outcome {
        Ok(Outcome::Found) => ExitCode::SUCCESS,
        Ok(Outcome::NothingFound) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say(&suggest::with_index(&error.to_string(), globals));
            ExitCode::from(2)
        }
    }
}

/// Where the command stands among the arguments, behind the global options.
fn command_at(args: &[OsString]) -> usize {
    let mut at = 1;
    while let Some(arg) = args.get(at) {
        let is_joined = arg.to_str().is_some_and(|arg| arg.starts_with("--index=") || arg.starts_with("--color="));
        let takes_next = arg == "--index" || arg == "--color";
        if !is_joined && !takes_next {
            break;
        }
        at += if takes_next { 2 } else { 1 };
    }
    at
}

/// `treff WORDS` as `treff search WORDS`: the first argument that is no global option is no command's name.
/// In a search, `-word` excludes a word unless it is an option.
fn with_search(mut args: Vec<OsString>) -> Vec<OsString> {
    let is = |arg: &OsStr, name: &str| arg == name;
    let at = command_at(&args);
    let Some(first) = args.get(at) else {
        return args;
    };
    if is(first, "help") {
        args.remove(at);
        args.push("--help".into());
        return args;
    }
    let is_known = ["-h", "--help", "-V", "--version"].iter().any(|flag| is(first, flag))
        || first.to_str().is_some_and(Command::has_subcommand);
    if !is_known {
        args.insert(at, "search".into());
    }
    if is(&args[at], "search") {
        let options_end = args.iter().position(|arg| is(arg, "--")).unwrap_or(args.len());
        for place in at + 1..options_end.max(at + 1) {
            let is_value = TAKE_VALUE.iter().any(|flag| is(&args[place - 1], flag));
            if !is_value && let Some(word) = args[place].to_str().and_then(excluded_word) {
                // clap would read its letters as options; a minus sign is no hyphen to it.
                args[place] = format!("\u{2212}{word}").into();
            }
        }
    }
    args
}

/// The options of a search that take the next argument.
const TAKE_VALUE: [&str; 13] = [
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

/// The word of `-word`; `-n`, `-n5`, `-h`, `-V` and what begins with two hyphens are options.
fn excluded_word(arg: &str) -> Option<&str> {
    let word = arg.strip_prefix('-').filter(|word| !word.is_empty() && !word.starts_with('-'))?;
    let is_limit =
        word.strip_prefix('n').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'='));
    (!is_limit && word != "h" && word != "V").then_some(word)
}

/// Writes to standard output.
fn print(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    write(&mut out)
        .and_then(|()| std::io::Write::flush(&mut out))
        .map_err(Error::io(std::path::Path::new("standard output"), "write"))
}

/// A line on standard error, where everything goes that is no result.
fn say(message: &str) {
    use std::io::Write;
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "treff: {}", style::printable(message));
}

/// "1 page", "5 pages", with thousands set apart.
fn count(number: u64, one: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    match one.strip_suffix('y') {
        _ if number == 1 => format!("{text} {one}"),
        Some(stem) => format!("{text} {stem}ies"),
        None => format!("{text} {one}s"),
    }
}

/// "18 kB", "1.4 MB".
fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} bytes"),
        1_000..1_000_000 => format!("{} kB", number.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number as f64 / 1e6),
        _ => format!("{:.1} GB", number as f64 / 1e9),
    }
}

/// "3 ms", "1.2 s", "2 min 5 s".
fn seconds(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_query_needs_no_command() {
        let check = |line: &str, expected: &str| {
            let args = with_search(line.split(' ').map(OsString::from).collect());
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
        check("treff barn -skole -n 3 --json", "treff search barn \u{2212}skole -n 3 --json");
        check("treff search -n5 -nord -- -barn", "treff search -n5 \u{2212}nord -- -barn");
        check("treff index -", "treff index -");
        check("treff help index", "treff index --help");
        check("treff barn -n -1", "treff search barn -n -1");
        check("treff", "treff");
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(1, "page"), "1 page");
        assert_eq!(count(98_348, "page"), "98,348 pages");
        assert_eq!(count(2, "query"), "2 queries");
        assert_eq!(bytes(17_950), "18 kB");
        assert_eq!(seconds(std::time::Duration::from_millis(1234)), "1.2 s");
    }
}
