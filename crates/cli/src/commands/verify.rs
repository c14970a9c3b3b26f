//! `plimsoll verify`: is a result what it was, and is what is deployed what was tested?

use crate::args::{Output, Verify};
use crate::bundle;
use crate::failure::Failure;
use crate::files::load_plan;
use crate::plan::Http;
use crate::terminal;
use plimsoll_conduct::attest::{VerifyingKey, read_public_key, verify as verify_files};
use plimsoll_conduct::identity::{Context, Reading, Said, agreeing, agrees, probe, read_text};
use plimsoll_conduct::{Fetch, Fetched, configuration};
use plimsoll_report::document::{Identity, IdentityStatus, Run};
use plimsoll_scenario::plan::{Component, IdentitySource, ReadinessPlan};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The exit code where evidence does not hold.
const INVALID: u8 = 22;
/// The exit code where too little could be learnt.
const MISSING: u8 = 21;
/// How long a source may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Verifies a folder, and what is deployed if that is asked.
pub(crate) fn verify(verify: &Verify, output: &Output) -> Result<u8, Failure> {
    let run = bundle::read(&verify.folder)?;
    let key = key(verify.key.as_deref())?;
    let mut code = files(&verify.folder, key.as_ref())?;
    if verify.deployed {
        let plan = plan(verify, &run, output)?;
        code = code.max(deployed(&plan, verify, &run)?);
    }
    Ok(code)
}

