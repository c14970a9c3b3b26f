//! From a tree of values to a [`Scenario`](crate::Scenario) or a
//! [`ReadinessPlan`](crate::plan::ReadinessPlan): everything that is wrong is noted with
//! its place, and decoding goes on, so that all of it is reported at once.

mod body;
mod data;
mod expect;
mod file;
mod files;
mod journey;
mod json;
mod load;
mod names;
mod plan;
mod request;
mod save;
mod scalars;
mod scenario;
mod stages;
mod steps;
mod target;
mod threshold;

use crate::grammar::Table;
use crate::load::{LoadOptions, Loader, Parsed};
use crate::model::{Feed, SourceFile};
use crate::nearest::suggestion;
use crate::problem::{MOST_KEPT, MOST_SHOWN, Problem, Problems, Severity};
use crate::template::{Builder, Escape, Fault, Template};
use crate::text::{Entry, Kind, Node, Span};
use file::File;
use names::{Constants, Names, Scope};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What decoding knows and has found so far.
pub(crate) struct Decoder<'a> {
    /// What the file at the top holds, for messages.
    what: &'static str,
    /// The file that is being decoded.
    file: Arc<File>,
    folder: PathBuf,
    loader: &'a dyn Loader,
    /// At most [`MOST_KEPT`] errors and as many warnings, of every file.
    problems: Vec<Problem>,
    errors: usize,
    warnings: usize,
    sources: Vec<SourceFile>,
    constants: Constants<'a>,
    feeds: Vec<Feed>,
    feed_used: Vec<bool>,
    broken_feeds: HashSet<String>,
    targets: Vec<String>,
    scope: Scope,
}

/// The values of a map whose keys are all known.
#[derive(Clone, Copy)]
struct Fields<'n> {
    entries: &'n [Entry],
    span: &'n Span,
}

impl<'n> Fields<'n> {
    fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }
}

impl<'a> Decoder<'a> {
    /// Ready to decode a file.
    pub(crate) fn new(parsed: &Parsed, loader: &'a dyn Loader, options: &LoadOptions<'a>) -> Self {
        let path = &parsed.source.path;
        Self {
            what: "scenario",
            file: Arc::new(File::new(path, Arc::clone(&parsed.text))),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            loader,
            problems: Vec::new(),
            errors: 0,
            warnings: 0,
            sources: vec![parsed.source.clone()],
            constants: Constants::new(options.env),
            feeds: Vec::new(),
            feed_used: Vec::new(),
            broken_feeds: HashSet::new(),
            targets: Vec::new(),
            scope: Scope::default(),
        }
    }

