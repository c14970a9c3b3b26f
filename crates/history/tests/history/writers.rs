//! Programs that write at the same time, and programs that are killed while they do.

use crate::common::*;
use plimsoll_history::{Added, Filter, History};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

/// What the child of a test is to do: a word, the number of a run, the path of a history.
const TASK: &str = "PLIMSOLL_HISTORY_TEST_TASK";

/// Starts this program again as a child that does one thing.
fn child(task: &str, number: u64, path: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writers::this_is_the_child", "--nocapture"])
        .env(TASK, format!("{task} {number} {}", path.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// Of the tests this is none: it is what a child does, and nothing without a task.
#[test]
fn this_is_the_child() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let mut parts = task.splitn(3, ' ');
    let (task, number) = (parts.next().unwrap(), parts.next().unwrap());
    let (number, path) = (number.parse().unwrap(), parts.next().unwrap());
    match task {
        "some" => {
            for number in number..number + 6 {
                add_number(&mut History::create(path).unwrap(), number);
            }
        }
        "endless" => {
            let mut history = History::create(path).unwrap();
            for number in number.. {
                add_number(&mut history, number);
                println!("\nadded {number}");
            }
        }
        "half" => half(path),
        other => panic!("{other}"),
    }
}

/// Writes half of something into the file itself, and waits to be killed.
fn half(path: &str) {
    let connection = Connection::open(path).unwrap();
    let sql = "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;
        UPDATE point SET value = -1, samples = 0; DELETE FROM test; UPDATE run SET label = 'half';";
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .unwrap();
    connection.execute_batch(sql).unwrap();
    std::io::stdout().write_all(b"\nhalf\n").unwrap();
    let _ = std::io::stdin().read(&mut [0]);
}

fn numbers(history: &History) -> BTreeSet<jiff::Timestamp> {
    let runs = history.list(&Filter::default()).unwrap();
    let times: BTreeSet<_> = runs.iter().map(|run| run.started_at).collect();
    assert_eq!(times.len(), runs.len(), "a run is there twice");
    times
}

/// Every run that is there is there as a whole.
fn assert_whole(history: &History) {
    check(history).unwrap();
    for run in history.list(&Filter::default()).unwrap() {
        let shown = history.show(&run.id).unwrap();
        assert_eq!(shown.tests.len(), 1);
        let figures: Vec<_> = shown.tests[0]
            .series
            .iter()
            .map(|series| series.figures.len())
            .collect();
        assert_eq!(figures, [17, 16, 16, 16, 16, 16]);
    }
}

#[test]
fn threads_that_add_at_the_same_time_lose_nothing() {
    let (_folder, path) = place();
    thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let mut history = History::create(path).unwrap();
                for number in 0..6 {
                    // The last run is one that all of them have.
                    let number = if number == 5 {
                        1_000
                    } else {
                        thread * 10 + number
                    };
                    add_number(&mut history, number);
                }
            });
        }
    });
    let history = History::open(&path).unwrap();
    assert_eq!(numbers(&history).len(), 4 * 5 + 1);
    assert_whole(&history);
}

#[test]
fn programs_that_add_at_the_same_time_lose_nothing_and_leave_one_file() {
    let (folder, path) = place();
    let children: Vec<_> = (0..4).map(|from| child("some", from * 3, &path)).collect();
    for (mut child, lines) in children {
        // Read to the end, so that nobody waits for room in a pipe.
        lines.for_each(drop);
        assert!(child.wait().unwrap().success());
    }
    let history = History::open(&path).unwrap();
    // Each has half of its runs in common with the next: 0 to 14.
    let expected: BTreeSet<_> = (0..15).map(minute).collect();
    assert_eq!(numbers(&history), expected);
    assert_whole(&history);
    drop(history);
    assert_eq!(names_in(&folder), ["history.sqlite"]);
}

#[test]
fn a_program_that_is_killed_while_it_adds_loses_nothing_and_can_be_run_again() {
    let (_folder, path) = place();
    let mut there = BTreeSet::new();
    for round in 0..10 {
        let from = round * 1_000;
        let (mut child, mut lines) = child("endless", from, &path);
        let mut last = None;
        while last != Some(from + round) {
            let line = lines.next().unwrap().unwrap();
            if let Some(number) = line.strip_prefix("added ") {
                last = Some(number.parse().unwrap());
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        there.extend((from..=from + round).map(minute));

        let mut history = History::open(&path).unwrap();
        let now = numbers(&history);
        assert!(now.is_superset(&there), "{:?}", there.difference(&now));
        assert_whole(&history);
        let next = from + round + 1;
        let again = add_number(&mut history, next);
        assert_eq!(
            matches!(again, Added::Known(_)),
            now.contains(&minute(next))
        );
        there = numbers(&history);
    }
}

#[test]
fn what_a_killed_program_had_written_half_is_rolled_back() {
    let (folder, path) = place();
    let mut history = History::create(&path).unwrap();
    for number in 0..5 {
        add_number(&mut history, number);
    }
    drop(history);
    let before = std::fs::read(&path).unwrap();
    let (mut child, mut lines) = child("half", 0, &path);
    assert!(lines.any(|line| line.unwrap() == "half"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_ne!(
        std::fs::read(&path).unwrap(),
        before,
        "nothing was half done"
    );
    assert_eq!(
        names_in(&folder),
        ["history.sqlite", "history.sqlite-journal"]
    );

    let mut history = History::open(&path).unwrap();
    assert_eq!(numbers(&history).len(), 5);
    assert_whole(&history);
    assert!(matches!(add_number(&mut history, 5), Added::New(_)));
    drop(history);
    assert_eq!(names_in(&folder), ["history.sqlite"]);
}
