//! What an SLO promises.

use super::Document;
use crate::decode::Decoder;
use crate::grammar::{OBJECTIVE, SLO, TIME_WINDOW};
use crate::model::SourcedThreshold;
use crate::plan::PlannedThreshold;
use crate::text::{Node, Span};

impl Decoder<'_> {
    /// The thresholds of an SLO, each with its place.
    pub(super) fn slo_document(
        &mut self,
        document: &Document,
        all: &[Document],
    ) -> Vec<(PlannedThreshold, Span)> {
        let mut thresholds = Vec::new();
        let Some(spec) = document.node.get("spec") else {
            return thresholds;
        };
        let Some(fields) = self.fields(spec, &SLO) else {
            return thresholds;
        };
        if let Some(node) = fields.get("timeWindow") {
            for window in self.one_or_more(node) {
                self.fields(window, &TIME_WINDOW);
            }
        }
        if let Some(node) = fields.get("budgetingMethod") {
            self.budgeting(node);
        }
        let Some((kind, node)) = self.one_of(fields, &["indicator", "indicatorRef"], "an SLO")
        else {
            return thresholds;
        };
        let indicator = match kind {
            "indicator" => self.inline_indicator(node),
            _ => self.referred_indicator(node, all),
        };
        let unit = self.unit(document.node.get("metadata"));
        let Some(indicator) = indicator else {
            return thresholds;
        };
        let unit = indicator.unit.or(unit).unwrap_or("s");
        let Some(node) = fields.get("objectives") else {
            return thresholds;
        };
        for objective in self.entries(node, "objectives") {
            let pass = self.objective(objective, indicator.is_ratio, unit);
            thresholds.extend(pass.map(|pass| {
                let threshold = PlannedThreshold {
                    pass,
                    warn: None,
                    abort: false,
                    source: document.source,
                    line: self.line(objective),
                };
                (threshold, objective.span.clone())
            }));
        }
        thresholds
    }

    fn budgeting(&mut self, node: &Node) {
        match node.scalar_text() {
            Some("Occurrences") => {}
            Some("Timeslices" | "RatioTimeslices") => {
                let message = "a budget of time slices cannot be judged: a test counts requests, and lasts for few slices";
                let help = "write `budgetingMethod: Occurrences`, or leave the SLO out and give the journey a threshold with a window, such as `errors < 1% for 60s`";
                self.error(&node.span, message, help.to_owned());
            }
            _ => {
                self.word(node, &["Occurrences", "Timeslices"]);
            }
        }
    }

    /// The threshold that an objective comes to.
    fn objective(&mut self, node: &Node, is_ratio: bool, unit: &str) -> Option<SourcedThreshold> {
        let fields = self.fields(node, &OBJECTIVE)?;
        for key in ["timeSliceTarget", "timeSliceWindow"] {
            if let Some(entry) = fields.entry(key) {
                let help = "leave it out: it has no meaning with `Occurrences`".to_owned();
                self.error(
                    &entry.key_span,
                    format!("`{key}` goes with time slices"),
                    help,
                );
            }
        }
        let (kind, target) = self.one_of(fields, &["target", "targetPercent"], "an objective")?;
        let (scale, most) = if kind == "target" {
            (100.0, 1.0)
        } else {
            (1.0, 100.0)
        };
        let percent = self.number(target)? * scale;
        if !(0.0..100.0).contains(&percent) {
            let message = format!("`{kind}` is from 0 to below {most}");
            self.error(&target.span, message, None);
            return None;
        }
        let text = if is_ratio {
            for key in ["op", "value"] {
                if let Some(entry) = fields.entry(key) {
                    let message =
                        format!("`{key}` goes with a thresholdMetric, and this is a ratio");
                    self.error(&entry.key_span, message, "leave it out".to_owned());
                }
            }
            format!("errors <= {}%", trimmed(100.0 - percent))
        } else {
            let (Some(op), Some(value)) = (fields.get("op"), fields.get("value")) else {
                let help = "such as `{ op: lte, value: 0.8, target: 0.95 }`".to_owned();
                self.error(
                    fields.span,
                    "with a thresholdMetric an objective needs `op` and `value`",
                    help,
                );
                return None;
            };
            let sign = match self.word(op, &["lte", "lt", "gte", "gt"])? {
                "lte" => "<=",
                "lt" => "<",
                other => {
                    let message = format!("`{other}` is no limit on a response time");
                    self.error(&op.span, message, "write `lte` or `lt`".to_owned());
                    return None;
                }
            };
            let value = self.number(value)?;
            let name = trimmed(percent);
            let digits = name.split_once('.').map_or(0, |(_, digits)| digits.len());
            if !(50.0..=99.99).contains(&percent) || digits > 2 {
                let message =
                    format!("a target of {name}% is none of the percentiles p50 to p99.99");
                let help = "such as `target: 0.95` for p95, or `target: 0.999` for p99.9";
                self.error(&target.span, message, help.to_owned());
                return None;
            }
            format!("p{name} {sign} {}{unit}", trimmed(value))
        };
        SourcedThreshold::parse(&text)
            .map_err(|problem| self.error(&node.span, problem, None))
            .ok()
    }
}

/// Nine digits behind the point at most, and no zeros at its end.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
