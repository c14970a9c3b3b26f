use super::*;
use crate::testing::{drive, errors, serve};
use hyper_util::rt::TokioIo;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `:status: 200` and nothing else (RFC 7541, appendix A).
fn ok(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &[0x88])
}

fn goes_away(last: u32, reason: Reason) -> Vec<u8> {
    let payload = [last.to_be_bytes(), u32::from(reason).to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// Answers each request of a connection, by the number of the connection and that of its stream, with frames;
/// `None`: the connection is closed.
fn serve_http2(
    answer: impl Fn(usize, u32) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> SocketAddr {
    serve(move |number, mut stream| {
        let mut talk = || -> std::io::Result<()> {
            stream.read_exact(&mut [0; 24])?;
            stream.write_all(&frame(SETTINGS, 0, 0, &[]))?;
            loop {
                let mut head = [0; 9];
                stream.read_exact(&mut head)?;
                let size = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                stream.read_exact(&mut vec![0; size as usize])?;
                let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                match (head[3], head[4]) {
                    (HEADERS, _) => match answer(number, id) {
                        Some(frames) => stream.write_all(&frames)?,
                        None => return close(&stream),
                    },
                    (SETTINGS, 0) => stream.write_all(&frame(SETTINGS, 1, 0, &[]))?,
                    _ => {}
                }
            }
        };
        let _ = talk();
    })
}

/// Says nothing more, and lets what was said arrive.
fn close(stream: &TcpStream) -> std::io::Result<()> {
    stream.shutdown(std::net::Shutdown::Write)?;
    crate::testing::keep_silent(stream);
    Ok(())
}

/// One user's journeys of a request each, one after the other, over one connection: how many went well, and the
/// errors of the others.
fn came(address: SocketAddr, iterations: u32) -> (u64, Vec<(&'static str, u64)>) {
    let finished = drive(&format!(
        "{{ name: h2, target: {{ url: 'http://{address}/', http: 2, connections: {{ pooled: {{ max: 1 }} }} }},
            load: {{ users: 1, iterations: {iterations} }}, abort_on: 'off',
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, timeout: 1s }} ] }} }} }}"
    ));
    (
        finished.tally.requests().outcomes.ledger.ok,
        errors(&finished),
    )
}

#[test]
fn a_stream_that_the_server_gives_up_is_a_reset_and_one_with_a_fault_is_a_matter_of_the_protocol() {
    for (reason, kind) in [
        (Reason::REFUSED_STREAM, "reset"),
        (Reason::INTERNAL_ERROR, "reset"),
        (Reason::CANCEL, "reset"),
        (Reason::PROTOCOL_ERROR, "protocol"),
        (Reason::FLOW_CONTROL_ERROR, "protocol"),
    ] {
        let reset = move |_, id| Some(frame(RST_STREAM, 0, id, &u32::from(reason).to_be_bytes()));
        assert_eq!(
            came(serve_http2(reset), 2),
            (0, vec![(kind, 2)]),
            "{reason:?}"
        );
    }
}

#[test]
fn a_body_that_the_server_gives_up_is_truncated() {
    let reset = |_, id| {
        let mut frames = frame(HEADERS, END_HEADERS, id, &[0x88]);
        frames.extend(frame(
            RST_STREAM,
            0,
            id,
            &u32::from(Reason::INTERNAL_ERROR).to_be_bytes(),
        ));
        Some(frames)
    };
    assert_eq!(
        came(serve_http2(reset), 1),
        (0, vec![("body_truncated", 1)])
    );
}

#[test]
fn a_body_that_is_shorter_than_announced_is_truncated_however_the_stream_ends() {
    let shortens = |_, id| {
        // `content-length: 100` (RFC 7541 §6.2.2, with the name from the static table).
        let head = [&[0x88, 0x0f, 0x0d, 3][..], b"100"].concat();
        let mut frames = frame(HEADERS, END_HEADERS, id, &head);
        frames.extend(frame(DATA, 0, id, b"ten bytes."));
        frames.extend(frame(
            RST_STREAM,
            0,
            id,
            &u32::from(Reason::NO_ERROR).to_be_bytes(),
        ));
        Some(frames)
    };
    assert_eq!(
        came(serve_http2(shortens), 1),
        (0, vec![("body_truncated", 1)])
    );
}

