//! One connection, HTTP/1.1 or HTTP/2.

use crate::http1::Http1;
use crate::http2::Http2;
use crate::io::Stream;
use std::rc::Rc;

/// An open connection.
pub(crate) enum Connection {
    /// Carries one request at a time; whoever holds it drives it.
    Http1(Http1<Stream>),
    /// Carries many; a task of its own drives it.
    Http2(Rc<Http2>),
}
