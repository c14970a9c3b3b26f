//! Requests: name, URL, headers.

use super::steps::METHODS;
use super::target::Defaults;
use super::{Decoder, Fields};
use crate::grammar::{BASIC_AUTH, REQUEST, RETRY};
use crate::model::{Request, RequestInfo, Retry, Step};
use crate::nearest::suggestion;
use crate::template::{Builder, Escape, Template};
use crate::text::{Kind, Node};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use std::time::Duration;

/// Most times that a request is tried again.
const MOST_RETRIES: u64 = 10;

/// Headers that follow from the request itself.
const COMPUTED: [&str; 2] = ["content-length", "transfer-encoding"];

impl Decoder<'_> {
    /// A number of retries, or a map with their pause.
    fn retry(&mut self, node: &Node) -> Option<Retry> {
        let (times, pause) = match node.kind {
            Kind::Map(_) => {
                let fields = self.fields(node, &RETRY)?;
                let pause = match fields.get("pause") {
                    Some(node) => self.positive_duration(node)?,
                    None => Duration::ZERO,
                };
                (fields.get("times")?, pause)
            }
            _ => (node, Duration::ZERO),
        };
        Some(Retry {
            times: self.count(times, 0..=MOST_RETRIES)? as u8,
            pause,
        })
    }

    pub(super) fn request(&mut self, node: &Node, defaults: &Defaults<'_>) -> Option<Step> {
        let fields = self.fields(node, &REQUEST)?;
        let (method, url) = self.one_of(fields, &METHODS, "a request")?;
        let written = self.plain(url, "a path or URL")?;
        let name = match fields.get("name") {
            Some(node) => self.named(node, "a name").map(str::to_owned),
            None => Some(format!("{method} {}", crate::excerpt::short(written))),
        };
        let name_span = fields.get("name").map_or(&url.span, |node| &node.span);
        if let Some(name) = &name {
            self.check_name(name, name_span, fields.get("name").is_some());
        }
        let target = fields
            .get("target")
            .map_or(Some(0), |node| self.target_index(node));
        let url = self.url(url, written, fields.get("query"));
        let (body, content_type) = self.body(fields);
        let headers = self.headers(fields, defaults, content_type);
        let timeout = match fields.get("timeout") {
            Some(node) => self.positive_duration(node),
            None => Some(defaults.timeout),
        };
        let redirects = match fields.get("redirects") {
            Some(node) => self.redirects(node),
            None => Some(defaults.redirects),
        };
        let retry = match fields.get("retry") {
            Some(node) => self.retry(node),
            None => Some(Retry::default()),
        };
        let expect = self.expectations(fields.get("expect"));
        let save = self.captures(fields.get("save"));
        self.scope.show(save.iter().map(|capture| capture.slot));
        let thresholds = self.thresholds(fields.get("thresholds"));
        let (name, redirects) = (name?, redirects?);
        let index = self.scope.requests.len();
        let hops = if redirects == 0 { 0 } else { redirects + 1 };
        self.scope.requests.push(RequestInfo {
            name: name.clone(),
            hops,
            thresholds,
        });
        Some(Step::Request(Box::new(Request {
            index,
            name,
            target: target?,
            method: Method::from_bytes(method.as_bytes()).ok()?,
            url,
            headers,
            body,
            timeout: timeout?,
            redirects,
            retry: retry?,
            expect,
            save,
        })))
    }

    fn check_name(&mut self, name: &str, span: &crate::text::Span, given: bool) {
        let index = self.scope.requests.len();
        if self
            .scope
            .request_names
            .insert(name.to_owned(), index)
            .is_none()
        {
            return;
        }
        let help = if given {
            "give one of them another name"
        } else {
            "give this step a `name` of its own"
        };
        self.error(
            span,
            format!("a step of this journey is already named `{name}`"),
            help.to_owned(),
        );
    }

    fn target_index(&mut self, node: &Node) -> Option<usize> {
        let name = self.plain(node, "a target's name")?;
        let found = self.targets.iter().position(|target| target == name);
        if found.is_none() {
            let names: Vec<&str> = self.targets.iter().map(String::as_str).collect();
            let help = suggestion(name, &names);
            self.error(
                &node.span,
                format!("there is no target `{}`", crate::excerpt::short(name)),
                help,
            );
        }
        found
    }

    fn url(&mut self, node: &Node, written: &str, query: Option<&Node>) -> Template {
        let literal = written.split("{{").next().unwrap_or_default();
        let absolute = ["http://", "https://"].iter().any(|scheme| {
            written
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if !written.starts_with('/')
            && !written.starts_with("{{")
            && !written.starts_with("{%")
            && !absolute
        {
            let help = format!(
                "write `/{}`, or a whole URL with `https://`",
                crate::excerpt::short(written.trim_start())
            );
            self.error(&node.span, "a path starts with `/`", help);
        }
        if literal.contains('#') {
            self.error(
                &node.span,
                "a fragment (`#…`) is never sent",
                "leave it out, or write `%23` for the character".to_owned(),
            );
        }
        let mut builder = Builder::default();
        self.build(&mut builder, &node.span, written, Escape::UrlStart);
        if let Some(query) = query {
            let mut separator = if written.contains('?') { '&' } else { '?' };
            self.pairs(query, &mut builder, &mut |builder| {
                builder.literal(separator.encode_utf8(&mut [0; 4]));
                separator = '&';
            });
        }
        builder.finish().0
    }

    /// `name=value` pairs, urlencoded, each behind what `separate` writes.
    pub(super) fn pairs(
        &mut self,
        node: &Node,
        builder: &mut Builder,
        separate: &mut dyn FnMut(&mut Builder),
    ) {
        for entry in self
            .map(node, "a map from names to values")
            .unwrap_or_default()
        {
            let values = self.one_or_more(&entry.value);
            for value in values {
                let Some(text) = self.plain(value, "a text, number or truth value") else {
                    continue;
                };
                separate(builder);
                let mut name = String::new();
                Escape::Url.write(&entry.key.as_str().into(), &mut name);
                builder.literal(&name);
                builder.literal("=");
                self.build(builder, &value.span, text, Escape::UrlValue);
            }
        }
    }

    /// Defaults, then the step's own, then what the body and `basic_auth` bring.
    fn headers(
        &mut self,
        fields: Fields<'_>,
        defaults: &Defaults<'_>,
        content_type: Option<String>,
    ) -> Vec<(HeaderName, Template)> {
        let own = match fields.get("headers") {
            Some(node) => self.map(node, "a map of headers").unwrap_or_default(),
            None => &[],
        };
        let mut headers: Vec<(HeaderName, Template)> = Vec::new();
        for entry in defaults.headers.iter().chain(own) {
            let Ok(name) = HeaderName::from_bytes(entry.key.as_bytes()) else {
                let message = format!(
                    "`{}` cannot be a header's name",
                    crate::excerpt::short(&entry.key)
                );
                self.error(&entry.key_span, message, None);
                continue;
            };
            headers.retain(|(known, _)| *known != name);
            if matches!(entry.value.kind, Kind::Null) {
                continue;
            }
            if COMPUTED.contains(&name.as_str()) {
                self.error(
                    &entry.key_span,
                    format!("`{name}` follows from the body"),
                    "leave it out".to_owned(),
                );
            }
            if name == CONTENT_TYPE
                && fields.get("multipart").is_some()
                && own.iter().any(|own| std::ptr::eq(own, entry))
            {
                self.error(
                    &entry.key_span,
                    "a multipart body has a content type of its own",
                    "leave it out: it names the boundary".to_owned(),
                );
            }
            let template = self.template(&entry.value, Escape::None, "a header's value");
            if template
                .as_constant()
                .is_some_and(|value| HeaderValue::from_str(value).is_err())
            {
                self.error(
                    &entry.value.span,
                    "this cannot be a header's value",
                    "it must be visible characters on one line".to_owned(),
                );
            }
            headers.push((name, template));
        }
        if let Some(content_type) = content_type {
            let multipart = fields.get("multipart").is_some();
            if multipart {
                headers.retain(|(name, _)| *name != CONTENT_TYPE);
            }
            if !headers.iter().any(|(name, _)| *name == CONTENT_TYPE) {
                headers.push((CONTENT_TYPE, Template::literal(content_type)));
            }
        }
        if let Some(node) = fields.get("basic_auth") {
            headers.retain(|(name, _)| *name != AUTHORIZATION);
            headers.extend(
                self.basic_auth(node)
                    .map(|template| (AUTHORIZATION, template)),
            );
        }
        headers
    }

    fn basic_auth(&mut self, node: &Node) -> Option<Template> {
        let fields = self.fields(node, &BASIC_AUTH)?;
        let mut inner = Builder::default();
        for (key, before) in [("user", ""), ("password", ":")] {
            let node = fields.get(key)?;
            let text = self.plain(node, "a text")?;
            if key == "user"
                && text
                    .split("{{")
                    .next()
                    .is_some_and(|literal| literal.contains(':'))
            {
                self.error(
                    &node.span,
                    "a user name for basic authentication cannot contain `:`",
                    None,
                );
            }
            inner.literal(before);
            self.build(&mut inner, &node.span, text, Escape::None);
        }
        let mut builder = Builder::default();
        builder.literal("Basic ");
        builder.base64(inner.finish().0);
        Some(builder.finish().0)
    }
}
