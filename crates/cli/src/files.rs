//! Files and the environment, for the crates that do not touch either.

use crate::args::Output;
use crate::failure::Failure;
use crate::terminal;
pub(crate) use plimsoll_scenario::plan::FileKind;
use plimsoll_scenario::plan::ReadinessPlan;
use plimsoll_scenario::{LoadOptions, Loader, Scenario};
use std::io;
use std::path::Path;

/// Reads from disk.
struct Disk;

impl Loader for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// Loads a scenario from disk; what is odd about it is said, what is wrong with it is the error.
pub(crate) fn load_scenario(path: &Path, output: &Output) -> Result<Scenario, Failure> {
    if kind_of(path) == FileKind::Plan {
        return Err(Failure::Usage(format!(
            "{} is a readiness plan, and this takes a scenario: give the file that stands at its `scenario:`",
            path.display()
        )));
    }
    let color = terminal::colored_messages(output);
    let options = LoadOptions {
        env: &|name| std::env::var(name).ok(),
    };
    let loaded = Scenario::load(path, &Disk, &options)
        .map_err(|problems| Failure::Usage(problems.render(color)))?;
    for warning in &loaded.warnings {
        terminal::say(output, warning.render(color).trim_end());
    }
    Ok(loaded.scenario)
}

/// What a file is, told by its keys.
pub(crate) fn kind_of(path: &Path) -> FileKind {
    plimsoll_scenario::plan::kind_of(path, &Disk)
}

/// Loads a readiness plan and its scenario from disk, like [`load_scenario`].
pub(crate) fn load_plan(path: &Path, output: &Output) -> Result<ReadinessPlan, Failure> {
    let color = terminal::colored_messages(output);
    let options = LoadOptions {
        env: &|name| std::env::var(name).ok(),
    };
    let loaded = ReadinessPlan::load(path, &Disk, &options)
        .map_err(|problems| Failure::Usage(problems.render(color)))?;
    for warning in &loaded.warnings {
        terminal::say(output, warning.render(color).trim_end());
    }
    let mut plan = loaded.plan;
    // Commands are run from here, and the folder of `plan.yaml` is written as nothing.
    plan.folder = match std::path::absolute(&plan.folder) {
        Ok(folder) => folder,
        Err(_) => std::env::current_dir().unwrap_or_else(|_| ".".into()),
    };
    Ok(plan)
}