fn key(path: Option<&Path>) -> Result<Option<VerifyingKey>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let unusable = |problem: String| Failure::Usage(format!("--key {}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|problem| unusable(problem.to_string()))?;
    let key = read_public_key(&text).map_err(|problem| unusable(problem.to_string()))?;
    Ok(Some(key))
}

/// Whether the files are those that the statement names.
fn files(folder: &Path, key: Option<&VerifyingKey>) -> Result<u8, Failure> {
    let path = folder.join("attestation.json");
    let attestation = std::fs::read_to_string(&path).map_err(|problem| {
        Failure::Usage(format!(
            "cannot read {}: {problem}; only a run of a readiness plan that came to its end has one",
            path.display()
        ))
    })?;
    let found = verify_files(&attestation, folder, key);
    let mut text = String::new();
    let by = match (&found.signed_by, found.signed) {
        (Some(key), _) => format!("signed with the key {key}"),
        (None, true) => {
            "signed, by whom was not checked: give the public key with --key".to_owned()
        }
        (None, false) => "not signed: anybody may have written it".to_owned(),
    };
    let _ = writeln!(
        text,
        "{} files are as they were when the run ended ({by}); it says {}",
        found.files.len(),
        found.result.as_deref().unwrap_or("nothing")
    );
    for problem in &found.problems {
        let _ = writeln!(text, "WRONG: {problem}");
    }
    terminal::print(&text);
    Ok(if found.holds() { 0 } else { INVALID })
}

/// The plan of a run: from where it was, unless another place is named.
fn plan(verify: &Verify, run: &Run, output: &Output) -> Result<ReadinessPlan, Failure> {
    let Some(document) = &run.plan else {
        return Err(Failure::Usage(format!(
            "{} is no run of a readiness plan: nothing says which release was tested",
            verify.folder.display()
        )));
    };
    let copy = Path::new(&document.file).file_name().unwrap_or_default();
    let places = match &verify.plan {
        Some(plan) => vec![plan.clone()],
        None => vec![PathBuf::from(&document.file), verify.folder.join(copy)],
    };
    let is_it = |place: &&PathBuf| {
        let bytes = std::fs::read(place).unwrap_or_default();
        crate::record::hex_digest(&bytes) == document.sha256
    };
    let place = places.iter().find(is_it);
    let place = place
        .or_else(|| places.iter().find(|place| place.exists()))
        .or(places.last());
    let plan = load_plan(place.map_or(Path::new(""), PathBuf::as_path), output)?;
    let sha256 = plan
        .sources
        .first()
        .map(|source| crate::record::hex_digest(&source.content));
    if sha256.as_deref() != Some(&document.sha256) {
        return Err(Failure::Usage(format!(
            "{} is not the plan that the run was made by: its digest is another; name that one with --plan",
            place
                .map(|place| place.display().to_string())
                .unwrap_or_default()
        )));
    }
    Ok(plan)
}

/// Asks every source that can be asked which build is running now.
fn deployed(plan: &ReadinessPlan, verify: &Verify, run: &Run) -> Result<u8, Failure> {
    let Some(release) = &plan.release else {
        return Err(Failure::Usage(
            "the plan has no `release:`, so nothing says what should be deployed".to_owned(),
        ));
    };
    let http = Http::new(plan.scenario.clone(), None)?;
    let elsewhere = Elsewhere {
        base: verify.target.clone(),
        http: &http,
    };
    let context = Context {
        fetch: &elsewhere,
        folder: &plan.folder,
        masker: &plan.scenario.secrets,
        timeout: PATIENCE,
    };
    let mut text = String::new();
    let mut code = proven_then(run.identity.as_ref(), &mut text);
    for component in &release.components {
        let sources = component.sources.iter();
        let readings: Vec<Reading> = sources
            .map(|source| match source {
                IdentitySource::Header { name } => elsewhere.header(name, component),
                source if elsewhere.cannot_move(source) => Reading {
                    source: "a source that `--target` cannot be asked for".to_owned(),
                    said: Err("it speaks for the environment of the test".to_owned()),
                },
                _ => probe(component, source, context),
            })
            .collect();
        code = code.max(compared(
            component,
            release.min_sources,
            &readings,
            &mut text,
        ));
    }
    if let Some(comparison) = &release.config {
        let config = configuration::compare(comparison, &plan.folder, &plan.scenario.secrets);
        code = match (&config.problem, config.matches) {
            (Some(_), _) => code.max(MISSING),
            (None, true) => code,
            (None, false) => code.max(INVALID),
        };
        let _ = writeln!(
            text,
            "configuration: {}",
            match (&config.problem, config.matches) {
                (Some(problem), _) => problem.clone(),
                (None, true) => "same but for declared differences".to_owned(),
                (None, false) => "DIFFERS otherwise than declared".to_owned(),
            }
        );
    }
    let _ = writeln!(
        text,
        "{}",
        match code {
            0 => format!(
                "What is deployed is what was tested ({} {}); the verdict then was: {}",
                release.version,
                release.revision.as_deref().unwrap_or(""),
                run.verdict.sentence
            ),
            MISSING => "It is not shown that what is deployed is what was tested".to_owned(),
            _ => "What is deployed is NOT what was tested".to_owned(),
        }
    );
    terminal::print(&text);
    Ok(code)
}

/// Whether the run itself showed which build it tested: nothing else can be compared with what is deployed.
fn proven_then(identity: Option<&Identity>, text: &mut String) -> u8 {
    let why = match identity {
        Some(identity) if identity.status == IdentityStatus::Proven => return 0,
        Some(identity) => &identity.sentence,
        None => "it looked at no release",
    };
    let _ = writeln!(
        text,
        "the run did not prove which build it tested, so that no build can be shown to be that one: {why}"
    );
    MISSING
}

/// Holds what the sources of a component say now against the release, as a run does.
fn compared(
    component: &Component,
    min_sources: usize,
    readings: &[Reading],
    text: &mut String,
) -> u8 {
    let mut code = 0;
    let mut agreements = Vec::new();
    for reading in readings {
        let agreement = reading.said.as_ref().map(|said| agrees(said, component));
        let agreement = agreement.unwrap_or_default();
        let (word, what) = match (&reading.said, agreement.whole()) {
            (Ok(said), Some(true)) => {
                let word = match (agreement.version, agreement.revision, &component.revision) {
                    (_, None, Some(_)) => "same version, and no word on the revision",
                    (None, ..) => "same revision, and no word on the version",
                    _ => "same",
                };
                (word, shown(said))
            }
            (Ok(said), Some(false)) => {
                code = INVALID;
                ("ANOTHER BUILD", shown(said))
            }
            (Ok(said), None) => ("not clear", shown(said)),
            (Err(problem), _) => ("no answer", problem.clone()),
        };
        agreements.push(agreement);
        let _ = writeln!(
            text,
            "{}: {}: {word}: {what}",
            component.name, reading.source
        );
    }
    let needed = min_sources.max(1);
    let (what, count) = agreeing(component, agreements);
    if count < needed {
        code = code.max(MISSING);
        let _ = writeln!(
            text,
            "{}: {count} of the {needed} sources that are needed agree on the {what}",
            component.name
        );
    }
    code
}

fn shown(said: &Said) -> String {
    let parts = [&said.version, &said.revision, &said.digest];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" ")
}

