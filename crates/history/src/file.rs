//! The file: how it is made and opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Failure, HistoryError};
use crate::schema::{self, Kind};
use crate::text::signed;

/// How long one program waits for another that is writing, unless it is told otherwise
/// ([`History::set_patience`]).
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The largest text or histogram that is read, in bytes. A name has some thousands, a histogram less
/// than a million.
const LARGEST_VALUE: i32 = 16 << 20;

/// A history of runs, open.
#[derive(Debug)]
pub struct History {
    pub(crate) connection: Connection,
    path: PathBuf,
}

impl History {
    /// Opens the history at `path`, and begins it if there is none. A file of an older schema is
    /// brought up to date.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the folder is missing or may not be written, or if the file is something
    /// else, is damaged, or follows a newer schema.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, HistoryError> {
        let path = path.as_ref();
        let folder = path.parent().unwrap_or(Path::new(""));
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            return Err(HistoryError::NoFolder {
                path: path.to_owned(),
            });
        }
        Self::connect(path, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens the history at `path`, which has to be there. A file of an older schema is brought up to
    /// date; one that may not be written can be read if it needs none of that.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if there is no file, or if it is something else, is damaged, or follows a
    /// newer schema.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, HistoryError> {
        let path = path.as_ref();
        if matches!(path.try_exists(), Ok(false)) {
            return Err(HistoryError::Missing {
                path: path.to_owned(),
            });
        }
        Self::connect(path, OpenFlags::empty())
    }

    fn connect(path: &Path, creation: OpenFlags) -> Result<Self, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | creation;
        // So that neither `:memory:` nor `file:…`, nor nothing at all, is more than a name.
        let literal = Path::new(".").join(path);
        let connection = Connection::open_with_flags(&literal, flags)
            .map_err(Failure::from)
            .and_then(|connection| prepared(connection, path, !creation.is_empty()))
            .map_err(|failure| failure.at(path))?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sets how long to wait for another program that is writing.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Other`] if SQLite does not take it.
    pub fn set_patience(&self, patience: Duration) -> Result<(), HistoryError> {
        let set = self.connection.busy_timeout(patience);
        set.map_err(|error| self.failed(error))
    }

    /// The error of a failure in this file.
    pub(crate) fn failed(&self, failure: impl Into<Failure>) -> HistoryError {
        failure.into().at(&self.path)
    }
}

fn prepared(
    mut connection: Connection,
    path: &Path,
    may_begin: bool,
) -> Result<Connection, Failure> {
    connection.busy_timeout(PATIENCE)?;
    // A file may come from anywhere: nothing in it is run, and nothing in it is read without end.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LARGEST_VALUE)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // The file is written when a transaction ends and not before, so that a program that is killed
    // hardly ever leaves a journal behind.
    connection.pragma_update(None, "cache_spill", false)?;
    if schema::identify_known(&connection)? == Kind::Empty && !may_begin {
        return Err(Failure::Foreign("an empty file"));
    }
    one_file(&connection)?;
    not_cut_off(&connection, path)?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Turns the write-ahead log off, in case somebody turned it on: it would be a second file.
fn one_file(connection: &Connection) -> Result<(), Failure> {
    let mode = |sql| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    if mode("PRAGMA journal_mode")? == "wal" {
        mode("PRAGMA journal_mode = DELETE")?;
    }
    Ok(())
}

/// Sees that the file is as long as it says: SQLite takes a part of the last page for all of it.
fn not_cut_off(connection: &Connection, path: &Path) -> Result<(), Failure> {
    // While it is read here, nobody changes its length.
    let transaction = connection.unchecked_transaction()?;
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let expected: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
    let length = std::fs::metadata(path).map_or(expected, |file| signed(file.len()));
    if length < expected {
        return Err(Failure::Damaged(format!(
            "it is cut off: it has {length} bytes of {expected}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
