//! A search for people.

use super::words;
use crate::document::{Capacity, Limit, NoticeLevel, Probe, Run, Scalability, Status};
use crate::page::{Page, Sheet, Tone};
use crate::quantity::{duration, number, rate, share, span};
use crate::wording;

/// A search as lines and tables.
pub(crate) fn page(run: &Run, capacity: &Capacity) -> Page {
    let mut page = Page::default();
    page.line(Tone::Strong, &format!("{}: how much it bears", run.name));
    for objective in &capacity.objectives {
        page.labelled(Tone::Quiet, "borne if", objective);
    }
    page.gap();
    let headings = [
        "",
        "journeys",
        "measured",
        "requests",
        "in flight",
        "p50",
        "p99",
        "errors",
        "CPUs",
        "outcome",
    ];
    let mut sheet = Sheet::new(&headings, 1);
    for probe in &capacity.probes {
        sheet.row(row(probe));
    }
    page.table(sheet);
    for probe in &capacity.probes {
        if matches!(
            probe.outcome.as_str(),
            "generator_limited" | "doubtful" | "not_settled"
        ) {
            let label = format!("{} {}", words::kind(&probe.kind), rate(probe.rate));
            page.labelled(Tone::Doubtful, &label, &probe.reason);
        }
    }
    page.gap();
    what_follows(&mut page, capacity);
    for notice in &run.notices {
        let tone = match notice.level {
            NoticeLevel::Info => Tone::Quiet,
            NoticeLevel::Warn => Tone::Doubtful,
        };
        page.labelled(tone, "note", &notice.text);
    }
    if let Some(end) = wording::early_end(run) {
        page.labelled(Tone::Doubtful, "stopped", &end);
    }
    page.gap();
    let tone = match run.verdict.exit_code {
        0 if capacity.limited_by == Some(Limit::Generator) => Tone::Doubtful,
        0 if run.status == Status::Complete => Tone::Good,
        20 => Tone::Bad,
        _ => Tone::Doubtful,
    };
    page.line(tone, &run.verdict.sentence);
    page
}

/// The result of a search in the report of another run.
pub(crate) fn shown(capacity: &Capacity) -> Page {
    let mut page = Page::default();
    page.line(Tone::Strong, "How much it bears");
    page.line(Tone::Normal, &capacity.sentence);
    if let Some(earlier) = &capacity.earlier {
        page.labelled(Tone::Quiet, "search", &words::origin(earlier));
        for doubt in words::doubts(earlier) {
            page.labelled(Tone::Doubtful, "search", &doubt);
        }
    }
    for objective in &capacity.objectives {
        page.labelled(Tone::Quiet, "borne if", objective);
    }
    what_follows(&mut page, capacity);
    page
}

/// What follows from the probes.
fn what_follows(page: &mut Page, capacity: &Capacity) {
    let first = words::gives_first(capacity);
    if !first.is_empty() {
        page.labelled(Tone::Normal, "gives first", &first);
    }
    scalability(page, &capacity.scalability);
    if let Some(resources) = &capacity.resources {
        if let Some(cost) = words::cost(resources) {
            page.labelled(Tone::Normal, "cost", &cost);
        }
        if let Some(why) = &resources.refused {
            page.labelled(Tone::Quiet, "cost", why);
        }
    }
    if let Some(headroom) = words::headroom(capacity) {
        let tone = match capacity.planning.headroom {
            Some(headroom) if headroom < 0.0 => Tone::Bad,
            _ => Tone::Normal,
        };
        page.labelled(tone, "headroom", &headroom);
    }
    for (label, text) in [
        ("time left", words::time_left(capacity)),
        ("instances", words::instances(capacity)),
    ] {
        if let Some(text) = text {
            page.labelled(Tone::Normal, label, &text);
        }
    }
}

fn row(probe: &Probe) -> Vec<(Tone, String)> {
    let time = |ns: Option<u64>, is_infinite: bool| match ns {
        None if is_infinite => "∞".to_owned(),
        None => String::new(),
        Some(ns) => duration(ns),
    };
    let tone = match probe.outcome.as_str() {
        "passed" | "settled" => Tone::Good,
        "failed" => Tone::Bad,
        _ => Tone::Doubtful,
    };
    let normal = |text: String| (Tone::Normal, text);
    let or_nothing = |value: Option<f64>, show: fn(f64) -> String| {
        (Tone::Normal, value.map_or_else(String::new, show))
    };
    vec![
        normal(words::kind(&probe.kind).to_owned()),
        (Tone::Strong, rate(probe.rate)),
        (Tone::Quiet, span(probe.measured_ns)),
        or_nothing(probe.throughput, rate),
        or_nothing(probe.in_flight, number),
        normal(time(probe.p50_ns, false)),
        normal(time(probe.p99_ns, probe.p99_infinite)),
        or_nothing(probe.errors, share),
        or_nothing(probe.processors, number),
        (tone, probe.outcome.replace('_', " ")),
    ]
}

fn scalability(page: &mut Page, scalability: &Scalability) {
    match (&scalability.law, &scalability.law_refused) {
        (Some(law), _) => page.labelled(
            Tone::Normal,
            "scalability",
            &format!(
                "contention α = {}, coherency β = {}, one at a time γ = {} (±{}, {} probes)",
                number(law.alpha),
                number(law.beta),
                rate(law.gamma),
                rate(law.deviation),
                law.points
            ),
        ),
        (None, Some(why)) => page.labelled(Tone::Quiet, "scalability", why),
        (None, None) => {}
    }
    match (
        scalability.n_max,
        scalability.x_max,
        &scalability.peak_refused,
    ) {
        (Some(n), Some(x), _) => page.labelled(
            Tone::Normal,
            "peak",
            &format!(
                "{} requests a second with {} in flight",
                number(x),
                number(n)
            ),
        ),
        (_, _, Some(why)) => page.labelled(Tone::Quiet, "peak", why),
        _ => {}
    }
}
