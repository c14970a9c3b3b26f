//! A scenario made ready to drive: whatever does not depend on the user is computed here, once.

use crate::connect::Route;
use crate::error::EngineError;
use crate::origin::Origin;
use crate::tls;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use plimsoll_measure::{Catalogue, Series};
use plimsoll_scenario::{
    Address, Body, Capture, Connections, HttpVersion, Masker, Request, Scenario, Step, Target, Tls,
};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use url::Url;

/// What every worker reads and none writes.
pub(crate) struct Compiled {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) targets: Vec<CompiledTarget>,
    pub(crate) journeys: Vec<CompiledJourney>,
}

/// A target and how to reach it.
pub(crate) struct CompiledTarget {
    pub(crate) origin: Origin,
    /// Put before the paths of steps; empty or without a slash at its end.
    pub(crate) base_path: String,
    pub(crate) connections: Connections,
    http: HttpVersion,
    /// Made when it is first needed: the system's roots take milliseconds to read.
    tls: OnceLock<Arc<ClientConfig>>,
    /// Without the certificate of this target's clients, for other origins.
    tls_of_others: OnceLock<Arc<ClientConfig>>,
    target: Target,
}

impl CompiledTarget {
    fn compile(target: &Target, demo: Option<SocketAddr>) -> Result<Self, EngineError> {
        let unusable = |problem: String| EngineError::Target {
            target: target.name.clone(),
            problem,
        };
        let (origin, base_path) = match &target.address {
            Address::Demo => {
                let address =
                    demo.ok_or_else(|| unusable("the demo service is not running".into()))?;
                let origin = Origin {
                    https: false,
                    host: address.ip().to_string(),
                    port: address.port(),
                };
                (origin, String::new())
            }
            Address::Url(url) => {
                let origin = Origin::of(url)
                    .ok_or_else(|| unusable(format!("`{url}` is not an http or https URL")))?;
                (origin, url.path().trim_end_matches('/').to_owned())
            }
        };
        Ok(Self {
            origin,
            base_path,
            connections: target.connections,
            http: target.http,
            tls: OnceLock::new(),
            tls_of_others: OnceLock::new(),
            target: target.clone(),
        })
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, EngineError> {
        match self.tls.get() {
            Some(config) => Ok(config.clone()),
            None => {
                let config = tls::client_config(&self.target)?;
                Ok(self.tls.get_or_init(|| config).clone())
            }
        }
    }

    /// For an origin that is not this target's: who the client is, is none of its business.
    fn tls_of_others(&self) -> Result<Arc<ClientConfig>, EngineError> {
        if self.target.tls.client.is_none() {
            return self.tls();
        }
        match self.tls_of_others.get() {
            Some(config) => Ok(config.clone()),
            None => {
                let mut target = self.target.clone();
                target.tls.client = None;
                let config = tls::client_config(&target)?;
                Ok(self.tls_of_others.get_or_init(|| config).clone())
            }
        }
    }

    /// How to reach an origin on behalf of this target. The name that is asked for in the TLS handshake and the
    /// client's certificate are for the target alone.
    ///
    /// # Errors
    /// When its TLS options are unusable.
    pub(crate) fn route(&self, origin: Origin) -> Result<Route, EngineError> {
        let authority = origin.authority();
        let is_own = self.origin.covers(&origin);
        Ok(Route {
            root: Url::parse(&format!("{}://{authority}/", origin.scheme())).ok(),
            authority,
            http: self.http,
            tls: match (origin.https, is_own) {
                (true, true) => Some(self.tls()?),
                (true, false) => Some(self.tls_of_others()?),
                (false, _) => None,
            },
            sni: self.target.tls.sni.clone().filter(|_| is_own),
            overrides: self.target.resolve.clone(),
            sources: self.target.source_addresses.clone(),
            origin,
        })
    }
}

/// A journey's series and its requests, by [`Request::index`].
pub(crate) struct CompiledJourney {
    pub(crate) series: Series,
    pub(crate) requests: Vec<CompiledRequest>,
    /// Slots of captured values whose names say that nobody should read them.
    pub(crate) credentials: Vec<usize>,
}

/// What is known of a request beforehand.
pub(crate) struct CompiledRequest {
    pub(crate) series: Series,
    pub(crate) hops: Vec<Series>,
    /// Path and query, where no template is in it.
    pub(crate) path: Option<PathAndQuery>,
    /// Headers without a template.
    pub(crate) headers: HeaderMap,
    /// Places in [`Request::headers`] of those with one.
    pub(crate) dynamic: Vec<usize>,
    /// Whether it is the same for every user, but for cookies and the client's identity.
    pub(crate) is_constant: bool,
}

impl Compiled {
    pub(crate) fn compile(
        scenario: Arc<Scenario>,
        demo: Option<SocketAddr>,
    ) -> Result<Arc<Self>, EngineError> {
        let catalogue = Arc::new(scenario.catalogue());
        let targets = scenario
            .targets
            .iter()
            .map(|target| CompiledTarget::compile(target, demo))
            .collect::<Result<Vec<_>, _>>()?;
        // Whoever may be led to https, by a redirect or an absolute URL, is not to wait for the roots then.
        let leads = |request: &Request| {
            let url = request.url.as_constant();
            request.redirects > 0 || !url.is_some_and(|url| url.starts_with('/'))
        };
        for (target, compiled) in targets.iter().enumerate() {
            let mut may_need_tls = compiled.origin.https || compiled.target.tls != Tls::default();
            for journey in &scenario.journeys {
                for_each_request(&journey.steps, &mut |request| {
                    may_need_tls |= request.target == target && leads(request);
                });
            }
            if may_need_tls {
                compiled.tls()?;
            }
        }
        let mut journeys = Vec::new();
        for (journey, entry) in scenario.journeys.iter().zip(catalogue.journeys()) {
            let mut requests: Vec<_> = entry
                .steps
                .iter()
                .map(|step| CompiledRequest {
                    series: step.series,
                    hops: step.hops.clone(),
                    path: None,
                    headers: HeaderMap::new(),
                    dynamic: Vec::new(),
                    is_constant: false,
                })
                .collect();
            let mut credentials = Vec::new();
            for_each_request(&journey.steps, &mut |request| {
                let secret = |capture: &&Capture| Masker::is_credential(&capture.name);
                credentials.extend(
                    request
                        .save
                        .iter()
                        .filter(secret)
                        .map(|capture| capture.slot),
                );
                if let Some(compiled) = requests.get_mut(request.index) {
                    prepare(request, &targets[request.target], compiled);
                }
            });
            journeys.push(CompiledJourney {
                series: entry.series,
                requests,
                credentials,
            });
        }
        Ok(Arc::new(Self {
            scenario,
            catalogue,
            targets,
            journeys,
        }))
    }
}

fn prepare(request: &Request, target: &CompiledTarget, compiled: &mut CompiledRequest) {
    compiled.path = request
        .url
        .as_constant()
        .and_then(|path| path_under(&target.base_path, path));
    for (place, (name, template)) in request.headers.iter().enumerate() {
        match template.as_constant().map(HeaderValue::from_str) {
            Some(Ok(value)) => {
                compiled.headers.append(name.clone(), value);
            }
            _ => compiled.dynamic.push(place),
        }
    }
    let given = |name: &HeaderName| request.headers.iter().any(|(given, _)| given == name);
    for (name, value) in [
        (header::ACCEPT, "*/*"),
        (
            header::USER_AGENT,
            concat!("plimsoll/", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        if !given(&name) {
            compiled
                .headers
                .insert(name, HeaderValue::from_static(value));
        }
    }
    let has_constant_body = match &request.body {
        Body::Empty | Body::Bytes(_) => true,
        Body::Text(template) => template.as_constant().is_some(),
        Body::Multipart { .. } => false,
    };
    compiled.is_constant =
        compiled.path.is_some() && compiled.dynamic.is_empty() && has_constant_body;
}

/// A step's path under its target's; `None` for an absolute URL or what is no path.
pub(crate) fn path_under(base: &str, path: &str) -> Option<PathAndQuery> {
    let joined = match path.as_bytes().first() {
        Some(b'/') if base.is_empty() => return path.parse().ok(),
        Some(b'/') => format!("{base}{path}"),
        Some(b'?') | None => format!("{}{path}", if base.is_empty() { "/" } else { base }),
        _ => return None,
    };
    joined.parse().ok()
}

fn for_each_request<'a>(steps: &'a [Step], visit: &mut impl FnMut(&'a Request)) {
    for step in steps {
        match step {
            Step::Request(request) => visit(request),
            Step::Think(_) => {}
            Step::If {
                then, otherwise, ..
            } => {
                for_each_request(then, visit);
                for_each_request(otherwise, visit);
            }
            Step::Repeat { steps, .. } | Step::Group { steps, .. } => {
                for_each_request(steps, visit)
            }
            Step::Parallel { branches } => for_each_request(branches, visit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_under_the_targets() {
        let under = |base, path| path_under(base, path).map(|joined| joined.to_string());
        assert_eq!(under("", "/a?b=1").as_deref(), Some("/a?b=1"));
        assert_eq!(under("/api", "/a").as_deref(), Some("/api/a"));
        assert_eq!(under("/api", "").as_deref(), Some("/api"));
        assert_eq!(under("", "?x").as_deref(), Some("/?x"));
        assert_eq!(under("/api", "http://elsewhere/"), None);
        assert_eq!(under("", "/a b"), None);
    }

    #[test]
    fn who_the_client_is_and_the_name_it_asks_for_are_for_the_target_alone() {
        let yaml = "{ name: t, target: { url: 'https://shop.example/', tls: { sni: shop.internal, verify: false } },
            journeys: { j: { steps: [ { name: a, GET: / } ] } } }";
        let compiled = Compiled::compile(crate::testing::scenario(yaml), None).unwrap();
        let target = &compiled.targets[0];
        let sni = |origin: &Origin| target.route(origin.clone()).unwrap().sni;
        assert_eq!(sni(&target.origin).as_deref(), Some("shop.internal"));
        let other = Origin {
            host: "images.example".into(),
            ..target.origin.clone()
        };
        assert_eq!(sni(&other), None);
    }
}
