//! `summary.md`: one screen for a pull request, the answer first.

pub(crate) mod markdown;
mod plan;

use std::io;

use crate::document::{Item, ItemState, Outcome, Run, Test, ValidityStatus};
use crate::plain::{plain_run, start_of};
use crate::quantity::count;
use crate::rows::{FIGURES, Level, MOST_ROWS, Row, count_columns, failures, rows, worst};
use crate::{sentence, wording};
use markdown::{Table, block, escape, quote};

/// Thresholds that are shown before the rest is folded.
const MOST_ITEMS: usize = 20;
/// Kinds of failure that are shown.
const MOST_FAILURES: usize = 5;

/// Writes the summary of a run.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn render(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let run = plain_run(run)?;
    if let Some(capacity) = run.capacity.as_ref().filter(|_| run.is_search()) {
        let page = crate::capacity::page(&run, capacity);
        return out.write_all(page.markdown().as_bytes());
    }
    let mark = match run.verdict.outcome {
        Some(Outcome::Go) => "✅",
        Some(Outcome::Risk) => "⚠️",
        Some(Outcome::NoGo) => "❌",
        Some(Outcome::Inconclusive | Outcome::Invalid) => "❔",
        None => "ℹ️",
    };
    let mut parts = vec![format!("## {mark} {}", escape(&run.verdict.sentence))];
    if let Some(plan) = &run.plan {
        parts.extend(plan::parts(&run, plan));
        return writeln!(out, "{}", parts.join("\n\n"));
    }
    parts.extend(sentence::next_step(&run).map(|next| escape(&next)));
    parts.extend(run.tests.iter().map(|test| driven(&run, test)));
    parts.extend(wording::early_end(&run).map(|end| format!("**{}**", escape(&end))));
    parts.extend(thresholds(&run));
    parts.extend(run.tests.iter().flat_map(|test| figures(&run, test)));
    parts.extend(run.tests.iter().filter_map(wrong));
    parts.push(standing(&run));
    parts.push(origin(&run));
    writeln!(out, "{}", parts.join("\n\n"))
}

fn driven(run: &Run, test: &Test) -> String {
    let name = match run.tests.len() {
        1 => run.name.clone(),
        _ => format!("{} / {}", run.name, test.name),
    };
    let caveat = wording::model_caveat(test)
        .map_or_else(String::new, |caveat| format!("\n\n> {}", escape(&caveat)));
    format!(
        "**{}** · {} · {}{caveat}",
        escape(&name),
        escape(&wording::model(test)),
        escape(&format!(
            "{} · {}",
            wording::driven(test),
            wording::warmup(test)
        ))
    )
}

/// The table of thresholds, those that did not pass first, what is too much folded away.
fn thresholds(run: &Run) -> Vec<String> {
    let (passed, open): (Vec<_>, Vec<_>) = run
        .items
        .iter()
        .partition(|item| item.state == ItemState::Pass && !item.marginal);
    let all: Vec<_> = open.into_iter().chain(passed).collect();
    let (shown, folded) = all.split_at(all.len().min(MOST_ITEMS));
    let mut parts = Vec::new();
    if !shown.is_empty() {
        parts.push(items(run, shown));
    }
    if !folded.is_empty() {
        let head = format!("{} more thresholds", folded.len());
        parts.push(details(&head, &items(run, folded)));
    }
    parts
}

fn items(run: &Run, items: &[&Item]) -> String {
    let mut table = Table::new(&["", "threshold", "of", "observed [95 %]", "n", ""], 3);
    for item in items {
        let remark = match item.state {
            ItemState::Pass => String::new(),
            _ => wording::remark(item).unwrap_or_default(),
        };
        table.row(&[
            format!("{} {}", wording::sign(item.state), wording::state(item)),
            item.expression.clone(),
            match wording::subject(run, item) {
                "" => "everything".to_owned(),
                subject => subject.to_owned(),
            },
            wording::observed_within(item),
            count(item.n),
            remark,
        ]);
    }
    table.finish()
}

