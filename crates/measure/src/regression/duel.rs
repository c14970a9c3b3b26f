//! Two builds that took turns, judged over all their contests together.

use super::contest::Contest;
use super::finding::{Evidence, Finding, Standing, Verdict};
use super::looks::{Look, Looks};
use crate::statistics::multiple;

/// A duel as it stands at a look.
#[derive(Debug, Clone, PartialEq)]
pub struct Duel {
    /// The look it was judged at.
    pub look: Look,
    /// The findings, in the order of the contests.
    pub findings: Vec<Finding>,
    /// After how many rounds it may be judged again; `None` if this look was the last.
    pub next_look: Option<usize>,
}

/// Judges all contests of a duel, if it may be judged after as many rounds as there are: `None`
/// between looks. The number of rounds is that of the longest contest.
///
/// - **Regressed** and **improved** are said where the t-test's p-value, adjusted after Holm over all
///   contests, is at most the look's part of α, the estimate reaches what is tolerated, and the exact
///   sign-flip test confirms at α. So the probability that anything is called so wrongly, in any
///   contest at any look, is at most α. The sign-flip test stands behind normality alone. It can
///   only withhold a finding, never make one, so that it needs no adjustment; adjusted, it could
///   never confirm in a few rounds, for its p-value is at least 2 / 2ᴿ.
/// - **OK** is said where the interval, at the level of the look, ends below what is tolerated. For a
///   duel to be OK, all its contests have to be: that is wrong with probability α / 2 at most without
///   any adjustment (Berger, "Multiparameter hypothesis testing and acceptance sampling",
///   Technometrics 24, 1982).
/// - Where rounds are infinite there is neither mean nor interval, and the sign test takes the place of
///   both tests.
pub fn judge(contests: &[Contest], looks: &Looks) -> Option<Duel> {
    looks
        .at(rounds(contests))
        .map(|look| judge_at(contests, looks, look))
}

/// Judges a duel that ended for a reason that has nothing to do with what it showed. `None` if it
/// has too few rounds, or more than are planned. It must not go on after that.
pub fn judge_at_end(contests: &[Contest], looks: &Looks) -> Option<Duel> {
    let look = looks.at_end(rounds(contests))?;
    Some(Duel {
        next_look: None,
        ..judge_at(contests, looks, look)
    })
}

fn rounds(contests: &[Contest]) -> usize {
    let rounds = contests.iter().map(|contest| contest.rounds.len());
    rounds.max().unwrap_or_default()
}

fn judge_at(contests: &[Contest], looks: &Looks, look: Look) -> Duel {
    let evidence: Vec<_> = contests.iter().map(Evidence::of).collect();
    let p: Vec<_> = evidence.iter().map(|evidence| evidence.p).collect();
    let holm = multiple::holm(&p);
    let false_discovery = multiple::benjamini_hochberg(&p);
    let adjusted = holm.into_iter().zip(false_discovery);
    let findings = evidence.into_iter().zip(adjusted);
    Duel {
        look,
        findings: findings
            .map(|(evidence, (holm_p, benjamini_hochberg_p))| {
                evidence.judge(&Standing {
                    look,
                    alpha: looks.alpha(),
                    contests: contests.len(),
                    holm_p,
                    benjamini_hochberg_p,
                })
            })
            .collect(),
        next_look: looks.after(look.rounds).map(|look| look.rounds),
    }
}

impl Duel {
    /// Whether more rounds would decide nothing more: no finding is inconclusive.
    pub fn is_decided(&self) -> bool {
        self.verdict() != Verdict::Inconclusive && !self.any(Verdict::Inconclusive)
    }

    /// The verdict on the builds. Regressed if anything is; else inconclusive if anything is, or
    /// nothing was compared; else improved if anything is.
    pub fn verdict(&self) -> Verdict {
        let worst_first = [
            Verdict::Regressed,
            Verdict::Inconclusive,
            Verdict::Improved,
            Verdict::Ok,
        ];
        let worst = worst_first.into_iter().find(|verdict| self.any(*verdict));
        worst.unwrap_or(Verdict::Inconclusive)
    }

    fn any(&self, verdict: Verdict) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.verdict == verdict)
    }
}

#[cfg(test)]
mod tests;
