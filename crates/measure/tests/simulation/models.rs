//! Services whose true quantiles are known, at about 1,000 requests per second.
//!
//! Each starts in its steady state, so that nothing but dependence makes a sample differ from
//! independent ones. Times are in seconds.

use crate::draws::Draws;

/// The requests per second that are intended.
const RATE: f64 = 1000.0;

/// A request: when it was intended, and how long until it was answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) at: f64,
    pub(crate) response: f64,
}

/// A service under load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Model {
    /// Even arrivals; response times are independent and exponential with mean 10 ms.
    Independent,
    /// Poisson arrivals; the service stands still for 50–150 ms (uniform), and works for a time
    /// that is exponential with mean 5 s in between. What arrives while it stands still waits
    /// until it goes on. On top, everything takes a time that is exponential with mean 2 ms.
    Stalls,
    /// Poisson arrivals at one server that takes an exponential time for each, first come, first
    /// served (M/M/1), and is busy this share of the time.
    Queue(f64),
    /// Even arrivals; the logarithm of the response time is a Gaussian autoregressive series of
    /// order 1 from request to request, with this coefficient.
    Neighbours(f64),
    /// Even arrivals; a fifth of the variance of the logarithm of the response time is due to a
    /// level that all requests of a second share, and that is a Gaussian autoregressive series
    /// of order 1 from second to second, with this coefficient. The rest is independent.
    Seconds(f64),
}

const STALL: std::ops::Range<f64> = 0.05..0.15;
const BETWEEN_STALLS: f64 = 5.0;
const BASE: f64 = 0.002;
const SHARED: f64 = 0.2;

impl Model {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Independent => "independent".to_owned(),
            Self::Stalls => "stalls".to_owned(),
            Self::Queue(busy) => format!("M/M/1, {:.0} % busy", 100.0 * busy),
            Self::Neighbours(phi) => format!("AR(1) by request, {phi}"),
            Self::Seconds(phi) => format!("AR(1) by second, {phi}"),
        }
    }

    /// The requests intended in so many seconds.
    pub(crate) fn requests(self, draws: &mut Draws, seconds: f64) -> Vec<Request> {
        match self {
            Self::Independent => evenly(seconds, |_| draws.exponential(0.01)),
            Self::Stalls => stalls(draws, seconds),
            Self::Queue(busy) => queue(busy, draws, seconds),
            Self::Neighbours(phi) => {
                let mut level = Level::new(phi, draws);
                evenly(seconds, |_| log_normal(level.next(draws)))
            }
            Self::Seconds(phi) => {
                let mut level = Level::new(phi, draws);
                evenly(seconds, |at| {
                    if at > 0.0 && at.fract() == 0.0 {
                        level.next(draws);
                    }
                    let own = (1.0 - SHARED).sqrt() * draws.normal();
                    log_normal(SHARED.sqrt() * level.now + own)
                })
            }
        }
    }

    /// The response time that a share `tail` of all requests exceeds.
    pub(crate) fn quantile(self, tail: f64) -> f64 {
        let (mut low, mut high) = (0.0, 10.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if self.exceeding(middle) > tail {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// The share of all requests that takes longer than `t`.
    pub(crate) fn exceeding(self, t: f64) -> f64 {
        match self {
            Self::Independent => (-t / 0.01).exp(),
            Self::Stalls => stalls_exceeding(t),
            // The time in an M/M/1 queue is exponential with the rate μ − λ.
            Self::Queue(busy) => (-t * (RATE / busy - RATE)).exp(),
            Self::Neighbours(_) | Self::Seconds(_) => {
                plimsoll_measure::statistics::normal::below(-(t / MEDIAN).ln() / SPREAD)
            }
        }
    }
}

const MEDIAN: f64 = 0.01;
const SPREAD: f64 = 0.5;

fn log_normal(z: f64) -> f64 {
    MEDIAN * (SPREAD * z).exp()
}

fn evenly(seconds: f64, mut response: impl FnMut(f64) -> f64) -> Vec<Request> {
    let count = (seconds * RATE) as u64;
    (0..count)
        .map(|i| {
            let at = i as f64 / RATE;
            let response = response(at);
            Request { at, response }
        })
        .collect()
}

/// A standard normal autoregressive series of order 1.
struct Level {
    phi: f64,
    now: f64,
}

impl Level {
    fn new(phi: f64, draws: &mut Draws) -> Self {
        let now = draws.normal();
        Self { phi, now }
    }

    fn next(&mut self, draws: &mut Draws) -> f64 {
        let innovation = (1.0 - self.phi * self.phi).sqrt() * draws.normal();
        self.now = self.phi * self.now + innovation;
        self.now
    }
}

fn poisson(
    draws: &mut Draws,
    seconds: f64,
    mut response: impl FnMut(f64, &mut Draws) -> f64,
) -> Vec<Request> {
    let mut requests = Vec::with_capacity((seconds * RATE * 1.05) as usize);
    let mut at = draws.exponential(1.0 / RATE);
    while at < seconds {
        let response = response(at, draws);
        requests.push(Request { at, response });
        at += draws.exponential(1.0 / RATE);
    }
    requests
}

fn stalls(draws: &mut Draws, seconds: f64) -> Vec<Request> {
    // Started in the middle of nowhere, well before the first request: then it is in its steady state.
    let mut stall = next_stall(-20.0, draws);
    poisson(draws, seconds, |at, draws| {
        while stall.end <= at {
            stall = next_stall(stall.end, draws);
        }
        let wait = if at >= stall.start {
            stall.end - at
        } else {
            0.0
        };
        wait + draws.exponential(BASE)
    })
}

fn next_stall(after: f64, draws: &mut Draws) -> std::ops::Range<f64> {
    let start = after + draws.exponential(BETWEEN_STALLS);
    start..start + STALL.start + draws.uniform() * (STALL.end - STALL.start)
}

/// By the position of arrivals in a stall, which is uniform, and integrated over its duration d:
/// arrivals that wait longer than t are max(0, d − t), and the others exceed it by their own
/// time with probability exp(−(t − wait)/β).
fn stalls_exceeding(t: f64) -> f64 {
    let mean = (STALL.start + STALL.end) / 2.0;
    let steps = 10_000;
    let slow: f64 = (0..steps)
        .map(|step| {
            let d = STALL.start + (step as f64 + 0.5) / steps as f64 * (STALL.end - STALL.start);
            let shorter = t.min(d);
            (d - t).max(0.0) + BASE * ((-(t - shorter) / BASE).exp() - (-t / BASE).exp())
        })
        .sum::<f64>()
        / steps as f64;
    (slow + BETWEEN_STALLS * (-t / BASE).exp()) / (BETWEEN_STALLS + mean)
}

fn queue(busy: f64, draws: &mut Draws, seconds: f64) -> Vec<Request> {
    // What is still to be served; in the steady state nothing, or else exponential.
    let mut backlog = if draws.uniform() < busy {
        draws.exponential(1.0 / (RATE / busy - RATE))
    } else {
        0.0
    };
    let mut before = 0.0;
    poisson(draws, seconds, |at, draws| {
        backlog = (backlog - (at - before)).max(0.0) + draws.exponential(busy / RATE);
        before = at;
        backlog
    })
}
