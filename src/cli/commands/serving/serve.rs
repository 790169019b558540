//! `treff serve`: starts the search page, the JSON API and MCP on an address.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueHint;
use treff::error::Error;
use treff::serve::{Limits, ServeConfig, bind};

use crate::cli::globals::Globals;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::say;

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
    /// Trust X-Forwarded-Host and X-Forwarded-Proto, which a proxy in front of the server sets
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
}

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    if !args.address.is_loopback() && args.token_file.is_none() && !args.public {
        return Err(Failure::usage(format!(
            "other machines can reach {}; require a token with --token-file FILE, or serve everyone with --public",
            args.address
        )));
    }
    let token = args.token_file.as_deref().map(read_token).transpose()?;
    let css =
        args.css.as_deref().map(|path| std::fs::read_to_string(path).map_err(Error::io(path, "read"))).transpose()?;
    let config = ServeConfig {
        index: globals.index.clone(),
        synonyms: args.synonyms,
        address: (args.address, args.port).into(),
        host_names: args.host_name,
        token,
        cors_origins: args.cors,
        trusts_proxy: args.trust_proxy,
        css,
        has_metrics: args.metrics,
        limits: Limits::default(),
    };
    let bound = bind(config, Arc::new(say))?;
    let address = bound.address().map_err(Error::io(&globals.index, "read the address of"))?;
    say(&format!("serving {} at http://{address}/", globals.index.display()));
    bound.serve_until_signal();
    Ok(Outcome::Success)
}

/// Reads the token from the first line of a file.
fn read_token(path: &std::path::Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path, "read"))?;
    let token = text.lines().next().unwrap_or_default().trim();
    if token.len() < MIN_TOKEN_LENGTH {
        let reason = format!("the token has fewer than {MIN_TOKEN_LENGTH} characters");
        return Err(Error::input_file(path.display(), Some(1), reason).into());
    }
    Ok(token.to_string())
}

/// A shorter token could be guessed.
const MIN_TOKEN_LENGTH: usize = 16;
