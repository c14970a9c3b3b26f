//! One page for the meeting: the answer, its reasons, and what stands in its way.

use plimsoll_measure::Tier;

use super::table::{Cell, Table};
use super::words;
use crate::document::{Item, Journey, Plan, Run, Test};
use crate::plain::start_of;
use crate::quantity::{count, number, plural, rate, share, span};
use crate::{meeting, sentence, verdict, wording};

/// Characters of the verdict's sentence.
const LONGEST: usize = 700;
const PATH: &str = ". Shortest path to GO: ";

/// The first page.
pub(super) struct Decision {
    pub(super) name: String,
    pub(super) word: String,
    pub(super) under: &'static str,
    pub(super) style: &'static str,
    pub(super) sentence: String,
    pub(super) next: String,
    pub(super) early_end: String,
    pub(super) exit_code: u8,
    /// Names and values: release, meeting, evidence.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) has_plan: bool,
    pub(super) tiers: Table,
    pub(super) load: Option<LoadFigure>,
    pub(super) journeys: Table,
    pub(super) findings: Table,
    pub(super) unknowns: Table,
    pub(super) unknown_time: String,
    pub(super) waivers: Table,
    pub(super) risks: Table,
}

/// Offered load against goodput, in words; the drawing is made from the page's data.
pub(super) struct LoadFigure {
    pub(super) sentence: String,
    pub(super) table: Table,
}

impl Decision {
    pub(super) fn of(run: &Run) -> Self {
        let (word, under, style) = words::answer(run);
        let (sentence, path) = match run.verdict.sentence.split_once(PATH) {
            Some((sentence, path)) => (sentence, Some(format!("Shortest path to GO: {path}."))),
            None => (run.verdict.sentence.as_str(), sentence::next_step(run)),
        };
        let unknowns = meeting::unknowns(run);
        Self {
            name: start_of(&run.name, 160),
            word,
            under,
            style,
            sentence: format!("{}.", start_of(&reason(sentence), LONGEST)),
            next: start_of(&path.unwrap_or_default(), LONGEST),
            early_end: wording::early_end(run).unwrap_or_default(),
            exit_code: run.verdict.exit_code,
            facts: facts(run),
            has_plan: run.plan.is_some(),
            tiers: tiers(run),
            // A search has a section of its own for both.
            load: load(run).filter(|_| !run.is_search()),
            journeys: match run.is_search() {
                true => Table::default(),
                false => journeys(run),
            },
            findings: findings(run),
            unknown_time: match meeting::needed_ns(&unknowns) {
                0 => String::new(),
                ns => span(ns),
            },
            unknowns: unknown_table(&unknowns),
            waivers: waivers(run),
            risks: risks(run),
        }
    }
}

/// A verdict's sentence without the answer, which stands above it in large letters.
fn reason(sentence: &str) -> String {
    const ANSWERS: [&str; 5] = ["GO-WITH-RISK", "GO", "NO-GO", "INCONCLUSIVE", "INVALID"];
    let is_answer = |head: &str| {
        let word = head.split(", evidence").next().unwrap_or_default();
        ANSWERS.contains(&word)
    };
    match sentence.split_once(": ") {
        Some((head, reason)) if is_answer(head) => reason.to_owned(),
        _ => sentence.to_owned(),
    }
}

fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(plan) = &run.plan {
        facts.extend(wording::release(plan).map(|release| ("Release", release)));
        facts.push(("Promised load", promised(plan)));
        facts.extend(plan.meeting.map(|at| ("Meeting", day(at))));
        facts.extend(
            plan.go_live
                .map(|[from, until]| ("Go-live", format!("{} to {}", day(from), day(until)))),
        );
    }
    if let Some(identity) = &run.identity {
        let proofs: usize = identity.components.iter().map(|one| one.proofs.len()).sum();
        facts.push((
            "Identity",
            format!("{} ({})", identity.sentence, plural(proofs, "proof")),
        ));
    }
    facts.push(("Evidence", evidence(run)));
    facts.push(("Validity", wording::validity_line(run)));
    let requests = wording::ledger(&run.totals);
    facts.push(("Requests", requests));
    facts
}

