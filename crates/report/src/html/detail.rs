//! Everything that was judged, measured and proven, as tables.

use super::table::{Cell, Table};
use super::words;
use crate::document::{IdentityStatus, Item, Run, Totals};
use crate::plain::start_of;
use crate::quantity::{count, number, plural, rate, span};
use crate::rows::FIGURES;
use crate::{meeting, wording};

/// Examples of failures that are shown.
const MOST_EXAMPLES: usize = 40;
/// Characters of an example's body.
const LONGEST: usize = 2_000;

/// Counts that are shown where there are any.
const RARE: [&str; 4] = ["shed", "timeout", "dropped", "in flight"];

/// What one failure looked like.
pub(super) struct Shown {
    pub(super) head: String,
    pub(super) message: String,
    pub(super) body: String,
}

pub(super) fn tables(run: &Run) -> Vec<Table> {
    Table::filled([
        items(run),
        attempts(run),
        tests(run).without_zeros(&RARE),
        journeys(run).without_zeros(&RARE),
        steps(run).without_zeros(&RARE),
        validity(run),
        proofs(run),
        served(run),
        differences(run),
        sources(run),
    ])
}

fn items(run: &Run) -> Table {
    let headings = [
        "state",
        "tier",
        "item",
        "promised",
        "#observed",
        "#limit",
        "#samples",
        "#load/s",
        "why",
        "owner",
        "where",
    ];
    let mut table = Table::new("items", "Items", &headings);
    for item in meeting::by_badness(run) {
        let observed = item.observed_ns.map(|ns| ns as f64).or(item.observed);
        let limit = item.limit_ns.map(|ns| ns as f64).or(item.limit);
        let independent = item
            .n_eff
            .map_or_else(String::new, |n| format!("worth {}", number(n)));
        let between = item.between_ns.map_or_else(String::new, |[from, until]| {
            format!("{} – {}", span(from), span(until))
        });
        let interval = match wording::interval(item) {
            none if none == wording::NONE => String::new(),
            interval => interval,
        };
        let was = item.waived_from.or(item.outdated_from);
        let was = was.map_or_else(String::new, |was| format!("was {was:?}").to_lowercase());
        let load = item.achieved_rate.or(item.offered_rate);
        table.rows.push(vec![
            words::state(item).note(was),
            tier(run, item),
            Cell::new(&item.id).class("code"),
            Cell::new(&item.expression),
            Cell::number(wording::observed(item), observed).note(interval),
            Cell::number(wording::limit(item), limit),
            Cell::number(count(item.n), Some(item.n as f64)).note(independent),
            words::figure(load, number).note(between),
            Cell::new(wording::remark(item).unwrap_or_default()),
            Cell::new(item.owner.as_deref().unwrap_or(wording::NONE)),
            Cell::new(item.promised_at.as_deref().unwrap_or(wording::NONE)),
        ]);
    }
    table
}

fn tier(run: &Run, item: &Item) -> Cell {
    match run.plan {
        Some(_) => Cell::new(wording::tier(item.tier())).sorted((item.tier() as u8).to_string()),
        None => Cell::new(wording::NONE),
    }
}

fn attempts(run: &Run) -> Table {
    let headings = ["item", "run", "when", "state", "observed"];
    let mut table = Table::new("attempts", "Attempts", &headings);
    table.lead = "Every time that an item was judged; the newest counts.".to_owned();
    for item in run.items.iter().filter(|item| !item.attempts.is_empty()) {
        for attempt in &item.attempts {
            let as_item = Item {
                state: attempt.state,
                ..Default::default()
            };
            table.rows.push(vec![
                Cell::new(&item.id).class("code"),
                Cell::new(&attempt.run),
                Cell::new(
                    attempt
                        .started_at
                        .map_or_else(|| wording::NONE.to_owned(), |at| at.to_string()),
                ),
                words::state(&as_item),
                Cell::new(&attempt.observed),
            ]);
        }
    }
    table
}

fn ledger_headings<'a>(first: &[&'a str]) -> Vec<&'a str> {
    let counts = [
        "#intended",
        "#ok",
        "#failed",
        "#shed",
        "#timeout",
        "#dropped",
        "#in flight",
    ];
    first.iter().copied().chain(counts).collect()
}

fn ledger(totals: &Totals) -> Vec<Cell> {
    let cell = |number: u64| Cell::number(count(number), Some(number as f64));
    totals.counts().map(cell).to_vec()
}

