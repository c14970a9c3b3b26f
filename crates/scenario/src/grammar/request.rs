//! Requests: what is sent, what must come back, what is kept.

use super::Shape::{
    self, Anything, Bool, Comparison, Count, Duration, Either, ListOf, Map, MapOf, Number, Scalar,
    Template, Text, Words,
};
use super::scenario::{REDIRECTS, THRESHOLDS};
use super::{Table, key, required};

const URL: &str = "Path and query, or an absolute URL. Values put into it are percent-encoded, unless they are its very beginning (a captured link) or marked `| safe`.";

const STATUS: Shape = Either(&[Count, Text, ListOf(&Either(&[Count, Text]))]);

pub(crate) static REQUEST: Table = Table {
    name: "request",
    about: "Sends a request. One method key names the URL. A 2xx or 3xx status is expected unless stated.",
    keys: &[
        key(
            "name",
            Text,
            "Its name in reports, unique in its journey. Unless stated: method and URL as written here.",
        ),
        key("GET", Template, URL),
        key("POST", Template, URL),
        key("PUT", Template, URL),
        key("PATCH", Template, URL),
        key("DELETE", Template, URL),
        key("HEAD", Template, URL),
        key("OPTIONS", Template, URL),
        key(
            "target",
            Text,
            "The name of the target. Unless stated: the first.",
        ),
        key(
            "headers",
            MapOf(&Scalar),
            "Headers; `null` leaves out a default one.",
        ),
        key(
            "query",
            MapOf(&Either(&[Scalar, ListOf(&Scalar)])),
            "Parameters that are put behind the URL, percent-encoded; a list repeats one.",
        ),
        key(
            "json",
            Anything,
            "A JSON body. A text that is exactly one `{{ }}` keeps the type of its value.",
        ),
        key(
            "form",
            MapOf(&Either(&[Scalar, ListOf(&Scalar)])),
            "A form, urlencoded; a list repeats a field.",
        ),
        key(
            "multipart",
            MapOf(&Either(&[Scalar, Map(&PART)])),
            "A multipart/form-data body: field to value or part.",
        ),
        key("body", Template, "A plain body."),
        key(
            "file",
            Text,
            "A file as the body, in the scenario's folder or below.",
        ),
        key(
            "basic_auth",
            Map(&BASIC_AUTH),
            "Basic authentication (RFC 7617).",
        ),
        key(
            "timeout",
            Duration,
            "From sending to the last byte, redirects included.",
        ),
        key(
            "retry",
            Either(&[Count, Map(&RETRY)]),
            "How often it is tried again when it is not answered, or with 429, 500, 502, 503 or 504; or a map. Unless stated: never.",
        ),
        key(
            "redirects",
            REDIRECTS,
            "`follow` (at most 10), `none`, or how many are followed.",
        ),
        key(
            "expect",
            Either(&[STATUS, Map(&EXPECT)]),
            "What must hold of the response: a status (`200`, `2xx`), a list of them, or a map.",
        ),
        key(
            "save",
            MapOf(&Either(&[Text, Map(&CAPTURE)])),
            "What is kept of the response: variable to JSONPath or source.",
        ),
        key("thresholds", THRESHOLDS, "What must hold of this step."),
    ],
};

pub(crate) static RETRY: Table = Table {
    name: "retry",
    about: "How a request is tried again. Attempts are counted apart from what users asked for.",
    keys: &[
        required("times", Count, "How often at most, up to 10."),
        key(
            "pause",
            Duration,
            "How long before each attempt. Unless stated: not at all.",
        ),
    ],
};

pub(crate) static BASIC_AUTH: Table = Table {
    name: "basic_auth",
    about: "Basic authentication.",
    keys: &[
        required("user", Template, "User name."),
        required("password", Template, "Password."),
    ],
};

pub(crate) static PART: Table = Table {
    name: "part",
    about: "A part of a multipart body: a value or a file.",
    keys: &[
        key("value", Scalar, "Its text."),
        key("file", Text, "A file, in the scenario's folder or below."),
        key(
            "file_name",
            Text,
            "File name to send. Unless stated: that of the file.",
        ),
        key(
            "type",
            Text,
            "Content type to send. Unless stated: guessed from the file's name.",
        ),
    ],
};

