//! The command line, as it is written. What it means is resolved by the commands.

pub(crate) mod capacity;
pub(crate) mod compare;
pub(crate) mod driving;
pub(crate) mod duel;
pub(crate) mod history;
mod target;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
pub(crate) use target::Target;

/// The examples at the end of `plimsoll --help`.
const EXAMPLES: &str = "\
Examples:
  plimsoll run scenarios/travel-shop.yaml         drive the example shop, built in, for 20 s
  plimsoll hit http://localhost:8080/ --rate 200/s --duration 30s --threshold \"p99 < 50ms\"
                                                  one URL, no file, and a verdict
  plimsoll check shop.yaml                        find every mistake in a scenario at once
  plimsoll try shop.yaml                          each journey once, every request shown in full
  plimsoll run shop.yaml --rate 300/s --duration 2m --out results/friday
  plimsoll init                                   write a scenario and a readiness plan to start from
  plimsoll run readiness.yaml                     run every test of a plan, and end in go or no-go
  plimsoll run readiness.yaml --rehearse 0.01     the same in seconds, to see whether it works
  plimsoll report results/friday -o report.html   show a finished (or killed) run again, as a page
  plimsoll verify results/friday --deployed       is what is deployed what was tested?
  plimsoll duel --a http://old:8080 --b http://new:8080 shop.yaml
                                                  is the new build worse than the old one?
  plimsoll capacity shop.yaml --slo \"p99 < 400ms\"  how much load does it bear?
  plimsoll history add results/friday             keep a run, to see how figures go over time
  plimsoll calibrate                              what this machine can do as a generator

Exit codes:
  0 go, or nothing was to be judged   10 go with risk           20 no-go: a threshold is proven missed
  21 not enough evidence              22 the run is not valid   2 bad file or command line
  70 internal error                   130 interrupted";

/// Load and performance testing that ends in go or no-go, with the evidence.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, after_help = EXAMPLES, max_term_width = 110)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub output: Output,
}

/// How results are shown; the same for every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Output {
    /// Say nothing but results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Print the result as JSON instead of a table
    #[arg(long, global = true)]
    pub json: bool,
    /// After the result, print what failed as annotations of a pull request (run, hit, report, duel, capacity, history trend)
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORGE",
        conflicts_with = "json"
    )]
    pub annotations: Option<Forge>,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whose annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Forge {
    /// Workflow commands of GitHub Actions.
    #[value(name = "github")]
    GitHub,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented scenario and readiness plan to start from
    Init(Init),
    /// Drive a scenario, or run every test of a readiness plan, and judge the result
    Run(Box<Run>),
    /// Load a single URL, without a file
    Hit(Box<Hit>),
    /// Run each journey once, until something is wrong, and show every request and response
    Try(Try),
    /// Check files for mistakes without sending anything
    Check(Check),
    /// Measure what this machine can do as a load generator, in half a minute
    Calibrate(Calibrate),
    /// Print the JSON Schema of a file format, for editors
    Schema(Schema),
    /// Serve the built-in demo shop, or a server that misbehaves as told
    Target(Box<Target>),
    /// Show the result of earlier runs from their folders, on the terminal or as a page
    Report(Report),
    /// Check that a result folder is what was signed, or that what is deployed is what was tested
    Verify(Verify),
    /// Search how much load a system bears, and say how long that will be enough
    Capacity(Box<capacity::Capacity>),
    /// Let two builds take turns under the same load, and say whether one is worse
    Duel(Box<duel::Duel>),
    /// Show two results side by side, and what little two single runs tell
    Compare(compare::Compare),
    /// Keep finished runs in one file, and see how their figures went
    History(history::History),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// How much load, for how long, and how it is driven.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Load {
    /// Open model: so many journeys are started per second, whatever the responses do (200/s, 30/min)
    #[arg(long, short = 'r', value_name = "RATE", value_parser = parse_rate, conflicts_with = "users")]
    pub rate: Option<f64>,
    /// Closed model: so many users, each starting again when it has finished
    #[arg(long, short = 'u', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub users: Option<u64>,
    /// How long users arrive (30s, 2m, 1h) [default: the scenario's, else 10s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// Closed model: stop after so many journeys
    #[arg(long, value_name = "N", requires = "users", value_parser = clap::value_parser!(u64).range(1..))]
    pub iterations: Option<u64>,
    /// Closed model: from one start of a user to its next, at the least
    #[arg(long, value_name = "DURATION", requires = "users", value_parser = parse_duration)]
    pub pacing: Option<Duration>,
    #[command(flatten)]
    pub driving: driving::Driving,
    /// Drop arrivals that the generator itself would start later than this, instead of starting them late
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub drop_after: Option<Duration>,
    /// Never start more journeys per second than this: a plan that asks for more is refused
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub max_rate: Option<f64>,
    /// Judge this too: `p99 < 50ms`, `errors < 0.1%` (may be given several times)
    #[arg(long = "threshold", value_name = "EXPRESSION")]
    pub thresholds: Vec<String>,
    /// Leave so much of the beginning out of response times and thresholds, 0s for nothing [default: the scenario's, else estimated]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub warmup: Option<Duration>,
    /// End as soon as every threshold is decided, after 30 s at the earliest, without more wrong verdicts; needs a warm-up that is said
    #[arg(long)]
    pub stop_when_decided: bool,
    /// Stop early when this holds, or `off` [default: errors > 50% for 10s]
    #[arg(long, value_name = "EXPRESSION")]
    pub abort_on: Option<String>,
    #[command(flatten)]
    pub outlet: driving::Outlet,
}

