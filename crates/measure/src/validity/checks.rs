//! The checks, one function each: from figures to an outcome.

use super::{Cause, Check, CheckName, Status, Unit};
use crate::histogram::Histogram;
use crate::series::SeriesTally;
use crate::statistics::{distance, order, warmup::Cut};

const MS: f64 = 1e6;

/// A figure and the limits above which it is WARN and INVALID.
struct Figure {
    observed: f64,
    warn: f64,
    invalid: f64,
}

impl Figure {
    const fn new(observed: f64, warn: f64, invalid: f64) -> Self {
        Self {
            observed,
            warn,
            invalid,
        }
    }

    fn status(&self) -> Status {
        if self.observed > self.invalid {
            Status::Invalid
        } else if self.observed > self.warn {
            Status::Warn
        } else {
            Status::Valid
        }
    }

    fn limit(&self) -> f64 {
        match self.status() {
            Status::Invalid => self.invalid,
            Status::Warn | Status::Valid => self.warn,
        }
    }

    /// The one that is worse, by outcome and then by how close it is to its limit.
    fn or_worse(self, other: Self) -> Self {
        let key = |figure: &Self| (figure.status(), figure.observed / figure.limit());
        if key(&other) > key(&self) {
            other
        } else {
            self
        }
    }

    fn check(self, name: CheckName, unit: Unit, cause: Cause, advice: &str) -> Check {
        let status = self.status();
        let (observed, limit) = (text(self.observed, unit), text(self.limit(), unit));
        Check {
            name,
            status,
            observed: self.observed,
            limit: self.limit(),
            unit,
            cause,
            sentence: match status {
                Status::Valid => format!("{observed} is within the limit of {limit}"),
                Status::Warn | Status::Invalid => {
                    format!("{observed} is above the limit of {limit}: {advice}")
                }
            },
        }
    }
}

fn text(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{:.3}%", value * 100.0),
        Unit::Nanoseconds => format!("{:.3} ms", value / MS),
        Unit::Count => format!("{value:.1}"),
        Unit::Distance => format!("{value:.4}"),
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Whether everything was sent: what was dropped of what was intended, over the run and in its worst
/// second.
pub fn offered_load(run: (u64, u64), worst_second: (u64, u64)) -> Check {
    let missing = |(dropped, intended)| share(dropped, intended);
    Figure::new(missing(run), 0.0001, 0.001)
        .or_worse(Figure::new(missing(worst_second), 0.01, 0.05))
        .check(
            CheckName::OfferedLoad,
            Unit::Share,
            Cause::Generator,
            "part of the load was never sent; lower the rate, or give the generator more cores or machines",
        )
}

/// Whether it was sent on time: 99th percentile and maximum of the dispatch lag, against the
/// tightest latency threshold in nanoseconds, if there is one. `None` if nothing was sent.
pub fn dispatch_lag(lag: &Histogram, tightest: Option<f64>) -> Option<Check> {
    let (p99, max) = (lag.quantile(99, 100)? as f64, lag.max()? as f64);
    // 1 ms or 5 %, whichever is less, and so on.
    let part = |ns: f64, share: f64| tightest.map_or(ns, |limit| ns.min(share * limit));
    let figure = Figure::new(p99, part(MS, 0.05), part(10.0 * MS, 0.2)).or_worse(Figure::new(
        max,
        part(10.0 * MS, 1.0),
        tightest.unwrap_or(f64::INFINITY),
    ));
    Some(figure.check(
        CheckName::DispatchLag,
        Unit::Nanoseconds,
        Cause::Generator,
        "requests were sent late, which is part of their response times; lower the rate, or give the generator more cores or machines",
    ))
}

/// Whether requests waited for connections: the share that waited more than 1 ms.
pub fn conn_wait(tally: &SeriesTally) -> Check {
    let waited = share(tally.long_conn_waits, tally.conn_wait.count());
    Figure::new(waited, 0.001, f64::INFINITY).check(
        CheckName::ConnWait,
        Unit::Share,
        Cause::Configuration,
        "requests waited for a connection, which is part of their response times; allow more connections, or find out why the service holds them so long",
    )
}

/// Whether arrivals came when intended: arrivals made and intended over equal stretches (10 ms, or the
/// run's 4,096th if that is more). `None` if there were none.
///
/// Neither limit is below 1.63 / √n, which the distance of n arrivals exceeds by chance once in a
/// hundred (Kolmogorov and Smirnov): of a few, one or two that fall into the next stretch are a large
/// share, and a distance of 0.02 says nothing of fewer than 6,650.
pub fn arrival_shape(made: &[u64], intended: &[u64]) -> Option<Check> {
    let observed = distance::between_counts(made, intended)?;
    let n: u64 = made.iter().sum();
    let warn = (1.63 / (n as f64).sqrt()).max(0.005);
    Some(Figure::new(observed, warn, warn.max(0.02)).check(
        CheckName::ArrivalShape,
        Unit::Distance,
        Cause::Generator,
        "the load was not spread over time as intended; lower the rate, or give the generator more cores or machines",
    ))
}

/// Whether the generator had processor time to spare: that of its busiest worker thread in the
/// worst second, as a share.
pub fn generator_cpu(busiest: f64) -> Check {
    Figure::new(busiest, 0.7, 0.9).check(
        CheckName::GeneratorCpu,
        Unit::Share,
        Cause::Generator,
        "a worker thread was nearly busy all the time, so that the highest rate reached may be the generator's and not the service's; ask for less, or give the generator more cores or machines",
    )
}

/// Whether the machine was the generator's own: the share of scheduling periods in which its
/// control group was throttled, and of processor time stolen by the hypervisor.
pub fn environment(throttled: f64, stolen: f64) -> Check {
    Figure::new(throttled, 0.0, 0.01)
        .or_worse(Figure::new(stolen, 0.01, 0.05))
        .check(
            CheckName::Environment,
            Unit::Share,
            Cause::Environment,
            "the generator was denied processor time; raise its limit, or use a machine of its own",
        )
}

/// Whether event loops turned without interruption: the worst lateness of a 10 ms heartbeat in
/// nanoseconds, against the tightest latency threshold.
pub fn loop_stall(worst: f64, tightest: Option<f64>) -> Check {
    let invalid = tightest.map_or(50.0 * MS, |limit| (50.0 * MS).min(limit / 2.0));
    Figure::new(worst, (5.0 * MS).min(invalid), invalid).check(
        CheckName::LoopStall,
        Unit::Nanoseconds,
        Cause::Generator,
        "an event loop stood still; give the generator more cores, or a machine of its own",
    )
}

/// Whether the generator's processors had time to spare although targets run on them too: how busy
/// they were in the worst second, with everything on them.
pub fn shared_processors(busy: f64, neighbours: &[String]) -> Check {
    let advice = format!(
        "{} on the generator's own processors, and each took time from the other; run the generator elsewhere, or give each its own (taskset, cpuset)",
        match neighbours {
            [one] => format!("target `{one}` runs"),
            many => format!("targets `{}` run", many.join("`, `")),
        }
    );
    // Whether that did harm is said by the checks of lag and stalls.
    Figure::new(busy, 0.8, f64::INFINITY).check(
        CheckName::SharedProcessors,
        Unit::Share,
        Cause::Environment,
        &advice,
    )
}

/// What the generator wanted and did not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Connections for which there was no file descriptor.
    pub descriptors: u64,
    /// Connections for which there was no local port.
    pub ports: u64,
    /// TCP segments that had to be sent again.
    pub retransmits: u64,
    /// Requests there were.
    pub requests: u64,
}

