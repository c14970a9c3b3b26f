//! What to do next.

use super::found::{End, Found, Upper};
use super::options::{Options, OptionsError};

/// What to do next. Rates are arrivals per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Offer a rate and judge it.
    Probe {
        /// The rate.
        rate: f64,
        /// How long it is held before it is measured, in seconds.
        trimmed_s: f64,
        /// How long it is measured, in seconds.
        measured_s: f64,
    },
    /// Go on with the probe, without a pause, and judge all of it.
    Extend {
        /// The rate, as before.
        rate: f64,
        /// How long it is measured altogether, in seconds.
        measured_s: f64,
    },
    /// Wait until nothing is in flight, then offer a canary until it is calm
    /// ([`super::calm_after`]).
    CoolDown {
        /// The rate of the canary.
        rate: f64,
        /// How long it is waited for at most, in seconds.
        longest_s: f64,
    },
    /// Offer what was found for longer, and judge it.
    Confirm {
        /// The rate.
        rate: f64,
        /// How long it is held before it is measured, in seconds.
        trimmed_s: f64,
        /// How long it is measured, in seconds.
        measured_s: f64,
    },
    /// Offer too much, then less than what was confirmed, then that, without a pause, and judge the last.
    FromAbove {
        /// The rate that is too much.
        from: f64,
        /// How long that is offered, in seconds.
        above_s: f64,
        /// The rate under which the queue that is left is worked off.
        drain: f64,
        /// How long that is offered, in seconds: as long as a cool-down may take.
        drained_s: f64,
        /// The rate that was confirmed.
        rate: f64,
        /// How long it is held before it is measured, in seconds.
        trimmed_s: f64,
        /// How long it is measured, in seconds.
        measured_s: f64,
    },
    /// Nothing more: see [`Search::found`].
    Done,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The rate is borne: every threshold is proven.
    Passed,
    /// It is not: a threshold is refuted.
    Failed,
    /// A threshold is refuted by what the system answered, but the generator or its machine had a hitch meanwhile:
    /// what is sent late comes in a burst, which is another load than that rate.
    Doubtful,
    /// Neither.
    Inconclusive,
    /// The generator could not offer the rate, so that nothing is known of it.
    GeneratorLimited,
    /// The canary was calm.
    Settled,
    /// The canary was not calm in time.
    NotSettled,
}

/// An outcome that the action cannot have.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "{outcome:?} is no outcome of {action:?}; what was stored belongs to another search or version, so begin anew"
)]
pub struct Misfit {
    /// What was to be done.
    pub action: Action,
    /// What is said to have come of it.
    pub outcome: Outcome,
}

/// Overload is at least so many times what was confirmed: a little more than a system bears fills no queue in the time.
const OVERLOAD: f64 = 1.25;
/// Under this share of what was confirmed the queue is worked off that overload left. At that rate itself, which may be
/// just below what the system can do, an ordinary queue would take for ever.
const DRAIN: f64 = 0.8;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Probe,
    Confirm { back_offs: u32 },
    FromAbove,
    Done,
}

/// A search for the capacity of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    options: Options,
    stage: Stage,
    /// The rate of the stage.
    rate: f64,
    /// How long the probe that is under way was measured, if it is to be extended.
    extended_from_s: Option<f64>,
    is_hot: bool,
    /// The generator or its machine had a hitch when the rate was tried last.
    is_spoilt: bool,
    /// The rate that the generator could not offer.
    limited_at: Option<f64>,
    reductions: u32,
    found: Found,
}

