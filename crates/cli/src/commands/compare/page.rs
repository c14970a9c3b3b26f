//! A comparison for people.

use super::capacity;
use super::{Document, Figure, TestPair};
use plimsoll_report::page::{Page, Sheet, Tone};
use plimsoll_report::quantity::{duration, share};

pub(super) fn page(document: &Document) -> Page {
    let mut page = Page::default();
    page.line(Tone::Strong, &format!("{}: B beside A", document.b.name));
    for (letter, side) in [("A", &document.a), ("B", &document.b)] {
        let started = side.started_at.map(|at| format!(", {at}"));
        let revision = side.revision.as_ref().map(|one| format!(", {one}"));
        let text = format!(
            "{}{}{}: {}",
            side.folder,
            started.unwrap_or_default(),
            revision.unwrap_or_default(),
            side.sentence
        );
        page.labelled(Tone::Quiet, letter, &text);
    }
    if let Some(capacities) = &document.capacity {
        capacity::show(&mut page, capacities);
    }
    for test in &document.tests {
        page.gap();
        for difference in &test.differences {
            page.labelled(Tone::Doubtful, "differs", difference);
        }
        page.table(table(test));
        for judged in &test.judged {
            let tone = match judged.differs {
                Some(true) => Tone::Doubtful,
                Some(false) => Tone::Normal,
                None => Tone::Quiet,
            };
            page.labelled(tone, &judged.id, &judged.explanation);
        }
        if test.judged.is_empty() {
            page.line(
                Tone::Quiet,
                "no figure has an interval in both runs, so that nothing can be said of any difference: give the scenario thresholds",
            );
        }
    }
    if !document.unmatched.is_empty() {
        let names = document.unmatched.join(", ");
        page.labelled(Tone::Quiet, "only in one", &names);
    }
    page.gap();
    page.line(Tone::Doubtful, document.caveat);
    page
}

fn table(test: &TestPair) -> Sheet {
    let mut sheet = Sheet::new(&[&test.name, "A", "B", "change"], 1);
    for figure in &test.figures {
        let name = match (&figure.journey, &figure.step) {
            (None, _) => "all requests".to_owned(),
            (Some(journey), None) => format!("{journey} (journeys)"),
            (Some(journey), Some(step)) => format!("{journey}/{step}"),
        };
        let value = |value: Option<f64>, is_infinite: bool| match value {
            None if is_infinite => "∞".to_owned(),
            None => "—".to_owned(),
            Some(value) if figure.metric == "errors" => share(value),
            Some(ns) => duration(ns as u64),
        };
        sheet.row([
            (Tone::Normal, format!("{name} {}", figure.metric)),
            (Tone::Normal, value(figure.a, figure.a_infinite)),
            (Tone::Normal, value(figure.b, figure.b_infinite)),
            (Tone::Quiet, change(figure)),
        ]);
    }
    sheet
}

/// From A to B, without any claim.
fn change(figure: &Figure) -> String {
    match (figure.a, figure.b) {
        (Some(a), Some(b)) if figure.metric == "errors" => {
            format!("{:+.2} pp", ((b - a) * 1e4).round() / 100.0 + 0.0)
        }
        (Some(a), Some(b)) if a > 0.0 => {
            format!("{:+.1} %", ((b / a - 1.0) * 1e3).round() / 10.0 + 0.0)
        }
        _ => String::new(),
    }
}
