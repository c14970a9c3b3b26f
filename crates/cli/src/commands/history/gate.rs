//! Whether a trend fails a build: by a level that is worse than one that lasted a while ago.

use super::trend_page::{Course, Runs, is_worse, sentence, settled_after, since};
use crate::failure::Failure;
use plimsoll_history::{Metric, Value};
use plimsoll_measure::change_points::{ChangePoint, Level, Options};
use plimsoll_report::annotations::{self, Annotation};
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
    /// How many series had enough results.
    judged: usize,
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
pub(super) fn check(metric: Metric, within: usize, limit: Option<usize>) -> Result<(), Failure> {
    if metric == Metric::Offered {
        return Err(Failure::Usage(
            "--gate: `offered` is what was asked for, and neither good nor bad; judge another metric".to_owned(),
        ));
    }
    let least = settled_after();
    if within < least {
        return Err(Failure::Usage(format!(
            "--within {within}: a change has lasted when {least} results have it; say {least} or more"
        )));
    }
    let (limit, least) = (limit.unwrap_or(usize::MAX), fewest());
    if limit < least {
        return Err(Failure::Usage(format!(
            "--limit {limit}: in fewer than {least} results no change can have lasted, so that --gate would never fail; say {least} or more"
        )));
    }
    Ok(())
}

/// So many results are the fewest in which a change can have lasted.
fn fewest() -> usize {
    Options::default().shortest + settled_after()
}

impl Gate {
    /// Judges every series that the newest run has.
    pub(super) fn of(metric: Metric, courses: &[Course], runs: &Runs, within: usize) -> Self {
        let (mut regressions, mut provisional) = (Vec::new(), Vec::new());
        let current = courses.iter().filter(|course| course.is_current);
        for course in current.clone() {
            let finding = |sentence| Finding {
                series: super::trend::path(&course.series),
                sentence,
            };
            regressions.extend(regression(course, runs, within).map(finding));
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
            let least = settled_after();
            if count < least {
                provisional.push(finding(format!(
                    "{told}; provisional until {least} results are, {count} of them so far"
                )));
            } else if count <= within {
                regressions.push(finding(told));
            }
        }
        let enough = current.clone().filter(|one| is_enough(one));
        let judged = enough.count();
        Self {
            within,
            judged,
            exit_code: if regressions.is_empty() { 0 } else { REGRESSED },
            sentence: told(metric, within, (courses, judged), &regressions),
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
            0 if self.judged == 0 => Tone::Doubtful,
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
        let mut all = of(annotations::Level::Error, "REGRESSED", &self.regressions);
        all.extend(of(
            annotations::Level::Warning,
            "may be worse",
            &self.provisional,
        ));
        if self.judged == 0 && self.regressions.is_empty() {
            all.push(Annotation::of(
                annotations::Level::Warning,
                "trend",
                &self.sentence,
            ));
        }
        all
    }
}

impl Finding {
    fn told(&self) -> String {
        format!("{}: {}", self.series, self.sentence)
    }
}

/// The answer in a sentence.
fn told(
    metric: Metric,
    within: usize,
    (courses, judged): (&[Course], usize),
    regressions: &[Finding],
) -> String {
    let worse: BTreeSet<&str> = regressions.iter().map(|one| one.series.as_str()).collect();
    let current = courses.iter().filter(|course| course.is_current).count();
    let (name, few) = (metric.name(), current - judged);
    let mut besides = match few {
        0 => String::new(),
        1 => "; 1 has".to_owned(),
        few => format!("; {few} have"),
    };
    if few > 0 {
        let least = fewest();
        besides += &format!(" fewer than {least} results, in which nothing can have lasted");
    }
    besides += &match courses.len() - current {
        0 => String::new(),
        1 => "; 1 is not judged, because the newest run does not have it".to_owned(),
        gone => format!("; {gone} are not judged, because the newest run does not have them"),
    };
    match (worse.len(), judged) {
        (0, 0) if current == 0 => format!(
            "NOTHING TO JUDGE: no series of the newest run has results of {name} that can be compared{besides}"
        ),
        (0, 0) => format!("NOTHING TO JUDGE: {current} series with {name}{besides}"),
        (0, _) => format!(
            "OK: {name} got worse for good in none of {current} series within the last {within} results{besides}"
        ),
        (some, _) => format!(
            "REGRESSED: {name} got worse for good in {some} of {current} series within the last {within} results{besides}"
        ),
    }
}

/// Whether there are results enough for a change to have lasted.
fn is_enough(course: &Course) -> bool {
    course.trend.points.len() >= fewest()
}

/// That the level is worse than one that had lasted when one of the newest results came in.
///
/// Levels are held against each other, not changes: what got much worse and then a little better is worse.
/// So the level since the last change that has lasted is compared with the best of those that such changes
/// left. What is provisional does not make a regression, and may take one back.
fn regression(course: &Course, runs: &Runs, within: usize) -> Option<String> {
    let (all, metric) = (course.trend.points.len(), course.metric);
    let badness = |level: &Level| match metric.is_better_high() {
        true => -level.mean,
        false => level.mean,
    };
    let (open, lasting): (Vec<_>, Vec<_>) = course
        .changes
        .iter()
        .partition(|(_, change)| change.is_provisional);
    let (last_index, last) = lasting.last()?;
    let recent = lasting.iter().filter(|(index, _)| all - index <= within);
    // A level between two changes counts if it had lasted itself.
    let left = recent
        .enumerate()
        .filter(|(at, (_, change))| *at == 0 || change.before.n >= settled_after());
    let (index, from) = left
        .map(|(_, change)| change)
        .min_by(|(_, a), (_, b)| badness(&a.before).total_cmp(&badness(&b.before)))?;
    let whole = |after: Level| ChangePoint { after, ..*from };
    let now = open.iter().map(|(_, change)| change.after);
    let is_regressed = now.chain([last.after]).all(|level| {
        let change = whole(level);
        is_worse(metric, &change) && change.magnitude() > Options::default().least_magnitude
    });
    let told = sentence(course, *index, &whole(last.after), runs);
    is_regressed.then(|| match index == last_index {
        true => told,
        false => format!(
            "{told}; the last of several changes {}",
            since(course, *last_index, runs)
        ),
    })
}

/// Since which result all fall among requests that did not succeed, where earlier ones did not.
fn infinite_since(course: &Course) -> Option<usize> {
    let points = &course.trend.points;
    let last_finite = points
        .iter()
        .rposition(|point| point.value != Value::Infinite)?;
    (last_finite + 1 < points.len()).then_some(last_finite + 1)
}

#[cfg(test)]
mod tests;
