//! A search for capacity whose result is shown in the run of a plan.

use crate::failure::Failure;
use crate::record::{Record, hex_digest};
use crate::results::{self, Stored};
use plimsoll_report::capacity::attach;
use plimsoll_report::document::Run;
use plimsoll_report::facts::Ending;
use std::path::Path;

/// A search as it lies on disk.
pub(crate) struct Search {
    stored: Stored,
    sha256: String,
}

impl Search {
    /// Reads its folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let stored = results::read(folder)?;
        if !stored.run.is_search() {
            return Err(Failure::Usage(format!(
                "--capacity {}: this is the run of `{}`, and no search for capacity; give the folder that `plimsoll capacity` named at its end",
                folder.display(),
                stored.run.name
            )));
        }
        let document = stored.folder.join("run.json");
        let document = std::fs::read(&document).map_err(|problem| {
            Failure::Usage(format!("cannot read {}: {problem}", document.display()))
        })?;
        Ok(Self {
            stored,
            sha256: hex_digest(&document),
        })
    }

    /// Puts what it found into the run of a plan.
    pub(crate) fn attach(&self, run: &mut Run) -> Result<(), Failure> {
        if run.plan.is_none() {
            return Err(Failure::Usage(format!(
                "--capacity goes with the run of a readiness plan, and `{}` is none: a search shows itself with `plimsoll report {}`",
                run.name,
                self.stored.folder.display()
            )));
        }
        let folder = self.stored.folder.display().to_string();
        attach(run, &self.stored.run, &folder, &self.sha256);
        Ok(())
    }

    /// The same of a run that begins.
    pub(crate) fn attach_to(&self, record: &mut Record) -> Result<(), Failure> {
        let mut run = record.document(None, Ending::Complete, 0);
        let (sources, notices) = (run.sources.len(), run.notices.len());
        self.attach(&mut run)?;
        record.sources.extend(run.sources.drain(sources..));
        for notice in run.notices.drain(notices..) {
            record.notice(notice);
        }
        record.capacity = run.capacity;
        Ok(())
    }
}
