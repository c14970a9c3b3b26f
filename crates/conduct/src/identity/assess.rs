//! What is known of a release once the run is over.

use super::moment::{Declared, Kind, TestSpan, by_source, kind, told};
use super::text::{Agreement, agrees};
use super::{Phase, Sighting};
use plimsoll_report::document::{
    ComponentIdentity, Config, Identity, IdentityStatus, Proof, Served,
};
use plimsoll_scenario::plan::{Component, IdentitySource, Release};

/// What a run found out about its release.
#[derive(Debug, Clone, Default)]
pub struct Evidence<'a> {
    /// What the sources said that were asked.
    pub sightings: &'a [Sighting],
    /// The builds that answered, by header. Whether each was `expected` is decided here.
    pub served: &'a [Served],
    /// The changes of build that injections declared.
    pub declared: &'a [Declared],
    /// The tests that ran, in order.
    pub tests: &'a [TestSpan],
    /// The comparison of configurations, if the plan asks for one.
    pub config: Option<Config>,
}

/// Puts together what is known of a release.
pub fn assess(release: &Release, evidence: &Evidence<'_>) -> Identity {
    let component = |component| judge(component, release.min_sources.max(1), evidence);
    let components: Vec<ComponentIdentity> = release.components.iter().map(component).collect();
    let mut parts: Vec<(IdentityStatus, String)> = components
        .iter()
        .map(|component| (component.status, component.sentence.clone()))
        .collect();
    if components.is_empty() {
        parts.push((
            IdentityStatus::Unproven,
            "the release names no components, so that nothing says which build was tested; give it at least one with its `sources`".to_owned(),
        ));
    }
    parts.extend(evidence.config.as_ref().map(judge_config));
    let status = parts.iter().map(|(status, _)| *status).max();
    let status = status.unwrap_or(IdentityStatus::Unproven);
    let sentences = parts.iter().filter(|(other, _)| *other == status);
    let sentences: Vec<&str> = sentences.map(|(_, sentence)| sentence.as_str()).collect();
    let mut served = evidence.served.to_vec();
    for served in &mut served {
        served.expected = is_expected(served, release, evidence);
    }
    Identity {
        status,
        sentence: sentences.join("; "),
        components,
        served,
        config: evidence.config.clone(),
    }
}

fn judge_config(config: &Config) -> (IdentityStatus, String) {
    let (rendered, deployed) = (&config.rendered, &config.deployed);
    match &config.problem {
        Some(problem) => (
            IdentityStatus::Unproven,
            format!(
                "the configurations `{rendered}` and `{deployed}` could not be compared: {problem}"
            ),
        ),
        None if config.matches => (
            IdentityStatus::Proven,
            format!("`{deployed}` is configured as `{rendered}` but for declared differences"),
        ),
        None => {
            let undeclared = config
                .differences
                .iter()
                .filter(|difference| difference.reason.is_none());
            let paths: Vec<&str> = undeclared
                .map(|difference| difference.path.as_str())
                .take(3)
                .collect();
            (
                IdentityStatus::Mismatch,
                format!(
                    "`{deployed}` is configured otherwise than `{rendered}`, first at {}; deploy what was rendered, or declare the differences in `allowed_differences`",
                    paths.join(", ")
                ),
            )
        }
    }
}

fn is_expected(served: &Served, release: &Release, evidence: &Evidence<'_>) -> bool {
    let one = Evidence {
        served: std::slice::from_ref(served),
        config: None,
        ..evidence.clone()
    };
    let of_header = |source: &IdentitySource| matches!(source, IdentitySource::Header { name } if *name == served.header);
    let mut components = release.components.iter();
    served.value.is_some()
        && components.any(|component| {
            let all = by_source(component, &one);
            let seen = all.iter().filter(|(source, _)| of_header(source));
            let mut during = seen
                .flat_map(|(_, seen)| seen)
                .filter(|seen| seen.phase == Phase::During);
            during.any(|seen| {
                matches!(
                    kind(seen, component, evidence),
                    Kind::Release | Kind::Declared
                )
            })
        })
}

fn judge(component: &Component, needed: usize, evidence: &Evidence<'_>) -> ComponentIdentity {
    let sources = by_source(component, evidence);
    let (status, sentence) = status(component, needed, &sources, evidence);
    let proofs = sources.iter().flat_map(|(_, seen)| proofs(component, seen));
    let mut proofs: Vec<Proof> = proofs.collect();
    proofs.sort_by_key(|proof| proof.at_ns);
    ComponentIdentity {
        name: component.name.clone(),
        tier: component.tier.name().to_owned(),
        version: component.version.clone(),
        revision: component.revision.clone(),
        status,
        sentence,
        line: component.line,
        proofs,
    }
}

/// Every sighting before and after, and those between that differ from the one before.
fn proofs(component: &Component, seen: &[Sighting]) -> Vec<Proof> {
    let mut kept: Vec<&Sighting> = Vec::new();
    for sighting in seen {
        let last = kept.iter().rev().find(|last| last.phase == Phase::During);
        let is_news = last.is_none_or(|last| last.reading != sighting.reading);
        if sighting.phase != Phase::During || is_news {
            kept.push(sighting);
        }
    }
    kept.into_iter()
        .map(|sighting| sighting.proof(component))
        .collect()
}

