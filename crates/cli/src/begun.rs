//! In which surroundings a search or a duel began, for those who go on with it.

use crate::circumstances;
use crate::failure::Failure;
use crate::record;
use plimsoll_engine::TimerMode;
use plimsoll_report::document::{Engine, Machine, Notice, NoticeLevel};
use plimsoll_scenario::Masker;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// In which surroundings it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Begun {
    /// What was typed, with secrets masked.
    pub command: Vec<String>,
    /// Where: commands that start the system run there.
    pub folder: PathBuf,
    engine: Engine,
    machine: Machine,
}

/// What is gone on with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GoingOn {
    /// `the search`
    pub what: &'static str,
    /// What it is made of: `probes`.
    pub parts: &'static str,
    /// The argument whose command starts the system, if one does: `--server`.
    pub command: Option<&'static str>,
}

impl Begun {
    /// Those of this process.
    pub(crate) fn here(secrets: &Masker, timer: TimerMode, threads: usize) -> Self {
        Self {
            command: record::command(secrets),
            folder: std::env::current_dir().unwrap_or_default(),
            engine: record::engine(timer, threads),
            machine: circumstances::machine(),
        }
    }

    /// Whether it can go on `here`, and what to know if it does.
    pub(crate) fn go_on(&self, here: &Self, going_on: GoingOn) -> Result<Vec<Notice>, Failure> {
        let GoingOn {
            what,
            parts,
            command,
        } = going_on;
        if let Some(command) = command
            && self.folder != here.folder
        {
            return Err(Failure::Usage(format!(
                "the command of {command} was given in {}, and would be another one here: go on with {what} from there",
                self.folder.display()
            )));
        }
        let build = |engine: &Engine| {
            let debug = if engine.debug_build {
                ", a debug build"
            } else {
                ""
            };
            let platform = engine.platform.clone().unwrap_or_default();
            format!("{} ({platform}{debug})", engine.version)
        };
        let mut texts = Vec::new();
        if build(&self.engine) != build(&here.engine) {
            texts.push(format!(
                "{what} began with plimsoll {} and went on with plimsoll {}: its {parts} may not be comparable",
                build(&self.engine),
                build(&here.engine)
            ));
        }
        if self.machine != here.machine {
            texts.push(format!(
                "{what} began on another machine, or one that was changed since: its {parts} may not be comparable"
            ));
        }
        let warn = |text| Notice {
            level: NoticeLevel::Warn,
            text,
        };
        Ok(texts.into_iter().map(warn).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: GoingOn = GoingOn {
        what: "the search",
        parts: "probes",
        command: Some("--server"),
    };

    fn begun() -> Begun {
        Begun {
            folder: PathBuf::from("/shop"),
            ..Begun::here(&Masker::default(), TimerMode::Timerfd, 1)
        }
    }

    #[test]
    fn a_command_is_started_where_it_was_given() {
        let begun = begun();
        let elsewhere = Begun {
            folder: PathBuf::from("/elsewhere"),
            ..begun.clone()
        };
        assert_eq!(begun.go_on(&begun, SEARCH).unwrap(), []);
        let told = begun.go_on(&elsewhere, SEARCH).unwrap_err().to_string();
        assert!(
            told.contains("--server was given in /shop") && told.contains("the search from there"),
            "{told}"
        );
        let without = GoingOn {
            command: None,
            ..SEARCH
        };
        assert_eq!(begun.go_on(&elsewhere, without).unwrap(), []);
    }

    #[test]
    fn another_build_or_machine_is_said() {
        let begun = begun();
        let mut here = begun.clone();
        here.engine.version = "0.0.0".to_owned();
        here.machine.cores = Some(64_000);
        let told = begun.go_on(&here, SEARCH).unwrap();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].text.contains("went on with plimsoll 0.0.0"));
        assert!(told[1].text.contains("its probes may not be comparable"));
    }
}
