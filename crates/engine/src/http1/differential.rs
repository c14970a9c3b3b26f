//! Our HTTP/1.1 beside hyper's, on the same bytes: what comes of a response has to be the same.

use super::response::Response;
use super::{Broken, Http1, Means, Outgoing, Quiet};
use crate::answer::Hold;
use crate::attempt::{Failure, Progress};
use crate::buffer::Buffers;
use crate::clock::Clock;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use plimsoll_measure::ErrorKind;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error as _;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A server that says what it has to say in given pieces, once it was asked.
struct Script {
    pieces: VecDeque<Vec<u8>>,
    end: End,
    asked: bool,
}

/// What comes after all has been said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Close,
    Reset,
    Silence,
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.asked {
            return Poll::Pending;
        }
        let Some(mut piece) = self.pieces.pop_front() else {
            return match self.end {
                End::Close => Poll::Ready(Ok(())),
                End::Reset => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                End::Silence => Poll::Pending,
            };
        };
        let rest = piece.split_off(piece.len().min(buffer.remaining()));
        buffer.put_slice(&piece);
        if !rest.is_empty() {
            self.pieces.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl Quiet for Script {
    fn is_quiet(&mut self) -> bool {
        self.pieces.is_empty() && self.end == End::Silence
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.asked |= bytes.ends_with(b"\r\n\r\n");
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What came of a request.
#[derive(Debug, PartialEq)]
enum Came {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
        /// Whether another request may follow.
        is_reusable: bool,
    },
    Failure(ErrorKind),
    /// Still waiting when all had been said.
    Nothing,
}

/// Names in lower case, those of one name in their order.
fn sorted<'a>(headers: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (text(name).to_ascii_lowercase(), text(value)))
        .collect();
    headers.sort_by(|a, b| a.0.cmp(&b.0));
    headers
}

fn ours(method: &Method, script: Script) -> Came {
    let mut connection = Http1::new(script, Rc::new(Means::default()).enter());
    let head = format!("{method} / HTTP/1.1\r\nhost: a\r\n\r\n");
    let request = Outgoing {
        head: head.as_bytes(),
        body: b"",
        method,
        closes: false,
    };
    let (clock, progress) = (Clock::starting_in(0), Progress::default());
    let exchanged = {
        let exchange = connection.exchange(request, Hold::Whole(1 << 20), clock, &progress);
        let mut exchange = pin!(exchange);
        let mut context = Context::from_waker(std::task::Waker::noop());
        exchange.as_mut().poll(&mut context)
    };
    match exchanged {
        Poll::Pending => Came::Nothing,
        Poll::Ready(Err(Broken::NotSent(failure))) => panic!("{failure:?}"),
        Poll::Ready(Err(Broken::Failed(failure))) => Came::Failure(failure.kind),
        Poll::Ready(Ok(answer)) => {
            let phases = progress.phases();
            assert!(phases.first_byte_written <= phases.first_byte_read);
            assert!(phases.first_byte_read.unwrap() <= answer.end);
            Came::Answer {
                status: answer.status.as_u16(),
                headers: sorted(answer.headers()),
                body: answer.body().escape_ascii().to_string(),
                is_reusable: connection.is_reusable(),
            }
        }
    }
}

/// The same by hyper, driven as long as it makes progress.
fn theirs(method: &Method, script: Script) -> Came {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(script))
            .await
            .unwrap();
        let mut connection = pin!(connection);
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.method_mut() = method.clone();
        request.headers_mut().insert("host", "a".parse().unwrap());
        let exchange = async {
            let response = sender
                .send_request(request)
                .await
                .map_err(|error| (error, false))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| (error, true))?;
            Ok((head, body.to_bytes()))
        };
        let mut exchange = Box::pin(exchange);
        // Turn after turn until neither gets any further.
        let mut is_over = false;
        let came = poll_fn(|context| {
            for _ in 0..200 {
                if let Poll::Ready(came) = exchange.as_mut().poll(context) {
                    return Poll::Ready(Some(came));
                }
                if !is_over {
                    is_over = connection.as_mut().poll(context).is_ready();
                }
            }
            Poll::Ready(None)
        })
        .await;
        drop(exchange);
        match came {
            None => Came::Nothing,
            Some(Err((error, in_body))) => Came::Failure(kind_of(&error, in_body)),
            Some(Ok((head, body))) => {
                poll_fn(|context| {
                    for _ in 0..10 {
                        if !is_over {
                            is_over = connection.as_mut().poll(context).is_ready();
                        }
                    }
                    Poll::Ready(())
                })
                .await;
                let headers = head.headers.iter();
                let headers =
                    headers.map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()));
                Came::Answer {
                    status: head.status.as_u16(),
                    headers: sorted(headers),
                    body: body.escape_ascii().to_string(),
                    is_reusable: !is_over && sender.is_ready(),
                }
            }
        }
    })
}

