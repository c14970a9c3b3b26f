//! Opening a connection: name, TCP, TLS, protocol, each of them timed.

use crate::attempt::{Failure, Progress, Stage};
use crate::clock::Clock;
use crate::connection::Connection;
use crate::http1::{Http1, Means};
use crate::http2::Http2;
use crate::io::{Stream, TimedIo};
use crate::origin::Origin;
use crate::resolve::Resolver;
use plimsoll_measure::ErrorKind;
use plimsoll_scenario::{HttpVersion, Resolve};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use url::Url;

/// How to reach an origin.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) origin: Origin,
    /// The origin as it stands in a Host header.
    pub(crate) authority: String,
    /// The URL of its root, for cookies and redirects; `None` where the origin is none of a URL.
    pub(crate) root: Option<Url>,
    pub(crate) http: HttpVersion,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    pub(crate) sni: Option<String>,
    pub(crate) overrides: Vec<Resolve>,
    pub(crate) sources: Vec<IpAddr>,
}

impl Route {
    /// Whether every connection of this route is known to speak HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        self.http == HttpVersion::Http2
    }
}

/// Opens a connection until a given time at the latest.
///
/// # Errors
/// Why there is none.
pub(crate) async fn open_until(
    until: u64,
    route: &Route,
    resolver: &Rc<Resolver>,
    means: &Rc<Means>,
    clock: Clock,
    progress: &Progress,
) -> Result<Connection, Failure> {
    let began = clock.now();
    let over = async {
        match means.timers() {
            Some(timers) => timers.sleep_until(until).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        opened = open(route, resolver, means, clock, progress) => opened,
        () = over => {
            let waited = until.saturating_sub(began) / 1_000_000;
            let text = format!("no connection within {waited} ms");
            Err(Failure::new(ErrorKind::ConnectTimeout, text))
        }
    }
}

/// Opens a connection and notes the phases.
pub(crate) async fn open(
    route: &Route,
    resolver: &Rc<Resolver>,
    means: &Rc<Means>,
    clock: Clock,
    progress: &Progress,
) -> Result<Connection, Failure> {
    progress.enter(Stage::Connecting);
    let start = clock.now();
    let (addresses, looked_up) = resolver
        .resolve(&route.origin.host, route.origin.port, &route.overrides)
        .await;
    let resolved = clock.now();
    if looked_up {
        progress.note(|phases| phases.dns = Some(resolved - start));
    }
    let addresses = addresses.map_err(|problem| {
        Failure::new(
            ErrorKind::Dns,
            format!(
                "the name `{}` does not resolve: {problem}",
                route.origin.host
            ),
        )
    })?;
    let place = means.enter();
    let tcp = connect_any(&addresses, &route.sources, means.open()).await?;
    let connected = clock.now();
    progress.note(|phases| phases.connect = Some(connected - resolved));

    let (stream, http2) = match &route.tls {
        None => (Stream::Plain(tcp), route.is_http2()),
        Some(config) => {
            let stream = handshake(tcp, config.clone(), route).await?;
            progress.note(|phases| phases.tls = Some(clock.now() - connected));
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            if route.is_http2() && !http2 {
                return Err(Failure::new(
                    ErrorKind::Protocol,
                    "the server does not offer HTTP/2 (ALPN); write `http: auto` or `http: 1`",
                ));
            }
            (Stream::Tls(Box::new(stream)), http2)
        }
    };
    if !http2 {
        return Ok(Connection::Http1(Http1::new(stream, place)));
    }
    let (io, watch) = TimedIo::new(stream, clock);
    let opened = Http2::open(io, watch, place).await.map(Connection::Http2);
    opened.map_err(|error| Failure::of_opening(ErrorKind::Protocol, &error, error.to_string()))
}

async fn handshake(
    tcp: TcpStream,
    config: Arc<ClientConfig>,
    route: &Route,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failure> {
    let name = route.sni.as_deref().unwrap_or(&route.origin.host);
    let server = ServerName::try_from(name.to_owned()).map_err(|_| {
        Failure::new(
            ErrorKind::Tls,
            format!("`{name}` cannot be a TLS server name"),
        )
    })?;
    TlsConnector::from(config)
        .connect(server, tcp)
        .await
        .map_err(|error| {
            let advice = match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(rustls::Error::InvalidMessage(_)) => {
                    "; what answers there may not speak TLS: write http:// if it is clear text"
                }
                Some(rustls::Error::InvalidCertificate(_)) => {
                    "; trust its authority with `ca` (--ca), or accept any certificate with `verify: false` (--insecure)"
                }
                _ => "",
            };
            let text = format!("TLS handshake with {name}: {error}{advice}");
            Failure::of_opening(ErrorKind::Tls, &error, text)
        })
}

/// Tries the addresses in order until one accepts.
async fn connect_any(
    addresses: &[SocketAddr],
    sources: &[IpAddr],
    open: usize,
) -> Result<TcpStream, Failure> {
    let mut failure = None;
    let reachable = |address: &&SocketAddr| {
        let same_family = |source: &IpAddr| source.is_ipv4() == address.is_ipv4();
        sources.is_empty() || sources.iter().any(same_family)
    };
    if let Some(first) = addresses.first()
        && !addresses.iter().any(|address| reachable(&address))
    {
        let (of, others) = if first.is_ipv4() {
            ("IPv4", "IPv6")
        } else {
            ("IPv6", "IPv4")
        };
        let text = format!(
            "connect to {first}: there are {of} addresses only, and `source_addresses` has {others} ones only; list one of {of}"
        );
        return Err(Failure::new(ErrorKind::ConnectFailed, text));
    }
    // Those that no source address can reach would only hide why the others failed.
    for &address in addresses.iter().filter(reachable) {
        match connect_from_any(address, sources, open).await {
            Ok(stream) => return Ok(stream),
            // No address will do any better when the process has no descriptor left.
            Err(error) => {
                failure = Some(Failure::of_connect(&error, address));
                if matches!(&failure, Some(failure) if failure.kind == ErrorKind::Descriptors) {
                    break;
                }
            }
        }
    }
    Err(failure.unwrap_or_else(|| Failure::new(ErrorKind::Dns, "the name has no address")))
}

/// So many connections of a thread share a source address on loopback. Well before an address has no
/// port left, the system searches for one for milliseconds.
const PER_SOURCE: usize = 6_000;

/// Connects to an address from the listed source addresses, or from whichever the system picks; when
/// there are many on loopback, or its ports have run out, from 127.0.0.2 to 127.0.0.9, which have ports
/// of their own. `open`: how many connections there are.
async fn connect_from_any(
    address: SocketAddr,
    sources: &[IpAddr],
    open: usize,
) -> io::Result<TcpStream> {
    let mut exhausted = None;
    let same_family = |source: &&IpAddr| source.is_ipv4() == address.is_ipv4();
    let is_spread = matches!(address.ip(), IpAddr::V4(ip) if ip.is_loopback());
    if sources.is_empty() && !(is_spread && open >= PER_SOURCE) {
        match connect_from(address, None).await {
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                exhausted = Some(error)
            }
            settled => return settled,
        }
    }
    let mut spare: Vec<IpAddr> = if is_spread && sources.is_empty() {
        (2..10)
            .map(|last| IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)))
            .collect()
    } else {
        sources.iter().filter(same_family).copied().collect()
    };
    if sources.is_empty() && !spare.is_empty() {
        let first = (open / PER_SOURCE).saturating_sub(1) % spare.len();
        spare.rotate_left(first);
    }
    for source in spare {
        match connect_from(address, Some(source)).await {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse
                ) =>
            {
                exhausted = Some(io::Error::from_raw_os_error(
                    rustix::io::Errno::ADDRNOTAVAIL.raw_os_error(),
                ));
            }
            settled => return settled,
        }
    }
    Err(exhausted.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable)))
}

