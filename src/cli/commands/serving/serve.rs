//! `treff serve`: starts the search page, the JSON API and MCP on an address.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueHint;
use treff::error::Error;
use treff::serve::{LIMIT_OPTIONS, Limits, Log, ServeConfig, bind};

use super::host_names::{host_name, origin};
use crate::cli::globals::Globals;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{print_log_line, say};

/// Serve the index: a search page, a JSON API, and MCP for assistants
///
/// Reads the index and never changes it; new commits are followed. Listens on this machine only, unless --address names
/// another address; that also needs --token-file or --public. Stops on Ctrl-C or SIGTERM, after open requests are
/// answered.
#[derive(clap::Args)]
pub struct Args {
    /// Address to listen on
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Port to listen on; 0 lets the system choose one
    #[arg(long, value_name = "PORT", default_value_t = treff::serve::DEFAULT_PORT)]
    port: u16,
    /// Require the token in this file (`Authorization: Bearer TOKEN`)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    token_file: Option<PathBuf>,
    /// Serve everyone who can reach the address, without a token
    #[arg(long, conflicts_with = "token_file")]
    public: bool,
    /// A name by which clients may address this server, besides localhost; repeat for several
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Hostname)]
    host_name: Vec<String>,
    /// Let web pages of this origin read answers (CORS), such as https://example.no; repeat for several
    #[arg(long, value_name = "ORIGIN", value_hint = ValueHint::Url)]
    cors: Vec<String>,
    /// Trust X-Forwarded-For, -Host and -Proto, which a proxy in front of the server sets
    #[arg(long)]
    trust_proxy: bool,
    /// Append this style sheet to that of the search page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    css: Option<PathBuf>,
    /// Add synonyms from this file to the built-in ones
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    synonyms: Option<PathBuf>,
    /// Serve counters and latencies for Prometheus at /metrics
    #[arg(long)]
    metrics: bool,
    /// Print a line for each request to standard error, without what was searched
    #[arg(long)]
    access_log: bool,
    /// Change a limit, such as search-time=0.5; repeat for several
    #[arg(long, value_name = "NAME=VALUE", long_help = limit_help())]
    limit: Vec<String>,
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    if !args.address.is_loopback() && args.token_file.is_none() && !args.public {
        return Err(Failure::usage(format!(
            "other machines can reach {}; require a token with --token-file FILE, or serve everyone with --public",
            args.address
        )));
    }
    let config = config(&args, globals)?;
    let access_log = args.access_log.then(|| Arc::new(print_log_line) as Log);
    let bound = bind(config, Arc::new(say), access_log)?;
    let address = bound.address().map_err(Error::io(&globals.index, "read the address of"))?;
    say_who_is_served(&args);
    say(&format!("serving {} at http://{address}/", globals.index.display()));
    bound.serve_until_signal();
    Ok(Outcome::Success)
}

/// Reads the configuration from the options.
fn config(args: &Args, globals: &Globals) -> Result<ServeConfig> {
    let mut limits = Limits::default();
    for setting in &args.limit {
        limits.set(setting).map_err(|message| Failure::usage(format!("--limit {setting}: {message}")))?;
    }
    let all = |option: &str, values: &[String], read: fn(&str) -> std::result::Result<String, String>| {
        let read =
            |value: &String| read(value).map_err(|message| Failure::usage(format!("{option} {value}: {message}")));
        values.iter().map(read).collect::<Result<Vec<String>>>()
    };
    let read = |path: &PathBuf| std::fs::read_to_string(path).map_err(Error::io(path, "read"));
    Ok(ServeConfig {
        index: globals.index.clone(),
        synonyms: args.synonyms.clone(),
        address: (args.address, args.port).into(),
        host_names: all("--host-name", &args.host_name, host_name)?,
        token: args.token_file.as_deref().map(read_token).transpose()?,
        cors_origins: all("--cors", &args.cors, origin)?,
        trusts_proxy: args.trust_proxy,
        css: args.css.as_ref().map(read).transpose()?,
        has_metrics: args.metrics,
        limits,
    })
}

/// Says who can reach the server, if it is not only this machine.
fn say_who_is_served(args: &Args) {
    if args.address.is_loopback() {
        return;
    }
    if args.public {
        say(&format!("anyone who can reach {} can search and read all indexed pages", args.address));
    }
    if args.host_name.is_empty() {
        say("clients on other machines need a name for this server; allow it with --host-name NAME");
    }
}

/// The help for `--limit`.
fn limit_help() -> String {
    let mut text =
        "Change a limit, such as search-time=0.5; repeat for several\n\nThe limits and their defaults:".to_string();
    for option in &LIMIT_OPTIONS {
        // The number of cores differs between machines.
        let value =
            if option.name == "threads" { String::new() } else { format!("={}", option.value(&Limits::default())) };
        text.push_str(&format!("\n  {:<17} {}", format!("{}{value}", option.name), option.help));
    }
    text
}

/// Reads the token from the first line of a file.
fn read_token(path: &std::path::Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path, "read"))?;
    let token = text.lines().next().unwrap_or_default().trim();
    if token.len() < MIN_TOKEN_LENGTH {
        let reason = format!("the token has fewer than {MIN_TOKEN_LENGTH} characters");
        return Err(Error::input_file(path.display(), Some(1), reason).into());
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let reason = "the token contains a character that can't be sent in a header; use letters and digits";
        return Err(Error::input_file(path.display(), Some(1), reason).into());
    }
    Ok(token.to_string())
}

/// A shorter token could be guessed.
const MIN_TOKEN_LENGTH: usize = 16;
