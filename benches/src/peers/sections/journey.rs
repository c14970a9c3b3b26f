//! A journey as people write them, beside a plain request and beside the same journey in other tools.

use super::cpu_rows;
use crate::bench::Bench;
use crate::generators::{artillery, goose, plimsoll};
use crate::row::{Goal, Row};
use crate::turns::{Contender, in_turn};
use std::path::PathBuf;

/// Where the journeys are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/journey"))
}

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let duration = format!("{}s", bench.seconds);
    let load = ["--users", "64", "--duration", &duration];
    let url = bench.server.http();
    let turns = in_turn(
        bench,
        &[
            Contender::new("plimsoll, journey", || {
                let arguments = [&load[..], &["--threads", "1"]].concat();
                plimsoll::scenario(bench, &folder().join("journey.yaml"), &arguments)
            }),
            Contender::new("plimsoll hit", || plimsoll::closed(bench, &url, &[])),
            Contender::new("goose", || goose::goose(bench)),
            Contender::new("artillery", || artillery::artillery(bench)),
        ],
    )?;
    let goals = [
        Goal::Times(1.6),
        Goal::Times(1.0 / 3.0),
        Goal::Times(1.0 / 50.0),
    ];
    let what = "journey of 5 steps, 64 users and connections: CPU a request";
    Ok(cpu_rows(what, &turns, &goals))
}
