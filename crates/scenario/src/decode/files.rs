//! Files that a scenario names.

use super::Decoder;
use crate::model::SourceFile;
use crate::text::Node;
use std::path::{Component, Path};
use std::sync::Arc;

/// Largest data file or body.
const MOST_BYTES: usize = 1 << 30;

impl Decoder<'_> {
    /// Reads a file in the scenario's folder or below and keeps it for the result bundle.
    pub(super) fn file(&mut self, node: &Node) -> Option<(String, Arc<[u8]>)> {
        let name = self.named(node, "a file name")?.to_owned();
        if !self.inside(node, &name) {
            return None;
        }
        let path = Path::new(&name);
        if let Some(known) = self
            .sources
            .iter()
            .skip(1)
            .find(|source| source.path == path)
        {
            return Some((name, Arc::clone(&known.content)));
        }
        let content: Arc<[u8]> = self.read(node, path)?.into();
        self.sources.push(SourceFile {
            path: path.to_owned(),
            content: Arc::clone(&content),
        });
        Some((name, content))
    }

    /// Whether a name leads to the folder of the file that says it, or below.
    pub(super) fn inside(&mut self, node: &Node, name: &str) -> bool {
        let inside = Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside && !name.contains('\\') {
            return true;
        }
        let of = self.what;
        self.error(
            &node.span,
            format!("`{name}` leads out of the {of}'s folder"),
            format!("put the file beside the {of} or below, and name it from there"),
        );
        false
    }

    /// Reads a file that may lie anywhere and is not kept: certificates and keys.
    pub(super) fn outside_file(&mut self, node: &Node) -> Option<Arc<[u8]>> {
        let name = self.named(node, "a file name")?.to_owned();
        self.read(node, Path::new(&name)).map(Arc::from)
    }

    fn read(&mut self, node: &Node, path: &Path) -> Option<Vec<u8>> {
        match self.loader.read(&self.folder.join(path)) {
            Ok(bytes) if bytes.len() > MOST_BYTES => {
                self.error(
                    &node.span,
                    format!(
                        "the file has {} bytes, at most {MOST_BYTES} are read",
                        bytes.len()
                    ),
                    None,
                );
                None
            }
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let help = format!("looked for {}", self.folder.join(path).display());
                self.error(&node.span, format!("cannot read the file: {error}"), help);
                None
            }
        }
    }
}
