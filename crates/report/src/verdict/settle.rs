//! The verdict, from the document alone.

use jiff::Timestamp;
use plimsoll_measure::{Tier, readiness};

use super::{conclude, evidence, exit_code, identity, risk, standing, waiver};
use crate::document::{Answer, Item, ItemState, Outcome, Run, Status};
use crate::facts::Ending;
use crate::sentence;

/// Recomputes what follows from a run's items: waivers, age of evidence, identity, the answer of
/// each item, risks, and the verdict. `now` is what waivers expire by, and what evidence ages by
/// where the plan names no meeting. Settling twice changes nothing.
///
/// Without a plan every item counts as critical, and there is nothing to waive.
pub fn settle(run: &mut Run, now: Timestamp) {
    run.items.iter_mut().for_each(evidence::restore);
    if run.plan.is_some() {
        identity::judge(run);
        evidence::name_tests_without_any(run);
        evidence::age(run, now);
        waiver::apply(run, now);
    }
    for item in &mut run.items {
        item.answer = Some(contribution(item));
    }
    risk::prove(run);
    decide(run);
}

/// What an item contributes to the verdict.
fn contribution(item: &Item) -> Answer {
    // No tier makes a run against another build one against this one.
    if identity::is_mismatch(item) {
        return Answer::NoGoInvalid;
    }
    readiness::answer(item.tier(), standing(item.state, item.marginal)).into()
}

fn decide(run: &mut Run) {
    let ending = ending(run);
    let answers = run.items.iter().filter_map(|item| item.answer);
    let mut worst = answers.max();
    if lacks_a_critical_item(run) {
        worst = worst.max(Some(Answer::NoGoMissing));
    }
    let decision = conclude(worst, &ending);
    (run.verdict.outcome, run.verdict.exit_code) = (decision.outcome, decision.exit_code);
    run.verdict.sentence = sentence::verdict(run, &ending);
    if run
        .plan
        .as_ref()
        .is_some_and(|plan| plan.rehearsal.is_some())
    {
        rehearse(run, &ending);
    }
}

/// A rehearsal is no evidence: it can show what fails and what is broken, and nothing else.
fn rehearse(run: &mut Run, ending: &Ending) {
    run.verdict.sentence = format!("REHEARSAL: would be {}", run.verdict.sentence);
    if let Some(Outcome::Go | Outcome::Risk) | None = run.verdict.outcome {
        run.verdict.outcome = Some(Outcome::Inconclusive);
    }
    if !matches!(ending, Ending::Interrupted { .. }) {
        run.verdict.exit_code = exit_code(run.verdict.outcome);
    }
}

/// Whether there is a plan in which nothing would have to hold.
pub(crate) fn lacks_a_critical_item(run: &Run) -> bool {
    let is_critical =
        |item: &Item| item.tier() == Tier::Critical && !identity::is_identity(&item.id);
    run.plan.is_some() && !run.items.iter().any(is_critical)
}

/// How many items people have let pass.
pub(crate) fn waived(run: &Run) -> usize {
    let waived = |item: &&Item| item.state == ItemState::Waived;
    run.items.iter().filter(waived).count()
}

/// How a run ended, as far as its document says.
fn ending(run: &Run) -> Ending {
    let reason = run.reason.clone().unwrap_or_default();
    match (run.status, run.verdict.exit_code) {
        (Status::Complete, _) => Ending::Complete,
        (Status::Incomplete, _) => Ending::Incomplete { reason },
        (Status::Interrupted, 130) => Ending::Interrupted { reason },
        (Status::Interrupted, _) => Ending::Aborted { reason },
    }
}

/// Whether a state leaves open what holds.
pub(crate) fn is_open(state: ItemState) -> bool {
    matches!(
        state,
        ItemState::Inconclusive | ItemState::NotRun | ItemState::Invalid
    )
}

#[cfg(test)]
mod tests;
