//! Asks a source.

use super::{Reading, Said, text};
use crate::command::{Job, shown};
use crate::digest::sha256_of_file;
use crate::fetch::Fetch;
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::{Component, IdentitySource};
use std::path::Path;
use std::time::Duration;

/// What asking needs.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Speaks HTTP.
    pub fetch: &'a dyn Fetch,
    /// The plan's folder, where commands are run and files are looked for.
    pub folder: &'a Path,
    /// What is masked in everything that is told.
    pub masker: &'a Masker,
    /// How long one source may take.
    pub timeout: Duration,
}

/// Asks a source which build the component is. A header tells nothing here: its values come with the
/// responses of the run, and [`assess`](super::assess) takes them from there.
pub fn probe(component: &Component, source: &IdentitySource, context: Context<'_>) -> Reading {
    let said = match source {
        IdentitySource::Endpoint { url, version, revision } => endpoint(url, context)
            .and_then(|text| {
                text::read_document(&text, version.as_deref(), revision.as_deref(), &component.version)
            }),
        IdentitySource::Command { run, version, revision } => command(run, context)
            .and_then(|text| {
                text::read_document(&text, version.as_deref(), revision.as_deref(), &component.version)
            }),
        IdentitySource::File { path, .. } => sha256_of_file(&context.folder.join(path))
            .map(|sha256| Said {
                digest: Some(format!("sha256:{sha256}")),
                ..Said::default()
            })
            .map_err(|error| {
                format!("the file cannot be read ({error}); write its path as seen from the plan's folder")
            }),
        IdentitySource::Image { run, .. } => command(run, context).and_then(|text| {
            let digest = text.split_whitespace().find_map(text::digest);
            let digest = digest.ok_or_else(|| {
                format!("it prints no `sha256:…`: `{}`", crate::text::head(text.trim(), 80))
            })?;
            Ok(Said {
                digest: Some(digest),
                ..Said::default()
            })
        }),
        IdentitySource::Header { .. } => {
            Err("a header is read from the responses of the run".to_owned())
        }
    };
    let mask = |text: String| context.masker.mask(&text).into_owned();
    Reading {
        source: mask(label(source)),
        said: said
            .map(|said| Said {
                version: said.version.map(mask),
                revision: said.revision.map(mask),
                digest: said.digest,
            })
            .map_err(mask),
    }
}

/// What a source is called in the document.
fn label(source: &IdentitySource) -> String {
    match source {
        IdentitySource::Endpoint { url, .. } => format!("endpoint {url}"),
        IdentitySource::Header { name } => format!("header {name}"),
        IdentitySource::Command { run, .. } => format!("command {}", shown(run)),
        IdentitySource::File { path, .. } => format!("file {}", path.display()),
        IdentitySource::Image { run, .. } => format!("image {}", shown(run)),
    }
}

fn endpoint(url: &str, context: Context<'_>) -> Result<String, String> {
    let answer = context.fetch.get(url, context.timeout)?;
    if !answer.is_success() {
        return Err(format!("it answered with status {}", answer.status));
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

fn command(run: &[String], context: Context<'_>) -> Result<String, String> {
    let finished = Job::new(run, context.folder, context.timeout)
        .run(context.masker)
        .map_err(|error| error.to_string())?;
    if !finished.is_success() {
        return Err(format!("it {}", finished.account()));
    }
    Ok(String::from_utf8_lossy(&finished.raw_stdout).into_owned())
}