impl Search {
    /// A search that has not begun.
    ///
    /// # Errors
    ///
    /// If the options make no search ([`Options::check`]).
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self {
            options,
            stage: Stage::Probe,
            rate: options.start,
            extended_from_s: None,
            is_hot: false,
            is_spoilt: false,
            limited_at: None,
            reductions: 0,
            found: Found {
                lower: None,
                upper: None,
                refuted: None,
                unprovable: false,
                confirmed: None,
                comes_back: None,
                end: End::Open,
            },
        })
    }

    /// Takes up a search again from what it was told before, in that order.
    ///
    /// # Errors
    ///
    /// If an outcome does not fit, or the options make no search.
    pub fn replay(
        options: Options,
        outcomes: impl IntoIterator<Item = Outcome>,
    ) -> Result<Self, ReplayError> {
        let mut search = Self::new(options)?;
        for outcome in outcomes {
            search.tell(outcome)?;
        }
        Ok(search)
    }

    /// What to do next.
    pub fn next(&self) -> Action {
        let options = &self.options;
        let (rate, trimmed_s) = (self.rate, options.trimmed_s);
        match self.stage {
            Stage::Done => Action::Done,
            _ if self.is_hot => Action::CoolDown {
                rate: options.cool_down.canary_share * self.found.lower.unwrap_or(rate),
                longest_s: options.cool_down.longest_s,
            },
            Stage::Probe => match self.extended_from_s {
                None => Action::Probe {
                    rate,
                    trimmed_s,
                    measured_s: options.measured_s,
                },
                Some(measured_s) => Action::Extend {
                    rate,
                    measured_s: (measured_s + options.measured_s).min(options.longest_s),
                },
            },
            Stage::Confirm { .. } => Action::Confirm {
                rate,
                trimmed_s,
                measured_s: options.confirmed_s,
            },
            Stage::FromAbove => Action::FromAbove {
                from: self.overload(rate),
                above_s: options.measured_s,
                drain: DRAIN * rate,
                drained_s: options.cool_down.longest_s,
                rate,
                trimmed_s,
                measured_s: options.confirmed_s,
            },
        }
    }

    /// Tells what came of [`Search::next`].
    ///
    /// # Errors
    ///
    /// If that cannot be; the search is then as before.
    pub fn tell(&mut self, outcome: Outcome) -> Result<(), Misfit> {
        let action = self.next();
        let is_of_canary = matches!(outcome, Outcome::Settled | Outcome::NotSettled);
        let fits = match action {
            Action::Done => false,
            Action::CoolDown { .. } => is_of_canary,
            _ => !is_of_canary,
        };
        if !fits {
            return Err(Misfit { action, outcome });
        }
        match action {
            Action::Probe { measured_s, .. } | Action::Extend { measured_s, .. } => {
                self.probed(measured_s, outcome);
            }
            Action::CoolDown { .. } => self.cooled(outcome),
            Action::Confirm { .. } => self.confirmed(outcome),
            Action::FromAbove { .. } => {
                if self.is_first_hitch(outcome) {
                    return Ok(());
                }
                self.found.comes_back = match outcome {
                    Outcome::Passed => Some(true),
                    Outcome::Failed | Outcome::Doubtful => Some(false),
                    _ => None,
                };
                self.end_confirmed();
            }
            Action::Done => {}
        }
        Ok(())
    }

    /// What was found so far, or at the end.
    pub const fn found(&self) -> &Found {
        &self.found
    }

    /// Whether an outcome is to be tried for again, after a rest: a hitch of the generator's machine is no limit yet, a
    /// second one in the same place is.
    fn is_first_hitch(&mut self, outcome: Outcome) -> bool {
        let is_hitch = matches!(outcome, Outcome::GeneratorLimited | Outcome::Doubtful);
        self.is_spoilt = is_hitch && !self.is_spoilt;
        self.is_hot |= self.is_spoilt;
        self.is_spoilt
    }

    /// A rate that was shown to be too much, and well above what was confirmed if that is allowed.
    fn overload(&self, confirmed: f64) -> f64 {
        let overload = (OVERLOAD * confirmed).min(self.options.most);
        overload.max(self.found.refuted.unwrap_or(confirmed))
    }

    fn probed(&mut self, measured_s: f64, outcome: Outcome) {
        if self.is_first_hitch(outcome) {
            return;
        }
        self.extended_from_s = None;
        match outcome {
            Outcome::Passed => {
                self.found.lower = Some(self.rate);
                self.choose_rate();
            }
            Outcome::Inconclusive if measured_s < self.options.longest_s => {
                self.extended_from_s = Some(measured_s);
            }
            Outcome::GeneratorLimited => match self.found.lower {
                // What is said of the system has to be confirmed, whatever the generator can do.
                Some(lower) => {
                    self.limited_at = Some(self.rate);
                    self.is_hot = true;
                    self.confirm(lower);
                }
                None => self.end(End::GeneratorLimited { at: self.rate }),
            },
            _ => {
                self.not_passed(outcome);
                self.choose_rate();
            }
        }
    }

    fn not_passed(&mut self, outcome: Outcome) {
        self.is_hot = true;
        let is_proven = matches!(outcome, Outcome::Failed | Outcome::Doubtful);
        self.found.upper = Some(Upper {
            rate: self.rate,
            is_proven,
        });
        if is_proven {
            let known = self.found.refuted.unwrap_or(f64::INFINITY);
            self.found.refuted = Some(self.rate.min(known));
        }
    }

    /// The rate of the next probe, or the end of probes.
    fn choose_rate(&mut self) {
        let options = &self.options;
        match (self.found.lower, self.found.upper) {
            (Some(lower), None) if lower >= options.most => self.confirm(lower),
            (Some(lower), None) => self.rate = (lower * options.growth).min(options.most),
            (Some(lower), Some(upper)) if upper.rate / lower <= options.resolution => {
                self.confirm(lower);
            }
            (Some(lower), Some(upper)) => self.rate = (lower * upper.rate).sqrt(),
            (None, _) if self.reductions < options.reductions => {
                let rate = self.rate / options.growth;
                // What no probe could prove is not offered.
                if rate * options.longest_s < options.fewest {
                    self.found.unprovable = true;
                    self.end(End::NothingPassed);
                } else {
                    self.reductions += 1;
                    self.rate = rate;
                }
            }
            // Nothing is left to be cooled down for.
            (None, _) => self.end(End::NothingPassed),
        }
    }

    fn confirm(&mut self, rate: f64) {
        self.rate = rate;
        self.stage = Stage::Confirm { back_offs: 0 };
    }

    fn cooled(&mut self, outcome: Outcome) {
        self.is_hot = false;
        if outcome == Outcome::NotSettled {
            let after = self.found.upper.map_or(self.rate, |upper| upper.rate);
            self.end(End::NotSettled { after });
        }
    }

    fn confirmed(&mut self, outcome: Outcome) {
        if self.is_first_hitch(outcome) {
            return;
        }
        let back_offs = match self.stage {
            Stage::Confirm { back_offs } => back_offs,
            _ => 0,
        };
        match outcome {
            Outcome::Passed => {
                self.found.confirmed = Some(self.rate);
                let is_overload_known = self.found.refuted.is_some() && self.limited_at.is_none();
                if self.options.from_above && is_overload_known {
                    self.stage = Stage::FromAbove;
                } else {
                    self.end_confirmed();
                }
            }
            // After a back-off, it is the system that did not bear what had passed.
            Outcome::GeneratorLimited if back_offs == 0 => {
                let at = self.limited_at.unwrap_or(self.rate);
                self.end(End::GeneratorLimited { at });
            }
            Outcome::GeneratorLimited => self.end(End::NotConfirmed),
            _ => {
                self.limited_at = None;
                self.not_passed(outcome);
                if back_offs < self.options.back_offs {
                    self.rate *= self.options.back_off;
                    self.stage = Stage::Confirm {
                        back_offs: back_offs + 1,
                    };
                } else {
                    self.end(End::NotConfirmed);
                }
            }
        }
    }

    fn end_confirmed(&mut self) {
        self.end(match (self.limited_at, self.found.upper) {
            (Some(at), _) => End::GeneratorLimited { at },
            (None, Some(_)) => End::Confirmed,
            (None, None) => End::Most,
        });
    }

    const fn end(&mut self, end: End) {
        self.stage = Stage::Done;
        self.found.end = end;
    }
}

/// Why a search cannot be taken up again.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// The options make no search.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// An outcome does not fit.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

#[cfg(test)]
mod tests;
