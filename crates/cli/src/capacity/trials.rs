//! The probes of a search on disk: a line each, written as soon as it is over.

use super::settings::Settings;
use crate::failure::Failure;
use jiff::Timestamp;
use plimsoll_measure::capacity::Outcome;
use plimsoll_report::capacity::Probe;
use plimsoll_report::document::Source;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The schema of the file.
const SCHEMA: &str = "plimsoll.capacity.probes/1";
/// Its name.
const NAME: &str = "probes.ndjson";

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    pub schema: String,
    pub started_at: Timestamp,
    pub settings: Settings,
    pub sources: Vec<Source>,
}

/// A line after the first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tried {
    /// How often it was judged without proof before its outcome was.
    pub extensions: usize,
    pub probe: Probe,
}

/// The probes so far, and the file that they are appended to.
pub(super) struct Trials {
    pub head: Head,
    pub all: Vec<Tried>,
    file: File,
    path: PathBuf,
}

impl Trials {
    /// Begins a file in a folder.
    pub(super) fn begin(folder: &Path, head: Head) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        let unusable = |problem: io::Error| {
            Failure::Usage(format!(
                "cannot write {}: {problem}; choose another folder with --out",
                path.display()
            ))
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        if known.lines().count() > 1 {
            return Err(Failure::Usage(format!(
                "{} is there already: go on with it (--resume {}), or choose another folder with --out",
                path.display(),
                folder.display()
            )));
        }
        let file = File::create(&path).map_err(unusable)?;
        let mut trials = Self {
            head,
            all: Vec::new(),
            file,
            path,
        };
        let head = trials.head.clone();
        trials.append(&head)?;
        Ok(trials)
    }

    /// Takes a file up again. A last line that was cut off is a probe that was not over.
    pub(super) fn resume(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        let wrong = |problem: String| {
            Failure::Usage(format!("cannot go on with {}: {problem}", path.display()))
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|problem| wrong(format!("{problem}; give the folder of a search")))?;
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut lines = whole.lines();
        let head = lines
            .next()
            .and_then(|line| serde_json::from_str(line).ok())
            .filter(|head: &Head| head.schema == SCHEMA)
            .ok_or_else(|| {
                wrong("its first line is none that this plimsoll writes; begin anew".to_owned())
            })?;
        let all = lines.zip(2..).map(|(line, number)| {
            serde_json::from_str(line)
                .map_err(|problem| wrong(format!("line {number}: {problem}; begin anew")))
        });
        let all = all.collect::<Result<Vec<Tried>, Failure>>()?;
        let file = OpenOptions::new().append(true).open(&path);
        let file = file.map_err(|problem| wrong(problem.to_string()))?;
        file.set_len(whole.len() as u64)
            .map_err(|problem| wrong(problem.to_string()))?;
        Ok(Self {
            head,
            all,
            file,
            path,
        })
    }

    /// What a search was told, in order.
    pub(super) fn outcomes(&self) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes = Vec::new();
        for tried in &self.all {
            outcomes.extend(std::iter::repeat_n(Outcome::Inconclusive, tried.extensions));
            outcomes.push(outcome(&tried.probe.outcome).ok_or_else(|| {
                Failure::Usage(format!(
                    "cannot go on with {}: there is no outcome `{}`; begin anew",
                    self.path.display(),
                    tried.probe.outcome
                ))
            })?);
        }
        Ok(outcomes)
    }

    /// Keeps a probe.
    pub(super) fn add(&mut self, tried: Tried) -> Result<(), Failure> {
        self.append(&tried)?;
        self.all.push(tried);
        Ok(())
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let write = |file: &mut File| -> io::Result<()> {
            let mut text = serde_json::to_vec(line)?;
            text.push(b'\n');
            file.write_all(&text)?;
            file.sync_data()
        };
        write(&mut self.file).map_err(|problem| {
            Failure::Internal(anyhow::anyhow!(
                "cannot write {}: {problem}; what was measured before is kept: free some room, and go on with --resume",
                self.path.display()
            ))
        })
    }
}

/// The outcome of this name.
fn outcome(name: &str) -> Option<Outcome> {
    let all = [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::Inconclusive,
        Outcome::GeneratorLimited,
        Outcome::Settled,
        Outcome::NotSettled,
    ];
    all.into_iter().find(|one| super::probe::name(*one) == name)
}
