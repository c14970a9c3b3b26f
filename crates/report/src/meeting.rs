//! What a meeting that decides about a release asks of a run with a plan.

use plimsoll_measure::Tier;

use crate::document::{Answer, Item, ItemState, Run, Test};
use crate::quantity::span;
use crate::verdict::{is_identity, is_open};
use crate::wording;

/// Items that a step of the path names; the rest is counted.
const NAMED: usize = 3;

/// A state by name, and whether an item is in it.
pub(crate) type CountedState = (&'static str, fn(&Item) -> bool);

/// The states in the order in which they are counted.
pub(crate) const STATES: [CountedState; 7] = [
    ("pass", |item| {
        item.state == ItemState::Pass && !item.marginal
    }),
    ("marginal", |item| {
        item.state == ItemState::Pass && item.marginal
    }),
    ("waived", |item| item.state == ItemState::Waived),
    ("inconclusive", |item| item.state == ItemState::Inconclusive),
    ("not run", |item| item.state == ItemState::NotRun),
    ("invalid", |item| item.state == ItemState::Invalid),
    ("fail", |item| item.state == ItemState::Fail),
];

/// How many items of each tier are in each state, in the order of [`STATES`].
pub(crate) fn counts(run: &Run) -> Vec<(Tier, [usize; 7])> {
    let of = |tier: Tier| run.items.iter().filter(move |item| item.tier() == tier);
    Tier::ALL
        .into_iter()
        .map(|tier| {
            let count = |(_, is): CountedState| of(tier).filter(|item| is(item)).count();
            (tier, STATES.map(count))
        })
        .collect()
}

/// The states that any item is in, as places in [`STATES`].
pub(crate) fn used_states(counts: &[(Tier, [usize; 7])]) -> Vec<usize> {
    let is_used = |at: &usize| counts.iter().any(|(_, of)| of[*at] > 0);
    (0..STATES.len()).filter(is_used).collect()
}

/// The items, the worst first, then by tier.
pub(crate) fn by_badness(run: &Run) -> Vec<&Item> {
    let mut items: Vec<&Item> = run.items.iter().collect();
    items.sort_by_key(|item| (std::cmp::Reverse(item.answer), item.tier()));
    items
}

/// The highest rate that a test was planned to reach, in journeys per second.
pub(crate) fn peak(test: &Test) -> Option<f64> {
    let stages = test.load.iter().flat_map(|load| &load.stages);
    let rates = stages.flat_map(|stage| [stage.from_per_s, stage.to_per_s]);
    rates.reduce(f64::max).or(test.offered_rate)
}

/// Something that nobody knows yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unknown<'a> {
    /// The test that would tell, or the item that no test is about.
    pub(crate) name: &'a str,
    /// The items that are open.
    pub(crate) items: Vec<&'a Item>,
    /// How long it takes to find out, if a test can tell.
    pub(crate) needed_ns: Option<u64>,
    /// The worst of what these items contribute.
    pub(crate) answer: Option<Answer>,
}

/// What is not known, by the test that would tell, in the order of the items.
pub(crate) fn unknowns(run: &Run) -> Vec<Unknown<'_>> {
    let mut unknowns: Vec<Unknown<'_>> = Vec::new();
    for item in run.items.iter().filter(|item| is_open(item.state)) {
        let name = item.test.as_deref().unwrap_or(&item.id);
        let at = unknowns.iter().position(|one| one.name == name);
        let at = at.unwrap_or_else(|| {
            unknowns.push(Unknown {
                name,
                items: Vec::new(),
                needed_ns: item.test.as_deref().and_then(|test| length(run, test)),
                answer: None,
            });
            unknowns.len() - 1
        });
        let unknown = &mut unknowns[at];
        unknown.items.push(item);
        unknown.needed_ns = unknown.needed_ns.max(item.settles_in_ns);
        unknown.answer = unknown.answer.max(item.answer);
    }
    unknowns
}

