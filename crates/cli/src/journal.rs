//! What was measured so far, on disk: a line each, written as soon as it is over, so that what ends before
//! its time can go on.

use crate::failure::Failure;
use jiff::Timestamp;
use plimsoll_report::document::Source;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The file of a search for a capacity.
pub(crate) const PROBES: &str = "probes.ndjson";
/// The file of a duel.
pub(crate) const ROUNDS: &str = "rounds.ndjson";

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
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true).create(true);
        let mut file = options.open(&path).map_err(unusable)?;
        if is_taken(&file) {
            return Err(Failure::Usage(format!(
                "{} is being written by another plimsoll: wait for it, or choose another folder with --out",
                path.display()
            )));
        }
        let mut known = Vec::new();
        file.read_to_end(&mut known).map_err(unusable)?;
        // One that has a head alone holds nothing that could be lost.
        let lines = known.split(|byte| *byte == b'\n');
        if lines.filter(|line| !line.is_empty()).count() > 1 {
            return Err(Failure::Usage(format!(
                "{} is there already: go on with it (--resume {}), or choose another folder with --out",
                path.display(),
                folder.display()
            )));
        }
        file.set_len(0).map_err(unusable)?;
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
        let unreadable =
            |problem: io::Error| wrong(format!("{problem}; give the folder of {}", kind.what));
        let mut options = OpenOptions::new();
        let options = options.read(true).append(true);
        let mut file = options.open(&path).map_err(unreadable)?;
        if is_taken(&file) {
            return Err(wrong(
                "another plimsoll is going on with it; wait for it, or begin anew in another folder (--out)"
                    .to_owned(),
            ));
        }
        let mut known = Vec::new();
        file.read_to_end(&mut known).map_err(unreadable)?;
        // What was cut off may end within a character.
        let end = known.iter().rposition(|byte| *byte == b'\n');
        known.truncate(end.map_or(0, |end| end + 1));
        let whole = std::str::from_utf8(&known)
            .map_err(|problem| wrong(format!("it is no text: {problem}; begin anew")))?;
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

/// Whether another program has the file; if not, this one has it for as long as it is open. Where a file
/// system knows no locks, nobody has it.
fn is_taken(file: &File) -> bool {
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const KIND: Kind = Kind {
        schema: "plimsoll.test/1",
        name: "lines.ndjson",
        what: "a test",
    };

    fn begin(folder: &Path) -> Result<Journal<String>, Failure> {
        let settings = "as it is".to_owned();
        Journal::begin(KIND, folder, settings, Vec::new(), Timestamp::UNIX_EPOCH)
    }

    fn resume(folder: &Path) -> Result<(Journal<String>, Vec<String>), Failure> {
        Journal::resume(KIND, folder)
    }

    fn told<T>(result: Result<T, Failure>) -> String {
        result.map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn what_was_cut_off_is_left_out_wherever_that_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = begin(folder.path()).unwrap();
        journal.append(&"first").unwrap();
        journal.append(&"zweite Größe").unwrap();
        drop(journal);
        let path = folder.path().join(KIND.name);
        let whole = fs::read(&path).unwrap();
        let first = whole.len() - "\"zweite Größe\"\n".len();
        for cut in first..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            // It is not taken for nothing and begun anew.
            assert!(
                told(begin(folder.path())).contains("is there already"),
                "{cut}"
            );
            let (mut journal, lines) = resume(folder.path()).unwrap();
            assert_eq!(lines, ["first"], "{cut}");
            journal.append(&"zweite Größe").unwrap();
            drop(journal);
            assert_eq!(fs::read(&path).unwrap(), whole, "{cut}");
        }
    }

    #[test]
    fn a_file_is_written_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = begin(folder.path()).unwrap();
        assert!(told(begin(folder.path())).contains("by another plimsoll: wait for it"));
        journal.append(&"first").unwrap();
        assert!(told(resume(folder.path())).contains("another plimsoll is going on with it"));
        drop(journal);
        let (held, lines) = resume(folder.path()).unwrap();
        assert_eq!(lines, ["first"]);
        assert!(told(resume(folder.path())).contains("wait for it"));
        drop(held);
        resume(folder.path()).unwrap();
    }

    #[test]
    fn what_cannot_be_read_is_not_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(KIND.name)).unwrap();
        assert!(told(begin(folder.path())).contains("choose another folder"));
        assert!(told(resume(folder.path())).contains("give the folder of a test"));
        let path = folder.path().join("other").join(KIND.name);
        fs::create_dir(folder.path().join("other")).unwrap();
        fs::write(&path, b"\xff\n\xff\n").unwrap();
        let other = folder.path().join("other");
        assert!(told(begin(&other)).contains("is there already"));
        assert!(told(resume(&other)).contains("it is no text"));
        assert_eq!(fs::read(&path).unwrap(), b"\xff\n\xff\n");
    }
}
