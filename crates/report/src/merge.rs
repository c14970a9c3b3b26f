//! Several runs of one plan as one: what each attempt showed, and what follows from the newest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::document::build::{sum, worst};
use crate::document::{
    Attempt, Config, Identity, IdentityStatus, Item, ItemState, Notice, NoticeLevel, Run, Status,
    Test, Validity,
};
use crate::{verdict, wording};

/// Why runs cannot be merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is none.
    #[error("there is no run to report: name the folder of at least one")]
    Nothing,
    /// One of them has no plan.
    #[error(
        "{folder} was run without a plan, so there is nothing to merge it by: report it by itself"
    )]
    NoPlan {
        /// Its folder.
        folder: String,
    },
    /// They were made by different plans.
    #[error(
        "{first} and {second} were run by different plans (sha256 {first_digest} and {second_digest}): what was promised differs, so report them apart, or run what is missing by one plan"
    )]
    OtherPlan {
        /// The folder of the first.
        first: String,
        /// The digest of its plan.
        first_digest: String,
        /// The folder of the other.
        second: String,
        /// The digest of its plan.
        second_digest: String,
    },
    /// One of them is several already, and which of its items is older than those of the others cannot be told.
    #[error("{folder} was made of several runs: name the folders that it was made of")]
    Merged {
        /// Its folder.
        folder: String,
    },
    /// A rehearsal is no evidence, and would be taken for some among others.
    #[error("{folder} is a rehearsal, which is no evidence: leave it out")]
    Rehearsal {
        /// Its folder.
        folder: String,
    },
}

/// Merges the runs in these folders, and settles what follows at `now`.
///
/// The newest attempt at an item counts, and all are listed: there is no best of several. Having
/// run nothing is no attempt. Of tests with the same name, the newest is shown.
///
/// # Errors
///
/// [`MergeError`] where the runs do not have one plan in common. A single run needs none.
pub fn merge(mut runs: Vec<(String, Run)>, now: Timestamp) -> Result<Run, MergeError> {
    if runs.len() > 1 {
        one_plan(&runs)?;
    }
    // Without a time, a run counts as the oldest: it takes nothing away from one that has one.
    runs.sort_by_key(|(_, run)| run.started_at);
    if runs.len() > 1 {
        for (_, run) in &mut runs {
            run.items.iter_mut().for_each(verdict::restore);
            verdict::prove_nothing_cut_short(run);
        }
    }
    let Some((_, newest)) = runs.last() else {
        return Err(MergeError::Nothing);
    };
    let mut merged = newest.clone();
    if runs.len() > 1 {
        combine(&mut merged, &runs);
    }
    verdict::settle(&mut merged, now);
    Ok(merged)
}

fn one_plan(runs: &[(String, Run)]) -> Result<(), MergeError> {
    let mut digests = Vec::new();
    for (folder, run) in runs {
        let Some(plan) = &run.plan else {
            return Err(MergeError::NoPlan {
                folder: folder.clone(),
            });
        };
        digests.push((folder, &plan.sha256));
    }
    let rehearsed = runs.iter().find(|(_, run)| {
        let plan = run.plan.as_ref();
        plan.is_some_and(|plan| plan.rehearsal.is_some())
    });
    if let Some((folder, _)) = rehearsed {
        return Err(MergeError::Rehearsal {
            folder: folder.clone(),
        });
    }
    let is_merged = |run: &Run| run.items.iter().any(|item| !item.attempts.is_empty());
    if let Some((folder, _)) = runs.iter().find(|(_, run)| is_merged(run)) {
        return Err(MergeError::Merged {
            folder: folder.clone(),
        });
    }
    let other = digests.iter().find(|(_, digest)| *digest != digests[0].1);
    match other {
        None => Ok(()),
        Some((folder, digest)) => Err(MergeError::OtherPlan {
            first: digests[0].0.clone(),
            first_digest: digests[0].1.clone(),
            second: (*folder).clone(),
            second_digest: (*digest).clone(),
        }),
    }
}

