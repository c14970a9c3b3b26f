//! Counts of replications.

/// In how many replications something happened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rate {
    happened: u64,
    of: u64,
}

impl Rate {
    pub(crate) fn count(&mut self, happened: bool) {
        self.happened += u64::from(happened);
        self.of += 1;
    }

    pub(crate) fn share(self) -> f64 {
        self.happened as f64 / self.of as f64
    }

    /// The standard error of a rate of `expected` in as many replications.
    pub(crate) fn error(self, expected: f64) -> f64 {
        (expected * (1.0 - expected) / self.of as f64).sqrt()
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = self.share();
        let error = self.error(share);
        write!(f, "{:.1} ± {:.1} %", 100.0 * share, 100.0 * error)
    }
}