/// The same paths, of another base URL if one is given.
struct Elsewhere<'h> {
    base: Option<String>,
    http: &'h Http,
}

impl Elsewhere<'_> {
    /// Whether another base URL is asked for, and a source would still speak of the tested one.
    fn cannot_move(&self, source: &IdentitySource) -> bool {
        let stays = match source {
            IdentitySource::Endpoint { url, .. } => !url.starts_with('/'),
            IdentitySource::Header { .. } => false,
            IdentitySource::Command { .. }
            | IdentitySource::File { .. }
            | IdentitySource::Image { .. } => true,
        };
        self.base.is_some() && stays
    }

    fn header(&self, name: &str, component: &Component) -> Reading {
        let said = self.get("/", PATIENCE).and_then(|fetched| {
            let mut headers = fetched.headers.iter();
            let value = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
            let (_, value) = value.ok_or("the response does not have it")?;
            read_text(value, &component.version)
        });
        Reading {
            source: format!("header {name}"),
            said,
        }
    }
}

impl Fetch for Elsewhere<'_> {
    fn get(&self, url: &str, timeout: Duration) -> Result<Fetched, String> {
        match &self.base {
            Some(base) if url.starts_with('/') => {
                let url = format!("{}{url}", base.trim_end_matches('/'));
                self.http.get(&url, timeout)
            }
            _ => self.http.get(url, timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_measure::Tier;

    fn web() -> Component {
        Component {
            name: "web".to_owned(),
            tier: Tier::Critical,
            version: "4.12.0".to_owned(),
            revision: Some("9f2c1e07aa0b".to_owned()),
            sources: Vec::new(),
            line: 3,
        }
    }

    /// The code, and the last line.
    fn told(component: &Component, min_sources: usize, said: &[&str]) -> (u8, String) {
        let readings = said.iter().map(|said| Reading {
            source: "endpoint /version".to_owned(),
            said: read_text(said, &component.version),
        });
        let readings: Vec<Reading> = readings.collect();
        let mut text = String::new();
        let code = compared(component, min_sources, &readings, &mut text);
        (code, text.lines().last().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_source_that_tells_the_version_alone_proves_no_revision() {
        let mut web = web();
        let (whole, version) = ("4.12.0+9f2c1e0", "4.12.0");
        assert_eq!(told(&web, 1, &[whole]).0, 0);
        assert_eq!(
            told(&web, 1, &[version]),
            (
                MISSING,
                "web: 0 of the 1 sources that are needed agree on the revision".to_owned()
            )
        );
        assert_eq!(told(&web, 1, &[version, "9f2c1e0"]).0, 0);
        assert_eq!(told(&web, 2, &[version, whole]).0, MISSING);
        assert_eq!(told(&web, 2, &[whole, whole]).0, 0);
        assert_eq!(told(&web, 1, &[whole, "4.12.1"]).0, INVALID);
        web.revision = None;
        assert_eq!(told(&web, 1, &[version]).0, 0);
        assert_eq!(told(&web, 0, &[]).0, MISSING);
    }

    #[test]
    fn what_lacks_sources_is_said_beside_another_build() {
        let (code, last) = told(&web(), 1, &["4.12.1"]);
        assert_eq!(code, INVALID);
        assert!(last.contains("0 of the 1 sources"), "{last}");
    }

    #[test]
    fn a_run_that_proved_no_build_proves_nothing_of_what_is_deployed() {
        let mut text = String::new();
        let mut identity = Identity {
            status: IdentityStatus::Proven,
            sentence: "web is not proven to be 4.12.0".to_owned(),
            components: Vec::new(),
            served: Vec::new(),
            config: None,
        };
        assert_eq!(proven_then(Some(&identity), &mut text), 0);
        assert_eq!(text, "");
        for status in [
            IdentityStatus::Unproven,
            IdentityStatus::Changed,
            IdentityStatus::Mismatch,
        ] {
            identity.status = status;
            text.clear();
            assert_eq!(proven_then(Some(&identity), &mut text), MISSING);
            assert!(text.contains(&identity.sentence), "{text}");
        }
        assert_eq!(proven_then(None, &mut text), MISSING);
    }
}
