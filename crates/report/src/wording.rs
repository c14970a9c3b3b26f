//! The words that the terminal report and `summary.md` share.

mod figures;
mod plan;

use plimsoll_measure::Tier;

use crate::document::{
    Check, Item, ItemState, Load, Model, Run, StageFigures, Status, Test, Totals, ValidityStatus,
    WarmupRule,
};
use crate::quantity::{count, duration, number, rate, share, span};

pub(crate) use figures::{failure, figure, footnotes};
pub(crate) use plan::{finding, finding_name, promised_load, release, risk, short, unknown};

/// What stands where there is no figure.
pub(crate) const NONE: &str = "—";

/// `open model, even arrivals`, or `CLOSED model, 50 users`.
pub(crate) fn model(test: &Test) -> String {
    match test.model {
        Model::Open => match &test.arrivals {
            Some(arrivals) => format!("open model, {arrivals} arrivals"),
            None => "open model".to_owned(),
        },
        Model::Closed => match test.users {
            Some(1) => "CLOSED model, 1 user".to_owned(),
            Some(users) => format!("CLOSED model, {} users", count(users)),
            None => "CLOSED model".to_owned(),
        },
    }
}

/// What a reader must know of a closed model's figures; nothing of an open one's.
pub(crate) fn model_caveat(test: &Test) -> Option<String> {
    (test.model == Model::Closed).then(|| {
        format!(
            "{}: a slow answer holds back the next request, so these times leave out the waiting of users who would have come meanwhile",
            model(test)
        )
    })
}

/// `expected 100/s + 30 % headroom = 130/s`.
pub(crate) fn load(load: &Load) -> Option<String> {
    Some(
        match (load.expected_per_s, load.headroom, load.target_per_s) {
            (Some(expected), Some(headroom), Some(target)) if headroom != 0.0 => format!(
                "expected {} + {} headroom = {}",
                rate(expected),
                share(headroom),
                rate(target)
            ),
            (Some(expected), _, _) => format!("expected {}", rate(expected)),
            (None, _, Some(target)) => format!("up to {}", rate(target)),
            (None, _, None) => return None,
        },
    )
}

/// What was driven: `expected … · 60 s · offered 130/s, achieved 130/s`.
pub(crate) fn driven(test: &Test) -> String {
    let mut parts = Vec::new();
    parts.extend(test.load.as_ref().and_then(load));
    if let Some(pacing) = test.pacing_ns.filter(|pacing| *pacing > 0) {
        parts.push(format!("a journey every {} at most", span(pacing)));
    }
    let elapsed = span(test.elapsed_ns);
    parts.push(match test.planned_ns.map(span) {
        Some(planned) if planned != elapsed => format!("{elapsed} of {planned}"),
        _ => elapsed,
    });
    if let Some(offered) = test.offered_rate.filter(|_| test.model == Model::Open) {
        parts.push(format!("offered {}", rate(offered)));
    }
    if let Some(achieved) = test.achieved_rate {
        parts.push(format!("achieved {}", rate(achieved)));
    }
    if let Some(goodput) = test.goodput_rate
        && (test.late > 0 || test.totals.ok < test.totals.intended)
    {
        let late = match test.late {
            0 => String::new(),
            late => format!(" ({} late)", count(late)),
        };
        parts.push(format!("goodput {}{late}", rate(goodput)));
    }
    parts.join(" · ")
}

/// What was left out at the beginning, and by which rule.
pub(crate) fn warmup(test: &Test) -> String {
    let warmup = &test.warmup;
    let left_out = format!(
        "the first {} are left out of response times and thresholds",
        span(warmup.until_ns)
    );
    match (warmup.rule, warmup.until_ns) {
        (WarmupRule::Declared, 0) => "warm-up: nothing is left out, as declared".to_owned(),
        (WarmupRule::Declared, _) => format!("warm-up: {left_out}, as declared"),
        (WarmupRule::Estimated, 0) => "warm-up: none was found, nothing is left out".to_owned(),
        (WarmupRule::Estimated, _) => {
            format!("warm-up: {left_out}, by MSER-5 (`warmup:` declares it)")
        }
        (WarmupRule::None, _) => match &warmup.reason {
            Some(reason) => format!("warm-up: not looked for, nothing is left out: {reason}"),
            None => "warm-up: not looked for, nothing is left out".to_owned(),
        },
    }
}

/// `10.0 s – 20.0 s, 10/s → 100/s` of a stage of a test.
pub(crate) fn stage(test: &Test, at: usize, stage: &StageFigures) -> String {
    let planned = test.load.as_ref().and_then(|load| load.stages.get(at));
    let rates = match planned {
        Some(planned) if planned.from_per_s == planned.to_per_s => {
            format!(", {}", rate(planned.to_per_s))
        }
        Some(planned) => format!(
            ", {} → {}",
            rate(planned.from_per_s),
            rate(planned.to_per_s)
        ),
        None => String::new(),
    };
    format!("{} – {}{rates}", span(stage.from_ns), span(stage.until_ns))
}