/// Whether there were ports, descriptors and an intact network: how often there were not, per
/// request.
pub fn resources(lacking: &Lacking) -> Check {
    let Lacking {
        descriptors,
        ports,
        retransmits,
        requests,
    } = *lacking;
    let advice = [
        (
            descriptors,
            "connections found no file descriptor (raise `ulimit -n`, or use fewer connections)",
        ),
        (
            ports,
            "connections found no local port (reuse connections, widen net.ipv4.ip_local_port_range, or add source addresses or machines)",
        ),
        (
            retransmits,
            "TCP segments were sent again (the network or the service's accept queue dropped them)",
        ),
    ];
    let advice: Vec<String> = advice
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    Figure::new(
        share(descriptors + ports + retransmits, requests),
        0.0,
        0.001,
    )
    .check(
        CheckName::Resources,
        Unit::Share,
        Cause::Environment,
        &advice.join("; "),
    )
}

/// Whether the service was steady under a constant load: how far its figures went from the first
/// interval to the last, as a share of their median, 0 where that may be chance.
pub fn trend(drift: f64) -> Check {
    Figure::new(drift, 0.05, 0.2).check(
        CheckName::Trend,
        Unit::Share,
        Cause::Configuration,
        "under a constant load the service became steadily faster or slower, so that no figure describes the run as a whole; run longer, or look for what grows",
    )
}

/// Whether the beginning was like the rest: the cut proposed for `n` intervals.
pub fn warmup(cut: &Cut, n: usize) -> Check {
    let observed = share(cut.values as u64, n as u64);
    let check = Figure {
        observed,
        warn: 0.25,
        // A cut at the last candidate means that steadiness was never reached.
        invalid: if cut.is_last_candidate { 0.25 } else { 1.0 },
    };
    check.check(
        CheckName::Warmup,
        Unit::Share,
        Cause::Configuration,
        "the beginning was not like the rest; warm the service up before, or run longer",
    )
}

/// Whether there were enough samples for the quantile `q`: independent samples beyond it, of which
/// there should be 20. Below the smallest number that can prove anything, this is still WARN:
/// verdicts are then inconclusive by themselves.
pub fn samples(n_eff: f64, q: f64, alpha: f64) -> Check {
    let (beyond, fewest) = (n_eff * (1.0 - q), order::minimum_n(q, alpha));
    let status = if beyond < 20.0 {
        Status::Warn
    } else {
        Status::Valid
    };
    let observed = text(beyond, Unit::Count);
    let sentence = if status == Status::Valid {
        format!("{observed} independent samples beyond the quantile are enough")
    } else {
        format!(
            "only {observed} independent samples lie beyond the quantile, 20 are wanted and {fewest} in all are the least: run longer"
        )
    };
    Check {
        name: CheckName::Samples,
        status,
        observed: beyond,
        limit: 20.0,
        unit: Unit::Count,
        cause: Cause::Configuration,
        sentence,
    }
}
