//! One of the two builds: where it is, and how it is started for a turn.

use super::settings::{Place, Settings};
use crate::args::Output;
use crate::failure::Failure;
use crate::files::load_scenario;
use crate::plan::Http;
use crate::started::{self, Starting};
use anyhow::Context;
use plimsoll_conduct::server::Server;
use plimsoll_engine::Stop;
use plimsoll_scenario::{Address, HitOptions, Scenario};
use plimsoll_target::{Behaviour, Demo};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// The demo service of this program.
    Demo,
    /// A service that runs already.
    Url(Url),
    /// A program that is started for every turn.
    Command(String),
}

/// A build with the scenario that is driven against it.
pub(super) struct Side {
    /// `A` or `B`.
    pub letter: char,
    /// What it is, with secrets masked.
    pub what: String,
    pub scenario: Arc<Scenario>,
    kind: Kind,
    log: PathBuf,
    ready: Option<String>,
    ready_within: Duration,
}

/// A build that is up.
pub(super) struct Up {
    demo: Option<Demo>,
    server: Option<Server>,
}

impl Side {
    /// Finds out what a build is. Nothing is started.
    pub(super) fn of(letter: char, settings: &Settings, output: &Output) -> Result<Self, Failure> {
        let place = match letter {
            'A' => &settings.a,
            _ => &settings.b,
        };
        let kind = kind(&place.what);
        let flag = letter.to_ascii_lowercase();
        if place.at.is_some() && !matches!(kind, Kind::Command(_)) {
            return Err(Failure::Usage(format!(
                "--{flag}-at says where a command listens, and --{flag} is none: leave it out"
            )));
        }
        let mut scenario = scenario(settings, place, &kind, flag, output)?;
        if settings.scenario.is_some()
            && let (Some(address), Some(target)) =
                (address(&kind, place, flag)?, scenario.targets.first_mut())
        {
            target.address = address;
        }
        let what = scenario.secrets.mask(&place.what).into_owned();
        Ok(Self {
            letter,
            what,
            scenario: Arc::new(scenario),
            kind,
            log: PathBuf::new(),
            ready: settings.ready.clone(),
            ready_within: Duration::from_nanos(settings.ready_within_ns),
        })
    }

    /// Has what a command prints written to a file of this folder.
    pub(super) fn log_to(&mut self, folder: &Path) {
        let letter = self.letter.to_ascii_lowercase();
        self.log = folder.join(format!("{letter}.log"));
    }

    /// Whether it is started anew for every turn.
    pub(super) fn is_restarted(&self) -> bool {
        !matches!(self.kind, Kind::Url(_))
    }

    /// Whether it is a command that is started.
    pub(super) fn is_command(&self) -> bool {
        matches!(self.kind, Kind::Command(_))
    }

    /// Sees that a build that runs already takes connections.
    pub(super) fn see_that_it_is_there(&self) -> Result<(), Failure> {
        let Kind::Url(_) = &self.kind else {
            return Ok(());
        };
        let http = Http::new(Arc::clone(&self.scenario), None)?;
        http.connect()
            .map_err(|problem| Failure::Usage(format!("{}: {problem}", self.letter)))
    }

    /// Starts it, if it has to be started.
    pub(super) fn start(&self, stop: &Stop) -> Result<Up, Failure> {
        let needs_demo = self
            .scenario
            .targets
            .iter()
            .any(|target| target.address == Address::Demo);
        let demo = needs_demo
            .then(|| Demo::start(Behaviour::default(), ([127, 0, 0, 1], 0).into()))
            .transpose()
            .context("cannot start the demo service")?;
        let Kind::Command(command) = &self.kind else {
            return Ok(Up { demo, server: None });
        };
        let starting = Starting {
            name: self.letter.to_string(),
            command: command.clone(),
            ready: self.ready.clone(),
            within: self.ready_within,
            log: self.log.clone(),
            cure: format!(
                "say where it does (--{}-at URL), or give it more time (--ready-within)",
                self.letter.to_ascii_lowercase()
            ),
        };
        let address = demo.as_ref().map(Demo::address);
        let server = started::start(&starting, &self.scenario, address, stop)?;
        Ok(Up {
            demo,
            server: Some(server),
        })
    }
}

impl Up {
    /// Where the demo service listens.
    pub(super) fn demo(&self) -> Option<SocketAddr> {
        self.demo.as_ref().map(Demo::address)
    }

    /// Stops it, and says how often it had ended by itself.
    pub(super) fn stop(self) -> usize {
        self.server.map_or(0, |server| server.stop().len())
    }
}

/// What is meant: the demo service, a URL, with or without its scheme, or a command.
fn kind(text: &str) -> Kind {
    let text = text.trim();
    if text == "demo" {
        return Kind::Demo;
    }
    let is_one_word = !text.contains(char::is_whitespace);
    if let (true, Ok(url)) = (
        text.starts_with("http://") || text.starts_with("https://"),
        Url::parse(text),
    ) {
        return Kind::Url(url);
    }
    // `localhost:8080`, and not `./serve`.
    let with_scheme = Url::parse(&format!("http://{text}"));
    if let (true, Ok(url)) = (is_one_word && !text.contains("://"), with_scheme)
        && url.port().is_some()
    {
        return Kind::Url(url);
    }
    Kind::Command(text.to_owned())
}

/// Where requests go; `None`: where the scenario says.
fn address(kind: &Kind, place: &Place, flag: char) -> Result<Option<Address>, Failure> {
    Ok(match (kind, &place.at) {
        (Kind::Demo, _) => Some(Address::Demo),
        (Kind::Url(url), _) => Some(Address::Url(url.clone())),
        (Kind::Command(_), None) => None,
        (Kind::Command(_), Some(at)) => match self::kind(at) {
            Kind::Url(url) => Some(Address::Url(url)),
            Kind::Demo | Kind::Command(_) => {
                return Err(Failure::Usage(format!(
                    "--{flag}-at {at}: write where it listens, such as http://127.0.0.1:8080"
                )));
            }
        },
    })
}

/// What is driven: the scenario's file, or a single request.
fn scenario(
    settings: &Settings,
    place: &Place,
    kind: &Kind,
    flag: char,
    output: &Output,
) -> Result<Scenario, Failure> {
    if let Some(path) = &settings.scenario {
        // What is odd about it is said once.
        let quiet = Output {
            quiet: output.quiet || flag == 'b',
            ..output.clone()
        };
        return load_scenario(path, &quiet);
    }
    let url = match (kind, address(kind, place, flag)?) {
        (_, Some(Address::Demo)) => "demo".to_owned(),
        (_, Some(Address::Url(url))) => url.to_string(),
        (_, None) => {
            return Err(Failure::Usage(format!(
                "--{flag} is a command, and nothing says what to send to it: name a scenario, or say where it listens with --{flag}-at URL"
            )));
        }
    };
    Scenario::single(HitOptions::get(url)).map_err(|problems| {
        Failure::Usage(problems.render(crate::terminal::colored_messages(output)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_from_a_command() {
        assert_eq!(kind("demo"), Kind::Demo);
        let is_url = |text| matches!(kind(text), Kind::Url(_));
        assert!(is_url("http://shop.example/base"));
        assert!(is_url("localhost:8080"));
        assert!(is_url("127.0.0.1:8080/search"));
        for command in ["./serve", "serve --port 8080", "./serve http://x", "serve"] {
            assert_eq!(
                kind(command),
                Kind::Command(command.to_owned()),
                "{command}"
            );
        }
    }
}
