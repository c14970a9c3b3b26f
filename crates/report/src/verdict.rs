//! From the states of items to the one answer.
//!
//! The answer is the worst there is and nothing is averaged: a proven failure outranks broken
//! evidence, that outranks missing evidence, and that outranks a risk. Tiers are left out: every
//! item counts as critical.

use crate::document::{ItemState, Outcome, ValidityStatus};
use crate::facts::Ending;
use plimsoll_measure::judge::State;

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

/// What follows from items, each with its state and whether it passed only marginally.
pub fn decide(items: impl IntoIterator<Item = (ItemState, bool)>, ending: &Ending) -> Decision {
    let worst = items
        .into_iter()
        .map(|(state, marginal)| match state {
            ItemState::Pass if marginal => Outcome::Risk,
            ItemState::Pass => Outcome::Go,
            ItemState::Waived => Outcome::Risk,
            ItemState::Inconclusive | ItemState::NotRun => Outcome::Inconclusive,
            ItemState::Invalid => Outcome::Invalid,
            ItemState::Fail => Outcome::NoGo,
        })
        .max_by_key(|outcome| rank(*outcome));
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
    let exit_code = match (ending, outcome) {
        (Ending::Interrupted { .. }, _) => 130,
        (_, None | Some(Outcome::Go)) => 0,
        (_, Some(Outcome::Risk)) => 10,
        (_, Some(Outcome::NoGo)) => 20,
        (_, Some(Outcome::Inconclusive)) => 21,
        (_, Some(Outcome::Invalid)) => 22,
    };
    Decision { outcome, exit_code }
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Go => 0,
        Outcome::Risk => 1,
        Outcome::Inconclusive => 2,
        Outcome::Invalid => 3,
        Outcome::NoGo => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ItemState::{Fail, Inconclusive, Invalid, NotRun, Pass, Waived};

    fn after(ending: &Ending, states: &[ItemState]) -> (Option<Outcome>, u8) {
        let decision = decide(states.iter().map(|state| (*state, false)), ending);
        (decision.outcome, decision.exit_code)
    }

    #[test]
    fn the_worst_item_decides() {
        let complete = |states: &[ItemState]| after(&Ending::Complete, states);
        assert_eq!(complete(&[]), (None, 0));
        assert_eq!(complete(&[Pass, Pass]), (Some(Outcome::Go), 0));
        assert_eq!(complete(&[Pass, Waived]), (Some(Outcome::Risk), 10));
        assert_eq!(
            complete(&[Waived, NotRun]),
            (Some(Outcome::Inconclusive), 21)
        );
        assert_eq!(
            complete(&[Inconclusive, Pass]),
            (Some(Outcome::Inconclusive), 21)
        );
        assert_eq!(
            complete(&[Invalid, Inconclusive]),
            (Some(Outcome::Invalid), 22)
        );
        assert_eq!(complete(&[Invalid, Fail, Pass]), (Some(Outcome::NoGo), 20));
        let marginal = decide([(Pass, true)], &Ending::Complete);
        assert_eq!(
            (marginal.outcome, marginal.exit_code),
            (Some(Outcome::Risk), 10)
        );
    }

    #[test]
    fn a_run_cut_short_proves_no_pass() {
        let reason = String::new();
        let interrupted = Ending::Interrupted {
            reason: reason.clone(),
        };
        let aborted = Ending::Aborted { reason };
        assert_eq!(after(&interrupted, &[]), (None, 130));
        assert_eq!(
            after(&interrupted, &[Pass]),
            (Some(Outcome::Inconclusive), 130)
        );
        assert_eq!(after(&interrupted, &[Fail]), (Some(Outcome::NoGo), 130));
        for items in [&[][..], &[Pass], &[Pass, Fail]] {
            assert_eq!(
                after(&aborted, items),
                (Some(Outcome::NoGo), 20),
                "the rule that ended the run is the answer"
            );
        }
    }

    #[test]
    fn broken_evidence_proves_no_pass_and_excuses_no_failure() {
        let on = |state| item_state(state, ValidityStatus::Invalid);
        assert_eq!(on(State::Pass), Invalid);
        assert_eq!(on(State::Inconclusive), Invalid);
        assert_eq!(on(State::Fail), Fail);
        assert_eq!(item_state(State::Pass, ValidityStatus::Warn), Pass);
    }
}
