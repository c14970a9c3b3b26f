//! What people let pass, as far as they may.

use crate::quantity::plural;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plimsoll_measure::readiness::{self, Standing};
use plimsoll_measure::{Kind, Threshold};

use super::{identity, standing};
use crate::document::{Item, ItemState, Run, Waiver};
use crate::wording;

/// Applies every waiver of the plan that applies; each says what became of it.
pub(super) fn apply(run: &mut Run, now: Timestamp) {
    let today = TimeZone::UTC.to_datetime(now).date();
    let items = &mut run.items;
    let Some(plan) = &mut run.plan else { return };
    for waiver in &mut plan.waivers {
        // A metric may have several limits, and so several items of one id.
        let found = items.iter_mut().filter(|item| item.id == waiver.item);
        let outcomes: Vec<_> = found.map(|item| let_pass(waiver, item, today)).collect();
        let applied = outcomes.iter().find(|outcome| outcome.is_ok());
        waiver.applied = applied.is_some();
        waiver.sentence = match applied.or(outcomes.first()) {
            Some(Ok(sentence)) => sentence.clone(),
            Some(Err(why)) => format!("not applied: {why}"),
            None => "not applied: there is no item of this id".to_owned(),
        };
    }
}

/// Lets an item pass, and says so; or says why it cannot be.
fn let_pass(waiver: &Waiver, item: &mut Item, today: Date) -> Result<String, String> {
    if let Some(why) = objection(waiver, item, today) {
        return Err(why);
    }
    let was = wording::it_is(item.state);
    item.waived_from = Some(item.state);
    item.state = ItemState::Waived;
    Ok(format!(
        "let pass by {} until {}, though it {was}",
        waiver.approved_by.join(", "),
        waiver.expires
    ))
}

/// Why a waiver does not apply, if it does not.
fn objection(waiver: &Waiver, item: &Item, today: Date) -> Option<String> {
    // That a proven failure has grown old does not make less of it.
    let state = match item.outdated_from {
        Some(ItemState::Fail) => ItemState::Fail,
        _ => item.state,
    };
    let standing = standing(state, item.marginal);
    match standing {
        Standing::Pass | Standing::Marginal => {
            return Some("the item passed, so there is nothing to let pass".to_owned());
        }
        Standing::Waived => return Some("another waiver lets the item pass".to_owned()),
        _ => {}
    }
    if identity::is_mismatch(item) {
        return Some("evidence on another build cannot be let pass".to_owned());
    }
    match waiver.expires.parse::<Date>() {
        Err(_) => return Some(format!("`{}` is no date", waiver.expires)),
        Ok(expires) if expires < today => {
            return Some(format!("it expired on {}", waiver.expires));
        }
        Ok(_) => {}
    }
    let Some(needed) = readiness::approvals(item.tier(), standing) else {
        let what = match standing {
            Standing::Fail => "a proven failure",
            _ => "broken evidence",
        };
        return Some(format!("{what} of a critical item cannot be let pass"));
    };
    let approved = distinct(&waiver.approved_by);
    if approved < needed {
        return Some(format!(
            "{} items that {} take {}, and {approved} {} given",
            wording::tier(item.tier()),
            wording::that_are(state),
            plural(needed, "approval"),
            if approved == 1 { "was" } else { "were" },
        ));
    }
    waiver
        .ceiling
        .as_ref()
        .and_then(|ceiling| beyond(ceiling, item))
}

/// How many people approved; one who did twice counts once.
fn distinct(approved_by: &[String]) -> usize {
    let names = approved_by.iter().map(|name| name.trim().to_lowercase());
    names
        .filter(|name| !name.is_empty())
        .collect::<BTreeSet<_>>()
        .len()
}

/// Why what was observed is not within a ceiling, if it is not.
fn beyond(ceiling: &str, item: &Item) -> Option<String> {
    let Ok(limit) = ceiling.parse::<Threshold>() else {
        return Some(format!("its ceiling `{ceiling}` is no threshold"));
    };
    let promised = item.expression.parse::<Threshold>();
    if promised.is_ok_and(|promised| promised.metric != limit.metric) {
        return Some(format!("its ceiling `{ceiling}` is about another metric"));
    }
    let observed = match limit.metric.kind() {
        _ if item.observed_infinite => Some(f64::INFINITY),
        Kind::Duration => item.observed_ns.map(|ns| ns as f64),
        Kind::Share | Kind::PerSecond => item.observed,
    };
    match observed {
        None => Some(format!(
            "nothing was observed that could be held against the ceiling `{ceiling}`"
        )),
        Some(value) if limit.comparison.holds(value, limit.value) => None,
        Some(_) => Some(format!(
            "{} was observed, which is beyond the ceiling `{ceiling}`",
            wording::observed(item)
        )),
    }
}