    /// Decodes something of another file: problems are about that one meanwhile.
    fn within<T>(&mut self, file: &Arc<File>, decode: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.file, Arc::clone(file));
        let decoded = decode(self);
        self.file = outer;
        decoded
    }

    /// Takes over what was found wrong elsewhere.
    fn adopt(&mut self, problems: &Problems) {
        for problem in problems.all() {
            let count = match problem.severity {
                Severity::Error => &mut self.errors,
                Severity::Warning => &mut self.warnings,
            };
            if *count < MOST_KEPT {
                self.problems.push(problem.clone());
            }
            *count += 1;
        }
    }

    /// The warnings, or the errors if there are any.
    fn finish(mut self, root: &Node, succeeded: bool) -> Result<Vec<Problem>, Problems> {
        // The file at the top comes first, then those that it names.
        let top = self.file.path.clone();
        self.problems.sort_by_key(|problem| problem.file != top);
        if succeeded && !self.failed() {
            return Ok(Problems::from(self.problems).all().to_vec());
        }
        self.problems
            .retain(|problem| problem.severity == Severity::Error);
        if self.problems.is_empty() {
            self.error(&root.span, format!("not a {}", self.what), None);
        }
        Err(Problems::from(self.problems))
    }

    fn error(&mut self, span: &Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        if self.errors < MOST_KEPT {
            self.problems
                .push(self.file.problem(span, message, help.into()));
        }
        self.errors += 1;
    }

    fn warn(&mut self, span: &Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        if self.warnings < MOST_KEPT {
            let mut problem = self.file.problem(span, message, help.into());
            problem.severity = Severity::Warning;
            self.problems.push(problem);
        }
        self.warnings += 1;
    }

    /// What to write instead of an unknown name; only as long as it will be shown, for finding it
    /// takes time.
    fn suggestion(&self, name: &str, candidates: &[&str]) -> Option<String> {
        (self.errors <= MOST_SHOWN).then(|| suggestion(name, candidates))
    }

    /// Notes that `node` is not what it should be.
    fn wrong(&mut self, node: &Node, expected: &str) {
        self.error(
            &node.span,
            format!("expected {expected}, found {}", node.describe()),
            None,
        );
    }

    /// The entries of a map.
    fn map<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n [Entry]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ => {
                self.wrong(node, expected);
                None
            }
        }
    }

    /// The entries of a map of this kind. Notes keys that are unknown or missing.
    fn fields<'n>(&mut self, node: &'n Node, table: &'static Table) -> Option<Fields<'n>> {
        let names = table.names();
        let Kind::Map(entries) = &node.kind else {
            let help = format!(
                "a {} has the keys {}",
                table.name,
                crate::nearest::listed(names.iter().copied())
            );
            self.error(
                &node.span,
                format!("expected a map, found {}", node.describe()),
                help,
            );
            return None;
        };
        for entry in entries {
            if !names.contains(&entry.key.as_str()) {
                let message = format!(
                    "unknown key `{}` in {}",
                    crate::excerpt::short(&entry.key),
                    table.name
                );
                let help = self.suggestion(&entry.key, &names);
                self.error(&entry.key_span, message, help);
            }
        }
        let fields = Fields {
            entries,
            span: &node.span,
        };
        for key in table.keys.iter().filter(|key| key.required) {
            if fields.get(key.name).is_none() {
                let message = format!("the key `{}` is missing in {}", key.name, table.name);
                self.error(
                    &node.span,
                    message,
                    format!("`{}`: {}", key.name, key.about),
                );
            }
        }
        Some(fields)
    }

    /// Notes when there is not exactly one of some keys; otherwise that one.
    fn one_of<'n>(
        &mut self,
        fields: Fields<'n>,
        keys: &[&'static str],
        what: &str,
    ) -> Option<(&'static str, &'n Node)> {
        let present: Vec<(&'static str, &Entry)> = keys
            .iter()
            .filter_map(|key| Some((*key, fields.entry(key)?)))
            .collect();
        match present.as_slice() {
            [(key, entry)] => Some((key, &entry.value)),
            [] => {
                let listed = crate::nearest::listed(keys.iter().copied());
                self.error(fields.span, format!("{what} needs one of {listed}"), None);
                None
            }
            [(first, _), (second, entry), ..] => {
                let message = format!("{what} has both `{first}` and `{second}`");
                self.error(&entry.key_span, message, "keep one of them".to_owned());
                None
            }
        }
    }

    fn list<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => {
                self.wrong(node, expected);
                None
            }
        }
    }

    /// The items of a list, or the value itself as the only one.
    fn one_or_more<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    /// A text with parts, compiled.
    fn template(&mut self, node: &Node, escape: Escape, expected: &str) -> Template {
        let Some(text) = self.plain(node, expected) else {
            return Template::default();
        };
        let mut builder = Builder::default();
        self.build(&mut builder, &node.span, text, escape);
        builder.finish().0
    }

    /// What names mean here.
    fn names(&mut self) -> Names<'_, 'a> {
        Names {
            constants: &mut self.constants,
            loader: self.loader,
            folder: &self.folder,
            feeds: &self.feeds,
            feed_used: &mut self.feed_used,
            broken_feeds: &self.broken_feeds,
            scope: &mut self.scope,
        }
    }

    /// Adds a text with parts to a template, and notes what is wrong with it.
    fn build(&mut self, builder: &mut Builder, span: &Span, text: &str, escape: Escape) {
        let mut names = self.names();
        match escape {
            Escape::Json => builder.json_leaf(text, &mut |parts| names.resolve(parts)),
            _ => builder.text(text, escape, &mut |parts| names.resolve(parts)),
        }
        let faults = std::mem::take(&mut builder.faults);
        self.report(span, text, faults);
    }

    /// A text that is known now: only `env` and `secret` may stand in it.
    fn constant(&mut self, node: &Node, expected: &str) -> Option<String> {
        let before = self.errors;
        let template = self.template(node, Escape::None, expected);
        match template.as_constant() {
            Some(text) if self.errors == before => Some(text.to_owned()),
            Some(_) => None,
            None => {
                self.error(&node.span, "only `env` and `secret` can stand here", None);
                None
            }
        }
    }

    /// Notes faults of a template's text, each at its own place where the file shows the text as it is.
    fn report(&mut self, span: &Span, text: &str, faults: Vec<Fault>) {
        let offset = self
            .file
            .text
            .get(span.clone())
            .and_then(|raw| raw.find(text));
        for fault in faults {
            let span = match offset {
                Some(offset) => {
                    span.start + offset + fault.range.start..span.start + offset + fault.range.end
                }
                None => span.clone(),
            };
            self.error(&span, fault.message, fault.help);
        }
    }

    fn failed(&self) -> bool {
        self.errors > 0
    }
}
