//! What to know of a load before it runs: what the figures will not tell, and what may spoil them.

use plimsoll_engine::Limits;
use plimsoll_measure::statistics::order;
use plimsoll_measure::{Rules, Scope, Series};
use plimsoll_report::document::{Notice, NoticeLevel};
use plimsoll_scenario::{Address, Connections, Load, Scenario};
use std::time::Duration;

/// What to know of a scenario that runs alone, before it does.
pub(crate) fn of_scenario(scenario: &Scenario, load: &Load, limits: Limits) -> Vec<Notice> {
    let mut notices = of_run(scenario, load, limits);
    notices.extend(promised(load));
    notices.extend(too_short(scenario, load));
    notices.extend(unprovable(scenario, load));
    notices
}

/// What the load of a scenario that runs alone was promised to be.
fn promised(load: &Load) -> Option<Notice> {
    let Load::Open {
        promise: Some(promise),
        shape,
        ..
    } = load
    else {
        return None;
    };
    Some(Notice {
        level: NoticeLevel::Info,
        text: format!(
            "expected load {}/s + {:.0} % headroom = {}/s",
            promise.expected,
            promise.headroom * 100.0,
            shape.peak_rate().get()
        ),
    })
}

/// What to know of a load before it is driven, whatever it is judged by.
pub(crate) fn of_run(scenario: &Scenario, load: &Load, limits: Limits) -> Vec<Notice> {
    let mut notices: Vec<Notice> = unverified(scenario).collect();
    let mut add = |level, text: String| notices.push(Notice { level, text });
    if cfg!(debug_assertions) {
        add(
            NoticeLevel::Warn,
            "this is a debug build of the generator: build with --release before you believe a latency".into(),
        );
    }
    if scenario
        .targets
        .iter()
        .any(|target| target.address == Address::Demo)
    {
        add(
            NoticeLevel::Info,
            "the demo service runs inside this program and shares its processors".into(),
        );
    }
    if let Load::Closed { users, .. } = load {
        add(
            NoticeLevel::Info,
            format!(
                "closed model: {users} users, each starting again when it has finished; a slow service is asked less often, so these figures flatter it"
            ),
        );
        // Each user holds a connection; a few more are needed for files and timers.
        if users.saturating_add(100) > limits.descriptors {
            add(
                NoticeLevel::Warn,
                format!(
                    "{users} users may need more than the {} open files this process may have; raise `ulimit -n`",
                    limits.descriptors
                ),
            );
        }
    }
    let own = scenario
        .targets
        .iter()
        .any(|target| !matches!(target.connections, Connections::Pooled { .. }));
    if let (Load::Open { shape, .. }, true) = (load, own)
        && limits.ports > 0
        && shape.peak_rate().get() > limits.ports as f64 / 2.0
    {
        add(
            NoticeLevel::Warn,
            format!(
                "each user opens connections of its own, at up to {}/s, and this machine has {} local ports for each address of the target; `connections: pooled` needs fewer",
                shape.peak_rate().get(),
                limits.ports
            ),
        );
    }
    notices
}

/// Targets that may be anybody.
pub(crate) fn unverified(scenario: &Scenario) -> impl Iterator<Item = Notice> {
    let targets = scenario.targets.iter().filter(|target| !target.tls.verify);
    targets.map(|target| Notice {
        level: NoticeLevel::Warn,
        text: format!(
            "the certificate of target `{}` is not verified: anybody may be answering",
            target.name
        ),
    })
}

/// What takes longer than the load does: a warm-up that leaves nothing to judge, and windows that are
/// never complete.
fn too_short(scenario: &Scenario, load: &Load) -> Vec<Notice> {
    let planned = match load {
        Load::Open { shape, .. } => Some(Duration::from_nanos(shape.duration_ns())),
        Load::Closed { duration, .. } => *duration,
    };
    let Some(planned) = planned else {
        return Vec::new();
    };
    let warmup = scenario.warmup.unwrap_or_default();
    let mut texts = Vec::new();
    if warmup >= planned {
        texts.push(format!(
            "the warm-up of {warmup:?} leaves nothing of a load of {planned:?} to judge; shorten it, or test longer"
        ));
    }
    let window = |ns| Duration::from_nanos(ns);
    let claims = scenario.watched().into_iter().map(|(_, _, claim)| claim);
    texts.extend(claims.filter_map(|claim| {
        let window = claim.threshold.window.map(window)?;
        (window > planned.saturating_sub(warmup)).then(|| {
            format!(
                "`{}` cannot be judged: what is left of a load of {planned:?} has no stretch of {window:?}; test longer, or shorten the stretch",
                claim.text
            )
        })
    }));
    let warn = |text| Notice {
        level: NoticeLevel::Warn,
        text,
    };
    texts.into_iter().map(warn).collect()
}

/// Thresholds that cannot pass because the load asks for too few requests, even if all of them are
/// fast and well. How many a closed model makes is not known beforehand.
fn unprovable(scenario: &Scenario, load: &Load) -> Vec<Notice> {
    let Load::Open { shape, .. } = load else {
        return Vec::new();
    };
    let unprovable = scenario.watched().into_iter().filter_map(|(id, scope, claim)| {
        let allowed = claim.threshold.share_limit()?;
        let possible = allowed > 0.0 && allowed < 1.0;
        let whole = claim.threshold.comparison.is_upper_limit() && claim.threshold.window.is_none();
        if !(possible && whole) {
            return None;
        }
        let fewest = order::minimum_n(1.0 - allowed, Rules::default().alpha) as f64;
        let planned = shape.total_arrivals() * requests_per_arrival(scenario, scope);
        let of = if id.is_empty() { String::new() } else { format!(" of {id}") };
        (planned < fewest).then(|| Notice {
            level: NoticeLevel::Warn,
            text: format!(
                "`{}`{of} cannot pass: it takes at least {fewest:.0} requests to prove, and this load has {planned:.0}; test longer, or judge a lower percentile",
                claim.text
            ),
        })
    });
    unprovable.collect()
}

/// Requests in `scope` that the average arrival makes, if no condition leaves any out.
pub(crate) fn requests_per_arrival(scenario: &Scenario, scope: Scope) -> f64 {
    let weights: f64 = scenario.journeys.iter().map(|j| f64::from(j.weight)).sum();
    let catalogue = scenario.catalogue();
    let journeys = scenario.journeys.iter().zip(catalogue.journeys());
    let requests: f64 = journeys
        .map(|(journey, entry)| {
            let is = |series: Series| scope == Scope::Series(series);
            let within = entry.steps.iter().any(|step| is(step.series));
            let requests = match scope {
                Scope::Test => journey.requests.len(),
                Scope::Series(_) => usize::from(is(entry.series) || within),
            };
            f64::from(journey.weight) * requests as f64
        })
        .sum();
    if weights > 0.0 {
        requests / weights
    } else {
        0.0
    }
}

/// What a notice begins with on the terminal.
pub(crate) fn mark(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Info => "",
        NoticeLevel::Warn => "WARNING: ",
    }
}