pub(crate) static EXPECT: Table = Table {
    name: "expect",
    about: "What must hold of a response.",
    keys: &[
        key(
            "status",
            STATUS,
            "`200`, `2xx`, or a list. Unless stated: 2xx or 3xx.",
        ),
        key(
            "header",
            MapOf(&Either(&[Scalar, Map(&HEADER_TEST)])),
            "Header to its value, or to a test.",
        ),
        key(
            "body",
            Map(&BODY_TEST),
            "Tests on the decoded body as text.",
        ),
        key(
            "json",
            MapOf(&Either(&[Anything, Map(&JSON_TEST)])),
            "JSONPath to the value there, or to a test.",
        ),
        key("size", Comparison, "The body's size as received: `< 10kB`."),
        key(
            "latency",
            Comparison,
            "The response time, from the intended time: `< 500ms`.",
        ),
    ],
};

pub(crate) static HEADER_TEST: Table = Table {
    name: "header test",
    about: "Tests on a header's value; all must hold.",
    keys: &[
        key("equals", Scalar, "The value is exactly this."),
        key("not", Scalar, "The value is anything but this."),
        key("contains", Scalar, "This is somewhere in it."),
        key("not_contains", Scalar, "This is nowhere in it."),
        key(
            "matches",
            Text,
            "This regular expression finds something in it.",
        ),
        key("exists", Bool, "Whether there is such a header at all."),
    ],
};

pub(crate) static BODY_TEST: Table = Table {
    name: "body test",
    about: "Tests on the body as text; all must hold.",
    keys: &[
        key("equals", Scalar, "The body is exactly this."),
        key(
            "contains",
            Either(&[Scalar, ListOf(&Scalar)]),
            "This is somewhere in it; of a list, each.",
        ),
        key(
            "not_contains",
            Either(&[Scalar, ListOf(&Scalar)]),
            "This is nowhere in it; of a list, none.",
        ),
        key(
            "matches",
            Text,
            "This regular expression finds something in it.",
        ),
    ],
};

pub(crate) static JSON_TEST: Table = Table {
    name: "json test",
    about: "Tests on what a JSONPath finds; all must hold. Of several values every one must, but for `contains`.",
    keys: &[
        key("equals", Anything, "Equal to this value."),
        key("not", Anything, "Not equal to this value."),
        key("exists", Bool, "Whether anything is found."),
        key(
            "min_items",
            Count,
            "A list or map of at least so many items, or at least so many values found.",
        ),
        key(
            "max_items",
            Count,
            "A list or map of at most so many items, or at most so many values found.",
        ),
        key("min", Number, "A number of at least this."),
        key("max", Number, "A number of at most this."),
        key(
            "contains",
            Scalar,
            "A text with this in it, or a list with this item.",
        ),
        key(
            "matches",
            Text,
            "A text in which this regular expression finds something.",
        ),
        key(
            "type",
            Words(&[
                "text", "number", "bool", "list", "map", "null", "string", "boolean", "array",
                "object",
            ]),
            "The value's type.",
        ),
    ],
};

pub(crate) static CAPTURE: Table = Table {
    name: "capture",
    about: "Where a value comes from: one of `json`, `header`, `regex`, `css`, `cookie`. Of several values the first is taken.",
    keys: &[
        key(
            "json",
            Text,
            "A JSONPath (RFC 9535); the value keeps its type.",
        ),
        key("header", Text, "A header."),
        key("regex", Text, "A regular expression on the body."),
        key(
            "group",
            Count,
            "Which group of the regular expression. Unless stated: the first, or everything if there is none.",
        ),
        key("css", Text, "A CSS selector on an HTML body."),
        key(
            "attribute",
            Text,
            "The element's attribute instead of its text.",
        ),
        key(
            "cookie",
            Text,
            "A cookie that the user holds after this response.",
        ),
        key(
            "default",
            Scalar,
            "Taken where there is nothing, instead of failing.",
        ),
    ],
};
