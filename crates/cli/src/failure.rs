//! Why a command could not do its work, and with which exit code it says so.

use crate::signals;
use plimsoll_engine::EngineError;

/// A failure of the program, as opposed to one of the system under test.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line or a file is wrong; the text says where and what to write instead.
    #[error("{0}")]
    Usage(String),
    /// What is there is not the release; nothing was sent.
    #[error("{0}")]
    Identity(String),
    /// A person ended it before there was anything to show.
    #[error("{0}")]
    Interrupted(String),
    /// Something else.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl Failure {
    /// Exit codes: 2 for what the user can mend, 22 for another build than the release,
    /// 130 (128 + SIGINT) for an interruption, 70 (EX_SOFTWARE of sysexits.h) for the rest.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Identity(_) => 22,
            Self::Interrupted(_) => signals::EXIT_CODE,
            Self::Internal(_) => 70,
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Setup(_) | EngineError::Worker(_) => Self::Internal(error.into()),
            _ => Self::Usage(error.to_string()),
        }
    }
}
