//! Files samples under their series and under the second in which they were intended.

use crate::catalogue::{Catalogue, Series, SeriesKind};
use crate::chart::{self, Chart, Stretches};
use crate::clients::Clients;
use crate::course::Course;
use crate::delta::{Delta, Deltas};
use crate::judge::{Judgement, Rules, State};
use crate::outcomes::Outcomes;
use crate::periods::Periods;
use crate::sample::{Outcome, Sample};
use crate::seconds::{Seconds, SecondsOfJourneys};
use crate::series::SeriesTally;
use crate::threshold::{Kind, Metric, Scope, Threshold};
use crate::timeline::Timeline;
use crate::timetable::Timetable;
use crate::warmup::{self, Warmup, WarmupRule};
use std::borrow::Cow;
use std::sync::Arc;

/// A threshold and what it is about. Response times are held against its limit as they are
/// recorded, so that no verdict depends on the width of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Which samples it judges.
    pub scope: Scope,
    /// The threshold.
    pub threshold: Threshold,
}

/// What was counted of every series of a test, as a whole and in the course of time.
///
/// Whole journeys and requests are counted apart. Redirect hops have latencies but no ledger,
/// because the step they belong to is in it already.
#[derive(Debug)]
pub struct Tally {
    catalogue: Arc<Catalogue>,
    series: Vec<SeriesTally>,
    /// What every step is held against, because the thresholds are about all of them together.
    test_limits: Vec<u64>,
    deltas: Deltas,
    timetable: Timetable,
    periods: Periods,
    timeline: Timeline,
    seconds: SecondsOfJourneys,
    stretches: Stretches,
    clients: Clients,
    courses: Vec<Course>,
    /// By series: which courses it is part of.
    courses_of: Vec<Vec<usize>>,
}

impl Tally {
    /// Nothing counted yet, of a test that is to go by `timetable`.
    pub fn new(catalogue: Arc<Catalogue>, watched: Vec<Watched>, timetable: Timetable) -> Self {
        let limits_of = |scope| {
            watched
                .iter()
                .filter(move |watched| watched.scope == scope)
                .filter_map(|watched| watched.threshold.slow_from())
        };
        let test_limits: Vec<_> = limits_of(Scope::Test).collect();
        let series: Vec<_> = catalogue
            .all()
            .map(|(series, kind)| {
                let shared = match kind {
                    SeriesKind::Step => test_limits.as_slice(),
                    SeriesKind::Journey | SeriesKind::Hop(_) => &[],
                };
                let own: Vec<_> = limits_of(Scope::Series(series)).collect();
                // The most patient of the series' own limits, or else of those of the test.
                let late_from = own.iter().max().or(shared.iter().max()).copied();
                let mut tally = SeriesTally::new(own.iter().chain(shared).copied());
                tally.outcomes = tally.outcomes.with_late_from(late_from);
                tally
            })
            .collect();
        let courses_of = catalogue.all().map(|(series, kind)| {
            let of = |watched: &Watched| match watched.scope {
                Scope::Test => *kind == SeriesKind::Step,
                Scope::Series(own) => own == series,
            };
            (0..watched.len()).filter(|&at| of(&watched[at])).collect()
        });
        let outcomes: Vec<_> = series.iter().map(|series| &series.outcomes).collect();
        Self {
            deltas: Deltas::new(catalogue.len()),
            periods: Periods::new(timetable.seams(), &outcomes),
            timeline: Timeline::new(&timetable, catalogue.len()),
            seconds: SecondsOfJourneys::new(&catalogue),
            stretches: Stretches::default(),
            clients: Clients::default(),
            courses_of: courses_of.collect(),
            courses: {
                let warmup_ns = timetable.warmup_ns.unwrap_or_default();
                let course = |watched| Course::new(watched, warmup_ns);
                watched.into_iter().map(course).collect()
            },
            timetable,
            catalogue,
            series,
            test_limits,
        }
    }

    /// The names behind the series.
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Counts `count` requests or journeys as asked for in a second of the intended time, however
    /// and whenever they end.
    pub fn intend(&mut self, series: Series, second: u64, count: u64) {
        self.timeline.intend(series, second, count);
        let kind = self.catalogue.kind(series);
        self.seconds.intend(series, kind, second, count);
        self.series[series.0 as usize].outcomes.ledger.intended += count;
    }

