//! `plimsoll compare`, as it is written.

use clap::Args;
use std::path::PathBuf;

/// `plimsoll compare`
#[derive(Debug, Args)]
#[command(after_help = "\
Two single runs tell little: runs of one build differ, often by more than either of them shows. So nothing is a verdict \
here, and the exit code is 0 whatever differs. `plimsoll duel` tells whether a build is worse, `plimsoll history` when it got worse.")]
pub(crate) struct Compare {
    /// The run to compare with: its folder, or its run.json
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// The other run
    #[arg(value_name = "B")]
    pub b: PathBuf,
}
