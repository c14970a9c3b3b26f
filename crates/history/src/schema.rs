//! The schema of the file, version by version.
//!
//! A version that was ever released is never changed: what comes after it is another file with the
//! steps that lead from one to the next. New metrics and new parts of an environment are rows, and
//! need no new version.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::Failure;

/// The steps that lead to each version from the one before, version 1 first.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/version_1.sql"),
    include_str!("schema/version_2.sql"),
];

/// The version of the schema that this crate writes, and the newest that it reads.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// `PLIM`: how a history is told from other SQLite files (its `application_id`).
const APPLICATION: i64 = 0x504c_494d;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// There is nothing in it.
    Empty,
    /// A history of this version.
    History(u32),
}

/// Finds out what the file is, from one state of it.
pub(crate) fn identify(connection: &Connection) -> Result<Kind, Failure> {
    // One statement, so that it cannot be half of what another program is just writing.
    let state = "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
        FROM pragma_user_version, pragma_application_id";
    let (version, application, objects) = connection.query_row(state, [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?))
    })?;
    match (application, version, objects) {
        (APPLICATION, 1.., _) => Ok(Kind::History(u32::try_from(version).unwrap_or(u32::MAX))),
        (APPLICATION, ..) => Err(Failure::Damaged(format!("its schema is version {version}"))),
        (0, 0, 0) => Ok(Kind::Empty),
        _ => Err(Failure::Foreign("an SQLite file of another program")),
    }
}

/// The same, where what is not to be touched is refused: files of other programs, and newer ones.
pub(crate) fn identify_known(connection: &Connection) -> Result<Kind, Failure> {
    pending(connection, MIGRATIONS)?;
    identify(connection)
}

/// Brings the file to the newest version, all or nothing.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    migrate_by(connection, MIGRATIONS)
}

fn migrate_by(connection: &mut Connection, migrations: &[&str]) -> Result<(), Failure> {
    if pending(connection, migrations)?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another program may have done it while this one waited.
    for steps in pending(&transaction, migrations)? {
        transaction.execute_batch(steps)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", migrations.len() as i64)?;
    Ok(transaction.commit()?)
}

/// The steps that the file has not been through.
fn pending<'a>(connection: &Connection, all: &'a [&'a str]) -> Result<&'a [&'a str], Failure> {
    let version = match identify(connection)? {
        Kind::Empty => 0,
        Kind::History(version) => version as usize,
    };
    all.get(version..).ok_or(Failure::Newer {
        found: version,
        known: all.len(),
    })
}

#[cfg(test)]
mod tests;
