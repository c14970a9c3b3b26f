//! How soon it is there, and how large.

use crate::bench::Bench;
use crate::figure::{Figure, Unit};
use crate::row::Row;
use anyhow::Context;
use plimsoll_benches::interrupt;
use plimsoll_benches::program::Running;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How often each is tried: a start is short and varies.
const TRIES: usize = 20;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The rows.
pub(crate) fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let helps = (0..TRIES)
        .map(|_| help(bench))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let firsts = (0..TRIES)
        .map(|_| first(bench))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let size = std::fs::metadata(&bench.plimsoll)?.len() as f64 / 1e6;
    let milliseconds = |seen: Vec<Duration>| {
        Figure::median(
            seen.iter().map(|t| t.as_secs_f64() * 1e3),
            Unit::Milliseconds,
        )
    };
    let limit = |value| Figure::once(value, Unit::Milliseconds);
    let tries = format!("median of {TRIES}");
    Ok(vec![
        Row::limit(
            "`plimsoll --help`, from start to end",
            milliseconds(helps),
            limit(5.0),
        )
        .note(tries.clone()),
        Row::limit(
            "`plimsoll hit`, from start to its first byte",
            milliseconds(firsts),
            limit(15.0),
        )
        .note(tries),
        Row::limit(
            "size of the program",
            Some(Figure::once(size, Unit::Megabytes)),
            Figure::once(20.0, Unit::Megabytes),
        ),
    ])
}

/// From start to end. The program is waited for without looking now and then, which would show.
fn help(bench: &Bench) -> anyhow::Result<Duration> {
    interrupt::check()?;
    let mut command = Command::new(&bench.plimsoll);
    command.arg("--help");
    let started = Instant::now();
    let output = command.output()?;
    let elapsed = started.elapsed();
    anyhow::ensure!(output.status.success(), "`plimsoll --help` fails");
    Ok(elapsed)
}

/// From start to the first byte at a socket of our own.
fn first(bench: &Bench) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let (sender, arrivals) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answered = listener
            .incoming()
            .filter_map(|stream| answer(stream.ok()?).ok());
        // Nobody is left to tell when it was given up.
        let _ = answered.next().map(|at| sender.send(at));
    });
    let out = tempfile::tempdir_in(bench.scratch.path())?;
    let mut command = Command::new(&bench.plimsoll);
    command.args([
        "hit",
        &url,
        "--users",
        "1",
        "--iterations",
        "1",
        "--quiet",
        "--out",
    ]);
    command.arg(out.path().join("result"));
    let running = Running::start(command)?;
    let started = running.started();
    let at = arrivals.recv_timeout(PATIENCE).context("no request came")?;
    running.wait(PATIENCE)?.success()?;
    Ok(at.duration_since(started))
}

/// Answers a request, and says when its first byte was there.
fn answer(mut stream: TcpStream) -> std::io::Result<Instant> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = [0; 4096];
    if stream.read(&mut request)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let at = Instant::now();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
    Ok(at)
}
