//! When a duel may be judged without being wrong more often than it says.
//!
//! Judging after every round and stopping at the first difference finds one in every duel that is
//! long enough. So a duel is looked at after a few numbers of rounds that are fixed beforehand, and
//! the error α is divided among these looks. However the looks depend on each other, the probability
//! that any of them is wrong is at most the sum of their parts (Bonferroni), so that **any** rule may
//! say when to stop: at the first regression, when all is decided, or when somebody runs out of time.
//!
//! Most of α is for the planned number of rounds, little for looks before it, which then only stop
//! for what is plain, and little for an extension. Computing how the looks depend on each other would
//! gain a little power, but needs normal differences and a maximum that is never exceeded.
//!
//! Sources: Haybittle, "Repeated assessment of results in clinical trials of cancer treatment",
//! British Journal of Radiology 44 (1971); Jennison and Turnbull, "Group Sequential Methods with
//! Applications to Clinical Trials" (2000), chapters 2 and 9.

/// Rounds after which a duel may be looked at, besides the planned number and the largest.
const ROUNDS: [usize; 7] = [6, 8, 12, 16, 20, 30, 40];
/// The share of α for looks before the planned number of rounds, and for those after it.
const ASIDE: f64 = 0.2;

/// A number of rounds after which a duel is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// After so many rounds.
    pub rounds: usize,
    /// The probability of a wrong finding in this look, both sides and all comparisons together.
    pub alpha: f64,
}

/// When a duel is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    looks: Vec<Look>,
    alpha: f64,
}

/// Why a duel cannot be planned so.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LooksError {
    /// The number of rounds is too small or too large.
    #[error(
        "a duel of {0} rounds cannot be judged; plan {least} to {most}",
        least = Looks::FEWEST,
        most = Looks::MOST
    )]
    Rounds(usize),
    /// The largest number of rounds is below the planned one.
    #[error(
        "{most} rounds at most are fewer than the {planned} that are planned; raise the former"
    )]
    Reversed {
        /// The planned number.
        planned: usize,
        /// The largest number.
        most: usize,
    },
    /// The error is no probability, or too large to mean anything.
    #[error("an error of {0} proves nothing; choose one above 0 and up to 0.2, such as 0.05")]
    Alpha(f64),
}

impl Default for Looks {
    /// Twelve rounds, thirty at most, with an error of 5 %.
    fn default() -> Self {
        Self {
            looks: spend(12, 30, 0.05),
            alpha: 0.05,
        }
    }
}

impl Looks {
    /// Fewer rounds show nothing: with five that all point one way, the sign-flip test is not below
    /// 5 %.
    pub const FEWEST: usize = 6;
    /// More rounds than this are not judged.
    pub const MOST: usize = crate::statistics::sign_flip::MOST;

    /// Looks at a duel of `planned` rounds that may be extended up to `most`, which are wrong with
    /// probability `alpha` together.
    ///
    /// # Errors
    ///
    /// If the numbers are not among 6 to 40 in this order, or `alpha` is not in 0 to 0.2.
    pub fn new(planned: usize, most: usize, alpha: f64) -> Result<Self, LooksError> {
        for rounds in [planned, most] {
            if !(Self::FEWEST..=Self::MOST).contains(&rounds) {
                return Err(LooksError::Rounds(rounds));
            }
        }
        if most < planned {
            return Err(LooksError::Reversed { planned, most });
        }
        let alpha = valid(alpha)?;
        Ok(Self {
            looks: spend(planned, most, alpha),
            alpha,
        })
    }

    /// A single look after so many rounds, which then has all of `alpha`.
    ///
    /// # Errors
    ///
    /// As of [`Looks::new`].
    pub fn once(rounds: usize, alpha: f64) -> Result<Self, LooksError> {
        if !(Self::FEWEST..=Self::MOST).contains(&rounds) {
            return Err(LooksError::Rounds(rounds));
        }
        let alpha = valid(alpha)?;
        Ok(Self {
            looks: vec![Look { rounds, alpha }],
            alpha,
        })
    }

    /// All looks, by rounds.
    pub fn all(&self) -> &[Look] {
        &self.looks
    }

    /// The probability that any look is wrong.
    pub const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The look after just so many rounds; `None` if there is none, and the duel has to go on.
    pub fn at(&self, rounds: usize) -> Option<Look> {
        let mut looks = self.looks.iter().copied();
        looks.find(|look| look.rounds == rounds)
    }

