//! The rounds of a duel on disk: a line each, written as soon as both turns are over.

use super::settings::Settings;
use crate::failure::Failure;
use jiff::Timestamp;
use plimsoll_measure::regression::Reading;
use plimsoll_report::document::Source;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The schema of the file.
const SCHEMA: &str = "plimsoll.duel.rounds/1";
/// Its name.
const NAME: &str = "rounds.ndjson";

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
#[serde(rename_all = "snake_case")]
enum Line {
    Round(Box<Round>),
    /// It was judged for good, and cannot go on.
    Ended,
}

/// A round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Round {
    /// Which one, from 1.
    pub number: usize,
    /// Who came first: `AB`, `BA`, or `A|B` where both were at once.
    pub order: String,
    pub seed: u64,
    pub a: Turn,
    pub b: Turn,
}

/// What a build showed in a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Turn {
    pub started_at: Timestamp,
    /// Why it may not be believed; empty if it may.
    pub spoilt_by: Vec<String>,
    /// How often its process ended by itself and was started again.
    pub restarts: usize,
    /// Requests asked for.
    pub intended: u64,
    /// Those that ended well.
    pub ok: u64,
    /// By step and metric.
    pub readings: Vec<Vec<Stored>>,
}

/// A reading, infinite ones included, which JSON has no number for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored {
    Missing,
    Infinite,
    Value(f64),
    Share { count: u64, n: u64 },
}

impl From<Stored> for Reading {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Missing => Self::Missing,
            Stored::Infinite => Self::Value(f64::INFINITY),
            Stored::Value(value) => Self::Value(value),
            Stored::Share { count, n } => Self::Share { count, n },
        }
    }
}

impl Round {
    /// Whether it counts: neither turn was spoilt.
    pub(super) fn is_valid(&self) -> bool {
        self.a.spoilt_by.is_empty() && self.b.spoilt_by.is_empty()
    }
}

/// The rounds so far, and the file that they are appended to.
pub(super) struct Rounds {
    pub head: Head,
    pub all: Vec<Round>,
    file: File,
    path: PathBuf,
}

impl Rounds {
    /// Begins a file in a folder.
    pub(super) fn begin(
        folder: &Path,
        settings: Settings,
        sources: Vec<Source>,
        started_at: Timestamp,
    ) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        let unusable = |problem: io::Error| {
            Failure::Usage(format!(
                "cannot write {}: {problem}; choose another folder with --out",
                path.display()
            ))
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        // One that came to no round holds nothing that could be lost.
        if known.lines().count() > 1 {
            return Err(Failure::Usage(format!(
                "{} is there already: go on with it (--resume {}), or choose another folder with --out",
                path.display(),
                folder.display()
            )));
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(unusable)?;
        let head = Head {
            schema: SCHEMA.to_owned(),
            started_at,
            settings,
            sources,
        };
        let mut rounds = Self {
            head,
            all: Vec::new(),
            file,
            path,
        };
        let head = rounds.head.clone();
        rounds.append(&head)?;
        Ok(rounds)
    }

    /// Takes a file up again. A last line that was cut off is a round that was not over.
    pub(super) fn resume(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        let wrong = |problem: String| {
            Failure::Usage(format!("cannot go on with {}: {problem}", path.display()))
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|problem| wrong(format!("{problem}; give the folder of a duel")))?;
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut lines = whole.lines();
        let head: Head = lines
            .next()
            .and_then(|line| serde_json::from_str(line).ok())
            .filter(|head: &Head| head.schema == SCHEMA)
            .ok_or_else(|| {
                wrong("its first line is none that this plimsoll writes; begin anew".to_owned())
            })?;
        let mut all = Vec::new();
        for (index, line) in lines.enumerate() {
            match serde_json::from_str(line) {
                Ok(Line::Round(round)) => all.push(*round),
                Ok(Line::Ended) => {
                    return Err(wrong(
                        "it has been judged; more rounds now would make its verdict wrong more often. Begin another"
                            .to_owned(),
                    ));
                }
                Err(problem) => {
                    return Err(wrong(format!("line {}: {problem}; begin anew", index + 2)));
                }
            }
        }
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|problem| wrong(problem.to_string()))?;
        file.set_len(whole.len() as u64)
            .map_err(|problem| wrong(problem.to_string()))?;
        Ok(Self {
            head,
            all,
            file,
            path,
        })
    }

    /// The rounds that count.
    pub(super) fn valid(&self) -> impl Iterator<Item = &Round> + Clone {
        self.all.iter().filter(|round| round.is_valid())
    }

    /// Keeps a round.
    pub(super) fn add(&mut self, round: Round) -> Result<(), Failure> {
        self.append(&Line::Round(Box::new(round.clone())))?;
        self.all.push(round);
        Ok(())
    }

    /// Notes that it was judged for good.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        self.append(&Line::Ended)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_survive_the_file() {
        for stored in [
            Stored::Missing,
            Stored::Infinite,
            Stored::Value(1.25e6),
            Stored::Share { count: 1, n: 3 },
        ] {
            let text = serde_json::to_string(&stored).unwrap();
            assert_eq!(serde_json::from_str::<Stored>(&text).unwrap(), stored);
        }
        assert_eq!(
            Reading::from(Stored::Infinite),
            Reading::Value(f64::INFINITY)
        );
    }
}
