//! From a plan's file, and those that it names, to a [`ReadinessPlan`].

use super::ReadinessPlan;
use crate::decode::Decoder;
use crate::load::{LoadOptions, Loader, Parsed};
use crate::problem::{Problem, Problems};
use crate::text::Node;
use std::path::Path;

/// Keys at the top that only a plan has.
const TELLING: [&str; 3] = ["scenario", "tests", "expected_load"];

/// A plan and what is odd about it.
#[derive(Debug)]
pub struct LoadedPlan {
    /// The plan.
    pub plan: ReadinessPlan,
    /// What is probably not as meant, in the plan and in its scenario.
    pub warnings: Vec<Problem>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A scenario.
    Scenario,
    /// A readiness plan.
    Plan,
}

/// What a file holds, told by its keys at the top: a plan has `scenario`, `tests` or
/// `expected_load`. Anything else counts as a scenario, also what cannot be read: loading it says
/// why.
pub fn kind_of(path: &Path, loader: &dyn Loader) -> FileKind {
    match Parsed::read(path, loader, "file") {
        Ok(file) if is_plan(&file.root) => FileKind::Plan,
        _ => FileKind::Scenario,
    }
}

/// Whether this is the top of a plan.
pub(crate) fn is_plan(root: &Node) -> bool {
    TELLING.iter().any(|key| root.get(key).is_some())
}

impl ReadinessPlan {
    /// Reads a plan with its scenario and its SLO documents: TOML if the path ends in `.toml`,
    /// YAML otherwise. Nothing else that it names is read.
    ///
    /// # Errors
    /// Everything that is wrong with the plan and with the files that it names.
    pub fn load(
        path: &Path,
        loader: &dyn Loader,
        options: &LoadOptions<'_>,
    ) -> Result<LoadedPlan, Problems> {
        let file = Parsed::read(path, loader, "plan")?;
        Decoder::new(&file, loader, options).plan(&file.root, options)
    }
}
