//! A user on a journey: its variables, its cookies and, where it has its own, its connections.

use crate::cookies::Jar;
use crate::pool::Pool;
use plimsoll_scenario::{Condition, Connections, RenderError, Think, Variables};
use plimsoll_schedule::SplitMix64;
use std::cell::{Cell, RefCell};
use std::f64::consts::TAU;
use std::rc::Rc;

/// One user. Its branches of a `parallel` share it, so borrows never live across an await.
pub(crate) struct User {
    pub(crate) variables: RefCell<Variables>,
    pub(crate) jar: RefCell<Jar>,
    /// The persistent client that it is.
    pub(crate) client: Option<u64>,
    pools: RefCell<Vec<(usize, Rc<Pool>)>>,
    random: SplitMix64,
    drawn: Cell<u64>,
}

impl User {
    pub(crate) fn new(
        variables: Variables,
        jar: Jar,
        client: Option<u64>,
        random: SplitMix64,
    ) -> Self {
        Self {
            variables: RefCell::new(variables),
            jar: RefCell::new(jar),
            client,
            pools: RefCell::default(),
            random,
            drawn: Cell::new(0),
        }
    }

    /// The persistent client that it is, for its samples.
    pub(crate) fn persistent_client(&self) -> Option<u32> {
        self.client.and_then(|client| u32::try_from(client).ok())
    }

    /// Whether a condition holds for a branch that is in this round of its `repeat`.
    ///
    /// # Errors
    /// When something that the condition names has no value.
    pub(crate) fn holds(&self, condition: &Condition, round: u64) -> Result<bool, RenderError> {
        let mut variables = self.variables.borrow_mut();
        variables.repeat = round;
        condition.holds(&variables)
    }

    /// The user's own connections to an endpoint.
    pub(crate) fn pool(&self, endpoint: usize, policy: Connections) -> Rc<Pool> {
        let mut pools = self.pools.borrow_mut();
        if let Some((_, pool)) = pools.iter().find(|(of, _)| *of == endpoint) {
            return pool.clone();
        }
        let pool = match policy {
            Connections::NewEachRequest => Pool::without_reuse(),
            _ => Pool::new(None, None),
        };
        pools.push((endpoint, pool.clone()));
        pool
    }

    fn uniform(&self) -> f64 {
        let index = self.drawn.get();
        self.drawn.set(index + 1);
        self.random.uniform(index)
    }

    /// Draws a think time, in nanoseconds.
    pub(crate) fn think(&self, think: Think) -> u64 {
        let ns = |duration: std::time::Duration| duration.as_nanos() as f64;
        let drawn = match think {
            Think::Fixed(duration) => ns(duration),
            Think::Uniform(from, to) => ns(from) + (ns(to) - ns(from)) * self.uniform(),
            Think::Exponential { mean } => -self.uniform().ln() * ns(mean),
            Think::Normal { mean, sd } => {
                // Box and Muller, 1958.
                let radius = (-2.0 * self.uniform().ln()).sqrt();
                ns(mean) + ns(sd) * radius * (TAU * self.uniform()).cos()
            }
        };
        drawn.max(0.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn mean_ms(think: Think) -> f64 {
        let user = User::new(
            Variables::default(),
            Jar::default(),
            None,
            SplitMix64::new(7),
        );
        (0..20_000)
            .map(|_| user.think(think) as f64 / 1e6)
            .sum::<f64>()
            / 20_000.0
    }

    #[test]
    fn think_times_have_the_mean_that_was_asked_for() {
        let ms = Duration::from_millis;
        assert_eq!(mean_ms(Think::Fixed(ms(250))), 250.0);
        for think in [
            Think::Uniform(ms(100), ms(400)),
            Think::Exponential { mean: ms(250) },
            Think::Normal {
                mean: ms(250),
                sd: ms(50),
            },
        ] {
            let mean = mean_ms(think);
            assert!((245.0..255.0).contains(&mean), "{think:?}: {mean}");
        }
    }
}
