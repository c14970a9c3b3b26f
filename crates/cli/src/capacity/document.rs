//! A search as a run, whose tests are its probes.

use super::follows;
use super::subject::Subject;
use super::trials::Trials;
use crate::circumstances;
use crate::record;
use plimsoll_measure::capacity::{Action, Found, Search};
use plimsoll_report::capacity::{Demand, gives, knee_rate, planning, promised};
use plimsoll_report::document::{
    Capacity, Circumstances, Item, ItemState, Notice, Probe, Run, Test, TestDocument, build,
};
use plimsoll_report::facts::{Ending, RunFacts};
use plimsoll_report::quantity::rate;

/// What is known besides what was tried.
pub(super) struct Told<'s> {
    subject: &'s Subject,
    /// Where figures of the target's processors come from.
    source: Option<String>,
    notices: Vec<Notice>,
    circumstances: Circumstances,
    /// How the search was begun.
    command: Vec<String>,
}

impl<'s> Told<'s> {
    pub(super) fn of(
        subject: &'s Subject,
        source: Option<String>,
        notices: Vec<Notice>,
        command: Vec<String>,
    ) -> Self {
        Self {
            command,
            subject,
            source,
            notices,
            circumstances: circumstances::of_target(&subject.scenario),
        }
    }

    /// The document of what was tried so far.
    pub(super) fn run(&self, trials: &Trials, search: &Search, ending: Ending) -> Run {
        let head = &trials.journal.head;
        let finished = finished(trials);
        let tests: Vec<Test> = finished.iter().map(|one| one.test.clone()).collect();
        let ends = tests.iter().map(|test| {
            let started_ns = test.started_ns.unwrap_or_default();
            started_ns.saturating_add(test.elapsed_ns)
        });
        let duration_ns = ends.max().unwrap_or_default();
        let mut notices = self.notices.clone();
        notices.extend(follows::short_trim(&trials.probes(), &tests));
        let mut run = build(&RunFacts {
            name: self.subject.name.clone(),
            ending,
            started_at: Some(head.started_at),
            duration_ns,
            command: self.command.clone(),
            engine: record::engine(head.settings.timer.mode(), head.settings.threads),
            sources: self.subject.sources.clone(),
            notices,
            finished,
            tests: Vec::new(),
            items: vec![self.item(search)],
            plan: None,
            identity: None,
            capacity: Some(self.capacity(trials, search, &tests)),
        });
        run.circumstances = Some(self.circumstances.clone());
        run
    }

    fn target(&self) -> Option<f64> {
        self.subject.peak.map(|(_, target)| target)
    }

    /// What was asked: whether what was promised is borne, or else whether anything is.
    fn item(&self, search: &Search) -> Item {
        let found = search.found();
        let target = self.target();
        let sustained = found.capacity();
        Item {
            id: "capacity".to_owned(),
            state: match search.next() {
                Action::Done => follows::state(found, target),
                _ => ItemState::Inconclusive,
            },
            expression: match target {
                Some(target) => format!("capacity >= {}", rate(target)),
                None => "a rate is borne".to_owned(),
            },
            limit: target,
            observed: sustained,
            interval: sustained.map(|sustained| [Some(sustained), found.refuted]),
            reason: Some(found.to_string()),
            ..Item::default()
        }
    }

    fn capacity(&self, trials: &Trials, search: &Search, tests: &[Test]) -> Capacity {
        let settings = &trials.journal.head.settings;
        let found = search.found();
        let complete = search.next() == Action::Done;
        let probes: Vec<Probe> = trials.probes();
        let sustained = found.capacity();
        let source = self.source.clone();
        let resources = follows::resources(&probes, source, sustained, self.target());
        let demand = Demand {
            peak: self.subject.peak,
            growth: settings.growth,
            utilisation: settings.utilisation,
        };
        Capacity {
            complete,
            sentence: sentence(found, complete, self.target()),
            objectives: self
                .subject
                .objectives
                .iter()
                .map(|objective| objective.text.clone())
                .collect(),
            sustained_rate: sustained,
            at_least: found.is_at_least(),
            upper_rate: found.upper.map(|upper| upper.rate),
            upper_is_proven: found.upper.is_some_and(|upper| upper.is_proven),
            refuted_rate: found.refuted,
            limited_by: follows::limit(found),
            probed_rate: found.lower,
            knee_rate: knee_rate(&probes),
            comes_back: found.comes_back,
            end: follows::end(found.end).to_owned(),
            gives: gives(&probes, tests),
            scalability: follows::scalability(&probes),
            planning: planning(sustained, &demand, resources.as_ref()),
            resources,
            release: self.subject.release.clone(),
            probes,
            earlier: None,
        }
    }
}

/// What was found, and whether that is what was promised.
fn sentence(found: &Found, complete: bool, target: Option<f64>) -> String {
    if !complete {
        return found.to_string();
    }
    let is_borne = found.capacity().is_some();
    let state = follows::state(found, target);
    let answer = match (state, target) {
        (ItemState::Fail, Some(target)) => promised(target, true, is_borne),
        (ItemState::Inconclusive, Some(target)) if is_borne => promised(target, false, is_borne),
        _ => String::new(),
    };
    let begins = match (state, is_borne) {
        (ItemState::Inconclusive | ItemState::Invalid, false) => "NOT FOUND",
        _ => "CAPACITY",
    };
    format!("{begins}: {found}{answer}")
}

/// The tests. The run is as valid as what its capacity rests on: the probes that passed, or if none
/// did the last one. That others drove the system or the generator beyond what it can is what they
/// were for.
fn finished(trials: &Trials) -> Vec<TestDocument> {
    let of_tests = || trials.all.iter().filter(|tried| tried.test.is_some());
    let passed = of_tests()
        .filter(|tried| tried.probe.outcome == "passed")
        .count();
    let last = of_tests().count().saturating_sub(1);
    let documents = of_tests().enumerate().filter_map(|(at, tried)| {
        let mut document = tried.test.clone()?;
        let carries = match passed {
            0 => at == last,
            _ => tried.probe.outcome == "passed",
        };
        if !carries {
            document.checks.clear();
        }
        Some(document)
    });
    documents.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_measure::capacity::{Options, Outcome};

    #[test]
    fn the_sentence_says_what_was_proven_of_the_promise() {
        use Outcome::{Failed, NotSettled, Passed};
        let options = Options {
            start: 90.0,
            ..Options::default()
        };
        let told = |outcomes: &[Outcome], target: f64| {
            let search = Search::replay(options, outcomes.iter().copied()).unwrap();
            sentence(search.found(), true, Some(target))
        };
        let not_settled = [Passed, Failed, NotSettled];
        assert_eq!(
            told(&not_settled, 180.0),
            "CAPACITY: 90.0 per second passed; 180.0 is too much; the system did not come to rest after 180.0 per \
             second, so that nothing measured after that would be its capacity; shown to bear less than the 180/s \
             that were promised"
        );
        let below = told(&not_settled, 100.0);
        assert!(below.starts_with("NOT FOUND: 90.0"), "{below}");
        assert!(!below.contains("promised"), "{below}");
    }
}
