//! `plimsoll hit` as fast as 64 connections can, over HTTP/1.1.

use super::cpu_rows;
use crate::bench::Bench;
use crate::generators::{bare_loop, h2load, hey, oha, plimsoll, wrk};
use crate::row::{Goal, Row};
use crate::turns::{Contender, in_turn};

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let url = bench.server.http();
    let turns = in_turn(
        bench,
        &[
            Contender::new("plimsoll", || plimsoll::closed(bench, &url, &[])),
            Contender::new("wrk", || wrk::wrk(bench, &url, 64)),
            Contender::new("bare epoll loop", || bare_loop::bare_loop(bench, None)),
            Contender::new("h2load --h1", || {
                h2load::h2load(bench, &url, &["--h1", "-c", "64"])
            }),
            Contender::new("ab -k", || hey::ab(bench, &url)),
            Contender::new("oha", || oha::oha(bench, &url, &["-c", "64"])),
            Contender::new("hey", || hey::hey(bench, &url)),
        ],
    )?;
    let mut goals = [Goal::None; 6];
    goals[0] = Goal::Times(1.0);
    goals[1] = Goal::Times(1.15);
    Ok(cpu_rows(
        "closed, 64 connections, HTTP/1.1: CPU a request",
        &turns,
        &goals,
    ))
}