fn promised(plan: &Plan) -> String {
    let mut text = wording::promised_load(plan);
    if let Some(source) = &plan.expected.source {
        text.push_str(&format!("; {source}"));
    }
    if !plan.expected.agreed_by.is_empty() {
        text.push_str(&format!(
            "; agreed by {}",
            wording::listed(&plan.expected.agreed_by)
        ));
    }
    format!("{text} ({}:{})", plan.file, plan.expected.line)
}

/// A time to the minute, by UTC.
fn day(at: jiff::Timestamp) -> String {
    let text = at.to_string();
    let short = text.get(..16).unwrap_or(&text);
    format!("{} UTC", short.replace('T', " "))
}

/// When the evidence was taken, and how old it is when people meet.
fn evidence(run: &Run) -> String {
    let taken = run
        .items
        .iter()
        .filter_map(|item| verdict::taken_at(item, run.started_at));
    let Some(oldest) = taken.min().or(run.started_at) else {
        return "nobody knows when it was taken".to_owned();
    };
    let mut text = format!("taken {} in {}", day(oldest), span(run.duration_ns));
    let plan = run.plan.as_ref();
    if let Some(meeting) = plan.and_then(|plan| plan.meeting)
        && let Ok(age) = u64::try_from(meeting.duration_since(oldest).as_nanos())
    {
        text.push_str(&format!("; {} old at the meeting", verdict::days(age)));
    }
    if let Some(limit) = plan.and_then(|plan| plan.evidence_max_age_ns) {
        text.push_str(&format!(", at most {}", verdict::days(limit)));
    }
    text
}

fn tiers(run: &Run) -> Table {
    let counts = meeting::counts(run);
    let used = meeting::used_states(&counts);
    let names = used.iter().map(|at| meeting::STATES[*at].0);
    let headings: Vec<String> = std::iter::once("tier".to_owned())
        .chain(names.map(|name| format!("#{name}")))
        .collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let has_tiers = run.plan.is_some();
    let title = if has_tiers {
        "Items by tier and state"
    } else {
        "Items by state"
    };
    let mut table = Table::new("tiers", title, &headings);
    table.sorts = false;
    if run.items.is_empty() {
        return table;
    }
    let is_shown = |tier: Tier| has_tiers || tier == Tier::Critical;
    for (tier, of) in counts.iter().filter(|(tier, _)| is_shown(*tier)) {
        let cells = used
            .iter()
            .map(|at| match (of[*at], meeting::STATES[*at].0) {
                (0, _) => Cell::new(wording::NONE).class("quiet"),
                (some, "pass") => Cell::new(count(some as u64)).class("good"),
                (some, "fail") => Cell::new(count(some as u64)).class("bad"),
                (some, _) => Cell::new(count(some as u64)).class("doubtful"),
            });
        let name = if has_tiers {
            wording::tier(*tier)
        } else {
            "items"
        };
        let name = Cell::new(name);
        table
            .rows
            .push(std::iter::once(name).chain(cells).collect());
    }
    table
}

/// The test that shows the promised load best: the highest load up to the target that judges journeys.
fn judging(run: &Run) -> Option<&Test> {
    let target = run
        .plan
        .as_ref()
        .map_or(f64::INFINITY, |plan| plan.expected.target_per_s);
    let judges = |test: &&Test| {
        let mut items = run.items.iter();
        items.any(|item| item.test.as_deref() == Some(test.name.as_str()) && item.journey.is_some())
    };
    let load = |test: &Test| meeting::peak(test).unwrap_or_default();
    let within = run
        .tests
        .iter()
        .filter(|test| judges(test) && load(test) <= target * 1.001);
    within
        .max_by(|one, other| load(one).total_cmp(&load(other)))
        .or_else(|| run.tests.iter().find(judges))
        .or(run.tests.first())
}

fn journeys(run: &Run) -> Table {
    let headings = [
        "journey", "tier", "state", "#p95", "#p99", "#errors", "#change",
    ];
    let mut table = Table::new("journeys-summary", "Journeys", &headings);
    let Some(test) = judging(run) else {
        return table;
    };
    let load = meeting::peak(test).map_or_else(String::new, |peak| format!(" at {}", rate(peak)));
    table.lead = format!(
        "In {}{load}. Under each figure: its limit, and where the true value lies with 95 % confidence.{}",
        start_of(&test.name, 80),
        match run.plan {
            Some(_) if is_compared(run, test) => {
                " Under each change: what it may be, and where the true change lies."
            }
            Some(_) => " There is no earlier release to compare with.",
            None => "",
        }
    );
    for journey in &test.journeys {
        table.rows.push(journey_row(run, test, journey));
    }
    table
}

