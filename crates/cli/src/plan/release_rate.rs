//! At which load a system gets up again that stays down: found by stepping the load down.

use super::expectations::objective;
use super::runner::Runner;
use crate::failure::Failure;
use plimsoll_engine::{Rules, RunOptions, Tick};
use plimsoll_measure::degradation::{Recovery, recovery};
use plimsoll_report::document::Finding;
use plimsoll_scenario::Load;
use plimsoll_scenario::plan::PlannedTest;
use plimsoll_schedule::{Arrivals, LoadShape, Rate};

/// The steps, as shares of the load under which the system stays down.
const STEPS: [f64; 4] = [0.75, 0.5, 0.25, 0.1];
/// The length of a step, in seconds, unless durations are shortened.
const STEP_S: f64 = 30.0;
/// The shortest step that can show a recovery.
const SHORTEST_STEP_S: f64 = 5.0;

impl Runner<'_> {
    /// Steps the load down until the system that the last test left behind gets up again.
    pub(super) fn find_release_rate(
        &mut self,
        test: &PlannedTest,
        rules: &Rules,
    ) -> Result<(), Failure> {
        let Load::Open { shape, .. } = &test.load else {
            return Ok(());
        };
        let Some(rate) = shape.segments().last().map(|segment| segment.to.get()) else {
            return Ok(());
        };
        self.warn(format!(
            "{}: the system stays down; stepping the load down from {rate}/s to find where it gets up again",
            test.name
        ));
        let factor = self.plan.rehearsal.unwrap_or(1.0);
        let step_s = (STEP_S * factor).max(SHORTEST_STEP_S);
        let mut found = None;
        for share in STEPS {
            if self.stop.is_stopped() {
                return Ok(());
            }
            if self.recovers_at(rate * share, step_s, rules)? {
                found = Some(rate * share);
                break;
            }
        }
        let sentence = match found {
            Some(rate) => format!("it got up again when the load was stepped down to {rate:.0}/s"),
            None => format!(
                "it stayed down even when the load was stepped down to {:.0}/s",
                rate * STEPS[STEPS.len() - 1]
            ),
        };
        if let Some(document) = self.record.tests.last_mut() {
            document.test.findings.push(Finding {
                name: "release_rate".to_owned(),
                ns: None,
                value: found,
                unit: "per_s".to_owned(),
                sentence,
            });
        }
        Ok(())
    }

    fn recovers_at(&self, rate: f64, step_s: f64, rules: &Rules) -> Result<bool, Failure> {
        let usage = |problem: String| Failure::Usage(problem);
        let rate = Rate::per_second(rate).map_err(|problem| usage(problem.to_string()))?;
        let shape = LoadShape::constant(rate, (step_s * 1e9) as u64)
            .map_err(|problem| usage(problem.to_string()))?;
        let options = RunOptions {
            load: Load::Open {
                shape,
                arrivals: Arrivals::Even,
                promise: None,
            },
            // What is late or shed in the test is late or shed here; nothing ends it early.
            rules: Rules {
                abort_on: Vec::new(),
                ..rules.clone()
            },
            ..self.options()
        };
        let mut unobserved = |_: &Tick<'_>| {};
        let finished = plimsoll_engine::run(
            self.plan.scenario.clone(),
            &options,
            &mut unobserved,
            &self.stop,
        )?;
        let objective = objective(self.plan);
        let recovery = recovery(&finished.tally.all_seconds(), 0.0, &objective);
        Ok(matches!(recovery, Recovery::Recovered { .. }))
    }
}
