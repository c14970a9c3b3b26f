//! Under which circumstances a run was made, as far as they are known: what has to be the same for
//! two runs to be compared, and where the tested build comes from.

use serde::{Deserialize, Serialize};

/// Circumstances of a run that follow from nothing else in its document. What is not known is `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// The machine that generated the load.
    pub machine: Machine,
    /// The name of the scenario, which in a plan's run is another than the run's.
    pub scenario: Option<String>,
    /// What the load went to, such as `demo` or `https://perf.shop.example`; several are separated by
    /// commas.
    pub target: Option<String>,
    /// The options that change what is measured and that stand nowhere else in the document.
    pub options: Option<String>,
    /// Where the tested build comes from, by the continuous integration or the repository that the
    /// program was started in.
    pub origin: Origin,
}

/// The machine that generated the load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// The model of its processors.
    pub processor: Option<String>,
    /// How many logical processors the program could use.
    pub cores: Option<u32>,
    /// Its memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// Name and release of its kernel.
    pub kernel: Option<String>,
}

/// Where a build comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The revision, such as a commit of Git; `-dirty` at its end says that files were changed since.
    pub revision: Option<String>,
    /// The branch.
    pub branch: Option<String>,
}
