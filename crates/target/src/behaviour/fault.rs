//! Ways to misbehave.

use crate::quantity::{ParseError, Share, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// A way to misbehave, served at `/fault/NAME` and, by share or path, in place of any answer.
///
/// Each works on any request of a connection, not only the first. Over HTTP/2 those that break the connection break
/// it for every stream; `truncated` and `truncated-chunked` reset their stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// `reset`: a TCP RST in place of an answer.
    Reset,
    /// `close`: the connection is closed in an orderly way (FIN) without an answer.
    Close,
    /// `half-close`: the sending side is closed without an answer; the receiving side stays open.
    HalfClose,
    /// `garbage`: bytes that are not HTTP, then the end.
    Garbage,
    /// `truncated`: 1000 bytes announced, 10 sent, then the end.
    Truncated,
    /// `truncated-chunked`: a chunk cut short, no last chunk, then the end.
    TruncatedChunked,
    /// `never`: no answer, ever; the connection stays open.
    Never,
    /// `slow-drip`: 1000 bytes, one in each 100 ms.
    SlowDrip,
    /// `huge-body`: 10 GB, sent as fast as they are read.
    HugeBody,
    /// `endless-headers`: 100,000 header lines (over HTTP/2: 20,000).
    EndlessHeaders,
    /// `close-after`: a good answer that announces `connection: close`, and the close.
    CloseAfter,
    /// `close-silently`: a good answer that promises keep-alive, and a close: the race every pool must survive.
    CloseSilently,
    /// `redirect-loop`: a redirect to itself.
    RedirectLoop,
    /// `redirect-away`: a redirect to another host, `http://elsewhere.invalid/` unless `?to=` names one.
    RedirectAway,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Reset,
        Self::Close,
        Self::HalfClose,
        Self::Garbage,
        Self::Truncated,
        Self::TruncatedChunked,
        Self::Never,
        Self::SlowDrip,
        Self::HugeBody,
        Self::EndlessHeaders,
        Self::CloseAfter,
        Self::CloseSilently,
        Self::RedirectLoop,
        Self::RedirectAway,
    ];

    /// Its name, as in `/fault/NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Close => "close",
            Self::HalfClose => "half-close",
            Self::Garbage => "garbage",
            Self::Truncated => "truncated",
            Self::TruncatedChunked => "truncated-chunked",
            Self::Never => "never",
            Self::SlowDrip => "slow-drip",
            Self::HugeBody => "huge-body",
            Self::EndlessHeaders => "endless-headers",
            Self::CloseAfter => "close-after",
            Self::CloseSilently => "close-silently",
            Self::RedirectLoop => "redirect-loop",
            Self::RedirectAway => "redirect-away",
        }
    }

    /// The fault of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::named(text).ok_or_else(|| {
            ParseError::new(
                text,
                "a fault",
                "no fault has this name",
                "reset, close, half-close, garbage, truncated, truncated-chunked, never, slow-drip, huge-body, \
                 endless-headers, close-after, close-silently, redirect-loop or redirect-away",
            )
        })
    }
}

/// A fault in place of a share of the answers: `reset=1%`; `reset` alone means all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultShare {
    /// What happens.
    pub fault: Fault,
    /// To which share of the requests.
    pub share: Share,
}

impl FromStr for FaultShare {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (fault, share) = match text.split_once('=') {
            Some((fault, share)) => (fault, share.parse()?),
            None => (text, Share::ALL),
        };
        Ok(Self {
            fault: fault.parse()?,
            share,
        })
    }
}

impl fmt::Display for FaultShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.fault, self.share)
    }
}

serde_as_text!(Fault, FaultShare);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_reads_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
        }
    }

    #[test]
    fn the_cure_names_every_fault() {
        let error = "explode".parse::<Fault>().expect_err("unknown").to_string();
        for fault in Fault::ALL {
            assert!(
                error.contains(fault.name()),
                "{fault} is missing in: {error}"
            );
        }
    }

    #[test]
    fn shares_default_to_all() {
        let read = |text: &str| text.parse::<FaultShare>().map(|fault| fault.to_string());
        assert_eq!(read("reset"), Ok("reset=100%".to_owned()));
        assert_eq!(read("close=0.5%"), Ok("close=0.5%".to_owned()));
        assert!(read("reset=1").is_err());
    }
}
