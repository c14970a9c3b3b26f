//! Reading scenarios: where files come from, and the way from bytes to a [`Scenario`].

use crate::decode::Decoder;
use crate::model::{Scenario, SourceFile};
use crate::problem::{MOST_KEPT, Problem, Problems};
use crate::text::{self, Node, SyntaxError};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest scenario text.
const MOST_BYTES: usize = 8 << 20;

/// Reads files. Whoever loads a scenario says what reading means.
pub trait Loader {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As [`std::fs::read`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// Files in memory, for tests.
#[derive(Debug, Clone, Default)]
pub struct MapLoader {
    files: HashMap<PathBuf, Vec<u8>>,
}

impl MapLoader {
    /// Adds a file.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), content.into());
        self
    }
}

impl Loader for MapLoader {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.files.get(path).cloned();
        found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

/// What a scenario may take from its surroundings.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// Looks up an environment variable, for `{{ env.NAME }}` and `{{ secret.NAME }}`.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl Default for LoadOptions<'_> {
    /// No environment at all.
    fn default() -> Self {
        Self { env: &|_| None }
    }
}

impl std::fmt::Debug for LoadOptions<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LoadOptions")
    }
}

/// A scenario and what is odd about it.
#[derive(Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What is probably not as meant.
    pub warnings: Vec<Problem>,
}

/// A file that was read and parsed.
pub(crate) struct Parsed {
    pub(crate) text: Arc<str>,
    pub(crate) source: SourceFile,
    pub(crate) root: Node,
}

impl Parsed {
    /// Reads and parses `what`: TOML if the path ends in `.toml`, YAML otherwise.
    ///
    /// # Errors
    /// If it cannot be read, or everything that is wrong with its syntax.
    pub(crate) fn read(path: &Path, loader: &dyn Loader, what: &str) -> Result<Self, Problems> {
        let bytes = loader
            .read(path)
            .map_err(|error| Problem::of_file(path, format!("cannot read the {what}: {error}")))?;
        let text = decoded(path, &bytes).map_err(|problem| *problem)?;
        let root = text::parse(path, text).map_err(|errors| syntax_problems(path, text, errors))?;
        Ok(Self {
            text: Arc::from(text),
            root,
            source: SourceFile {
                path: path.to_owned(),
                content: Arc::from(bytes),
            },
        })
    }
}

/// Syntax errors as problems.
pub(crate) fn syntax_problems(path: &Path, text: &str, errors: Vec<SyntaxError>) -> Problems {
    let problems = errors
        .into_iter()
        .take(MOST_KEPT)
        .map(|error| Problem::at(path, text, &error.span, error.message, error.help));
    Problems::from(problems.collect::<Vec<_>>())
}

impl Scenario {
    /// Reads and compiles a scenario: TOML if the path ends in `.toml`, YAML otherwise.
    ///
    /// # Errors
    /// Everything that is wrong with it and with the files that it names.
    pub fn load(
        path: &Path,
        loader: &dyn Loader,
        options: &LoadOptions<'_>,
    ) -> Result<Loaded, Problems> {
        let file = Parsed::read(path, loader, "scenario")?;
        Decoder::new(&file, loader, options).scenario(&file.root)
    }

    /// Compiles a YAML scenario that names no other file and no variable of the environment.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Loaded, Problems> {
        let path = Path::new("scenario.yaml");
        let loader = MapLoader::default().with(path, bytes);
        Self::load(path, &loader, &LoadOptions::default())
    }
}

/// The bytes as text, without a byte order mark.
pub(crate) fn decoded<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, Box<Problem>> {
    if bytes.len() > MOST_BYTES {
        let message = format!("{} bytes, at most {MOST_BYTES} are read", bytes.len());
        return Err(Box::new(Problem::of_file(path, message)));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let at = valid.len();
            let help = Some("save the file as UTF-8".to_owned());
            let problem = Problem::at(path, &valid, &(at..at), "not UTF-8 from here on", help);
            Err(Box::new(problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scenario whose only request has this body.
    fn with_body(body: &str) -> Result<Loaded, Problems> {
        let text = format!(
            "name: t\ntarget: demo\njourneys: {{ j: {{ steps: [ {{ name: s, POST: /, body: '{body}' }} ] }} }}\n\
             load: {{ rate: 1/s, duration: 1s }}\n"
        );
        Scenario::from_bytes(text.as_bytes())
    }

    fn refusal(outcome: Result<Loaded, Problems>) -> String {
        outcome.expect_err("refused").render(false)
    }

    #[test]
    fn expressions_too_long_for_the_parsers_stack_are_refused() {
        for body in [
            format!("{{{{ {}1 }}}}", "-".repeat(30_000)),
            format!("{{{{ 1{} }}}}", " | list".repeat(10_000)),
            format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(10_000)),
        ] {
            let text = refusal(with_body(&body));
            assert!(text.contains("at most 4000 bytes"), "{text}");
        }
        let text = format!(
            "name: t\ntarget: demo\njourneys: {{ j: {{ steps: [ {{ if: \"{}1\", steps: [ {{ GET: / }} ] }} ] }} }}\n",
            "not ".repeat(30_000)
        );
        let text = refusal(Scenario::from_bytes(text.as_bytes()));
        assert!(text.contains("at most 4000 bytes"), "{text}");
    }

    #[test]
    fn tojson_indents_but_never_by_gigabytes() {
        for indent in ["9999999999", "indent=9999999999"] {
            let text = refusal(with_body(&format!("{{{{ [1] | tojson({indent}) }}}}")));
            assert!(text.contains("invalid operation"), "{text}");
        }
        with_body("{{ [1] | tojson(indent=2) }}{{ [1] | tojson(true) }}").expect("loads");
    }

    #[test]
    fn a_flood_of_problems_is_cut_off() {
        let steps = "{ x: 1 },\n".repeat(5_000);
        for text in [
            "a: 1\n".repeat(5_000),
            format!("name: t\ntarget: demo\njourneys: {{ j: {{ steps: [\n{steps}] }} }}\n"),
        ] {
            let problems = Scenario::from_bytes(text.as_bytes()).expect_err("refused");
            assert_eq!(problems.all().len(), crate::problem::MOST_KEPT);
        }
    }
}
