//! `plimsoll run`: a scenario under load, or all that a readiness plan asks for.

use crate::args::{Output, Run};
use crate::drive::{self, Job};
use crate::failure::Failure;
use crate::files::{FileKind, kind_of, load_scenario};
use crate::load;
use crate::plan;

/// Runs a file and returns the exit code of the verdict.
pub(crate) fn run(run: &Run, output: &Output) -> Result<u8, Failure> {
    if kind_of(&run.file) == FileKind::Plan {
        return plan::run(run, output);
    }
    for (name, given) in [
        ("--only", !run.only.is_empty()),
        ("--rehearse", run.rehearse.is_some()),
        ("--sign", run.sign.is_some()),
        ("--history", run.history.is_some()),
        ("--capacity", run.capacity.is_some()),
    ] {
        if given {
            return Err(Failure::Usage(format!(
                "{name} goes with a readiness plan, and {} is a scenario",
                run.file.display()
            )));
        }
    }
    let mut scenario = load_scenario(&run.file, output)?;
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