fn combine(merged: &mut Run, runs: &[(String, Run)]) {
    merged.tests = tests(runs);
    merged.totals = sum(merged.tests.iter().map(|test| test.totals));
    merged.items = items(runs);
    let shown = |test: &str, folder: &str| newest_with(runs, test) == Some(folder);
    let checks = runs.iter().flat_map(|(folder, run)| {
        let checks = run.validity.checks.iter();
        checks.filter(move |check| shown(&check.test, folder))
    });
    let checks: Vec<_> = checks.cloned().collect();
    merged.validity = Validity {
        status: worst(&checks),
        checks,
    };
    merged.started_at = runs.iter().filter_map(|(_, run)| run.started_at).min();
    merged.duration_ns = runs
        .iter()
        .fold(0, |sum, (_, run)| sum.saturating_add(run.duration_ns));
    merged.identity = identity(runs);
    // What an early end left open is said item by item, unless nobody lived to say it.
    if runs.iter().any(|(_, run)| run.status != Status::Incomplete) {
        (merged.status, merged.reason) = (Status::Complete, None);
        merged.verdict.exit_code = 0;
    }
    merged.sources = distinct(runs.iter().flat_map(|(_, run)| run.sources.iter().cloned()));
    merged.notices = notices(runs);
    let mut searched = runs.iter().rev();
    merged.capacity = searched.find_map(|(_, run)| run.capacity.clone());
    if let Some(plan) = &mut merged.plan {
        plan.only = None;
        for test in &mut plan.tests {
            test.ran = merged.tests.iter().any(|ran| ran.name == test.name);
        }
    }
}

/// The folder of the newest run that has a test of this name.
fn newest_with<'a>(runs: &'a [(String, Run)], test: &str) -> Option<&'a str> {
    let mut has = runs.iter().rev().filter(|(_, run)| ran(run, test));
    has.next().map(|(folder, _)| folder.as_str())
}

fn ran(run: &Run, test: &str) -> bool {
    run.tests.iter().any(|ran| ran.name == test)
}

/// The newest of each name, in the order of the plan, then of the runs.
fn tests(runs: &[(String, Run)]) -> Vec<Test> {
    let mut newest: Vec<&Test> = Vec::new();
    for test in runs.iter().flat_map(|(_, run)| &run.tests) {
        match newest.iter_mut().find(|known| known.name == test.name) {
            Some(known) => *known = test,
            None => newest.push(test),
        }
    }
    let planned = runs.iter().find_map(|(_, run)| run.plan.as_ref());
    let place = |test: &Test| {
        let mut names = planned.iter().flat_map(|plan| &plan.tests);
        names
            .position(|one| one.name == test.name)
            .unwrap_or(usize::MAX)
    };
    newest.sort_by_key(|test| place(test));
    newest.into_iter().cloned().collect()
}

/// An item over all runs: the folder, the run, and what it was there.
type Attempts<'a> = Vec<(&'a str, &'a Run, &'a Item)>;

fn items(runs: &[(String, Run)]) -> Vec<Item> {
    let mut order = Vec::new();
    let mut attempts: BTreeMap<_, Attempts<'_>> = BTreeMap::new();
    for (folder, run) in runs {
        for item in &run.items {
            // That a run left a test out says nothing once another run has judged the item.
            let left_out = |test: &str| !ran(run, test) && is_judged_elsewhere(runs, item);
            if item.state == ItemState::NotRun && item.test.as_deref().is_some_and(left_out) {
                continue;
            }
            let all = attempts.entry(key(item)).or_insert_with(|| {
                order.push(key(item));
                Vec::new()
            });
            all.push((folder, run, item));
        }
    }
    let merged = order.iter().filter_map(|key| attempts.get(key));
    merged.filter_map(newest).collect()
}

/// Whether some run has evidence of an item.
fn is_judged_elsewhere(runs: &[(String, Run)], item: &Item) -> bool {
    let all = runs.iter().flat_map(|(_, run)| &run.items);
    let mut same = all.filter(|other| key(other) == key(item));
    same.any(|other| other.state != ItemState::NotRun)
}

/// What tells items apart: a metric may have several limits.
fn key(item: &Item) -> (&str, &str) {
    match verdict::is_identity(&item.id) {
        true => (&item.id, ""),
        false => (&item.id, &item.expression),
    }
}

