//! What can go wrong with a history, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why something could not be done. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no file.
    #[error("there is no history at {}: name the file that runs were added to, or add one to begin it", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The folder that the file is to be in does not exist.
    #[error("cannot begin a history at {}: its folder does not exist; make it, or name another file", .path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder may not be written.
    #[error("cannot write to {} ({detail}): allow it, or work on a copy in a folder that may be written", .path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The file cannot be opened or read.
    #[error("cannot open {} ({detail}): see that it is a file, that its folder exists, and that both may be read and written", .path.display())]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The file is something else.
    #[error("{} is no history of runs, but {what}: name another file", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file was written by a newer version of this program.
    #[error("{} was written by a newer plimsoll: its schema is version {found}, and this one knows up to {known}; use that plimsoll, or begin another file", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: usize,
        /// The newest that is known.
        known: usize,
    },
    /// What is in the file cannot be what was written.
    #[error("{} is damaged ({detail}): put back a copy of it, or remove it and add the runs again from their folders", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Another program kept the file locked.
    #[error("another program is writing to {} and does not come to an end: wait for it or end it, and try again", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// There is no room.
    #[error("there is no room to write to {}: free some, or prune the history", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// No run has this id.
    #[error("no run in {} has an id that begins with `{id}`: list the runs to see theirs", .path.display())]
    UnknownRun {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        id: String,
    },
    /// Several runs have ids that begin like this.
    #[error("{matches} runs in {} have ids that begin with `{id}`: give more of it", .path.display())]
    AmbiguousRun {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        id: String,
        /// How many there are.
        matches: usize,
    },
    /// The run is nothing that can be kept.
    #[error("the run of `{name}` cannot be kept: {refusal}")]
    Refused {
        /// The run's name.
        name: String,
        /// Why not.
        refusal: Refusal,
    },
    /// Something else.
    #[error("cannot use {}: {detail}", .path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
}

/// Why a run cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Its document was not finished.
    #[error("it was killed before its end, so that its figures are of a part of it; run it again")]
    NotOver,
    /// Its document does not say when it started, so that it has no place among the others.
    #[error("its document does not say when it started; run it again with this plimsoll")]
    NoStart,
    /// It started before 1678 or after 2261.
    #[error("it started at a time that cannot be; set the clock of the machine, and run it again")]
    ImpossibleStart,
    /// It is several runs that were put together.
    #[error(
        "it is several runs put together, whose figures would count twice; add the runs by themselves"
    )]
    Merged,
    /// It is a search for capacity.
    #[error(
        "it is a search for capacity, which tries other rates every time, so that its tests have no like; keep runs under the same load, and hold two searches against each other with `compare`"
    )]
    Search,
    /// It has no test.
    #[error("nothing was measured in it; see in its report why")]
    NothingMeasured,
    /// Two tests, two journeys of a test or two steps of a journey have one name.
    #[error("`{name}` is the name of two of its series, which cannot be told apart; rename one")]
    SameName {
        /// The name.
        name: String,
    },
    /// A histogram could not be written.
    #[error("its histogram of `{name}` cannot be written; leave it out")]
    Histogram {
        /// What it is of.
        name: String,
    },
}

/// What can go wrong inside, before it is known in which file.
#[derive(Debug)]
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Damaged(String),
    Foreign(&'static str),
    Newer { found: usize, known: usize },
    UnknownRun(String),
    AmbiguousRun { id: String, matches: usize },
    Refused { name: String, refusal: Refusal },
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Failure {
    /// The error, now that the file is known.
    pub(crate) fn at(self, path: &Path) -> HistoryError {
        let path = path.to_owned();
        match self {
            Self::Sqlite(error) => of_sqlite(&error, path),
            Self::Damaged(detail) => HistoryError::Damaged { path, detail },
            Self::Foreign(what) => HistoryError::Foreign { path, what },
            Self::Newer { found, known } => HistoryError::Newer { path, found, known },
            Self::UnknownRun(id) => HistoryError::UnknownRun { path, id },
            Self::AmbiguousRun { id, matches } => HistoryError::AmbiguousRun { path, id, matches },
            Self::Refused { name, refusal } => HistoryError::Refused { name, refusal },
        }
    }
}

fn of_sqlite(error: &rusqlite::Error, path: PathBuf) -> HistoryError {
    let detail = error.to_string();
    let Some(code) = error.sqlite_error_code() else {
        // The remaining errors are about values: one that is not of the type that was written.
        return HistoryError::Damaged { path, detail };
    };
    match code {
        ErrorCode::NotADatabase => HistoryError::Foreign {
            path,
            what: "something other than SQLite",
        },
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => HistoryError::Busy { path },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            HistoryError::NotWritable { path, detail }
        }
        ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => {
            HistoryError::NotReadable { path, detail }
        }
        ErrorCode::DiskFull => HistoryError::Full { path },
        // The statements are right, so that an error in one means tables that are not as they should be.
        ErrorCode::DatabaseCorrupt
        | ErrorCode::Unknown
        | ErrorCode::ConstraintViolation
        | ErrorCode::TypeMismatch
        | ErrorCode::TooBig => HistoryError::Damaged { path, detail },
        _ => HistoryError::Other { path, detail },
    }
}
