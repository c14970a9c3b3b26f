//! Reads metrics in the text format of Prometheus.
//!
//! Source: "Exposition formats", version 0.0.4, <https://prometheus.io/docs/instrumenting/exposition_formats/>.

mod parse;

pub use parse::{Sample, parse};

/// The metrics that tell what a process uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Resident memory, in bytes.
    pub rss: String,
    /// Processor time, in seconds, as a counter.
    pub processors: String,
    /// Open file descriptors.
    pub descriptors: String,
}

impl Default for Names {
    /// What Prometheus's client libraries call them.
    fn default() -> Self {
        Self {
            rss: "process_resident_memory_bytes".to_owned(),
            processors: "process_cpu_seconds_total".to_owned(),
            descriptors: "process_open_fds".to_owned(),
        }
    }
}

/// What a page tells.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Values {
    /// Resident memory, in bytes.
    pub rss_bytes: Option<f64>,
    /// Processor time so far, in seconds.
    pub processor_seconds: Option<f64>,
    /// Open file descriptors.
    pub descriptors: Option<f64>,
}

/// Reads a page: of each metric, the sum over all its labels. Values that are no finite number, or below 0, are
/// left out.
pub fn read(page: &str, names: &Names) -> Values {
    let mut values = Values::default();
    for sample in parse(page) {
        let value = match &sample.name {
            name if *name == names.rss => &mut values.rss_bytes,
            name if *name == names.processors => &mut values.processor_seconds,
            name if *name == names.descriptors => &mut values.descriptors,
            _ => continue,
        };
        if sample.value.is_finite() && sample.value >= 0.0 {
            *value.get_or_insert(0.0) += sample.value;
        }
    }
    values
}

#[cfg(test)]
mod tests;
