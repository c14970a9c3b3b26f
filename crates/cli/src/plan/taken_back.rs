//! What tests cannot show because they did not go as they should.

use plimsoll_report::document::{Item, ItemState};
use std::collections::BTreeMap;

/// What became of tests that did not go as they should, by their names.
#[derive(Debug, Default)]
pub(crate) struct TakenBack(BTreeMap<String, (ItemState, String)>);

impl TakenBack {
    /// Notes what the items of a test are at best, and why.
    pub(super) fn note(&mut self, test: &str, state: ItemState, reason: String) {
        self.0.insert(test.to_owned(), (state, reason));
    }

    /// Takes back what such tests seem to show. What failed has failed all the same.
    pub(super) fn apply<'i>(&self, items: impl IntoIterator<Item = &'i mut Item>) {
        for item in items {
            let test = item.test.as_ref();
            if let Some((state, reason)) = test.and_then(|test| self.0.get(test)) {
                take_back(item, *state, reason);
            }
        }
    }
}

/// Takes back what an item seems to show.
pub(super) fn take_back(item: &mut Item, state: ItemState, reason: &str) {
    if matches!(item.state, ItemState::Pass | ItemState::Inconclusive) {
        item.state = state;
        item.marginal = false;
        item.reason = Some(reason.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_was_given_up_passes_nothing_wherever_it_is_judged() {
        let item = |id: &str, test: &str, state| Item {
            id: id.to_owned(),
            test: Some(test.to_owned()),
            state,
            marginal: true,
            ..Item::default()
        };
        let mut items = [
            item("soak/buy/p99", "soak", ItemState::Pass),
            item("soak/buy/baseline/p99", "soak", ItemState::Pass),
            item("soak/buy/baseline/p50", "soak", ItemState::Inconclusive),
            item("soak/buy/baseline/errors", "soak", ItemState::Fail),
            item("expected/buy/baseline/p99", "expected", ItemState::Pass),
        ];
        let mut taken_back = TakenBack::default();
        let reason = "the test was given up before its end";
        taken_back.note("soak", ItemState::Invalid, reason.to_owned());
        taken_back.apply(&mut items);
        let states = items.each_ref().map(|item| item.state);
        assert_eq!(
            states,
            [
                ItemState::Invalid,
                ItemState::Invalid,
                ItemState::Invalid,
                ItemState::Fail,
                ItemState::Pass
            ]
        );
        assert_eq!(items[1].reason.as_deref(), Some(reason));
        assert!(!items[1].marginal && items[4].marginal);
    }
}
