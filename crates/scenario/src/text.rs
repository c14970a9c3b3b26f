//! YAML and TOML as one tree of values that know where they stand. Leaves their meaning to `decode`.

mod node;
mod toml;
mod yaml;

pub(crate) use node::{Entry, Kind, Node, Span};

use std::path::Path;

/// Something wrong with the text itself.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Parses `text` as TOML if `path` ends in `.toml`, as YAML otherwise.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Node, Vec<SyntaxError>> {
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    {
        toml::parse(text)
    } else {
        yaml::parse(text)
    }
}

/// Parses the documents of a YAML file, at most so many.
pub(crate) fn parse_documents(text: &str, most: usize) -> Result<Vec<Node>, Vec<SyntaxError>> {
    yaml::parse_all(text, most)
}
