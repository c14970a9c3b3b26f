//! What was measured so far, on disk: a line each, written as soon as it is over, so that what ends before
//! its time can go on.

use crate::failure::Failure;
use jiff::Timestamp;
use plimsoll_report::document::Source;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a journal is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// The schema of the file.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is measured: `a duel`.
    pub what: &'static str,
}

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Head<S> {
    pub schema: String,
    pub started_at: Timestamp,
    pub settings: S,
    pub sources: Vec<Source>,
}

/// A file that lines are appended to.
pub(crate) struct Journal<S> {
    pub head: Head<S>,
    file: File,
    path: PathBuf,
}

impl<S: Serialize + DeserializeOwned> Journal<S> {
    /// Begins a file in a folder.
    pub(crate) fn begin(
        kind: Kind,
        folder: &Path,
        settings: S,
        sources: Vec<Source>,
        started_at: Timestamp,
    ) -> Result<Self, Failure> {
        let path = folder.join(kind.name);
        let unusable = |problem: io::Error| {
            Failure::Usage(format!(
                "cannot write {}: {problem}; choose another folder with --out",
                path.display()
            ))
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        // One that has a head alone holds nothing that could be lost.
        if known.lines().count() > 1 {
            return Err(Failure::Usage(format!(
                "{} is there already: go on with it (--resume {}), or choose another folder with --out",
                path.display(),
                folder.display()
            )));
        }
        let mut file = File::create(&path).map_err(unusable)?;
        let head = Head {
            schema: kind.schema.to_owned(),
            started_at,
            settings,
            sources,
        };
        append(&mut file, &path, &head)?;
        Ok(Self { head, file, path })
    }

    /// Takes a file up again, and says what is in it. A last line that was cut off is of something that
    /// was not over.
    pub(crate) fn resume<L: DeserializeOwned>(
        kind: Kind,
        folder: &Path,
    ) -> Result<(Self, Vec<L>), Failure> {
        let path = folder.join(kind.name);
        let wrong = |problem: String| cannot_go_on(&path, &problem);
        let text = std::fs::read_to_string(&path)
            .map_err(|problem| wrong(format!("{problem}; give the folder of {}", kind.what)))?;
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut lines = whole.lines();
        let head = lines
            .next()
            .and_then(|line| serde_json::from_str(line).ok())
            .filter(|head: &Head<S>| head.schema == kind.schema)
            .ok_or_else(|| {
                wrong("its first line is none that this plimsoll writes; begin anew".to_owned())
            })?;
        let all = lines.zip(2..).map(|(line, number)| {
            serde_json::from_str(line)
                .map_err(|problem| wrong(format!("line {number}: {problem}; begin anew")))
        });
        let all = all.collect::<Result<Vec<L>, Failure>>()?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|problem| wrong(problem.to_string()))?;
        file.set_len(whole.len() as u64)
            .map_err(|problem| wrong(problem.to_string()))?;
        Ok((Self { head, file, path }, all))
    }

    /// Adds a line, which is on disk afterwards.
    pub(crate) fn append(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        append(&mut self.file, &self.path, line)
    }

    /// Why it cannot be gone on with.
    pub(crate) fn cannot_go_on(&self, problem: &str) -> Failure {
        cannot_go_on(&self.path, problem)
    }
}

fn append(file: &mut File, path: &Path, line: &impl Serialize) -> Result<(), Failure> {
    let mut write = || -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_data()
    };
    write().map_err(|problem| {
        Failure::Internal(anyhow::anyhow!(
            "cannot write {}: {problem}; what was measured before is kept: free some room, and go on with --resume",
            path.display()
        ))
    })
}

fn cannot_go_on(path: &Path, problem: &str) -> Failure {
    Failure::Usage(format!("cannot go on with {}: {problem}", path.display()))
}
