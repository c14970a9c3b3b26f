//! What a contest shows, and what may be said of it among others.

use super::contest::{Contest, Distances};
use super::looks::{Look, Looks};
use super::measure::Measure;
use super::words;
use crate::statistics::paired::Mean;
use crate::statistics::{power, sign_flip, signed_rank, trend};

/// The verdict on B against A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// B is worse, and by what is tolerated or more.
    Regressed,
    /// B is not worse by as much as is tolerated.
    Ok,
    /// B is better, and by as much as is tolerated of the contrary or more.
    Improved,
    /// None of these is shown.
    Inconclusive,
}

impl Verdict {
    /// Of a single comparison that is made once: `harm` is by how much B is worse, on the scale of
    /// the measure, with the interval it lies in, and `limit` what is tolerated. Regressed if the
    /// lower end is above 0 and the harm reaches the limit; improved in the mirror image; OK if the
    /// upper end is below the limit.
    pub fn of(harm: f64, (lower, upper): (f64, f64), limit: f64) -> Self {
        let is_proven = lower > 0.0 || upper < 0.0;
        Self::decide(harm, is_proven, upper, limit)
    }

    /// `is_proven`: whether the harm differs from 0.
    fn decide(harm: f64, is_proven: bool, upper: f64, limit: f64) -> Self {
        if is_proven && harm > 0.0 && harm >= limit {
            Self::Regressed
        } else if is_proven && harm < 0.0 && harm <= -limit {
            Self::Improved
        } else if upper < limit {
            Self::Ok
        } else {
            Self::Inconclusive
        }
    }
}

/// The verdict on one contest, with its reasons. Distances are on the scale of the measure:
/// ln(B / A) or B − A; [`Measure::change`] makes them readable.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// How many rounds it rests on.
    pub rounds: usize,
    /// How many rounds had no value on one side or on both.
    pub missing: usize,
    /// The distance of B from A: the mean of rounds, or their median where some are infinite.
    pub estimate: Option<f64>,
    /// Where the true distance lies. It may be read after every look: with the confidence of the
    /// plan (95 %), all intervals of a duel's looks at this contest contain it (Jennison and
    /// Turnbull, "Interim analyses: the repeated confidence interval approach", Journal of the Royal
    /// Statistical Society B 51, 1989).
    pub interval: Option<(f64, f64)>,
    /// The standard deviation of rounds.
    pub deviation: Option<f64>,
    /// The middle of rounds, after Hodges and Lehmann, which single wild rounds do not move.
    pub middle: Option<f64>,
    /// Where the middle lies, at the same level as `interval`; `None` if the rounds are too few.
    pub middle_interval: Option<(f64, f64)>,
    /// The probability of a mean as far from 0 by chance, in this contest alone.
    pub p: f64,
    /// The same adjusted for all contests of the duel, after Holm: decides.
    pub holm_p: f64,
    /// The same adjusted after Benjamini and Hochberg: for lists of what may be worth a look.
    pub benjamini_hochberg_p: f64,
    /// The probability by the exact sign-flip test, which has to confirm.
    pub sign_flip_p: f64,
    /// The smallest distance that so many rounds find in four of five cases.
    pub minimum_detectable: Option<f64>,
    /// How many rounds would find what is tolerated in four of five cases, were it there.
    pub rounds_needed: Option<usize>,
    /// The verdict in words.
    pub explanation: String,
}

/// What a contest shows, whatever the others do.
pub(super) struct Evidence {
    measure: Measure,
    distances: Distances,
    mean: Option<Mean>,
    estimate: Option<f64>,
    pub(super) p: f64,
    sign_flip_p: f64,
}

/// What is known of a contest among all of a duel.
pub(super) struct Standing {
    pub(super) look: Look,
    /// The error of the duel.
    pub(super) alpha: f64,
    pub(super) contests: usize,
    pub(super) holm_p: f64,
    pub(super) benjamini_hochberg_p: f64,
}

