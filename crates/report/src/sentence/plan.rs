//! The answer of a readiness plan in one sentence: the worst items, by how much, and the way to GO.

use crate::document::{Answer, Item, ItemState, Outcome, Run};
use crate::quantity::plural;
use crate::{meeting, verdict, wording};
use plimsoll_measure::Tier;

use super::{failure, more};

/// Items that the sentence names; the rest is counted.
const NAMED: usize = 2;

pub(super) fn answer(run: &Run) -> String {
    let worst = run.items.iter().filter_map(|item| item.answer).max();
    let head = match worst {
        None | Some(Answer::Go | Answer::Listed) if verdict::lacks_a_critical_item(run) => {
            return "NO-GO, evidence is missing: the plan has no critical item, so there is nothing that would have to hold"
                .to_owned();
        }
        None | Some(Answer::Go | Answer::Listed | Answer::Risk)
            if run.verdict.outcome == Some(Outcome::Inconclusive)
                && !verdict::lacks_a_critical_item(run) =>
        {
            return "NO-GO, evidence is missing: the run ended before everything was shown"
                .to_owned();
        }
        None | Some(Answer::Go | Answer::Listed) => return go(run),
        Some(Answer::Risk) if verdict::lacks_a_critical_item(run) => {
            "NO-GO, evidence is missing: the plan has no critical item, and besides"
        }
        Some(Answer::Risk) => "GO-WITH-RISK:",
        Some(Answer::NoGoMissing) => "NO-GO, evidence is missing:",
        Some(Answer::NoGoInvalid) => "NO-GO, evidence is invalid:",
        Some(Answer::NoGoProven) => "NO-GO:",
    };
    let mut items: Vec<&Item> = run
        .items
        .iter()
        .filter(|item| item.answer == worst)
        .collect();
    // Another build explains everything else that is broken.
    items.sort_by_key(|item| {
        let is_other_build = item.state == ItemState::Invalid && verdict::is_identity(&item.id);
        (!is_other_build, item.tier())
    });
    let named: Vec<_> = items
        .iter()
        .take(NAMED)
        .map(|item| {
            let tier = match item.tier.as_deref().and_then(Tier::named) {
                Some(tier) => format!(" ({})", wording::tier(tier)),
                None => String::new(),
            };
            format!("{}{tier}", described(run, item))
        })
        .collect();
    let rest = more(items.len().saturating_sub(named.len().saturating_sub(1)));
    let path = meeting::path_to_go(run)
        .map_or_else(String::new, |path| format!(". Shortest path to GO: {path}"));
    format!("{head} {}{rest}{path}", named.join("; "))
}

fn go(run: &Run) -> String {
    let critical = run
        .items
        .iter()
        .filter(|item| item.tier() == Tier::Critical)
        .count();
    let waived = verdict::waived(run);
    let listed = run
        .items
        .iter()
        .filter(|item| item.answer == Some(Answer::Listed) && item.state != ItemState::Waived)
        .count();
    let but = match listed {
        0 => String::new(),
        listed => format!(", {listed} of them with something to know"),
    };
    let all = plural(run.items.len(), "item");
    let shown = match waived {
        0 => format!("all {all} were shown to hold{but}"),
        waived => format!(
            "{} of {all} were shown to hold{but}, and {waived} {} let pass",
            run.items.len() - waived,
            if waived == 1 { "was" } else { "were" },
        ),
    };
    format!(
        "GO: {shown}; {critical} {} critical",
        if critical == 1 { "is" } else { "are" },
    )
}

/// An item and how it went: `p99 of headroom/book was 3.1 s, limit 2 s`.
pub(crate) fn described(run: &Run, item: &Item) -> String {
    let is_measured = item.observed_infinite
        || item.observed_ns.or(item.limit_ns).is_some()
        || item.observed.is_some();
    let has_figure =
        item.observed_infinite || item.observed_ns.is_some() || item.observed.is_some();
    let because = || {
        item.reason
            .as_deref()
            .map_or_else(String::new, |reason| format!(": {reason}"))
    };
    match item.state {
        ItemState::Fail if has_figure => failure(run, item),
        ItemState::Fail => format!("{} failed{}", item.id, because()),
        ItemState::Inconclusive if is_measured => format!(
            "{} could not be settled at {}, limit {}",
            item.id,
            wording::observed_within(item),
            wording::limit(item)
        ),
        ItemState::Inconclusive => format!("{} could not be settled{}", item.id, because()),
        ItemState::NotRun if item.outdated_from.is_some() => {
            format!("{} is too old", item.id)
        }
        ItemState::NotRun => format!("{} was not shown{}", item.id, because()),
        ItemState::Invalid => format!("{} rests on broken evidence{}", item.id, because()),
        ItemState::Waived if has_figure => format!("{}, and was let pass", failure(run, item)),
        ItemState::Waived => format!("{} was let pass", item.id),
        ItemState::Pass if item.marginal => format!(
            "{} holds by the lenient limit only, at {}",
            item.id,
            wording::observed(item)
        ),
        ItemState::Pass => format!("{} holds", item.id),
    }
}
