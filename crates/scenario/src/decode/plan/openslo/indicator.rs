//! What an SLO measures.

use super::Document;
use crate::decode::Decoder;
use crate::grammar::{INDICATOR, RATIO, SLI};
use crate::text::Node;
use std::sync::Arc;

/// What an indicator measures.
pub(super) struct Indicator {
    /// Whether it is a ratio rather than a metric with a limit.
    pub(super) is_ratio: bool,
    /// The unit of its values, if it says so.
    pub(super) unit: Option<&'static str>,
}

impl Decoder<'_> {
    pub(super) fn inline_indicator(&mut self, node: &Node) -> Option<Indicator> {
        let fields = self.fields(node, &INDICATOR)?;
        let unit = self.unit(fields.get("metadata"));
        let is_ratio = self.sli(fields.get("spec")?)?;
        Some(Indicator { is_ratio, unit })
    }

    pub(super) fn referred_indicator(
        &mut self,
        node: &Node,
        all: &[Document],
    ) -> Option<Indicator> {
        let wanted = self.named(node, "an SLI's name")?;
        let named = |document: &&Document| {
            let name = document
                .node
                .get("metadata")
                .and_then(|node| node.get("name"));
            name.and_then(Node::scalar_text) == Some(wanted)
        };
        let mut indicators = all.iter().filter(|document| document.kind == "SLI");
        let Some(found) = indicators.clone().find(named) else {
            let names: Vec<&str> = indicators
                .by_ref()
                .filter_map(|document| document.node.get("metadata")?.get("name")?.scalar_text())
                .collect();
            let help = if names.is_empty() {
                Some(
                    "add a document of `kind: SLI`, or list the file that has it under `slo` too"
                        .to_owned(),
                )
            } else {
                self.suggestion(wanted, &names)
            };
            let message = format!("there is no SLI `{}`", crate::excerpt::short(wanted));
            self.error(&node.span, message, help);
            return None;
        };
        let file = Arc::clone(&found.file);
        self.within(&file, |decoder| {
            let unit = decoder.unit(found.node.get("metadata"));
            let is_ratio = decoder.sli(found.node.get("spec")?)?;
            Some(Indicator { is_ratio, unit })
        })
    }

    /// Whether an indicator is a ratio rather than a metric with a limit.
    fn sli(&mut self, node: &Node) -> Option<bool> {
        let fields = self.fields(node, &SLI)?;
        let (kind, node) =
            self.one_of(fields, &["thresholdMetric", "ratioMetric"], "an indicator")?;
        if kind == "thresholdMetric" {
            return Some(false);
        }
        let fields = self.fields(node, &RATIO)?;
        let (kind, _) = self.one_of(fields, &["good", "bad", "raw"], "a ratio")?;
        if kind != "raw" && fields.get("total").is_none() {
            let help = "`total`: everything that was asked for".to_owned();
            self.error(&node.span, format!("`{kind}` needs `total`"), help);
        }
        Some(true)
    }

    /// What an annotation or label says of the unit.
    pub(super) fn unit(&mut self, metadata: Option<&Node>) -> Option<&'static str> {
        let metadata = metadata?;
        let node = ["annotations", "labels"]
            .into_iter()
            .find_map(|key| metadata.get(key)?.get("plimsoll/unit"))?;
        self.word(node, &["ms", "s"])
    }
}
