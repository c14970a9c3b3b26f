//! In which surroundings a search began, for those who go on with it.

use crate::circumstances;
use crate::failure::Failure;
use crate::record;
use plimsoll_report::document::{Engine, Machine, Notice, NoticeLevel};
use plimsoll_scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use super::settings::Settings;

/// In which surroundings a search began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// What was typed, with secrets masked.
    pub command: Vec<String>,
    /// Where: the command of `--server` runs there.
    pub folder: PathBuf,
    engine: Engine,
    machine: Machine,
}

impl Begun {
    /// Those of this process.
    pub(super) fn here(scenario: &Scenario, settings: &Settings) -> Self {
        Self {
            command: record::command(&scenario.secrets),
            folder: std::env::current_dir().unwrap_or_default(),
            engine: record::engine(settings.timer.mode(), settings.threads),
            machine: circumstances::of_target(scenario).machine,
        }
    }

    /// Whether the search can go on `here`, and what to know if it does.
    pub(super) fn go_on(&self, here: &Self, settings: &Settings) -> Result<Vec<Notice>, Failure> {
        if settings.server.is_some() && self.folder != here.folder {
            return Err(Failure::Usage(format!(
                "the command of --server was given in {}, and would be another one here: go on with the search from there",
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
                "the search began with plimsoll {} and went on with plimsoll {}: its probes may not be comparable",
                build(&self.engine),
                build(&here.engine)
            ));
        }
        if self.machine != here.machine {
            texts.push(
                "the search began on another machine, or one that was changed since: its probes may not be comparable"
                    .to_owned(),
            );
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
    use crate::args::{Arguments as All, Command};
    use clap::Parser;

    fn begun() -> (Begun, Settings) {
        let cli = All::try_parse_from(["plimsoll", "capacity", "shop.yaml", "--server", "./shop"]);
        let Command::Capacity(arguments) = cli.unwrap().command else {
            unreachable!()
        };
        let settings = Settings::of(&arguments).unwrap();
        let begun = Begun {
            command: Vec::new(),
            folder: PathBuf::from("/shop"),
            engine: record::engine(settings.timer.mode(), settings.threads),
            machine: Machine::default(),
        };
        (begun, settings)
    }

    #[test]
    fn a_command_is_started_where_it_was_given() {
        let (begun, mut settings) = begun();
        let elsewhere = Begun {
            folder: PathBuf::from("/elsewhere"),
            ..begun.clone()
        };
        assert_eq!(begun.go_on(&begun, &settings).unwrap(), []);
        let told = begun.go_on(&elsewhere, &settings).unwrap_err().to_string();
        assert!(told.contains("was given in /shop"), "{told}");
        settings.server = None;
        assert_eq!(begun.go_on(&elsewhere, &settings).unwrap(), []);
    }

    #[test]
    fn another_build_or_machine_is_said() {
        let (begun, settings) = begun();
        let mut here = begun.clone();
        here.engine.version = "0.0.0".to_owned();
        here.machine.cores = Some(64);
        let told = begun.go_on(&here, &settings).unwrap();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].text.contains("went on with plimsoll 0.0.0"));
    }
}
