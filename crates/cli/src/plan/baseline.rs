//! A plan's tests against those of an earlier release, as far as the history holds them.

use super::items::Items;
use crate::circumstances::for_history;
use plimsoll_history::{
    Baseline as Kept, BaselineQuery, Environment, History, HistoryError, Series, Value,
};
use plimsoll_measure::Metric;
use plimsoll_measure::regression::{Better, Measure, Reading, Scale, Verdict, against_history};
use plimsoll_measure::statistics::binomial;
use plimsoll_measure::threshold::Kind;
use plimsoll_report::document::{Item, ItemState, Journey, Run, Test, ValidityStatus};
use plimsoll_report::quantity;
use plimsoll_scenario::plan::items::baseline_id;
use plimsoll_scenario::plan::{Baseline, ReadinessPlan, RelativeThreshold};
use std::collections::BTreeSet;
use std::path::Path;

/// The error of a comparison.
const ALPHA: f64 = 0.05;
/// A share that counts as none where there was none before: what a duel tolerates.
const NONE: f64 = 0.001;

/// The items of a plan's baseline that the tests of a run show. `run` is what the run left so far.
pub(super) fn items(
    plan: &ReadinessPlan,
    known: &Items<'_>,
    run: &Run,
    history: &Path,
) -> Vec<Item> {
    let Some(baseline) = &plan.baseline else {
        return Vec::new();
    };
    let history = History::open(history);
    let mut items = Vec::new();
    for test in &run.tests {
        let mut planned = plan.tests.iter();
        let is_judged = planned.any(|one| one.name == test.name && one.judges_thresholds);
        if !is_judged {
            continue;
        }
        let kept = match &history {
            Ok(history) => kept(history, baseline, run, test),
            Err(problem) => Err(unusable(problem, baseline)),
        };
        for journey in &test.journeys {
            for (pass, warn) in baseline.relative() {
                let id = baseline_id(&test.name, &journey.name, &pass.metric.name());
                let compared = match &kept {
                    Ok(kept) => {
                        compare(kept, baseline, run, (test, journey), (&pass, warn.as_ref()))
                    }
                    Err(problem) => Compared::unknown(ItemState::NotRun, problem.clone()),
                };
                items.push(compared.into_item(known, &id, pass.share));
            }
        }
    }
    items
}

/// Why there is nothing to compare with, and what to do about it: of a file that is there, what its problem
/// says.
fn unusable(problem: &HistoryError, baseline: &Baseline) -> String {
    let cure = match problem {
        HistoryError::Missing { .. } => {
            "; run the plan with that release, keep it with `plimsoll history add`, and name the file with --history"
        }
        _ => "",
    };
    format!(
        "there is nothing of {} to compare with: {problem}{cure}",
        baseline.release
    )
}

/// The runs of the earlier release under the same circumstances.
fn kept(history: &History, baseline: &Baseline, run: &Run, test: &Test) -> Result<Kept, String> {
    let circumstances = run.circumstances.clone().unwrap_or_default();
    let scenario = circumstances.scenario.clone();
    let told = |problem: HistoryError| unusable(&problem, baseline);
    history
        .baseline(&BaselineQuery {
            scenario: scenario.as_deref().unwrap_or(&run.name),
            test: &test.name,
            release: &baseline.release,
            environment: &Environment::of(run, test, &for_history(&circumstances)),
            disregarded: &BTreeSet::new(),
        })
        .map_err(told)
}

/// What came of a comparison.
struct Compared {
    state: ItemState,
    is_marginal: bool,
    reason: String,
    /// By which share it is more than before, and where that lies.
    change: Option<(f64, [Option<f64>; 2])>,
    n: u64,
}

impl Compared {
    fn unknown(state: ItemState, reason: String) -> Self {
        Self {
            state,
            is_marginal: false,
            reason,
            change: None,
            n: 0,
        }
    }

    fn into_item(self, known: &Items<'_>, id: &str, limit: f64) -> Item {
        Item {
            marginal: self.is_marginal,
            limit: Some(limit),
            observed: self.change.map(|(change, _)| change),
            interval: self.change.map(|(_, interval)| interval),
            n: self.n,
            ..known.stated(id, self.state, self.reason)
        }
    }
}

