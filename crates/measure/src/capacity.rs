//! How much load a system bears: a search, as decisions without a clock.
//!
//! [`Search`] says what to do next, and is told what came of it. It knows neither time nor network, so that
//! it can be stored as the list of what it was told, and taken up again ([`Search::replay`]).
//!
//! 1. Probe a rate; as long as probes pass, take the double. If the first one does not pass, take halves, down to
//!    where too few requests fit into the longest probe to prove anything.
//! 2. Between the highest rate that passed and the lowest that did not, probe the geometric mean, until
//!    they are close.
//! 3. A probe that proves nothing goes on up to three times as long. If it still does not, the rate
//!    counts as one that did not pass: its capacity is *not proven*.
//! 4. After every rate that did not pass the system cools down: a trickle of requests, until
//!    they are answered as quickly as at the beginning. A system that does not settle is a finding, and
//!    ends the search: whatever is measured after that is no capacity.
//! 5. If the generator is at its own limit, the search ends: the capacity is at least what passed.
//! 6. What was found in short probes is confirmed by a longer one, at a little less if need be, and once more
//!    coming down from overload: a system may bear a rate that it cannot come back to.

mod cool_down;
mod found;
mod options;
mod search;

pub use cool_down::{CanarySecond, CoolDown, calm_after};
pub use found::{End, Found, Upper};
pub use options::{Options, OptionsError, Setting};
pub use search::{Action, Misfit, Outcome, ReplayError, Search};
