//! Changing the behaviour while it runs.

use super::reply::{self, Reply};
use super::{Shop, read};
use crate::behaviour::Behaviour;
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;

impl Shop {
    /// `GET`: the behaviour; `PUT`: a new one, from nothing, in force for requests that arrive from now on;
    /// `PATCH`: some of its members changed (RFC 7396), the rest goes on.
    pub(super) async fn steer(&self, request: Request<Incoming>) -> Reply {
        let method = request.method().clone();
        if method == Method::PUT || method == Method::PATCH {
            let body = match read(request.into_body()).await {
                Ok(body) => body,
                Err(reply) => return reply,
            };
            let changed = if method == Method::PUT {
                self.replace(&body)
            } else {
                self.merge(&body)
            };
            if let Err(problem) = changed {
                return reply::problem(StatusCode::BAD_REQUEST, &problem);
            }
        }
        reply::json(StatusCode::OK, &self.control.behaviour())
    }

    fn replace(&self, body: &[u8]) -> Result<(), String> {
        let behaviour: Behaviour =
            serde_json::from_slice(body).map_err(|error| error.to_string())?;
        self.control
            .replace(behaviour)
            .map_err(|error| error.to_string())
    }

    fn merge(&self, body: &[u8]) -> Result<(), String> {
        let change = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        match self.control.merge(&change) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}