fn figures(run: &Run, test: &Test) -> Vec<String> {
    let (rows, left_out) = worst(rows(test), MOST_ROWS);
    let counts = count_columns(&rows);
    let headings: Vec<_> = std::iter::once(match wording::model_caveat(test) {
        Some(_) => "CLOSED model",
        None => "",
    })
    .chain(counts.iter().map(|column| column.0))
    .chain(FIGURES)
    .collect();
    let mut table = Table::new(&headings, 1);
    for row in &rows {
        let numbers = counts.iter().map(|(_, read)| count(read(row.totals)));
        let times = FIGURES
            .iter()
            .map(|name| wording::figure(row.response, name));
        let cells: Vec<_> = std::iter::once(name(row))
            .chain(numbers)
            .chain(times)
            .collect();
        table.row(&cells);
        if row.has_other_successes() {
            let blanks = counts.iter().map(|_| String::new());
            let times = FIGURES
                .iter()
                .map(|name| wording::figure(row.response_ok, name));
            let label = std::iter::once("… ok only".to_owned());
            table.row(&label.chain(blanks).chain(times).collect::<Vec<_>>());
        }
    }
    let mut parts = Vec::new();
    if run.tests.len() > 1 {
        parts.push(format!("### {}", escape(&test.name)));
    }
    parts.push(table.finish());
    parts.extend(stages(test));
    let notes = left_out.into_iter().chain(wording::footnotes(&rows));
    parts.extend(notes.map(|note| escape(&note)));
    parts
}

/// The figures of each stage, of a load that has several.
fn stages(test: &Test) -> Option<String> {
    let headings = ["stage", "intended", "ok"].into_iter().chain(FIGURES);
    let mut table = Table::new(&headings.collect::<Vec<_>>(), 1);
    for (at, stage) in test.stages.iter().enumerate() {
        let counts = [stage.totals.intended, stage.totals.ok].map(count);
        let times = FIGURES.map(|name| wording::figure(&stage.response, name));
        let cells = std::iter::once(wording::stage(test, at, stage))
            .chain(counts)
            .chain(times);
        table.row(&cells.collect::<Vec<_>>());
    }
    (!test.stages.is_empty()).then(|| table.finish())
}

fn name(row: &Row<'_>) -> String {
    match row.level {
        Level::Journey => format!("{} (journeys)", row.name),
        Level::Step => format!("– {}", row.name),
        Level::Only | Level::All => row.name.clone(),
    }
}

/// What went wrong in a test, if anything did.
fn wrong(test: &Test) -> Option<String> {
    let failures = failures(test);
    let lines: Vec<_> = failures
        .iter()
        .take(MOST_FAILURES)
        .map(|failure| {
            let example = failure.example.map_or_else(String::new, |example| {
                format!(", e.g. {}", start_of(&example.message, 160))
            });
            let line = format!("{}{example}", wording::failure(failure));
            format!("- {}", escape(&line))
        })
        .chain(
            (failures.len() > MOST_FAILURES)
                .then(|| format!("- and {} more kinds", failures.len() - MOST_FAILURES)),
        )
        .collect();
    (!lines.is_empty()).then(|| format!("**What went wrong**\n\n{}", lines.join("\n")))
}

/// Validity, ledger and notices.
fn standing(run: &Run) -> String {
    let mut lines = vec![format!(
        "- validity: {}",
        escape(&wording::validity_line(run))
    )];
    for check in &run.validity.checks {
        if check.status != ValidityStatus::Valid {
            let line = format!(
                "{}: {}",
                wording::validity(check.status),
                wording::check(check)
            );
            lines.push(format!("  - {}", escape(&line)));
        }
    }
    if let Some(sound) = wording::sound_checks(run) {
        lines.push(format!("  - {}", escape(&sound)));
    }
    lines.push(format!(
        "- ledger: {}",
        escape(&wording::ledger(&run.totals))
    ));
    for notice in &run.notices {
        lines.push(format!("- note: {}", escape(&notice.text)));
    }
    lines.join("\n")
}

/// How to do it again, and with what it was done.
fn origin(run: &Run) -> String {
    let command: Vec<_> = run.command.iter().map(|argument| quote(argument)).collect();
    let mut lines: Vec<_> = run
        .sources
        .iter()
        .map(|source| {
            let line = format!("{} {}, sha256 {}", source.role, source.path, source.sha256);
            format!("- {}", escape(&line))
        })
        .collect();
    let build = if run.engine.debug_build {
        ", DEBUG BUILD"
    } else {
        ""
    };
    let started = run
        .started_at
        .map_or_else(String::new, |at| format!(", started {at}"));
    let engine = format!(
        "plimsoll {}{build}, timer {}{started}",
        run.engine.version, run.engine.timer
    );
    lines.push(format!("- {}", escape(&engine)));
    let body = match command.as_slice() {
        [] => lines.join("\n"),
        command => format!("{}\n\n{}", block(&command.join(" ")), lines.join("\n")),
    };
    details("Reproduce", &body)
}

fn details(head: &str, body: &str) -> String {
    format!("<details><summary>{head}</summary>\n\n{body}\n\n</details>")
}

#[cfg(test)]
mod tests;
