//! `events.ndjson`: what happened during a run, one JSON object a line, written as it happens.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::{NoticeLevel, Outcome, Status, Totals};

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened, since the start of the run.
    pub at_ns: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run began.
    Started {
        /// The scenario's or plan's name.
        name: String,
        /// The wall clock at `at_ns` 0.
        started_at: Timestamp,
    },
    /// A test began.
    TestStarted {
        /// Its name.
        test: String,
    },
    /// A stage of a test began.
    Stage {
        /// The test.
        test: String,
        /// Which stage, from 0.
        index: u64,
        /// The rate it starts at.
        from_per_s: f64,
        /// The rate it ends at.
        to_per_s: f64,
        /// How long it takes.
        duration_ns: u64,
    },
    /// Something that a reader ought to know.
    Notice {
        /// How much it matters.
        level: NoticeLevel,
        /// The notice.
        text: String,
    },
    /// A kind of failure was seen for the first time.
    FirstError {
        /// The test.
        test: String,
        /// The journey.
        journey: String,
        /// The step.
        step: String,
        /// The kind, as in `errors` of `run.json`.
        error: String,
        /// What was wrong.
        message: String,
    },
    /// A feed whose rows are used once has none left.
    FeedExhausted {
        /// The feed.
        feed: String,
        /// How many rows it had.
        rows: u64,
    },
    /// A rule ended the run, or that everything was decided.
    Abort {
        /// The key or option that asks for it: `abort_on`, `stop_when_decided`.
        item: String,
        /// Why.
        reason: String,
    },
    /// A person ended the run.
    Interrupted {
        /// The signal's name.
        signal: String,
    },
    /// A test ended.
    TestEnded {
        /// Its name.
        test: String,
        /// Its requests.
        totals: Totals,
    },
    /// The run ended.
    Ended {
        /// How.
        status: Status,
        /// What follows.
        outcome: Option<Outcome>,
        /// What the program exits with.
        exit_code: u8,
    },
}

/// Writes one line.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn write(out: &mut impl io::Write, entry: &Entry) -> io::Result<()> {
    // One write a line: a reader beside the run never sees half of one.
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    out.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_one_line_with_its_time_and_kind() {
        let events = [
            Event::Started {
                name: "shop\nnews".into(),
                started_at: "2026-11-18T14:00:00Z".parse().unwrap(),
            },
            Event::Stage {
                test: "expected".into(),
                index: 0,
                from_per_s: 0.0,
                to_per_s: 120.5,
                duration_ns: 300_000_000_000,
            },
            Event::FirstError {
                test: "expected".into(),
                journey: "book".into(),
                step: "checkout".into(),
                error: "status".into(),
                message: "500, expected 201".into(),
            },
            Event::Ended {
                status: Status::Complete,
                outcome: Some(Outcome::NoGo),
                exit_code: 20,
            },
        ];
        let mut out = Vec::new();
        let entries: Vec<_> = (0_u64..)
            .zip(events)
            .map(|(at_ns, event)| Entry { at_ns, event })
            .collect();
        for entry in &entries {
            write(&mut out, entry).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"at_ns":0,"kind":"started","name":"shop\nnews","started_at":"2026-11-18T14:00:00Z"}"#,
                "\n",
                r#"{"at_ns":1,"kind":"stage","test":"expected","index":0,"from_per_s":0.0,"to_per_s":120.5,"duration_ns":300000000000}"#,
                "\n",
                r#"{"at_ns":2,"kind":"first_error","test":"expected","journey":"book","step":"checkout","error":"status","message":"500, expected 201"}"#,
                "\n",
                r#"{"at_ns":3,"kind":"ended","status":"complete","outcome":"no_go","exit_code":20}"#,
                "\n",
            )
        );
        let read: Vec<Entry> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(read, entries);
    }
}
