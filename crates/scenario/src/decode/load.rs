//! The load block.

use super::{Decoder, Fields};
use crate::grammar::{LOAD, STAGE};
use crate::model::{Load, Promise};
use crate::quantity;
use crate::text::{Node, Span};
use plimsoll_schedule::{Arrivals, LoadShape, Rate, Segment};
use std::time::Duration;

/// Most users of a closed load.
const MOST_USERS: u64 = 1_000_000;

/// Most stages.
const MOST_STAGES: usize = 10_000;

impl Decoder<'_> {
    pub(super) fn load(&mut self, node: &Node) -> Option<Load> {
        let fields = self.fields(node, &LOAD)?;
        if fields.get("users").is_some() {
            return self.closed(fields);
        }
        for key in ["pacing", "iterations"] {
            if let Some(entry) = fields.entry(key) {
                self.error(
                    &entry.key_span,
                    format!("`{key}` goes with `users`: a closed load"),
                    None,
                );
            }
        }
        let arrivals = match fields
            .get("arrivals")
            .map(|node| self.word(node, &["even", "poisson"]))
        {
            Some(word) => {
                if word? == "poisson" {
                    Arrivals::Poisson
                } else {
                    Arrivals::Even
                }
            }
            None => Arrivals::Even,
        };
        let promise = self.promise(fields)?;
        let shape = match fields.entry("stages") {
            Some(entry) => {
                for key in ["rate", "duration"] {
                    if let Some(entry) = fields.entry(key) {
                        self.error(
                            &entry.key_span,
                            format!("`{key}` and `stages` exclude each other"),
                            "say it in a stage".to_owned(),
                        );
                    }
                }
                self.stages(&entry.value, promise)?
            }
            None => self.constant_load(fields, promise)?,
        };
        Some(Load::Open {
            shape,
            arrivals,
            promise,
        })
    }

    fn rate(&mut self, node: &Node) -> Option<f64> {
        self.quantity(node, "a rate", quantity::RATE_HELP, quantity::rate)
    }

    /// Expected load and headroom; `Some(None)` where nothing is expected.
    fn promise(&mut self, fields: Fields<'_>) -> Option<Option<Promise>> {
        let headroom = match fields.get("headroom") {
            Some(node) => self.quantity(node, "a share", quantity::SHARE_HELP, quantity::share)?,
            None => 0.0,
        };
        let Some(node) = fields.get("expected") else {
            if let Some(entry) = fields.entry("headroom") {
                self.error(
                    &entry.key_span,
                    "headroom above what? `expected` is missing",
                    "add `expected: 100/s`".to_owned(),
                );
                return None;
            }
            return Some(None);
        };
        Some(Some(Promise {
            expected: self.rate(node)?,
            headroom,
        }))
    }

    fn constant_load(&mut self, fields: Fields<'_>, promise: Option<Promise>) -> Option<LoadShape> {
        let rate = match (fields.entry("rate"), promise) {
            (Some(entry), Some(_)) => {
                self.error(
                    &entry.key_span,
                    "`rate` and `expected` exclude each other",
                    "with `expected` the load is expected plus headroom".to_owned(),
                );
                None
            }
            (Some(entry), None) => self.rate(&entry.value),
            (None, Some(promise)) => Some(promise.expected * (1.0 + promise.headroom)),
            (None, None) => {
                self.error(
                    fields.span,
                    "a load needs `rate`, `expected`, `stages` or `users`",
                    None,
                );
                None
            }
        };
        let Some(entry) = fields.entry("duration") else {
            self.error(
                fields.span,
                "the key `duration` is missing in load",
                "say how long, such as `duration: 5m`".to_owned(),
            );
            return None;
        };
        let duration = self.positive_duration(&entry.value)?;
        let rate = rate?;
        if rate <= 0.0 {
            self.error(
                fields.span,
                "the load is 0/s",
                "give it a rate above 0".to_owned(),
            );
            return None;
        }
        let segment = Segment::hold(self.checked(fields.span, rate)?, nanoseconds(duration));
        self.shape(fields.span, vec![segment])
    }

    fn checked(&mut self, span: &Span, rate: f64) -> Option<Rate> {
        let checked = Rate::per_second(rate);
        checked
            .map_err(|error| self.error(span, error.to_string(), None))
            .ok()
    }

    fn shape(&mut self, span: &Span, segments: Vec<Segment>) -> Option<LoadShape> {
        match LoadShape::new(segments) {
            Ok(shape) => Some(shape),
            Err(error) => {
                self.error(span, error.to_string(), None);
                None
            }
        }
    }

    fn stages(&mut self, node: &Node, promise: Option<Promise>) -> Option<LoadShape> {
        let items = self.list(node, "a list of stages")?;
        if items.is_empty() || items.len() > MOST_STAGES {
            self.error(
                &node.span,
                format!("expected 1 to {MOST_STAGES} stages, found {}", items.len()),
                None,
            );
            return None;
        }
        let mut segments = Vec::new();
        let mut level = Some(0.0);
        for item in items {
            // After a stage that is wrong its level is unknown, but the next is looked at all the same.
            match self.stage(item, level.unwrap_or(0.0), promise) {
                Some((segment, to)) => {
                    segments.push(segment);
                    level = level.map(|_| to);
                }
                None => level = None,
            }
        }
        level?;
        if segments
            .iter()
            .all(|segment| segment.from.get() <= 0.0 && segment.to.get() <= 0.0)
        {
            self.error(
                &node.span,
                "the load is 0/s throughout",
                "start with `{ at: 50/s, hold: 5m }` or a ramp".to_owned(),
            );
            return None;
        }
        self.shape(&node.span, segments)
    }

    /// A stage and the level at its end.
    fn stage(
        &mut self,
        node: &Node,
        before: f64,
        promise: Option<Promise>,
    ) -> Option<(Segment, f64)> {
        let fields = self.fields(node, &STAGE)?;
        let starts = ["ramp", "at", "jump"];
        if starts.iter().all(|key| fields.get(key).is_none()) {
            let Some(hold) = fields.get("hold") else {
                let help = "such as `{ ramp: 5m, to: 100/s }` or `{ at: 50/s, hold: 5m }`";
                self.error(
                    fields.span,
                    "a stage needs `ramp`, `at`, `jump` or `hold`",
                    help.to_owned(),
                );
                return None;
            };
            self.excluded(fields, "to", "hold");
            return self.held(fields.span, before, hold);
        }
        let (kind, node) = self.one_of(fields, &starts, "a stage")?;
        if kind == "ramp" {
            self.excluded(fields, "hold", "ramp");
            let Some(to) = fields.get("to") else {
                self.error(
                    fields.span,
                    "a ramp needs `to`",
                    "such as `{ ramp: 5m, to: 100/s }`".to_owned(),
                );
                return None;
            };
            let (duration, level) = (self.positive_duration(node), self.level(to, promise)?);
            let segment = Segment {
                duration_ns: nanoseconds(duration?),
                from: self.checked(fields.span, before)?,
                to: self.checked(fields.span, level)?,
            };
            return Some((segment, level));
        }
        self.excluded(fields, "to", kind);
        let level = self.level(node, promise);
        let Some(hold) = fields.get("hold") else {
            self.error(
                fields.span,
                format!("`{kind}` needs `hold`"),
                "say how long, such as `hold: 5m`".to_owned(),
            );
            return None;
        };
        self.held(fields.span, level?, hold)
    }

    fn held(&mut self, span: &Span, level: f64, hold: &Node) -> Option<(Segment, f64)> {
        let duration = self.positive_duration(hold)?;
        Some((
            Segment::hold(self.checked(span, level)?, nanoseconds(duration)),
            level,
        ))
    }

    fn excluded(&mut self, fields: Fields<'_>, key: &str, by: &str) {
        if let Some(entry) = fields.entry(key) {
            let help = "write a stage of its own for it".to_owned();
            self.error(
                &entry.key_span,
                format!("`{key}` does not go with `{by}`"),
                help,
            );
        }
    }

    /// A rate: absolute, or of what is expected.
    fn level(&mut self, node: &Node, promise: Option<Promise>) -> Option<f64> {
        let text = node.scalar_text().unwrap_or_default();
        let of_expected = match (text.trim(), quantity::multiple(text)) {
            ("target", _) => {
                Some(promise.map(|promise| promise.expected * (1.0 + promise.headroom)))
            }
            (_, Some(multiple)) => Some(promise.map(|promise| promise.expected * multiple)),
            _ => None,
        };
        match of_expected {
            Some(Some(rate)) => Some(rate),
            Some(None) => {
                let message = format!(
                    "`{}` of what? `expected` is missing",
                    crate::excerpt::short(text)
                );
                self.error(
                    &node.span,
                    message,
                    "add `expected: 100/s` to the load, or write a rate".to_owned(),
                );
                None
            }
            None => self.rate(node),
        }
    }

    /// A fixed number of users.
    fn closed(&mut self, fields: Fields<'_>) -> Option<Load> {
        for key in ["rate", "expected", "headroom", "stages", "arrivals"] {
            if let Some(entry) = fields.entry(key) {
                let help = "a load is open (arrivals at a rate) or closed (a number of users): keep one of them";
                self.error(
                    &entry.key_span,
                    format!("`{key}` and `users` exclude each other"),
                    help.to_owned(),
                );
            }
        }
        let users = fields
            .get("users")
            .and_then(|node| self.count(node, 1..=MOST_USERS));
        let pacing = fields
            .get("pacing")
            .map(|node| self.positive_duration(node));
        let duration = fields
            .get("duration")
            .map(|node| self.positive_duration(node));
        let iterations = fields
            .get("iterations")
            .map(|node| self.count(node, 1..=u64::MAX));
        if duration.is_none() && iterations.is_none() {
            self.error(
                fields.span,
                "users without an end",
                "add `duration: 5m` or `iterations: 1000`".to_owned(),
            );
            return None;
        }
        Some(Load::Closed {
            users: users?,
            pacing: settled(pacing)?,
            duration: settled(duration)?,
            iterations: settled(iterations)?,
        })
    }
}

/// A value that may be left out but not be wrong.
fn settled<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(None) => None,
        Some(some) => Some(some),
        None => Some(None),
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