fn kind_of(error: &hyper::Error, in_body: bool) -> ErrorKind {
    let mut source = error.source();
    let mut is_lost = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    while let Some(cause) = source {
        let broken = cause.downcast_ref::<io::Error>();
        is_lost |= broken.is_some_and(|error| Failure::is_loss(error.kind()));
        source = cause.source();
    }
    match (is_lost, in_body) {
        (true, true) => ErrorKind::BodyTruncated,
        (true, false) => ErrorKind::Reset,
        (false, _) => ErrorKind::Protocol,
    }
}

fn script(pieces: impl IntoIterator<Item = Vec<u8>>, end: End) -> Script {
    Script {
        pieces: pieces
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .collect(),
        end,
        asked: false,
    }
}

fn compare(method: &Method, pieces: &[&[u8]], end: End) {
    let pieces = || pieces.iter().map(|piece| piece.to_vec());
    let ours = ours(method, script(pieces(), end));
    let theirs = theirs(method, script(pieces(), end));
    let said: Vec<_> = pieces()
        .map(|piece| String::from_utf8_lossy(&piece[..piece.len().min(300)]).into_owned())
        .collect();
    assert_eq!(ours, theirs, "{method}, {said:?}, then {end:?}");
}

/// Responses of every sort, sound and not.
fn corpus() -> Vec<Vec<u8>> {
    let texts = [
        // Lengths.
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer:  x  \r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\ncontent-length: 5,5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
        // Chunks.
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b;c=\"d\"\r\nh\r\n4 \r\nello\r\n000\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n2\r\nhi\r\n0\r\nx: y\r\nz: \r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nno trailer\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhelloo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nuntil the end",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        // No length.
        "HTTP/1.1 200 OK\r\n\r\nuntil the end",
        "HTTP/1.0 200 OK\r\n\r\n",
        // No body.
        "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n",
        // Interim responses.
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nnot http",
        "HTTP/1.1 100 Continue\r\n\r\n",
        // Who keeps the connection.
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nconnection: close\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        // More than was asked for.
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\ngarbage",
        "HTTP/1.1 304 Not Modified\r\n\r\nbody that may not be",
        // Heads that are none.
        "garbage\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 999 High\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
        "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: y\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nfolded: a\r\n  b\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nspace : a\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: empty\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nnul: \0\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nlatin: \u{e9}\u{ff}\r\ntab:\ta\tb\t\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n",
        "",
    ];
    let mut corpus: Vec<_> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let headers = |count: usize, length: usize| {
        let value = "v".repeat(length);
        let lines: String = (0..count).map(|n| format!("x-{n}: {value}\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{lines}content-length: 2\r\n\r\nok").into_bytes()
    };
    // Many headers, and huge ones.
    corpus.extend([headers(99, 1), headers(100, 1), headers(20, 4_000)]);
    let trailers = |count: usize| {
        let lines: String = (0..count).map(|n| format!("x-{n}: y\r\n")).collect();
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        format!("{head}1\r\na\r\n0\r\n{lines}\r\n").into_bytes()
    };
    corpus.extend([trailers(100), trailers(101)]);
    let extension = "e".repeat(20_000);
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    corpus.push(format!("{head}1;{extension}\r\na\r\n0\r\n\r\n").into_bytes());
    corpus
}

const METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];
const ENDS: [End; 3] = [End::Close, End::Reset, End::Silence];

