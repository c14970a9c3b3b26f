//! Risks, checklist and waivers.

use super::{Decoder, all};
use crate::grammar::{CHECKLIST, RISK, WAIVER};
use crate::plan::{ChecklistItem, PlannedTest, Risk, Waiver};
use crate::text::{Kind, Node, Span};
use std::collections::HashSet;

/// Evidence that is still missing.
const REQUIRED: &str = "required";

impl Decoder<'_> {
    /// An id that no other entry of its list has.
    fn unique_id(&mut self, node: Option<&Node>, taken: &mut HashSet<String>) -> Option<String> {
        let node = node?;
        let id = self.id(node, "an id")?;
        if !taken.insert(id.clone()) {
            let message = format!("the id `{id}` is already taken");
            self.error(
                &node.span,
                message,
                "give one of them another id".to_owned(),
            );
        }
        Some(id)
    }

    /// `written`: the list of tests, of which some may be broken.
    pub(super) fn risks(
        &mut self,
        node: Option<&Node>,
        tests: &[PlannedTest],
        written: Option<&Node>,
    ) -> Vec<Risk> {
        let Some(node) = node else { return Vec::new() };
        let mut names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        if let Some(Kind::List(items)) = written.map(|node| &node.kind) {
            let written = items.iter().take(super::MOST_ENTRIES);
            names = written
                .filter_map(|item| item.get("name").and_then(Node::scalar_text))
                .collect();
        }
        let mut taken = HashSet::new();
        let items = self.entries(node, "risks");
        items
            .iter()
            .filter_map(|item| self.risk(item, &names, &mut taken))
            .collect()
    }

    fn risk(&mut self, node: &Node, tests: &[&str], taken: &mut HashSet<String>) -> Option<Risk> {
        let line = self.line(node);
        let fields = self.fields(node, &RISK)?;
        let id = self.unique_id(fields.get("id"), taken);
        let title = self.optional(fields.get("title"), "a title");
        let mut scale = |key| {
            let node = fields.get(key)?;
            self.count(node, 1..=5).map(|count| count as u8)
        };
        let (likelihood, impact) = (scale("likelihood"), scale("impact"));
        let owner = self.optional(fields.get("owner"), "a name");
        let mitigation = self.optional(fields.get("mitigation"), "a text");
        let mut proven_by = Vec::new();
        for (name, item) in self.name_list(fields.get("proven_by"), "a test's name") {
            if !tests.contains(&name.as_str()) {
                let message = format!("there is no test `{}`", crate::excerpt::short(&name));
                let help = self.suggestion(&name, tests);
                self.error(&item.span, message, help);
            }
            proven_by.push(name);
        }
        Some(Risk {
            id: id?,
            title: title?,
            likelihood: likelihood?,
            impact: impact?,
            owner,
            mitigation,
            proven_by,
            line,
        })
    }

    pub(super) fn checklist(&mut self, node: Option<&Node>) -> Vec<ChecklistItem> {
        let Some(node) = node else { return Vec::new() };
        let mut taken = HashSet::new();
        let items = self.entries(node, "checklist items");
        items
            .iter()
            .filter_map(|item| self.checklist_item(item, &mut taken))
            .collect()
    }

    fn checklist_item(
        &mut self,
        node: &Node,
        taken: &mut HashSet<String>,
    ) -> Option<ChecklistItem> {
        let line = self.line(node);
        let fields = self.fields(node, &CHECKLIST)?;
        let id = self.unique_id(fields.get("id"), taken);
        let tier = self.tier(fields.get("tier"));
        let title = self.optional(fields.get("title"), "a title");
        let owner = self.optional(fields.get("owner"), "a name");
        let given = self.optional(fields.get("evidence"), "evidence");
        let evidence_required = given.as_deref() == Some(REQUIRED);
        let evidence = given.filter(|_| !evidence_required);
        let done = match fields.get("done") {
            Some(node) => {
                let done = self.boolean(node);
                if done == Some(true) && evidence_required {
                    let message = "it is done, but its evidence is missing";
                    let help = "replace `required` by a file or a link".to_owned();
                    self.warn(&node.span, message, help);
                }
                done
            }
            None => Some(evidence.is_some()),
        };
        let expires = fields.get("expires").map(|node| self.date(node));
        Some(ChecklistItem {
            id: id?,
            tier: tier?,
            title: title?,
            owner,
            evidence_required,
            evidence,
            done: done?,
            expires: all(expires)?,
            line,
        })
    }

    /// Waivers, each with the place of its item.
    pub(super) fn waivers(&mut self, node: Option<&Node>) -> Vec<(Waiver, Span)> {
        let Some(node) = node else { return Vec::new() };
        let items = self.entries(node, "waivers");
        items.iter().filter_map(|item| self.waiver(item)).collect()
    }

    fn waiver(&mut self, node: &Node) -> Option<(Waiver, Span)> {
        let line = self.line(node);
        let fields = self.fields(node, &WAIVER)?;
        let item = fields.get("item");
        let id = item.and_then(|node| {
            let text = self.plain(node, "an item's id")?;
            Some(text.to_owned())
        });
        let ceiling = fields.get("ceiling").map(|node| self.limit(node));
        let reason = self.optional(fields.get("reason"), "a reason");
        let approved = fields.get("approved_by");
        let before = self.errors;
        let mut approved_by: Vec<String> = Vec::new();
        for (name, _) in self.name_list(approved, "a name") {
            if !approved_by.contains(&name) {
                approved_by.push(name);
            }
        }
        if let (true, Some(node)) = (approved_by.is_empty() && self.errors == before, approved) {
            let help = "say who let it pass".to_owned();
            self.error(&node.span, "nobody approved", help);
        }
        let expires = fields.get("expires").and_then(|node| self.date(node));
        let waiver = Waiver {
            item: id?,
            ceiling: all(ceiling)?,
            reason: reason?,
            approved_by,
            expires: expires?,
            line,
        };
        Some((waiver, item?.span.clone()))
    }
}
