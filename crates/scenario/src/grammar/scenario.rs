//! The top of a scenario: targets, data, journeys.

use super::Shape::{
    self, Bool, Count, Duration, Either, ListOf, Map, MapOf, Steps, Template, Text, Threshold,
    Words,
};
use super::{LOAD, Table, key, required};

/// One threshold or several.
pub(super) const THRESHOLDS: Shape = Either(&[Threshold, ListOf(&Threshold)]);

pub(super) const REDIRECTS: Shape = Either(&[Words(&["follow", "none"]), Count]);

const CONNECTION_USE: Shape = Either(&[
    Words(&["per_user", "pooled", "new_each_request"]),
    Map(&CONNECTIONS),
]);

const TARGETS: Shape = Either(&[Template, Map(&TARGET)]);

pub(crate) static SCENARIO: Table = Table {
    name: "scenario",
    about: "What users do, and where.",
    keys: &[
        required("name", Text, "The scenario's name."),
        key("description", Text, "What it is for."),
        key(
            "target",
            TARGETS,
            "Where requests go: `demo` (the service inside this program), an http or https URL, or a map. Instead of `targets`.",
        ),
        key(
            "targets",
            MapOf(&TARGETS),
            "Several targets by name. The first is used unless a step names another.",
        ),
        key(
            "defaults",
            Map(&DEFAULTS),
            "What every request has unless it says otherwise.",
        ),
        key(
            "secrets",
            MapOf(&Either(&[Map(&SECRET)])),
            "Where `{{ secret.NAME }}` comes from. Without an entry it is the environment variable NAME, or NAME in upper case.",
        ),
        key(
            "data",
            MapOf(&Map(&DATA)),
            "Data feeds. A journey that uses one takes one row of it for its whole length.",
        ),
        required("journeys", MapOf(&Map(&JOURNEY)), "What users do, by name."),
        key(
            "clients",
            Map(&CLIENTS),
            "Gives arriving users persistent identities.",
        ),
        key(
            "load",
            Map(&LOAD),
            "The load to drive when the command line says nothing.",
        ),
        key(
            "warmup",
            Duration,
            "How much of the beginning is left out of response times and thresholds; `0s` for nothing. Unless stated, it is estimated.",
        ),
        key(
            "thresholds",
            THRESHOLDS,
            "What must hold over all requests.",
        ),
        key(
            "shed",
            Map(&SHED),
            "What counts as shed on purpose rather than failed.",
        ),
        key(
            "abort_on",
            Either(&[Threshold, Words(&["off"])]),
            "When to give up early. Unless stated: `errors > 50% for 10s`.",
        ),
        key(
            "allow",
            ListOf(&Text),
            "Hosts that may be loaded although they are neither loopback nor private.",
        ),
    ],
};

pub(crate) static TARGET: Table = Table {
    name: "target",
    about: "A service that requests go to.",
    keys: &[
        required(
            "url",
            Template,
            "`demo`, or an http or https origin. Its path, if any, is put before the paths of steps.",
        ),
        key(
            "http",
            Either(&[Words(&["auto"]), Count]),
            "HTTP version: `auto` (what ALPN agrees on; 1.1 in clear text), 1, or 2 (by prior knowledge in clear text).",
        ),
        key("tls", Map(&TLS), "TLS options."),
        key(
            "resolve",
            MapOf(&Either(&[Text, ListOf(&Text)])),
            "Addresses to use instead of DNS: `host` or `host:port` to one IP address or a list, used in turn.",
        ),
        key(
            "source_addresses",
            ListOf(&Text),
            "Addresses of this machine to connect from, tried in order; each has local ports of its own.",
        ),
        key(
            "connections",
            CONNECTION_USE,
            "How connections are used. Unless stated: `per_user`.",
        ),
    ],
};

