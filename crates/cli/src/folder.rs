//! Files of a result folder that are written once, all or nothing.

use crate::failure::Failure;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes a file of a folder, when the result was shown.
pub(crate) fn write(
    folder: &Path,
    name: &str,
    render: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Failure> {
    replace(folder, name, render).map_err(|problem| {
        Failure::Internal(anyhow::anyhow!(
            "cannot write {}: {problem}; the result above is complete, the folder is not",
            folder.join(name).display()
        ))
    })
}

/// Writes a file of a folder.
pub(crate) fn replace(
    folder: &Path,
    name: &str,
    render: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.new"));
    let mut file = BufWriter::new(File::create(&unfinished)?);
    render(&mut file)?;
    file.flush()?;
    fs::rename(unfinished, folder.join(name))
}
