//! From the states of items to the one answer.
//!
//! The answer is the worst there is and nothing is averaged: a proven failure outranks broken
//! evidence, that outranks missing evidence, and that outranks a risk. What an item contributes
//! goes by its tier ([`plimsoll_measure::readiness`]); without a plan, every item is critical.

mod evidence;
mod identity;
mod risk;
mod settle;
mod waiver;

use crate::document::{Answer, ItemState, Outcome, Run, Status, Test, ValidityStatus};
use crate::facts::Ending;
use plimsoll_measure::judge::State;
use plimsoll_measure::readiness::Standing;
use plimsoll_measure::{Tier, readiness};

pub(crate) use evidence::{days, restore, taken_at};
pub(crate) use identity::is_identity;
pub use settle::settle;
pub(crate) use settle::{is_open, lacks_a_critical_item, waived};

/// An answer and the exit code that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The answer; `None` where nothing was to be judged.
    pub outcome: Option<Outcome>,
    /// What the program exits with.
    pub exit_code: u8,
}

/// The state of an item that was judged on a test of this validity. Evidence that is broken proves
/// nothing, but it does not take a proven failure away.
pub fn item_state(judged: State, validity: ValidityStatus) -> ItemState {
    match (judged, validity) {
        (State::Fail, _) => ItemState::Fail,
        (_, ValidityStatus::Invalid) => ItemState::Invalid,
        (State::Pass, _) => ItemState::Pass,
        (State::Inconclusive, _) => ItemState::Inconclusive,
    }
}

/// Where an item stands.
pub fn standing(state: ItemState, marginal: bool) -> Standing {
    match state {
        ItemState::Pass if marginal => Standing::Marginal,
        ItemState::Pass => Standing::Pass,
        ItemState::Fail => Standing::Fail,
        ItemState::Inconclusive => Standing::Inconclusive,
        ItemState::Waived => Standing::Waived,
        ItemState::NotRun => Standing::NotRun,
        ItemState::Invalid => Standing::Invalid,
    }
}

/// What follows from items without a plan, each with its state and whether it passed only marginally.
pub fn decide(items: impl IntoIterator<Item = (ItemState, bool)>, ending: &Ending) -> Decision {
    let answers = items
        .into_iter()
        .map(|(state, marginal)| readiness::answer(Tier::Critical, standing(state, marginal)));
    conclude(readiness::decide(answers).map(Answer::from), ending)
}

/// What follows from the worst answer and from how the run ended.
fn conclude(worst: Option<Answer>, ending: &Ending) -> Decision {
    let worst = worst.map(|answer| match answer {
        Answer::Go | Answer::Listed => Outcome::Go,
        Answer::Risk => Outcome::Risk,
        Answer::NoGoMissing => Outcome::Inconclusive,
        Answer::NoGoInvalid => Outcome::Invalid,
        Answer::NoGoProven => Outcome::NoGo,
    });
    // What did not go to its end shows nothing to hold that was to hold to the end.
    let outcome = match (worst, ending) {
        (Some(Outcome::Go | Outcome::Risk), ending)
            if !matches!(ending, Ending::Complete | Ending::Decided) =>
        {
            Some(Outcome::Inconclusive)
        }
        (worst, _) => worst,
    };
    // The rule that ended the run was a question too, and this is its answer.
    let outcome = match ending {
        Ending::Aborted { .. } => Some(Outcome::NoGo),
        _ => outcome,
    };
    let exit_code = match ending {
        Ending::Interrupted { .. } => 130,
        _ => exit_code(outcome),
    };
    Decision { outcome, exit_code }
}

/// What a test that was cut short showed to hold, it showed for a part of it only.
pub(crate) fn prove_nothing_cut_short(run: &mut Run) {
    if run.status == Status::Complete {
        return;
    }
    let cut = |test: &&Test| {
        test.planned_ns
            .is_none_or(|planned| test.elapsed_ns < planned)
    };
    let Some(last) = run.tests.last().filter(cut) else {
        return;
    };
    let passed = run.items.iter_mut().filter(|item| {
        item.test.as_deref() == Some(last.name.as_str()) && item.state == ItemState::Pass
    });
    for item in passed {
        item.state = ItemState::Inconclusive;
        item.marginal = false;
        item.reason = Some("it held as long as the test went, and that was cut short".to_owned());
    }
}

/// The exit code that says an answer.
fn exit_code(outcome: Option<Outcome>) -> u8 {
    match outcome {
        None | Some(Outcome::Go) => 0,
        Some(Outcome::Risk) => 10,
        Some(Outcome::NoGo) => 20,
        Some(Outcome::Inconclusive) => 21,
        Some(Outcome::Invalid) => 22,
    }
}

#[cfg(test)]
mod tests;
