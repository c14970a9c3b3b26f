//! What a search found.

use std::fmt;

/// A rate that did not pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Upper {
    /// Arrivals per second.
    pub rate: f64,
    /// Whether it was shown to be too much; if not, it was only not shown to be borne.
    pub is_proven: bool,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    /// It did not yet.
    Open,
    /// The capacity is known, and confirmed.
    Confirmed,
    /// The highest rate that was allowed is borne, and confirmed: the capacity is at least that.
    Most,
    /// The generator could do no more at this rate: the capacity is at least what passed.
    GeneratorLimited {
        /// Arrivals per second.
        at: f64,
    },
    /// No rate passed, however low.
    NothingPassed,
    /// What passed in short probes did not in longer ones.
    NotConfirmed,
    /// The system did not come to rest after this rate.
    NotSettled {
        /// Arrivals per second.
        after: f64,
    },
}

/// What a search found, so far or at its end. Rates are arrivals per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The highest rate that passed a probe; `None` if none did.
    pub lower: Option<f64>,
    /// The lowest rate that did not; `None` if all passed.
    pub upper: Option<Upper>,
    /// The rate that was confirmed.
    pub confirmed: Option<f64>,
    /// Whether the system comes back to that rate from overload; `None` if it was not tried or
    /// cannot be told.
    pub comes_back: Option<bool>,
    /// Why it ended.
    pub end: End,
}

impl Found {
    /// What may be relied on: the confirmed rate, or what passed where the generator was the limit.
    /// `None` if nothing may.
    pub fn capacity(&self) -> Option<f64> {
        match self.end {
            End::GeneratorLimited { .. } => self.confirmed.or(self.lower),
            _ => self.confirmed,
        }
    }

    /// Whether the true capacity may be far higher than what was found.
    pub const fn is_at_least(&self) -> bool {
        matches!(self.end, End::Most | End::GeneratorLimited { .. })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = |f: &mut fmt::Formatter<'_>| match self.lower {
            Some(lower) => write!(f, "{lower:.1} per second passed"),
            None => f.write_str("no rate passed"),
        };
        match self.end {
            End::Open => {
                f.write_str("not known yet; so far ")?;
                passed(f)?;
                self.bound(f)?;
            }
            End::Confirmed | End::Most => {
                let least = if self.is_at_least() { "at least " } else { "" };
                let confirmed = self.confirmed.unwrap_or_default();
                write!(f, "{least}{confirmed:.1} per second, confirmed")?;
                self.bound(f)?;
            }
            End::GeneratorLimited { at } => {
                match self.lower {
                    Some(lower) => write!(f, "at least {lower:.1} per second")?,
                    None => f.write_str("not known")?,
                }
                write!(f, "; the generator was at its limit at {at:.1} per second")?;
                self.bound(f)?;
            }
            End::NothingPassed => {
                f.write_str("no rate passed")?;
                self.bound(f)?;
            }
            End::NotConfirmed => {
                passed(f)?;
                f.write_str(" in short probes, but was not confirmed in longer ones")?;
                self.bound(f)?;
            }
            End::NotSettled { after } => {
                passed(f)?;
                write!(
                    f,
                    "; the system did not come to rest after {after:.1} per second, so that nothing \
                     measured after that would be its capacity"
                )?;
            }
        }
        match self.comes_back {
            Some(false) => f.write_str("; the system does not come back to it from overload"),
            Some(true) => f.write_str("; the system comes back to it from overload"),
            None => Ok(()),
        }
    }
}

impl Found {
    fn bound(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.upper {
            None => Ok(()),
            Some(Upper {
                rate,
                is_proven: true,
            }) => write!(f, "; {rate:.1} is too much"),
            Some(Upper { rate, .. }) => write!(f, "; {rate:.1} is not proven"),
        }
    }
}
