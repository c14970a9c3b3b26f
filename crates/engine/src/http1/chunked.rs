//! Bodies in chunks (RFC 9112 §7.1), unwrapped where they lie.

use std::ops::Range;

/// The most bytes of chunk extensions in one body, and of trailers.
const MOST_EXTRA: usize = 16 * 1024;
/// The most trailers.
const MOST_TRAILERS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// At the first digit of a size.
    #[default]
    Start,
    Size,
    /// White space after a size.
    Space,
    Extension,
    /// At the line feed after a size.
    SizeEnd,
    Data,
    /// At the carriage return after data.
    DataReturn,
    /// At the line feed after data.
    DataEnd,
    /// At the beginning of a trailer or of the last line.
    Last,
    Trailer,
    /// At the line feed after a trailer.
    TrailerEnd,
    /// At the line feed of the last line.
    LastEnd,
    Done,
}

/// How far the chunks of a body have been read.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: State,
    /// Bytes left of the chunk.
    left: u64,
    extensions: usize,
    /// The trailers, which nobody asks for, but which have to be some.
    trailers: Vec<u8>,
    trailer_count: usize,
}

impl Chunks {
    /// Whether the last chunk has been read.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Reads on in `bytes` from `at`: returns the next piece of data, and moves `at` behind it. `None`
    /// when there is no more data in `bytes`, and `at` is behind what belongs to the body.
    ///
    /// # Errors
    /// What is wrong with the chunks.
    pub(super) fn next(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
    ) -> Result<Option<Range<usize>>, &'static str> {
        while !self.is_done() && *at < bytes.len() {
            if self.state == State::Data {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX);
                let data = *at..*at + here.min(bytes.len() - *at);
                self.left -= data.len() as u64;
                *at = data.end;
                if self.left == 0 {
                    self.state = State::DataReturn;
                }
                return Ok(Some(data));
            }
            self.step(bytes[*at])?;
            *at += 1;
        }
        Ok(None)
    }

    /// Takes one byte that is not data.
    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        self.state = match (self.state, byte) {
            (State::Start | State::Size, _) if byte.is_ascii_hexdigit() => {
                let digit = (byte as char).to_digit(16).unwrap_or_default();
                let size = self.left.checked_mul(16);
                let size = size.and_then(|size| size.checked_add(u64::from(digit)));
                self.left = size.ok_or("the size of a chunk is too large")?;
                State::Size
            }
            (State::Start, _) => return Err("a chunk has no size"),
            (State::Size | State::Space, b' ' | b'\t') => State::Space,
            (State::Size | State::Space, b';') => State::Extension,
            (State::Size | State::Space | State::Extension, b'\r') => State::SizeEnd,
            (State::Size | State::Space, _) => {
                return Err("the size of a chunk is not hexadecimal");
            }
            (State::Extension, b'\n') => return Err("a chunk extension has a bare line feed"),
            (State::Extension, _) => {
                self.extensions += 1;
                if self.extensions >= MOST_EXTRA {
                    return Err("the chunk extensions are longer than 16 KiB");
                }
                State::Extension
            }
            (State::SizeEnd, b'\n') if self.left == 0 => State::Last,
            (State::SizeEnd, b'\n') => State::Data,
            (State::DataReturn, b'\r') => State::DataEnd,
            (State::DataEnd, b'\n') => State::Start,
            (State::Last, b'\r') => {
                self.keep(byte)?;
                State::LastEnd
            }
            (State::LastEnd, b'\n') => {
                self.check_trailers()?;
                State::Done
            }
            (State::Trailer, b'\r') => {
                self.keep(byte)?;
                State::TrailerEnd
            }
            (State::TrailerEnd, b'\n') => {
                self.trailer_count += 1;
                if self.trailer_count > MOST_TRAILERS {
                    return Err("there are more than 100 trailers");
                }
                self.keep(byte)?;
                State::Last
            }
            (State::Last | State::Trailer, _) => {
                self.keep(byte)?;
                State::Trailer
            }
            _ => return Err("a chunk does not end where its size says"),
        };
        Ok(())
    }

    fn keep(&mut self, byte: u8) -> Result<(), &'static str> {
        self.trailers.push(byte);
        if self.trailers.len() >= MOST_EXTRA {
            return Err("the trailers are longer than 16 KiB");
        }
        Ok(())
    }

    fn check_trailers(&mut self) -> Result<(), &'static str> {
        if self.trailer_count == 0 {
            return Ok(());
        }
        self.trailers.push(b'\n');
        let mut headers = [httparse::EMPTY_HEADER; MOST_TRAILERS];
        match httparse::parse_headers(&self.trailers, &mut headers) {
            Ok(httparse::Status::Complete(_)) => Ok(()),
            _ => Err("the trailers are not headers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrap(body: &[u8], piece: usize) -> Result<(Vec<u8>, bool), &'static str> {
        let mut chunks = Chunks::default();
        let mut data = Vec::new();
        for part in body.chunks(piece) {
            let mut at = 0;
            while let Some(range) = chunks.next(part, &mut at)? {
                data.extend_from_slice(&part[range]);
            }
        }
        Ok((data, chunks.is_done()))
    }

    #[test]
    fn chunks_are_unwrapped_however_they_arrive() {
        let body = b"5;name=\"v;\"\r\nhello\r\n00B \t\r\n, 0123456\n\r\r\n0\r\nx: y\r\nz:\r\n\r\n";
        for piece in 1..body.len() {
            assert_eq!(
                unwrap(body, piece),
                Ok((b"hello, 0123456\n\r".to_vec(), true)),
                "in pieces of {piece}"
            );
            assert_eq!(
                unwrap(&body[..body.len() - 1], piece).map(|end| end.1),
                Ok(false)
            );
        }
    }

    #[test]
    fn what_are_no_chunks() {
        for wrong in [
            "\r\n",
            "g\r\n",
            "1x\r\n",
            "1;\n",
            "1\n",
            "1\r\nab",
            "1\r\na\rb",
            "0\r\n\rx",
            "fffffffffffffffff\r\n",
        ] {
            assert!(unwrap(wrong.as_bytes(), 1).is_err(), "{wrong:?}");
        }
    }
}
