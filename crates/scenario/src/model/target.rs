//! Where requests go, and how they are connected.

use std::net::IpAddr;
use std::sync::Arc;

/// A service that requests go to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name (`default` for a single target).
    pub name: String,
    /// The demo service inside this program, or an origin.
    pub address: Address,
    /// Which HTTP version to speak.
    pub http: HttpVersion,
    /// TLS options.
    pub tls: Tls,
    /// Addresses to use instead of DNS for a host.
    pub resolve: Vec<Resolve>,
    /// Addresses of this machine to connect from, each with local ports of its own; empty: the
    /// system chooses.
    pub source_addresses: Vec<IpAddr>,
    /// How connections are used.
    pub connections: Connections,
}

/// Where a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The demo service, started by whoever runs the scenario, on a free loopback port.
    Demo,
    /// An `http` or `https` origin; its path, if any, is put before the paths of steps.
    Url(url::Url),
}

/// Which HTTP version to speak to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HttpVersion {
    /// What ALPN agrees on; HTTP/1.1 in clear text.
    #[default]
    Auto,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, by prior knowledge in clear text.
    Http2,
}

/// The text of a PEM file.
pub type Pem = Arc<[u8]>;

/// TLS options of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// PEM of further roots to trust.
    pub ca: Option<Pem>,
    /// PEM of the client's certificate chain and private key.
    pub client: Option<(Pem, Pem)>,
    /// Name to ask for and verify instead of the URL's host.
    pub sni: Option<String>,
    /// Whether the server's certificate is verified.
    pub verify: bool,
    /// Whether sessions are resumed.
    pub resumption: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            ca: None,
            client: None,
            sni: None,
            verify: true,
            resumption: true,
        }
    }
}

/// A fixed address for a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The host name.
    pub host: String,
    /// Only for this port, or for every port.
    pub port: Option<u16>,
    /// The addresses, used in turn.
    pub addresses: Vec<IpAddr>,
}

/// How connections are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// Each arriving user opens its own and closes it at the end.
    PerUser,
    /// Idle ones are reused by whoever comes next.
    Pooled {
        /// At most so many over all threads; `None`: as many as needed.
        max: Option<u32>,
        /// Requests at once on one HTTP/2 connection; `None`: what the server allows.
        streams: Option<u32>,
    },
    /// Opened for every request.
    NewEachRequest,
}
