//! The command line: parses arguments, runs a subcommand, prints results and messages. The library prints nothing.

mod advice;
mod apply_update;
mod args;
mod commands;
mod did_you_mean;
mod dispatch;
mod globals;
mod open_index;
mod outcome;
mod output;
mod watch_loop;

pub use dispatch::main;
