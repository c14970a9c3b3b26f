//! One request over one connection: the seam between what is asked and how HTTP is spoken.

use crate::attempt::{Failure, Progress, Stage};
use crate::body::{BodyError, Hold, Received, RequestBody, receive};
use crate::clock::Clock;
use crate::connect::Route;
use crate::connection::Connection;
use crate::pool::Lease;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use plimsoll_measure::ErrorKind;
use std::error::Error as _;
use std::io;

/// A request, rendered.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) method: Method,
    pub(crate) path: PathAndQuery,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Received,
}

/// What came of an exchange.
pub(crate) enum Exchanged {
    Answer(Answer),
    /// The connection was closed before the request was written: it may go over another one.
    NotSent,
}

/// Sends a request and reads its response.
///
/// # Errors
/// Anything but a complete response.
pub(crate) async fn exchange(
    lease: &mut Lease,
    route: &Route,
    message: Message,
    hold: Hold,
    clock: Clock,
    progress: &Progress,
) -> Result<Exchanged, Failure> {
    progress.enter(Stage::Answer);
    let reused = lease.is_reused();
    let Some(connection) = lease.connection() else {
        return Err(Failure::new(ErrorKind::Protocol, "the connection is gone"));
    };
    let http2 = connection.is_http2();
    let request = request(route, message, http2)?;
    let marks = connection.begin();
    let head = match connection {
        Connection::Http1(connection) => connection.send(request).await,
        Connection::Http2(connection) => connection.send(request).await,
    };
    if http2 && head.is_ok() {
        // Streams share the socket; the head of the response is as near as the first byte gets.
        marks.note_read(clock.now());
    }
    progress.note(|phases| {
        phases.first_byte_written = marks.written();
        phases.first_byte_read = marks.read();
    });
    let head = match head {
        Ok(head) => head,
        Err(error) => {
            return if reused && marks.written().is_none() {
                Ok(Exchanged::NotSent)
            } else {
                Err(classify(&error, false))
            };
        }
    };
    let (head, body) = head.into_parts();
    let body = receive(body, hold);
    let body = match connection {
        Connection::Http1(connection) => connection.drive(body).await,
        Connection::Http2(_) => body.await,
    };
    let body = body.map_err(|error| match error {
        BodyError::Broken(error) => classify(&error, true),
        BodyError::TooLarge(limit) => Failure::new(
            ErrorKind::BodyTooLarge,
            format!("the body is larger than the {limit} bytes that are held where something looks at it"),
        ),
    })?;
    Ok(Exchanged::Answer(Answer {
        status: head.status,
        version: head.version,
        headers: head.headers,
        body,
    }))
}

fn request(
    route: &Route,
    message: Message,
    http2: bool,
) -> Result<http::Request<RequestBody>, Failure> {
    let invalid = |text: String| Failure::new(ErrorKind::Template, text);
    let mut headers = message.headers;
    let uri = if http2 {
        let authority = match headers.remove(header::HOST) {
            Some(host) => host.to_str().unwrap_or_default().to_owned(),
            None => route.origin.authority(),
        };
        Uri::builder()
            .scheme(route.origin.scheme())
            .authority(authority)
            .path_and_query(message.path)
            .build()
            .map_err(|problem| invalid(problem.to_string()))?
    } else {
        if !headers.contains_key(header::HOST) {
            let host = HeaderValue::try_from(route.origin.authority())
                .map_err(|problem| invalid(problem.to_string()))?;
            headers.insert(header::HOST, host);
        }
        Uri::from(message.path)
    };
    let mut request = http::Request::new(RequestBody::new(message.body));
    *request.method_mut() = message.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// What kind of failure an error of hyper's is. `in_body`: the head of the response had come.
fn classify(error: &hyper::Error, in_body: bool) -> Failure {
    let mut text = error.to_string();
    let mut source = error.source();
    let mut io_error = None;
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        io_error = io_error.or_else(|| cause.downcast_ref::<io::Error>().map(io::Error::kind));
        source = cause.source();
    }
    let lost = error.is_incomplete_message()
        || error.is_canceled()
        || error.is_closed()
        || matches!(
            io_error,
            Some(
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::NotConnected
            )
        );
    let kind = match (lost, in_body) {
        (true, true) => ErrorKind::BodyTruncated,
        (true, false) => ErrorKind::Reset,
        (false, _) => ErrorKind::Protocol,
    };
    Failure::new(kind, text)
}
