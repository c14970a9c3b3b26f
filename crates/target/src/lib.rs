//! The demo service: a small travel shop over HTTP/1.1 and HTTP/2 (prior knowledge), with scripted latency, stalls,
//! limits, errors, faults and everything else that a readiness plan has to find: see [`Behaviour`].
//!
//! It is what a first run is pointed at, and what Plimsoll's own tests drive: it does exactly what it is told, says
//! what it received ([`Demo::counts`]), and costs little, as it shares a machine with the generator. It keeps no state
//! for its users: tokens prove themselves, flights follow from the search. It speaks no TLS.
//!
//! Timers are tokio's, which are up to about 1 ms late and never early. Queues are kept in virtual time, so lateness
//! never adds up.
//!
//! # Pages
//! | request | answer |
//! |---|---|
//! | `GET /` | the home page, with links and a hidden `csrf` field |
//! | `GET /search?from=&to=` | 3 to 10 flights, always the same for the same query |
//! | `POST /login` | JSON or form `{user, password}`: a token and the cookie `session`; 401 for the password `wrong` |
//! | `POST /basket` | with the token and `{"flight": "F…"}`: 201 |
//! | `POST /checkout` | with the token: 201, `confirmed` and a booking id |
//! | `GET /lounge`, `GET /recommend` | JSON |
//! | `GET /account` | with the cookie: JSON; else 401 |
//! | `GET /redirect` | 302 to `/redirect/2`, 302 to `/` |
//! | `GET /version` | `{"version": …, "commit": …}`; every answer has `x-release-id` |
//! | `GET /healthz` | 200, whatever the behaviour |
//! | `GET /metrics` | the process (all of it, where others share it) and the counts, for Prometheus; whatever the behaviour |
//! | `GET /null` | the least that can be answered |
//! | any `/echo` | method, path, headers and body as JSON |
//! | `GET /bytes/N`, `/status/NNN`, `/slow?ms=N` | N bytes; that status; an answer after N ms |
//! | `GET /gzip`, `/deflate`, `/br`, `/zstd` | JSON, compressed |
//! | `GET /fault/NAME` | a [`Fault`] |
//! | `GET`, `PUT` or `PATCH /behaviour` | the [`Behaviour`] as JSON, to read, to replace or to change in part while it runs |

mod behaviour;
mod body;
mod connection;
mod control;
mod counts;
mod demo;
mod null;
mod quantity;
mod random;
mod route;
mod script;
mod server;
mod shop;
mod wire;

pub use behaviour::{
    Ageing, Behaviour, BehaviourError, Dependency, DependencyState, Fault, FaultShare, Latency,
    MergeError, Priority, Refusal, Release, ReleaseSwitch, Scale, Scoped, Size, Stall,
};
pub use counts::{Counters, Counts};
pub use demo::Demo;
pub use null::NullServer;
pub use quantity::{ParseError, Rate, Share, parse_duration};
pub use server::serve;