/// The part of an id between a journey and the metric that is compared with an earlier release.
const BASELINE: &str = "baseline/";

/// Whether anything of a test is held against an earlier release.
fn is_compared(run: &Run, test: &Test) -> bool {
    let prefix = format!("{}/", test.name);
    let mut items = run.items.iter();
    items.any(|item| {
        let of_test = item.id.strip_prefix(&prefix);
        let of_journey = of_test.and_then(|rest| rest.split_once('/'));
        of_journey.is_some_and(|(_, rest)| rest.starts_with(BASELINE))
    })
}

/// How a journey changed since an earlier release: its p95, or whatever is compared.
fn change(items: &[&Item], prefix: &str) -> Cell {
    let compared = || {
        items.iter().filter_map(|item| {
            let rest = item.id.strip_prefix(prefix)?;
            Some((rest.strip_prefix(BASELINE)?, *item))
        })
    };
    let p95 = compared().find(|(metric, _)| *metric == "p95");
    let Some((metric, item)) = p95.or_else(|| compared().next()) else {
        return Cell::new("–").class("quiet");
    };
    let sign = |share: f64| format!("{:+.1} %", (share * 1e3).round() / 10.0 + 0.0);
    let text = item.observed.map_or_else(|| wording::NONE.to_owned(), sign);
    let interval = match item.interval {
        Some([Some(lower), Some(upper)]) => format!(" · {} to {}", sign(lower), sign(upper)),
        _ => String::new(),
    };
    Cell::new(format!("{metric} {text}"))
        .note(format!("{}{interval}", item.expression))
        .class(words::tone(item.state, item.marginal))
}

fn journey_row(run: &Run, test: &Test, journey: &Journey) -> Vec<Cell> {
    let prefix = format!("{}/{}/", test.name, journey.name);
    let of_test = |item: &&Item| item.id.starts_with(&prefix);
    let items: Vec<&Item> = run.items.iter().filter(of_test).collect();
    let judged = |metric: &str, cell: Cell| {
        // What is judged stretch by stretch is not about the whole test.
        let is_of_stretches = |item: &&&Item| item.expression.contains(" for ");
        let of_metric = |item: &&&Item| {
            let own = item.id.strip_prefix(&prefix);
            own.and_then(|own| own.split(' ').next()) == Some(metric)
        };
        let mut own = items.iter().filter(of_metric);
        match own.find(|item| !is_of_stretches(item)) {
            Some(item) => {
                let interval = wording::interval(item);
                let limit = format!("limit {}", wording::limit(item));
                let note = match interval.as_str() {
                    wording::NONE => limit,
                    interval => format!("{limit} · {interval}"),
                };
                let cell = Cell {
                    text: wording::observed(item),
                    ..cell
                };
                cell.note(note)
                    .class(words::tone(item.state, item.marginal))
            }
            None if items.iter().any(|item| of_metric(&item)) => cell.note("limits of stretches"),
            None => cell.note("no limit"),
        }
    };
    let bad = journey.totals.intended.saturating_sub(journey.totals.ok);
    let errors = (journey.totals.intended > 0).then(|| bad as f64 / journey.totals.intended as f64);
    let worst = items
        .iter()
        .max_by_key(|item| verdict::standing(item.state, item.marginal).severity());
    let tier = run.plan.iter().flat_map(|plan| &plan.journeys);
    let tier = tier
        .filter(|planned| planned.name == journey.name)
        .find_map(|planned| Tier::named(&planned.tier));
    vec![
        Cell::new(&journey.name).class("strong"),
        Cell::new(tier.map_or(wording::NONE, wording::tier)),
        worst.map_or_else(|| Cell::new(wording::NONE), |item| words::state(item)),
        judged("p95", words::latency(&journey.response, "p95")),
        judged("p99", words::latency(&journey.response, "p99")),
        judged("errors", words::figure(errors, share)),
        change(&items, &prefix),
    ]
}