#[test]
fn the_same_comes_of_a_response_in_one_piece() {
    for response in corpus() {
        for method in &METHODS {
            for end in ENDS {
                compare(method, &[&response], end);
            }
        }
    }
}

#[test]
fn the_same_comes_of_a_response_split_anywhere() {
    for response in corpus().iter().filter(|response| response.len() < 1_000) {
        for at in 1..response.len() {
            let (first, second) = response.split_at(at);
            compare(&Method::GET, &[first, second], End::Silence);
            compare(&Method::GET, &[first, second], End::Close);
        }
        let bytes: Vec<_> = response.chunks(1).collect();
        compare(&Method::GET, &bytes, End::Close);
    }
}

#[test]
fn the_same_comes_of_a_response_cut_short_anywhere() {
    for response in corpus().iter().filter(|response| response.len() < 1_000) {
        for at in 0..response.len() {
            for end in ENDS {
                compare(&Method::GET, &[&response[..at]], end);
            }
        }
    }
}

#[test]
fn only_the_beginning_of_a_body_is_held_where_nothing_looks_at_it() {
    let chunked: Vec<u8> = [
        &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"[..],
        &b"4e20\r\n"[..],
        &[b'x'; 20_000],
        b"\r\n3\r\nend\r\n0\r\n\r\n",
    ]
    .concat();
    let plain = [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 20003\r\n\r\n"[..],
        &[b'x'; 20_003],
    ]
    .concat();
    for response in [chunked, plain] {
        for piece in [1, 7, 4_096, 100_000] {
            let buffer = Rc::new(Buffers::default()).take();
            let mut reading = Response::new(&Method::GET, Hold::Excerpt(10), buffer);
            let mut is_complete = false;
            for mut bytes in response.chunks(piece) {
                while !bytes.is_empty() {
                    assert!(!is_complete);
                    let room = reading.room();
                    let taken = room.len().min(bytes.len());
                    room[..taken].copy_from_slice(&bytes[..taken]);
                    is_complete = reading.advance(taken, &RefCell::default()).unwrap();
                    bytes = &bytes[taken..];
                }
            }
            assert!(reading.keeps_alive());
            let answer = reading.finish(0).unwrap();
            assert_eq!(answer.body(), b"xxxxxxxxxx");
            assert_eq!(answer.body_bytes, 20_003);
        }
    }
}

#[test]
fn a_head_has_a_limit() {
    let buffer = Rc::new(Buffers::default()).take();
    let mut reading = Response::new(&Method::GET, Hold::Excerpt(10), buffer);
    let mut said = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    let failure = loop {
        let room = reading.room();
        let taken = room.len().min(said.len());
        room[..taken].copy_from_slice(&said[..taken]);
        if let Err(failure) = reading.advance(taken, &RefCell::default()) {
            break failure;
        }
        said = vec![b'v'; 4_096];
    };
    assert_eq!(failure.kind, ErrorKind::Protocol);
    assert!(failure.text.contains("400 KiB"), "{}", failure.text);
}

#[test]
fn a_body_that_is_looked_at_has_a_limit() {
    let response = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    let buffer = Rc::new(Buffers::default()).take();
    let mut reading = Response::new(&Method::GET, Hold::Whole(99), buffer);
    reading.room()[..response.len()].copy_from_slice(response);
    let failure = reading
        .advance(response.len(), &RefCell::default())
        .unwrap_err();
    assert_eq!(failure.kind, ErrorKind::BodyTooLarge);
}
