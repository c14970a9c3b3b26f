//! `plimsoll init`: a scenario and a readiness plan to start from.

use crate::args::{Init, Output};
use crate::failure::Failure;
use crate::terminal;
use plimsoll_scenario::plan::init::{INIT_PLAN, INIT_SCENARIO};
use std::fs;

/// Writes the files, unless there are such already.
pub(crate) fn init(init: &Init, output: &Output) -> Result<u8, Failure> {
    let files = [("shop.yaml", INIT_SCENARIO), ("readiness.yaml", INIT_PLAN)];
    let paths = files.map(|(name, text)| (init.folder.join(name), text));
    if !init.force
        && let Some((there, _)) = paths.iter().find(|(path, _)| path.exists())
    {
        return Err(Failure::Usage(format!(
            "{} is there already, and nothing was written; name another folder, or say --force to write over it",
            there.display()
        )));
    }
    let unusable = |problem| {
        Failure::Usage(format!(
            "cannot write to {}: {problem}; name another folder",
            init.folder.display()
        ))
    };
    fs::create_dir_all(&init.folder).map_err(unusable)?;
    for (path, text) in &paths {
        fs::write(path, text).map_err(unusable)?;
        terminal::print(&format!("{}\n", path.display()));
    }
    let [(scenario, _), (plan, _)] = &paths;
    terminal::say(
        output,
        &format!(
            "next: change both to what your service is and what was promised, then\n  plimsoll check {plan}\n  plimsoll try {scenario}\n  plimsoll run {plan} --rehearse 0.02\n(`plimsoll target` serves a shop on port 8080 that answers them as they are)",
            plan = plan.display(),
            scenario = scenario.display()
        ),
    );
    Ok(0)
}
