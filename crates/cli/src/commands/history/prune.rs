//! Removes old runs.

use super::kept::{RunLine, run_line};
use crate::args::Output;
use crate::args::history::Prune;
use crate::failure::Failure;
use jiff::{SignedDuration, Timestamp};
use plimsoll_history::{History, Pruning, Surplus};
use plimsoll_report::page::{Page, Tone};
use serde::Serialize;
use std::path::Path;

pub(super) fn prune(file: &Path, arguments: &Prune, output: &Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Document {
        schema: &'static str,
        removed: bool,
        runs: Vec<RunLine>,
    }
    let surplus = match (arguments.keep, arguments.older_than) {
        (Some(keep), _) => Surplus::BeyondNewest(keep),
        (None, Some(age)) => {
            let start = SignedDuration::try_from(age)
                .ok()
                .and_then(|age| Timestamp::now().checked_sub(age).ok());
            Surplus::StartedBefore(start.unwrap_or(Timestamp::MIN))
        }
        (None, None) => {
            return Err(Failure::Usage(
                "which runs are too many? Say --keep N or --older-than 90d".to_owned(),
            ));
        }
    };
    let pruning = Pruning {
        surplus,
        scenario: arguments.scenario.clone(),
        branch: arguments.branch.clone(),
        labelled: arguments.labelled,
    };
    let mut history = History::open(file)?;
    let (runs, not_compacted) = if arguments.dry_run {
        (history.surplus(&pruning)?, None)
    } else {
        let pruned = history.prune(&pruning)?;
        (pruned.runs, pruned.not_compacted)
    };
    let mut page = Page::default();
    let what = match arguments.dry_run {
        true => "would be removed",
        false => "removed",
    };
    for run in &runs {
        let text = format!("{} of {} {what}", run.name, run.started_at);
        page.labelled(Tone::Quiet, run.id.short(), &text);
    }
    let count = match runs.len() {
        1 => "1 run".to_owned(),
        count => format!("{count} runs"),
    };
    page.line(Tone::Normal, &format!("{count} {what}"));
    if let Some(why) = not_compacted {
        let text = format!(
            "the file is as large as before, and the room is used again for runs to come: {why}"
        );
        page.line(Tone::Doubtful, &text);
    }
    let document = Document {
        schema: "plimsoll.history.prune/1",
        removed: !arguments.dry_run,
        runs: runs.iter().map(run_line).collect(),
    };
    super::show(&page, &document, output)
}
