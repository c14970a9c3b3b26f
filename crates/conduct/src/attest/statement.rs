//! The statement about a run.

use crate::digest::sha256_of_file;
use jiff::Timestamp;
use plimsoll_report::document::{
    Answer, IdentityStatus, Item, ItemState, Outcome, Run, Source, Status,
};
use serde_json::{Map, Value, json};
use std::io;
use std::path::Path;

/// The type of an in-toto Statement, v1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of its predicate.
pub const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// A file and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// Its name, as seen from the bundle's folder.
    pub name: String,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// What a statement says besides what the run says itself.
#[derive(Debug, Clone, Default)]
pub struct About<'a> {
    /// The files of the bundle: `run.json`, plan, scenario, `intervals.hlog`, `junit.xml`, `metrics.txt`, `summary.md`, `report.html`.
    pub bundle: &'a [FileDigest],
    /// SHA-256 of the program that generated the load, in hexadecimal.
    pub engine_sha256: Option<&'a str>,
    /// When the statement is made.
    pub made_at: Option<Timestamp>,
}

/// The digests of those of the named files that a folder has.
///
/// # Errors
/// When one is there and cannot be read.
pub fn digests(folder: &Path, names: &[&str]) -> io::Result<Vec<FileDigest>> {
    let mut found = Vec::new();
    for name in names {
        match sha256_of_file(&folder.join(name)) {
            Ok(sha256) => found.push(FileDigest {
                name: (*name).to_owned(),
                sha256,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The statement, as indented JSON with a newline at the end.
///
/// Subjects are the components by the digests that file and image sources saw, the commit, and the files of
/// the bundle; `run.json` carries annotations, with every attempt at every item. Those of the
/// bundle have the annotation `role: bundle`.
pub fn statement(run: &Run, about: &About<'_>) -> String {
    let names = |group: Group| {
        let items = run.items.iter().filter(|item| Group::of(item) == group);
        items.map(|item| item.id.as_str()).collect::<Vec<_>>()
    };
    let statement = json!({
        "_type": STATEMENT_TYPE,
        "subject": subjects(run, about),
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": result(run),
            "configuration": configuration(run, about),
            "passedTests": names(Group::Passed),
            "warnedTests": names(Group::Warned),
            "failedTests": names(Group::Failed),
        },
    });
    format!("{statement:#}\n")
}

/// `PASSED` is go, `WARNED` is risk or that nothing was to be judged, and `FAILED` is everything else: what is
/// not shown has not passed.
fn result(run: &Run) -> &'static str {
    match run.verdict.outcome {
        _ if run.status != Status::Complete && run.verdict.outcome != Some(Outcome::Go) => "FAILED",
        Some(Outcome::Go) => "PASSED",
        Some(Outcome::Risk) | None => "WARNED",
        Some(Outcome::NoGo | Outcome::Inconclusive | Outcome::Invalid) => "FAILED",
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Passed,
    Warned,
    Failed,
}

impl Group {
    /// By what the item contributes to the verdict; without a plan, by its state.
    fn of(item: &Item) -> Self {
        match (item.answer, item.state) {
            (Some(Answer::Go), _) => Self::Passed,
            (Some(Answer::Listed | Answer::Risk), _) => Self::Warned,
            (Some(_), _) => Self::Failed,
            (None, ItemState::Pass) if !item.marginal => Self::Passed,
            (None, ItemState::Pass | ItemState::Waived) => Self::Warned,
            (None, _) => Self::Failed,
        }
    }
}

fn subjects(run: &Run, about: &About<'_>) -> Vec<Value> {
    let mut subjects: Vec<Value> = Vec::new();
    let mut add = |subject: Value| {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    };
    for component in run
        .identity
        .iter()
        .flat_map(|identity| &identity.components)
    {
        for proof in &component.proofs {
            let is_digest = proof.source.starts_with("file ") || proof.source.starts_with("image ");
            let digest = proof.revision.as_deref().filter(|_| is_digest);
            if let Some(digest) = digest.map(|digest| digest.trim_start_matches("sha256:")) {
                add(json!({ "name": component.name, "digest": { "sha256": digest } }));
            }
        }
    }
    let plan = run.plan.as_ref();
    if let Some(revision) = plan.and_then(|plan| plan.revision.as_deref())
        && matches!(revision.len(), 40 | 64)
        && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        let name = plan
            .and_then(|plan| plan.version.as_deref())
            .unwrap_or("release");
        let commit = revision.to_ascii_lowercase();
        add(json!({ "name": name, "digest": { "gitCommit": commit } }));
    }
    for file in about.bundle {
        let mut annotations = Map::new();
        annotations.insert("role".into(), json!("bundle"));
        if file.name == "run.json" {
            annotate(&mut annotations, run, about);
        }
        add(json!({
            "name": file.name,
            "digest": { "sha256": file.sha256 },
            "annotations": annotations,
        }));
    }
    subjects
}

fn annotate(annotations: &mut Map<String, Value>, run: &Run, about: &About<'_>) {
    annotations.insert("verdict".into(), json!(run.verdict.outcome));
    annotations.insert("sentence".into(), json!(run.verdict.sentence));
    annotations.insert("startedAt".into(), json!(run.started_at));
    annotations.insert("madeAt".into(), json!(about.made_at));
    let identity = run.identity.as_ref();
    let status: Option<IdentityStatus> = identity.map(|identity| identity.status);
    annotations.insert("identity".into(), json!(status));
    if let Some(plan) = &run.plan {
        annotations.insert("version".into(), json!(plan.version));
        annotations.insert("revision".into(), json!(plan.revision));
        annotations.insert("rehearsal".into(), json!(plan.rehearsal));
        annotations.insert("only".into(), json!(plan.only));
    }
    let attempts = run.items.iter().filter(|item| !item.attempts.is_empty());
    let attempts = attempts.map(|item| (item.id.clone(), json!(item.attempts)));
    annotations.insert("attempts".into(), Value::Object(attempts.collect()));
}

/// The plan first, then scenario, data, whatever else was read, and the program.
fn configuration(run: &Run, about: &About<'_>) -> Vec<Value> {
    let rank = |source: &&Source| match source.role.as_str() {
        "plan" => 0,
        "scenario" => 1,
        "data" => 2,
        _ => 3,
    };
    let mut sources: Vec<&Source> = run.sources.iter().collect();
    sources.sort_by_key(rank);
    let described = |source: &Source| {
        json!({
            "name": source.path,
            "digest": { "sha256": source.sha256 },
            "annotations": { "role": source.role },
        })
    };
    let mut all: Vec<Value> = Vec::new();
    if let Some(plan) = &run.plan
        && !sources.iter().any(|source| source.role == "plan")
    {
        all.push(json!({
            "name": plan.file,
            "digest": { "sha256": plan.sha256 },
            "annotations": { "role": "plan" },
        }));
    }
    all.extend(sources.into_iter().map(described));
    let mut engine = json!({
        "name": format!("plimsoll {}", run.engine.version),
        "annotations": { "role": "engine" },
    });
    if let Some(sha256) = about.engine_sha256 {
        engine["digest"] = json!({ "sha256": sha256 });
    }
    all.push(engine);
    all
}