/// The newest attempt, with all of them. Not to have been run is none.
fn newest(all: &Attempts<'_>) -> Option<Item> {
    let is_real = |(_, _, item): &&(&str, &Run, &Item)| item.state != ItemState::NotRun;
    let (_, _, counts) = all.iter().rev().find(is_real).or(all.last())?;
    let attempts = all.iter().filter(is_real);
    Some(Item {
        attempts: attempts
            .map(|(folder, run, item)| attempt(folder, run, item))
            .collect(),
        ..(*counts).clone()
    })
}

fn attempt(folder: &str, run: &Run, item: &Item) -> Attempt {
    let observed = match wording::observed_within(item) {
        observed if observed == wording::NONE => item.reason.clone().unwrap_or(observed),
        observed => observed,
    };
    Attempt {
        started_at: run.started_at,
        run: folder.to_owned(),
        state: item.state,
        observed,
    }
}

/// The worst that any of the runs knows of each component.
fn identity(runs: &[(String, Run)]) -> Option<Identity> {
    let mut all = runs.iter().filter_map(|(_, run)| run.identity.as_ref());
    let mut merged = all.next()?.clone();
    for identity in all {
        if identity.status >= merged.status {
            (merged.status, merged.sentence) = (identity.status, identity.sentence.clone());
        }
        for component in &identity.components {
            let known = merged
                .components
                .iter_mut()
                .find(|known| known.name == component.name);
            let Some(known) = known else {
                merged.components.push(component.clone());
                continue;
            };
            if component.status > known.status {
                (known.status, known.sentence) = (component.status, component.sentence.clone());
            }
            known.proofs.extend(component.proofs.iter().cloned());
        }
        merged.served.extend(identity.served.iter().cloned());
        let badness = |config: &Option<Config>| {
            let config = config.as_ref();
            config.map(|config| (!config.matches, config.problem.is_none()))
        };
        if badness(&identity.config) > badness(&merged.config) {
            merged.config.clone_from(&identity.config);
        }
    }
    // What a run did not live to say may have been another build.
    let silent = |(_, run): &&(String, Run)| run.identity.is_none() && !run.tests.is_empty();
    if let Some((folder, _)) = runs.iter().find(silent) {
        let sentence = format!("{folder} ended before it said which build it had tested");
        for component in &mut merged.components {
            if component.status < IdentityStatus::Unproven {
                component.status = IdentityStatus::Unproven;
                component.sentence.clone_from(&sentence);
            }
        }
        if merged.status < IdentityStatus::Unproven {
            (merged.status, merged.sentence) = (IdentityStatus::Unproven, sentence);
        }
    }
    Some(merged)
}

fn notices(runs: &[(String, Run)]) -> Vec<Notice> {
    let info = |text: String| Notice {
        level: NoticeLevel::Info,
        text,
    };
    let mut notices: Vec<Notice> = Vec::new();
    let names = runs.iter().flat_map(|(_, run)| &run.tests);
    let names: BTreeSet<&str> = names.map(|test| test.name.as_str()).collect();
    for name in names {
        let times = runs.iter().filter(|(_, run)| ran(run, name)).count();
        if let Some(folder) = newest_with(runs, name).filter(|_| times > 1) {
            notices.push(info(format!(
                "{name} was run {times} times: the newest is shown, from {folder}; every attempt is listed with its items"
            )));
        }
    }
    for (folder, run) in runs {
        if let Some(end) = wording::early_end(run) {
            notices.push(Notice {
                level: NoticeLevel::Warn,
                text: format!("{folder} {end}"),
            });
        }
    }
    let scenarios = runs.iter().flat_map(|(_, run)| &run.sources);
    let scenarios = scenarios.filter(|source| source.role == "scenario");
    let digests: BTreeSet<_> = scenarios.map(|source| &source.sha256).collect();
    if digests.len() > 1 {
        notices.push(Notice {
            level: NoticeLevel::Warn,
            text: "the scenario was changed between these runs".to_owned(),
        });
    }
    let own = runs.iter().flat_map(|(_, run)| run.notices.iter().cloned());
    notices.extend(own);
    distinct(notices.into_iter())
}

fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

#[cfg(test)]
mod tests;
