//! A scenario of one request, for load tests that need no file.

use crate::mask::Masker;
use crate::model::{
    Address, Body, Connections, HttpVersion, Journey, Request, RequestInfo, Resolve, Retry,
    Scenario, ShedRule, SourcedThreshold, Step, Target, Tls,
};
use crate::problem::{Problem, Problems};
use crate::response::Expectations;
use crate::template::Template;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use plimsoll_measure::{Comparison, Metric, Threshold};
use plimsoll_schedule::Mix;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What to send, as the command line says it. Texts are literal: `{{ }}` means nothing in them.
#[derive(Debug, Clone)]
pub struct HitOptions {
    /// An http or https URL, or `demo` with an optional path: `demo/search`.
    pub url: String,
    /// The method, such as `GET`.
    pub method: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Bytes>,
    /// Which HTTP version to speak.
    pub http: HttpVersion,
    /// From sending to the last byte, redirects included.
    pub timeout: Duration,
    /// How connections are used.
    pub connections: Connections,
    /// Whether a certificate that cannot be verified is accepted.
    pub insecure: bool,
    /// PEM of further roots to trust.
    pub ca: Option<Arc<[u8]>>,
    /// Addresses to use instead of DNS.
    pub resolve: Vec<Resolve>,
    /// Thresholds on all requests, such as `p99 < 50ms`.
    pub thresholds: Vec<String>,
    /// How many redirects are followed; 0: none, so that one request is one request.
    pub redirects: u8,
    /// Hosts that may be loaded although they are neither loopback nor private.
    pub allow: Vec<String>,
}

impl HitOptions {
    /// A `GET` of this URL, with pooled connections, a timeout of 30 s, and no redirects followed.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: None,
            http: HttpVersion::Auto,
            timeout: Duration::from_secs(30),
            connections: Connections::Pooled {
                max: None,
                streams: None,
            },
            insecure: false,
            ca: None,
            resolve: Vec::new(),
            thresholds: Vec::new(),
            redirects: 0,
            allow: Vec::new(),
        }
    }
}

impl Scenario {
    /// A scenario with the one journey `hit` of the one step `request`.
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn single(options: HitOptions) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let address = address(&options.url)
            .map_err(|problem| problems.push(*problem))
            .ok();
        let method = Method::from_bytes(options.method.as_bytes());
        if method.is_err() {
            problems.push(Problem::general(
                format!("`{}` is no method", options.method),
                None,
            ));
        }
        let headers = headers(&options.headers, &mut problems);
        let thresholds = thresholds(&options.thresholds, &mut problems);
        if options.timeout.is_zero() {
            problems.push(Problem::general(
                "the timeout is 0",
                Some("give it a duration such as `5s`".to_owned()),
            ));
        }
        let (Some((address, path)), Ok(method), Ok(mix), true) =
            (address, method, Mix::new(&[1]), problems.is_empty())
        else {
            return Err(Problems::from(problems));
        };
        let target = Target {
            name: "default".to_owned(),
            address,
            http: options.http,
            tls: Tls {
                ca: options.ca,
                verify: !options.insecure,
                ..Tls::default()
            },
            resolve: options.resolve,
            source_addresses: Vec::new(),
            connections: options.connections,
        };
        let request = Request {
            index: 0,
            name: "request".to_owned(),
            target: 0,
            method,
            url: Template::literal(path),
            headers,
            body: options.body.map_or(Body::Empty, Body::Bytes),
            timeout: options.timeout,
            redirects: options.redirects,
            retry: Retry::default(),
            expect: Expectations::default(),
            save: Vec::new(),
        };
        let hops = if options.redirects == 0 {
            0
        } else {
            options.redirects.saturating_add(1)
        };
        let journey = Journey {
            name: "hit".to_owned(),
            weight: 1,
            steps: vec![Step::Request(Box::new(request))],
            slots: 0,
            feeds: Vec::new(),
            requests: vec![RequestInfo {
                name: "request".to_owned(),
                hops,
                thresholds: Vec::new(),
            }],
            thresholds: Vec::new(),
        };
        Ok(Self {
            name: options.url,
            targets: vec![target],
            feeds: Vec::new(),
            journeys: vec![journey],
            mix,
            clients: None,
            load: None,
            warmup: None,
            thresholds,
            shed: ShedRule::default(),
            abort_on: Some(usual_abort()),
            allow: options.allow,
            secrets: Masker::default(),
            sources: Vec::new(),
        })
    }
}

/// When a run is given up unless stated: more than half of all requests fail for 10 s.
pub(crate) fn usual_abort() -> Threshold {
    Threshold {
        metric: Metric::Errors,
        comparison: Comparison::Greater,
        value: 0.5,
        window: Some(10_000_000_000),
    }
}

/// Where requests go, and the path and query of each.
fn address(text: &str) -> Result<(Address, String), Box<Problem>> {
    if let Some(path) = text.strip_prefix("demo")
        && (path.is_empty() || path.starts_with(['/', '?']))
    {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        return Ok((Address::Demo, path));
    }
    let help = || {
        Some("write it whole, such as `https://shop.example/search?to=ROM`, or `demo`".to_owned())
    };
    let problem = |message: String| Box::new(Problem::general(message, help()));
    let mut url =
        Url::parse(text).map_err(|error| problem(format!("`{text}` is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(problem(format!(
            "`{}` cannot be tested, only http and https can",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem(
            "credentials do not belong into a URL: send an authorization header".to_owned(),
        ));
    }
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok((Address::Url(url), path))
}

fn headers(
    headers: &[(String, String)],
    problems: &mut Vec<Problem>,
) -> Vec<(HeaderName, Template)> {
    let mut checked = Vec::new();
    for (name, value) in headers {
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            (Ok(name), Ok(_)) => checked.push((name, Template::literal(value.as_str()))),
            (Err(_), _) => problems.push(Problem::general(
                format!("`{name}` cannot be a header's name"),
                None,
            )),
            (_, Err(_)) => problems.push(Problem::general(
                format!("this cannot be the value of the header `{name}`"),
                None,
            )),
        }
    }
    checked
}

fn thresholds(texts: &[String], problems: &mut Vec<Problem>) -> Vec<SourcedThreshold> {
    let mut thresholds = Vec::new();
    for text in texts {
        match SourcedThreshold::parse(text) {
            Ok(threshold) => thresholds.push(threshold),
            Err(error) => problems.push(Problem::general(
                format!("the threshold `{text}`: {error}"),
                None,
            )),
        }
    }
    thresholds
}