#[test]
fn what_a_server_that_goes_away_did_not_look_at_goes_over_another_connection() {
    let drains = |_, id| match id {
        1 => Some(ok(1)),
        _ => Some(goes_away(1, Reason::NO_ERROR)),
    };
    assert_eq!(came(serve_http2(drains), 4), (4, vec![]));
    let never = |_, _| Some(goes_away(0, Reason::NO_ERROR));
    assert_eq!(
        came(serve_http2(never), 2),
        (0, vec![("reset", 2)]),
        "but not for ever"
    );
}

#[test]
fn who_comes_while_a_connection_that_goes_away_waits_for_its_last_answer_goes_over_another() {
    let address = serve_http2(|number, id| match (number, id) {
        (0, 3) => Some(goes_away(3, Reason::NO_ERROR)),
        (0, 5..) => Some(Vec::new()),
        (_, id) => Some(ok(id)),
    });
    let finished = drive(&format!(
        "{{ name: h2, target: {{ url: 'http://{address}/', http: 2, connections: pooled }},
            load: {{ users: 2, iterations: 12 }}, abort_on: 'off',
            journeys: {{ j: {{ steps: [ {{ name: a, GET: /, timeout: 1s }} ] }} }} }}"
    ));
    assert_eq!(
        finished.tally.requests().outcomes.ledger.ok,
        11,
        "{:?}",
        errors(&finished)
    );
    assert_eq!(errors(&finished), [("timeout", 1)]);
}

#[test]
fn a_request_that_was_looked_at_when_the_server_went_away_is_not_sent_again() {
    let breaks = |number, id| match (number, id) {
        (0, 3) => None,
        (_, id) => Some(ok(id)),
    };
    assert_eq!(came(serve_http2(breaks), 3), (2, vec![("reset", 1)]));
}

#[test]
fn a_request_that_never_left_the_queue_of_hyper_was_not_processed() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let (io, _other) = tokio::io::duplex(1024);
        let builder = http2::Builder::new(OnThisThread);
        let (mut sender, driver) = builder.handshake(TokioIo::new(io)).await.unwrap();
        let mut sent = Box::pin(sender.send_request(http::Request::new(Full::new(Bytes::new()))));
        poll_fn(|context| {
            assert!(sent.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(driver);
        assert!(is_unprocessed(&sent.await.unwrap_err()));
    });
}

#[test]
fn headers_may_be_as_large_as_those_of_http1() {
    let large = |_, id| {
        // A literal without indexing: a name of one byte, and 40,000 bytes of value (RFC 7541 §5.1, §6.2.2).
        let mut block = vec![0x88, 0, 1, b'x', 0x7f];
        let mut rest = 40_000 - 0x7f;
        while rest >= 0x80 {
            block.push(0x80 | (rest % 0x80) as u8);
            rest /= 0x80;
        }
        block.push(rest as u8);
        block.extend([b'v'; 40_000]);
        let parts: Vec<_> = block.chunks(16_000).collect();
        let last = parts.len() - 1;
        let frames = parts.iter().enumerate().map(|(at, part)| match at {
            0 => frame(HEADERS, END_STREAM, id, part),
            _ if at == last => frame(CONTINUATION, END_HEADERS, id, part),
            _ => frame(CONTINUATION, 0, id, part),
        });
        Some(frames.collect::<Vec<_>>().concat())
    };
    assert_eq!(came(serve_http2(large), 1), (1, vec![]));
}

#[test]
fn a_connection_that_says_nothing_any_more_is_not_used_again() {
    let dies = |number, id| match (number, id) {
        (0, 3..) => Some(Vec::new()),
        (_, id) => Some(ok(id)),
    };
    assert_eq!(came(serve_http2(dies), 4), (3, vec![("timeout", 1)]));
}
