//! A search for people.

use super::{CapacityRun, Limit, Planning, Probe, ResourceUse, Scalability};
use crate::document::NoticeLevel;
use crate::page::{Page, Sheet, Tone};
use crate::quantity::{duration, number, rate, share, span};

/// The search as lines and tables.
pub fn page(run: &CapacityRun) -> Page {
    let mut page = Page::default();
    page.line(Tone::Strong, &format!("{}: how much it bears", run.name));
    for objective in &run.objectives {
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
    for probe in &run.capacity.probes {
        sheet.row(row(probe));
    }
    page.table(sheet);
    for probe in &run.capacity.probes {
        if matches!(probe.outcome.as_str(), "generator_limited" | "not_settled") {
            let label = format!("{} {}", kind(probe), rate(probe.rate));
            page.labelled(Tone::Doubtful, &label, &probe.reason);
        }
    }
    page.gap();
    scalability(&mut page, &run.scalability);
    if let Some(resources) = &run.resources {
        self::resources(&mut page, resources);
    }
    if let Some(planning) = &run.planning {
        self::planning(&mut page, planning, run.capacity.at_least);
    }
    for notice in &run.notices {
        let tone = match notice.level {
            NoticeLevel::Info => Tone::Quiet,
            NoticeLevel::Warn => Tone::Doubtful,
        };
        page.labelled(tone, "note", &notice.text);
    }
    page.gap();
    let tone = match run.exit_code {
        0 if run.capacity.limited_by == Some(Limit::Generator) => Tone::Doubtful,
        0 => Tone::Good,
        20 => Tone::Bad,
        _ => Tone::Doubtful,
    };
    page.line(tone, &run.sentence);
    page
}

fn kind(probe: &Probe) -> &str {
    match probe.kind.as_str() {
        "from_above" => "from above",
        "cool_down" => "cool-down",
        kind => kind,
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
        normal(kind(probe).to_owned()),
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

fn resources(page: &mut Page, resources: &ResourceUse) {
    if let (Some(seconds), Some([lower, upper])) =
        (resources.processor_s_per_request, resources.interval)
    {
        let time = |seconds: f64| duration((seconds.max(0.0) * 1e9) as u64);
        let mut text = format!(
            "{} of CPU a request ({} to {}), {} CPUs idle",
            time(seconds),
            time(lower),
            time(upper),
            number(resources.idle_processors.unwrap_or_default())
        );
        for (value, at) in [
            (resources.processors_at_sustained, "the capacity"),
            (resources.processors_at_target, "the agreed load"),
        ] {
            if let Some(value) = value {
                text.push_str(&format!("; {} CPUs at {at}", number(value)));
            }
        }
        page.labelled(Tone::Normal, "cost", &text);
    }
    if let Some(why) = &resources.refused {
        page.labelled(Tone::Quiet, "cost", why);
    }
}

fn planning(page: &mut Page, planning: &Planning, at_least: bool) {
    let least = if at_least { "at least " } else { "" };
    if let Some(headroom) = planning.headroom {
        let tone = if headroom < 0.0 {
            Tone::Bad
        } else {
            Tone::Normal
        };
        let text = format!(
            "{least}{:+.1} % over the peak of {}",
            headroom * 100.0,
            rate(planning.peak)
        );
        page.labelled(tone, "headroom", &text);
    }
    if let Some(growth) = planning.growth {
        let limit = share(planning.utilisation);
        let text = match planning.months_left {
            None => format!("it does not grow, and never reaches {limit} of the capacity"),
            Some(0.0) => format!("none: the peak is above {limit} of the capacity already"),
            Some(months) => format!(
                "{least}{months:.1} months until the peak reaches {limit} of the capacity, at {:+} % a month",
                (growth * 1e4).round() / 100.0
            ),
        };
        page.labelled(Tone::Normal, "time left", &text);
    }
    if let Some(instances) = planning.instances {
        let most = if at_least { "at most " } else { "" };
        let text = format!(
            "{most}{instances} of what was tested bear {} at {} of their capacity; add those that may fail",
            rate(planning.target),
            share(planning.utilisation)
        );
        page.labelled(Tone::Normal, "instances", &text);
    }
}
