//! Thresholds of plans: one limit, or a strict and a lenient one.

use super::{Decoder, all};
use crate::grammar::PLANNED_THRESHOLD;
use crate::model::SourcedThreshold;
use crate::plan::PlannedThreshold;
use crate::plan::items::metric_name;
use crate::text::{Kind, Node};
use plimsoll_measure::{AbortRule, Comparison, Threshold};
use std::collections::HashSet;

/// Most thresholds of one journey or step.
const MOST_THRESHOLDS: usize = 100;

impl Decoder<'_> {
    /// One threshold or several, each on another metric.
    pub(super) fn planned_thresholds(&mut self, node: Option<&Node>) -> Vec<PlannedThreshold> {
        let Some(node) = node else { return Vec::new() };
        let items = self.one_or_more(node);
        if items.len() > MOST_THRESHOLDS {
            let message = format!(
                "{} thresholds, at most {MOST_THRESHOLDS} are possible",
                items.len()
            );
            self.error(&node.span, message, None);
            return Vec::new();
        }
        let mut thresholds: Vec<PlannedThreshold> = Vec::new();
        let mut metrics = HashSet::new();
        for item in items {
            let Some(threshold) = self.planned_threshold(item) else {
                continue;
            };
            let metric = metric_name(&threshold.pass.threshold);
            if metrics.insert(metric.clone()) {
                thresholds.push(threshold);
                continue;
            }
            let help =
                "keep one of them, or write `{ pass: …, warn: … }` for a strict and a lenient one";
            let message = format!("there is already a threshold on `{metric}` here");
            self.error(&item.span, message, help.to_owned());
        }
        thresholds
    }

    fn planned_threshold(&mut self, node: &Node) -> Option<PlannedThreshold> {
        let line = self.line(node);
        if !matches!(node.kind, Kind::Map(_)) {
            let pass = self.limit(node)?;
            return Some(PlannedThreshold {
                pass,
                warn: None,
                abort: false,
                source: 0,
                line,
            });
        }
        let fields = self.fields(node, &PLANNED_THRESHOLD)?;
        let pass = fields.get("pass").and_then(|node| self.limit(node));
        let abort = match fields.get("abort") {
            Some(node) => self.boolean(node).unwrap_or(false),
            None => false,
        };
        let warn = fields.get("warn").map(|node| self.limit(node));
        let (pass, warn) = (pass?, all(warn)?);
        if let (Some(warn), Some(node)) = (&warn, fields.get("warn")) {
            self.check_lenient(node, &pass, warn);
        }
        if let (true, Some(entry)) = (abort, fields.entry("abort")) {
            if pass.threshold.window.is_none() {
                let help = format!("write `{} for 10s`", pass.text);
                let message = "a test is given up on a window, and this threshold has none";
                self.error(&entry.key_span, message, help);
            } else if AbortRule::new(&pass.threshold).is_none() {
                let message = format!(
                    "a test cannot be given up on `{}`",
                    pass.threshold.metric.name()
                );
                let help = "watch `errors`, `timeouts` or `shed`, such as `errors < 5% for 10s`";
                self.error(&entry.key_span, message, help.to_owned());
            }
        }
        Some(PlannedThreshold {
            pass,
            warn,
            abort,
            source: 0,
            line,
        })
    }

    /// A threshold as text.
    pub(super) fn limit(&mut self, node: &Node) -> Option<SourcedThreshold> {
        let text = self.plain(node, "a threshold such as `p99 < 500ms`")?;
        SourcedThreshold::parse(text)
            .map_err(|problem| self.error(&node.span, problem, None))
            .ok()
    }

    fn check_lenient(&mut self, node: &Node, pass: &SourcedThreshold, warn: &SourcedThreshold) {
        let (strict, lenient) = (&pass.threshold, &warn.threshold);
        let comparable = strict.metric == lenient.metric
            && strict.window == lenient.window
            && strict.comparison.is_upper_limit() == lenient.comparison.is_upper_limit();
        if !comparable {
            let message = format!("`{}` cannot be compared with `{}`", warn.text, pass.text);
            let help = "`warn` has the metric, the direction and the window of `pass`".to_owned();
            self.error(&node.span, message, help);
        } else if !is_more_lenient(strict, lenient) {
            let message = format!("`{}` is no more lenient than `{}`", warn.text, pass.text);
            let help = "`warn` says what still passes, marginally, where `pass` does not hold";
            self.error(&node.span, message, help.to_owned());
        }
    }
}

/// Whether the second lets more pass.
fn is_more_lenient(strict: &Threshold, lenient: &Threshold) -> bool {
    let looser = |comparison| {
        matches!(
            comparison,
            Comparison::LessOrEqual | Comparison::GreaterOrEqual
        )
    };
    let beyond = if strict.comparison.is_upper_limit() {
        lenient.value > strict.value
    } else {
        lenient.value < strict.value
    };
    let same = lenient.value == strict.value;
    beyond || same && looser(lenient.comparison) && !looser(strict.comparison)
}