    /// Files how one ended.
    pub fn record(&mut self, sample: &Sample) {
        let series = sample.series.0 as usize;
        let tally = &mut self.series[series];
        let kind = self.catalogue.kind(sample.series);
        if let SeriesKind::Hop(_) = kind {
            tally.record_latencies(sample);
            return;
        }
        tally.record(sample);
        self.deltas.record(sample, &tally.outcomes);
        self.periods.record(sample);
        let late_from = tally.outcomes.late_from();
        for &course in &self.courses_of[series] {
            self.courses[course].record(sample, late_from);
        }
        if *kind == SeriesKind::Step {
            self.timeline.record_request(sample);
            let is_ok = sample.outcome == Outcome::Ok;
            let response = sample.response();
            let is_good = is_ok && late_from.is_none_or(|from| response < from);
            self.seconds.record(sample, is_good);
            self.clients.record(sample, is_good);
            if is_ok {
                self.stretches.record(sample.intended, response);
            }
        }
        self.timeline.end(sample);
    }

    /// Moves on to where everything intended before `now_ns` is known of, for sliding windows and
    /// early verdicts; arrivals end at `end_ns`, and only whole seconds before that are looked at.
    pub fn settle(&mut self, now_ns: u64, end_ns: u64) {
        self.timeline.tidy(now_ns);
        let until = now_ns.min(end_ns) / 1_000_000_000;
        let (timeline, courses_of) = (&self.timeline, &self.courses_of);
        for (at, course) in self.courses.iter_mut().enumerate() {
            let series = |(series, courses): (u32, &Vec<usize>)| {
                courses.contains(&at).then_some(Series(series))
            };
            course.settle(until, |second| {
                timeline.has_ended(second, (0..).zip(courses_of).filter_map(series))
            });
        }
    }

    /// What was counted of one series.
    pub fn series(&self, series: Series) -> &SeriesTally {
        &self.series[series.0 as usize]
    }

    /// What was counted of all steps together. Adds them up: for the end of a run, not for every
    /// second.
    pub fn requests(&self) -> SeriesTally {
        let mut requests = SeriesTally::new(self.test_limits.iter().copied());
        for series in self.steps() {
            requests.merge(self.series(series));
        }
        requests
    }

