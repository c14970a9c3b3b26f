//! Thresholds that are relative to an earlier release.

use super::Baseline;
use crate::quantity;
use plimsoll_measure::Metric;

/// A threshold that is relative to an earlier release: `p95 <= +10%`.
#[derive(Debug, Clone, PartialEq)]
pub struct RelativeThreshold {
    /// As written.
    pub text: String,
    /// What is compared.
    pub metric: Metric,
    /// By which share it may be more than before.
    pub share: f64,
}

impl RelativeThreshold {
    /// Reads one; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let at = text.find('<')?;
        let (_, limit) = quantity::comparison(&text[at..])?;
        Some(Self {
            text: text.to_owned(),
            metric: text[..at].trim().parse().ok()?,
            share: quantity::share(limit.strip_prefix('+')?).ok()?,
        })
    }
}

impl Baseline {
    /// Its thresholds, each with a more lenient one if there is one. Of several about one metric the
    /// first counts.
    pub fn relative(&self) -> Vec<(RelativeThreshold, Option<RelativeThreshold>)> {
        let mut all: Vec<(RelativeThreshold, Option<RelativeThreshold>)> = Vec::new();
        for (pass, warn) in &self.thresholds {
            let Some(pass) = RelativeThreshold::parse(pass) else {
                continue;
            };
            if all.iter().all(|(known, _)| known.metric != pass.metric) {
                let warn = warn.as_deref().and_then(RelativeThreshold::parse);
                all.push((pass, warn));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_thresholds_are_read_as_they_were_checked() {
        let read = RelativeThreshold::parse(" p95 <= +10% ").unwrap();
        assert_eq!((read.text.as_str(), read.share), ("p95 <= +10%", 0.1));
        assert_eq!(read.metric.name(), "p95");
        for wrong in ["p95 <= 10%", "p95", "later <= +10%", "p95 <= +10"] {
            assert_eq!(RelativeThreshold::parse(wrong), None, "{wrong}");
        }
        let baseline = Baseline {
            release: "1".to_owned(),
            min_runs: 1,
            thresholds: vec![
                ("p95 <= +10%".to_owned(), Some("p95 <= +20%".to_owned())),
                ("p95 <= +1%".to_owned(), None),
            ],
            line: 1,
        };
        let relative = baseline.relative();
        assert_eq!(relative.len(), 1);
        assert_eq!(relative[0].1.as_ref().map(|warn| warn.share), Some(0.2));
    }
}
