//! Counts of verdicts.

use crate::rate::Rate;
use plimsoll_measure::State;

/// How often a verdict was decisive, of services on which none should be.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Verdicts {
    pub(crate) pass: Rate,
    pub(crate) fail: Rate,
}

impl Verdicts {
    pub(crate) fn count(&mut self, state: State) {
        self.pass.count(state == State::Pass);
        self.fail.count(state == State::Fail);
    }
}

impl std::fmt::Display for Verdicts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} | {}", self.pass, self.fail)
    }
}
