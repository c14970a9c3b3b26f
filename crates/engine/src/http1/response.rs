//! A response as its bytes come in. Knows nothing of sockets: bytes go in, and in the end an answer
//! comes out.

use super::chunked::Chunks;
use super::head::{self, Framing, Head};
use super::known::KnownHeads;
use crate::answer::{Answer, Content, Hold};
use crate::attempt::Failure;
use crate::buffer::Buffer;
use http::Method;
use plimsoll_measure::ErrorKind;
use std::cell::RefCell;

/// The largest head.
const MAX_HEAD: usize = 400 * 1024;
/// The least that is read at a time.
const MIN_READ: usize = 4 * 1024;

/// A response that is being read.
pub(super) struct Response<'a> {
    method: &'a Method,
    hold: Hold,
    buffer: Buffer,
    head: Option<Head>,
    /// Where what is held of the body ends, and what was not looked at begins.
    end: usize,
    size: u64,
    /// Bytes still to come, where the length is known.
    left: u64,
    chunks: Chunks,
    is_complete: bool,
    /// Whether bytes came that nobody had asked for.
    has_more: bool,
    /// Whether an interim response went before what is being read.
    has_passed_over: bool,
}

impl<'a> Response<'a> {
    /// Of a request with this method; `buffer` is empty.
    pub(super) fn new(method: &'a Method, hold: Hold, buffer: Buffer) -> Self {
        Self {
            method,
            hold,
            buffer,
            head: None,
            end: 0,
            size: 0,
            left: 0,
            chunks: Chunks::default(),
            is_complete: false,
            has_more: false,
            has_passed_over: false,
        }
    }

    /// Where the next bytes go.
    pub(super) fn room(&mut self) -> &mut [u8] {
        let known = usize::try_from(self.left).unwrap_or(usize::MAX);
        let held = self.end - self.head.map_or(self.end, |head| head.length);
        let wanted = known.min(self.hold.limit() - held);
        self.buffer.room(wanted.max(MIN_READ))
    }

    /// Takes `bytes` that were written to the room. Says whether the response is complete.
    ///
    /// # Errors
    /// What came is no response, or more than may be.
    pub(super) fn advance(
        &mut self,
        bytes: usize,
        known: &RefCell<KnownHeads>,
    ) -> Result<bool, Failure> {
        let from = self.buffer.len();
        self.buffer.extend(bytes);
        let Some(head) = self.head else {
            return self.read_head(from, known);
        };
        self.read_body(head.framing)
    }

    /// Whether an interim response was passed over since this was last asked.
    pub(super) fn has_passed_over(&mut self) -> bool {
        std::mem::take(&mut self.has_passed_over)
    }

    /// Whether bytes of the response, or of an interim one, are there.
    pub(super) fn is_begun(&self) -> bool {
        self.head.is_some() || self.buffer.len() > 0
    }

    fn read_head(&mut self, from: usize, known: &RefCell<KnownHeads>) -> Result<bool, Failure> {
        let recognised = known.borrow().recognise(self.buffer.filled(), self.method);
        if let Some(head) = recognised {
            return self.begin_body(head);
        }
        // Only a line that has ended can have ended the head.
        if from == 0 || self.buffer.filled()[from..].contains(&b'\n') {
            loop {
                let parsed = head::parse(self.buffer.filled(), self.method)
                    .map_err(|problem| Failure::new(ErrorKind::Protocol, problem))?;
                let Some(head) = parsed else { break };
                if !head.is_interim() {
                    let bytes = self.buffer.filled();
                    known.borrow_mut().remember(bytes, self.method, head);
                    return self.begin_body(head);
                }
                self.buffer.forget(head.length);
                self.has_passed_over = true;
                if self.buffer.len() == 0 {
                    return Ok(false);
                }
            }
        }
        if self.buffer.len() >= MAX_HEAD {
            let text = "the head of the response is larger than 400 KiB";
            return Err(Failure::new(ErrorKind::Protocol, text));
        }
        Ok(false)
    }

    fn begin_body(&mut self, head: Head) -> Result<bool, Failure> {
        self.head = Some(head);
        self.end = head.length;
        if let Framing::Length(length) = head.framing {
            self.left = length;
        }
        self.read_body(head.framing)
    }

    fn read_body(&mut self, framing: Framing) -> Result<bool, Failure> {
        let mut at = self.end;
        match framing {
            Framing::Length(_) => {
                let here = (self.buffer.len() - at) as u64;
                let taken = self.left.min(here) as usize;
                self.left -= taken as u64;
                self.hold(at, taken)?;
                at += taken;
                self.is_complete = self.left == 0;
            }
            Framing::Chunked => {
                while let Some(data) = self
                    .chunks
                    .next(self.buffer.filled(), &mut at)
                    .map_err(|problem| Failure::new(ErrorKind::Protocol, problem))?
                {
                    self.hold(data.start, data.len())?;
                }
                self.is_complete = self.chunks.is_done();
            }
            Framing::UntilClose => {
                let here = self.buffer.len() - at;
                self.hold(at, here)?;
                at += here;
            }
        }
        self.has_more = at < self.buffer.len();
        self.buffer.truncate(self.end);
        Ok(self.is_complete)
    }

    /// Holds a piece of the body, or as much of it as is to be held.
    fn hold(&mut self, from: usize, bytes: usize) -> Result<(), Failure> {
        self.size += bytes as u64;
        if self.hold.is_exceeded(self.size.saturating_add(self.left)) {
            return Err(Failure::too_large(self.hold.limit()));
        }
        let held = self.end - self.head.map_or(self.end, |head| head.length);
        let kept = bytes.min(self.hold.limit() - held);
        if from != self.end {
            let bytes = self.buffer.filled_mut();
            bytes.copy_within(from..from + kept, self.end);
        }
        self.end += kept;
        Ok(())
    }

    /// The connection was closed.
    ///
    /// # Errors
    /// The response was not complete.
    pub(super) fn close(&mut self) -> Result<(), Failure> {
        match self.head.map(|head| head.framing) {
            Some(Framing::UntilClose) => {
                self.is_complete = true;
                Ok(())
            }
            Some(Framing::Length(_)) => {
                let left = self.left;
                let text = format!("the connection was closed {left} bytes before the body's end");
                Err(Failure::new(ErrorKind::BodyTruncated, text))
            }
            Some(Framing::Chunked) => {
                let text = "the connection was closed before the last chunk of the body";
                Err(Failure::new(ErrorKind::BodyTruncated, text))
            }
            None => {
                let text = match self.buffer.len() {
                    0 => "the connection was closed before a response came",
                    _ => "the connection was closed within the head of the response",
                };
                Err(Failure::new(ErrorKind::Reset, text))
            }
        }
    }

    /// Whether the head has come.
    pub(super) fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// Whether another request may follow on the connection.
    pub(super) fn keeps_alive(&self) -> bool {
        self.is_complete && !self.has_more && self.head.is_some_and(|head| head.keeps_alive)
    }

    /// The answer, whose last byte came at `end`; `None` before it is complete.
    pub(super) fn finish(self, end: u64) -> Option<Answer> {
        let head = self.head.filter(|_| self.is_complete)?;
        Some(Answer {
            status: head.status,
            version: head.version,
            body_bytes: self.size,
            end,
            content: Content::Raw {
                buffer: self.buffer,
                head: head.length,
                sets_cookies: head.sets_cookies,
            },
        })
    }
}
