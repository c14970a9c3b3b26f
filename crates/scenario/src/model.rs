//! The validated scenario: what the engine drives. Nothing in here can be wrong any more.

use crate::template::{Condition, Row, Template};
use http::{HeaderMap, HeaderName, Method};
use plimsoll_measure::Threshold;
use plimsoll_schedule::{Arrivals, LoadShape, Mix};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A whole scenario, compiled.
#[derive(Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Where requests go; the first is the default target.
    pub targets: Vec<Target>,
    /// Data feeds.
    pub feeds: Vec<Feed>,
    /// What users do.
    pub journeys: Vec<Journey>,
    /// Which journey the nth arrival takes: exact shares by deficit round-robin.
    pub mix: Mix,
    /// Persistent identities of arriving users.
    pub clients: Option<Clients>,
    /// The load to drive when the command line says nothing.
    pub load: Option<Load>,
    /// Scenario-wide thresholds, over all requests.
    pub thresholds: Vec<SourcedThreshold>,
    /// What counts as shed.
    pub shed: ShedRule,
    /// When to give up early. `None`: switched off. Absent in the file: errors > 50 % for 10 s.
    pub abort_on: Option<Threshold>,
    /// Hosts that may be loaded although they are neither loopback nor private.
    pub allow: Vec<String>,
    /// What may not appear in any output.
    pub secrets: Masker,
    /// Every file that went into it (the scenario itself first), for the result bundle.
    pub sources: Vec<SourceFile>,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path as written (relative to the scenario's folder for the files that it names).
    pub path: PathBuf,
    /// Its bytes.
    pub content: Arc<[u8]>,
}

/// A threshold as written, so that reports can quote it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcedThreshold {
    /// The text as written, such as `p99 < 50ms`.
    pub text: String,
    /// Its meaning.
    pub threshold: Threshold,
}

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

/// TLS options of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// PEM of further roots to trust.
    pub ca: Option<Arc<[u8]>>,
    /// PEM of the client's certificate chain and private key.
    pub client: Option<(Arc<[u8]>, Arc<[u8]>)>,
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

/// A data feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name in templates.
    pub name: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Rows; never empty.
    pub rows: Vec<Row>,
    /// In which order rows are handed out.
    pub take: Take,
}

/// In which order a feed's rows are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Take {
    /// Each row once; then journeys that need one are dropped, and the run says so.
    Once,
    /// From the first again after the last.
    #[default]
    Cycle,
    /// At random, from the run's seed.
    Random,
}

/// Persistent clients.
#[derive(Debug, Clone)]
pub struct Clients {
    /// How many identities there are.
    pub population: u64,
    /// The header that carries the identity, if any.
    pub id_header: Option<HeaderName>,
}

/// What a user does from arrival to leaving.
#[derive(Debug)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// How many capture slots a user needs.
    pub slots: usize,
    /// Indices of the feeds that its templates use.
    pub feeds: Vec<usize>,
    /// Every request in it, in file order: what the catalogue lists. `Request::index` counts these.
    pub requests: Vec<RequestInfo>,
    /// Thresholds on the journey as a whole.
    pub thresholds: Vec<SourcedThreshold>,
}

/// What the catalogue needs to know of a request.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// The step's name.
    pub name: String,
    /// How many hops to time apart: 0, or the most redirects that are followed plus one.
    pub hops: u8,
    /// Thresholds on this step.
    pub thresholds: Vec<SourcedThreshold>,
}

/// One element of a journey.
#[derive(Debug)]
pub enum Step {
    /// Send a request.
    Request(Box<Request>),
    /// Wait as a person would.
    Think(Think),
    /// Steps under a condition.
    If {
        /// The condition.
        condition: Condition,
        /// What to do where it holds.
        then: Vec<Step>,
        /// What to do where it does not.
        otherwise: Vec<Step>,
    },
    /// Steps several times.
    Repeat {
        /// How often at most.
        times: u64,
        /// Stop before a round in which this does not hold.
        while_: Option<Condition>,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Steps at the same time; goes on when all are over.
    Parallel {
        /// Each runs beside the others.
        branches: Vec<Step>,
    },
    /// Steps under a name.
    Group {
        /// The name.
        name: String,
        /// The steps.
        steps: Vec<Step>,
    },
}

/// A think time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Think {
    /// Always the same.
    Fixed(Duration),
    /// Uniform between two.
    Uniform(Duration, Duration),
    /// Normal, cut off at 0.
    Normal {
        /// Mean.
        mean: Duration,
        /// Standard deviation.
        sd: Duration,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: Duration,
    },
}