/// How long all of them take together, where a test can tell.
pub(crate) fn needed_ns(unknowns: &[Unknown<'_>]) -> u64 {
    let needed = unknowns.iter().filter_map(|unknown| unknown.needed_ns);
    needed.fold(0, u64::saturating_add)
}

/// How long a test takes: as planned, or else as it was.
fn length(run: &Run, name: &str) -> Option<u64> {
    let planned = run.plan.iter().flat_map(|plan| &plan.tests);
    let planned = planned
        .filter(|test| test.name == name)
        .map(|test| test.duration_ns);
    let ran = run.tests.iter().filter(|test| test.name == name);
    let ran = ran.map(|test| test.planned_ns.unwrap_or(test.elapsed_ns));
    planned.chain(ran).next()
}

/// The least that has to happen before the answer is GO, or GO-WITH-RISK. `None` where it is already.
pub(crate) fn path_to_go(run: &Run) -> Option<String> {
    let blocks = |item: &&Item| item.answer >= Some(Answer::NoGoMissing);
    let blocking: Vec<&Item> = run.items.iter().filter(blocks).collect();
    if blocking.is_empty() {
        return None;
    }
    let with = |answer: Answer| {
        let items = blocking
            .iter()
            .filter(move |item| item.answer == Some(answer));
        items.copied().collect::<Vec<_>>()
    };
    let (failed, broken) = (with(Answer::NoGoProven), with(Answer::NoGoInvalid));
    let mut steps = Vec::new();
    if !failed.is_empty() {
        let all_may_be_waived = failed.iter().all(|item| item.tier() != Tier::Critical);
        let or = if all_may_be_waived && failed.len() == 1 {
            " (or one person answers for it, with a waiver)"
        } else {
            ""
        };
        steps.push(format!("fix {}{or}", names(&failed)));
    }
    let (identities, broken): (Vec<_>, Vec<_>) =
        broken.into_iter().partition(|item| is_identity(&item.id));
    if !identities.is_empty() {
        steps.push(format!(
            "deploy the release where it is tested ({})",
            names(&identities)
        ));
    }
    if !broken.is_empty() && failed.is_empty() {
        steps.push("mend what broke the evidence (see validity)".to_owned());
    }
    // Another build, or one that was mended, has to show everything again that stood in the way.
    let mut tests: Vec<&str> = Vec::new();
    for test in blocking.iter().filter_map(|item| item.test.as_deref()) {
        if !tests.contains(&test) {
            tests.push(test);
        }
    }
    if !identities.is_empty() {
        steps.push("run everything again".to_owned());
    } else if !tests.is_empty() {
        steps.push(runs(run, &blocking, &tests));
    }
    let by_hand: Vec<&Item> = blocking
        .iter()
        .filter(|item| {
            item.test.is_none() && !is_identity(&item.id) && item.state != ItemState::Fail
        })
        .copied()
        .collect();
    if !by_hand.is_empty() {
        steps.push(format!("settle {}", names(&by_hand)));
    }
    let unproven = blocking
        .iter()
        .filter(|item| is_identity(&item.id) && item.answer == Some(Answer::NoGoMissing));
    let unproven: Vec<_> = unproven.copied().collect();
    if !unproven.is_empty() && identities.is_empty() {
        steps.push(format!("prove {}", names(&unproven)));
    }
    Some(steps.join(", then "))
}

/// `run headroom and spike again (55 min)`.
fn runs(run: &Run, blocking: &[&Item], tests: &[&str]) -> String {
    let needed = tests.iter().filter_map(|test| {
        let settles = blocking
            .iter()
            .filter(|item| item.test.as_deref() == Some(*test))
            .filter_map(|item| item.settles_in_ns);
        length(run, test).into_iter().chain(settles).max()
    });
    let needed = needed.fold(0, u64::saturating_add);
    let ran = |test: &&str| run.tests.iter().any(|ran| ran.name == **test);
    let again = if tests.iter().all(ran) { " again" } else { "" };
    let named: Vec<_> = tests
        .iter()
        .take(NAMED)
        .map(|test| (*test).to_owned())
        .collect();
    let which = match tests.len().saturating_sub(named.len()) {
        0 => wording::listed(&named),
        more => format!("{} and {more} more", named.join(", ")),
    };
    let time = match needed {
        0 => String::new(),
        needed => format!(" ({})", span(needed)),
    };
    format!("run {which}{again}{time}")
}

fn names(items: &[&Item]) -> String {
    let named: Vec<_> = items
        .iter()
        .take(NAMED)
        .map(|item| item.id.clone())
        .collect();
    match items.len().saturating_sub(named.len()) {
        0 => wording::listed(&named),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
