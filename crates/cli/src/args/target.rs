//! `plimsoll target`, as it is written.

use super::parse_duration;
use clap::Args;
use std::time::Duration;

/// `plimsoll target`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll target                                            answers at once, on port 8080
  plimsoll target --latency 5ms..20ms --stall 1s/10s         stands still for a second in ten
  plimsoll target --capacity 1000/s --queue 200              sheds what does not fit with 503
  plimsoll target --errors 1% --fault reset=0.5%@/basket     fails now and then")]
pub(crate) struct Target {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS", value_parser = address)]
    pub listen: std::net::SocketAddr,
    /// How long each answer takes: 5ms, 5ms..20ms, 1s@/search for one path (may be given several times)
    #[arg(long, value_name = "LATENCY")]
    pub latency: Vec<String>,
    /// Stand still for S every T: 1s/10s
    #[arg(long, value_name = "S/T")]
    pub stall: Option<String>,
    /// Answer one after the other, this long each
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, conflicts_with = "capacity")]
    pub fifo: Option<Duration>,
    /// Begin at most so many answers per second: 1000/s; more wait in line
    #[arg(long, value_name = "RATE")]
    pub capacity: Option<String>,
    /// So many may wait in line; more are refused at once
    #[arg(long, value_name = "N")]
    pub queue: Option<u32>,
    /// The status of a refusal: 503 or 429
    #[arg(long, value_name = "STATUS")]
    pub refusal: Option<String>,
    /// How much a path matters, 0 most; with --queue the least important are refused first: 2@/recommend (may be given several times)
    #[arg(long, value_name = "PRIORITY", requires = "queue")]
    pub priority: Vec<String>,
    /// Scale out once the load has been high for a while: to=600/s,after=10s,load=80%
    #[arg(long, value_name = "PARTS", requires = "capacity")]
    pub scale: Option<String>,
    /// Get slower the longer the line is: by as much again for each DURATION waited
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub collapse: Option<Duration>,
    /// Get slower with time: 1ms/s
    #[arg(long, value_name = "GROWTH/TIME")]
    pub ageing: Option<String>,
    /// Leave so much memory behind at every request: 50KB
    #[arg(long, value_name = "SIZE")]
    pub leak: Option<String>,
    /// Leave no more than this behind in all [default: 512MiB]
    #[arg(long, value_name = "SIZE", requires = "leak")]
    pub leak_limit: Option<String>,
    /// Call a service that can fail: state=slow,latency=2s,path=/recommend,pool=20 or …,fallback=true
    #[arg(long, value_name = "PARTS")]
    pub dependency: Option<String>,
    /// Answer this share with a good status and wrong data: 5%@/search (may be given several times)
    #[arg(long, value_name = "SHARE")]
    pub wrong: Vec<String>,
    /// Answer this share with status 500: 1%, 5%@/basket (may be given several times)
    #[arg(long, value_name = "SHARE")]
    pub errors: Vec<String>,
    /// Misbehave: reset=1%, garbage, never@/search (may be given several times)
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<String>,
    /// Everything random follows from this number
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// The version that /version names
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// The commit that /version names
    #[arg(long, value_name = "COMMIT")]
    pub commit: Option<String>,
    /// Go over to another build bit by bit: version=4.13.0,commit=abc,over=10s
    #[arg(long, value_name = "PARTS")]
    pub release_switch: Option<String>,
    /// Stop by itself after this time
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub duration: Option<Duration>,
}

/// Reads where to listen.
fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    let cure = || "write an address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned();
    text.parse().map_err(|_| cure())
}
