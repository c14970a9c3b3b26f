//! A load in stages, and what a rate may be given as.

use super::{Decoder, Fields};
use crate::grammar::STAGE;
use crate::model::Promise;
use crate::plan::Jump;
use crate::quantity;
use crate::text::{Node, Span};
use plimsoll_schedule::{LoadShape, Rate, Segment};
use std::time::Duration;

/// Most stages.
const MOST_STAGES: usize = 10_000;

/// A load over time.
pub(super) struct Stages {
    pub(super) shape: LoadShape,
    /// Where `jump` stages begin.
    pub(super) jumps: Vec<Jump>,
}

impl Decoder<'_> {
    pub(super) fn checked(&mut self, span: &Span, rate: f64) -> Option<Rate> {
        let checked = Rate::per_second(rate);
        checked
            .map_err(|error| self.error(span, error.to_string(), None))
            .ok()
    }

    pub(super) fn shape(&mut self, span: &Span, segments: Vec<Segment>) -> Option<LoadShape> {
        match LoadShape::new(segments) {
            Ok(shape) => Some(shape),
            Err(error) => {
                self.error(span, error.to_string(), None);
                None
            }
        }
    }

    /// Stages, one after the other.
    pub(super) fn stages(&mut self, node: &Node, promise: Option<Promise>) -> Option<Stages> {
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
        let mut jumps = Vec::new();
        let mut at_ns = 0_u64;
        let mut level = Some(0.0);
        for item in items {
            // After a stage that is wrong its level is unknown, but the next is looked at all the same.
            match self.stage(item, level.unwrap_or(0.0), promise) {
                Some((segment, to)) => {
                    if item.get("jump").is_some() {
                        jumps.push(Jump {
                            at_ns,
                            from: level.unwrap_or(0.0),
                            to,
                        });
                    }
                    at_ns = at_ns.saturating_add(segment.duration_ns);
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
        let shape = self.shape(&node.span, segments)?;
        Some(Stages { shape, jumps })
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
    pub(super) fn level(&mut self, node: &Node, promise: Option<Promise>) -> Option<f64> {
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
            None if promise.is_some() => {
                let help = "write a multiple of the expected load such as `1.5x`, `target` (with headroom), or a rate such as `120/s`";
                self.quantity(node, "a load", help, quantity::rate)
            }
            None => self.rate(node),
        }
    }
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
