//! Suggests the next step after an error, usually a command that can be pasted into a shell.

use std::path::Path;

use treff::error::Error;

use crate::cli::globals::Globals;
use crate::cli::outcome::Failure;

/// The message for a failed command, with the next step.
pub fn failure_message(failure: &Failure, globals: &Globals) -> String {
    match failure {
        Failure::Library(error) => error_message(error, globals),
        Failure::Usage(message) => message.clone(),
    }
}

/// The message for an error of the library, with the next step where there is one.
pub fn error_message(error: &Error, globals: &Globals) -> String {
    match next_step(error, &treff_command(globals)) {
        Some(step) => format!("{error}; {step}"),
        None => error.to_string(),
    }
}

/// What to do about an error; `None` if its message already contains the advice. `treff` is the start of a command for
/// the same index (see `treff_command`).
fn next_step(error: &Error, treff: &str) -> Option<String> {
    Some(match error {
        Error::NoIndex { .. } => format!("build one with `{treff} index PATH…`"),
        Error::OtherFormat { .. } => format!("run `{treff} index --rebuild PATH…` with the paths it was built from"),
        Error::Damaged { .. } => format!(
            "`{treff} index --rebuild` rebuilds the index from its sources, and `{treff} check` lists all damage"
        ),
        Error::DamagedStdin { .. } => format!("pipe the same input to `{treff} index -` again"),
        Error::Locked { .. } => "try again when it has finished".to_string(),
        Error::ForeignFolder { .. } => "pass an empty or new folder to --index".to_string(),
        Error::SourcesMissing { .. } => format!("run `{treff} index --rebuild PATH…` with paths that exist"),
        Error::NoPath { .. } => format!("run `{treff} index PATH…` with the folder of your pages"),
        Error::NoStdin => format!("pipe the pages to `{treff} index -`"),
        Error::Tantivy(_) => format!("if this persists, run `{treff} index --rebuild`"),
        Error::Io { .. } | Error::Page { .. } | Error::InputFile { .. } | Error::NoReadablePath => return None,
    })
}

/// A shell command that runs a subcommand with `argument` on the same index.
pub fn shell_command(subcommand: &[&str], argument: &str, globals: &Globals) -> String {
    let end_of_options = if argument.starts_with('-') { "-- " } else { "" };
    format!("{} {} {end_of_options}{}", treff_command(globals), subcommand.join(" "), shell_quote(argument))
}

/// The start of a shell command for the same index: `treff`, with `--index` unless the index is the default one.
pub fn treff_command(globals: &Globals) -> String {
    let from_environment = std::env::var_os("TREFF_INDEX").filter(|dir| !dir.is_empty());
    let default = from_environment.unwrap_or_else(|| "index".into());
    if globals.index == Path::new(&default) {
        "treff".to_string()
    } else {
        format!("treff --index {}", shell_quote(&globals.index.to_string_lossy()))
    }
}

/// Quotes a text as one argument for a POSIX shell.
pub fn shell_quote(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)) {
        text.to_string()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_arguments_for_a_shell() {
        assert_eq!(shell_quote("økonomi"), "økonomi");
        assert_eq!(shell_quote("økonomi og ledelse"), "'økonomi og ledelse'");
        assert_eq!(shell_quote("\"pc'en\" -skole"), "'\"pc'\\''en\" -skole'");
        assert_eq!(shell_quote("$(rm)"), "'$(rm)'");
    }

    #[test]
    fn recommended_commands_name_the_index() {
        let step = next_step(&Error::NoIndex { dir: "en annen".into() }, "treff --index 'en annen'");
        assert_eq!(step.as_deref(), Some("build one with `treff --index 'en annen' index PATH…`"));
    }
}
