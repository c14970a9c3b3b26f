//! Finds a program, and says why it cannot be started.

use plimsoll_scenario::Masker;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a program could not be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{program}` cannot be started: {cause}; {cure}")]
pub struct StartError {
    /// The program, as it was written.
    pub program: String,
    /// What is the matter.
    pub cause: String,
    /// What to do about it.
    pub cure: String,
}

impl StartError {
    fn new(program: &str, cause: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            program: program.to_owned(),
            cause: cause.into(),
            cure: cure.into(),
        }
    }
}

impl StartError {
    pub(crate) fn masked(self, masker: &Masker) -> Self {
        let mask = |text: String| masker.mask(&text).into_owned();
        Self {
            program: mask(self.program),
            cause: mask(self.cause),
            cure: mask(self.cure),
        }
    }
}

/// The file of a program: from `folder` if its name has a `/`, otherwise the first executable one in `PATH`.
pub(crate) fn locate(program: &str, folder: &Path) -> Option<PathBuf> {
    if program.contains('/') {
        return std::path::absolute(folder)
            .ok()
            .map(|folder| folder.join(program));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    std::fs::metadata(file)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The file of a program that could be started now.
///
/// # Errors
/// Why it could not.
pub(crate) fn check(run: &[String], folder: &Path) -> Result<PathBuf, StartError> {
    let file = run.first().and_then(|program| locate(program, folder));
    let kind = match file.as_deref() {
        Some(file) if is_executable(file) && folder.is_dir() => return Ok(file.to_owned()),
        Some(file) if file.exists() => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::NotFound,
    };
    Err(explain(run, folder, &kind.into()))
}

/// A command at the head of a process group of its own, in `folder`.
pub(crate) fn to_command(
    run: &[String],
    folder: &Path,
    environment: &[(String, String)],
) -> Result<Command, StartError> {
    let Some((program, arguments)) = run.split_first() else {
        return Err(explain(run, folder, &io::ErrorKind::NotFound.into()));
    };
    // Relative to the folder that the program is started in, not to ours.
    let file = locate(program, folder).unwrap_or_else(|| program.into());
    let mut command = Command::new(file);
    command
        .args(arguments)
        .current_dir(folder)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .process_group(0);
    Ok(command)
}

/// Says why a program could not be started.
pub(crate) fn explain(run: &[String], folder: &Path, error: &io::Error) -> StartError {
    let Some(program) = run.first() else {
        return StartError::new(
            "",
            "the list of program and arguments is empty",
            "name a program, such as `[ ./check.sh ]`",
        );
    };
    if !folder.is_dir() {
        return StartError::new(
            program,
            format!("there is no folder `{}` to start it in", folder.display()),
            "keep the plan where it was when the run began",
        );
    }
    let file = locate(program, folder);
    let found = file.as_deref().filter(|file| file.exists());
    match (error.kind(), found) {
        (io::ErrorKind::NotFound, None) if program.contains('/') => StartError::new(
            program,
            format!("there is no such file from `{}`", folder.display()),
            "write the path as seen from the plan's folder",
        ),
        (io::ErrorKind::NotFound, None) => StartError::new(
            program,
            "no folder of PATH has it",
            format!("install it, or write `./{program}` if it lies beside the plan"),
        ),
        (io::ErrorKind::NotFound, Some(_)) => StartError::new(
            program,
            "the interpreter in its first line is missing",
            "install it, or correct the line that starts with `#!`",
        ),
        (io::ErrorKind::PermissionDenied, Some(file)) if file.is_dir() => {
            StartError::new(program, "it is a folder", "name the program in it")
        }
        (io::ErrorKind::PermissionDenied, _) => StartError::new(
            program,
            "it is not executable",
            format!("run `chmod +x {program}`, or name its interpreter first"),
        ),
        _ if error.raw_os_error() == Some(8) => StartError::new(
            program,
            "it is no program for this machine",
            "start its first line with `#!/bin/sh` or the like, or build it for this machine",
        ),
        _ => StartError::new(
            program,
            error.to_string(),
            "see whether it can be run by hand",
        ),
    }
}
