//! What a test of a plan found out about how the system degrades and recovers, promised or not: lines
//! for the meeting.

use super::expectations::Evidence;
use plimsoll_conduct::injection::{DeclaredBuild, Record as Injected};
use plimsoll_measure::degradation::{
    Metastability, Recovery, capacity, collapse_ratio, first_shed, isolation, mean_goodput,
    metastable, recovery, sheds_least_important_first,
};
use plimsoll_measure::{Seconds, Tier};
use plimsoll_report::document::{Finding, Served};
use plimsoll_report::quantity::share;
use plimsoll_scenario::Load;
use plimsoll_scenario::plan::PlannedTest;
use std::ops::Range;

/// The parts of a test, in seconds since its start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretches {
    /// When the load stepped up first.
    pub stepped_up_at_s: Option<f64>,
    /// When what troubled the system was gone: the last step down, or the last undo.
    pub removed_at_s: Option<f64>,
    /// Before there was any trouble.
    pub before_s: Range<f64>,
    /// While the load was at its highest.
    pub peak_s: Range<f64>,
    /// Until when users arrived.
    pub length_s: f64,
}

/// From this share of good requests on there is nothing to tell of who suffered.
const ALL_BUT_GOOD: f64 = 0.999;
/// From this share of the best goodput on it does not grow any more.
const ALL_BUT_THE_BEST: f64 = 0.95;
/// What counts as the highest load.
const NEAR_THE_PEAK: f64 = 0.95;

impl Stretches {
    /// Those of this test.
    pub(crate) fn of(test: &PlannedTest, injected: &Injected) -> Self {
        let seconds = |ns: u64| ns as f64 / 1e9;
        let down = test.jumps.iter().rev().find(|jump| jump.to < jump.from);
        let up = test.jumps.iter().find(|jump| jump.to > jump.from);
        let at = |kind: &'static str| {
            let marks = injected.marks.iter();
            marks
                .filter(move |mark| mark.kind == kind)
                .map(|mark| mark.at_ns)
        };
        let trouble = up
            .map(|jump| jump.at_ns)
            .into_iter()
            .chain(at("inject").min())
            .min();
        let (peak_s, length_s) = peak(&test.load);
        let is_within = |at: &u64| *at < injected.ended_ns && seconds(*at) < length_s;
        Self {
            stepped_up_at_s: up.map(|jump| seconds(jump.at_ns)),
            removed_at_s: down
                .map(|jump| jump.at_ns)
                .into_iter()
                .chain(at("undo").filter(is_within))
                .max()
                .map(seconds),
            before_s: 0.0..trouble.map_or(peak_s.start, seconds),
            peak_s,
            length_s,
        }
    }
}

/// While an open load is near its peak, and how long it is.
fn peak(load: &Load) -> (Range<f64>, f64) {
    let Load::Open { shape, .. } = load else {
        return (0.0..0.0, 0.0);
    };
    let near = shape.peak_rate().get() * NEAR_THE_PEAK;
    let (mut at, mut from, mut until) = (0.0, None, 0.0);
    for segment in shape.segments() {
        let length = segment.duration_ns as f64 / 1e9;
        let (start, end) = (segment.from.get(), segment.to.get());
        if start.max(end) >= near {
            let rises = end > start && start < near;
            let falls = end < start && end < near;
            let into = if rises {
                length * (near - start) / (end - start)
            } else {
                0.0
            };
            let out = if falls {
                length * (start - near) / (start - end)
            } else {
                length
            };
            from.get_or_insert(at + into);
            until = at + out;
        }
        at += length;
    }
    (from.unwrap_or(0.0)..until, at)
}

