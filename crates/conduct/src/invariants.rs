//! What has to hold when a test is over, as commands that have to exit with 0.

use crate::command::{Job, shown};
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::Line;
use std::path::Path;
use std::time::Duration;

/// Most that is told of a command's output, in bytes.
const LONGEST: usize = 2_000;

/// What came of an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// The command, secrets masked.
    pub command: String,
    /// Where it stands in the plan.
    pub line: Line,
    /// Whether it holds: shown if it exits with 0, refuted if it exits with anything else.
    /// `None`: the command itself failed (it could not be started, took too long or was killed), which says
    /// nothing of the system.
    pub holds: Option<bool>,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What it printed, masked and cut.
    pub output: String,
}

/// Checks invariants one after the other, each within `limit`, in the plan's folder.
pub fn check(
    invariants: &[(Vec<String>, Line)],
    folder: &Path,
    environment: &[(String, String)],
    limit: Duration,
    masker: &Masker,
) -> Vec<Invariant> {
    let one = |(run, line): &(Vec<String>, Line)| {
        let command = masker.mask(&shown(run)).into_owned();
        let mut job = Job::new(run, folder, limit);
        job.environment = environment.to_vec();
        let (holds, sentence, output) = match job.run(masker) {
            Err(error) => (
                None,
                masker.mask(&error.to_string()).into_owned(),
                String::new(),
            ),
            Ok(finished) => {
                let output = [finished.stdout.trim(), finished.stderr.trim()];
                let output: Vec<&str> =
                    output.into_iter().filter(|text| !text.is_empty()).collect();
                let output = crate::text::head(&output.join("\n"), LONGEST);
                let ending = finished.ending();
                match finished.code.filter(|_| !finished.timed_out) {
                    Some(0) => (Some(true), format!("`{command}` exited with 0"), output),
                    Some(_) => (
                        Some(false),
                        format!("`{command}` {}", finished.account()),
                        output,
                    ),
                    None => (
                        None,
                        format!(
                            "`{command}` {ending}, so that it says nothing; see why it does not come to its end"
                        ),
                        output,
                    ),
                }
            }
        };
        Invariant {
            command,
            line: *line,
            holds,
            sentence,
            output,
        }
    };
    invariants.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{PATIENCE, words};

    fn one(script: &str, limit: Duration) -> Invariant {
        let invariants = [(words(&["sh", "-c", script]), 12)];
        let masker = Masker::new(["hunter2"]);
        let environment = [("NAME".to_owned(), "value".to_owned())];
        check(&invariants, Path::new("."), &environment, limit, &masker).remove(0)
    }

    #[test]
    fn zero_holds_and_anything_else_does_not() {
        let held = one("echo $NAME hunter2", PATIENCE);
        assert_eq!((held.holds, held.line), (Some(true), 12));
        assert_eq!(held.output, "value ***");
        let failed = one("echo 3 bookings lost hunter2 >&2; exit 1", PATIENCE);
        assert_eq!(failed.holds, Some(false));
        assert!(
            failed
                .sentence
                .ends_with("exited with 1: 3 bookings lost ***"),
            "{}",
            failed.sentence
        );
        assert!(!failed.command.contains("hunter2") && !failed.sentence.contains("hunter2"));
    }

    #[test]
    fn one_that_does_not_come_to_its_end_says_nothing() {
        assert_eq!(one("sleep 1000", Duration::from_millis(100)).holds, None);
        assert_eq!(one("kill -9 $$", PATIENCE).holds, None);
        let missing = [(words(&["./none.sh"]), 1)];
        let found = check(&missing, Path::new("."), &[], PATIENCE, &Masker::default());
        assert_eq!(found[0].holds, None);
        assert!(found[0].sentence.contains("cannot be started"));
    }

    #[test]
    fn much_output_is_cut() {
        let long = one("head -c 100000 /dev/zero | tr '\\0' x", PATIENCE);
        assert!(long.output.len() < LONGEST + 10 && long.output.ends_with('…'));
    }
}
