use super::*;

/// A step that a version 2 could have.
const NEXT: &str = "ALTER TABLE run ADD COLUMN note TEXT; UPDATE run SET note = 'old';";

fn version_1() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate_by(&mut connection, &MIGRATIONS[..1]).unwrap();
    let insert =
        "INSERT INTO run (id, scenario, name, started_ns, duration_ns, status, sentence, validity)
         VALUES ('a', 'shop', 'shop', 1, 2, 'complete', '', 'valid')";
    connection.execute(insert, []).unwrap();
    connection
}

fn notes(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT note FROM run", [], |row| row.get(0))
}

#[test]
fn an_empty_file_gets_the_newest_schema_and_its_mark() {
    let mut connection = Connection::open_in_memory().unwrap();
    assert_eq!(identify(&connection).unwrap(), Kind::Empty);
    migrate(&mut connection).unwrap();
    let kind = identify(&connection).unwrap();
    assert_eq!(kind, Kind::History(SCHEMA_VERSION));
    // A second time there is nothing to do.
    migrate(&mut connection).unwrap();
}

#[test]
fn a_later_step_finds_what_there_was() {
    let mut connection = version_1();
    migrate_by(&mut connection, &[MIGRATIONS[0], NEXT]).unwrap();
    assert_eq!(identify(&connection).unwrap(), Kind::History(2));
    assert_eq!(notes(&connection).unwrap(), "old");
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let mut connection = version_1();
    let broken = [MIGRATIONS[0], NEXT, "INSERT INTO nothing VALUES (1)"];
    migrate_by(&mut connection, &broken).unwrap_err();
    assert_eq!(identify(&connection).unwrap(), Kind::History(1));
    notes(&connection).unwrap_err();
    migrate_by(&mut connection, &broken[..2]).unwrap();
    assert_eq!(notes(&connection).unwrap(), "old");
}

#[test]
fn a_newer_file_is_refused_and_not_touched() {
    let mut connection = version_1();
    migrate_by(&mut connection, &[MIGRATIONS[0], NEXT]).unwrap();
    let refused = migrate_by(&mut connection, &MIGRATIONS[..1]).unwrap_err();
    assert!(
        matches!(refused, Failure::Newer { found: 2, known: 1 }),
        "{refused:?}"
    );
    assert_eq!(identify(&connection).unwrap(), Kind::History(2));
}

#[test]
fn the_file_of_another_program_is_refused() {
    let foreign = [
        "CREATE TABLE person (name TEXT)",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7",
    ];
    for sql in foreign {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(matches!(refused, Failure::Foreign(_)), "{sql}: {refused:?}");
    }
}

#[test]
fn a_version_that_cannot_be_is_damage() {
    for version in [0, -1, i32::MIN] {
        let mut connection = version_1();
        connection
            .pragma_update(None, "user_version", version)
            .unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(
            matches!(refused, Failure::Damaged(_)),
            "{version}: {refused:?}"
        );
    }
}