fn tests(run: &Run) -> Table {
    let mut headings = vec![
        "test",
        "#peak",
        "#length",
        "#offered",
        "#achieved",
        "#goodput",
    ];
    headings = ledger_headings(&headings);
    headings.extend(["#p50", "#p95", "#p99", "#max"]);
    let mut table = Table::new("tests", "Tests", &headings);
    table.lead =
        "Counts are of requests; what did not end well counts as infinitely slow.".to_owned();
    for test in &run.tests {
        let mut row = vec![
            Cell::new(&test.name).class("strong"),
            words::figure(meeting::peak(test), rate),
            Cell::number(span(test.elapsed_ns), Some(test.elapsed_ns as f64)),
            words::figure(test.offered_rate, rate),
            words::figure(test.achieved_rate, rate),
            words::figure(test.goodput_rate, rate),
        ];
        row.extend(ledger(&test.totals));
        row.extend(["p50", "p95", "p99", "max"].map(|name| words::latency(&test.response, name)));
        table.rows.push(row);
    }
    table
}

fn journeys(run: &Run) -> Table {
    let mut headings = ledger_headings(&["test", "journey"]);
    headings.extend(["#p50", "#p90", "#p95", "#p99", "#max"]);
    let mut table = Table::new("journeys", "Journeys", &headings);
    table.lead =
        "Counts are of journeys, times from the intended start, without thinking.".to_owned();
    for test in &run.tests {
        for journey in &test.journeys {
            let mut row = vec![
                Cell::new(&test.name),
                Cell::new(&journey.name).class("strong"),
            ];
            row.extend(ledger(&journey.totals));
            row.extend(FIGURES.map(|name| words::latency(&journey.response, name)));
            table.rows.push(row);
        }
    }
    table
}

fn steps(run: &Run) -> Table {
    let mut headings = ledger_headings(&["test", "journey", "step"]);
    headings.extend([
        "#p50",
        "#p90",
        "#p95",
        "#p99",
        "#max",
        "#service p99",
        "#connect p99",
        "errors",
    ]);
    let mut table = Table::new("steps", "Steps", &headings);
    for test in &run.tests {
        for journey in &test.journeys {
            for step in &journey.steps {
                let errors: Vec<_> = step
                    .errors
                    .iter()
                    .map(|(kind, number)| format!("{} {kind}", count(*number)))
                    .collect();
                let mut row = vec![
                    Cell::new(&test.name),
                    Cell::new(&journey.name),
                    Cell::new(&step.name).class("strong"),
                ];
                row.extend(ledger(&step.totals));
                row.extend(FIGURES.map(|name| words::latency(&step.response, name)));
                row.push(words::latency(&step.service, "p99"));
                row.push(words::latency(&step.connect, "p99"));
                row.push(Cell::new(errors.join(", ")));
                table.rows.push(row);
            }
        }
    }
    table
}

fn validity(run: &Run) -> Table {
    let headings = ["status", "test", "check", "cause", "what was seen"];
    let mut table = Table::new("validity", "Validity", &headings);
    table.lead =
        "Whether the figures may be believed: what the generator and its surroundings did."
            .to_owned();
    let mut checks: Vec<_> = run.validity.checks.iter().collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.status));
    for check in checks {
        table.rows.push(vec![
            Cell::new(wording::validity(check.status))
                .class(words::validity(check.status))
                .sorted(format!("{}", check.status as u8)),
            Cell::new(&check.test),
            Cell::new(wording::breach(check)),
            Cell::new(&check.cause),
            Cell::new(&check.sentence),
        ]);
    }
    table
}

fn proofs(run: &Run) -> Table {
    let headings = [
        "component",
        "phase",
        "source",
        "version",
        "revision",
        "is the release",
    ];
    let mut table = Table::new("identity", "Identity of the build", &headings);
    let Some(identity) = &run.identity else {
        return table;
    };
    table.lead = identity.sentence.clone();
    for component in &identity.components {
        let tone = match component.status {
            IdentityStatus::Proven => "good",
            IdentityStatus::Unproven => "doubtful",
            IdentityStatus::Changed | IdentityStatus::Mismatch => "bad",
        };
        for proof in &component.proofs {
            let agrees = match (proof.agrees, &proof.problem) {
                (Some(true), _) => Cell::new("yes").class("good"),
                (Some(false), _) => Cell::new("no").class("bad"),
                (None, problem) => Cell::new("unknown")
                    .class("doubtful")
                    .note(problem.as_deref().unwrap_or_default()),
            };
            table.rows.push(vec![
                Cell::new(&component.name).class("strong"),
                Cell::new(&proof.phase).note(proof.test.as_deref().unwrap_or_default()),
                Cell::new(&proof.source),
                Cell::new(proof.version.as_deref().unwrap_or(wording::NONE)),
                Cell::new(
                    proof
                        .revision
                        .as_deref()
                        .map_or_else(|| wording::NONE.to_owned(), wording::short),
                )
                .class("code"),
                agrees,
            ]);
        }
        table.rows.push(vec![
            Cell::new(&component.name).class("strong"),
            Cell::new("all"),
            Cell::new(plural(component.proofs.len(), "proof")),
            Cell::new(&component.version),
            Cell::new(
                component
                    .revision
                    .as_deref()
                    .map_or_else(|| wording::NONE.to_owned(), wording::short),
            )
            .class("code"),
            Cell::new(&component.sentence).class(tone),
        ]);
    }
    table
}

