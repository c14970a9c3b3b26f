//! How load is driven and where its result goes, of all commands that drive some.

use super::{Arrivals, Timer, parse_duration};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// How load is driven.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Driving {
    /// How arrivals are spread over time
    #[arg(long, value_enum, value_name = "KIND")]
    pub arrivals: Option<Arrivals>,
    /// Everything random follows from this number
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Worker threads [default: one per processor]
    #[arg(long, short = 't', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Which timer arrivals wait on
    #[arg(long, value_enum, value_name = "TIMER", default_value_t = Timer::Timerfd)]
    pub timer: Timer,
    /// How long journeys may take to finish after the last arrival
    #[arg(long, default_value = "30s", value_name = "DURATION", value_parser = parse_duration)]
    pub grace: Duration,
}

/// Where load may go, and its result.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Outlet {
    /// Allow load on a host that is neither this machine nor on a private network
    #[arg(long, value_name = "HOST")]
    pub yes_i_may_load: Vec<String>,
    /// Where the result goes; that of an earlier run there is replaced [default: plimsoll-results/NAME-TIME]
    #[arg(long, short = 'o', value_name = "DIR")]
    pub out: Option<PathBuf>,
}
