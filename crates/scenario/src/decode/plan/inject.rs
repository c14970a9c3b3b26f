//! What is done to the system during a test.

use super::{Context, Decoder, all};
use crate::grammar::{INJECTION, SERVED};
use crate::plan::{Action, Injection, Served};
use crate::text::{Kind, Node};
use std::time::Duration;

/// How long a command may take unless stated.
const TIMEOUT: Duration = Duration::from_secs(60);

impl Decoder<'_> {
    /// One injection or several; `None` where one is wrong.
    pub(super) fn injections(
        &mut self,
        node: Option<&Node>,
        length: Option<Duration>,
        context: &Context,
    ) -> Option<Vec<Injection>> {
        let Some(node) = node else {
            return Some(Vec::new());
        };
        let items = match &node.kind {
            Kind::List(_) => self.entries(node, "injections"),
            _ => self.one_or_more(node),
        };
        let decoded: Vec<Option<Injection>> = items
            .iter()
            .map(|item| self.injection(item, length, context))
            .collect();
        decoded.into_iter().collect()
    }

    fn injection(
        &mut self,
        node: &Node,
        length: Option<Duration>,
        context: &Context,
    ) -> Option<Injection> {
        let line = self.line(node);
        let fields = self.fields(node, &INJECTION)?;
        let after = fields
            .get("after")
            .and_then(|node| self.moment(node, length));
        let action = self
            .one_of(fields, &["run", "demo"], "an injection")
            .and_then(|(kind, node)| match kind {
                "run" => self.command(node).map(Action::Run),
                _ => self.demo(node, &context.outline).map(Action::Demo),
            });
        let undo = match fields.entry("undo") {
            Some(entry) if fields.get("demo").is_some() => {
                let help = "leave it out: the behaviour before comes back by itself".to_owned();
                self.error(&entry.key_span, "`undo` goes with `run`", help);
                None
            }
            Some(entry) => Some(self.command(&entry.value).map(Action::Run)),
            None => None,
        };
        let undo_after = match fields.entry("undo_after") {
            Some(entry) => {
                if undo.is_none() && fields.get("demo").is_none() {
                    let help = "say how it is undone, such as `undo: [ ./start.sh ]`".to_owned();
                    self.error(&entry.key_span, "`undo_after` needs `undo`", help);
                }
                let undo_after = self.moment(&entry.value, length);
                if undo_after.is_some_and(|undone| after.is_some_and(|after| undone <= after)) {
                    let message = "it is undone before it is done";
                    let help = "both times count from the start of the test".to_owned();
                    self.error(&entry.value.span, message, help);
                }
                Some(undo_after)
            }
            None => None,
        };
        let timeout = match fields.get("timeout") {
            Some(node) => self.positive_duration(node),
            None => Some(TIMEOUT),
        };
        let serves = fields.get("serves").map(|node| self.served(node));
        Some(Injection {
            after: after?,
            action: action?,
            undo: all(undo)?,
            undo_after: all(undo_after)?,
            timeout: timeout?,
            serves: all(serves)?,
            line,
        })
    }

    /// A time during the test.
    fn moment(&mut self, node: &Node, length: Option<Duration>) -> Option<Duration> {
        let moment = self.duration(node)?;
        if length.is_some_and(|length| moment >= length) {
            let help = "it counts from the start of the test".to_owned();
            self.error(&node.span, "the test is over by then", help);
            return None;
        }
        Some(moment)
    }

    fn served(&mut self, node: &Node) -> Option<Served> {
        let fields = self.fields(node, &SERVED)?;
        let version = fields
            .get("version")
            .and_then(|node| self.named(node, "a version").map(str::to_owned));
        Some(Served {
            version: version?,
            revision: self.optional(fields.get("revision"), "a revision"),
        })
    }
}
