//! The floor: a loop that does nothing but ask the kernel.

use super::number_before;
use crate::bench::Bench;
use crate::measured::Measured;
use anyhow::Context;

/// 64 connections, as fast as they can, or at a rate (requests per second).
///
/// # Errors
/// When it is not built or does not run.
pub(crate) fn bare_loop(bench: &Bench, rate: Option<u64>) -> anyhow::Result<Measured> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name("plimsoll-bare-loop");
    let mut command = bench.generator(&program);
    command.args([
        &bench.server.authority(),
        "/plain",
        "64",
        &bench.seconds.to_string(),
    ]);
    command.args(rate.map(|rate| rate.to_string()));
    let finished = bench.run(command).context("the bare loop")?;
    let completed = number_before(&finished.stdout, " requests")?;
    Ok(Measured::of(&finished, completed, 0))
}
