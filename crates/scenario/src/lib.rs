//! Scenario text to a validated, compiled [`Scenario`], and plan text to a
//! [`plan::ReadinessPlan`], with every problem located.
//!
//! YAML and TOML become one tree of values that know their place (`text`); `grammar` says which
//! keys there are; `decode` turns the tree into the model and collects everything that is wrong.
//! What is compiled once costs little at run time: `template` renders requests, `response` judges
//! what comes back, [`Masker`] keeps secrets out of what is shown. Pure: files are read by a
//! [`Loader`], the environment is a function, and sending is left to whoever drives the scenario.
#![forbid(unsafe_code)]

mod catalogue;
mod decode;
mod excerpt;
mod grammar;
mod load;
mod mask;
mod model;
mod nearest;
pub mod plan;
mod problem;
mod quantity;
mod response;
mod single;
mod template;
mod text;

pub use grammar::{plan_schema, schema};
pub use load::{LoadOptions, Loaded, Loader, MapLoader};
pub use mask::Masker;
pub use model::{
    Address, Body, Clients, Connections, Feed, HttpVersion, Journey, Load, Part, PartContent, Pem,
    Promise, Request, RequestInfo, Resolve, Retry, Scenario, ShedRule, SourceFile,
    SourcedThreshold, Step, Take, Target, Think, Tls,
};
pub use nearest::nearest;
pub use problem::{Problem, Problems, Severity};
pub use quantity::{duration as parse_duration, rate as parse_rate};
pub use response::{
    Capture, CaptureSource, Check, CheckKind, CssPath, Expectations, Finding, FindingKind,
    JsonPath, JsonTest, JsonType, NumberTest, ResponseView, StatusRange, TextTest,
};
pub use single::HitOptions;
pub use template::{Condition, RenderError, Row, Template, Value, Variables};
