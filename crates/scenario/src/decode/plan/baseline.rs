//! The release to compare with.

use super::Decoder;
use crate::grammar::{BASELINE, BASELINE_THRESHOLD};
use crate::plan::Baseline;
use crate::quantity;
use crate::text::{Kind, Node};
use plimsoll_measure::Metric;

/// What a history keeps of every journey, and more of which is worse.
const COMPARED: [&str; 10] = [
    "p50", "p90", "p95", "p99", "p99.9", "max", "mean", "errors", "timeouts", "shed",
];

impl Decoder<'_> {
    pub(super) fn baseline(&mut self, node: &Node) -> Option<Baseline> {
        let line = self.line(node);
        let fields = self.fields(node, &BASELINE)?;
        let release = fields
            .get("release")
            .and_then(|node| self.named(node, "a version").map(str::to_owned));
        let min_runs = match fields.get("min_runs") {
            Some(node) => self.count(node, 1..=10_000),
            None => Some(1),
        };
        let mut thresholds = Vec::new();
        if let Some(node) = fields.get("thresholds") {
            for item in self.entries(node, "thresholds") {
                thresholds.extend(self.baseline_threshold(item));
            }
        }
        Some(Baseline {
            release: release?,
            min_runs: min_runs?,
            thresholds,
            line,
        })
    }

    fn baseline_threshold(&mut self, node: &Node) -> Option<(String, Option<String>)> {
        if !matches!(node.kind, Kind::Map(_)) {
            let (_, _, text) = self.relative(node)?;
            return Some((text, None));
        }
        let fields = self.fields(node, &BASELINE_THRESHOLD)?;
        let pass = fields.get("pass").and_then(|node| self.relative(node));
        let Some(warn) = fields.get("warn") else {
            return Some((pass?.2, None));
        };
        let lenient = self.relative(warn)?;
        let strict = pass?;
        if lenient.0 != strict.0 || lenient.1 <= strict.1 {
            let message = format!("`{}` is no more lenient than `{}`", lenient.2, strict.2);
            let help = "`warn` has the metric of `pass` and a larger share".to_owned();
            self.error(&warn.span, message, help);
        }
        Some((strict.2, Some(lenient.2)))
    }

    /// `p95 <= +10%`: metric, share, text.
    fn relative(&mut self, node: &Node) -> Option<(Metric, f64, String)> {
        let help =
            "write METRIC, `<=` or `<`, and by how much more than before, such as `p95 <= +10%`";
        self.quantity(node, "a relative threshold", help, |text| {
            let text = text.trim();
            let wrong = || format!("`{}` is no relative threshold", crate::excerpt::short(text));
            let at = text.find('<').ok_or_else(wrong)?;
            let metric: Metric = text[..at]
                .trim()
                .parse()
                .map_err(|error| format!("{error}"))?;
            let name = metric.name();
            if !COMPARED.contains(&name.as_str()) {
                let all = COMPARED.join(", ");
                return Err(format!(
                    "`{name}` is not compared with a release before, but {all} are"
                ));
            }
            let (_, limit) = quantity::comparison(&text[at..]).ok_or_else(wrong)?;
            let share = limit.strip_prefix('+').ok_or_else(wrong)?;
            Ok((metric, quantity::share(share)?, text.to_owned()))
        })
    }
}
