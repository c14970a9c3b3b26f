//! Logging in, the basket, the checkout, the account.

use super::reply::{self, Reply};
use super::{Shop, read};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};

/// The one password that is wrong.
const WRONG: &str = "wrong";

#[derive(Default, Deserialize)]
struct Login {
    user: String,
    password: String,
    csrf: Option<String>,
}

#[derive(Serialize)]
struct LoggedIn<'a> {
    token: &'a str,
}

#[derive(Deserialize)]
struct Order {
    flight: String,
}

#[derive(Serialize)]
struct Basket<'a> {
    basket: String,
    flight: &'a str,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    status: &'a str,
    booking: String,
    user: &'a str,
}

#[derive(Serialize)]
struct Account<'a> {
    user: &'a str,
    miles: u64,
}

impl Shop {
    pub(super) async fn log_in(&self, request: Request<Incoming>) -> Reply {
        let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|kind| {
            kind.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
        let body = match read(request.into_body()).await {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let login = if is_form {
            Some(form(&body))
        } else {
            serde_json::from_slice(&body).ok()
        };
        let Some(login) = login.filter(|login: &Login| !login.user.is_empty()) else {
            return reply::problem(
                StatusCode::BAD_REQUEST,
                "send user and password, as JSON or as a form",
            );
        };
        if login.csrf.is_some_and(|csrf| csrf != self.home.csrf()) {
            return reply::problem(
                StatusCode::FORBIDDEN,
                "the csrf field is not the one of the home page",
            );
        }
        if login.password == WRONG {
            return reply::problem(StatusCode::UNAUTHORIZED, "wrong password");
        }
        let token = self.credentials.issue(&login.user);
        let mut reply = reply::json(StatusCode::OK, &LoggedIn { token: &token });
        let cookie = format!("session={token}; Path=/; HttpOnly; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            reply.headers_mut().insert(SET_COOKIE, cookie);
        }
        reply
    }

    pub(super) async fn fill_basket(&self, request: Request<Incoming>) -> Reply {
        if self.bearer(request.headers()).is_none() {
            return unauthorized();
        }
        let body = match read(request.into_body()).await {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        match serde_json::from_slice::<Order>(&body) {
            Ok(Order { flight }) if !flight.is_empty() => {
                let basket = format!("K{:08}", self.next_number());
                reply::json(
                    StatusCode::CREATED,
                    &Basket {
                        basket,
                        flight: &flight,
                    },
                )
            }
            _ => reply::problem(
                StatusCode::BAD_REQUEST,
                "send JSON with a flight: {\"flight\": \"F…\"}",
            ),
        }
    }

    pub(super) fn check_out(&self, request: &Request<Incoming>) -> Reply {
        let Some(user) = self.bearer(request.headers()) else {
            return unauthorized();
        };
        let booking = format!("B{:08}", self.next_number());
        reply::json(
            StatusCode::CREATED,
            &Confirmation {
                status: "confirmed",
                booking,
                user: &user,
            },
        )
    }

    pub(super) fn account(&self, request: &Request<Incoming>) -> Reply {
        let user = session(request.headers()).and_then(|token| self.credentials.user(token));
        match user {
            Some(user) => {
                let miles = crate::random::hash(self.seed, user.as_bytes()) % 100_000;
                reply::json(StatusCode::OK, &Account { user: &user, miles })
            }
            None => reply::problem(
                StatusCode::UNAUTHORIZED,
                "log in first: the session cookie is missing",
            ),
        }
    }

    fn bearer(&self, headers: &HeaderMap) -> Option<String> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        // Schemes know no case (RFC 9110, section 11.1).
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        self.credentials.user(token.trim())
    }

    fn next_number(&self) -> u64 {
        let number = self.last_number.get() + 1;
        self.last_number.set(number);
        number
    }
}

fn form(body: &[u8]) -> Login {
    let mut login = Login::default();
    for (key, value) in url::form_urlencoded::parse(body) {
        match &*key {
            "user" => login.user = value.into_owned(),
            "password" => login.password = value.into_owned(),
            "csrf" => login.csrf = Some(value.into_owned()),
            _ => {}
        }
    }
    login
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix("session="))
}

fn unauthorized() -> Reply {
    let mut reply = reply::problem(
        StatusCode::UNAUTHORIZED,
        "send the token of /login: authorization: Bearer TOKEN",
    );
    reply
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    reply
}
