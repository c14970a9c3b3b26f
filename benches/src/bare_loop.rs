//! The floor: what a closed loop of HTTP/1.1 requests costs when nothing is done but asking the kernel.
//!
//! A prepared request is written to each of some connections, and again as soon as an answer of the length
//! that answers have is there. One thread, one epoll instance, one `read` and one `write` a request.
//!
//!     plimsoll-bare-loop HOST:PORT PATH CONNECTIONS SECONDS
#![forbid(unsafe_code)]
// Its line is its result.
#![allow(clippy::print_stdout)]

use anyhow::{Context, bail, ensure};
use rustix::event::{Timespec, epoll};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// No answer is longer.
const LONGEST: usize = 64 * 1024;

struct Connection {
    stream: TcpStream,
    received: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, path, connections, seconds] = arguments.as_slice() else {
        bail!("usage: plimsoll-bare-loop HOST:PORT PATH CONNECTIONS SECONDS");
    };
    let (connections, seconds) = (connections.parse()?, seconds.parse()?);
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
    let length = length_of_answer(address, &request)?;
    let done = run(
        address,
        &request,
        length,
        connections,
        Duration::from_secs_f64(seconds),
    )?;
    println!("{done} requests");
    Ok(())
}

/// Asks once, and reads how long the answer is.
fn length_of_answer(address: &str, request: &[u8]) -> anyhow::Result<usize> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        ensure!(read > 0, "the server closes without an answer");
        answer.extend_from_slice(&buffer[..read]);
        if let Some(length) = whole(&String::from_utf8_lossy(&answer))? {
            return Ok(length);
        }
    }
}

/// The length of head and body, once the head is there.
fn whole(answer: &str) -> anyhow::Result<Option<usize>> {
    let Some((head, _)) = answer.split_once("\r\n\r\n") else {
        return Ok(None);
    };
    let head = head.to_ascii_lowercase();
    ensure!(head.starts_with("http/1.1 200"), "not a 200: {head}");
    let body = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let body: usize = body.context("no content-length")?.trim().parse()?;
    Ok(Some(head.len() + 4 + body))
}

fn run(
    address: &str,
    request: &[u8],
    length: usize,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<u64> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut open = Vec::with_capacity(connections);
    for index in 0..connections {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(index as u64);
        epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
        open.push(Connection {
            stream,
            received: 0,
        });
    }
    let until = Instant::now() + duration;
    for connection in &mut open {
        send(&mut connection.stream, request)?;
    }
    let wait = Timespec::try_from(Duration::from_millis(100))?;
    let mut events = Vec::with_capacity(connections);
    let mut buffer = vec![0; LONGEST];
    let mut done = 0;
    while Instant::now() < until {
        events.clear();
        epoll::wait(
            &epoll,
            rustix::buffer::spare_capacity(&mut events),
            Some(&wait),
        )?;
        for event in &events {
            let connection = &mut open[event.data.u64() as usize];
            let read = connection.stream.read(&mut buffer)?;
            ensure!(read > 0, "the server closes a connection");
            connection.received += read;
            if connection.received >= length {
                connection.received = 0;
                done += 1;
                send(&mut connection.stream, request)?;
            }
        }
    }
    Ok(done)
}

/// A request fits into the socket's buffer, because nothing else is in it.
fn send(stream: &mut TcpStream, request: &[u8]) -> anyhow::Result<()> {
    let written = stream.write(request)?;
    ensure!(
        written == request.len(),
        "the socket takes no whole request"
    );
    Ok(())
}
