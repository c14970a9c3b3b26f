//! What failed, as annotations: remarks that a forge shows beside the lines of a change.
//!
//! A run has one for each item that did not pass, at the line where that was promised; a duel has one for
//! each figure that is worse. What the verdict rests on besides is told by its sentence.
//!
//! Source of the form and its escapes: GitHub, "Workflow commands for GitHub Actions", and the
//! properties that `@actions/core` escapes.

use crate::document::{Answer, Item, ItemState, Run};
use crate::duel::{Duel, Finding, Outcome};
use crate::plain::plain;
use crate::wording;

/// GitHub shows so many annotations of a level for a step.
const MOST_OF_A_LEVEL: usize = 10;

/// How much an annotation matters, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It fails a build.
    Error,
    /// It may, and should be looked at.
    Warning,
    /// Good to know.
    Notice,
}

/// A remark on a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How much it matters.
    pub level: Level,
    /// The file it is about, as it was named on the command line.
    pub file: Option<String>,
    /// The line of the file, from 1.
    pub line: Option<u32>,
    /// What it says in a few words.
    pub title: String,
    /// What it says.
    pub message: String,
}

impl Annotation {
    /// One that is about no line.
    pub fn of(level: Level, title: &str, message: &str) -> Self {
        Self {
            level,
            file: None,
            line: None,
            title: title.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// What there is to say of a run.
pub fn of_run(run: &Run) -> Vec<Annotation> {
    let mut all: Vec<_> = run
        .items
        .iter()
        .filter_map(|item| of_item(run, item))
        .collect();
    let verdict = &run.verdict;
    let demanded = match verdict.exit_code {
        0 => None,
        10 | 21 => Some(Level::Warning),
        _ => Some(Level::Error),
    };
    // An exit code that no item explains is explained by the sentence.
    if let Some(level) = demanded.filter(|level| all.iter().all(|one| one.level > *level)) {
        all.push(Annotation::of(level, &run.name, &verdict.sentence));
    }
    all
}

fn of_item(run: &Run, item: &Item) -> Option<Annotation> {
    let is_risk = matches!(item.answer, Some(Answer::Risk | Answer::Listed));
    let level = match item.state {
        ItemState::Fail if is_risk => Level::Warning,
        ItemState::Fail => Level::Error,
        ItemState::Inconclusive | ItemState::NotRun => Level::Warning,
        ItemState::Waived => Level::Notice,
        ItemState::Pass if item.marginal => Level::Notice,
        // What is broken is the run, and its sentence says so once.
        ItemState::Pass | ItemState::Invalid => return None,
    };
    let name = [wording::subject(run, item), &item.expression];
    let name: Vec<_> = name.into_iter().filter(|part| !part.is_empty()).collect();
    let title = format!("{}: {}", wording::state(item), name.join(" "));
    let observed = match wording::observed_within(item) {
        none if none == wording::NONE => None,
        observed => Some(format!("observed {observed}")),
    };
    let parts: Vec<_> = observed.into_iter().chain(wording::remark(item)).collect();
    let message = match parts.is_empty() {
        true => title.clone(),
        false => parts.join("; "),
    };
    let (file, line) = place(item).map_or((None, None), |(file, line)| (Some(file), Some(line)));
    Some(Annotation {
        level,
        file,
        line,
        title,
        message,
    })
}

/// Where an item was promised.
fn place(item: &Item) -> Option<(String, u32)> {
    let (file, line) = item.promised_at.as_deref()?.rsplit_once(':')?;
    Some((file.to_owned(), line.parse().ok().filter(|line| *line > 0)?))
}

/// What there is to say of a duel.
pub fn of_duel(duel: &Duel) -> Vec<Annotation> {
    let scenario = duel.sources.iter().find(|source| source.role == "scenario");
    // Of a duel that is invalid no figure is to be believed.
    let is_regressed = duel.verdict.outcome == Some(Outcome::Regressed);
    let findings = duel.findings.iter();
    let regressed =
        findings.filter(|finding| is_regressed && finding.verdict == Outcome::Regressed);
    let mut all: Vec<_> = regressed
        .map(|finding| Annotation {
            file: scenario.map(|source| source.path.clone()),
            ..of_finding(finding)
        })
        .collect();
    let level = match duel.verdict.outcome {
        Some(Outcome::Regressed) if !all.is_empty() => return all,
        Some(Outcome::Ok) => return all,
        Some(Outcome::Improved) => Level::Notice,
        Some(Outcome::Inconclusive) => Level::Warning,
        Some(Outcome::Regressed | Outcome::Invalid) | None => Level::Error,
    };
    all.push(Annotation::of(level, &duel.name, &duel.verdict.sentence));
    all
}

fn of_finding(finding: &Finding) -> Annotation {
    let word = finding.verdict.word();
    let title = format!("{word}: {}", finding.name());
    Annotation::of(Level::Error, &title, &finding.explanation)
}

/// Annotations as workflow commands of GitHub, a line each, the weightiest first: as many of a level as it
/// shows, the last of which says how many there are besides.
pub fn github(annotations: &[Annotation]) -> String {
    let mut text = String::new();
    for (level, name) in [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Notice, "notice"),
    ] {
        let of_level: Vec<_> = annotations
            .iter()
            .filter(|annotation| annotation.level == level)
            .collect();
        let shown = match of_level.len() {
            all if all > MOST_OF_A_LEVEL => MOST_OF_A_LEVEL - 1,
            all => all,
        };
        for annotation in &of_level[..shown] {
            text.push_str(&command(name, annotation));
        }
        let untold = of_level.len() - shown;
        if untold > 0 {
            let message = format!("{untold} more {name}s: see the report");
            text.push_str(&command(name, &Annotation::of(level, "and more", &message)));
        }
    }
    text
}

fn command(name: &str, annotation: &Annotation) -> String {
    let mut properties = Vec::new();
    if let Some(file) = &annotation.file {
        properties.push(format!("file={}", property(file)));
        properties.extend(annotation.line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(&annotation.title)));
    let message = data(&annotation.message);
    format!("::{name} {}::{message}\n", properties.join(","))
}

/// A message: what could end the line or is an escape itself is escaped.
fn data(text: &str) -> String {
    // No line end is left by this; what comes after keeps the order that the form asks for.
    plain(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property: what could end it is escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_did_not_pass_is_told_at_its_line() {
        let mut run = fixture::failing();
        run.items[1].promised_at = Some("load/shop.yaml:31".to_owned());
        assert_eq!(
            github(&of_run(&run)),
            "::error file=load/shop.yaml,line=31,title=FAIL%3A book/checkout p99 < 500ms::\
             observed ∞; 10 %25 of requests did not succeed, which is more than the 1 %25 that may exceed the limit\n"
        );
    }

    #[test]
    fn every_exit_code_but_0_is_explained() {
        let runs = fixture::all().into_iter().chain(fixture::plans());
        for (name, run) in runs {
            let all = of_run(&run);
            let worst = all.iter().map(|one| one.level).min();
            let expected = match run.verdict.exit_code {
                0 => worst.filter(|level| *level == Level::Notice),
                10 | 21 => Some(Level::Warning),
                _ => Some(Level::Error),
            };
            assert_eq!(worst, expected, "{name}: {all:#?}");
        }
    }

    #[test]
    fn text_cannot_end_its_command_or_begin_another() {
        for run in [fixture::hostile(), fixture::hostile_plan()] {
            let all = of_run(&run);
            let text = github(&all);
            assert!(text.lines().count() <= all.len(), "{text}");
            for line in text.lines() {
                let (head, message) = line
                    .strip_prefix("::")
                    .and_then(|line| line.split_once("::"))
                    .unwrap_or_else(|| panic!("{line}"));
                let (_, properties) = head.split_once(' ').unwrap();
                let names: Vec<_> = properties
                    .split(',')
                    .map(|property| property.split_once('=').unwrap().0)
                    .collect();
                assert!(
                    names == ["title"] || names == ["file", "line", "title"],
                    "{names:?}"
                );
                assert!(!message.is_empty() && !line.contains('\u{1b}'), "{line}");
            }
        }
    }

    #[test]
    fn no_more_is_printed_than_is_shown() {
        let one = Annotation::of(Level::Error, "one", "a,b: 1%\r\n2");
        let text = github(&vec![one.clone(); 12]);
        assert_eq!(text.lines().count(), 10);
        assert!(
            text.ends_with("::error title=and more::3 more errors: see the report\n"),
            "{text}"
        );
        assert_eq!(github(&[one]), "::error title=one::a,b: 1%25\\r\\n2\n");
        let property = Annotation::of(Level::Notice, "a,b: 1%", "c");
        assert_eq!(github(&[property]), "::notice title=a%2Cb%3A 1%25::c\n");
    }
}