/// How arrivals are spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Arrivals {
    /// At equal distances.
    Even,
    /// At random, as independent users arrive.
    Poisson,
}

/// What arrivals wait on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Timer {
    /// The kernel's timer: some 50 µs late
    #[default]
    Timerfd,
    /// Poll the clock: about a microsecond late, and burns a processor for each thread
    Spin,
    /// Tokio's timer wheel: about a millisecond late
    Tokio,
}

impl Timer {
    /// The engine's mode.
    pub(crate) const fn mode(self) -> plimsoll_engine::TimerMode {
        use plimsoll_engine::TimerMode;
        match self {
            Self::Timerfd if cfg!(target_os = "linux") => TimerMode::Timerfd,
            Self::Timerfd | Self::Tokio => TimerMode::Tokio,
            Self::Spin => TimerMode::Spin,
        }
    }
}

/// `plimsoll run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A scenario or a readiness plan (YAML or TOML)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Of a plan: run only this test (may be given several times); the others count as not run
    #[arg(long, value_name = "TEST")]
    pub only: Vec<String>,
    /// Of a plan: shorten every duration by this factor, to see whether all of it works; never a GO
    #[arg(long, value_name = "FACTOR", value_parser = parse_factor)]
    pub rehearse: Option<f64>,
    /// Of a plan: sign the attestation with the ed25519 key in this file
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Of a plan with a `baseline`: the history that holds the release before [default: plimsoll-history.db]
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// Of a plan: show what this search (`plimsoll capacity`) found, against the plan's peak
    #[arg(long, value_name = "DIR")]
    pub capacity: Option<PathBuf>,
    #[command(flatten)]
    pub load: Load,
}

/// `plimsoll init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where to write `shop.yaml` and `readiness.yaml`
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    pub force: bool,
}

/// `plimsoll verify`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll verify results/friday                        every file is as it was when the run ended
  plimsoll verify results/friday --key release.pub      and somebody with the key said so
  plimsoll verify results/friday --deployed             on launch day: is what is deployed what was tested?")]
pub(crate) struct Verify {
    /// The folder of a run
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The ed25519 public key that signed the attestation
    #[arg(long, value_name = "KEY")]
    pub key: Option<PathBuf>,
    /// Ask the sources of the plan which build is running now, and compare it with the one tested
    #[arg(long)]
    pub deployed: bool,
    /// With --deployed: the plan, if it is not where it was [default: the copy in the folder]
    #[arg(long, value_name = "PLAN", requires = "deployed")]
    pub plan: Option<PathBuf>,
    /// With --deployed: ask this base URL instead of the scenario's target
    #[arg(long, value_name = "URL", requires = "deployed")]
    pub target: Option<String>,
}

/// `plimsoll hit`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll hit http://localhost:8080/                     10 users, as fast as they can, for 10 s
  plimsoll hit http://localhost:8080/ --rate 200/s --duration 30s
  plimsoll hit http://localhost:8080/ --users 64 --duration 10s          as fast as 64 users can
  plimsoll hit https://localhost:8443/cart -X POST -H 'content-type: application/json' \\
        -d '{\"id\":1}' --rate 50/s --threshold \"p99 < 50ms\" --threshold \"errors < 1%\"")]
