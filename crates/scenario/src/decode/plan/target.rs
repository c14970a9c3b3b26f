//! A target that is started for the tests.

use super::outline::Outline;
use super::{Decoder, all};
use crate::decode::data::plain_json;
use crate::grammar::OWN_TARGET;
use crate::plan::OwnTarget;
use crate::text::{Kind, Node};
use std::time::Duration;

/// How long a program may take to get ready unless stated.
const READY_WITHIN: Duration = Duration::from_secs(30);

impl Decoder<'_> {
    pub(super) fn own_target(&mut self, node: &Node, outline: &Outline) -> Option<OwnTarget> {
        let fields = self.fields(node, &OWN_TARGET)?;
        let (kind, node) = self.one_of(fields, &["run", "demo"], "a target of one's own")?;
        if kind == "demo" {
            for key in ["ready", "ready_within", "sha256", "env"] {
                if let Some(entry) = fields.entry(key) {
                    let message = format!("`{key}` goes with `run`");
                    self.error(&entry.key_span, message, None);
                }
            }
            return self.demo(node, outline).map(OwnTarget::Demo);
        }
        if outline.demo == Some((true, false)) {
            let help = "let the scenario's `target` be the URL of this program".to_owned();
            let message = "this program would get no load: the scenario's target is `demo`";
            self.warn(&node.span, message, help);
        }
        let run = self.command(node);
        let ready = fields.get("ready").map(|node| self.ready_path(node));
        let ready_within = match fields.get("ready_within") {
            Some(node) => self.positive_duration(node),
            None => Some(READY_WITHIN),
        };
        let sha256 = fields.get("sha256").map(|node| self.digest(node, ""));
        let mut env = Vec::new();
        if let Some(node) = fields.get("env") {
            for entry in self.map(node, "a map of variables").unwrap_or_default() {
                if entry.key.is_empty() || entry.key.contains(['=', '\0']) {
                    let message = "no environment variable can be named like this";
                    self.error(&entry.key_span, message, None);
                }
                if let Some(value) = self.plain(&entry.value, "a text") {
                    env.push((entry.key.clone(), value.to_owned()));
                }
            }
        }
        Some(OwnTarget::Command {
            run: run?,
            ready: all(ready)?,
            ready_within: ready_within?,
            sha256: all(sha256)?,
            env,
        })
    }

    fn ready_path(&mut self, node: &Node) -> Option<String> {
        let path = self.named(node, "a path")?.to_owned();
        if !path.starts_with('/') || path.starts_with("//") {
            let help = format!("write `/{}`", path.trim_start_matches('/'));
            self.error(&node.span, format!("`{path}` is no path"), help);
            return None;
        }
        Some(path)
    }

    /// How the demo service is to behave.
    pub(super) fn demo(&mut self, node: &Node, outline: &Outline) -> Option<serde_json::Value> {
        if outline.demo.is_some_and(|(demo, _)| !demo) {
            let help = "only the service inside this program can be told how to behave".to_owned();
            let message = "the scenario's target is not `demo`";
            self.error(&node.span, message, help);
            return None;
        }
        if !matches!(node.kind, Kind::Map(_)) {
            self.wrong(node, "a map of what the demo service is to do");
            return None;
        }
        Some(plain_json(node))
    }
}
