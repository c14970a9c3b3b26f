//! Targets and what every request has unless it says otherwise.

use super::{Decoder, Fields};
use crate::grammar::{CONNECTIONS, DEFAULTS, POOLED, TARGET, TLS};
use crate::model::{Address, Connections, HttpVersion, Resolve, Target, Tls};
use crate::nearest::nearest;
use crate::text::{Entry, Kind, Node};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// Redirects that are followed unless stated.
pub(super) const REDIRECTS: u8 = 10;

/// Most redirects that can be followed.
const MOST_REDIRECTS: u64 = 50;

/// What every request has unless it says otherwise.
pub(super) struct Defaults<'n> {
    pub(super) timeout: Duration,
    pub(super) headers: &'n [Entry],
    pub(super) redirects: u8,
    pub(super) connections: Connections,
}

impl Decoder<'_> {
    pub(super) fn defaults<'n>(&mut self, node: Option<&'n Node>) -> Defaults<'n> {
        let mut defaults = Defaults {
            timeout: Duration::from_secs(30),
            headers: &[],
            redirects: REDIRECTS,
            connections: Connections::PerUser,
        };
        let Some(fields) = node.and_then(|node| self.fields(node, &DEFAULTS)) else {
            return defaults;
        };
        if let Some(timeout) = fields
            .get("timeout")
            .and_then(|node| self.positive_duration(node))
        {
            defaults.timeout = timeout;
        }
        if let Some(node) = fields.get("headers") {
            defaults.headers = self.map(node, "a map of headers").unwrap_or_default();
        }
        if let Some(redirects) = fields
            .get("redirects")
            .and_then(|node| self.redirects(node))
        {
            defaults.redirects = redirects;
        }
        if let Some(connections) = fields
            .get("connections")
            .and_then(|node| self.connections(node))
        {
            defaults.connections = connections;
        }
        defaults
    }

    /// `follow`, `none` or a number.
    pub(super) fn redirects(&mut self, node: &Node) -> Option<u8> {
        match node.scalar_text() {
            Some("follow") => Some(REDIRECTS),
            Some("none") => Some(0),
            _ => match node.kind {
                Kind::Number(..) => self
                    .count(node, 0..=MOST_REDIRECTS)
                    .map(|count| count as u8),
                _ => {
                    self.wrong(node, "`follow`, `none` or a number");
                    None
                }
            },
        }
    }

    /// One of some words, or `None` where it is none.
    pub(super) fn word(&mut self, node: &Node, words: &[&'static str]) -> Option<&'static str> {
        let text = self.plain(
            node,
            &format!("one of {}", crate::nearest::listed(words.iter().copied())),
        )?;
        let found = words.iter().find(|word| **word == text).copied();
        if found.is_none() {
            let text = crate::excerpt::short(text);
            let listed = crate::nearest::listed(words.iter().copied());
            let near = nearest(&text, words.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            self.error(&node.span, format!("`{text}` is none of {listed}"), help);
        }
        found
    }

    fn connections(&mut self, node: &Node) -> Option<Connections> {
        if !matches!(node.kind, Kind::Map(_)) {
            return Some(
                match self.word(node, &["per_user", "pooled", "new_each_request"])? {
                    "pooled" => Connections::Pooled {
                        max: None,
                        streams: None,
                    },
                    "new_each_request" => Connections::NewEachRequest,
                    _ => Connections::PerUser,
                },
            );
        }
        let fields = self.fields(node, &CONNECTIONS)?;
        let pooled = self.fields(fields.get("pooled")?, &POOLED)?;
        let mut limit = |key| {
            pooled
                .get(key)
                .and_then(|node| self.count(node, 1..=u64::from(u32::MAX)))
                .map(|count| count as u32)
        };
        Some(Connections::Pooled {
            max: limit("max"),
            streams: limit("streams"),
        })
    }

    /// `target` or `targets`.
    pub(super) fn targets(&mut self, fields: Fields<'_>, connections: Connections) -> Vec<Target> {
        let Some((key, node)) = self.one_of(fields, &["target", "targets"], "a scenario") else {
            return Vec::new();
        };
        let mut targets = Vec::new();
        if key == "target" {
            self.targets.push("default".to_owned());
            targets.extend(self.target("default", node, connections));
            return targets;
        }
        let entries = self
            .map(node, "a map from names to targets")
            .unwrap_or_default();
        if entries.is_empty() {
            self.error(&node.span, "there is no target", None);
        }
        for entry in entries {
            self.targets.push(entry.key.clone());
            targets.extend(self.target(&entry.key, &entry.value, connections));
        }
        targets
    }

    fn target(&mut self, name: &str, node: &Node, connections: Connections) -> Option<Target> {
        let mut target = Target {
            name: name.to_owned(),
            address: Address::Demo,
            http: HttpVersion::Auto,
            tls: Tls::default(),
            resolve: Vec::new(),
            source_addresses: Vec::new(),
            connections,
        };
        let Kind::Map(_) = node.kind else {
            target.address = self.address(node)?;
            return Some(target);
        };
        let fields = self.fields(node, &TARGET)?;
        if let Some(node) = fields.get("http") {
            target.http = match self.word(node, &["auto", "1", "2"])? {
                "1" => HttpVersion::Http1,
                "2" => HttpVersion::Http2,
                _ => HttpVersion::Auto,
            };
        }
        if let Some(node) = fields.get("connections") {
            target.connections = self.connections(node)?;
        }
        if let Some(node) = fields.get("resolve") {
            target.resolve = self.resolve(node);
        }
        if let Some(node) = fields.get("source_addresses") {
            target.source_addresses = self.source_addresses(node);
        }
        target.address = self.address(fields.get("url")?)?;
        if let Some(entry) = fields.entry("tls") {
            target.tls = self.tls(&entry.value)?;
            let clear = match &target.address {
                Address::Demo => true,
                Address::Url(url) => url.scheme() == "http",
            };
            if clear {
                self.warn(
                    &entry.key_span,
                    "this target is spoken to without TLS, so these options do nothing",
                    None,
                );
            }
        }
        Some(target)
    }

    fn address(&mut self, node: &Node) -> Option<Address> {
        let text = self.constant(node, "`demo` or a URL")?;
        if text == "demo" {
            return Some(Address::Demo);
        }
        let help = || "write `demo`, or an origin such as `https://shop.example`".to_owned();
        let shown = crate::excerpt::short(&text).into_owned();
        let url = match Url::parse(&text) {
            Ok(url) => url,
            Err(error) => {
                self.error(&node.span, format!("`{shown}` is no URL: {error}"), help());
                return None;
            }
        };
        let problem = if !matches!(url.scheme(), "http" | "https") {
            Some("only http and https can be tested")
        } else if url.query().is_some() || url.fragment().is_some() {
            Some("a target has no query and no fragment")
        } else if !url.username().is_empty() || url.password().is_some() {
            Some("credentials do not belong into a URL: use `basic_auth` with a secret")
        } else {
            None
        };
        if let Some(problem) = problem {
            self.error(&node.span, problem, help());
            return None;
        }
        Some(Address::Url(url))
    }

    fn tls(&mut self, node: &Node) -> Option<Tls> {
        let fields = self.fields(node, &TLS)?;
        let mut tls = Tls::default();
        let mut file = |key| fields.get(key).and_then(|node| self.outside_file(node));
        tls.ca = file("ca");
        let (certificate, key) = (file("client_cert"), file("client_key"));
        for (one, other) in [("client_cert", "client_key"), ("client_key", "client_cert")] {
            if let (Some(entry), None) = (fields.entry(one), fields.entry(other)) {
                self.error(&entry.key_span, format!("`{one}` needs `{other}`"), None);
            }
        }
        tls.client = certificate.zip(key);
        if let Some(sni) = fields
            .get("sni")
            .and_then(|node| self.named(node, "a host name"))
        {
            tls.sni = Some(sni.to_owned());
        }
        if let Some(verify) = fields.get("verify").and_then(|node| self.boolean(node)) {
            tls.verify = verify;
        }
        if let Some(resumption) = fields.get("resumption").and_then(|node| self.boolean(node)) {
            tls.resumption = resumption;
        }
        Some(tls)
    }

    fn source_addresses(&mut self, node: &Node) -> Vec<IpAddr> {
        let help =
            || Some("write addresses of this machine, such as `[ 10.0.0.5, 10.0.0.6 ]`".to_owned());
        let Kind::List(entries) = &node.kind else {
            self.error(&node.span, "this is no list of IP addresses", help());
            return Vec::new();
        };
        let mut addresses = Vec::new();
        for entry in entries {
            match entry.scalar_text().map(str::parse) {
                Some(Ok(address)) => addresses.push(address),
                _ => self.error(&entry.span, "this is no IP address", help()),
            }
        }
        addresses
    }

    fn resolve(&mut self, node: &Node) -> Vec<Resolve> {
        let mut resolves = Vec::new();
        for entry in self
            .map(node, "a map from hosts to addresses")
            .unwrap_or_default()
        {
            let (host, port) = match entry.key.rsplit_once(':') {
                Some((host, port)) => match port.parse::<u16>() {
                    Ok(port) => (host, Some(port)),
                    Err(_) => {
                        self.error(
                            &entry.key_span,
                            format!("`{port}` is no port"),
                            "write `host` or `host:port`".to_owned(),
                        );
                        continue;
                    }
                },
                None => (entry.key.as_str(), None),
            };
            let mut addresses = Vec::new();
            let items = self.one_or_more(&entry.value);
            for item in items {
                let Some(text) = self.plain(item, "an IP address").map(str::to_owned) else {
                    continue;
                };
                match text.parse::<IpAddr>() {
                    Ok(address) => addresses.push(address),
                    Err(_) => self.error(
                        &item.span,
                        format!("`{}` is no IP address", crate::excerpt::short(&text)),
                        None,
                    ),
                }
            }
            if items.is_empty() {
                self.error(&entry.value.span, "there is no address", None);
            }
            resolves.push(Resolve {
                host: host.to_owned(),
                port,
                addresses,
            });
        }
        resolves
    }
}
