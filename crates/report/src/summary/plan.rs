//! The summary of a run with a plan: what a reviewer has to know, on one screen.

use super::markdown::{Table, escape};
use super::{details, figures, items, origin, standing, wrong};
use crate::document::{Item, ItemState, Plan, Run};
use crate::quantity::{plural, rate, share, span};
use crate::{meeting, wording};

/// Items that are shown before the rest is folded.
const MOST_ITEMS: usize = 20;
/// Things unknown that are shown before the rest is counted.
const MOST_UNKNOWNS: usize = 8;

pub(super) fn parts(run: &Run, plan: &Plan) -> Vec<String> {
    let mut parts = vec![release(run, plan)];
    parts.extend(wording::early_end(run).map(|end| format!("**{}**", escape(&end))));
    parts.push(tiers(run));
    parts.extend(open_items(run));
    parts.extend(unknowns(run));
    parts.extend(waivers(plan));
    parts.extend(risks(plan));
    parts.push(tests(run));
    if let Some(capacity) = &run.capacity {
        let page = crate::capacity::shown(capacity).markdown();
        parts.push(page.trim_end().to_owned());
    }
    parts.extend(passed(run));
    let all: Vec<_> = run
        .tests
        .iter()
        .flat_map(|test| figures(run, test))
        .collect();
    if !all.is_empty() {
        parts.push(details("Figures of every test", &all.join("\n\n")));
    }
    let wrong: Vec<_> = run.tests.iter().filter_map(wrong).collect();
    if !wrong.is_empty() {
        parts.push(details("What went wrong", &wrong.join("\n\n")));
    }
    parts.push(standing(run));
    parts.push(origin(run));
    parts
}

fn release(run: &Run, plan: &Plan) -> String {
    let mut line = vec![format!("**{}**", escape(&plan.name))];
    line.extend(wording::release(plan).map(|release| escape(&release)));
    line.push(escape(&wording::promised_load(plan)));
    if let Some(identity) = &run.identity {
        line.push(escape(&format!("identity: {}", identity.sentence)));
    }
    line.join(" · ")
}

/// How many items of each tier are in each state; states that nothing is in are left out.
fn tiers(run: &Run) -> String {
    let counts = meeting::counts(run);
    let used = meeting::used_states(&counts);
    let headings = std::iter::once("tier").chain(used.iter().map(|at| meeting::STATES[*at].0));
    let mut table = Table::new(&headings.collect::<Vec<_>>(), 1);
    for (tier, of) in &counts {
        let cells = used.iter().map(|at| match of[*at] {
            0 => wording::NONE.to_owned(),
            some => some.to_string(),
        });
        let cells = std::iter::once(wording::tier(*tier).to_owned()).chain(cells);
        table.row(&cells.collect::<Vec<_>>());
    }
    table.finish()
}

/// What did not pass, the worst first.
fn open_items(run: &Run) -> Vec<String> {
    let open = meeting::by_badness(run);
    let open: Vec<&Item> = open.into_iter().filter(|item| !is_passed(item)).collect();
    let (shown, folded) = open.split_at(open.len().min(MOST_ITEMS));
    let mut parts = Vec::new();
    if !shown.is_empty() {
        parts.push(items(run, shown));
    }
    if !folded.is_empty() {
        let head = format!("{} that did not pass", plural(folded.len(), "more item"));
        parts.push(details(&head, &items(run, folded)));
    }
    parts
}

fn is_passed(item: &Item) -> bool {
    item.state == ItemState::Pass && !item.marginal
}

fn passed(run: &Run) -> Option<String> {
    let passed: Vec<_> = run.items.iter().filter(|item| is_passed(item)).collect();
    let head = format!("{} passed", plural(passed.len(), "item"));
    (!passed.is_empty()).then(|| details(&head, &items(run, &passed)))
}

fn unknowns(run: &Run) -> Option<String> {
    let unknowns = meeting::unknowns(run);
    let lines = unknowns.iter().take(MOST_UNKNOWNS).map(|unknown| {
        let line = wording::unknown(unknown);
        format!("- {}", escape(&line))
    });
    let more = unknowns.len().saturating_sub(MOST_UNKNOWNS);
    let lines: Vec<_> = lines
        .chain((more > 0).then(|| format!("- and {more} more")))
        .collect();
    let head = match meeting::needed_ns(&unknowns) {
        0 => "**What we do not know**".to_owned(),
        ns => format!("**What we do not know** (finding out takes {})", span(ns)),
    };
    (!lines.is_empty()).then(|| format!("{head}\n\n{}", lines.join("\n")))
}

fn waivers(plan: &Plan) -> Option<String> {
    let line = |waiver: &crate::document::Waiver| {
        let line = format!("{}: {} ({})", waiver.item, waiver.sentence, waiver.reason);
        format!("- {}", escape(&line))
    };
    let lines: Vec<_> = plan.waivers.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("**Waivers**\n\n{}", lines.join("\n")))
}

fn risks(plan: &Plan) -> Option<String> {
    let lines: Vec<_> = plan
        .risks
        .iter()
        .map(|risk| format!("- {}", escape(&wording::risk(risk))))
        .collect();
    (!lines.is_empty()).then(|| format!("**Risks**\n\n{}", lines.join("\n")))
}

/// One row a test, with what was found out about how the system degrades and recovers.
fn tests(run: &Run) -> String {
    let headings = [
        "test",
        "load",
        "length",
        "good requests",
        "not ok",
        "p99",
        "found",
    ];
    let mut table = Table::new(&headings, 1);
    for test in &run.tests {
        let bad = test.totals.intended.saturating_sub(test.totals.ok);
        table.row(&[
            test.name.clone(),
            meeting::peak(test).map_or_else(|| wording::NONE.to_owned(), rate),
            span(test.elapsed_ns),
            test.goodput_rate
                .map_or_else(|| wording::NONE.to_owned(), rate),
            match test.totals.intended {
                0 => wording::NONE.to_owned(),
                all => share(bad as f64 / all as f64),
            },
            wording::figure(&test.response, "p99"),
            test.findings
                .iter()
                .map(|finding| finding.sentence.clone())
                .collect::<Vec<_>>()
                .join("; "),
        ]);
    }
    table.finish()
}