fn served(run: &Run) -> Table {
    let headings = [
        "test",
        "header",
        "build",
        "#responses",
        "#first",
        "#last",
        "expected",
    ];
    let mut table = Table::new("served", "Builds that answered", &headings);
    for served in run.identity.iter().flat_map(|identity| &identity.served) {
        let expected = match served.expected {
            true => Cell::new("yes").class("good"),
            false => Cell::new("no").class("bad"),
        };
        table.rows.push(vec![
            Cell::new(&served.test),
            Cell::new(&served.header),
            Cell::new(served.value.as_deref().unwrap_or("(none)")).class("code"),
            Cell::number(count(served.responses), Some(served.responses as f64)),
            Cell::number(span(served.first_ns), Some(served.first_ns as f64)),
            Cell::number(span(served.last_ns), Some(served.last_ns as f64)),
            expected,
        ]);
    }
    table
}

fn differences(run: &Run) -> Table {
    let headings = ["path", "rendered", "deployed", "reason", "owner"];
    let mut table = Table::new("configuration", "Differences in configuration", &headings);
    let config = run
        .identity
        .as_ref()
        .and_then(|identity| identity.config.as_ref());
    let Some(config) = config else { return table };
    table.lead = match &config.problem {
        Some(problem) => format!(
            "{} and {} could not be compared: {problem}",
            config.rendered, config.deployed
        ),
        None => format!("{} against {}.", config.rendered, config.deployed),
    };
    let or_none = |text: &Option<String>| Cell::new(text.as_deref().unwrap_or(wording::NONE));
    for one in &config.differences {
        let reason = match &one.reason {
            Some(reason) => Cell::new(reason),
            None => Cell::new("NOT DECLARED").class("bad"),
        };
        table.rows.push(vec![
            Cell::new(&one.path).class("code"),
            or_none(&one.rendered),
            or_none(&one.deployed),
            reason,
            or_none(&one.owner),
        ]);
    }
    table
}

fn sources(run: &Run) -> Table {
    let mut table = Table::new("sources", "Sources", &["role", "file", "SHA-256"]);
    for source in &run.sources {
        table.rows.push(vec![
            Cell::new(&source.role),
            Cell::new(&source.path),
            Cell::new(&source.sha256).class("code"),
        ]);
    }
    table
}

pub(super) fn examples(run: &Run) -> Vec<Shown> {
    let all = run
        .tests
        .iter()
        .flat_map(|test| test.examples.iter().map(move |example| (test, example)));
    let shown = all.take(MOST_EXAMPLES).map(|(test, example)| {
        let parts = [&example.request, &example.response, &example.body];
        let body: Vec<_> = parts.iter().filter_map(|part| part.as_deref()).collect();
        Shown {
            head: start_of(
                &format!(
                    "{} in {}/{}, {} into {}",
                    example.kind,
                    example.journey,
                    example.step,
                    span(example.at_ns),
                    test.name
                ),
                300,
            ),
            message: start_of(&example.message, LONGEST),
            body: start_of(&body.join("\n\n"), LONGEST),
        }
    });
    shown.collect()
}

/// The command that reproduces the run, as a shell takes it.
pub(super) fn command(run: &Run) -> String {
    let arguments: Vec<_> = run
        .command
        .iter()
        .map(|one| crate::sentence::quoted(one))
        .collect();
    start_of(&arguments.join(" "), LONGEST)
}

/// With what it was done.
pub(super) fn origin(run: &Run) -> String {
    let build = if run.engine.debug_build {
        " (DEBUG BUILD)"
    } else {
        ""
    };
    let mut parts = vec![format!("plimsoll {}{build}", run.engine.version)];
    parts.extend(run.engine.platform.clone());
    parts.push(format!("timer {}", run.engine.timer));
    parts.extend(run.started_at.map(|at| format!("started {at}")));
    parts.extend(
        run.plan
            .as_ref()
            .map(|plan| format!("plan {} sha256 {}", plan.file, plan.sha256)),
    );
    start_of(&parts.join(" · "), LONGEST)
}

pub(super) fn notices(run: &Run) -> Vec<String> {
    let notices = run
        .notices
        .iter()
        .map(|notice| start_of(&notice.text, LONGEST));
    notices.collect()
}