    /// The next look after more than so many rounds.
    pub fn after(&self, rounds: usize) -> Option<Look> {
        let mut looks = self.looks.iter().copied();
        looks.find(|look| look.rounds > rounds)
    }

    /// The look at a duel that ended after so many rounds for a reason that has nothing to do with
    /// what it showed, such as a signal: instead of the next look, which will not be. `None` with
    /// fewer than [`Looks::FEWEST`] rounds, and after the last look.
    pub fn at_end(&self, rounds: usize) -> Option<Look> {
        let look = self.looks.iter().find(|look| look.rounds >= rounds)?;
        (rounds >= Self::FEWEST).then_some(Look {
            rounds,
            alpha: look.alpha,
        })
    }
}

fn valid(alpha: f64) -> Result<f64, LooksError> {
    if alpha > 0.0 && alpha <= 0.2 {
        Ok(alpha)
    } else {
        Err(LooksError::Alpha(alpha))
    }
}

fn spend(planned: usize, most: usize, alpha: f64) -> Vec<Look> {
    let before: Vec<_> = ROUNDS.into_iter().filter(|n| *n < planned).collect();
    let mut after: Vec<_> = ROUNDS
        .into_iter()
        .filter(|n| (planned + 1..most).contains(n))
        .collect();
    if most > planned {
        after.push(most);
    }
    let aside = |looks: &[usize]| if looks.is_empty() { 0.0 } else { ASIDE };
    let part = |looks: &[usize]| alpha * aside(looks) / looks.len().max(1) as f64;
    let planned_alpha = alpha * (1.0 - aside(&before) - aside(&after));
    let (early, late) = (part(&before), part(&after));
    let look = |alpha| move |rounds| Look { rounds, alpha };
    let before = before.into_iter().map(look(early));
    let planned = std::iter::once(look(planned_alpha)(planned));
    before
        .chain(planned)
        .chain(after.into_iter().map(look(late)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn most_of_the_error_is_for_the_planned_rounds() {
        let looks = Looks::default();
        assert_eq!(looks, Looks::new(12, 30, 0.05).unwrap());
        let rounds: Vec<_> = looks.all().iter().map(|look| look.rounds).collect();
        assert_eq!(rounds, [6, 8, 12, 16, 20, 30]);
        for (rounds, alpha) in [(6, 0.005), (12, 0.03), (30, 0.01 / 3.0)] {
            assert!((looks.at(rounds).unwrap().alpha - alpha).abs() < 1e-12);
        }
        assert_eq!((looks.at(7), looks.at(31)), (None, None));
        assert_eq!(looks.after(8).map(|look| look.rounds), Some(12));
        assert_eq!(looks.after(30), None);
    }

    #[test]
    fn what_is_not_looked_at_leaves_its_error_to_the_plan() {
        let once = Looks::new(6, 6, 0.05).unwrap();
        assert_eq!(once, Looks::once(6, 0.05).unwrap());
        assert_eq!(once.at(6).map(|look| look.alpha), Some(0.05));
    }

    #[test]
    fn a_duel_that_was_cut_off_has_the_part_of_the_next_look() {
        let looks = Looks::default();
        assert_eq!(
            looks.at_end(9).map(|look| look.alpha),
            looks.at(12).map(|l| l.alpha)
        );
        assert_eq!(looks.at_end(12), looks.at(12));
        assert_eq!((looks.at_end(5), looks.at_end(31)), (None, None));
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        assert_eq!(Looks::new(5, 12, 0.05), Err(LooksError::Rounds(5)));
        assert_eq!(Looks::once(41, 0.05), Err(LooksError::Rounds(41)));
        let reversed = LooksError::Reversed {
            planned: 12,
            most: 8,
        };
        assert_eq!(Looks::new(12, 8, 0.05), Err(reversed));
        assert_eq!(Looks::new(12, 12, 0.0), Err(LooksError::Alpha(0.0)));
        assert!(Looks::once(12, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn the_parts_of_the_error_are_its_whole(
            planned in 6..=40_usize, more in 0..=34_usize, alpha in 0.001..0.2,
        ) {
            let looks = Looks::new(planned, (planned + more).min(40), alpha).unwrap();
            let sum: f64 = looks.all().iter().map(|look| look.alpha).sum();
            prop_assert!((sum - alpha).abs() < 1e-12);
            prop_assert!(looks.all().is_sorted_by(|a, b| a.rounds < b.rounds));
            prop_assert!(looks.all().iter().all(|look| look.alpha > 0.0));
            prop_assert!(looks.at(planned).is_some());
        }
    }
}
