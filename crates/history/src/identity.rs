//! What a run is recognised by.

use std::fmt;

use plimsoll_report::document::{Run, Totals};
use sha2::{Digest, Sha256};

/// The identity of a run: 32 hexadecimal digits, made of what was measured and when. Waivers,
/// verdicts and everything else that may be found anew from the same figures do not change it.
///
/// It is the beginning of a SHA-256 (FIPS 180-4), so that two runs do not share one by chance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// How many hexadecimal digits it has.
const DIGITS: usize = 32;

/// How many of them people are shown.
const SHOWN: usize = 12;

impl RunId {
    /// The identity of a run.
    pub fn of(run: &Run) -> Self {
        let mut hash = Hash::new("plimsoll.history.run/1");
        hash.text(&run.name);
        hash.text(&run.started_at.map(|at| at.to_string()).unwrap_or_default());
        hash.number(run.duration_ns);
        hash.text(&run.engine.version);
        hash.number(run.tests.len() as u64);
        for test in &run.tests {
            hash.text(&test.name);
            hash.number(test.seed.unwrap_or_default());
            hash.number(test.elapsed_ns);
            hash.totals(&test.totals);
            hash.number(test.response_ok.max_ns.unwrap_or_default());
            hash.number(test.journeys.len() as u64);
            for journey in &test.journeys {
                hash.text(&journey.name);
                hash.totals(&journey.totals);
                hash.number(journey.steps.len() as u64);
                for step in &journey.steps {
                    hash.text(&step.name);
                    hash.totals(&step.totals);
                    hash.number(step.response_ok.max_ns.unwrap_or_default());
                }
            }
        }
        Self(hash.hexadecimal()[..DIGITS].to_owned())
    }

    /// Reads what [`as_str`](Self::as_str) gave; `None` if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |one: u8| matches!(one, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == DIGITS && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// All digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, which are enough for people.
    pub fn short(&self) -> &str {
        &self.0[..SHOWN]
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// SHA-256 over several values, each with its length, so that no two sequences are the same bytes.
pub(crate) struct Hash(Sha256);

impl Hash {
    /// Begins one; `domain` tells what it is of.
    pub(crate) fn new(domain: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.text(domain);
        hash
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    fn totals(&mut self, totals: &Totals) {
        for count in totals.counts() {
            self.number(count);
        }
    }

    pub(crate) fn hexadecimal(self) -> String {
        let digest = self.0.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_report::fixture;

    #[test]
    fn a_run_that_is_judged_anew_is_the_same_run() {
        let run = fixture::healthy();
        let mut judged = run.clone();
        judged.verdict = fixture::failing().verdict;
        judged.items.clear();
        judged.notices = fixture::invalid().notices;
        judged.command.push("--json".to_owned());
        assert_eq!(RunId::of(&judged), RunId::of(&run));
    }

    #[test]
    fn runs_that_measured_something_else_or_at_another_time_are_told_apart() {
        let run = fixture::healthy();
        let mut later = run.clone();
        later.started_at = "2026-11-18T14:00:00.000000001Z".parse().ok();
        let mut other = run.clone();
        other.tests[0].journeys[0].steps[0].totals.ok -= 1;
        let ids = [&run, &later, &other].map(RunId::of);
        assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
        for (name, run) in fixture::all() {
            assert_eq!(RunId::of(&run), RunId::of(&run), "{name}");
        }
    }

    #[test]
    fn names_do_not_run_into_each_other() {
        let hashed = |texts: [&str; 2]| {
            let mut hash = Hash::new("test");
            texts.iter().for_each(|text| hash.text(text));
            hash.hexadecimal()
        };
        assert_ne!(hashed(["ab", "c"]), hashed(["a", "bc"]));
    }

    #[test]
    fn ids_are_read_back_and_nothing_else_is_read() {
        let id = RunId::of(&fixture::healthy());
        assert_eq!(RunId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.short().len(), 12);
        for wrong in ["", "abc", &id.as_str().to_uppercase(), &"é".repeat(16)] {
            assert_eq!(RunId::parse(wrong), None, "{wrong}");
        }
    }
}
