//! `plimsoll capacity`, as it is written.

use super::driving::{Driving, Outlet};
use super::{parse_duration, parse_rate, parse_share};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// `plimsoll capacity`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll capacity shop.yaml --slo \"p99 < 400ms\" --slo \"errors < 0.1%\" --start 50/s
  plimsoll capacity readiness.yaml --growth 5% --utilisation 80%
      against the promises of a plan, its peak and headroom
  plimsoll capacity shop.yaml --server './shop --port 8080' --ready /health
      and what a request costs in CPU
  plimsoll capacity --resume plimsoll-results/capacity-shop-20261123T101500Z
      go on after Ctrl-C

A rate is borne if every objective is proven to hold. Rates are doubled until one is not borne, then halved between (by ratio) \
until both ends are close. After a rate that was too much the system is left to settle. What was found is confirmed for longer, \
and once more after overload. If the generator can do no more, the capacity is \"at least\" what was confirmed. \
The folder holds a run (`run.json`, `summary.md`, `report.html`) in which every probe is a test: `plimsoll report` shows it again, \
`plimsoll run PLAN --capacity DIR` and `plimsoll report RUN --capacity DIR` show what was found on the page of a plan.

Exit codes:
   0 found
  20 shown: nothing is borne, or less than the plan's target
  21 not settled, not confirmed, or open
  22 the generator was the limit before anything was confirmed
   2 bad file or command line   70 internal error   130 interrupted")]
pub(crate) struct Capacity {
    /// A scenario or a readiness plan (YAML or TOML)
    #[arg(value_name = "FILE", required_unless_present = "resume")]
    pub file: Option<PathBuf>,
    /// What has to hold of all requests for a rate to be borne: `p99 < 400ms` (may be given several times) [default: the file's thresholds]
    #[arg(long = "slo", value_name = "EXPRESSION")]
    pub objectives: Vec<String>,
    /// The first rate [default: half of the plan's peak, else 50/s or what it takes to prove the objectives]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub start: Option<f64>,
    /// Try no higher rate than this
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub most: Option<f64>,
    /// How long a rate is measured
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_duration)]
    pub probe: Duration,
    /// How long at most, while nothing is proven [default: three times --probe]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub longest: Option<Duration>,
    /// How long a rate is held before it is measured
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub trim: Duration,
    /// How long the result is confirmed
    #[arg(long, value_name = "DURATION", default_value = "120s", value_parser = parse_duration)]
    pub confirm: Duration,
    /// How close the rate that is borne and the one that is not have to be
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = parse_share)]
    pub resolution: f64,
    /// How long the system may take to settle after too much
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = parse_duration)]
    pub cool_down: Duration,
    /// Do not approach the result from overload too
    #[arg(long)]
    pub not_from_above: bool,
    /// Of a scenario: start the system with this command, and watch its processors
    #[arg(long, value_name = "COMMAND")]
    pub server: Option<String>,
    /// A path that answers 2xx when the command is ready [default: its port is open]
    #[arg(long, value_name = "PATH", requires = "server")]
    pub ready: Option<String>,
    /// The peak to plan for, in journeys per second [default: the plan's]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub peak: Option<f64>,
    /// By how much the peak grows every month
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, value_parser = super::parse_growth)]
    pub growth: Option<f64>,
    /// Up to which share the capacity is to be used
    #[arg(long, value_name = "SHARE", default_value = "80%", value_parser = parse_share)]
    pub utilisation: f64,
    /// Go on with the search in this folder, as it was planned
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "objectives", "start", "most", "probe", "longest", "trim", "confirm", "resolution", "cool_down", "not_from_above", "server", "ready", "peak", "growth", "utilisation", "arrivals", "seed", "threads", "timer", "grace", "out"])]
    pub resume: Option<PathBuf>,
    #[command(flatten)]
    pub driving: Driving,
    #[command(flatten)]
    pub outlet: Outlet,
}
