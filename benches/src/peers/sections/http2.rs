//! HTTP/2 over TLS: 8 connections with 32 streams each.

use super::cpu_rows;
use crate::bench::Bench;
use crate::generators::{h2load, oha, plimsoll};
use crate::row::{Goal, Row};
use crate::turns::{Contender, in_turn};

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let url = bench.server.https();
    let duration = format!("{}s", bench.seconds);
    let turns = in_turn(
        bench,
        &[
            Contender::new("plimsoll", || {
                let load = ["--users", "256", "--duration", &duration];
                let how = [
                    "--connections",
                    "8",
                    "--streams",
                    "32",
                    "--http",
                    "2",
                    "--insecure",
                ];
                plimsoll::hit(bench, &url, &[&load[..], &how[..]].concat())
            }),
            Contender::new("h2load", || {
                h2load::h2load(bench, &url, &["-c", "8", "-m", "32"])
            }),
            Contender::new("oha", || {
                let how = ["--http2", "-c", "8", "-p", "32", "--insecure"];
                oha::oha(bench, &url, &how)
            }),
        ],
    )?;
    let goals = [Goal::Times(1.1), Goal::None];
    Ok(cpu_rows(
        "closed, 8 connections x 32 streams, HTTP/2, TLS: CPU a request",
        &turns,
        &goals,
    ))
}
