//! The answer and its reason in one sentence.

use crate::document::{Item, ItemState, Outcome, Run, ValidityStatus};
use crate::facts::Ending;
use crate::quantity::{count, number, span};
use crate::wording;

/// The sentence that ends a report.
pub(crate) fn verdict(run: &Run, ending: &Ending) -> String {
    let answer = answer(run);
    match ending {
        Ending::Complete => answer,
        Ending::Interrupted { reason } => format!("INTERRUPTED ({reason}): {answer}"),
        Ending::Aborted { reason } => format!("NO-GO: the run was given up: {reason}"),
        Ending::Incomplete { reason } => format!("INCOMPLETE ({reason}): {answer}"),
    }
}

fn answer(run: &Run) -> String {
    let of = |state: ItemState| run.items.iter().filter(move |item| item.state == state);
    match run.verdict.outcome {
        None => {
            let but = match run.validity.status {
                ValidityStatus::Invalid => ", and the run is not valid",
                ValidityStatus::Valid | ValidityStatus::Warn => "",
            };
            format!("nothing was to be judged: no threshold{but}")
        }
        Some(Outcome::Go) => match run.items.len() {
            1 => format!("GO: {} was shown to hold", claim(run, &run.items[0])),
            all => format!("GO: all {all} thresholds were shown to hold"),
        },
        Some(Outcome::Risk) => {
            let listed: Vec<_> = run
                .items
                .iter()
                .filter(|item| item.marginal || item.state == ItemState::Waived)
                .collect();
            let first = listed.first().map_or_else(String::new, |item| {
                format!(
                    ": {} is {}",
                    claim(run, item),
                    wording::state(item).to_lowercase()
                )
            });
            format!("GO WITH RISK{first}{}", more(listed.len()))
        }
        Some(Outcome::NoGo) => {
            let failed: Vec<_> = of(ItemState::Fail).collect();
            let first = failed
                .first()
                .map_or_else(String::new, |item| format!(": {}", failure(run, item)));
            format!("NO-GO{first}{}", more(failed.len()))
        }
        Some(Outcome::Inconclusive) => inconclusive(run),
        Some(Outcome::Invalid) => {
            let mut checks = run.validity.checks.iter();
            let broken = checks.find(|check| check.status == ValidityStatus::Invalid);
            let why =
                broken.map_or_else(String::new, |check| format!(": {}", wording::breach(check)));
            format!("INVALID: no pass may rest on this run{why}")
        }
    }
}

/// ` (and 2 more)`, of so many of which one was named.
fn more(all: usize) -> String {
    match all.saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {} more)", count(more as u64)),
    }
}

/// `p99 < 500ms on book/checkout`.
fn claim(run: &Run, item: &Item) -> String {
    match wording::subject(run, item) {
        "" => item.expression.clone(),
        subject => format!("{} on {subject}", item.expression),
    }
}

/// `p99 of book/checkout was 812 ms, limit 500 ms`.
fn failure(run: &Run, item: &Item) -> String {
    let metric = item.id.rsplit('/').next().unwrap_or_default();
    let of = match wording::subject(run, item) {
        "" => String::new(),
        subject => format!(" of {subject}"),
    };
    let limit = wording::limit(item);
    format!(
        "{metric}{of} was {}, limit {limit}",
        wording::observed(item)
    )
}

fn inconclusive(run: &Run) -> String {
    let open: Vec<_> = run
        .items
        .iter()
        .filter(|item| matches!(item.state, ItemState::Inconclusive | ItemState::NotRun))
        .collect();
    let Some(first) = open.first() else {
        return "INCONCLUSIVE: what holds was shown for a part of the run only".to_owned();
    };
    let head = format!(
        "INCONCLUSIVE: {} could not be settled{}",
        claim(run, first),
        more(open.len())
    );
    if open.iter().all(|item| item.n == 0) {
        return format!("{head}: there are no samples");
    }
    // The run that settles the slowest settles the others too.
    match open
        .iter()
        .map(|item| item.settles_in_ns)
        .collect::<Option<Vec<_>>>()
    {
        Some(times) => {
            let longest = times.into_iter().max().unwrap_or_default();
            let factor = match run.tests.as_slice() {
                [test] if test.elapsed_ns > 0 => {
                    let base = test.planned_ns.unwrap_or(test.elapsed_ns);
                    format!("about {}× longer ", factor(longest, base))
                }
                _ => String::new(),
            };
            format!("{head}: run {factor}({})", span(longest))
        }
        None => format!("{head}, and a longer run would not settle everything"),
    }
}

/// How many times as long, to one digit behind the point below 10, rounded up.
fn factor(longest: u64, elapsed: u64) -> String {
    let factor = longest as f64 / elapsed as f64;
    number(if factor < 10.0 {
        (factor * 10.0).ceil() / 10.0
    } else {
        factor.ceil()
    })
}
