//! The head of a response: status line and headers, and how long the body is (RFC 9112 §4 to §6).

use http::{Method, StatusCode, Version};
use httparse::{Header, ParserConfig, Status};
use std::mem::MaybeUninit;

/// The most headers of a response.
const MOST_HEADERS: usize = 100;
/// The longest name that a header can have.
const LONGEST_NAME: usize = (1 << 16) - 1;
/// Lengths from here on are not lengths: nothing could ever send so much.
const IMPOSSIBLE: u64 = u64::MAX - 2;

/// How the end of a body is found (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// It has this many bytes.
    Length(u64),
    /// It comes in chunks, of which the last is empty.
    Chunked,
    /// It ends with the connection.
    UntilClose,
}

/// What a head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Its length in bytes, the empty line included.
    pub(super) length: usize,
    pub(super) status: StatusCode,
    pub(super) version: Version,
    pub(super) framing: Framing,
    /// Whether another request may follow on the connection.
    pub(super) keeps_alive: bool,
    pub(super) sets_cookies: bool,
}

impl Head {
    /// Whether it is an interim response (RFC 9110 §15.2), after which the real one comes. A switch of
    /// protocols is none: nothing of this protocol follows it.
    pub(super) fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }
}

/// Parses a head; `None`: it is not complete.
///
/// # Errors
/// Why it is no head of a response to a request with this method.
pub(super) fn parse(bytes: &[u8], method: &Method) -> Result<Option<Head>, String> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        bytes,
        &mut headers,
    );
    let length = match parsed {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(problem) => return Err(explain(problem).to_owned()),
    };
    let code = response.code.unwrap_or_default();
    let status =
        StatusCode::from_u16(code).map_err(|_| format!("{code} is no status of a response"))?;
    let version = match response.version {
        Some(1) => Version::HTTP_11,
        _ => Version::HTTP_10,
    };
    let fields = Fields::read(response.headers, version)?;
    let switches = status == StatusCode::SWITCHING_PROTOCOLS
        || (*method == Method::CONNECT && status.is_success());
    let is_empty = switches
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || *method == Method::HEAD;
    let framing = if is_empty {
        Framing::Length(0)
    } else {
        fields.framing(version)?
    };
    Ok(Some(Head {
        length,
        status,
        version,
        framing,
        keeps_alive: fields.keeps_alive && !switches && framing != Framing::UntilClose,
        sets_cookies: fields.sets_cookies,
    }))
}

/// What matters of the headers, whatever their order.
struct Fields {
    length: Option<Result<u64, ()>>,
    /// Whether the last transfer coding is `chunked`; `None`: there is none.
    chunked: Option<bool>,
    keeps_alive: bool,
    closes: bool,
    sets_cookies: bool,
}

