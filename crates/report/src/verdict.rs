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

use crate::document::{Answer, ItemState, Outcome, ValidityStatus};
use crate::facts::Ending;
use plimsoll_measure::judge::State;
use plimsoll_measure::readiness::Standing;
use plimsoll_measure::{Tier, readiness};

pub(crate) use evidence::{days, restore, taken_at};
pub(crate) use identity::is_identity;
pub use settle::settle;
pub(crate) use settle::{is_open, lacks_a_critical_item};

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
