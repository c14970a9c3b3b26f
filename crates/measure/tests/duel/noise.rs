//! What rounds of one and the same build differ by.

use crate::draws::Draws;

/// How the logarithm of a figure of one build scatters from round to round, given by the standard
/// deviation of the difference between two builds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Noise {
    /// Normal.
    Normal(f64),
    /// Half of the variance is of the build in this round, common to all its figures.
    Common(f64),
    /// Double exponential: rounds far out are more frequent.
    Laplace(f64),
    /// One turn in ten scatters five times as much.
    Wild(f64),
    /// Each turn is in a fast or in a slow mode.
    Modes(f64),
    /// The turn that comes first takes 5 % more, and who comes first alternates.
    Order(f64),
    /// 500 requests a step and turn, log-normal, of a build whose level in this round scatters.
    Requests(f64),
}

impl Noise {
    pub(crate) const ALL: [Self; 10] = [
        Self::Normal(0.02),
        Self::Normal(0.05),
        Self::Normal(0.1),
        Self::Normal(0.3),
        Self::Common(0.1),
        Self::Laplace(0.1),
        Self::Wild(0.1),
        Self::Modes(0.1),
        Self::Order(0.05),
        Self::Requests(0.05),
    ];

    pub(crate) const fn duels(self) -> u64 {
        match self {
            Self::Requests(_) => 500,
            _ => 1000,
        }
    }

    pub(crate) fn name(self) -> String {
        let (name, deviation) = match self {
            Self::Normal(s) => ("normal", s),
            Self::Common(s) => ("half common", s),
            Self::Laplace(s) => ("double exponential", s),
            Self::Wild(s) => ("wild rounds", s),
            Self::Modes(s) => ("two modes", s),
            Self::Order(s) => ("first turn slower", s),
            Self::Requests(s) => ("500 requests", s),
        };
        format!("{name}, {:.0} %", deviation * 100.0)
    }

    /// What one turn of a build in a round has in common for all its figures. `is_first`: whether
    /// it comes first in the round.
    pub(crate) fn level(self, draws: &mut Draws, is_first: bool) -> f64 {
        match self {
            Self::Common(s) => s / 2.0 * draws.normal(),
            Self::Order(_) if is_first => 0.05,
            Self::Requests(s) => s / 2_f64.sqrt() * draws.normal(),
            _ => 0.0,
        }
    }

    /// What is of one figure alone, of half the variance of the difference.
    pub(crate) fn of_figure(self, draws: &mut Draws) -> f64 {
        // The difference of two has twice the variance of each.
        let side = |deviation: f64| deviation / 2_f64.sqrt();
        match self {
            Self::Normal(s) | Self::Order(s) => side(s) * draws.normal(),
            Self::Common(s) => s / 2.0 * draws.normal(),
            // The difference of two exponentials is double exponential, of variance 2.
            Self::Laplace(s) => side(s) * draws.exponential(1.0),
            Self::Wild(s) => {
                let scale = if draws.uniform() < 0.1 { 5.0 } else { 1.0 };
                side(s) * scale * draws.normal()
            }
            Self::Modes(s) => {
                let mode = if draws.below(2) == 0 { 1.0 } else { -1.0 };
                side(s) * (mode + 0.1 * draws.normal())
            }
            Self::Requests(_) => 0.0,
        }
    }
}
