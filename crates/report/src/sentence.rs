//! The answer and its reason in one sentence.

mod plan;

use crate::document::{Item, ItemState, Outcome, Run, Status, ValidityStatus};
use crate::facts::Ending;
use crate::quantity::{count, number, share, span};
use crate::wording;

/// The sentence that ends a report.
pub(crate) fn verdict(run: &Run, ending: &Ending) -> String {
    let answer = match (&run.plan, &run.capacity) {
        (Some(_), _) => plan::answer(run),
        (None, Some(capacity)) if run.is_search() => capacity.sentence.clone(),
        (None, _) => answer(run),
    };
    match ending {
        Ending::Interrupted { .. } if run.is_search() => format!("INTERRUPTED: {answer}"),
        Ending::Complete | Ending::Decided => answer,
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
            format!("GO-WITH-RISK{first}{}", more(listed.len()))
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
pub(crate) fn more(all: usize) -> String {
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
pub(crate) fn failure(run: &Run, item: &Item) -> String {
    let metric = item.id.rsplit('/').next().unwrap_or_default();
    let of = match wording::subject(run, item) {
        "" => String::new(),
        subject => format!(" of {subject}"),
    };
    let limit = wording::limit(item);
    if let (Some(_), Some(slower)) = (item.limit_ns, item.observed) {
        // A percentile over a window.
        return format!(
            "{metric}{of}: in a stretch {} took longer than {limit}, or failed",
            share(slower)
        );
    }
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
    if run.status != Status::Complete {
        return format!("{head}: it ended before its time");
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

/// What to do about a run that does not answer the question, for somebody who has read nothing.
pub(crate) fn next_step(run: &Run) -> Option<String> {
    // With a plan, the verdict's sentence ends in the shortest path to GO.
    if run.plan.is_some() || run.is_search() {
        return None;
    }
    match run.verdict.outcome? {
        Outcome::Go | Outcome::Risk | Outcome::NoGo => None,
        Outcome::Invalid => {
            let mut checks = run.validity.checks.iter();
            let broken = checks.find(|check| check.status == ValidityStatus::Invalid)?;
            let who = match broken.cause.as_str() {
                "generator" => "It is the load generator that could not keep up, not the service",
                "environment" => {
                    "It is the machine of the load generator that got in the way, not the service"
                }
                _ => "It is the way the test is set up that got in the way",
            };
            Some(format!(
                "{who}: do what is said above at INVALID, and run it again. A failure that this cannot explain would stand, a threshold that passed does not"
            ))
        }
        Outcome::Inconclusive => {
            let open = run
                .items
                .iter()
                .filter(|item| matches!(item.state, ItemState::Inconclusive | ItemState::NotRun));
            let open: Vec<&Item> = open.collect();
            let longest = open
                .iter()
                .map(|item| item.settles_in_ns)
                .collect::<Option<Vec<_>>>()
                .and_then(|times| times.into_iter().max());
            let doubt = "It is not a failure: there is too little evidence for either answer.";
            let was_cut_short =
                run.status != Status::Complete && open.iter().any(|item| item.n > 0);
            Some(match longest {
                _ if open.is_empty() || was_cut_short => {
                    "It is not a failure: the run ended before its time, and what holds was shown for a part of it only. Run it to its end".to_owned()
                }
                Some(ns) => format!("{doubt} {}", longer(run, ns)),
                None if open.iter().all(|item| item.n == 0) => format!(
                    "{doubt} No request was made that could be judged: see what went wrong, and look at one journey with `plimsoll try`"
                ),
                None => format!(
                    "{doubt} What was seen lies so close to the limit that no run of practical length will tell: improve the service, or agree on another limit"
                ),
            })
        }
    }
}

/// How to run as long as it takes.
fn longer(run: &Run, ns: u64) -> String {
    // Rounded up, and a little more, because what comes may scatter more than what was seen.
    let seconds = (ns as f64 * 1.1 / 1e9).ceil();
    if let [test] = run.tests.as_slice()
        && test.planned_ns.is_none()
        && test.elapsed_ns > 0
    {
        let factor = (seconds * 1e9 / test.elapsed_ns as f64 * 10.0).ceil() / 10.0;
        return format!("Run about {} times as many iterations", number(factor));
    }
    let has_stages = run
        .tests
        .iter()
        .any(|test| test.load.as_ref().is_some_and(|load| load.stages.len() > 1));
    if run.command.is_empty() || has_stages || run.tests.len() != 1 {
        return format!("Run longer, about {} in all", span((seconds * 1e9) as u64));
    }
    let mut command: Vec<String> = Vec::new();
    let mut arguments = run.command.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--duration" {
            arguments.next();
        } else if !argument.starts_with("--duration=") {
            command.push(quoted(argument));
        }
    }
    format!("Run longer: {} --duration {seconds}s", command.join(" "))
}

/// An argument as a shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@,%+".contains(char);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
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
