//! When a source named another build, and whether that was declared.

use super::assess::Evidence;
use super::text::{agrees, read};
use super::{Phase, Reading, Sighting};
use plimsoll_report::document::Served;
use plimsoll_scenario::plan::{Component, IdentitySource, Release};

/// When a test ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSpan {
    /// Its name.
    pub name: String,
    /// Its start, in nanoseconds since that of the run.
    pub from_ns: u64,
    /// Its end.
    pub until_ns: u64,
}

/// A change of build that an injection declared (`serves`). It covers what is seen from then on until
/// the next test begins: a later test has to find the release again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The test of the injection.
    pub test: String,
    /// When, in nanoseconds since the start of that test.
    pub from_ns: u64,
    /// The version that is served from then on.
    pub version: String,
    /// Its revision.
    pub revision: Option<String>,
}

/// How a sighting stands to the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing was learnt.
    Silent,
    /// It is the release.
    Release,
    /// It is a build that was declared.
    Declared,
    /// It is another build.
    Other,
}

pub(super) fn kind(sighting: &Sighting, component: &Component, evidence: &Evidence<'_>) -> Kind {
    let Ok(said) = &sighting.reading.said else {
        return Kind::Silent;
    };
    match agrees(said, component).whole() {
        None => Kind::Silent,
        Some(true) => Kind::Release,
        Some(false) => {
            let covered = |declared: &Declared| {
                let build = Component {
                    version: declared.version.clone(),
                    revision: declared.revision.clone(),
                    // The digests are those of the release; what a declared build has is not known.
                    sources: Vec::new(),
                    ..component.clone()
                };
                covers(declared, sighting.at_ns, evidence.tests)
                    && sighting.phase != Phase::Before
                    && agrees(said, &build).whole() != Some(false)
            };
            if evidence.declared.iter().any(covered) {
                Kind::Declared
            } else {
                Kind::Other
            }
        }
    }
}

fn covers(declared: &Declared, at_ns: u64, tests: &[TestSpan]) -> bool {
    let Some(which) = tests.iter().position(|test| test.name == declared.test) else {
        return false;
    };
    let until = tests.get(which + 1).map_or(u64::MAX, |next| next.from_ns);
    let from = tests[which].from_ns.saturating_add(declared.from_ns);
    (from..until).contains(&at_ns)
}

/// Everything that was seen of a component, headers included, source by source and each in order.
pub(super) fn by_source<'a>(
    component: &'a Component,
    evidence: &Evidence<'_>,
) -> Vec<(&'a IdentitySource, Vec<Sighting>)> {
    let seen = |(index, source): (usize, &'a IdentitySource)| {
        let mut seen: Vec<Sighting> = match source {
            IdentitySource::Header { name } => header(component, (index, name), evidence),
            _ => evidence
                .sightings
                .iter()
                .filter(|seen| seen.component == component.name && seen.source == index)
                .cloned()
                .collect(),
        };
        seen.sort_by_key(|seen| (seen.at_ns, seen.phase));
        (source, seen)
    };
    component.sources.iter().enumerate().map(seen).collect()
}

/// What the responses of the run say.
fn header(
    component: &Component,
    (source, name): (usize, &str),
    evidence: &Evidence<'_>,
) -> Vec<Sighting> {
    let sighting = |served: &Served, at_ns: u64, phase: Phase| {
        let start = evidence.tests.iter().find(|test| test.name == served.test);
        Some(Sighting {
            component: component.name.clone(),
            source,
            phase,
            test: (phase == Phase::During).then(|| served.test.clone()),
            at_ns: start?.from_ns.saturating_add(at_ns),
            reading: Reading {
                source: format!("header {name}"),
                said: read(served.value.as_deref()?, &component.version),
            },
        })
    };
    let values = || {
        evidence
            .served
            .iter()
            .filter(|served| served.header == name)
    };
    let mut seen: Vec<Sighting> = values()
        .filter_map(|served| sighting(served, served.first_ns, Phase::During))
        .collect();
    let first = seen.iter().min_by_key(|seen| seen.at_ns).cloned();
    let last = values()
        .filter_map(|served| sighting(served, served.last_ns, Phase::After))
        .max_by_key(|seen| seen.at_ns);
    seen.extend(first.map(|first| Sighting {
        phase: Phase::Before,
        test: None,
        at_ns: 0,
        ..first
    }));
    seen.extend(last);
    seen
}

/// From when on another build may have been tested than the release, and no injection declared it: the test
/// and the nanoseconds since its start. What was seen from there on, and in every later test, is
/// no evidence. `None`: nothing is spoilt.
///
/// A header tells the very instant. Any other source was asked now and then, so that everything since it
/// last named the release is in doubt.
pub fn undeclared_since(release: &Release, evidence: &Evidence<'_>) -> Option<(String, u64)> {
    let mut earliest: Option<u64> = None;
    for component in &release.components {
        for (source, seen) in by_source(component, evidence) {
            let is_header = matches!(source, IdentitySource::Header { .. });
            let mut good_ns = 0;
            for sighting in &seen {
                match kind(sighting, component, evidence) {
                    Kind::Silent => {}
                    Kind::Release | Kind::Declared => good_ns = sighting.at_ns,
                    Kind::Other => {
                        let since = if is_header { sighting.at_ns } else { good_ns };
                        earliest = Some(earliest.map_or(since, |other| other.min(since)));
                        break;
                    }
                }
            }
        }
    }
    let since = earliest?;
    let test = evidence.tests.iter().find(|test| since < test.until_ns)?;
    Some((test.name.clone(), since.saturating_sub(test.from_ns)))
}

/// A moment for a reader: the test it lies in and the time there.
pub(super) fn told(at_ns: u64, tests: &[TestSpan]) -> String {
    let seconds = |ns: u64| ns as f64 / 1e9;
    match tests.iter().rev().find(|test| test.from_ns <= at_ns) {
        Some(test) if at_ns <= test.until_ns => {
            format!(
                "{:.1} s into test `{}`",
                seconds(at_ns - test.from_ns),
                test.name
            )
        }
        Some(test) => format!(
            "{:.1} s after test `{}`",
            seconds(at_ns - test.until_ns),
            test.name
        ),
        None => "before the first test".to_owned(),
    }
}