/// Everything that is worth a line.
pub(crate) fn all(
    evidence: &Evidence<'_>,
    stretches: &Stretches,
    decisive: &Seconds,
    all: &Seconds,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let objective = evidence.objective();
    if let Some(at) = stretches.removed_at_s {
        let recovery = recovery(decisive, at, &objective);
        findings.push(recovered(
            "recovery",
            "after the trouble was gone",
            &recovery,
        ));
    }
    // Where the load steps down again, what was well afterwards says nothing of the step up.
    let stays_up =
        stretches.removed_at_s.is_none() || evidence.test.expect.objective_within.is_some();
    if let Some(at) = stretches.stepped_up_at_s.filter(|_| stays_up) {
        let reached = recovery(decisive, at, &objective);
        findings.push(recovered(
            "objective",
            "after the load stepped up",
            &reached,
        ));
    }
    if !stretches.peak_s.is_empty() && stretches.stepped_up_at_s.is_some()
        || evidence.test.expect.goodput.is_some()
    {
        findings.extend(collapse(evidence, stretches, all));
        let good = isolation(all, &stretches.peak_s).ratio();
        if good.is_some_and(|good| good < ALL_BUT_GOOD) {
            findings.extend(knee(evidence, all));
            findings.extend(tiers(evidence, &stretches.peak_s));
        }
    }
    let is_troubled = stretches.stepped_up_at_s.is_some()
        || stretches.removed_at_s.is_some()
        || !evidence.test.inject.is_empty()
        || evidence.test.expect.clients_harmed.is_some();
    if let Some(clients) = evidence.tally.clients().filter(|_| is_troubled) {
        let (harmed, seen) = (clients.harmed(), clients.seen());
        if seen > 0 {
            let value = harmed as f64 / seen as f64;
            findings.push(Finding {
                name: "clients_harmed".to_owned(),
                ns: None,
                value: Some(value),
                unit: "share".to_owned(),
                sentence: format!(
                    "{harmed} of {seen} clients ({}) had at least one bad request",
                    share(value)
                ),
            });
        }
    }
    if let Some(at) = stretches.removed_at_s {
        findings.extend(stays_down(evidence, stretches, at, all));
    }
    for declared in &evidence.injected.served {
        findings.push(switched(evidence, declared));
    }
    findings
}

fn recovered(name: &str, when: &str, recovery: &Recovery) -> Finding {
    let bad = recovery.bad();
    let (ns, sentence) = match recovery {
        Recovery::Recovered { after_s, .. } => (
            Some((after_s * 1e9) as u64),
            format!("all was well {after_s:.0} s {when}, with {bad} bad requests meanwhile"),
        ),
        Recovery::NotRecovered { watched_s, .. } => (
            None,
            format!("it was not well again in {watched_s:.0} s {when}, with {bad} bad requests"),
        ),
    };
    Finding {
        name: name.to_owned(),
        ns,
        value: None,
        unit: "ns".to_owned(),
        sentence,
    }
}

fn collapse(evidence: &Evidence<'_>, stretches: &Stretches, all: &Seconds) -> Option<Finding> {
    let best = capacity(all, evidence.sustained_s())?;
    let overloaded = mean_goodput(all, &stretches.peak_s)?;
    let collapse = collapse_ratio(overloaded, best.per_second)?;
    Some(Finding {
        name: "collapse_ratio".to_owned(),
        ns: None,
        value: Some(collapse.ratio),
        unit: "ratio".to_owned(),
        sentence: format!(
            "at the highest load goodput was {overloaded:.0}/s, {} of the best sustained ({:.0}/s)",
            share(collapse.ratio),
            best.per_second
        ),
    })
}

/// The lowest load under which goodput was all but the best that was sustained: where it stops growing.
///
/// Where something is done to the system, that is no figure of the system itself.
fn knee(evidence: &Evidence<'_>, all: &Seconds) -> Option<Finding> {
    if !evidence.test.inject.is_empty() {
        return None;
    }
    let best = capacity(all, evidence.sustained_s())?.per_second;
    let width_s = all.width_s();
    let seconds = all.seconds.iter();
    let rate = seconds
        .filter(|second| second.good as f64 / width_s >= ALL_BUT_THE_BEST * best)
        .map(|second| second.arrivals as f64 / width_s)
        .filter(|rate| *rate > 0.0)
        .min_by(f64::total_cmp)?;
    Some(Finding {
        name: "knee".to_owned(),
        ns: None,
        value: Some(rate),
        unit: "per_s".to_owned(),
        sentence: format!("goodput stopped growing at about {rate:.0} journeys per second"),
    })
}

