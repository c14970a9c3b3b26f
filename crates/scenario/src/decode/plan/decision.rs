//! What is decided when, and the load that was agreed.

use super::Decoder;
use crate::grammar::{AGREEMENT, DECISION, EXPECTED_LOAD, GO_LIVE};
use crate::plan::{Decision, ExpectedLoad};
use crate::quantity;
use crate::text::Node;
use jiff::Timestamp;

/// Largest headroom, as a share.
const MOST_HEADROOM: f64 = 1_000.0;

impl Decoder<'_> {
    pub(super) fn decision(&mut self, node: Option<&Node>) -> Decision {
        let Some(fields) = node.and_then(|node| self.fields(node, &DECISION)) else {
            return Decision::default();
        };
        Decision {
            meeting: fields.get("meeting").and_then(|node| self.timestamp(node)),
            go_live: fields.get("go_live").and_then(|node| self.go_live(node)),
            evidence_max_age: fields
                .get("evidence_max_age")
                .and_then(|node| self.positive_duration(node)),
        }
    }

    fn go_live(&mut self, node: &Node) -> Option<(Timestamp, Timestamp)> {
        let fields = self.fields(node, &GO_LIVE)?;
        let start = fields.get("start").and_then(|node| self.timestamp(node));
        let end = fields.get("end").and_then(|node| self.timestamp(node));
        let (start, end) = (start?, end?);
        if end < start {
            self.error(
                &node.span,
                "it ends before it starts",
                "exchange the two".to_owned(),
            );
            return None;
        }
        Some((start, end))
    }

    pub(super) fn expected_load(&mut self, node: &Node) -> Option<ExpectedLoad> {
        let line = self.line(node);
        let fields = self.fields(node, &EXPECTED_LOAD)?;
        let peak = fields.get("peak").and_then(|node| {
            let peak = self.rate(node)?;
            if peak <= 0.0 {
                self.error(
                    &node.span,
                    "the peak is 0/s",
                    "give it a rate above 0".to_owned(),
                );
                return None;
            }
            Some(peak)
        });
        let headroom = match fields.get("headroom") {
            Some(node) => self.quantity(node, "a share", quantity::SHARE_HELP, |text| {
                let headroom = quantity::share(text)?;
                if headroom > MOST_HEADROOM {
                    return Err(format!("`{}` is no headroom", crate::excerpt::short(text)));
                }
                Ok(headroom)
            }),
            None => Some(0.0),
        };
        let source = self.optional(fields.get("source"), "a text");
        let owner = self.optional(fields.get("owner"), "a name");
        let (mut agreed_by, mut agreed_on) = (Vec::new(), None);
        if let Some(agreed) = fields
            .get("agreed")
            .and_then(|node| self.fields(node, &AGREEMENT))
        {
            let names = self.name_list(agreed.get("by"), "a name");
            agreed_by = names.into_iter().map(|(name, _)| name).collect();
            agreed_on = agreed.get("on").and_then(|node| self.date(node));
        }
        Some(ExpectedLoad {
            peak: peak?,
            headroom: headroom?,
            source,
            owner,
            agreed_by,
            agreed_on,
            line,
        })
    }
}
