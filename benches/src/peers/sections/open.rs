//! A set rate of 10,000 requests a second, whatever the server does.

use super::cpu_rows;
use crate::bench::Bench;
use crate::figure::{Figure, Unit};
use crate::generators::{bare_loop, h2load, oha, plimsoll};
use crate::measured::Measured;
use crate::row::{Goal, Row};
use crate::turns::{Contender, Turns, in_turn};

/// Requests a second.
const RATE: u64 = 10_000;

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let url = bench.server.http();
    let (rate, duration) = (format!("{RATE}/s"), format!("{}s", bench.seconds));
    // Its rate is for each of its clients.
    let per_client = (RATE as f64 / 64.0).to_string();
    let ours = |timer| {
        let load = ["--rate", &rate, "--duration", &duration, "--timer", timer];
        let how = ["--arrivals", "even", "--connections", "64"];
        plimsoll::hit(bench, &url, &[&load[..], &how].concat())
    };
    let turns = in_turn(
        bench,
        &[
            Contender::new("plimsoll", || ours("timerfd")),
            Contender::new("h2load --h1 --rps", || {
                h2load::h2load(bench, &url, &["--h1", "-c", "64", "--rps", &per_client])
            }),
            Contender::new("oha -q", || {
                oha::oha(bench, &url, &["-c", "64", "-q", &RATE.to_string()])
            }),
            Contender::new("bare epoll loop", || {
                bare_loop::bare_loop(bench, Some(RATE))
            }),
            // Ten at a time, once a millisecond: what evenness costs.
            Contender::new("plimsoll --timer tokio", || ours("tokio")),
        ],
    )?;
    let what = "open, 10,000/s even, 64 connections";
    let goals = [Goal::Times(1.0), Goal::None, Goal::None, Goal::None];
    let mut rows = cpu_rows(&format!("{what}: CPU a request"), &turns, &goals);
    let planned = RATE * bench.seconds;
    for (row, other) in rows.iter_mut().zip(&turns[1..]) {
        row.notes.extend(sent(other, planned));
    }
    let (ours, theirs) = (&turns[0], &turns[2]);
    let not_sent = |run: &Measured| planned.abs_diff(run.completed) as f64;
    rows.push(Row::limit(
        format!("{what}: intended but not answered, of {planned}"),
        // The worst of all runs, not their median.
        ours.runs
            .iter()
            .map(not_sent)
            .reduce(f64::max)
            .map(|n| Figure::once(n, Unit::Count)),
        Figure::once(0.0, Unit::Count),
    ));
    rows.push(Row::limit(
        format!("{what}: dispatch lag, median"),
        ours.figure(Unit::Microseconds, |run| run.lag_us.unwrap_or(f64::NAN)),
        Figure::once(60.0, Unit::Microseconds),
    ));
    let median = |run: &Measured| run.median_us.unwrap_or(f64::NAN);
    rows.push(Row {
        what: format!("{what}: reported median response"),
        ours: ours.figure(Unit::Microseconds, median),
        other: Some((
            theirs.name.clone(),
            theirs.figure(Unit::Microseconds, median),
        )),
        in_turn: ours.times(theirs, median),
        goal: Goal::Times(1.1),
        notes: vec!["ours counts from the intended time, oha's from sending".to_owned()],
    });
    Ok(rows)
}

/// How much of the load a peer sent, where that was not all.
fn sent(peer: &Turns, planned: u64) -> Option<String> {
    let sent = peer.figure(Unit::Count, |run| run.completed as f64)?.value;
    let name = &peer.name;
    (sent < planned as f64).then(|| format!("{name} sent {sent:.0} of {planned}"))
}
