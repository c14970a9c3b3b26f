//! How much load a system bears: for people, and what follows from the probes of a search.

mod earlier;
mod gives;
mod knee;
mod page;
mod planning;
mod promised;
mod resources;
pub(crate) mod words;

pub use earlier::attach;
pub use gives::gives;
pub use knee::knee_rate;
pub(crate) use page::{page, shown};
pub use planning::{Demand, planning};
pub use promised::promised;
pub use resources::hold_against;

use crate::document::Probe;

/// Probes whose figures are the system's at that rate: not canaries, not a generator that was late,
/// and not what is still coming down from overload.
pub fn measured(probes: &[Probe]) -> impl Iterator<Item = &Probe> {
    probes.iter().filter(|probe| {
        matches!(probe.kind.as_str(), "probe" | "confirm")
            && !matches!(probe.outcome.as_str(), "generator_limited" | "doubtful")
    })
}

/// Of probes the longest one of each rate, by rate; of equally long ones the later.
pub fn by_rate<'p>(probes: impl Iterator<Item = &'p Probe>) -> Vec<&'p Probe> {
    let mut probes: Vec<&Probe> = probes.collect();
    probes.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let mut longest: Vec<&Probe> = Vec::new();
    for probe in probes {
        match longest.last_mut() {
            Some(last) if last.rate == probe.rate => {
                if last.measured_ns <= probe.measured_ns {
                    *last = probe;
                }
            }
            _ => longest.push(probe),
        }
    }
    longest
}

#[cfg(test)]
mod tests;