impl Fields {
    fn read(headers: &[Header<'_>], version: Version) -> Result<Self, String> {
        let mut fields = Self {
            length: None,
            chunked: None,
            keeps_alive: version == Version::HTTP_11,
            closes: false,
            sets_cookies: false,
        };
        for header in headers {
            fields.note(header.name, header.value)?;
        }
        Ok(fields)
    }

    fn note(&mut self, name: &str, value: &[u8]) -> Result<(), String> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        // Comparing lengths first leaves most headers after one look.
        match name.len() {
            10 if is("connection") => self.note_connection(value),
            10 if is("set-cookie") => self.sets_cookies = true,
            14 if is("content-length") => self.note_length(value),
            17 if is("transfer-encoding") => {
                let last = value.rsplit(|byte| *byte == b',').next().unwrap_or(value);
                self.chunked = Some(last.trim_ascii().eq_ignore_ascii_case(b"chunked"));
            }
            length if length > LONGEST_NAME => {
                return Err("the name of a header is longer than 64 KiB".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn note_connection(&mut self, value: &[u8]) {
        let has = |option: &[u8]| {
            value
                .split(|byte| *byte == b',')
                .any(|part| part.trim_ascii().eq_ignore_ascii_case(option))
        };
        // Once closing is asked for, nothing takes that back.
        self.closes |= has(b"close");
        self.keeps_alive = !self.closes && (self.keeps_alive || has(b"keep-alive"));
    }

    /// Several lengths are one if they are the same (RFC 9110 §8.6).
    fn note_length(&mut self, value: &[u8]) {
        for part in value.split(|byte| *byte == b',') {
            let length = digits(part.trim_ascii()).ok_or(());
            self.length = match self.length {
                Some(known) if known != length => Some(Err(())),
                _ => Some(length),
            };
        }
    }

    fn framing(&self, version: Version) -> Result<Framing, String> {
        match (self.chunked, self.length) {
            (Some(_), _) if version == Version::HTTP_10 => {
                Err("HTTP/1.0 has no `transfer-encoding`".to_owned())
            }
            (Some(true), _) => Ok(Framing::Chunked),
            (Some(false), _) | (None, None) => Ok(Framing::UntilClose),
            (None, Some(Ok(length))) if length < IMPOSSIBLE => Ok(Framing::Length(length)),
            (None, Some(Ok(_))) => Err("the `content-length` is impossibly large".to_owned()),
            (None, Some(Err(()))) => {
                Err("the `content-length` is not one number of bytes".to_owned())
            }
        }
    }
}

/// A number of decimal digits alone, without a sign.
fn digits(text: &[u8]) -> Option<u64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        number.checked_mul(10)?.checked_add(digit(byte)?)
    })
}

fn explain(problem: httparse::Error) -> &'static str {
    match problem {
        httparse::Error::HeaderName => "the response has an invalid header name",
        httparse::Error::HeaderValue => "the response has an invalid header value",
        httparse::Error::NewLine => "the head of the response has a line end in the wrong place",
        httparse::Error::Status => "the status of the response is not three digits",
        httparse::Error::Token => "the head of the response has an invalid character",
        httparse::Error::TooManyHeaders => "the response has more than 100 headers",
        httparse::Error::Version => "what came is not an HTTP/1 response",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(head: &str) -> Result<Framing, String> {
        parse(head.as_bytes(), &Method::GET).map(|head| head.unwrap().framing)
    }

    #[test]
    fn how_long_a_body_is() {
        let with = |headers: &str| framing(&format!("HTTP/1.1 200 OK\r\n{headers}\r\n"));
        assert_eq!(with("Content-Length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(with("content-length: 5, 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(with(""), Ok(Framing::UntilClose));
        assert_eq!(
            with("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 3\r\n"),
            Ok(Framing::Chunked)
        );
        assert_eq!(with("transfer-encoding: gzip\r\n"), Ok(Framing::UntilClose));
        for wrong in ["", "-1", "+1", "5, 6", "0x5", "99999999999999999999"] {
            assert!(with(&format!("content-length: {wrong}\r\n")).is_err());
        }
        assert!(framing("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert_eq!(
            framing("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"),
            Ok(Framing::Length(0))
        );
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        let head = parse(head, &Method::HEAD).unwrap().unwrap();
        assert_eq!(head.framing, Framing::Length(0));
    }

    #[test]
    fn who_keeps_a_connection() {
        let kept = |version: &str, connection: &str| {
            let head = format!(
                "HTTP/{version} 200 OK\r\ncontent-length: 0\r\nconnection: {connection}\r\n\r\n"
            );
            let head = parse(head.as_bytes(), &Method::GET).unwrap().unwrap();
            head.keeps_alive
        };
        assert!(kept("1.1", "x"));
        assert!(kept("1.0", "Keep-Alive"));
        assert!(!kept("1.0", "x"));
        assert!(!kept("1.1", "x, Close"));
        assert!(!kept("1.1", "close\r\nconnection: keep-alive"));
    }
}
