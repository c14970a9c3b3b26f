//! How far one attempt at a request has come, and why it went no further.

use plimsoll_measure::{ErrorKind, Phases};
use std::cell::Cell;
use std::io;

/// What an attempt is waiting for: decides what a timeout means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    /// A free connection.
    #[default]
    Waiting,
    /// A name look-up, a TCP connect, a TLS handshake.
    Connecting,
    /// The response.
    Answer,
}

/// An attempt's progress, readable after the attempt was cut short.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    stage: Cell<Stage>,
    phases: Cell<Phases>,
    /// When this attempt began, if it is not the first.
    again: Cell<Option<u64>>,
    deadline: Cell<u64>,
}

impl Progress {
    /// Begins a stage.
    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.set(stage);
    }

    /// The stage it is in.
    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Sets when the attempt has to be over.
    pub(crate) fn limit(&self, deadline: u64) {
        self.deadline.set(deadline);
    }

    /// When the attempt has to be over; 0: nobody said.
    pub(crate) fn deadline(&self) -> u64 {
        self.deadline.get()
    }

    /// Begins another attempt, at `now`. The dispatch stays that of the first one.
    pub(crate) fn begin_again(&self, dispatched: u64, now: u64) {
        self.stage.set(Stage::default());
        self.again.set(Some(now));
        self.next_hop(dispatched);
    }

    /// When this attempt began, if it is not the first.
    pub(crate) fn began_again(&self) -> Option<u64> {
        self.again.get()
    }

    /// Begins a request of its own, dispatched at a given time.
    pub(crate) fn next_hop(&self, dispatched: u64) {
        self.phases.set(Phases {
            dispatched: Some(dispatched),
            ..Phases::default()
        });
    }

    /// Notes that a connection was ready when it was asked for.
    pub(crate) fn ready_at_once(&self) {
        self.note(|phases| phases.conn_ready = phases.dispatched);
    }

    /// Notes that a connection is ready. In a later attempt, the wait for it is what counts, and neither the
    /// earlier attempts nor the pause after them: both are taken out of the time.
    pub(crate) fn ready(&self, now: u64) {
        let before = self.again.get();
        self.note(|phases| {
            let dispatched = phases.dispatched.unwrap_or(now);
            let before = before.map_or(0, |at| at.saturating_sub(dispatched));
            phases.conn_ready = Some(now.saturating_sub(before));
        });
    }

    /// Notes the time of a phase.
    pub(crate) fn note(&self, change: impl FnOnce(&mut Phases)) {
        let mut phases = self.phases.get();
        change(&mut phases);
        self.phases.set(phases);
    }

    /// The phases so far.
    pub(crate) fn phases(&self) -> Phases {
        self.phases.get()
    }
}

/// Why a request did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    /// For people; may hold what the server sent, so it is masked before it leaves.
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    /// Classifies the failure of a TCP connect.
    pub(crate) fn of_connect(error: &io::Error, address: std::net::SocketAddr) -> Self {
        use rustix::io::Errno;
        let errno = error.raw_os_error().map(Errno::from_raw_os_error);
        let kind = match (errno, error.kind()) {
            (Some(Errno::MFILE | Errno::NFILE), _) => ErrorKind::Descriptors,
            (Some(Errno::ADDRNOTAVAIL), _) => ErrorKind::Ports,
            (_, io::ErrorKind::ConnectionRefused) => ErrorKind::ConnectRefused,
            (_, io::ErrorKind::ConnectionReset) => ErrorKind::ConnectReset,
            (_, io::ErrorKind::TimedOut) => ErrorKind::ConnectTimeout,
            _ => ErrorKind::ConnectFailed,
        };
        let advice = match kind {
            ErrorKind::ConnectRefused => "; is the service up, and is this its port?",
            ErrorKind::Descriptors => "; raise the limit of open files (`ulimit -n`)",
            ErrorKind::Ports => {
                "; this machine has no local port left for that address: use `connections: pooled`, widen net.ipv4.ip_local_port_range, or list more `source_addresses`"
            }
            _ => "",
        };
        Self::new(kind, format!("connect to {address}: {error}{advice}"))
    }

    /// Classifies the failure of an open connection. `in_body`: the head of the response had come.
    pub(crate) fn of_stream(error: &io::Error, in_body: bool) -> Self {
        let kind = match (Self::is_loss(error.kind()), in_body) {
            (true, true) => ErrorKind::BodyTruncated,
            (true, false) => ErrorKind::Reset,
            (false, _) => ErrorKind::Protocol,
        };
        Self::new(kind, error.to_string())
    }

    /// Classifies the failure of a connection that was accepted and is not ready yet. `otherwise`: the kind
    /// where it was not lost.
    pub(crate) fn of_opening(
        otherwise: ErrorKind,
        error: &(dyn std::error::Error + 'static),
        text: String,
    ) -> Self {
        let mut causes = std::iter::successors(Some(error), |error| error.source());
        let lost = causes.find_map(|cause| {
            let kind = cause.downcast_ref::<io::Error>()?.kind();
            Self::is_loss(kind).then_some(kind)
        });
        let kind = match lost {
            Some(io::ErrorKind::TimedOut) => ErrorKind::ConnectTimeout,
            Some(_) => ErrorKind::ConnectReset,
            None => otherwise,
        };
        Self::new(kind, text)
    }

    /// Whether an error means that the other side, or the way there, is gone.
    pub(crate) fn is_loss(kind: io::ErrorKind) -> bool {
        matches!(
            kind,
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
                | io::ErrorKind::NotConnected
                | io::ErrorKind::TimedOut
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::NetworkDown
        )
    }

    /// A body that is larger than what may be held of it.
    pub(crate) fn too_large(limit: usize) -> Self {
        let text = format!(
            "the body is larger than the {limit} bytes that are held where something looks at it"
        );
        Self::new(ErrorKind::BodyTooLarge, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn a_way_that_is_gone_is_a_loss() {
        for errno in [
            Errno::TIMEDOUT,
            Errno::HOSTUNREACH,
            Errno::NETUNREACH,
            Errno::CONNRESET,
        ] {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            assert_eq!(Failure::of_stream(&error, false).kind, ErrorKind::Reset);
            assert_eq!(
                Failure::of_stream(&error, true).kind,
                ErrorKind::BodyTruncated
            );
        }
    }
}
