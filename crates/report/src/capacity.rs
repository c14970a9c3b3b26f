//! How much load a system bears: for people, and what follows from the probes of a search.

mod earlier;
mod gives;
mod knee;
mod page;
mod planning;
pub(crate) mod words;

pub use earlier::attach;
pub use gives::gives;
pub use knee::knee_rate;
pub(crate) use page::{page, shown};
pub use planning::{Demand, planning};

use crate::document::Probe;

/// Probes whose figures are the system's at that rate: not canaries, not a generator that was late,
/// and not what is still coming down from overload.
pub(crate) fn measured(probes: &[Probe]) -> impl Iterator<Item = &Probe> {
    probes.iter().filter(|probe| {
        matches!(probe.kind.as_str(), "probe" | "confirm") && probe.outcome != "generator_limited"
    })
}

#[cfg(test)]
mod tests;
