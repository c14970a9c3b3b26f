//! `instructions.toml`: how many instructions a request may take.

use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `instructions.toml`.
#[derive(Debug, Deserialize)]
pub struct Bounds {
    /// By how much a count may exceed its bound, as a share.
    margin: f64,
    /// A bound for each case, by profile.
    #[serde(flatten)]
    profiles: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Bounds {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// When it is not such a file.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        toml::from_str(text).context("benches/instructions.toml")
    }

    /// What is wrong with a count.
    ///
    /// # Errors
    /// When there is no bound for it.
    pub fn complaint(
        &self,
        profile: &str,
        case: &str,
        count: u64,
    ) -> anyhow::Result<Option<String>> {
        let bound = self.profiles.get(profile).and_then(|cases| cases.get(case));
        let bound = *bound.with_context(|| format!("no `{case}` under [{profile}]"))?;
        let more = count as f64 / bound as f64 - 1.0;
        let percent = |share: f64| share * 100.0;
        let most = bound as f64 * (1.0 + self.margin);
        Ok((count as f64 > most).then(|| {
            format!(
                "{profile} {case}: {count} instructions a request, {:.1} % more than the bound of {bound} \
                 (margin {:.1} %)",
                percent(more),
                percent(self.margin)
            )
        }))
    }
}

/// The file with another number for one case; everything else, comments too, stays as it is.
pub fn with_bound(text: &str, profile: &str, case: &str, count: u64) -> Option<String> {
    let mut is_profile = false;
    let mut was_found = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            is_profile = line.trim() == format!("[{profile}]");
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        if is_profile && key == case {
            was_found = true;
            lines.push(format!("{case} = {count}"));
        } else {
            lines.push(line.to_owned());
        }
    }
    was_found.then(|| lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# why\nmargin = 0.02\n\n[debug]\nplain = 1000\n\n[release]\nplain = 100\n";

    #[test]
    fn only_what_is_beyond_the_margin_is_complained_of() {
        let bounds = Bounds::read(TEXT).unwrap();
        assert_eq!(bounds.complaint("debug", "plain", 1020).unwrap(), None);
        let complaint = bounds.complaint("debug", "plain", 1021).unwrap().unwrap();
        assert!(
            complaint.contains("1021") && complaint.contains("1000"),
            "{complaint}"
        );
        assert!(bounds.complaint("debug", "other", 1).is_err());
    }

    #[test]
    fn an_update_changes_one_number_only() {
        let changed = with_bound(TEXT, "release", "plain", 90).unwrap();
        assert_eq!(changed, TEXT.replace("plain = 100\n", "plain = 90\n"));
        assert_eq!(with_bound(TEXT, "release", "journey", 90), None);
    }
}