fn compare(
    kept: &Kept,
    baseline: &Baseline,
    run: &Run,
    (test, journey): (&Test, &Journey),
    (pass, warn): (&RelativeThreshold, Option<&RelativeThreshold>),
) -> Compared {
    let left_out: Vec<String> = kept.left_out.iter().map(ToString::to_string).collect();
    let left_out = match left_out.is_empty() {
        true => String::new(),
        false => format!("; {}", left_out.join("; ")),
    };
    let runs = kept.runs.len() as u64;
    if runs < baseline.min_runs.max(1) {
        let state = match runs {
            0 => ItemState::NotRun,
            _ => ItemState::Inconclusive,
        };
        let found = match runs {
            1 => "1 run".to_owned(),
            runs => format!("{runs} runs"),
        };
        let reason = format!(
            "{found} of {} can be compared, and the plan asks for {}{left_out}",
            baseline.release, baseline.min_runs
        );
        return Compared::unknown(state, reason);
    }
    let series = Series {
        scenario: kept
            .runs
            .first()
            .map(|run| run.scenario.clone())
            .unwrap_or_default(),
        test: test.name.clone(),
        journey: Some(journey.name.clone()),
        step: None,
    };
    let name = pass.metric.name();
    let points = name
        .parse()
        .ok()
        .and_then(|metric: plimsoll_history::Metric| kept.points.get(&series)?.get(&metric));
    let Some(points) = points else {
        let reason = format!(
            "no figure {name} of it is kept of {}{left_out}",
            baseline.release
        );
        return Compared::unknown(ItemState::NotRun, reason);
    };
    let now = now(journey, pass.metric);
    let is_share = pass.metric.kind() == Kind::Share;
    let earlier: Vec<Reading> = points
        .iter()
        .map(|point| match point.value {
            Value::Finite(share) if is_share => Reading::Share {
                count: (share * point.samples as f64).round() as u64,
                n: point.samples,
            },
            Value::Finite(value) => Reading::Value(value),
            Value::Infinite => Reading::Value(f64::INFINITY),
        })
        .collect();
    // Shares are often 0, and have no ratio then: what is tolerated is a part of what is usual.
    let usual = usual_share(&earlier).filter(|_| is_share);
    if let (
        Reading::Share {
            count: 0,
            n: n @ 1..,
        },
        Some(usual),
    ) = (now, usual)
    {
        let limits = (pass.share, warn.map_or(pass.share, |warn| warn.share));
        let (state, is_marginal, reason) = none_at_all(n, usual, limits);
        let held = spoilt_or(state, run, test);
        return Compared {
            n: runs,
            is_marginal: is_marginal && held == state,
            ..Compared::unknown(held, format!("{reason}{left_out}"))
        };
    }
    let measure = |share: f64| Measure {
        better: Better::Lower,
        scale: match usual {
            Some(_) => Scale::Difference,
            None => Scale::Ratio,
        },
        delta: share * usual.unwrap_or(1.0),
    };
    let strict = measure(pass.share);
    let compared = match against_history(&strict, &earlier, now, ALPHA) {
        Ok(compared) => compared,
        Err(problem) => {
            let reason = format!("{problem}{left_out}");
            return Compared::unknown(ItemState::Inconclusive, reason);
        }
    };
    // As far as one more run of the earlier release may be from its others, this one may be from
    // what this release usually does.
    let reach = match usual {
        Some(_) => compared.expected.1 - compared.typical,
        None => (compared.expected.1 / compared.typical).ln(),
    };
    let ends = (compared.distance - reach, compared.distance + reach);
    let verdict = |share: f64| Verdict::of(compared.distance, ends, measure(share).limit());
    let lenient = warn.map_or(pass.share, |warn| warn.share);
    let (state, is_marginal) = match (verdict(pass.share), verdict(lenient)) {
        (Verdict::Ok | Verdict::Improved, _) => (ItemState::Pass, false),
        (_, Verdict::Ok | Verdict::Improved) => (ItemState::Pass, true),
        (_, Verdict::Regressed) => (ItemState::Fail, false),
        (_, Verdict::Inconclusive) => (ItemState::Inconclusive, false),
    };
    let held = spoilt_or(state, run, test);
    let spoilt = match held == state {
        true => "",
        false => "; the test is not valid, and proves no pass",
    };
    let change = |distance: f64| {
        let change = match usual {
            Some(usual) => distance / usual,
            None => strict.change(distance),
        };
        Some(change).filter(|change| change.is_finite())
    };
    Compared {
        state: held,
        is_marginal: is_marginal && held == state,
        reason: format!("{}{left_out}{spoilt}", compared.explanation),
        change: change(compared.distance).map(|middle| (middle, [change(ends.0), change(ends.1)])),
        n: compared.earlier as u64,
    }
}