fn status(
    component: &Component,
    needed: usize,
    sources: &[(&IdentitySource, Vec<Sighting>)],
    evidence: &Evidence<'_>,
) -> (IdentityStatus, String) {
    let name = &component.name;
    let release = build(Some(&component.version), component.revision.as_deref());
    let mut changed: Option<&Sighting> = None;
    for (_, seen) in sources {
        let mut told_something = false;
        for sighting in seen {
            match kind(sighting, component, evidence) {
                Kind::Silent => continue,
                Kind::Release | Kind::Declared => {}
                Kind::Other if told_something => {
                    if changed.is_none_or(|other| sighting.at_ns < other.at_ns) {
                        changed = Some(sighting);
                    }
                }
                Kind::Other => {
                    let sentence = format!(
                        "{name} is {} by `{}`, and the plan says {release}; deploy the release, or correct the plan, and run it again",
                        said(sighting),
                        sighting.reading.source
                    );
                    return (IdentityStatus::Mismatch, sentence);
                }
            }
            told_something = true;
        }
    }
    if let Some(sighting) = changed {
        let sentence = format!(
            "{name} changed: `{}` named {} {}, and no injection declares that; run it again while nobody deploys, or declare the change with `serves`",
            sighting.reading.source,
            said(sighting),
            told(sighting.at_ns, evidence.tests)
        );
        return (IdentityStatus::Changed, sentence);
    }
    match missing(component, needed, sources, evidence) {
        Some(missing) => (
            IdentityStatus::Unproven,
            format!("{name} is not proven to be {release}: {missing}"),
        ),
        None => {
            let during = sources.iter().flat_map(|(_, seen)| seen);
            let during = during.filter(|seen| {
                seen.phase == Phase::During && kind(seen, component, evidence) != Kind::Silent
            });
            let sentence = format!(
                "{name} is {release}: at least {needed} of {} sources agree before and after, and {} readings during the run name no other build",
                component.sources.len(),
                during.count()
            );
            (IdentityStatus::Proven, sentence)
        }
    }
}

/// What two readings of a source agree on.
fn either(one: Agreement, other: Agreement) -> Agreement {
    Agreement {
        version: one.version.max(other.version),
        revision: one.revision.max(other.revision),
    }
}

/// How many sources agree with a component, of what fewer of them agree on: `version`, or `revision` if the
/// component has one. A source that tells one of the two counts for that one only.
pub fn agreeing(
    component: &Component,
    sources: impl IntoIterator<Item = Agreement>,
) -> (&'static str, usize) {
    let (mut on_version, mut on_revision) = (0, 0);
    for source in sources {
        on_version += usize::from(source.version == Some(true));
        on_revision += usize::from(source.revision == Some(true));
    }
    match component.revision {
        Some(_) if on_revision < on_version => ("revision", on_revision),
        _ => ("version", on_version),
    }
}

/// What a proof lacks, and what to do.
fn missing(
    component: &Component,
    needed: usize,
    sources: &[(&IdentitySource, Vec<Sighting>)],
    evidence: &Evidence<'_>,
) -> Option<String> {
    for phase in [Phase::Before, Phase::After] {
        let in_phase = || {
            sources
                .iter()
                .map(|(_, seen)| seen.iter().filter(move |seen| seen.phase == phase))
        };
        let of_source = |seen: &Sighting| match &seen.reading.said {
            // A declared build is what is expected at the end, of whichever source.
            Ok(_) if kind(seen, component, evidence) == Kind::Declared => Agreement {
                version: Some(true),
                revision: Some(true),
            },
            Ok(said) => agrees(said, component),
            Err(_) => Agreement::default(),
        };
        let (what, agreeing) = agreeing(
            component,
            in_phase().map(|seen| seen.map(of_source).fold(Agreement::default(), either)),
        );
        if agreeing < needed {
            let problems = in_phase().flatten().filter_map(|seen| {
                let problem = seen.reading.said.as_ref().err()?;
                Some(format!("`{}`: {problem}", seen.reading.source))
            });
            let problems: Vec<String> = problems.collect();
            let problems = match problems.is_empty() {
                true => String::new(),
                false => format!(" ({})", problems.join("; ")),
            };
            let names = phase.name();
            return Some(format!(
                "{names} the run, {agreeing} of the {needed} sources that are needed agree on the {what}{problems}; see that they answer, add a source, or lower `min_sources`"
            ));
        }
    }
    let during = || {
        sources
            .iter()
            .flat_map(|(_, seen)| seen)
            .filter(|seen| seen.phase == Phase::During)
    };
    let is_silent = |seen: &Sighting| kind(seen, component, evidence) == Kind::Silent;
    if during().count() > 0 && during().all(is_silent) {
        return Some(
            "no source answered while the tests ran; see that they answer under load".to_owned(),
        );
    }
    None
}

fn said(sighting: &Sighting) -> String {
    match &sighting.reading.said {
        Ok(said) => match (&said.version, &said.revision, &said.digest) {
            (None, None, Some(digest)) => digest.clone(),
            (version, revision, _) => build(version.as_deref(), revision.as_deref()),
        },
        Err(problem) => problem.clone(),
    }
}

fn build(version: Option<&str>, revision: Option<&str>) -> String {
    match (version, revision) {
        (Some(version), Some(revision)) => format!("{version} ({revision})"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "nothing".to_owned(),
    }
}
