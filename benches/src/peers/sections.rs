//! What is compared, section by section.

pub(crate) mod http2;
pub(crate) mod journey;
pub(crate) mod memory;
pub(crate) mod open;
pub(crate) mod plain;
pub(crate) mod scaling;
pub(crate) mod soak;
pub(crate) mod start;
pub(crate) mod tls;

use crate::bench::Bench;
use crate::measured::Measured;
use crate::row::{Goal, Row};
use crate::turns::Turns;
use clap::ValueEnum;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// A closed loop of HTTP/1.1.
    Plain,
    /// The same over TLS.
    Tls,
    /// HTTP/2 over TLS.
    Http2,
    /// A set rate.
    Open,
    /// A journey of five steps.
    Journey,
    /// Memory for connections and users.
    Memory,
    /// More threads, steps, journeys, users, series.
    Scaling,
    /// Memory over ten minutes.
    Soak,
    /// Start, and the size of the program.
    Start,
    /// All of them.
    All,
}

impl Section {
    /// All but [`Self::All`], in the order of the table.
    pub(crate) const EACH: [Self; 9] = [
        Self::Plain,
        Self::Tls,
        Self::Http2,
        Self::Open,
        Self::Journey,
        Self::Memory,
        Self::Scaling,
        Self::Start,
        Self::Soak,
    ];

    /// How it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Tls => "tls",
            Self::Http2 => "http2",
            Self::Open => "open",
            Self::Journey => "journey",
            Self::Memory => "memory",
            Self::Scaling => "scaling",
            Self::Soak => "soak",
            Self::Start => "start",
            Self::All => "all",
        }
    }

    /// Its rows.
    ///
    /// # Errors
    /// When nothing can be said, or somebody wants everything to end.
    pub(crate) fn rows(self, bench: &Bench) -> anyhow::Result<Vec<Row>> {
        match self {
            Self::Plain => plain::rows(bench),
            Self::Tls => tls::rows(bench),
            Self::Http2 => http2::rows(bench),
            Self::Open => open::rows(bench),
            Self::Journey => journey::rows(bench),
            Self::Memory => memory::rows(bench),
            Self::Scaling => scaling::rows(bench),
            Self::Soak => soak::rows(bench),
            Self::Start => start::rows(bench),
            Self::All => Ok(Vec::new()),
        }
    }
}

/// Rows of time on the processor: the first of those that ran in turn beside each of the others.
fn cpu_rows(what: &str, turns: &[Turns], goals: &[Goal]) -> Vec<Row> {
    let Some((ours, others)) = turns.split_first() else {
        return Vec::new();
    };
    let rows = others.iter().zip(goals).map(|(other, goal)| Row {
        what: what.to_owned(),
        ours: ours.cpu(),
        other: Some((other.name.clone(), other.cpu())),
        in_turn: ours.times(other, Measured::cpu_us),
        goal: *goal,
        notes: other.notes(),
    });
    let mut rows: Vec<Row> = rows.collect();
    if let Some(first) = rows.first_mut() {
        first.notes.extend(ours.notes());
        first.notes.extend(parts(ours));
    }
    rows
}

/// How our time divides, and how fast it went.
fn parts(ours: &Turns) -> Option<String> {
    use crate::figure::Unit::{Count, Microseconds};
    let user = ours.figure(Microseconds, Measured::user_us)?.value;
    let all = ours.cpu()?.value;
    let rate = ours.figure(Count, |run| run.completed as f64 / run.seconds)?;
    Some(format!(
        "ours is {user:.1} µs user and {:.1} µs system, at {:.0}/s",
        all - user,
        rate.value
    ))
}