/// What it shows that none of `n` failed where a share of `usual` did before: no more than that the share is
/// below a bound (one-sided, exact). State, whether that is by the lenient limit, and reason.
fn none_at_all(n: u64, usual: f64, (pass, warn): (f64, f64)) -> (ItemState, bool, String) {
    let upper = binomial::interval(0.0, n as f64, 2.0 * ALPHA).1;
    // Of nothing there is no part.
    let limit = |share: f64| match usual > 0.0 {
        true => usual * (1.0 + share),
        false => NONE,
    };
    let (state, is_marginal) = match upper {
        upper if upper <= limit(pass) => (ItemState::Pass, false),
        upper if upper <= limit(warn) => (ItemState::Pass, true),
        _ => (ItemState::Inconclusive, false),
    };
    let before = match usual > 0.0 {
        true => format!("{} before", quantity::share(usual)),
        false => "none before either".to_owned(),
    };
    let more = match state {
        ItemState::Pass => format!("; {before}"),
        _ => format!(
            ", and {} may be ({before}); as many as {} would show it",
            quantity::share(limit(warn)),
            (ALPHA.ln() / (-limit(warn)).ln_1p()).ceil()
        ),
    };
    let reason = format!(
        "none at all of {n}, so that it is {} at most{more}",
        quantity::share(upper)
    );
    (state, is_marginal, reason)
}

/// The share of all earlier runs together; `None` if there is none.
fn usual_share(earlier: &[Reading]) -> Option<f64> {
    let (mut all_count, mut all) = (0, 0);
    for reading in earlier {
        if let Reading::Share { count, n } = reading {
            all_count += count;
            all += n;
        }
    }
    (all > 0).then(|| all_count as f64 / all as f64)
}

/// A state, or that a pass is none because the test is not valid.
fn spoilt_or(state: ItemState, run: &Run, test: &Test) -> ItemState {
    let mut checks = run.validity.checks.iter();
    let is_spoilt =
        checks.any(|check| check.test == test.name && check.status == ValidityStatus::Invalid);
    match (state, is_spoilt) {
        (ItemState::Pass, true) => ItemState::Inconclusive,
        (state, _) => state,
    }
}

/// What a metric of a journey is in this run.
fn now(journey: &Journey, metric: Metric) -> Reading {
    let (latency, name) = match metric {
        Metric::Mean => (&journey.response_ok, "mean".to_owned()),
        _ => (&journey.response, metric.name().replace('.', "_")),
    };
    if let Some(ns) = latency.figure(&name) {
        return Reading::Value(ns as f64);
    }
    if latency.is_infinite(&name) {
        return Reading::Value(f64::INFINITY);
    }
    let totals = &journey.totals;
    let count = match metric {
        Metric::Errors => totals.intended.saturating_sub(totals.ok),
        Metric::Timeouts => totals.timeout,
        Metric::Shed => totals.shed,
        _ => return Reading::Missing,
    };
    Reading::Share {
        count,
        n: totals.intended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_at_all_shows_as_much_as_there_were() {
        let state = |n, usual, pass, warn| {
            let (state, is_marginal, reason) = none_at_all(n, usual, (pass, warn));
            assert!(reason.contains(&format!("none at all of {n}")), "{reason}");
            (state, is_marginal)
        };
        // Three without an error show nothing, whatever was before.
        let unknown = (ItemState::Inconclusive, false);
        assert_eq!(state(3, 0.0, 0.0, 0.0), unknown);
        assert_eq!(state(3, 0.01, 0.0, 0.0), unknown);
        // 3 / n, as a rule.
        assert_eq!(state(290, 0.01, 0.0, 0.0), unknown);
        assert_eq!(state(300, 0.01, 0.0, 0.0), (ItemState::Pass, false));
        assert_eq!(state(160, 0.01, 0.0, 1.0), (ItemState::Pass, true));
        assert_eq!(state(160, 0.01, 1.0, 2.0), (ItemState::Pass, false));
        // What a duel tolerates, where there was none before.
        assert_eq!(state(2_900, 0.0, 0.0, 0.0), unknown);
        assert_eq!(state(3_000, 0.0, 0.0, 0.0), (ItemState::Pass, false));
        let (_, _, reason) = none_at_all(3, 0.0, (0.0, 0.0));
        assert_eq!(
            reason,
            "none at all of 3, so that it is 63.2 % at most, and 0.1 % may be (none before either); as many as 2995 would show it"
        );
    }
}
