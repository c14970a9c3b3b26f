//! `plimsoll history`, as it is written.

use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Where runs are kept unless it is said otherwise.
pub(crate) const USUAL_FILE: &str = "plimsoll-history.db";

/// `plimsoll history`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll history add plimsoll-results/shop-20261123T101500Z --label nightly
  plimsoll history list --branch main --limit 20
  plimsoll history trend --metric p99                every series, and where it changed
  plimsoll history trend search/results --metric p95 one series, run by run
  plimsoll history trend --metric p99 --gate         the same, and 20 if one got worse for good
  plimsoll history prune --keep 200                  all but the newest 200 of each branch

Branch and commit are those of --branch and --commit, else those in the result, else those that GitHub or GitLab \
say in the environment of a job. Runs on another machine, under another load or of another scenario are kept and \
never compared: a trend says how many it left out, and in what they differ.")]
pub(crate) struct History {
    /// The file that runs are kept in
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = USUAL_FILE
    )]
    pub file: PathBuf,
    #[command(subcommand)]
    pub command: HistoryCommand,
}

/// What to do with a history.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Keep finished runs
    Add(Add),
    /// List the runs that are kept, the newest first
    List(List),
    /// Show a run with its figures and circumstances
    Show(Show),
    /// Show how a figure went over runs, and where it changed
    Trend(Trend),
    /// Remove old runs
    Prune(Prune),
}

/// `plimsoll history add`
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Folders of runs, or their run.json files
    #[arg(required = true, value_name = "RESULT")]
    pub results: Vec<PathBuf>,
    /// The branch that was tested
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// The commit that was tested
    #[arg(long, value_name = "COMMIT")]
    pub commit: Option<String>,
    /// The version that was tested [default: the plan's]
    #[arg(long, value_name = "VERSION")]
    pub release: Option<String>,
    /// A name to find the run by, also one that is kept already; runs with one are not pruned
    #[arg(long, value_name = "NAME")]
    pub label: Option<String>,
    /// The scenario that it is a run of [default: as the result says]
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Keep figures alone, without the response times themselves (intervals.hlog)
    #[arg(long)]
    pub without_log: bool,
}

/// `plimsoll history list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only runs of this scenario
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Only runs of this branch
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Only runs with this label
    #[arg(long, value_name = "NAME")]
    pub label: Option<String>,
    /// No more than so many, the newest
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// `plimsoll history show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The run: the first digits of its id, as `list` shows it
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `plimsoll history trend`
#[derive(Debug, Args)]
pub(crate) struct Trend {
    /// TEST, JOURNEY or JOURNEY/STEP; of several tests TEST/JOURNEY/STEP [default: all, a line each]
    #[arg(value_name = "SERIES")]
    pub series: Option<String>,
    /// The figure: p50, p95, p99, p99_ok, errors, goodput …
    #[arg(long, value_name = "METRIC", default_value = "p95")]
    pub metric: String,
    /// Of this scenario [default: the one with the newest run]
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Only runs of this branch
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Compare runs that differ in this part of their circumstances all the same: kernel, engine, scenario … (may be given several times)
    #[arg(long, value_name = "PART")]
    pub disregard: Vec<String>,
    /// No more than so many runs, the newest
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// End in exit code 20 if the figure of a series got worse for good within the last results (see --within)
    #[arg(long)]
    pub gate: bool,
    /// With --gate: among so many results; what is older is the level that is known. The smaller a change, the more results it
    /// takes to be found
    #[arg(long, value_name = "N", default_value_t = 20, requires = "gate")]
    pub within: usize,
}

/// `plimsoll history prune`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("surplus").required(true))]
pub(crate) struct Prune {
    /// Keep the newest so many of each branch of each scenario
    #[arg(long, value_name = "N", group = "surplus")]
    pub keep: Option<usize>,
    /// Remove runs that are older than this: 90d
    #[arg(long, value_name = "DURATION", group = "surplus", value_parser = super::parse_duration)]
    pub older_than: Option<Duration>,
    /// Only of this scenario
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Only of this branch
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Remove runs with a label too
    #[arg(long)]
    pub labelled: bool,
    /// Only say what would be removed
    #[arg(long)]
    pub dry_run: bool,
}
