//! The shop: takes a request through the script and to its page.

mod booking;
mod compressed;
mod control;
mod credentials;
mod faults;
mod flights;
mod home;
mod lesser;
mod metrics;
mod reply;
mod tools;

use crate::behaviour::Refusal;
use crate::connection::Link;
use crate::control::{Control, Identity, Turn};
use crate::counts::Counters;
use crate::route::Route;
use crate::script::{Act, Quality};
use bytes::Bytes;
use compressed::{Compressed, Encoding};
use credentials::Credentials;
use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use reply::Reply;
use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

const RELEASE_ID: HeaderName = HeaderName::from_static("x-release-id");

/// How a request says how much it matters.
const TIER: HeaderName = HeaderName::from_static("x-tier");

/// The most that is read of a request's body.
const LONGEST_BODY: usize = 1 << 20;

/// The shop of one service, on one thread.
#[derive(Debug)]
pub(crate) struct Shop {
    control: Arc<Control>,
    seed: u64,
    credentials: Credentials,
    home: home::Home,
    compressed: Compressed,
    counters: Arc<Counters>,
    last_number: Cell<u64>,
}

impl Shop {
    pub(crate) fn new(control: Arc<Control>, counters: Arc<Counters>) -> Self {
        let seed = control.behaviour().seed;
        Self {
            control,
            seed,
            credentials: Credentials::new(seed),
            home: home::Home::new(seed),
            compressed: Compressed::new(seed),
            counters,
            last_number: Cell::new(0),
        }
    }

    /// Answers a request, when and how the script says.
    pub(crate) async fn answer(
        self: Rc<Self>,
        link: Rc<Link>,
        request: Request<Incoming>,
    ) -> Result<Reply, Infallible> {
        let (route, _) = Route::of(request.uri().path());
        self.counters.request(route);
        let turn = self.turn(route, &request);
        if !turn.wait.is_zero() {
            tokio::time::sleep(turn.wait).await;
        }
        let mut identity = turn.identity;
        let mut reply = match turn.act {
            Act::Answer(Quality::Full) => self.page(route, &link, &identity, request).await,
            Act::Answer(Quality::Degraded) => {
                let page = self.page(route, &link, &identity, request).await;
                lesser::degrade(route, page)
            }
            Act::Answer(Quality::Wrong) => {
                self.counters.wrong();
                lesser::wrong(route)
            }
            Act::Fail => {
                self.counters.failed();
                reply::problem(StatusCode::INTERNAL_SERVER_ERROR, "scripted error")
            }
            Act::Miss => {
                self.counters.failed();
                reply::problem(StatusCode::BAD_GATEWAY, "a dependency is down")
            }
            Act::Refuse {
                refusal,
                retry_after_seconds,
            } => {
                self.counters.refused();
                refuse(refusal, retry_after_seconds)
            }
            Act::Misbehave(fault) => {
                self.counters.fault();
                faults::misbehave(fault, &link, &request).await
            }
        };
        if route == Route::Behaviour {
            // It may just have become another.
            identity = self.control.pass().identity;
        }
        if let Some(id) = &identity.header {
            reply.headers_mut().insert(RELEASE_ID, id.clone());
        }
        Ok(reply)
    }

    /// What becomes of a request that arrives now.
    fn turn(&self, route: Route, request: &Request<Incoming>) -> Turn {
        if matches!(
            route,
            Route::Health | Route::Metrics | Route::Fault | Route::Behaviour
        ) {
            return self.control.pass();
        }
        let tier = request.headers().get(TIER);
        let tier = tier.and_then(|tier| tier.to_str().ok());
        self.control.arrive(request.uri().path(), tier)
    }

