//! Whether there is evidence, and whether it is recent enough.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plimsoll_measure::Tier;

use super::identity;
use crate::document::{Item, ItemState, Run, Status, Test};
use crate::quantity::span;

/// What the item of a test claims of which nothing is known.
const IS_RUN: &str = "the test is run";

/// Takes back what settling did, so that it can be done again.
pub(crate) fn restore(item: &mut Item) {
    if let Some(state) = item.waived_from.take() {
        item.state = state;
    }
    if let Some(state) = item.outdated_from.take() {
        item.state = state;
        item.reason = item.reason.take().and_then(|reason| {
            let before = reason.strip_prefix(TOO_OLD)?.split_once("; before: ")?.1;
            Some(before.to_owned())
        });
    }
    item.answer = None;
}

const TOO_OLD: &str = "the evidence is too old: ";

/// A planned test that left no trace at all, or was killed before anything was judged, is evidence that is missing.
pub(super) fn name_tests_without_any(run: &mut Run) {
    run.items.retain(|item| item.expression != IS_RUN);
    let Some(plan) = &run.plan else { return };
    // Not everything that is run is judged, and of a run that came to its end nothing is left out. The last answer of a
    // test may have come before its planned end.
    let is_complete = run.status == Status::Complete;
    let is_whole = |test: &Test| {
        is_complete
            || test
                .planned_ns
                .is_none_or(|planned| test.elapsed_ns >= planned)
    };
    let is_known = |name: &str| {
        run.tests
            .iter()
            .any(|test| test.name == name && is_whole(test))
            || run
                .items
                .iter()
                .any(|item| item.test.as_deref() == Some(name))
    };
    let missing: Vec<_> = plan
        .tests
        .iter()
        .filter(|test| !is_known(&test.name))
        .map(|test| Item {
            id: format!("{}/run", test.name),
            tier: Some(Tier::Critical.name().to_owned()),
            expression: IS_RUN.to_owned(),
            reason: Some(match run.tests.iter().any(|ran| ran.name == test.name) {
                true => "the test was not run to its end".to_owned(),
                false => "the test was not run".to_owned(),
            }),
            test: Some(test.name.clone()),
            promised_at: test.line.map(|line| format!("{}:{line}", plan.file)),
            settles_in_ns: Some(test.duration_ns),
            ..Item::default()
        })
        .collect();
    run.items.extend(missing);
}

/// Evidence older than the plan allows, and what people signed until a day that is over, by the time of the meeting (or
/// now), is none.
pub(super) fn age(run: &mut Run, now: Timestamp) {
    let Some(plan) = &run.plan else { return };
    let limit = plan.evidence_max_age_ns;
    let (by, name) = match plan.meeting {
        Some(meeting) => (meeting, "at the meeting"),
        None => (now, "now"),
    };
    let start = run.started_at;
    for item in &mut run.items {
        if item.state == ItemState::NotRun {
            continue;
        }
        let measured = limit.filter(|_| is_measured(item));
        let too_old = measured.and_then(|limit| older(taken_at(item, start), limit, by, name));
        let Some(why) = too_old.or_else(|| expired(item, by, name)) else {
            continue;
        };
        let before = item.reason.as_deref();
        let before = before.map_or_else(String::new, |reason| format!("; before: {reason}"));
        item.reason = Some(format!("{TOO_OLD}{why}{before}"));
        item.outdated_from = Some(item.state);
        item.state = ItemState::NotRun;
    }
}

/// Why evidence taken then is too old, if it is.
fn older(taken: Option<Timestamp>, limit: u64, by: Timestamp, name: &str) -> Option<String> {
    let Some(taken) = taken else {
        return Some("nobody knows when it was taken".to_owned());
    };
    let age = by.duration_since(taken);
    if age <= SignedDuration::from_nanos(i64::try_from(limit).unwrap_or(i64::MAX)) {
        return None;
    }
    let age = u64::try_from(age.as_nanos()).unwrap_or_default();
    let (age, limit) = match (days(age), days(limit)) {
        (same, other) if same == other => (span(age), span(limit)),
        apart => apart,
    };
    Some(format!("{age} {name}, at most {limit}"))
}

/// Why an item does not count any more, if its last day is over.
fn expired(item: &Item, by: Timestamp, name: &str) -> Option<String> {
    let expires = item.expires.as_deref()?;
    let today = TimeZone::UTC.to_datetime(by).date();
    match expires.parse::<Date>() {
        Ok(last) if last >= today => None,
        Ok(_) => Some(format!(
            "it counts until {expires}, and {name} it is {today}"
        )),
        Err(_) => Some(format!("`{expires}` is no date until which it could count")),
    }
}

/// When the evidence of an item was taken: when the run of its newest attempt started.
pub(crate) fn taken_at(item: &Item, start: Option<Timestamp>) -> Option<Timestamp> {
    item.attempts
        .last()
        .map_or(start, |attempt| attempt.started_at)
}

/// Whether it was measured; what people sign has an expiry date of its own.
fn is_measured(item: &Item) -> bool {
    item.test.is_some() || identity::is_identity(&item.id)
}

/// `9.5 days`, of what takes days; otherwise a span.
pub(crate) fn days(ns: u64) -> String {
    const DAY: u64 = 86_400_000_000_000;
    if ns < 2 * DAY {
        return span(ns);
    }
    let tenths = ns / (DAY / 10);
    match tenths % 10 {
        0 => format!("{} days", tenths / 10),
        tenth => format!("{}.{tenth} days", tenths / 10),
    }
}
