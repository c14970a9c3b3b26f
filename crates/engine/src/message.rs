//! What a step sends: rendered from its templates, with the user's cookies, and after a redirect.

use crate::answer::Answer;
use crate::attempt::Failure;
use crate::compiled::{CompiledRequest, path_under};
use crate::connect::Route;
use crate::http1::{Outgoing, wire};
use crate::origin::Origin;
use crate::redirect;
use crate::step::StepRun;
use crate::worker::Endpoint;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use plimsoll_measure::ErrorKind;
use plimsoll_scenario::{Body, Part, PartContent, Template};
use std::cell::OnceCell;
use std::rc::Rc;
use url::Url;

/// Most texts that are rendered are shorter than this many bytes, and need not be moved while they grow.
const USUAL_TEXT: usize = 128;

/// A request, rendered.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) method: Method,
    pub(crate) path: PathAndQuery,
    /// Those that the step states, which many messages may have in common.
    pub(crate) headers: Rc<HeaderMap>,
    pub(crate) body: Bytes,
    /// All cookies, the stated ones included, where the user has some of its own.
    cookies: Option<HeaderValue>,
    /// As it goes over the wire of HTTP/1.1, written when it is first sent, and whether it asks the
    /// server to close the connection.
    head: OnceCell<(Bytes, bool)>,
}

impl Message {
    pub(crate) fn new(method: Method, path: PathAndQuery, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            method,
            path,
            headers: Rc::new(headers),
            body,
            cookies: None,
            head: OnceCell::new(),
        }
    }

    /// Adds the user's cookies to a request that was not sent yet.
    fn add_cookies(&mut self, own: HeaderValue) {
        self.head.take();
        self.cookies = Some(match self.headers.get(header::COOKIE) {
            Some(stated) => {
                let both = [stated.as_bytes(), b"; ", own.as_bytes()].concat();
                HeaderValue::from_bytes(&both).unwrap_or(own)
            }
            None => own,
        });
    }

    /// The headers that are sent.
    pub(crate) fn sent_headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        let replaced = self.cookies.is_some();
        let stated = self.headers.iter();
        let stated = stated.filter(move |(name, _)| !replaced || *name != header::COOKIE);
        stated.chain(self.cookies.iter().map(|value| (&header::COOKIE, value)))
    }

    /// The request as it goes over the wire of HTTP/1.1. A message is sent over one route only.
    pub(crate) fn outgoing(&self, route: &Route) -> Outgoing<'_> {
        let (head, closes) = self.head.get_or_init(|| {
            let host = self.headers.get(header::HOST);
            let host = host.map_or(route.authority.as_bytes(), HeaderValue::as_bytes);
            let (path, bytes) = (&self.path, self.body.len());
            let head = wire::head(&self.method, path, host, self.sent_headers(), bytes);
            (head, wire::closes(&self.headers))
        });
        Outgoing {
            head,
            body: &self.body,
            method: &self.method,
            closes: *closes,
        }
    }
}

