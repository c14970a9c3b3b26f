//! The closed loop of `plain`, over TLS 1.3 with AES-128-GCM on both sides.

use super::cpu_rows;
use crate::bench::Bench;
use crate::generators::{h2load, plimsoll, wrk};
use crate::row::{Goal, Row};
use crate::turns::{Contender, in_turn};

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let url = bench.server.https();
    let turns = in_turn(
        bench,
        &[
            Contender::new("plimsoll", || {
                plimsoll::closed(bench, &url, &["--insecure", "--http", "1"])
            }),
            Contender::new("wrk", || wrk::wrk(bench, &url, 64)),
            Contender::new("h2load --h1", || {
                h2load::h2load(bench, &url, &["--h1", "-c", "64"])
            }),
        ],
    )?;
    let goals = [Goal::Times(1.0), Goal::None];
    Ok(cpu_rows(
        "closed, 64 connections, TLS, HTTP/1.1: CPU a request",
        &turns,
        &goals,
    ))
}
