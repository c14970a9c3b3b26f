//! Steps that are no requests.

use super::Decoder;
use super::target::Defaults;
use crate::grammar::{
    EXPONENTIAL, GROUP, IF, NORMAL, PARALLEL, REPEAT, REQUEST, ROUNDS, THINK, THINK_TIME,
};
use crate::model::{Step, Think};
use crate::nearest::nearest;
use crate::quantity;
use crate::template::Condition;
use crate::text::{Entry, Kind, Node};
use std::collections::HashSet;

/// Deepest nesting of steps.
const DEEPEST: usize = 64;

/// Most rounds of a repeat.
const MOST_ROUNDS: u64 = 1_000_000;

/// The methods that a request can have.
pub(super) const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The keys that make a step something other than a request.
const KINDS: [&str; 5] = ["think", "if", "repeat", "parallel", "group"];

impl Decoder<'_> {
    pub(super) fn steps(&mut self, node: &Node, defaults: &Defaults<'_>) -> Vec<Step> {
        let Some(items) = self.list(node, "a list of steps") else {
            return Vec::new();
        };
        if items.is_empty() {
            self.error(&node.span, "there is no step", None);
        }
        if self.scope.depth >= DEEPEST {
            self.error(
                &node.span,
                format!("steps are nested more than {DEEPEST} deep"),
                None,
            );
            return Vec::new();
        }
        self.scope.depth += 1;
        let steps = items
            .iter()
            .filter_map(|item| self.step(item, defaults))
            .collect();
        self.scope.depth -= 1;
        steps
    }

    fn step(&mut self, node: &Node, defaults: &Defaults<'_>) -> Option<Step> {
        let Kind::Map(entries) = &node.kind else {
            let help = "such as `GET: /` or `think: 2s`".to_owned();
            self.error(
                &node.span,
                format!("expected a step, found {}", node.describe()),
                help,
            );
            return None;
        };
        let has = |name: &&&str| entries.iter().any(|entry| entry.key == **name);
        match KINDS.iter().find(has) {
            Some(&"think") => {
                let fields = self.fields(node, &THINK)?;
                self.think(fields.get("think")?).map(Step::Think)
            }
            Some(&"if") => self.condition_step(node, defaults),
            Some(&"repeat") => self.repeat(node, defaults),
            Some(&"parallel") => self.parallel(node, defaults),
            Some(&"group") => {
                let fields = self.fields(node, &GROUP)?;
                let name = fields
                    .get("group")
                    .and_then(|node| self.named(node, "a name").map(str::to_owned));
                let steps = self.steps(fields.get("steps")?, defaults);
                Some(Step::Group { name: name?, steps })
            }
            _ if METHODS.iter().any(|method| has(&method)) => self.request(node, defaults),
            _ => {
                self.unknown_step(node, entries);
                None
            }
        }
    }

    /// A step without any key that says what it is: often one that is misspelt.
    fn unknown_step(&mut self, node: &Node, entries: &[Entry]) {
        let known: Vec<&str> = REQUEST.names();
        let candidates = METHODS.into_iter().chain(KINDS);
        let meant = entries
            .iter()
            .filter(|entry| !known.contains(&entry.key.as_str()))
            .find_map(|entry| Some((entry, nearest(&entry.key, candidates.clone())?)));
        match meant {
            Some((entry, near)) => {
                let message = format!(
                    "unknown key `{}` in a step",
                    crate::excerpt::short(&entry.key)
                );
                self.error(&entry.key_span, message, format!("did you mean `{near}`?"));
            }
            None => {
                let help = "give it a method and URL such as `GET: /`, or make it a `think`, `if`, `repeat`, `parallel` or `group`";
                self.error(&node.span, "this step says nothing to do", help.to_owned());
            }
        }
    }

    fn think(&mut self, node: &Node) -> Option<Think> {
        if let Kind::Map(_) = node.kind {
            let fields = self.fields(node, &THINK_TIME)?;
            let (key, node) = self.one_of(fields, &["normal", "exponential"], "a think time")?;
            let table = if key == "normal" {
                &NORMAL
            } else {
                &EXPONENTIAL
            };
            let fields = self.fields(node, table)?;
            let mean = fields.get("mean").and_then(|node| self.duration(node));
            let sd = fields.get("sd").and_then(|node| self.duration(node));
            return match key {
                "normal" => Some(Think::Normal {
                    mean: mean?,
                    sd: sd?,
                }),
                _ => Some(Think::Exponential { mean: mean? }),
            };
        }
        let Some((from, to)) = node.scalar_text().and_then(|text| text.split_once("..")) else {
            return self.duration(node).map(Think::Fixed);
        };
        let (from, to) = (from.trim(), to.trim());
        // `1..3s` is read as `1s..3s`.
        let unit: String = to
            .chars()
            .skip_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let bare = !from.is_empty() && from.chars().all(|c| c.is_ascii_digit() || c == '.');
        let from = if bare {
            format!("{from}{unit}")
        } else {
            from.to_owned()
        };
        match (quantity::duration(&from), quantity::duration(to)) {
            (Ok(from), Ok(to)) if from <= to => Some(Think::Uniform(from, to)),
            (Ok(_), Ok(_)) => {
                self.error(&node.span, "the shorter time comes first", None);
                None
            }
            (Err(message), _) | (_, Err(message)) => {
                self.error(
                    &node.span,
                    message,
                    "write two durations, such as `1s..3s`".to_owned(),
                );
                None
            }
        }
    }

    pub(super) fn condition(&mut self, node: &Node) -> Option<Condition> {
        if let Kind::Bool(value) = node.kind {
            return Some(Condition::constant(value));
        }
        let text = self.plain(node, "a condition")?;
        let mut names = self.names();
        match Condition::compile(text, &mut |parts| names.resolve(parts)) {
            Ok(condition) => Some(condition),
            Err(faults) => {
                self.report(&node.span, text, faults);
                None
            }
        }
    }

    fn condition_step(&mut self, node: &Node, defaults: &Defaults<'_>) -> Option<Step> {
        let fields = self.fields(node, &IF)?;
        let condition = fields.get("if").and_then(|node| self.condition(node));
        let before = self.scope.visible.clone();
        let then = fields.get("steps").map(|node| self.steps(node, defaults));
        // The other branch does not see what this one saves; what follows sees both.
        let saved = std::mem::replace(&mut self.scope.visible, before);
        let otherwise = fields.get("else").map(|node| self.steps(node, defaults));
        self.scope.show(saved);
        Some(Step::If {
            condition: condition?,
            then: then?,
            otherwise: otherwise.unwrap_or_default(),
        })
    }

    fn repeat(&mut self, node: &Node, defaults: &Defaults<'_>) -> Option<Step> {
        let fields = self.fields(node, &REPEAT)?;
        let rounds = fields.get("repeat")?;
        let options = match rounds.kind {
            Kind::Map(_) => Some(self.fields(rounds, &ROUNDS)?),
            _ => None,
        };
        let times = match options {
            None => self.count(rounds, 1..=MOST_ROUNDS),
            Some(options) => match options.get("times") {
                Some(node) => self.count(node, 1..=MOST_ROUNDS),
                None => Some(MOST_ROUNDS),
            },
        };
        self.scope.repeats += 1;
        let steps = fields.get("steps").map(|node| self.steps(node, defaults));
        // Compiled after the steps, because from the second round on it can refer to what they save.
        let condition = options
            .and_then(|options| options.get("while"))
            .map(|node| self.condition(node));
        self.scope.repeats -= 1;
        if let (Some(options), None) = (options, &condition)
            && options.get("times").is_none()
        {
            self.error(
                &rounds.span,
                "a repeat needs `times`, `while` or both",
                None,
            );
        }
        let while_ = match condition {
            Some(condition) => Some(condition?),
            None => None,
        };
        Some(Step::Repeat {
            times: times?,
            while_,
            steps: steps?,
        })
    }

    fn parallel(&mut self, node: &Node, defaults: &Defaults<'_>) -> Option<Step> {
        let fields = self.fields(node, &PARALLEL)?;
        let node = fields.get("parallel")?;
        let items = self.list(node, "a list of steps")?;
        if items.is_empty() {
            self.error(&node.span, "there is no step", None);
        }
        if self.scope.depth >= DEEPEST {
            self.error(
                &node.span,
                format!("steps are nested more than {DEEPEST} deep"),
                None,
            );
            return None;
        }
        self.scope.depth += 1;
        let before = self.scope.visible.clone();
        let mut saved: HashSet<usize> = HashSet::new();
        let mut branches = Vec::new();
        for item in items {
            branches.extend(self.step(item, defaults));
            // Branches run at the same time, so that none can count on what another saves.
            saved.extend(std::mem::replace(&mut self.scope.visible, before.clone()));
        }
        self.scope.show(saved);
        self.scope.depth -= 1;
        Some(Step::Parallel { branches })
    }
}
