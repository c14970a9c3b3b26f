//! Thresholds and the rule for giving up early.

use super::Decoder;
use crate::model::SourcedThreshold;
use crate::text::{Kind, Node};
use plimsoll_measure::{AbortRule, Threshold};

impl Decoder<'_> {
    /// One threshold or a list of them.
    pub(super) fn thresholds(&mut self, node: Option<&Node>) -> Vec<SourcedThreshold> {
        let Some(node) = node else { return Vec::new() };
        let items = self.one_or_more(node);
        items
            .iter()
            .filter_map(|item| self.threshold(item))
            .collect()
    }

    fn threshold(&mut self, node: &Node) -> Option<SourcedThreshold> {
        if matches!(node.kind, Kind::Map(_)) {
            self.error(
                &node.span,
                "a scenario's threshold is a text",
                "write `p99 < 500ms`; `{ pass: …, warn: … }` belongs into a readiness plan"
                    .to_owned(),
            );
            return None;
        }
        let text = self.plain(node, "a threshold such as `p99 < 500ms`")?;
        let threshold = SourcedThreshold::parse(text)
            .map_err(|problem| self.error(&node.span, problem, None))
            .ok()?;
        Some(SourcedThreshold {
            line: Some(self.line(node)),
            ..threshold
        })
    }

    /// When to give up early: unless stated, when more than half of all requests fail for 10 s.
    pub(super) fn abort_on(&mut self, node: Option<&Node>) -> Option<Threshold> {
        match node {
            None => Some(crate::single::usual_abort()),
            Some(node) if matches!(node.kind, Kind::Bool(false)) => None,
            Some(node) if node.scalar_text() == Some("off") => None,
            Some(node) => {
                let text = self.plain(node, "a condition such as `errors > 50% for 10s`")?;
                let threshold = text
                    .parse::<Threshold>()
                    .map_err(|error| self.error(&node.span, error.to_string(), None))
                    .ok()?;
                if AbortRule::new(&threshold).is_none() {
                    self.error(
                        &node.span,
                        format!("a run cannot be given up on `{}`", threshold.metric.name()),
                        Some("watch `errors`, `timeouts` or `shed`, such as `errors > 50% for 10s`, or write `off`".to_owned()),
                    );
                    return None;
                }
                Some(threshold)
            }
        }
    }
}
