//! One request over one connection: the seam between what is asked and how HTTP is spoken. HTTP/1.1 is
//! our own, HTTP/2 hyper's; nobody else sees a difference.

use crate::answer::{Answer, Hold};
use crate::attempt::{Failure, Progress, Stage};
use crate::clock::Clock;
use crate::connect::Route;
use crate::connection::Connection;
use crate::http1::Broken;
use crate::message::Message;
use crate::pool::Lease;
use plimsoll_measure::ErrorKind;

/// What came of an exchange.
pub(crate) enum Exchanged {
    Answer(Answer),
    /// The connection ended before the request was written, or with the server's word that it has not looked at
    /// it: it may go over another one.
    NotSent,
}

/// Sends a request and reads its response.
///
/// # Errors
/// Anything but a complete response.
pub(crate) async fn exchange(
    lease: &mut Lease,
    route: &Route,
    message: &Message,
    hold: Hold,
    clock: Clock,
    progress: &Progress,
) -> Result<Exchanged, Failure> {
    progress.enter(Stage::Answer);
    let is_reused = lease.is_reused();
    let answer = match lease.connection() {
        Some(Connection::Http1(connection)) => {
            let outgoing = message.outgoing(route);
            connection.exchange(outgoing, hold, clock, progress).await
        }
        Some(Connection::Http2(connection)) => {
            connection
                .exchange(route, message, hold, clock, progress)
                .await
        }
        None => {
            let text = "the connection is gone";
            Err(Broken::Failed(Failure::new(ErrorKind::Protocol, text)))
        }
    };
    match answer {
        Ok(answer) => Ok(Exchanged::Answer(answer)),
        Err(Broken::NotSent(_)) if is_reused => Ok(Exchanged::NotSent),
        Err(Broken::NotSent(failure) | Broken::Failed(failure)) => Err(failure),
    }
}
