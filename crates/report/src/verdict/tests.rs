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
