//! The load block.

use super::stages::nanoseconds;
use super::{Decoder, Fields};
use crate::grammar::LOAD;
use crate::model::{Load, Promise};
use crate::quantity;
use crate::text::Node;
use plimsoll_schedule::{Arrivals, LoadShape, Segment};

/// Most users of a closed load.
const MOST_USERS: u64 = 1_000_000;

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
        let arrivals = self.arrivals(fields.get("arrivals"))?;
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
                self.stages(&entry.value, promise)?.shape
            }
            None => self.constant_load(fields, promise)?,
        };
        Some(Load::Open {
            shape,
            arrivals,
            promise,
        })
    }

    /// How arrivals are spread: evenly unless stated.
    pub(super) fn arrivals(&mut self, node: Option<&Node>) -> Option<Arrivals> {
        let Some(node) = node else {
            return Some(Arrivals::Even);
        };
        Some(match self.word(node, &["even", "poisson"])? {
            "poisson" => Arrivals::Poisson,
            _ => Arrivals::Even,
        })
    }

    pub(super) fn rate(&mut self, node: &Node) -> Option<f64> {
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