/// How each tier fared at the highest load, and which was refused first.
fn tiers(evidence: &Evidence<'_>, stretch: &Range<f64>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut began = Vec::new();
    for tier in Tier::ALL {
        let is_of = |name: &str| {
            let mut promises = evidence.plan.journeys.iter();
            promises.any(|promise| promise.name == name && promise.tier == tier)
        };
        let journeys = evidence.catalogue.journeys().iter().enumerate();
        let indices: Vec<usize> = journeys
            .filter(|(_, journey)| is_of(&journey.name))
            .map(|(index, _)| index)
            .collect();
        if indices.is_empty() {
            continue;
        }
        let seconds = evidence.tally.seconds(&indices);
        if let Some(good) = isolation(&seconds, stretch).ratio() {
            findings.push(Finding {
                name: format!("isolation/{}", tier.name()),
                ns: None,
                value: Some(good),
                unit: "share".to_owned(),
                sentence: format!(
                    "at the highest load {} of the requests of tier {} were good",
                    share(good),
                    tier.name()
                ),
            });
        }
        began.push((tier, seconds));
    }
    let began = first_shed(&began);
    for (tier, at) in &began {
        if let Some(at) = at {
            findings.push(Finding {
                name: format!("first_shed/{}", tier.name()),
                ns: Some((at * 1e9) as u64),
                value: None,
                unit: "ns".to_owned(),
                sentence: format!("tier {} was refused first at {at:.0} s", tier.name()),
            });
        }
    }
    if began.iter().any(|(_, at)| at.is_some()) {
        let in_order = sheds_least_important_first(&began);
        findings.push(Finding {
            name: "shed_order".to_owned(),
            ns: None,
            value: Some(f64::from(u8::from(in_order))),
            unit: "count".to_owned(),
            sentence: if in_order {
                "load was given up in the order of what matters least".to_owned()
            } else {
                "a tier that matters more was refused before one that matters less".to_owned()
            },
        });
    }
    findings
}

fn stays_down(
    evidence: &Evidence<'_>,
    stretches: &Stretches,
    removed_at_s: f64,
    all: &Seconds,
) -> Option<Finding> {
    let journeys = evidence.plan.scenario.journeys.iter();
    let timeouts = journeys.map(|journey| journey.longest_timeout().as_secs_f64());
    let timeout_s = timeouts.fold(0.0, f64::max);
    let scale = evidence.plan.rehearsal.unwrap_or(1.0);
    let after = removed_at_s..stretches.length_s;
    let found = metastable(all, &stretches.before_s, &after, timeout_s, scale);
    let Metastability::Metastable {
        for_s, good_share, ..
    } = found
    else {
        return None;
    };
    Some(Finding {
        name: "metastable".to_owned(),
        ns: Some((for_s * 1e9) as u64),
        value: Some(good_share),
        unit: "share".to_owned(),
        sentence: format!(
            "the system stays down although the trouble is gone: for {for_s:.0} s only {} of the requests were good, at no more load than before",
            share(good_share)
        ),
    })
}

/// How the change to a declared build went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    /// So many nanoseconds after it began, only the declared build answered.
    After(u64),
    /// It did not come through in this test.
    Never,
    /// It cannot be told.
    Unknown(&'static str),
}

/// How the change to the build that an injection declares went, by the headers that named it.
pub(crate) fn switch(evidence: &Evidence<'_>, declared: &DeclaredBuild) -> Switch {
    if evidence.injected.served.len() > 1 {
        return Switch::Unknown("several changes of build in one test cannot be told apart");
    }
    let Some(end_ns) = evidence.served.iter().map(|served| served.last_ns).max() else {
        return Switch::Unknown(
            "no response named its build: give the release a source `header`, which is counted on every response",
        );
    };
    if declared.until_ns.is_some_and(|until| until < end_ns) {
        return Switch::Unknown("the change was undone while the test went on");
    }
    let is_declared = |served: &&Served| served.value.as_deref().is_some_and(evidence.is_declared);
    let declared_by: Vec<&str> = evidence
        .served
        .iter()
        .filter(is_declared)
        .map(|served| served.header.as_str())
        .collect();
    if declared_by.is_empty() {
        return Switch::Never;
    }
    let others = evidence.served.iter().filter(|served| {
        let names_it = declared_by.contains(&served.header.as_str());
        names_it && served.value.is_some() && !is_declared(served)
    });
    let last_other = others.map(|served| served.last_ns).max();
    let last_other = last_other.unwrap_or(0).max(declared.from_ns);
    // Another build that answers to the end says that the change never came through.
    if last_other.saturating_add(1_000_000_000) >= end_ns {
        return Switch::Never;
    }
    Switch::After(last_other - declared.from_ns)
}

fn switched(evidence: &Evidence<'_>, declared: &DeclaredBuild) -> Finding {
    let version = &declared.build.version;
    let switch = switch(evidence, declared);
    Finding {
        name: "served_within".to_owned(),
        ns: match switch {
            Switch::After(ns) => Some(ns),
            Switch::Never | Switch::Unknown(_) => None,
        },
        value: None,
        unit: "ns".to_owned(),
        sentence: match switch {
            Switch::After(ns) => format!(
                "only {version} answered {:.1} s after the change began",
                ns as f64 / 1e9
            ),
            Switch::Never => {
                format!("{version} was not the only build to answer when the test ended")
            }
            Switch::Unknown(why) => format!("when {version} was served is not known: {why}"),
        },
    }
}