fn findings(run: &Run) -> Table {
    let headings = ["test", "what", "#figure", "in words"];
    let mut table = Table::new("resilience", "How it degrades and recovers", &headings);
    for test in &run.tests {
        for finding in &test.findings {
            let value = finding.ns.map(|ns| ns as f64).or(finding.value);
            table.rows.push(vec![
                Cell::new(&test.name),
                Cell::new(wording::finding_name(&finding.name)),
                Cell::number(wording::finding(finding), value).class("strong"),
                Cell::new(&finding.sentence),
            ]);
        }
    }
    table
}

fn unknown_table(unknowns: &[meeting::Unknown<'_>]) -> Table {
    let headings = ["of", "what is open", "#time to find out"];
    let mut table = Table::new("unknowns", "What we do not know", &headings);
    for unknown in unknowns {
        let what = match unknown.items.as_slice() {
            [only] => Cell::new(&only.id).note(only.reason.as_deref().unwrap_or_default()),
            items => {
                let named: Vec<_> = items
                    .iter()
                    .take(3)
                    .map(|item| start_of(&item.id, 100))
                    .collect();
                Cell::new(plural(items.len(), "item")).note(named.join(", "))
            }
        };
        let time = unknown
            .needed_ns
            .map_or_else(|| wording::NONE.to_owned(), span);
        table.rows.push(vec![
            Cell::new(unknown.name).class("strong"),
            what,
            Cell::number(time, unknown.needed_ns.map(|ns| ns as f64)),
        ]);
    }
    table
}

fn waivers(run: &Run) -> Table {
    let headings = [
        "item",
        "what became of it",
        "reason",
        "approved by",
        "ceiling",
        "until",
        "where",
    ];
    let mut table = Table::new("waivers", "Waivers", &headings);
    let Some(plan) = &run.plan else { return table };
    for waiver in &plan.waivers {
        table.rows.push(vec![
            Cell::new(&waiver.item).class("code"),
            Cell::new(&waiver.sentence).class(if waiver.applied { "doubtful" } else { "bad" }),
            Cell::new(&waiver.reason),
            Cell::new(waiver.approved_by.join(", ")),
            Cell::new(waiver.ceiling.as_deref().unwrap_or(wording::NONE)),
            Cell::new(&waiver.expires),
            Cell::new(format!("{}:{}", plan.file, waiver.line)),
        ]);
    }
    table
}

fn risks(run: &Run) -> Table {
    let headings = [
        "risk",
        "what",
        "#weight",
        "owner",
        "what is done about it",
        "shown to work",
    ];
    let mut table = Table::new("risks", "Risks", &headings);
    for risk in run.plan.iter().flat_map(|plan| &plan.risks) {
        let weight = u32::from(risk.likelihood) * u32::from(risk.impact);
        let shown = match risk.proven {
            Some(true) => Cell::new("yes").class("good"),
            Some(false) => Cell::new("no").class("bad"),
            None => Cell::new("by no test").class("doubtful"),
        };
        table.rows.push(vec![
            Cell::new(&risk.id).class("strong"),
            Cell::new(&risk.title),
            Cell::number(format!("{weight}"), Some(f64::from(weight))).note(format!(
                "likelihood {} × impact {}",
                risk.likelihood, risk.impact
            )),
            Cell::new(risk.owner.as_deref().unwrap_or(wording::NONE)),
            Cell::new(risk.mitigation.as_deref().unwrap_or(wording::NONE)),
            shown.note(risk.proven_by.join(", ")),
        ]);
    }
    table
}

/// Offered load against goodput over all tests.
fn load(run: &Run) -> Option<LoadFigure> {
    let curve = super::chart::load_curve(run);
    let (at, best) = curve
        .iter()
        .copied()
        .max_by(|one, other| one.1.total_cmp(&other.1))?;
    let (most, then) = *curve.last()?;
    let knee = super::chart::knee(run).map_or_else(String::new, |knee| {
        format!(" Goodput stops growing at about {}.", rate(knee))
    });
    let mut table = Table::new(
        "load-data",
        "",
        &["#offered, journeys/s", "#goodput, journeys/s"],
    );
    table.sorts = false;
    let figure = |value: f64| Cell::number(number(value), Some(value));
    table.rows = curve
        .iter()
        .map(|(offered, good)| vec![figure(*offered), figure(*good)])
        .collect();
    Some(LoadFigure {
        sentence: format!(
            "The most that was served well was {} of journeys, with {} offered; at the highest load, {}, it was {}.{knee}",
            rate(best),
            rate(at),
            rate(most),
            rate(then)
        ),
        table,
    })
}