impl Evidence {
    pub(super) fn of(contest: &Contest) -> Self {
        let distances = contest.distances();
        let values = &distances.values;
        let mut evidence = Self {
            measure: contest.measure,
            mean: None,
            estimate: None,
            p: 1.0,
            sign_flip_p: 1.0,
            distances: distances.clone(),
        };
        let mean = Mean::of(values).map(|m| m.with_error_of_at_least(distances.least_error));
        evidence.mean = mean;
        evidence.estimate = match mean {
            Some(mean) => Some(mean.mean),
            // The middle of both infinities is no number.
            None => trend::median(&mut values.clone()).map(|m| if m.is_nan() { 0.0 } else { m }),
        };
        if values.len() >= Looks::FEWEST {
            (evidence.p, evidence.sign_flip_p) = match mean {
                Some(mean) => (mean.p(), sign_flip::p(values).unwrap_or(1.0)),
                None => {
                    let p = p_of_signs(values);
                    (p, p)
                }
            };
        }
        evidence
    }

    pub(super) fn judge(self, standing: &Standing) -> Finding {
        let Self {
            measure,
            distances,
            mean,
            estimate,
            ..
        } = self;
        let rounds = distances.values.len();
        let level = standing.look.alpha;
        let interval = mean.map(|mean| mean.interval(level));
        let is_proven = standing.holm_p <= level && self.sign_flip_p <= standing.alpha;
        let verdict = match estimate {
            Some(estimate) if rounds >= Looks::FEWEST => {
                let upper = interval.map_or(f64::INFINITY, |ends| measure.harm_of(ends).1);
                Verdict::decide(measure.harm(estimate), is_proven, upper, measure.limit())
            }
            _ => Verdict::Inconclusive,
        };
        let strictest = level / standing.contests.max(1) as f64;
        // The scatter of rounds, or what counting allows if that is more.
        let scatter = mean.map(|mean| mean.standard_error * (mean.n as f64).sqrt());
        let finite = mean.map(|_| distances.values.as_slice());
        let mut finding = Finding {
            verdict,
            rounds,
            missing: distances.missing,
            estimate,
            interval,
            deviation: mean.map(|mean| mean.deviation),
            middle: finite.and_then(signed_rank::hodges_lehmann),
            middle_interval: finite.and_then(|values| signed_rank::interval(values, level)),
            p: self.p,
            holm_p: standing.holm_p,
            benjamini_hochberg_p: standing.benjamini_hochberg_p,
            sign_flip_p: self.sign_flip_p,
            minimum_detectable: scatter
                .map(|scatter| power::minimum_detectable(scatter, rounds, strictest)),
            rounds_needed: scatter
                .and_then(|scatter| power::rounds_for(measure.limit(), scatter, strictest)),
            explanation: String::new(),
        };
        finding.explanation = words::explain(&measure, &finding, &distances.values, standing);
        finding
    }
}

/// Where a value is infinite there is no mean, but there is a direction.
fn p_of_signs(values: &[f64]) -> f64 {
    let above = values.iter().filter(|value| **value > 0.0).count();
    let below = values.iter().filter(|value| **value < 0.0).count();
    sign_flip::p_of_signs(above, below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::paired::tests::ROUNDS;

    #[test]
    fn a_difference_that_is_certain_and_small_is_ok() {
        let mean = Mean::of(&ROUNDS).unwrap();
        let judge = |limit: f64| Verdict::of(mean.mean, mean.interval(0.05), limit);
        assert_eq!(judge(1.05_f64.ln()), Verdict::Ok);
        assert_eq!(judge(0.04), Verdict::Inconclusive);
        assert_eq!(judge(0.0285), Verdict::Regressed);
        assert_eq!(judge(0.0), Verdict::Regressed);
    }

    #[test]
    fn verdicts_mirror() {
        assert_eq!(Verdict::of(0.1, (0.01, 0.2), 0.05), Verdict::Regressed);
        assert_eq!(Verdict::of(-0.1, (-0.2, -0.01), 0.05), Verdict::Improved);
        assert_eq!(Verdict::of(0.1, (-0.01, 0.2), 0.05), Verdict::Inconclusive);
        assert_eq!(Verdict::of(-0.1, (-0.2, 0.01), 0.05), Verdict::Ok);
        assert_eq!(Verdict::of(0.0, (0.0, 0.0), 0.0), Verdict::Inconclusive);
    }
}
