//! Result and error types of the commands.

use treff::error::Error;

/// The outcome of a command, which determines the exit code.
pub enum Outcome {
    /// Something was found or done.
    Success,
    NothingFound,
    /// Something went wrong and was reported; the rest was done.
    Failed,
}

/// Why a command stopped.
pub enum Failure {
    /// An error of the library. `advice` adds what to do about it.
    Library(Error),
    /// The command can't be run with these arguments. The message says what to change.
    Usage(String),
}

pub type Result<T> = std::result::Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Library(error)
    }
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::Usage(message.into())
    }
}
