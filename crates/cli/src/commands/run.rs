//! `plimsoll run`: a scenario under load.

use crate::args::{Output, Run};
use crate::drive::{self, Job};
use crate::failure::Failure;
use crate::files::load_scenario;
use crate::load;

/// Runs a scenario and returns the exit code of the verdict.
pub(crate) fn run(run: &Run, output: &Output) -> Result<u8, Failure> {
    let mut scenario = load_scenario(&run.scenario, output)?;
    load::amend(&mut scenario, &run.load)?;
    let load = load::resolve(&run.load, scenario.load.as_ref(), None)?;
    drive::drive(
        Job {
            scenario,
            load,
            arguments: &run.load,
        },
        output,
    )
}