impl StepRun<'_> {
    /// The request, and where it goes.
    pub(crate) fn render(
        &self,
        compiled: &CompiledRequest,
    ) -> Result<(Rc<Endpoint>, Rc<Message>), Failure> {
        let clients = self.worker.compiled().scenario.clients.as_ref();
        let names_client = clients.is_some_and(|clients| clients.id_header.is_some());
        let target = self.request.target;
        if compiled.is_constant && !names_client {
            let make = || Ok(self.render_anew(compiled)?.1);
            let message = self
                .worker
                .prepared(self.journey, self.request.index, make)?;
            return Ok((self.worker.endpoint(target), message));
        }
        let (endpoint, message) = self.render_anew(compiled)?;
        Ok((endpoint, Rc::new(message)))
    }

    fn render_anew(&self, compiled: &CompiledRequest) -> Result<(Rc<Endpoint>, Message), Failure> {
        self.user.variables.borrow_mut().repeat = self.round;
        let variables = self.user.variables.borrow();
        let render = |template: &Template| -> Result<String, Failure> {
            let mut text = String::with_capacity(USUAL_TEXT);
            template
                .render(&variables, &mut text)
                .map_err(|problem| Failure::new(ErrorKind::Template, problem.0))?;
            Ok(text)
        };
        let worker = self.worker;
        let mut endpoint = worker.endpoint(self.request.target);
        let path = match &compiled.path {
            Some(path) => path.clone(),
            None => {
                let text = render(&self.request.url)?;
                let base = &worker.compiled().targets[self.request.target].base_path;
                match path_under(base, &text) {
                    Some(path) => path,
                    None => {
                        let url = Url::parse(&text).map_err(|_| {
                            Failure::new(
                                ErrorKind::Template,
                                format!(
                                    "`{text}` is neither a path that starts with `/` nor a URL"
                                ),
                            )
                        })?;
                        endpoint = self.endpoint_of(&url, ErrorKind::Template)?;
                        path_of(&url)?
                    }
                }
            }
        };
        let mut headers = compiled.headers.clone();
        for &place in &compiled.dynamic {
            let (name, template) = &self.request.headers[place];
            let value = HeaderValue::try_from(render(template)?).map_err(|_| {
                Failure::new(
                    ErrorKind::Template,
                    format!(
                        "the value of header `{name}` has characters that a header cannot carry"
                    ),
                )
            })?;
            headers.append(name.clone(), value);
        }
        if let Some(clients) = &worker.compiled().scenario.clients
            && let (Some(name), Some(client)) = (&clients.id_header, self.user.client)
        {
            headers.insert(name.clone(), HeaderValue::from(client));
        }
        let body = match &self.request.body {
            Body::Empty => Bytes::new(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Text(template) => match template.as_constant() {
                Some(text) => Bytes::copy_from_slice(text.as_bytes()),
                None => render(template)?.into(),
            },
            Body::Multipart { boundary, parts } => {
                let mut out = Vec::new();
                for part in parts {
                    let content = match &part.content {
                        PartContent::Text(template) => render(template)?.into(),
                        PartContent::Bytes(bytes) => bytes.clone(),
                    };
                    write_part(part, boundary, &content, &mut out);
                }
                out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
                out.into()
            }
        };
        let method = self.request.method.clone();
        Ok((endpoint, Message::new(method, path, headers, body)))
    }

    /// The request with the cookies that the user has for it.
    pub(crate) fn with_cookies(
        &self,
        endpoint: &Endpoint,
        mut message: Rc<Message>,
    ) -> Rc<Message> {
        let mut jar = self.user.jar.borrow_mut();
        let cookies = jar.header(&endpoint.route.origin, || url_of(endpoint, &message));
        if let Some(cookies) = cookies {
            // One that is the same for everybody stays as it is.
            Rc::make_mut(&mut message).add_cookies(cookies);
        }
        message
    }

    fn endpoint_of(&self, url: &Url, kind: ErrorKind) -> Result<Rc<Endpoint>, Failure> {
        let refused = || {
            Failure::new(
                kind,
                format!(
                    "`{}` is no target of this scenario, so nothing is sent there; list it under `targets:` or `allow:`",
                    url.origin().ascii_serialization()
                ),
            )
        };
        let origin = Origin::of(url).ok_or_else(refused)?;
        self.worker
            .endpoint_for(self.request.target, &origin)
            .ok_or_else(refused)
    }

    pub(crate) fn redirected(
        &self,
        from: &Rc<Endpoint>,
        message: &Message,
        answer: &Answer,
    ) -> Result<(Rc<Endpoint>, Rc<Message>), Failure> {
        let wrong = |text: String| Failure::new(ErrorKind::Redirect, text);
        let current =
            url_of(from, message).ok_or_else(|| wrong("the request had no URL".into()))?;
        let url = redirect::location(answer.header(&header::LOCATION), &current).map_err(wrong)?;
        let endpoint = self.endpoint_of(&url, ErrorKind::Redirect)?;
        let (method, keeps_body) = redirect::method_after(answer.status, &message.method);
        let path = path_of(&url)?;
        let headers = HeaderMap::clone(&message.headers);
        let headers = self.headers_after_redirect(headers, keeps_body, from, &endpoint);
        let body = if keeps_body {
            message.body.clone()
        } else {
            Bytes::new()
        };
        let message = Rc::new(Message::new(method, path, headers, body));
        Ok((endpoint, message))
    }

    fn headers_after_redirect(
        &self,
        mut headers: HeaderMap,
        keeps_body: bool,
        from: &Endpoint,
        to: &Endpoint,
    ) -> HeaderMap {
        if !keeps_body {
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_LENGTH);
            headers.remove(header::CONTENT_ENCODING);
        }
        if from.route.origin != to.route.origin {
            headers.remove(header::HOST);
        }
        if !from.route.origin.trusts(&to.route.origin) {
            // Credentials are for the service that they were given for.
            headers.remove(header::AUTHORIZATION);
            headers.remove(header::PROXY_AUTHORIZATION);
            headers.remove(header::COOKIE);
            let secrets = &self.worker.compiled().scenario.secrets;
            let is_secret = |name: &HeaderName, value: &HeaderValue| {
                let value = value.to_str().unwrap_or_default();
                secrets.header(name.as_str(), value) != value
            };
            let names: Vec<HeaderName> = headers
                .iter()
                .filter(|(name, value)| is_secret(name, value))
                .map(|(name, _)| name.clone())
                .collect();
            for name in names {
                headers.remove(name);
            }
        }
        headers
    }
}

/// One part of a `multipart/form-data` body (RFC 7578 §4.2).
fn write_part(part: &Part, boundary: &str, content: &[u8], out: &mut Vec<u8>) {
    // RFC 7578 leaves quoting to the habits of browsers: WHATWG HTML §4.10.21.8.
    let quoted = |text: &str| {
        text.replace('"', "%22")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let mut head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"",
        quoted(&part.name)
    );
    if let Some(file) = &part.file_name {
        head.push_str(&format!("; filename=\"{}\"", quoted(file)));
    }
    if let Some(kind) = &part.content_type {
        head.push_str(&format!("\r\ncontent-type: {kind}"));
    }
    head.push_str("\r\n\r\n");
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(content);
    out.extend_from_slice(b"\r\n");
}

/// The URL of a message, for cookies and redirects.
pub(crate) fn url_of(endpoint: &Endpoint, message: &Message) -> Option<Url> {
    let mut url = endpoint.route.root.clone()?;
    url.set_path(message.path.path());
    url.set_query(message.path.query());
    Some(url)
}

fn path_of(url: &Url) -> Result<PathAndQuery, Failure> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    path.parse()
        .map_err(|_| Failure::new(ErrorKind::Template, format!("`{url}` has no usable path")))
}

#[cfg(test)]
mod tests;