/// An observed value with its interval: `412 ms [398 ms, 431 ms]`.
pub(crate) fn observed_within(item: &Item) -> String {
    match interval(item).as_str() {
        NONE => observed(item),
        interval => format!("{} {interval}", observed(item)),
    }
}

/// What an item's metric was observed to be.
pub(crate) fn observed(item: &Item) -> String {
    if item.observed_infinite {
        return "∞".to_owned();
    }
    match (item.observed_ns, item.observed) {
        (Some(ns), _) => duration(ns),
        // A percentile over a window.
        (None, Some(slower)) if item.limit_ns.is_some() => format!("{} slower", share(slower)),
        (None, Some(value)) => plain_value(item, value),
        (None, None) => NONE.to_owned(),
    }
}

/// The limit that an item was held against.
pub(crate) fn limit(item: &Item) -> String {
    match (item.limit_ns, item.limit) {
        (Some(ns), _) => span(ns),
        (None, Some(value)) => plain_value(item, value),
        (None, None) => NONE.to_owned(),
    }
}

/// What an item is about: its id less the metric, and less the test where there is only one.
pub(crate) fn subject<'a>(run: &Run, item: &'a Item) -> &'a str {
    // What these are about is the last part; of others that is the metric, which the expression names.
    if let Some(("smoke" | "checklist" | "identity", about)) = item.id.split_once('/')
        && !about.contains('/')
    {
        return &item.id;
    }
    let subject = item.id.rsplit_once('/').map_or("", |(subject, _)| subject);
    match run.tests.as_slice() {
        [only] => match subject.strip_prefix(only.name.as_str()) {
            Some("") => "",
            Some(rest) => rest.strip_prefix('/').unwrap_or(subject),
            None => subject,
        },
        _ => subject,
    }
}

/// An item's confidence interval: `[398 ms, 431 ms]`, `[398 ms, ∞)` where it has no upper end.
pub(crate) fn interval(item: &Item) -> String {
    let ends = if let Some(ends) = item.interval_ns {
        ends.map(|end| end.map(duration))
    } else if let Some(ends) = item.interval {
        ends.map(|end| end.map(|end| plain_value(item, end)))
    } else {
        return NONE.to_owned();
    };
    match ends {
        [Some(low), Some(high)] => format!("[{low}, {high}]"),
        [Some(low), None] => format!("[{low}, ∞)"),
        [None, Some(high)] => format!("(…, {high}]"),
        [None, None] => NONE.to_owned(),
    }
}

/// A share as a percentage, a rate per second: the expression says which. Beside a limit on a time it is a share.
fn plain_value(item: &Item, value: f64) -> String {
    if item.limit_ns.is_some() || item.expression.contains('%') {
        share(value)
    } else {
        rate(value)
    }
}

/// The word for a state.
pub(crate) fn state(item: &Item) -> &'static str {
    match item.state {
        ItemState::Pass if item.marginal => "PASS (marginal)",
        ItemState::Pass => "PASS",
        ItemState::Fail => "FAIL",
        ItemState::Inconclusive => "INCONCLUSIVE",
        ItemState::Waived => "WAIVED",
        ItemState::NotRun => "NOT RUN",
        ItemState::Invalid => "INVALID",
    }
}

/// The word for a tier.
pub(crate) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Critical => "critical",
        Tier::Important => "important",
        Tier::NiceToHave => "nice-to-have",
    }
}

/// How items in a state went, after `items that`.
pub(crate) fn that_are(state: ItemState) -> &'static str {
    match state {
        ItemState::Pass => "passed",
        ItemState::Fail => "failed",
        ItemState::Inconclusive => "are inconclusive",
        ItemState::Waived => "were waived",
        ItemState::NotRun => "were not run",
        ItemState::Invalid => "rest on broken evidence",
    }
}

/// How an item in a state went, after `it`.
pub(crate) fn it_is(state: ItemState) -> &'static str {
    match state {
        ItemState::Pass => "passed",
        ItemState::Fail => "failed",
        ItemState::Inconclusive => "is inconclusive",
        ItemState::Waived => "was waived",
        ItemState::NotRun => "was not run",
        ItemState::Invalid => "rests on broken evidence",
    }
}

/// `text` with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// The sign before the word for a state.
pub(crate) fn sign(state: ItemState) -> &'static str {
    match state {
        ItemState::Pass => "✓",
        ItemState::Fail => "✗",
        ItemState::Inconclusive | ItemState::NotRun => "?",
        ItemState::Waived => "~",
        ItemState::Invalid => "!",
    }
}

/// Why an item is in its state and what to do about it, if there is anything to say.
pub(crate) fn remark(item: &Item) -> Option<String> {
    match (&item.reason, &item.advice) {
        (Some(reason), Some(advice)) => Some(format!("{reason}; {advice}")),
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (None, None) => None,
    }
}

/// The word for a validity.
pub(crate) fn validity(status: ValidityStatus) -> &'static str {
    match status {
        ValidityStatus::Valid => "VALID",
        ValidityStatus::Warn => "WARN",
        ValidityStatus::Invalid => "INVALID",
    }
}

