//! The universal scalability law.

/// Throughput by concurrency: `X(N) = γN / (1 + α(N − 1) + βN(N − 1))`.
///
/// Source: Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usl {
    /// Contention: the share of work that has to wait its turn.
    pub alpha: f64,
    /// Coherency: the cost of agreeing with each other, of every pair.
    pub beta: f64,
    /// Throughput at a concurrency of one.
    pub gamma: f64,
}

/// The most that a system does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// At this concurrency.
    pub n: f64,
    /// Throughput there.
    pub throughput: f64,
}

/// A concurrency or throughput too far beyond what was measured.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{n:.1} is more than twice the {measured:.1} that were measured; measure at higher loads")]
pub struct Beyond {
    /// What was asked for.
    pub n: f64,
    /// The largest that was measured.
    pub measured: f64,
}

/// Why no peak can be told.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PeakError {
    /// Throughput approaches a limit and never falls.
    #[error(
        "throughput only grows, towards a limit, so that it has no peak; there is no coherency cost to see"
    )]
    NoPeak,
    /// It is too far beyond what was measured.
    #[error(transparent)]
    Beyond(#[from] Beyond),
    /// It lies between loads that were measured, and far above their throughput.
    #[error(
        "by the law throughput would be {throughput:.0} per second at its peak, and the most that was measured is {most:.0}; measure at loads between"
    )]
    NotSeen {
        /// Throughput at the peak, by the law.
        throughput: f64,
        /// The largest that was measured.
        most: f64,
    },
}

impl Usl {
    /// Throughput at a concurrency, however far from what was measured.
    pub fn formula(&self, n: f64) -> f64 {
        let slower = self.alpha * (n - 1.0) + self.beta * n * (n - 1.0);
        self.gamma * n / (1.0 + slower)
    }

    /// The peak `N = √((1 − α) / β)`, however far from what was measured; `None` without coherency
    /// cost, or if it is below a concurrency of one.
    pub fn peak(&self) -> Option<Peak> {
        let n = ((1.0 - self.alpha) / self.beta).sqrt();
        (n.is_finite() && n >= 1.0).then(|| Peak {
            n,
            throughput: self.formula(n),
        })
    }

    /// The concurrency where growth in proportion would reach the most that the system does: where
    /// the curve bends (Kleinrock's saturation point). Infinite if it never does.
    pub fn knee(&self) -> f64 {
        match self.peak() {
            Some(peak) => peak.throughput / self.gamma,
            // It falls from the beginning.
            None if self.beta > 0.0 => 1.0,
            // Towards γ / α.
            None => 1.0 / self.alpha,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: Usl = Usl {
        alpha: 0.02,
        beta: 0.02,
        gamma: 1.0,
    };

    #[test]
    fn throughput_is_that_of_the_reference() {
        for (n, throughput) in [
            (1.0, 1.0),
            (2.0, 1.8868),
            (4.0, 3.0769),
            (6.0, 3.5294),
            (8.0, 3.5398),
            (10.0, 3.3557),
        ] {
            assert!((LAW.formula(n) - throughput).abs() < 5e-5, "{n}");
        }
        // √(0.98 / 0.02) = 7.
        let peak = LAW.peak().unwrap();
        assert!((peak.n - 7.0).abs() < 1e-12);
        assert!((LAW.knee() - peak.throughput).abs() < 1e-12);
    }

    #[test]
    fn without_coherency_cost_there_is_no_peak_but_a_knee() {
        let contended = Usl { beta: 0.0, ..LAW };
        assert_eq!((contended.peak(), contended.knee()), (None, 50.0));
        let linear = Usl {
            alpha: 0.0,
            ..contended
        };
        assert_eq!((linear.peak(), linear.knee()), (None, f64::INFINITY));
        let hopeless = Usl { alpha: 1.5, ..LAW };
        assert_eq!((hopeless.peak(), hopeless.knee()), (None, 1.0));
    }
}