    async fn page(
        &self,
        route: Route,
        link: &Link,
        identity: &Identity,
        request: Request<Incoming>,
    ) -> Reply {
        let allowed: &[Method] = match route {
            Route::Login | Route::Basket | Route::Checkout => &[Method::POST],
            Route::Behaviour => &[Method::GET, Method::HEAD, Method::PUT, Method::PATCH],
            Route::Null
            | Route::Echo
            | Route::Status
            | Route::Slow
            | Route::Fault
            | Route::Other => &[],
            _ => &[Method::GET, Method::HEAD],
        };
        if !allowed.is_empty() && !allowed.contains(request.method()) {
            return not_allowed(allowed);
        }
        let path = request.uri().path();
        let (_, rest) = Route::of(path);
        let query = request.uri().query().unwrap_or_default();
        match route {
            Route::Null => reply::text(StatusCode::OK, "ok\n"),
            Route::Home => reply::html(self.home.page()),
            Route::Search => self.search(query),
            Route::Login => self.log_in(request).await,
            Route::Basket => self.fill_basket(request).await,
            Route::Checkout => self.check_out(&request),
            Route::Account => self.account(&request),
            Route::Lounge => reply::prepared(StatusCode::OK, Bytes::from_static(LOUNGE)),
            Route::Recommend => reply::prepared(StatusCode::OK, Bytes::from_static(RECOMMENDED)),
            Route::Redirect if rest.is_empty() => reply::redirect("/redirect/2"),
            Route::Redirect if rest == "2" => reply::redirect("/"),
            Route::Version => reply::prepared(StatusCode::OK, identity.version.clone()),
            Route::Health => reply::text(StatusCode::OK, "healthy\n"),
            Route::Metrics => metrics::page(&self.counters, self.control.waiting()),
            Route::Echo => tools::echo(request).await,
            Route::Bytes => tools::bytes(rest),
            Route::Status => tools::status(rest),
            Route::Slow => tools::slow(query).await,
            Route::Gzip => self.compressed.reply(Encoding::Gzip),
            Route::Deflate => self.compressed.reply(Encoding::Deflate),
            Route::Brotli => self.compressed.reply(Encoding::Brotli),
            Route::Zstd => self.compressed.reply(Encoding::Zstd),
            Route::Fault => match rest.parse() {
                Ok(fault) => {
                    self.counters.fault();
                    faults::misbehave(fault, link, &request).await
                }
                Err(error) => reply::problem(StatusCode::NOT_FOUND, &error.to_string()),
            },
            Route::Behaviour => self.steer(request).await,
            Route::Redirect | Route::Other => {
                reply::problem(StatusCode::NOT_FOUND, "there is no such page")
            }
        }
    }

    fn search(&self, query: &str) -> Reply {
        let from = parameter(query, "from");
        let to = parameter(query, "to");
        let from = from.as_deref().unwrap_or("AMS");
        let to = to.as_deref().unwrap_or("ROM");
        reply::json(StatusCode::OK, &flights::between(self.seed, from, to))
    }
}

const LOUNGE: &[u8] = br#"{"lounge":"Plimsoll Line","open":true,"seats":42}"#;

const RECOMMENDED: &[u8] =
    br#"{"recommended":[{"to":"ROM","from_price":49.0},{"to":"LIS","from_price":59.5},{"to":"OSL","from_price":79.0}]}"#;

fn refuse(refusal: Refusal, retry_after_seconds: u64) -> Reply {
    let status = match refusal {
        Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
    };
    let mut reply = reply::problem(status, "over capacity");
    reply
        .headers_mut()
        .insert(RETRY_AFTER, retry_after_seconds.into());
    reply
}

fn not_allowed(allowed: &[Method]) -> Reply {
    let mut reply = reply::problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "this page does not take that method",
    );
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        reply.headers_mut().insert(ALLOW, names);
    }
    reply
}

/// A parameter of a query, decoded.
fn parameter<'a>(query: &'a str, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// A request's body, or the answer to one that is too long or breaks off.
async fn read(body: Incoming) -> Result<Bytes, Reply> {
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(reply::problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is longer than 1 MiB",
        )),
        Err(_) => Err(reply::problem(
            StatusCode::BAD_REQUEST,
            "the body breaks off",
        )),
    }
}
