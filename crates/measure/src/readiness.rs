//! From the states of items to the one answer: go, risk, or no-go, by tier.
//!
//! | | critical | important | nice to have |
//! |---|---|---|---|
//! | pass | go | go | go |
//! | marginal, waived | risk | risk | go, listed |
//! | fail, invalid | no-go, cannot be waived | no-go, one approval waives | risk |
//! | inconclusive, not run | no-go, two waive | no-go, one waives | risk |
//!
//! The answer is the worst there is; nothing is averaged. A proven failure outranks broken evidence,
//! and that outranks missing evidence.

use crate::tier::Tier;

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Shown to hold.
    Pass,
    /// Shown to hold by the lenient of two limits only.
    Marginal,
    /// Shown not to hold.
    Fail,
    /// Neither.
    Inconclusive,
    /// No evidence, or evidence that is too old.
    NotRun,
    /// Its evidence is broken.
    Invalid,
    /// Let pass by people who may.
    Waived,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 7] = [
        Self::Pass,
        Self::Marginal,
        Self::Waived,
        Self::NotRun,
        Self::Inconclusive,
        Self::Invalid,
        Self::Fail,
    ];

    /// How bad it is, 0 for the best. A waived item is as bad as a marginal one.
    pub const fn severity(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Marginal | Self::Waived => 1,
            Self::Inconclusive | Self::NotRun => 2,
            Self::Invalid => 3,
            Self::Fail => 4,
        }
    }
}

/// What an item contributes to the answer, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// Nothing against it.
    Go,
    /// Nothing against it, but worth a line.
    Listed,
    /// It may be done, if this is known and accepted.
    Risk,
    /// No: there is not enough evidence.
    NoGoMissing,
    /// No: the evidence is broken.
    NoGoInvalid,
    /// No: a promise was shown not to hold.
    NoGoProven,
}

/// What an item of this tier contributes in this standing.
pub const fn answer(tier: Tier, standing: Standing) -> Answer {
    match (standing, tier) {
        (Standing::Pass, _) => Answer::Go,
        (Standing::Marginal | Standing::Waived, Tier::NiceToHave) => Answer::Listed,
        (Standing::Marginal | Standing::Waived, _) => Answer::Risk,
        (_, Tier::NiceToHave) => Answer::Risk,
        (Standing::Fail, _) => Answer::NoGoProven,
        (Standing::Invalid, _) => Answer::NoGoInvalid,
        (Standing::Inconclusive | Standing::NotRun, _) => Answer::NoGoMissing,
    }
}

/// How many people have to approve before an item of this tier in this standing is let pass.
/// `None`: nobody can. Where a waiver changes nothing, none is needed.
pub const fn approvals(tier: Tier, standing: Standing) -> Option<usize> {
    match (standing, tier) {
        (Standing::Pass | Standing::Marginal | Standing::Waived, _) => Some(0),
        (Standing::Fail | Standing::Invalid, Tier::Critical) => None,
        (_, Tier::Critical) => Some(2),
        (_, Tier::Important | Tier::NiceToHave) => Some(1),
    }
}

/// The answer to all items together: the worst. `None` where there is none.
pub fn decide(answers: impl IntoIterator<Item = Answer>) -> Option<Answer> {
    answers.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    #[test]
    fn the_table() {
        use Answer::{Go, Listed, NoGoInvalid, NoGoMissing, NoGoProven, Risk};
        let row = |standing| Tier::ALL.map(|tier| answer(tier, standing));
        assert_eq!(row(Standing::Pass), [Go, Go, Go]);
        assert_eq!(row(Standing::Marginal), [Risk, Risk, Listed]);
        assert_eq!(row(Standing::Waived), [Risk, Risk, Listed]);
        assert_eq!(row(Standing::Fail), [NoGoProven, NoGoProven, Risk]);
        assert_eq!(row(Standing::Invalid), [NoGoInvalid, NoGoInvalid, Risk]);
        assert_eq!(
            row(Standing::Inconclusive),
            [NoGoMissing, NoGoMissing, Risk]
        );
        assert_eq!(row(Standing::NotRun), [NoGoMissing, NoGoMissing, Risk]);
    }

    #[test]
    fn who_may_let_what_pass() {
        let row = |standing| Tier::ALL.map(|tier| approvals(tier, standing));
        assert_eq!(row(Standing::Fail), [None, Some(1), Some(1)]);
        assert_eq!(row(Standing::Invalid), [None, Some(1), Some(1)]);
        assert_eq!(row(Standing::Inconclusive), [Some(2), Some(1), Some(1)]);
        assert_eq!(row(Standing::NotRun), [Some(2), Some(1), Some(1)]);
    }

    #[test]
    fn nothing_to_judge_is_no_answer() {
        assert_eq!(decide([]), None);
    }

    fn items() -> impl Strategy<Value = Vec<(Tier, Standing)>> {
        let item = (select(Tier::ALL.to_vec()), select(Standing::ALL.to_vec()));
        proptest::collection::vec(item, 1..20)
    }

    fn verdict(items: &[(Tier, Standing)]) -> Option<Answer> {
        decide(
            items
                .iter()
                .map(|(tier, standing)| answer(*tier, *standing)),
        )
    }

    proptest! {
        #[test]
        fn making_an_item_worse_never_makes_the_verdict_better(
            items in items(),
            at in any::<prop::sample::Index>(),
            worse in select(Standing::ALL.to_vec()),
        ) {
            let at = at.index(items.len());
            prop_assume!(worse.severity() >= items[at].1.severity());
            let mut worsened = items.clone();
            worsened[at].1 = worse;
            prop_assert!(verdict(&worsened) >= verdict(&items));
        }

        #[test]
        fn raising_a_tier_never_makes_the_verdict_better(
            items in items(),
            at in any::<prop::sample::Index>(),
            tier in select(Tier::ALL.to_vec()),
        ) {
            let at = at.index(items.len());
            prop_assume!(tier <= items[at].0);
            let mut raised = items.clone();
            raised[at].0 = tier;
            prop_assert!(verdict(&raised) >= verdict(&items));
        }

        #[test]
        fn the_order_of_items_does_not_matter(items in items()) {
            let mut reversed = items.clone();
            reversed.reverse();
            prop_assert_eq!(verdict(&items), verdict(&reversed));
        }
    }
}
