//! The release and who says which build it is.

use super::{Decoder, all};
use crate::grammar::{ALLOWED, COMPONENT, CONFIG, IDENTITY, RELEASE};
use crate::plan::items;
use crate::plan::{AllowedDifference, Component, ConfigComparison, IdentitySource, Release};
use crate::text::Node;
use std::collections::HashSet;

/// Most sources that may have to agree.
const MOST_SOURCES: u64 = 100;

impl Decoder<'_> {
    pub(super) fn release(&mut self, node: &Node) -> Option<Release> {
        let line = self.line(node);
        let fields = self.fields(node, &RELEASE)?;
        let version = fields
            .get("version")
            .and_then(|node| self.named(node, "a version").map(str::to_owned));
        let revision = self.optional(fields.get("revision"), "a revision");
        let min_sources = match fields.get("min_sources") {
            Some(node) => self.count(node, 1..=MOST_SOURCES).unwrap_or(1) as usize,
            None => 1,
        };
        let mut components = Vec::new();
        let mut names = HashSet::new();
        if let Some(node) = fields.get("components") {
            let items = self.entries(node, "components");
            if items.is_empty() {
                let help = "a release needs at least one whose identity can be proven".to_owned();
                self.error(&node.span, "there is no component", help);
            }
            for item in items {
                let inherited = (version.as_deref().unwrap_or_default(), revision.as_deref());
                let Some(component) = self.component(item, inherited, min_sources) else {
                    continue;
                };
                if !names.insert(component.name.clone()) {
                    let message = format!("a component is already named `{}`", component.name);
                    self.error(
                        &item.span,
                        message,
                        "give one of them another name".to_owned(),
                    );
                }
                components.push(component);
            }
        }
        let config = fields.get("config").map(|node| self.config(node));
        Some(Release {
            version: version?,
            revision,
            min_sources,
            components,
            config: all(config)?,
            line,
        })
    }

    fn component(
        &mut self,
        node: &Node,
        (version, revision): (&str, Option<&str>),
        min_sources: usize,
    ) -> Option<Component> {
        let line = self.line(node);
        let fields = self.fields(node, &COMPONENT)?;
        let name = fields
            .get("name")
            .and_then(|node| self.id(node, "a component's name"));
        if let (Some(items::CONFIG), Some(node)) = (name.as_deref(), fields.get("name")) {
            let help = "the comparison of configurations has that id".to_owned();
            self.error(&node.span, "no component can be named `config`", help);
        }
        let tier = self.tier(fields.get("tier"));
        let own = self.optional(fields.get("version"), "a version");
        let version = own.unwrap_or_else(|| version.to_owned());
        let own = self.optional(fields.get("revision"), "a revision");
        let revision = own.or_else(|| revision.map(str::to_owned));
        let node = fields.get("sources")?;
        let items = self.entries(node, "sources");
        if items.len() < min_sources {
            let message = format!(
                "{} of at least {min_sources} sources: they can never agree",
                items.len()
            );
            let help = "add a source, or lower `min_sources` of the release".to_owned();
            self.error(&node.span, message, help);
        }
        let sources = items
            .iter()
            .filter_map(|item| self.identity_source(item))
            .collect();
        Some(Component {
            name: name?,
            tier: tier?,
            version,
            revision,
            sources,
            line,
        })
    }

    fn identity_source(&mut self, node: &Node) -> Option<IdentitySource> {
        let fields = self.fields(node, &IDENTITY)?;
        let kinds = ["endpoint", "header", "run", "file", "image"];
        let (kind, node) = self.one_of(fields, &kinds, "a source")?;
        for (key, goes_with) in [
            ("version", &["endpoint", "run"][..]),
            ("revision", &["endpoint", "run"]),
            ("sha256", &["file"]),
            ("digest", &["image"]),
        ] {
            if let Some(entry) = fields.entry(key).filter(|_| !goes_with.contains(&kind)) {
                let message = format!("`{key}` does not go with `{kind}`");
                let goes_with = crate::nearest::listed(goes_with.iter().copied());
                self.error(
                    &entry.key_span,
                    message,
                    format!("it goes with {goes_with}"),
                );
            }
        }
        let version = self.optional(fields.get("version"), "a member's name or JSONPath");
        let revision = self.optional(fields.get("revision"), "a member's name or JSONPath");
        for key in ["version", "revision"] {
            if let Some(node) = fields.get(key)
                && let Some(path) = node.scalar_text().filter(|text| text.starts_with('$'))
            {
                self.json_path(&node.span, path);
            }
        }
        Some(match kind {
            "endpoint" => IdentitySource::Endpoint {
                url: self.place(node)?,
                version,
                revision,
            },
            "header" => IdentitySource::Header {
                name: self.header_name(node)?.as_str().to_owned(),
            },
            "run" => IdentitySource::Command {
                run: self.command(node)?,
                version,
                revision,
            },
            "file" => {
                let path = self.named(node, "a file name")?.into();
                let Some(digest) = fields.get("sha256") else {
                    let help = "write what `sha256sum` prints of it".to_owned();
                    self.error(fields.span, "a file needs `sha256`", help);
                    return None;
                };
                let sha256 = self.digest(digest, "")?;
                IdentitySource::File { path, sha256 }
            }
            _ => {
                let run = self.command(node)?;
                let Some(digest) = fields.get("digest") else {
                    let help = "add `digest: sha256:…`".to_owned();
                    self.error(fields.span, "an image needs `digest`", help);
                    return None;
                };
                let digest = self.digest(digest, "sha256:")?;
                IdentitySource::Image { run, digest }
            }
        })
    }

    fn config(&mut self, node: &Node) -> Option<ConfigComparison> {
        let line = self.line(node);
        let fields = self.fields(node, &CONFIG)?;
        let mut allowed = Vec::new();
        if let Some(node) = fields.get("allowed_differences") {
            for item in self.entries(node, "differences") {
                allowed.extend(self.allowed_difference(item));
            }
        }
        let mut path = |key: &str| {
            let node = fields.get(key)?;
            self.named(node, "a file name").map(Into::into)
        };
        let (rendered, deployed) = (path("rendered"), path("deployed"));
        Some(ConfigComparison {
            rendered: rendered?,
            deployed: deployed?,
            allowed,
            line,
        })
    }

    fn allowed_difference(&mut self, node: &Node) -> Option<AllowedDifference> {
        let fields = self.fields(node, &ALLOWED)?;
        let path = fields.get("path").and_then(|node| {
            let path = self.named(node, "a JSON pointer")?.to_owned();
            if path.starts_with('/') {
                return Some(path);
            }
            let message = format!("`{path}` is no JSON pointer");
            let help = format!(
                "write `/{}`",
                path.trim_start_matches("$.").replace('.', "/")
            );
            self.error(&node.span, message, help);
            None
        });
        let reason = self.optional(fields.get("reason"), "a reason");
        let owner = self.optional(fields.get("owner"), "a name");
        Some(AllowedDifference {
            path: path?,
            reason: reason?,
            owner: owner?,
        })
    }
}
