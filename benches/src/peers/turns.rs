//! Lets generators run in turn, so that what changes in the machine meanwhile meets all of them.

use crate::bench::Bench;
use crate::figure::{Figure, Unit};
use crate::measured::Measured;
use crate::times::Times;
use plimsoll_benches::interrupt;

/// No generator has more requests at once.
const IN_FLIGHT: u64 = 256;

/// A generator and how it is run once.
pub(crate) struct Contender<'a> {
    name: String,
    run: Box<dyn Fn() -> anyhow::Result<Measured> + 'a>,
}

impl<'a> Contender<'a> {
    /// A generator of this name.
    pub(crate) fn new(
        name: impl Into<String>,
        run: impl Fn() -> anyhow::Result<Measured> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// What the runs of a generator showed.
#[derive(Debug)]
pub(crate) struct Turns {
    /// Its name.
    pub(crate) name: String,
    /// A run each.
    pub(crate) runs: Vec<Measured>,
    /// Why there are no more of them.
    pub(crate) problem: Option<String>,
    /// Requests of all runs that the server did not see, or saw and the generator did not count.
    off: u64,
}

impl Turns {
    /// The median of something over the runs.
    pub(crate) fn figure(&self, unit: Unit, of: impl Fn(&Measured) -> f64) -> Option<Figure> {
        Figure::median(self.runs.iter().map(of), unit)
    }

    /// Time on the processor for each request.
    pub(crate) fn cpu(&self) -> Option<Figure> {
        self.figure(Unit::Microseconds, Measured::cpu_us)
    }

    /// How many times this is of `other`'s, round by round, because two runs that follow each other have more of
    /// the machine in common than all runs have.
    pub(crate) fn times(&self, other: &Self, of: impl Fn(&Measured) -> f64) -> Option<Times> {
        let rounds = self.runs.iter().zip(&other.runs);
        Times::of(rounds.map(|(ours, theirs)| of(ours) / of(theirs)))
    }

    /// What has to be known of the runs.
    pub(crate) fn notes(&self) -> Vec<String> {
        let name = &self.name;
        let mut notes = Vec::new();
        notes.extend(
            self.problem
                .as_ref()
                .map(|problem| format!("{name}: {problem}")),
        );
        let sum = |of: fn(&Measured) -> u64| self.runs.iter().map(of).sum::<u64>();
        let (completed, failed) = (sum(|run| run.completed), sum(|run| run.failed));
        if failed > 0 {
            notes.push(format!(
                "{name}: {failed} of {} requests failed",
                completed + failed
            ));
        }
        // What was under way when a run ended may count or not.
        let under_way = IN_FLIGHT * self.runs.len() as u64;
        if self.off > (completed / 100).max(under_way) {
            notes.push(format!(
                "{name}: its count is {} off what nginx saw, so its cost is not to be trusted",
                self.off
            ));
        }
        notes
    }
}

/// Runs each in turn, as many rounds as are wanted, every other one the other way round, so that a machine that becomes
/// slower is nobody's loss. Who fails once does not run again.
///
/// # Errors
/// When somebody wants everything to end, or the server has gone.
pub(crate) fn in_turn(bench: &Bench, contenders: &[Contender<'_>]) -> anyhow::Result<Vec<Turns>> {
    let mut all: Vec<Turns> = contenders
        .iter()
        .map(|contender| Turns {
            name: contender.name.clone(),
            runs: Vec::new(),
            problem: None,
            off: 0,
        })
        .collect();
    for round in 1..=bench.rounds {
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        if round % 2 == 0 {
            order.reverse();
        }
        for at in order {
            let (contender, turns) = (&contenders[at], &mut all[at]);
            if turns.problem.is_some() {
                continue;
            }
            let before = bench.server.requests()?;
            match (contender.run)() {
                Ok(run) if run.completed > 0 => {
                    // One of them is the question itself.
                    let seen = bench.server.requests()?.saturating_sub(before + 1);
                    turns.off += seen.abs_diff(run.completed + run.failed + run.left_out);
                    turns.runs.push(run);
                    let cpu = Figure::once(run.cpu_us(), Unit::Microseconds);
                    let rate = run.completed as f64 / run.seconds;
                    bench.say(&format!(
                        "  round {round} of {}: {}: {cpu} a request, {rate:.0}/s",
                        bench.rounds, turns.name
                    ));
                }
                Ok(_) => turns.problem = Some("completed no request".to_owned()),
                Err(problem) => {
                    interrupt::check()?;
                    turns.problem = Some(format!("{problem:#}"));
                }
            }
            if let Some(problem) = &turns.problem {
                bench.say(&format!("  {}: {problem}", turns.name));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_benches::program::Cpu;

    #[test]
    fn a_ratio_is_that_of_runs_that_follow_each_other() {
        let turns = |costs: [f64; 3]| Turns {
            name: String::new(),
            runs: costs.map(run).into(),
            problem: None,
            off: 0,
        };
        // The machine was half as fast from the second round on.
        let (ours, other) = (turns([2.0, 8.0, 5.0]), turns([2.0, 4.0, 4.0]));
        let times = ours.times(&other, Measured::cpu_us).unwrap();
        assert_eq!(
            (times.median, times.lowest, times.highest),
            (1.25, 1.0, 2.0)
        );
        assert!(ours.times(&turns([0.0; 3]), Measured::cpu_us).is_none());
    }

    fn run(cost_us: f64) -> Measured {
        Measured {
            completed: 1,
            cpu: Cpu {
                user_us: cost_us,
                ..Cpu::default()
            },
            ..Measured::default()
        }
    }
}
