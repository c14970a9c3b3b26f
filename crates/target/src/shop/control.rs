//! Which release the service says it is, and changing its behaviour while it runs.

use super::reply::{self, Reply};
use super::{Shop, read};
use crate::behaviour::{Behaviour, Release};
use crate::script::Script;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use serde::Serialize;

/// The release, ready to be sent.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) header: Option<HeaderValue>,
    pub(crate) version: Bytes,
}

#[derive(Serialize)]
struct Version<'a> {
    version: &'a str,
    commit: &'a str,
}

impl Identity {
    pub(crate) fn new(release: &Release) -> Self {
        let Release {
            version,
            commit,
            id,
        } = release;
        let header = match id {
            Some(id) => HeaderValue::from_str(id),
            None => HeaderValue::from_str(&format!("{version}+{commit}")),
        };
        // Two texts cannot fail to be JSON.
        let json = serde_json::to_vec(&Version { version, commit }).unwrap_or_default();
        Self {
            header: header.ok(),
            version: json.into(),
        }
    }
}

impl Shop {
    /// `GET`: the behaviour; `PUT`: a new one, in force for requests that arrive from now on, with an empty line.
    pub(super) async fn control(&self, request: Request<Incoming>) -> Reply {
        if request.method() == Method::PUT {
            let body = match read(request.into_body()).await {
                Ok(body) => body,
                Err(reply) => return reply,
            };
            let behaviour: Behaviour = match serde_json::from_slice(&body) {
                Ok(behaviour) => behaviour,
                Err(error) => return reply::problem(StatusCode::BAD_REQUEST, &error.to_string()),
            };
            if let Err(error) = behaviour.check() {
                return reply::problem(StatusCode::BAD_REQUEST, &error.to_string());
            }
            *self.identity.borrow_mut() = Identity::new(&behaviour.release);
            *self.script.borrow_mut() = Script::new(behaviour);
        }
        reply::json(StatusCode::OK, self.script.borrow().behaviour())
    }
}
