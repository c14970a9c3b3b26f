//! What people have to have done: whether they did, and whether that still counts.

use jiff::civil::Date;
use plimsoll_measure::readiness::Standing;
use plimsoll_scenario::plan::ChecklistItem;
use std::path::Path;

/// Where an item stands today, and why in a sentence. What is not shown to be done is not run: there is
/// no evidence, or it is too old.
///
/// Evidence with `://` in it is taken as it is, as is a text with a blank or without `/` and `.`, such as a
/// ticket's number. Anything else is a file, as seen from the plan's folder, that must not be empty.
pub fn standing(item: &ChecklistItem, today: Date, folder: &Path) -> (Standing, String) {
    let title = &item.title;
    let ask = match &item.owner {
        Some(owner) => format!("ask {owner}"),
        None => "give it an owner".to_owned(),
    };
    if !item.done {
        let sentence = format!("`{title}` is not done; {ask}, and write `done: true` when it is");
        return (Standing::NotRun, sentence);
    }
    if let Some(expires) = item.expires.filter(|expires| *expires < today) {
        let sentence =
            format!("`{title}` was done, and counted until {expires}; {ask} to do it again");
        return (Standing::NotRun, sentence);
    }
    let evidence = item
        .evidence
        .as_deref()
        .map(str::trim)
        .filter(|evidence| !evidence.is_empty());
    let until = item
        .expires
        .map(|expires| format!(", counts until {expires}"))
        .unwrap_or_default();
    match evidence {
        None if item.evidence_required => (
            Standing::NotRun,
            format!(
                "`{title}` is said to be done, without the evidence that is required; {ask} for it, and name it in `evidence`"
            ),
        ),
        None => (Standing::Pass, format!("`{title}` is done{until}")),
        Some(evidence) => match problem(evidence, folder) {
            Some(problem) => (
                Standing::NotRun,
                format!(
                    "`{title}` is said to be done, but its evidence `{evidence}` {problem}; {ask} for it"
                ),
            ),
            None => (
                Standing::Pass,
                format!("`{title}` is done{until}: {evidence}"),
            ),
        },
    }
}

fn problem(evidence: &str, folder: &Path) -> Option<String> {
    let path = folder.join(evidence);
    let is_text = evidence.contains("://")
        || evidence.contains(char::is_whitespace)
        || !evidence.contains(['/', '.']);
    match std::fs::metadata(&path) {
        Ok(found) if found.is_file() && found.len() == 0 => Some("is an empty file".to_owned()),
        Ok(_) => None,
        Err(_) if is_text => None,
        Err(error) => Some(format!("is not there ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use plimsoll_measure::Tier;

    fn item() -> ChecklistItem {
        ChecklistItem {
            id: "M1".into(),
            tier: Tier::Critical,
            title: "personal data anonymised".into(),
            owner: Some("dpo".into()),
            evidence_required: true,
            evidence: Some("proof.pdf".into()),
            done: true,
            expires: Some(date(2026, 11, 21)),
            line: 1,
        }
    }

    fn on_the_day(item: &ChecklistItem, folder: &Path) -> (Standing, String) {
        standing(item, date(2026, 11, 21), folder)
    }

    #[test]
    fn done_with_evidence_counts_up_to_its_last_day() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("proof.pdf"), "signed").unwrap();
        let (done, sentence) = on_the_day(&item(), folder.path());
        assert_eq!(done, Standing::Pass);
        assert_eq!(
            sentence,
            "`personal data anonymised` is done, counts until 2026-11-21: proof.pdf"
        );
        let (late, sentence) = standing(&item(), date(2026, 11, 22), folder.path());
        assert_eq!(late, Standing::NotRun);
        assert!(
            sentence.contains("counted until 2026-11-21; ask dpo"),
            "{sentence}"
        );
        std::fs::write(folder.path().join("proof.pdf"), "").unwrap();
        assert_eq!(on_the_day(&item(), folder.path()).0, Standing::NotRun);
    }

    #[test]
    fn evidence_that_is_missing_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (missing, sentence) = on_the_day(&item(), folder.path());
        assert_eq!(missing, Standing::NotRun);
        assert!(sentence.contains("`proof.pdf` is not there"), "{sentence}");
        let with = |evidence: Option<&str>, required: bool| {
            let mut item = item();
            item.evidence = evidence.map(str::to_owned);
            item.evidence_required = required;
            on_the_day(&item, folder.path()).0
        };
        assert_eq!(with(None, true), Standing::NotRun);
        assert_eq!(with(Some("  "), true), Standing::NotRun);
        assert_eq!(with(None, false), Standing::Pass);
        assert_eq!(with(Some("none.txt"), false), Standing::NotRun);
        for text in [
            "https://wiki.example/m1.html",
            "OPS-123",
            "signed by A. Person",
        ] {
            assert_eq!(with(Some(text), true), Standing::Pass, "{text}");
        }
    }

    #[test]
    fn what_is_not_done_is_not_done_whatever_the_evidence() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("proof.pdf"), "signed").unwrap();
        let mut item = item();
        item.done = false;
        item.owner = None;
        let (not_done, sentence) = on_the_day(&item, folder.path());
        assert_eq!(not_done, Standing::NotRun);
        assert!(
            sentence.contains("is not done; give it an owner"),
            "{sentence}"
        );
    }
}