    /// How a scope ended, from start to end.
    pub fn scope(&self, scope: Scope) -> Cow<'_, Outcomes> {
        match scope {
            Scope::Series(series) => Cow::Borrowed(&self.series(series).outcomes),
            Scope::Test => {
                let mut sum = self.no_requests();
                for series in self.steps() {
                    sum.merge(&self.series(series).outcomes);
                }
                Cow::Owned(sum)
            }
        }
    }

    /// How a scope ended from `from_ns` until `until_ns` (not included) of the intended
    /// time, which have to be among the times at which the run can be taken apart: those of the
    /// timetable and of [`Self::warmup`]. What has not ended is not in its ledger.
    pub fn part(&self, scope: Scope, from_ns: u64, until_ns: u64) -> Cow<'_, Outcomes> {
        let part = |series| self.periods.between(series, from_ns, until_ns);
        match scope {
            Scope::Series(series) => part(series),
            Scope::Test => {
                let mut sum = self.no_requests();
                self.steps()
                    .map(part)
                    .try_for_each(|part| part.map(|part| sum.merge(&part)))
                    .map(|()| sum)
            }
        }
        .map_or_else(|| self.scope(scope), Cow::Owned)
    }

    fn steps(&self) -> impl Iterator<Item = Series> + '_ {
        let all = self.catalogue.all();
        let steps = all.filter(|(_, kind)| **kind == SeriesKind::Step);
        steps.map(|(series, _)| series)
    }

    fn no_requests(&self) -> Outcomes {
        Outcomes::new(self.test_limits.iter().copied())
    }

    /// What a scope is judged by: everything after the warm-up.
    pub fn judged(&self, scope: Scope, warmup: &Warmup) -> Cow<'_, Outcomes> {
        match warmup.until_ns {
            0 => self.scope(scope),
            from => self.part(scope, from, u64::MAX),
        }
    }

    /// Judges every threshold, in the order in which they were given, on everything after the
    /// warm-up, with an error of `alpha` a side. Users arrived for `arrivals_ns`: that, and not the time
    /// until the last answer, is what events per second are counted in.
    ///
    /// Windows leave out a declared warm-up. An estimated one is known at the end alone, when they have
    /// been looked at: it is in them.
    pub fn judge(&self, alpha: f64, warmup: &Warmup, arrivals_ns: u64) -> Vec<Judgement> {
        let judge = |course: &Course| {
            let Watched { scope, threshold } = course.watched();
            if let Some(window) = course.window() {
                // How dependent samples are within a window cannot be seen in one window.
                return Rules::independent(alpha).judge_window(window);
            }
            if threshold.metric.kind() == Kind::PerSecond {
                let dependence = course.dependence(warmup.until_ns, 0.0);
                let events = course.events(warmup.until_ns, arrivals_ns);
                return Rules { alpha, dependence }.events(
                    threshold,
                    events.counted,
                    events.intended,
                    events.elapsed_ns,
                );
            }
            let outcomes = self.judged(*scope, warmup);
            let deviation = match threshold.metric {
                Metric::Mean => outcomes.response_ok.moments().deviation(),
                _ => None,
            };
            let variance = deviation.unwrap_or_default().powi(2);
            let dependence = course.dependence(warmup.until_ns, variance);
            Rules { alpha, dependence }.judge(threshold, &outcomes, arrivals_ns)
        };
        self.courses.iter().map(judge).collect()
    }

    /// Whether every threshold is decided already, by a test that may be asked again and again. One
    /// that cannot be decided early, such as one on a maximum, keeps the run going.
    pub fn is_decided(&self, alpha: f64) -> bool {
        let rules = Rules::independent(alpha);
        let from_ns = self.timetable.warmup_ns.unwrap_or_default();
        !self.courses.is_empty()
            && self
                .courses
                .iter()
                .all(|course| course.early(&rules, from_ns) != State::Inconclusive)
    }

    /// What is left out of what is judged. An estimate needs the whole run.
    pub fn warmup(&self, elapsed_ns: u64) -> Warmup {
        let estimated = self
            .timetable
            .estimates_warmup()
            .and_then(|()| warmup::estimate(&self.timeline.medians(0, elapsed_ns)));
        let (until_ns, rule) = match (self.timetable.warmup_ns, estimated) {
            (Some(ns), _) => (ns, WarmupRule::Declared),
            (None, Err(reason)) => (0, WarmupRule::NotEstimated(reason)),
            (None, Ok(cut)) => {
                let interval = self.timetable.interval_ns().unwrap_or_default();
                (cut.values as u64 * interval, WarmupRule::Estimated(cut))
            }
        };
        Warmup { until_ns, rule }
    }

    /// When what was planned to happen.
    pub const fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    pub(crate) const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The requests of some journeys together, second by second. `journeys` are indices into
    /// [`Catalogue::journeys`].
    pub fn seconds(&self, journeys: &[usize]) -> Seconds {
        self.seconds.sum(journeys.iter().copied())
    }

    /// The requests of all journeys together, second by second.
    pub fn all_seconds(&self) -> Seconds {
        self.seconds.all()
    }

    /// Requests per second that ended well and in time, of those intended while users arrived, which was
    /// for `arrivals_ns`; the warm-up is among them. `None` if nobody did.
    pub fn goodput_rate(&self, arrivals_ns: u64) -> Option<f64> {
        let seconds = self.all_seconds();
        // In the stretch in which arrivals ended there may be requests of users who were still there after that.
        let width_ns = seconds.width_ns.max(1);
        let (stretches, ns) = match arrivals_ns / width_ns {
            0 => (1, arrivals_ns),
            whole => (whole, whole * width_ns),
        };
        let stretches = usize::try_from(stretches).unwrap_or(usize::MAX);
        let good = seconds.seconds.iter().take(stretches);
        let good: u64 = good.map(|second| second.good).sum();
        (ns > 0).then(|| good as f64 * 1e9 / ns as f64)
    }

    /// All requests over time, fit to be drawn.
    pub fn chart(&self) -> Chart {
        chart::chart(&self.all_seconds(), &self.stretches)
    }

    /// The persistent clients and what became of their requests; `None` if no request that ended
    /// had an identity.
    pub fn clients(&self) -> Option<&Clients> {
        Some(&self.clients).filter(|clients| !clients.is_empty())
    }

    /// How what each threshold is about went over time, in the order in which they were given.
    pub fn courses(&self) -> &[Course] {
        &self.courses
    }

    /// What ended since the last call, by second of the intended time and series, in this order.
    /// Meant to be called about once a second.
    pub fn take_deltas(&mut self) -> Vec<Delta> {
        self.deltas.take()
    }

    /// Gives deltas back whose memory can be used again.
    pub fn recycle(&mut self, deltas: Vec<Delta>) {
        self.deltas.recycle(deltas);
    }
}

#[cfg(test)]
mod omission_tests;
#[cfg(test)]
mod tests;