/// By how many checks a run is valid or not, and how punctual the generator was.
pub(crate) fn validity_line(run: &Run) -> String {
    let checks = &run.validity.checks;
    let word = validity(run.validity.status);
    let broken = checks
        .iter()
        .filter(|check| check.status != ValidityStatus::Valid);
    let line = match (checks.len(), broken.count()) {
        (0, _) => "not checked".to_owned(),
        (1, 0) => format!("{word}, by 1 check"),
        (all, 0) => format!("{word}, by {all} checks"),
        (all, broken) => format!("{word}, by {broken} of {all} checks"),
    };
    let lags = run.tests.iter().filter_map(|test| test.dispatch_lag.p99_ns);
    match lags.max() {
        Some(lag) => format!(
            "{line}; 99 % of requests left within {} of their time",
            duration(lag)
        ),
        None => line,
    }
}

/// The checks that found something: of each sort and status the one that went furthest beyond its limit,
/// and the tests that it was found in, that one's first.
pub(crate) fn broken_checks(run: &Run) -> Vec<(&Check, Vec<&str>)> {
    let mut found: Vec<(&Check, Vec<&str>)> = Vec::new();
    let checks = run.validity.checks.iter();
    for check in checks.filter(|check| check.status != ValidityStatus::Valid) {
        let same = |(known, _): &&mut (&Check, Vec<&str>)| {
            known.name == check.name && known.status == check.status
        };
        let Some((worst, tests)) = found.iter_mut().find(same) else {
            found.push((check, vec![&check.test]));
            continue;
        };
        if excess(check) > excess(worst) {
            *worst = check;
            tests.insert(0, &check.test);
        } else {
            tests.push(&check.test);
        }
        // Several findings of one test are one test.
        let mut seen: Vec<&str> = Vec::new();
        tests.retain(|test| {
            let is_new = !seen.contains(test);
            seen.push(test);
            is_new
        });
    }
    found
}

/// How far a check is beyond its limit, whichever way that is.
fn excess(check: &Check) -> f64 {
    match (check.observed, check.limit) {
        (Some(observed), Some(limit)) if observed > 0.0 && limit > 0.0 => {
            (observed / limit).max(limit / observed)
        }
        _ => f64::INFINITY,
    }
}

/// The checks that found nothing, by name.
pub(crate) fn sound_checks(run: &Run) -> Option<String> {
    let checks = run.validity.checks.iter();
    let mut sound: Vec<String> = Vec::new();
    for check in checks.filter(|check| check.status == ValidityStatus::Valid) {
        let name = check.name.replace('_', " ");
        // Several tests have the same checks.
        if !sound.contains(&name) {
            sound.push(name);
        }
    }
    (!sound.is_empty()).then(|| format!("in order: {}", sound.join(", ")))
}

/// A check in words: what, whose fault, by how much, and what to do.
pub(crate) fn check(check: &Check) -> String {
    let name = check.name.replace('_', " ");
    format!("{name} ({}): {}", check.cause, check.sentence)
}

/// A check in short: `dispatch lag was 12.0 ms, limit 10.0 ms`.
pub(crate) fn breach(check: &Check) -> String {
    let value = |value: f64| match check.unit.as_str() {
        "ns" => duration(value.max(0.0).round() as u64),
        "share" => share(value),
        _ => number(value),
    };
    let mut text = check.name.replace('_', " ");
    if let Some(observed) = check.observed {
        text.push_str(&format!(" was {}", value(observed)));
    }
    if let Some(limit) = check.limit {
        text.push_str(&format!(", limit {}", value(limit)));
    }
    text
}

/// The ledger as the equation that it is.
pub(crate) fn ledger(totals: &Totals) -> String {
    let parts = [
        (totals.ok, "ok", true),
        (totals.failed, "failed", true),
        (totals.shed, "shed", false),
        (totals.timeout, "timeout", false),
        (totals.dropped, "dropped", false),
        (totals.in_flight_at_end, "in flight at the end", false),
    ];
    let sum: Vec<_> = parts
        .iter()
        .filter(|(number, _, always)| *always || *number > 0)
        .map(|(number, name, _)| format!("{} {name}", count(*number)))
        .collect();
    let balance = if totals.accounted() == totals.intended {
        String::new()
    } else {
        format!(
            "; this DOES NOT BALANCE: {} requests are unaccounted for, and no figure here may be relied on",
            count(totals.intended.abs_diff(totals.accounted()))
        )
    };
    format!(
        "{} requests intended = {}{balance}",
        count(totals.intended),
        sum.join(" + ")
    )
}

/// How a run ended that did not go to its end.
pub(crate) fn early_end(run: &Run) -> Option<String> {
    let head = match run.status {
        Status::Complete => return run.reason.as_ref().map(|why| format!("ended early: {why}")),
        Status::Interrupted => "ended early",
        Status::Incomplete if run.is_search() => {
            "INCOMPLETE: the search ended without a word, and the probe that was under way is missing"
        }
        Status::Incomplete => {
            "INCOMPLETE: the generator ended without a word, and what came after this was written is missing"
        }
    };
    Some(match &run.reason {
        Some(reason) => format!("{head}: {reason}"),
        None => head.to_owned(),
    })
}