pub(crate) static TLS: Table = Table {
    name: "tls",
    about: "TLS options of a target. Files may lie anywhere.",
    keys: &[
        key("ca", Text, "PEM file of further roots to trust."),
        key(
            "client_cert",
            Text,
            "PEM file of the client's certificate chain; needs `client_key`.",
        ),
        key(
            "client_key",
            Text,
            "PEM file of the client's private key; needs `client_cert`.",
        ),
        key(
            "sni",
            Text,
            "Name to ask for and verify instead of the URL's host.",
        ),
        key(
            "verify",
            Bool,
            "Whether the server's certificate is verified. Unless stated: true.",
        ),
        key(
            "resumption",
            Bool,
            "Whether sessions are resumed. Unless stated: true.",
        ),
    ],
};

pub(crate) static CONNECTIONS: Table = Table {
    name: "connections",
    about: "How connections are used, with options.",
    keys: &[required(
        "pooled",
        Map(&POOLED),
        "Idle connections are reused by whoever comes next.",
    )],
};

pub(crate) static POOLED: Table = Table {
    name: "pooled",
    about: "A pool of connections.",
    keys: &[
        key(
            "max",
            Count,
            "At most so many connections. Unless stated: as many as needed.",
        ),
        key(
            "streams",
            Count,
            "Requests at once on one HTTP/2 connection. Unless stated: what the server allows.",
        ),
    ],
};

pub(crate) static DEFAULTS: Table = Table {
    name: "defaults",
    about: "What every request has unless it says otherwise.",
    keys: &[
        key(
            "timeout",
            Duration,
            "From sending to the last byte, redirects included. Unless stated: 30s.",
        ),
        key(
            "headers",
            MapOf(&Shape::Scalar),
            "Headers. A step's header of the same name replaces one; `null` leaves it out.",
        ),
        key(
            "redirects",
            REDIRECTS,
            "`follow` (at most 10), `none`, or how many are followed. Unless stated: `follow`.",
        ),
        key(
            "connections",
            CONNECTION_USE,
            "How connections are used, for targets that do not say.",
        ),
    ],
};

pub(crate) static SECRET: Table = Table {
    name: "secret",
    about: "Where a secret comes from: one of the two.",
    keys: &[
        key("env", Text, "An environment variable."),
        key(
            "file",
            Text,
            "A file, which may lie anywhere; one line break at its end is left out.",
        ),
    ],
};

pub(crate) static DATA: Table = Table {
    name: "data",
    about: "A data feed: a file or rows.",
    keys: &[
        key(
            "file",
            Text,
            "CSV with a header row, JSON lines (`.jsonl`, `.ndjson`) or a JSON list of maps (`.json`), in the scenario's folder or below.",
        ),
        key(
            "rows",
            ListOf(&MapOf(&Shape::Anything)),
            "Rows written here, each a map from column to value.",
        ),
        key(
            "take",
            Words(&["once", "cycle", "random"]),
            "In which order rows are handed out. `once`: journeys that need a row when there is none left are dropped. Unless stated: `cycle`.",
        ),
        key(
            "columns",
            ListOf(&Text),
            "Names of the columns of a CSV file that has no header row.",
        ),
    ],
};

pub(crate) static JOURNEY: Table = Table {
    name: "journey",
    about: "What a user does from arrival to leaving. A failed expectation or capture ends it.",
    keys: &[
        key(
            "weight",
            Count,
            "Its share of arrivals, exact and not drawn at random. 0: only tried, never loaded. Unless stated: 1.",
        ),
        required("steps", Steps, "Its steps, in order."),
        key(
            "thresholds",
            THRESHOLDS,
            "What must hold of the journey as a whole.",
        ),
    ],
};

pub(crate) static CLIENTS: Table = Table {
    name: "clients",
    about: "Persistent identities, each with its own cookies and data row.",
    keys: &[
        required("population", Count, "How many identities there are."),
        key("id_header", Text, "The header that carries the identity."),
    ],
};

pub(crate) static SHED: Table = Table {
    name: "shed",
    about: "What counts as shed on purpose rather than failed.",
    keys: &[
        key(
            "status",
            Either(&[Count, ListOf(&Count)]),
            "Statuses of a refusal on purpose. Unless stated: 429 and 503.",
        ),
        key(
            "within",
            Duration,
            "How quick a refusal must be. Unless stated: 100ms.",
        ),
    ],
};
