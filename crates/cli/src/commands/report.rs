//! `plimsoll report`: shows the result of an earlier run from its folder.

use crate::args::{Output, Report};
use crate::bundle;
use crate::failure::Failure;
use crate::observe;
use crate::terminal;

/// Shows a result folder, exactly as the run showed it, and returns the same exit code.
pub(crate) fn report(report: &Report, output: &Output) -> Result<u8, Failure> {
    let run = bundle::read(&report.folder)?;
    terminal::print(&observe::rendered(&run, output)?);
    Ok(run.verdict.exit_code)
}
