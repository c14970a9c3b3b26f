//! Tests: what load, and what else.

use super::{Context, Decoder, Fields, all};
use crate::decode::stages::{Stages, nanoseconds};
use crate::grammar::TEST;
use crate::model::Load;
use crate::plan::PlannedTest;
use crate::text::{Kind, Node};
use plimsoll_schedule::{LoadShape, Segment};
use std::collections::HashSet;
use std::time::Duration;

/// Most tests of a plan.
const MOST_TESTS: usize = 200;

impl Decoder<'_> {
    pub(super) fn tests(&mut self, node: Option<&Node>, context: &Context) -> Vec<PlannedTest> {
        let Some(node) = node else { return Vec::new() };
        let items = self.list(node, "a list of tests").unwrap_or_default();
        if items.len() > MOST_TESTS {
            let message = format!("{} tests, at most {MOST_TESTS} are possible", items.len());
            self.error(&node.span, message, None);
            return Vec::new();
        }
        if items.is_empty() && matches!(node.kind, Kind::List(_)) {
            let help = "such as `{ name: expected, at: 1x, hold: 20m }`".to_owned();
            self.error(&node.span, "there is no test", help);
        }
        let mut tests = Vec::new();
        let mut names = HashSet::new();
        for item in items {
            if let Some(node) = item.get("name")
                && let Some(name) = node.scalar_text()
                && !names.insert(name.to_owned())
            {
                let message = format!("a test is already named `{}`", crate::excerpt::short(name));
                self.error(
                    &node.span,
                    message,
                    "give one of them another name".to_owned(),
                );
            }
            tests.extend(self.test(item, context));
        }
        tests
    }

    fn test(&mut self, node: &Node, context: &Context) -> Option<PlannedTest> {
        let line = self.line(node);
        let fields = self.fields(node, &TEST)?;
        if let Some(node) = fields.get("description") {
            self.plain(node, "a text");
        }
        let name = fields.get("name").and_then(|node| self.test_name(node));
        let tier = self.tier(fields.get("tier"));
        let arrivals = self.arrivals(fields.get("arrivals"));
        let load = self.test_load(fields, context);
        let length = load
            .as_ref()
            .map(|load| Duration::from_nanos(load.shape.duration_ns()));
        let warmup = fields.get("warmup").map(|node| {
            let warmup = self.duration(node)?;
            if length.is_some_and(|length| warmup >= length) {
                let message = "the test is over before its warm-up";
                self.error(
                    &node.span,
                    message,
                    "shorten it, or lengthen the test".to_owned(),
                );
            }
            Some(warmup)
        });
        let stated = fields.get("thresholds").map(|node| self.boolean(node));
        let inject = self.injections(fields.get("inject"), length, context);
        let expect = self.test_expectations(fields.get("expect"), context);
        let (Some(load), Some(inject), Some(expect)) = (load, inject, expect) else {
            return None;
        };
        if let Some(node) = fields.get("expect") {
            self.check_expectations(node, &expect, &load, &inject, context);
        }
        let target = context.promise.expected * (1.0 + context.promise.headroom);
        let is_calm = highest(&load.shape) <= target * (1.0 + 1e-9)
            && load.jumps.is_empty()
            && inject.is_empty();
        let judges_thresholds = match stated {
            Some(stated) => stated?,
            None => is_calm || expect.is_empty(),
        };
        Some(PlannedTest {
            name: name?,
            tier: tier?,
            load: Load::Open {
                shape: load.shape,
                arrivals: arrivals?,
                promise: Some(context.promise),
            },
            judges_thresholds,
            is_disturbed: !is_calm,
            jumps: load.jumps,
            warmup: all(warmup)?,
            inject,
            expect,
            line,
        })
    }

    /// `stages`, or `at` and `hold`.
    fn test_load(&mut self, fields: Fields<'_>, context: &Context) -> Option<Stages> {
        let (kind, node) = self.one_of(fields, &["at", "stages"], "a test")?;
        if kind == "stages" {
            if let Some(entry) = fields.entry("hold") {
                let message = "`hold` and `stages` exclude each other";
                self.error(&entry.key_span, message, "say it in a stage".to_owned());
            }
            return self.stages(node, Some(context.promise));
        }
        let level = self.level(node, Some(context.promise));
        let Some(hold) = fields.get("hold") else {
            let help = "say how long, such as `hold: 5m`".to_owned();
            self.error(fields.span, "`at` needs `hold`", help);
            return None;
        };
        let hold = self.positive_duration(hold);
        let (level, hold) = (level?, hold?);
        if level <= 0.0 {
            let help = "give it a rate above 0".to_owned();
            self.error(&node.span, "the load is 0/s", help);
            return None;
        }
        let segment = Segment::hold(self.checked(&node.span, level)?, nanoseconds(hold));
        Some(Stages {
            shape: self.shape(&node.span, vec![segment])?,
            jumps: Vec::new(),
        })
    }
}

/// The highest rate of a load.
pub(super) fn highest(shape: &LoadShape) -> f64 {
    let rates = shape
        .segments()
        .map(|segment| segment.from.get().max(segment.to.get()));
    rates.fold(0.0, f64::max)
}

/// The highest rate of a test.
pub(super) fn highest_of(test: &PlannedTest) -> f64 {
    match &test.load {
        Load::Open { shape, .. } => highest(shape),
        Load::Closed { .. } => 0.0,
    }
}
