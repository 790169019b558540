//! Options that every command accepts.

use std::path::{Path, PathBuf};

use clap::builder::TypedValueParser;

use crate::cli::output::When;

/// Folder to index when no path is given and the index has no paths yet.
pub const SEEDS: &str = "seeds";

/// Replaces `~` at the start of a path with the home folder. A shell doesn't expand `~` in a quoted path or in an
/// environment variable. A folder that is named `~` can be given as `./~`.
pub fn expand_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(below), Some(home)) if below == Path::new("") => home,
        (Ok(below), Some(home)) => home.join(below),
        _ => path,
    }
}

/// Options of every command.
#[derive(clap::Args)]
pub struct Globals {
    /// Index folder
    #[arg(
        long,
        global = true,
        value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from),
        value_hint = clap::ValueHint::DirPath,
        value_name = "DIR",
        env = "TREFF_INDEX",
        default_value = "index",
        hide_env_values = true
    )]
    pub index: PathBuf,
    /// When to use colors and hyperlinks; auto means on terminals, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,
}
