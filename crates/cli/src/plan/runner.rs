//! A plan under way: what all its tests share.

use super::baseline;
use super::document::{self, SMOKE};
use super::identity::Watch;
use super::items::{Items, state_of};
use super::resources::Sampling;
use super::smoke;
use super::taken_back::{TakenBack, take_back};
use crate::args;
use crate::args::Output;
use crate::failure::Failure;
use crate::record::Record;
use crate::terminal;
use jiff::Timestamp;
use plimsoll_conduct::identity::Phase;
use plimsoll_conduct::injection::{DemoControl, Surroundings};
use plimsoll_conduct::{checklist, invariants};
use plimsoll_engine::{Ended, Rules, RunOptions, Stop};
use plimsoll_report::document::{Item, ItemState, Notice, NoticeLevel, Run};
use plimsoll_report::facts::Ending;
use plimsoll_report::verdict::settle;
use plimsoll_scenario::plan::items::{checklist_id, expectation_id};
use plimsoll_scenario::plan::{PlannedTest, ReadinessPlan};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an invariant may take.
const INVARIANT: Duration = Duration::from_secs(60);
/// How often a pause looks whether it was interrupted.
const PAUSE: Duration = Duration::from_millis(50);

/// Until it says otherwise, a run that is found on disk did not come to its end.
const UNFINISHED: &str = "it was killed, or its machine went down";

/// A plan under way.
pub(crate) struct Runner<'p> {
    pub plan: &'p ReadinessPlan,
    pub items: Items<'p>,
    pub arguments: &'p args::Run,
    pub output: &'p Output,
    pub record: Record,
    pub stop: Stop,
    pub watch: Option<Watch<'p>>,
    pub sampling: Sampling,
    pub threads: usize,
    pub demo: Option<SocketAddr>,
    pub control: Option<Arc<dyn DemoControl>>,
    /// What commands find in their environment.
    pub environment: Vec<(String, String)>,
    /// The tests that did not go as they should.
    pub taken_back: TakenBack,
}

