//! Whether a trend fails a build: by a change for the worse that has lasted, and is new.

use super::trend_page::{Course, Runs, SETTLED_AFTER, is_worse, sentence, since};
use crate::failure::Failure;
use plimsoll_history::{Metric, Value};
use plimsoll_measure::change_points::Options;
use plimsoll_report::annotations::{Annotation, Level};
use plimsoll_report::page::{Page, Tone};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the program exits with if a figure got worse for good.
const REGRESSED: u8 = 20;

/// What became of a gate; in the document as it is.
#[derive(Debug, Serialize)]
pub(super) struct Gate {
    /// Changes that are older than so many results do not count.
    within: usize,
    /// 0, or 20 if there is a regression.
    pub exit_code: u8,
    /// The answer in a sentence.
    sentence: String,
    /// What got worse for good.
    regressions: Vec<Finding>,
    /// What got worse, and may turn out to be some bad nights.
    provisional: Vec<Finding>,
}

/// A change of a series for the worse.
#[derive(Debug, Serialize)]
struct Finding {
    /// The path of the series.
    series: String,
    /// The change in words.
    sentence: String,
}

/// Refuses a gate that could never fail.
pub(super) fn check(metric: Metric, within: usize) -> Result<(), Failure> {
    if metric == Metric::Offered {
        return Err(Failure::Usage(
            "--gate: `offered` is what was asked for, and neither good nor bad; judge another metric".to_owned(),
        ));
    }
    if within < SETTLED_AFTER {
        return Err(Failure::Usage(format!(
            "--within {within}: a change has lasted when {SETTLED_AFTER} results have it; say {SETTLED_AFTER} or more"
        )));
    }
    Ok(())
}

impl Gate {
    /// Judges every series by its newest change that has lasted.
    pub(super) fn of(metric: Metric, courses: &[Course], runs: &Runs, within: usize) -> Self {
        let (mut regressions, mut provisional) = (Vec::new(), Vec::new());
        for course in courses {
            let finding = |sentence| Finding {
                series: super::trend::path(&course.series),
                sentence,
            };
            let is_new = |index: usize| course.trend.points.len() - index <= within;
            let lasting = course.changes.iter().rfind(|(_, one)| !one.is_provisional);
            if let Some((index, change)) = lasting
                && is_worse(metric, change)
                && is_new(*index)
            {
                regressions.push(finding(sentence(course, *index, change, runs)));
            }
            let open = course.changes.iter().filter(|(_, one)| one.is_provisional);
            for (index, change) in open.filter(|(_, change)| is_worse(metric, change)) {
                provisional.push(finding(sentence(course, *index, change, runs)));
            }
            let Some(index) = infinite_since(course) else {
                continue;
            };
            let count = course.trend.points.len() - index;
            let told = format!(
                "among requests that did not succeed {}",
                since(course, index, runs)
            );
            if count < SETTLED_AFTER {
                provisional.push(finding(format!(
                    "{told}; provisional until {SETTLED_AFTER} results are, {count} of them so far"
                )));
            } else if is_new(index) {
                regressions.push(finding(told));
            }
        }
        let worse: BTreeSet<&str> = regressions.iter().map(|one| one.series.as_str()).collect();
        let (name, all) = (metric.name(), courses.len());
        let sentence = match worse.len() {
            0 => format!(
                "OK: {name} got worse for good in none of {all} series within the last {within} results{}",
                too_few(courses)
            ),
            some => format!(
                "REGRESSED: {name} got worse for good in {some} of {all} series within the last {within} results"
            ),
        };
        Self {
            within,
            exit_code: if regressions.is_empty() { 0 } else { REGRESSED },
            sentence,
            regressions,
            provisional,
        }
    }

    /// Adds what became of it to a page.
    pub(super) fn tell(&self, page: &mut Page) {
        page.gap();
        for (tone, label, findings) in [
            (Tone::Bad, "worse", &self.regressions),
            (Tone::Doubtful, "may be worse", &self.provisional),
        ] {
            for finding in findings {
                page.labelled(tone, label, &finding.told());
            }
        }
        let tone = match self.exit_code {
            0 => Tone::Good,
            _ => Tone::Bad,
        };
        page.line(tone, &self.sentence);
    }

    /// The same for a forge.
    pub(super) fn annotations(&self) -> Vec<Annotation> {
        let of = |level, title: &str, findings: &[Finding]| -> Vec<Annotation> {
            let findings = findings.iter();
            findings
                .map(|finding| Annotation::of(level, title, &finding.told()))
                .collect()
        };
        let mut all = of(Level::Error, "REGRESSED", &self.regressions);
        all.extend(of(Level::Warning, "may be worse", &self.provisional));
        all
    }
}

impl Finding {
    fn told(&self) -> String {
        format!("{}: {}", self.series, self.sentence)
    }
}

/// Since which result all fall among requests that did not succeed, where earlier ones did not.
fn infinite_since(course: &Course) -> Option<usize> {
    let points = &course.trend.points;
    let last_finite = points
        .iter()
        .rposition(|point| point.value != Value::Infinite)?;
    (last_finite + 1 < points.len()).then_some(last_finite + 1)
}

/// In how many series there cannot be a change that has lasted, if in any.
fn too_few(courses: &[Course]) -> String {
    let least = Options::default().shortest + SETTLED_AFTER;
    let short = courses
        .iter()
        .filter(|course| course.trend.points.len() < least);
    match short.count() {
        0 => String::new(),
        1 => format!("; 1 has fewer than {least} results, in which nothing can have lasted"),
        some => {
            format!("; {some} have fewer than {least} results, in which nothing can have lasted")
        }
    }
}