async fn connect_from(address: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_nodelay(true)?;
    // Closed with a reset instead of TIME_WAIT, which would hold each local port for a minute.
    // Nothing is lost by it: a connection is closed when its last response is complete or given up.
    socket.set_zero_linger()?;
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.connect(address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(sources: &[IpAddr], open: usize) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let stream = connect_from_any(address, sources, open).await.unwrap();
            stream.local_addr().unwrap().ip().to_string()
        })
    }

    #[test]
    fn addresses_of_a_family_without_a_source_are_left_out() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async {
            let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = gone.local_addr().unwrap();
            drop(gone);
            let other = SocketAddr::new("::1".parse().unwrap(), address.port());
            let sources = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
            let failed = connect_any(&[address, other], &sources, 0).await;
            assert_eq!(failed.unwrap_err().kind, ErrorKind::ConnectRefused);
            let failed = connect_any(&[other], &sources, 0).await.unwrap_err();
            assert_eq!(failed.kind, ErrorKind::ConnectFailed);
            assert!(failed.text.contains("list one of IPv6"), "{}", failed.text);
        });
    }

    #[test]
    fn many_connections_on_loopback_are_spread_over_source_addresses() {
        assert_eq!(source(&[], PER_SOURCE - 1), "127.0.0.1");
        assert_eq!(source(&[], PER_SOURCE), "127.0.0.2");
        assert_eq!(source(&[], 2 * PER_SOURCE), "127.0.0.3");
        assert_eq!(source(&[], 9 * PER_SOURCE), "127.0.0.2", "all in turn");
        let given = [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77))];
        assert_eq!(source(&given, 2 * PER_SOURCE), "127.0.0.77", "as listed");
    }
}
