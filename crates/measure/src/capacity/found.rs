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
    /// The generator could do no more at this rate: the capacity is at least what was confirmed.
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
    /// The lowest rate that was shown to be too much, which may be above `upper`; `None` if none was.
    pub refuted: Option<f64>,
    /// Whether lower rates were not tried because too few requests fit into the longest probe of them to prove anything.
    pub unprovable: bool,
    /// The rate that was confirmed.
    pub confirmed: Option<f64>,
    /// Whether the system comes back to that rate from overload; `None` if it was not tried or cannot be told.
    pub comes_back: Option<bool>,
    /// Why it ended.
    pub end: End,
}

impl Found {
    /// What may be relied on: the confirmed rate; `None` if there is none.
    pub const fn capacity(&self) -> Option<f64> {
        self.confirmed
    }

    /// Whether what was found is a bound from below alone: no rate was shown to be too much, or the generator was
    /// the limit before both ends met.
    pub const fn is_at_least(&self) -> bool {
        matches!(self.end, End::GeneratorLimited { .. }) || self.refuted.is_none()
    }

    /// Whether a rate was shown to be too much, or one below it.
    pub fn refutes(&self, rate: f64) -> bool {
        self.refuted.is_some_and(|refuted| refuted <= rate)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = |f: &mut fmt::Formatter<'_>| match self.lower {
            Some(lower) => write!(f, "{lower:.1} per second passed"),
            None => f.write_str("no rate passed"),
        };
        match (self.end, self.confirmed) {
            (End::Confirmed | End::Most | End::Open, Some(confirmed)) => {
                let least = if self.is_at_least() { "at least " } else { "" };
                write!(f, "{least}{confirmed:.1} per second, confirmed")?;
                self.bound(f)?;
                if self.end == End::Open {
                    f.write_str("; whether the system comes back to it is not known yet")?;
                }
            }
            (End::Open | End::Confirmed | End::Most, None) => {
                f.write_str("not known yet; so far ")?;
                passed(f)?;
                self.bound(f)?;
            }
            (End::GeneratorLimited { at }, _) => {
                match (self.confirmed, self.lower) {
                    (Some(confirmed), _) => {
                        write!(f, "at least {confirmed:.1} per second, confirmed")?
                    }
                    (None, Some(lower)) => write!(
                        f,
                        "not known; {lower:.1} per second passed a short probe and was not confirmed in a longer one"
                    )?,
                    (None, None) => f.write_str("not known")?,
                }
                write!(f, "; the generator was at its limit at {at:.1} per second")?;
                self.bound(f)?;
            }
            (End::NothingPassed, _) => {
                f.write_str("no rate passed")?;
                self.bound(f)?;
                if self.unprovable {
                    f.write_str(
                        "; lower rates were not tried, for too few requests of them fit into the longest probe to prove anything",
                    )?;
                }
            }
            (End::NotConfirmed, _) => {
                passed(f)?;
                f.write_str(" in short probes, but was not confirmed in longer ones")?;
                self.bound(f)?;
            }
            (End::NotSettled { after }, _) => {
                passed(f)?;
                self.bound(f)?;
                write!(
                    f,
                    "; the system did not come to rest after {after:.1} per second, so that nothing \
                     measured after that would be its capacity"
                )?;
            }
        }
        let does = match self.comes_back {
            Some(false) => "does not come back",
            Some(true) => "comes back",
            None => return Ok(()),
        };
        write!(f, "; the system {does} to it from overload")
    }
}

impl Found {
    fn bound(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Upper {
            rate,
            is_proven: false,
        }) = self.upper
        {
            write!(f, "; {rate:.1} is not proven")?;
        }
        match self.refuted {
            Some(rate) => write!(f, "; {rate:.1} is too much"),
            None => Ok(()),
        }
    }
}
