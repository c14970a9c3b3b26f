//! What a plan leaves for people and programs: tables, pages, test results, and a statement that all of
//! it is what it was.

use crate::bundle::{OUTPUTS, copy_names};
use crate::failure::Failure;
use crate::record::{Record, program};
use anyhow::Context;
use jiff::Timestamp;
use plimsoll_conduct::attest::{About, SigningKey, digests, read_signing_key, sign, statement};
use plimsoll_report::document::{Run, Source};
use std::io::Write;
use std::path::Path;

/// The statement's file.
pub(crate) const ATTESTATION: &str = "attestation.json";

/// Reads the key that the statement is to be signed with.
pub(crate) fn signing_key(path: Option<&Path>) -> Result<Option<SigningKey>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path)
        .map_err(|problem| Failure::Usage(format!("--sign {}: {problem}", path.display())))?;
    let key = read_signing_key(&text)
        .map_err(|problem| Failure::Usage(format!("--sign {}: {problem}", path.display())))?;
    Ok(Some(key))
}

/// Writes all of it.
pub(crate) fn write(
    record: &mut Record,
    run: &Run,
    key: Option<&SigningKey>,
) -> Result<(), Failure> {
    let bundle = &mut record.bundle;
    bundle.finish(run);
    bundle.write("report.html", |out| plimsoll_report::html::render(run, out));
    let folder = bundle.folder().to_owned();
    let copied = |source: &&Source| matches!(source.role.as_str(), "plan" | "slo" | "scenario");
    let copies = run.sources.iter().filter(copied);
    let copies = copy_names(copies.map(|source| Path::new(&source.path)));
    let mut names: Vec<&str> = copies.iter().map(String::as_str).collect();
    names.extend(OUTPUTS.iter().filter(|name| **name != ATTESTATION));
    names.sort_unstable();
    names.dedup();
    let digests = digests(&folder, &names).context("cannot read back what was written")?;
    let engine = program();
    let statement = statement(
        run,
        &About {
            bundle: &digests,
            engine_sha256: engine.as_ref().map(|source| source.sha256.as_str()),
            made_at: Some(Timestamp::now()),
        },
    );
    let text = match key {
        Some(key) => sign(&statement, key),
        None => statement,
    };
    bundle.write(ATTESTATION, |out| out.write_all(text.as_bytes()));
    Ok(())
}
