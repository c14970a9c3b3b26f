//! The floor: what HTTP/1.1 requests cost when nothing is done but asking the kernel.
//!
//! A prepared request is written to each of some connections, and again as soon as an answer of the length
//! that answers have is there. One thread, one epoll instance, one `read` and one `write` a request.
//! With a rate, requests are sent at even intervals instead, each over a connection that is free; a timerfd
//! in the same epoll instance is set for the next of these times.
//!
//!     plimsoll-bare-loop HOST:PORT PATH CONNECTIONS SECONDS [REQUESTS_PER_SECOND]
#![forbid(unsafe_code)]
// Its line is its result.
#![allow(clippy::print_stdout)]

use anyhow::{Context, bail, ensure};
use rustix::event::epoll;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// No answer is longer.
const LONGEST: usize = 64 * 1024;

/// What its events are told by, and no connection's.
const ALARM: u64 = u64::MAX;

struct Connection {
    stream: TcpStream,
    received: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, path, connections, seconds, rate @ ..] = arguments.as_slice() else {
        bail!("usage: plimsoll-bare-loop HOST:PORT PATH CONNECTIONS SECONDS [REQUESTS_PER_SECOND]");
    };
    let (connections, seconds) = (connections.parse()?, seconds.parse()?);
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
    let length = length_of_answer(address, &request)?;
    let mut field = Field::open(address, request, length, connections)?;
    let duration = Duration::from_secs_f64(seconds);
    match rate.first() {
        None => field.drive_closed(duration)?,
        Some(rate) => {
            let interval = Duration::from_secs_f64(1.0 / rate.parse::<f64>()?);
            field.drive_evenly(duration, interval)?;
        }
    }
    println!("{} requests", field.done);
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

/// The clock that a timerfd goes by.
fn now() -> anyhow::Result<Duration> {
    Ok(Duration::try_from(clock_gettime(ClockId::Monotonic))?)
}

/// The connections and what goes over them.
struct Field {
    epoll: OwnedFd,
    connections: Vec<Connection>,
    request: Vec<u8>,
    length: usize,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    done: u64,
}

impl Field {
    fn open(address: &str, request: Vec<u8>, length: usize, count: usize) -> anyhow::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::with_capacity(count);
        for index in 0..count {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(index as u64);
            epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
            connections.push(Connection {
                stream,
                received: 0,
            });
        }
        Ok(Self {
            epoll,
            connections,
            request,
            length,
            events: Vec::with_capacity(count),
            buffer: vec![0; LONGEST],
            done: 0,
        })
    }

    /// Sends over each connection again as soon as it has been answered.
    fn drive_closed(&mut self, duration: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + duration;
        for connection in 0..self.connections.len() {
            self.send(connection)?;
        }
        while Instant::now() < until {
            self.receive(Duration::from_millis(100), None)?;
        }
        Ok(())
    }

    /// Sends at even intervals, over whichever connection is free; later where none is.
    fn drive_evenly(&mut self, duration: Duration, interval: Duration) -> anyhow::Result<()> {
        let alarm = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
        // Edge-triggered: it is not read, and rings once for each time that it is set.
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&self.epoll, &alarm, epoll::EventData::new_u64(ALARM), flags)?;
        let started = now()?;
        let until = started + duration;
        let mut due = started;
        let mut free: Vec<usize> = (0..self.connections.len()).collect();
        loop {
            let mut is_set = true;
            while due < until && due <= now()? {
                let Some(connection) = free.pop() else {
                    break;
                };
                self.send(connection)?;
                due += interval;
                is_set = false;
            }
            if due >= until && free.len() == self.connections.len() {
                return Ok(());
            }
            if !is_set || due == started {
                let at = Itimerspec {
                    it_interval: Timespec::default(),
                    it_value: Timespec::try_from(due)?,
                };
                timerfd_settime(&alarm, TimerfdTimerFlags::ABSTIME, &at)?;
            }
            self.receive(Duration::from_millis(100), Some(&mut free))?;
        }
    }

    /// Waits for answers, and says which connections are free again; without a list, sends over them at once.
    fn receive(&mut self, wait: Duration, mut free: Option<&mut Vec<usize>>) -> anyhow::Result<()> {
        self.events.clear();
        epoll::wait(
            &self.epoll,
            rustix::buffer::spare_capacity(&mut self.events),
            Some(&Timespec::try_from(wait)?),
        )?;
        for event in 0..self.events.len() {
            let data = self.events[event].data.u64();
            if data == ALARM {
                continue;
            }
            let index = data as usize;
            let connection = &mut self.connections[index];
            let read = connection.stream.read(&mut self.buffer)?;
            ensure!(read > 0, "the server closes a connection");
            connection.received += read;
            if connection.received >= self.length {
                connection.received = 0;
                self.done += 1;
                match &mut free {
                    Some(free) => free.push(index),
                    None => self.send(index)?,
                }
            }
        }
        Ok(())
    }

    /// A request fits into the socket's buffer, because nothing else is in it.
    fn send(&mut self, connection: usize) -> anyhow::Result<()> {
        let written = self.connections[connection].stream.write(&self.request)?;
        ensure!(
            written == self.request.len(),
            "the socket takes no whole request"
        );
        Ok(())
    }
}
