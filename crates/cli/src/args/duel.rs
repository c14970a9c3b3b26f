//! `plimsoll duel`, as it is written.

use super::driving::{Driving, Outlet};
use super::{parse_duration, parse_rate};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// `plimsoll duel`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll duel --a http://old:8080 --b http://new:8080 shop.yaml
  plimsoll duel --a './old --port 8080' --b './new --port 8080' --ready /health shop.yaml
  plimsoll duel --a http://old:8080/ --b http://new:8080/ --rate 200/s
      one URL, without a file
  plimsoll duel --resume plimsoll-results/duel-shop-20261123T101500Z
      go on after Ctrl-C
  plimsoll duel --self-test --a http://old:8080 shop.yaml
      A against A: can duels be believed here?

A and B take turns under the same load with the same seed, in the order A B, B A, and so on. A command is started for \
every turn and stopped after it. What is judged is how rounds differ, never single requests. A round in which the generator did \
not keep up is left out for both. After 6, 8, 12, 16, 20 and 30 rounds it is looked at; it ends when all is decided, and \
from --rounds on as soon as there is a verdict.

Exit codes:
  0 not worse (OK or IMPROVED)   20 REGRESSED   21 INCONCLUSIVE   22 too many rounds left out
  2 bad file or command line     70 internal error   130 interrupted")]
pub(crate) struct Duel {
    /// What users do (YAML or TOML) [default: a GET of each URL]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,
    /// The build to compare with: a URL, or a command that starts it
    #[arg(long, value_name = "URL|COMMAND", required_unless_present_any = ["resume", "self_test"])]
    pub a: Option<String>,
    /// The build to be judged
    #[arg(long, value_name = "URL|COMMAND", required_unless_present_any = ["resume", "self_test"])]
    pub b: Option<String>,
    /// Where a command listens that starts A [default: the scenario's target]
    #[arg(long, value_name = "URL")]
    pub a_at: Option<String>,
    /// Where a command listens that starts B [default: the scenario's target]
    #[arg(long, value_name = "URL")]
    pub b_at: Option<String>,
    /// A path that answers 2xx when a command is ready [default: its port is open]
    #[arg(long, value_name = "PATH")]
    pub ready: Option<String>,
    /// How long that may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = parse_duration)]
    pub ready_within: Duration,
    /// Rounds that are planned, 6 to 40
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub rounds: usize,
    /// Rounds at most, while it is inconclusive [default: 30, or --rounds if that is more]
    #[arg(long, value_name = "N")]
    pub most: Option<usize>,
    /// How long users arrive in a turn
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_duration)]
    pub round: Duration,
    /// Leave so much of the beginning of each turn out [default: the scenario's, else a sixth]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub warmup: Option<Duration>,
    /// Load both at the same time, each with half of the threads; for machines of their own
    #[arg(long)]
    pub duet: bool,
    /// A against A (the demo service without --a): whatever differs is the machine or the order
    #[arg(long, conflicts_with_all = ["b", "b_at"])]
    pub self_test: bool,
    /// A figure to compare, of every step (may be given several times) [default: p50, p99, errors; closed model: rate too]
    #[arg(long = "metric", value_name = "METRIC")]
    pub metrics: Vec<String>,
    /// By which share a figure may be worse; shares such as errors by a fiftieth of that, in points
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = super::parse_share)]
    pub tolerance: f64,
    /// Open model: so many journeys are started per second (200/s) [default: the scenario's load]
    #[arg(long, short = 'r', value_name = "RATE", value_parser = parse_rate, conflicts_with = "users")]
    pub rate: Option<f64>,
    /// Closed model: so many users, each starting again when it has finished
    #[arg(long, short = 'u', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub users: Option<u64>,
    /// Go on with the duel in this folder, as it was planned
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "a", "b", "a_at", "b_at", "self_test", "duet", "metrics", "rate", "users", "out", "rounds", "most", "round", "warmup", "ready", "ready_within", "tolerance", "arrivals", "seed", "threads", "timer", "grace"])]
    pub resume: Option<PathBuf>,
    /// With --resume: play no more rounds, and judge those there are
    #[arg(long, requires = "resume")]
    pub end_now: bool,
    #[command(flatten)]
    pub driving: Driving,
    #[command(flatten)]
    pub outlet: Outlet,
}
