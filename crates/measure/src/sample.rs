//! One observation: when it should have happened, when each phase did, and how it ended.

use crate::catalogue::Series;

/// How a request (or journey) ended. The ledger of a run balances over these:
/// `intended = ok + failed + shed + timeout + dropped + in_flight_at_end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Every expectation held.
    Ok,
    /// Something was wrong; [`Sample::error`] says what.
    Failed,
    /// Refused on purpose (429 or 503, unless configured) and quickly.
    Shed,
    /// No complete answer within the step's timeout.
    Timeout,
    /// Never sent: the generator gave it up, with a reason.
    Dropped,
    /// Still unanswered when the run's grace time was over.
    InFlight,
}

impl Outcome {
    /// Every outcome, in the order of the ledger.
    pub const ALL: [Self; 6] = [
        Self::Ok,
        Self::Failed,
        Self::Shed,
        Self::Timeout,
        Self::Dropped,
        Self::InFlight,
    ];
}

macro_rules! error_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a request did not end well, as specifically as the engine knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $name,)* }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name used in `run.json`, tables and logs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

error_kinds! {
    /// The host name did not resolve.
    Dns = "dns",
    /// Nothing listened there.
    ConnectRefused = "connect_refused",
    /// The connection was not established within the step's timeout.
    ConnectTimeout = "connect_timeout",
    /// The connection was reset while it was being established.
    ConnectReset = "connect_reset",
    /// The connection failed for another reason (no route, no permission).
    ConnectFailed = "connect_failed",
    /// This machine ran out of local ports (EADDRNOTAVAIL).
    Ports = "ports",
    /// This process ran out of file descriptors (EMFILE, ENFILE).
    Descriptors = "descriptors",
    /// The TLS handshake failed.
    Tls = "tls",
    /// What came back was not the protocol that was spoken.
    Protocol = "protocol",
    /// The connection was reset or closed after the request was sent and before any answer.
    Reset = "reset",
    /// The connection ended before the body that was announced was complete.
    BodyTruncated = "body_truncated",
    /// A body that had to be looked at was larger than the limit.
    BodyTooLarge = "body_too_large",
    /// A body's content encoding could not be decoded.
    Decode = "decode",
    /// The status was not one of those expected.
    Status = "status",
    /// Another expectation did not hold.
    Expectation = "expectation",
    /// A value to be saved was not in the response.
    Capture = "capture",
    /// A redirect that could not be followed: too many, no location, or a host that is not a target.
    Redirect = "redirect",
    /// A template or condition could not be evaluated with the values at hand.
    Template = "template",
    /// No complete answer within the step's timeout.
    Timeout = "timeout",
    /// A `take: once` feed had no row left, so the journey was not started.
    DataExhausted = "data_exhausted",
    /// The arrival was later than `drop_after` allows, so it was not sent.
    TooLate = "too_late",
    /// The run was over before the generator could start it.
    NotStarted = "not_started",
}

impl ErrorKind {
    /// Whether a complete response had come, in which something was wrong.
    pub const fn has_response(self) -> bool {
        matches!(
            self,
            Self::Status | Self::Expectation | Self::Capture | Self::Decode | Self::Redirect
        )
    }
}

/// What each phase of a request cost, in nanoseconds. `None`: the phase did not take place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// The generator handed the request over.
    pub dispatched: Option<u64>,
    /// A connection was ready to carry it.
    pub conn_ready: Option<u64>,
    /// The first byte of the request was written to the socket.
    pub first_byte_written: Option<u64>,
    /// The first byte of the response was read.
    pub first_byte_read: Option<u64>,
    /// Duration of the name look-up made for this request.
    pub dns: Option<u64>,
    /// Duration of the TCP connect made for this request.
    pub connect: Option<u64>,
    /// Duration of the TLS handshake made for this request.
    pub tls: Option<u64>,
}

/// One observation. The four instants of [`Phases`] with `intended` and `end` are the six times of
/// a request; all instants are nanoseconds since the test's start, on one monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Where it is filed.
    pub series: Series,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, if it did not end well.
    pub error: Option<ErrorKind>,
    /// The response's status; 0 if there was none.
    pub status: u16,
    /// When it should have started. A latency starts here, however late the send was.
    pub intended: u64,
    /// When it was over.
    pub end: u64,
    /// Think times inside it (journeys only), which a response time leaves out.
    pub thinking: u64,
    /// The phases (default for journeys).
    pub phases: Phases,
    /// Bytes of the body as received.
    pub body_bytes: u64,
    /// Which of the persistent clients it was, if there are any.
    pub client: Option<u32>,
    /// How often it was tried again.
    pub retries: u8,
}

impl Sample {
    /// Response time: end − intended, think times taken out.
    pub fn response(&self) -> u64 {
        self.end
            .saturating_sub(self.intended)
            .saturating_sub(self.thinking)
    }

    /// Service time: end − first byte written. The part that the server and the network account for.
    pub fn service(&self) -> Option<u64> {
        self.phases
            .first_byte_written
            .map(|at| self.end.saturating_sub(at))
    }

    /// Time to first byte: first byte read − first byte written.
    pub fn ttfb(&self) -> Option<u64> {
        let (written, read) = (
            self.phases.first_byte_written?,
            self.phases.first_byte_read?,
        );
        Some(read.saturating_sub(written))
    }

    /// Dispatch lag: dispatched − intended. The generator's own lateness.
    pub fn dispatch_lag(&self) -> Option<u64> {
        self.phases
            .dispatched
            .map(|at| at.saturating_sub(self.intended))
    }

    /// Time spent waiting for a connection: conn_ready − dispatched, less the name look-up,
    /// connect and handshake, which have figures of their own.
    pub fn conn_wait(&self) -> Option<u64> {
        let (dispatched, ready) = (self.phases.dispatched?, self.phases.conn_ready?);
        let opening = self.phases.dns.unwrap_or(0)
            + self.phases.connect.unwrap_or(0)
            + self.phases.tls.unwrap_or(0);
        Some(ready.saturating_sub(dispatched).saturating_sub(opening))
    }
}