/// A request, compiled.
#[derive(Debug)]
pub struct Request {
    /// Its place in [`Journey::requests`].
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Index of its target.
    pub target: usize,
    /// Method.
    pub method: Method,
    /// Path and query (starts with `/`, or empty for an absolute URL's own path), or an absolute URL.
    pub url: Template,
    /// Headers, defaults included, content-type of the body included. Names in lower case.
    pub headers: Vec<(HeaderName, Template)>,
    /// Body.
    pub body: Body,
    /// From the intended time to the last byte.
    pub timeout: Duration,
    /// How many redirects are followed; 0: none.
    pub redirects: u8,
    /// What must hold of the response.
    pub expect: Expectations,
    /// What is kept of the response.
    pub save: Vec<Capture>,
}

/// A request's body.
#[derive(Debug)]
pub enum Body {
    /// None.
    Empty,
    /// Rendered text: `json`, `form` and `body` all compile to this.
    Text(Template),
    /// Bytes of a file, read when the scenario was loaded.
    Bytes(bytes::Bytes),
    /// `multipart/form-data` with a fixed boundary (the content-type header names it).
    Multipart {
        /// The boundary.
        boundary: String,
        /// The parts.
        parts: Vec<Part>,
    },
}

/// One part of a multipart body.
#[derive(Debug)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// File name to send, for files.
    pub file_name: Option<String>,
    /// Content type to send.
    pub content_type: Option<String>,
    /// Content.
    pub content: PartContent,
}

/// Content of a part.
#[derive(Debug)]
pub enum PartContent {
    /// Rendered text.
    Text(Template),
    /// A file's bytes.
    Bytes(bytes::Bytes),
}

/// What must hold of a response.
#[derive(Debug, Default)]
pub struct Expectations {
    /// Statuses that are expected; empty: any 2xx or 3xx.
    pub status: Vec<StatusRange>,
    /// Everything else, in file order.
    pub checks: Vec<Check>,
}

/// Statuses `from` to `to`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    /// First.
    pub from: u16,
    /// Last.
    pub to: u16,
}

/// An expectation other than the status, with the text it was written as.
#[derive(Debug)]
pub struct Check {
    /// As written, for messages: `json $.flights min_items 1`.
    pub text: String,
    /// Its meaning.
    pub kind: CheckKind,
}

/// What a check demands. Evaluated by [`Check::holds`]; the size and latency are the engine's to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckKind {
    /// A header, one of the operators on its value.
    Header(HeaderName, TextTest),
    /// The decoded body as text.
    Body(TextTest),
    /// Nodes of a JSON body.
    Json(JsonPath, JsonTest),
    /// The body's size as received, in bytes.
    Size(NumberTest),
    /// The response time, in nanoseconds.
    Latency(NumberTest),
}

/// Where the value to be saved comes from.
#[derive(Debug)]
pub struct Capture {
    /// The variable's name.
    pub name: String,
    /// Its slot in [`crate::Variables::slots`].
    pub slot: usize,
    /// Its source.
    pub source: CaptureSource,
    /// Taken where the source has nothing, instead of failing.
    pub default: Option<String>,
}

/// What the engine knows of a response when it checks and captures.
#[derive(Clone, Copy)]
pub struct ResponseView<'a> {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// The decoded body; empty where nothing looks at it.
    pub body: &'a [u8],
    /// The body's size as received.
    pub body_bytes: u64,
    /// Response time, in nanoseconds.
    pub response_ns: u64,
    /// Looks up a cookie the user holds.
    pub cookie: &'a dyn Fn(&str) -> Option<String>,
}

/// The load a scenario is driven with.
#[derive(Debug, Clone)]
pub enum Load {
    /// Arrivals at a set rate, whatever the responses do.
    Open {
        /// Rate over time.
        shape: LoadShape,
        /// Even or Poisson.
        arrivals: Arrivals,
        /// Where it came from: expected load and headroom, for reports.
        promise: Option<Promise>,
    },
    /// A fixed number of users, each starting again when it has finished.
    Closed {
        /// How many.
        users: u64,
        /// From one start to the next at the earliest.
        pacing: Option<Duration>,
        /// How long; `None`: until the iterations are done.
        duration: Option<Duration>,
        /// How many journeys over all users at most.
        iterations: Option<u64>,
    },
}

/// Expected load and the headroom above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Promise {
    /// Expected arrivals per second.
    pub expected: f64,
    /// Headroom as a share: 0.3 for 30 %.
    pub headroom: f64,
}

/// What counts as shed rather than failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShedRule {
    /// Statuses of a refusal on purpose: 429 and 503.
    pub statuses: Vec<u16>,
    /// How quick a refusal must be (service time): 100 ms.
    pub within: Duration,
}

/// A compiled JSONPath (RFC 9535).
#[derive(Debug, Clone)]
pub struct JsonPath {}
/// A test on text.
#[derive(Debug)]
pub enum TextTest {}
/// A test on the nodes that a JSONPath finds.
#[derive(Debug)]
pub enum JsonTest {}
/// A test on a number.
#[derive(Debug)]
pub enum NumberTest {}
/// A source of a value.
#[derive(Debug)]
pub enum CaptureSource {}
/// Hides secrets.
#[derive(Debug, Clone, Default)]
pub struct Masker {}
