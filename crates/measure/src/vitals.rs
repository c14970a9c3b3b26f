//! What the generator observed of itself and of its machine while it drove the load.

use crate::histogram::{Histogram, Precision};

/// The generator's own condition: what [`crate::validity`] needs to know besides the samples.
/// `None` where the platform does not tell.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// The processor time of the busiest worker thread in its busiest second, as a share of one
    /// processor. Time spent spinning for the sake of accuracy is not in it.
    pub busiest_worker: Option<f64>,
    /// Processor time of all worker threads so far, in nanoseconds.
    pub cpu_ns: u64,
    /// How late a timer was that is due every 10 ms on every worker thread, in nanoseconds.
    pub heartbeat: Histogram,
    /// The share of scheduling periods in which the generator's control group was throttled.
    pub throttled: Option<f64>,
    /// The share of the machine's processor time that the hypervisor gave to others.
    pub stolen: Option<f64>,
    /// How busy the processors that the generator may run on were in the busiest second, with
    /// everything that ran on them, as a share of all of them.
    pub processors_busy: Option<f64>,
    /// TCP segments that were sent again, by anything in the generator's network namespace.
    pub retransmits: Option<u64>,
    /// Targets that run on the generator's own processors, by name.
    pub neighbours: Vec<String>,
}

impl Default for Vitals {
    fn default() -> Self {
        Self {
            busiest_worker: None,
            cpu_ns: 0,
            heartbeat: Histogram::new(Precision::Fine),
            throttled: None,
            stolen: None,
            processors_busy: None,
            retransmits: None,
            neighbours: Vec::new(),
        }
    }
}