impl Runner<'_> {
    /// Runs the whole plan and returns its document.
    pub(crate) fn run(&mut self) -> Result<Run, Failure> {
        let mut why_not = None;
        if let Some(watch) = &mut self.watch {
            watch.ask(Phase::Before, 0);
            if watch.is_another() {
                why_not =
                    Some("another build than the release runs, and nothing was sent".to_owned());
            }
        }
        if why_not.is_none() {
            self.say(&format!("{SMOKE}: every journey once"));
            let seed = self.arguments.load.driving.seed;
            let smoke = smoke::run(self.plan, &self.items, self.demo, seed)?;
            self.record.items.extend(smoke.items);
            if smoke.stops_the_run {
                why_not = Some("a critical journey failed in the smoke test".to_owned());
            }
        }
        if why_not.is_none() {
            why_not = self.tests()?;
        }
        if let Some(watch) = &mut self.watch {
            watch.ask(Phase::After, self.record.elapsed_ns());
        }
        Ok(self.conclude(why_not))
    }

    /// Runs the tests in order; says why they were not all run.
    fn tests(&mut self) -> Result<Option<String>, Failure> {
        let plan = self.plan;
        let only = &self.arguments.only;
        let chosen = plan
            .tests
            .iter()
            .filter(|test| only.is_empty() || only.contains(&test.name));
        for (index, test) in chosen.enumerate() {
            if index > 0 {
                self.settle();
            }
            if self.stop.is_stopped() {
                return Ok(Some("the run was interrupted".to_owned()));
            }
            self.say(&format!("{}:", test.name));
            let (ended, rules) = self.test(test)?;
            self.keep(UNFINISHED);
            if ended == Ended::Interrupted {
                return Ok(Some("the run was interrupted".to_owned()));
            }
            if self.stays_down() {
                self.find_release_rate(test, &rules)?;
                self.keep(UNFINISHED);
            }
        }
        Ok(None)
    }

    /// Writes what the tests showed that are over, and why there is no more. Says whether there are any.
    pub(crate) fn keep(&mut self, reason: &str) -> bool {
        if self.record.tests.is_empty() {
            return false;
        }
        let ending = Ending::Incomplete {
            reason: self.plan.scenario.secrets.mask(reason).into_owned(),
        };
        let run = self.record.document(None, ending, self.record.elapsed_ns());
        self.record.bundle.write_run(&run);
        true
    }

    /// Whether the last test left the system down although what troubled it is gone.
    fn stays_down(&self) -> bool {
        let last = self.record.tests.last();
        last.is_some_and(|document| {
            let mut findings = document.test.findings.iter();
            findings.any(|finding| finding.name == "metastable")
        })
    }

    /// Leaves the system alone for a while, so that no test suffers from the one before.
    fn settle(&self) {
        let until = Instant::now() + self.plan.settle;
        while !self.stop.is_stopped() && Instant::now() < until {
            // Short rests, because an interruption is looked for in between.
            std::thread::sleep(PAUSE.min(until.saturating_duration_since(Instant::now())));
        }
    }

    /// Adds what is known besides, and settles the verdict.
    fn conclude(&mut self, why_not: Option<String>) -> Run {
        for end in self.sampling.ends() {
            self.warn(end);
        }
        let now = Timestamp::now();
        let today = jiff::tz::Offset::UTC.to_datetime(now).date();
        for item in &self.plan.checklist {
            let (standing, reason) = checklist::standing(item, today, &self.plan.folder);
            let id = checklist_id(&item.id);
            let mut stated = self.items.stated(&id, state_of(standing), reason);
            stated.expires = item.expires.map(|day| day.to_string());
            self.record.items.push(stated);
        }
        if let Some(watch) = &self.watch {
            self.record.identity = Some(watch.identity());
        }
        self.compare_with_baseline();
        self.spoil();
        let known = self.record.tests.iter().flat_map(|test| &test.items);
        let known = known.chain(&self.record.items);
        let has_run = |test: &String| {
            let mut tests = self.record.tests.iter();
            tests.any(|document| document.test.name == *test)
        };
        let only = &self.arguments.only;
        let reason = |test: Option<&String>| match (&why_not, test) {
            (_, Some(test)) if has_run(test) => {
                format!("`{test}` ran, and showed nothing of it")
            }
            (_, Some(test)) if !only.is_empty() && !only.contains(test) => {
                format!("not run: `--only` left `{test}` out")
            }
            (Some(why), _) => format!("not run: {why}"),
            (None, _) => "there is no evidence of it".to_owned(),
        };
        // What identity shows is told by itself.
        let missing: Vec<Item> = self
            .items
            .missing(known, |planned| reason(planned.test.as_ref()))
            .into_iter()
            .filter(|item| !item.id.starts_with("identity/"))
            .collect();
        self.record.items.extend(missing);
        let ending = if self.stop.is_stopped() {
            Ending::Interrupted {
                reason: crate::signals::INTERRUPTED.to_owned(),
            }
        } else {
            Ending::Complete
        };
        let mut run = self.record.document(None, ending, self.record.elapsed_ns());
        settle(&mut run, now);
        run
    }

    /// Holds the tests against those of the release before.
    fn compare_with_baseline(&mut self) {
        let so_far = self
            .record
            .document(None, Ending::Complete, self.record.elapsed_ns());
        let usual = PathBuf::from(crate::args::history::USUAL_FILE);
        let history = self.arguments.history.clone().unwrap_or(usual);
        let mut compared = baseline::items(self.plan, &self.items, &so_far, &history);
        self.taken_back.apply(&mut compared);
        self.record.items.extend(compared);
    }

    /// What was seen from an undeclared change of build on is no evidence.
    fn spoil(&mut self) {
        let since = self.watch.as_ref().and_then(Watch::undeclared_since);
        let Some((test, at_ns)) = since else {
            return;
        };
        let reason = format!(
            "another build than the release answered from {:.1} s of `{test}` on, and nothing in the plan says that it would",
            at_ns as f64 / 1e9
        );
        self.warn(reason.clone());
        let names = self.record.tests.iter().map(|document| &document.test.name);
        let from = names.take_while(|name| **name != test).count();
        let spoilt = self.record.tests.split_at_mut(from).1;
        let names: Vec<String> = spoilt.iter().map(|one| one.test.name.clone()).collect();
        let of_tests = spoilt.iter_mut().flat_map(|document| &mut document.items);
        // What is told of them elsewhere, such as how they compare with the release before.
        let besides = self.record.items.iter_mut().filter(|item| {
            let test = item.test.as_ref();
            test.is_some_and(|test| names.contains(test))
        });
        for item in of_tests.chain(besides) {
            take_back(item, ItemState::Invalid, &reason);
            if item.state == ItemState::Invalid {
                // Whatever else is wrong with it, this weighs more.
                item.reason = Some(reason.clone());
            }
        }
    }

    /// Commands that have to exit with 0 when a test is over.
    pub(super) fn invariants(&self, test: &PlannedTest) -> Vec<Item> {
        let checked = invariants::check(
            &test.expect.invariants,
            &self.plan.folder,
            &self.environment,
            INVARIANT,
            &self.plan.scenario.secrets,
        );
        let items = checked.into_iter().zip(1..).map(|(invariant, number)| {
            let id = expectation_id(&test.name, "invariant", Some(&number.to_string()));
            let state = match invariant.holds {
                Some(true) => ItemState::Pass,
                Some(false) => ItemState::Fail,
                None => ItemState::Inconclusive,
            };
            Item {
                n: 1,
                ..self.items.stated(&id, state, invariant.sentence)
            }
        });
        items.collect()
    }

    /// What every test is run with; its load and rules come on top.
    pub(super) fn options(&self) -> RunOptions {
        let load = &self.arguments.load;
        RunOptions {
            load: plimsoll_scenario::Load::Closed {
                users: 0,
                pacing: None,
                duration: None,
                iterations: None,
            },
            demo: self.demo,
            threads: self.threads,
            seed: load.driving.seed,
            drop_after: load.drop_after,
            grace: load.driving.grace,
            max_rate: load.max_rate,
            timer: load.driving.timer.mode(),
            stop_when_decided: false,
            rules: Rules::default(),
        }
    }

    /// What injections need.
    pub(super) fn surroundings(&self) -> Surroundings {
        Surroundings {
            folder: self.plan.folder.clone(),
            environment: self.environment.clone(),
            masker: self.plan.scenario.secrets.clone(),
            demo: self.control.clone(),
        }
    }

    /// Says aloud, and notes, what a reader ought to know.
    pub(super) fn warn(&mut self, text: String) {
        self.say(&format!("WARNING: {text}"));
        self.record.notice(Notice {
            level: NoticeLevel::Warn,
            text,
        });
    }

    fn say(&self, text: &str) {
        terminal::say(self.output, text);
    }

    /// The plan, for the document.
    pub(crate) fn describe(&mut self) {
        let file = &self.arguments.file;
        self.record.plan = Some(document::plan(self.plan, file, &self.arguments.only));
    }
}
