//! Results of earlier runs, named by their folder or by the file in it.

use crate::bundle;
use crate::failure::Failure;
use plimsoll_report::document::Run;
use std::path::{Path, PathBuf};

/// A result as it lies on disk.
pub(crate) struct Stored {
    /// Its folder.
    pub folder: PathBuf,
    /// Its document.
    pub run: Run,
}

/// Reads a result, which is named by its folder or by its document.
pub(crate) fn read(path: &Path) -> Result<Stored, Failure> {
    let (folder, file) = match path.is_dir() {
        true => (path.to_owned(), path.join("run.json")),
        false
            if path
                .extension()
                .is_some_and(|extension| extension == "json") =>
        {
            let folder = path.parent().unwrap_or(Path::new(""));
            (folder.to_owned(), path.to_owned())
        }
        false => (path.to_owned(), path.join("run.json")),
    };
    let run = bundle::read_document(&file)?;
    Ok(Stored { folder, run })
}