pub(crate) struct Hit {
    /// The URL; without a scheme, http://
    pub url: String,
    /// Method [default: GET, or POST with a body]
    #[arg(long, short = 'X', value_name = "METHOD")]
    pub method: Option<String>,
    /// A header, `name: value` (may be given several times)
    #[arg(long, short = 'H', value_name = "HEADER")]
    pub header: Vec<String>,
    /// A body; `@FILE` reads it from a file
    #[arg(long, short = 'd', value_name = "BODY")]
    pub data: Option<String>,
    /// HTTP version
    #[arg(long, value_enum, default_value_t = Http::Auto, value_name = "VERSION")]
    pub http: Http,
    /// Open connections at most, over all threads
    #[arg(long, short = 'c', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub connections: Option<u32>,
    /// HTTP/2: requests at once on one connection
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub streams: Option<u32>,
    /// Open a connection for every request
    #[arg(long, conflicts_with_all = ["connections", "streams"])]
    pub no_keepalive: bool,
    /// From the start of a request, its wait for a connection included, to its last byte; each attempt has its own
    #[arg(long, default_value = "30s", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Duration,
    /// Follow so many redirects
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub redirects: u8,
    /// Accept any certificate
    #[arg(long)]
    pub insecure: bool,
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Connect to this address for a host, as in curl: HOST:ADDRESS or HOST:PORT:ADDRESS
    #[arg(long, value_name = "HOST:ADDRESS")]
    pub resolve: Vec<String>,
    #[command(flatten)]
    pub load: Load,
}

/// HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Http {
    /// What the server offers over TLS, HTTP/1.1 in clear text.
    Auto,
    /// HTTP/1.1.
    #[value(name = "1", alias = "1.1")]
    Http1,
    /// HTTP/2, without asking in clear text.
    #[value(name = "2")]
    Http2,
}

/// `plimsoll try`
#[derive(Debug, Args)]
pub(crate) struct Try {
    /// The scenario (YAML or TOML)
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// Allow requests to a host that is neither this machine nor on a private network
    #[arg(long, value_name = "HOST")]
    pub yes_i_may_load: Vec<String>,
    /// Everything random follows from this number
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

/// `plimsoll calibrate`
#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    /// Worker threads [default: one per processor]
    #[arg(long, short = 't', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Which timer the rate is measured with
    #[arg(long, value_enum, value_name = "TIMER", default_value_t = Timer::Timerfd)]
    pub timer: Timer,
}

/// `plimsoll check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenarios and readiness plans
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `plimsoll schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum)]
    pub format: Format,
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A scenario.
    Scenario,
    /// A readiness plan.
    Plan,
}

/// `plimsoll report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The folder of a run; several of one plan are put together, the newest attempt at each item counts
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Of a plan's run: show what this search (`plimsoll capacity`) found, against the plan's peak
    #[arg(long, value_name = "SEARCH")]
    pub capacity: Option<PathBuf>,
    /// Write a page (.html), a summary (.md), a document (.json), test results (.xml) or metrics (.txt) instead
    #[arg(long, short = 'o', value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `plimsoll completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    plimsoll_scenario::parse_duration(text)
        .map_err(|problem| format!("{problem}; write a number and a unit, such as 250ms, 5s or 2m"))
}

fn parse_rate(text: &str) -> Result<f64, String> {
    plimsoll_scenario::parse_rate(text)
        .map_err(|problem| format!("{problem}; write events per time, such as 120/s or 30/min"))
}

fn parse_share(text: &str) -> Result<f64, String> {
    let wrong = || "write a share above 0, such as 5%".to_owned();
    let number = text.trim().strip_suffix('%').ok_or_else(wrong)?;
    let percent: f64 = number.trim().parse().map_err(|_| wrong())?;
    let share = percent / 100.0;
    (share > 0.0 && share.is_finite())
        .then_some(share)
        .ok_or_else(wrong)
}

fn parse_growth(text: &str) -> Result<f64, String> {
    let wrong =
        || "write how much it grows a month, such as 5%, 0% or -2%, 1000% at most".to_owned();
    let number = text.trim().strip_suffix('%').ok_or_else(wrong)?;
    let percent: f64 = number.trim().parse().map_err(|_| wrong())?;
    let growth = percent / 100.0;
    // Peaks of years to come have to stay numbers.
    (growth > -1.0 && growth <= 10.0)
        .then_some(growth)
        .ok_or_else(wrong)
}

fn parse_factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text
        .trim()
        .parse()
        .map_err(|_| "write a number such as 0.1, for a tenth of every duration".to_owned())?;
    if factor > 0.0 && factor < 1.0 {
        Ok(factor)
    } else {
        Err("a rehearsal is shorter than the plan: write a number between 0 and 1".to_owned())
    }
}
