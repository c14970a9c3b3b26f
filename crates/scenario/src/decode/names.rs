//! What a name in a template stands for, at the place where it is used.

use crate::load::Loader;
use crate::mask::Masker;
use crate::model::{Feed, RequestInfo};
use crate::nearest::{listed, nearest};
use crate::template::{Named, Plain, Root, Source, Value, is_identifier};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names that mean something everywhere.
pub(super) const RESERVED: [&str; 5] = ["client", "env", "iteration", "repeat", "secret"];

/// What a journey has said so far.
#[derive(Default)]
pub(super) struct Scope {
    /// Captured variables; a variable's slot is its index.
    pub(super) slots: Vec<String>,
    /// Where each is first saved.
    pub(super) saved_at: Vec<Span>,
    /// Slots that some earlier step saves.
    pub(super) visible: HashSet<usize>,
    /// Slots that are used.
    pub(super) used: HashSet<usize>,
    /// Variables that any step of the journey saves, and the first such step.
    pub(super) anywhere: HashMap<String, String>,
    /// Feeds that are used.
    pub(super) feeds: BTreeSet<usize>,
    /// How many repeats are around.
    pub(super) repeats: usize,
    /// How deep steps are nested.
    pub(super) depth: usize,
    /// The requests so far.
    pub(super) requests: Vec<RequestInfo>,
    /// Names of requests, and of those only the program's own.
    pub(super) request_names: HashMap<String, usize>,
}

impl Scope {
    /// The slot of a variable that is saved now; it becomes visible with [`Scope::show`].
    pub(super) fn slot(&mut self, name: &str, span: &Span) -> usize {
        match self.slots.iter().position(|slot| slot == name) {
            Some(slot) => slot,
            None => {
                self.slots.push(name.to_owned());
                self.saved_at.push(span.clone());
                self.slots.len() - 1
            }
        }
    }

    /// Later steps may use these.
    pub(super) fn show(&mut self, slots: impl IntoIterator<Item = usize>) {
        self.visible.extend(slots);
    }
}

/// Where a secret comes from.
#[derive(Debug, Clone)]
pub(super) enum SecretSource {
    Env(String),
    File(PathBuf),
}

/// Values that are known when a scenario is loaded.
pub(super) struct Constants<'a> {
    env: &'a dyn Fn(&str) -> Option<String>,
    pub(super) secrets: BTreeMap<String, SecretSource>,
    resolved: HashMap<String, String>,
    pub(super) masker: Masker,
}

type Unknown = (String, Option<String>);

impl<'a> Constants<'a> {
    pub(super) fn new(env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            env,
            secrets: BTreeMap::new(),
            resolved: HashMap::new(),
            masker: Masker::default(),
        }
    }

    fn env(&self, name: &str) -> Result<String, Unknown> {
        (self.env)(name).ok_or_else(|| {
            (
                format!("the environment variable `{name}` is not set"),
                Some(format!("set it: `export {name}=…`")),
            )
        })
    }

    /// A secret's value, which from now on is masked.
    pub(super) fn secret(
        &mut self,
        name: &str,
        loader: &dyn Loader,
        folder: &Path,
    ) -> Result<String, Unknown> {
        if let Some(value) = self.resolved.get(name) {
            return Ok(value.clone());
        }
        let upper = name.to_uppercase();
        let value = match self.secrets.get(name) {
            Some(SecretSource::Env(variable)) => self.env(variable)?,
            Some(SecretSource::File(path)) => {
                let bytes = loader.read(&folder.join(path)).map_err(|error| {
                    (
                        format!(
                            "cannot read the secret `{name}` from {}: {error}",
                            path.display()
                        ),
                        None,
                    )
                })?;
                let text = String::from_utf8(bytes).map_err(|_| {
                    (
                        format!("the secret `{name}` in {} is not UTF-8", path.display()),
                        None,
                    )
                })?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                line.strip_suffix('\r').unwrap_or(line).to_owned()
            }
            None => {
                let found = (self.env)(name).or_else(|| (self.env)(&upper));
                found.ok_or_else(|| {
                    let declared = nearest(name, self.secrets.keys().map(String::as_str));
                    let help = match declared {
                        Some(near) => format!("did you mean `secret.{near}`?"),
                        None => format!("set the environment variable `{upper}`, or say under `secrets` where it comes from"),
                    };
                    (format!("the secret `{name}` has no value"), Some(help))
                })?
            }
        };
        if value.is_empty() {
            return Err((
                format!("the secret `{name}` is empty"),
                Some("give it a value: an empty secret is never meant".to_owned()),
            ));
        }
        self.masker.hide(&value);
        self.resolved.insert(name.to_owned(), value.clone());
        Ok(value)
    }
}

/// Everything that decides what a name means.
pub(super) struct Names<'d, 'a> {
    pub(super) constants: &'d mut Constants<'a>,
    pub(super) loader: &'d dyn Loader,
    pub(super) folder: &'d Path,
    pub(super) feeds: &'d [Feed],
    pub(super) feed_used: &'d mut [bool],
    /// Feeds that could not be read: whatever is made of them is no further problem.
    pub(super) broken_feeds: &'d HashSet<String>,
    pub(super) scope: &'d mut Scope,
}

impl Names<'_, '_> {
    /// The meaning of a dotted name, or a message and a help.
    pub(super) fn resolve(&mut self, parts: &[&str]) -> Result<Named, Unknown> {
        let Some((first, rest)) = parts.split_first() else {
            return Err(("an empty name".to_owned(), None));
        };
        match *first {
            "env" | "secret" => self.constant(first, rest),
            "client" => member("client", rest, "id", Source::Client, Root::Client),
            "repeat" if self.scope.repeats == 0 => Err((
                "`repeat` means nothing outside of a repeat".to_owned(),
                Some("use it in the steps of a `repeat`".to_owned()),
            )),
            "repeat" => member("repeat", rest, "index", Source::Repeat, Root::Repeat),
            "iteration" => match rest {
                [] => Ok(named(Source::Iteration, Root::Iteration)),
                _ => Err((
                    "`iteration` is a number".to_owned(),
                    Some("write `{{ iteration }}`".to_owned()),
                )),
            },
            name => match self.feeds.iter().position(|feed| feed.name == name) {
                Some(feed) => self.cell(feed, rest),
                None if self.broken_feeds.contains(name) => Ok(Named {
                    plain: Some(Plain::Constant(Value::from(""))),
                    root: Root::Slot(usize::MAX),
                }),
                None => self.capture(name, rest),
            },
        }
    }

    fn constant(&mut self, kind: &str, rest: &[&str]) -> Result<Named, Unknown> {
        let [name] = rest else {
            return Err((
                format!("`{kind}` needs one name"),
                Some(format!("write `{{{{ {kind}.NAME }}}}`")),
            ));
        };
        let text = match kind {
            "env" => self.constants.env(name)?,
            _ => self.constants.secret(name, self.loader, self.folder)?,
        };
        let value = Value::from(text);
        let members = BTreeMap::from([((*name).to_owned(), value.clone())]);
        Ok(Named {
            plain: Some(Plain::Constant(value)),
            root: Root::Constants(members),
        })
    }

    fn cell(&mut self, index: usize, rest: &[&str]) -> Result<Named, Unknown> {
        let feed = &self.feeds[index];
        let root = Root::Row(
            index,
            feed.columns.iter().cloned().collect::<Arc<[String]>>(),
        );
        let plain = match rest {
            [] => None,
            [column, ..] => {
                let Some(position) = feed.columns.iter().position(|name| name == column) else {
                    let help = match nearest(column, feed.columns.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean `{}.{near}`? ", feed.name),
                        None => String::new(),
                    };
                    let columns = listed(feed.columns.iter().map(String::as_str));
                    return Err((
                        format!("`{}` has no column `{column}`", feed.name),
                        Some(format!("{help}its columns are {columns}")),
                    ));
                };
                let name = format!("{}.{column}", feed.name).into();
                (rest.len() == 1).then_some(Source::Cell {
                    feed: index,
                    column: position,
                    name,
                })
            }
        };
        self.scope.feeds.insert(index);
        self.feed_used[index] = true;
        Ok(Named {
            plain: plain.map(Plain::Source),
            root,
        })
    }

    fn capture(&mut self, name: &str, rest: &[&str]) -> Result<Named, Unknown> {
        let slot = self.scope.slots.iter().position(|slot| slot == name);
        if let Some(slot) = slot.filter(|slot| self.scope.visible.contains(slot)) {
            self.scope.used.insert(slot);
            let source = Source::Slot {
                slot,
                name: name.into(),
            };
            return Ok(Named {
                plain: rest.is_empty().then_some(Plain::Source(source)),
                root: Root::Slot(slot),
            });
        }
        if let Some(step) = self.scope.anywhere.get(name) {
            return Err((
                format!("`{name}` is used before it is saved"),
                Some(format!(
                    "the step `{step}` saves it: move that step before this one"
                )),
            ));
        }
        let visible = self
            .scope
            .visible
            .iter()
            .map(|slot| self.scope.slots[*slot].as_str());
        let known: Vec<&str> = visible
            .chain(self.feeds.iter().map(|feed| feed.name.as_str()))
            .chain(RESERVED)
            .collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let mut known = known;
                known.sort_unstable();
                format!("known here are {}", listed(known))
            }
        };
        Err((format!("unknown name `{name}`"), Some(help)))
    }
}

fn named(source: Source, root: Root) -> Named {
    Named {
        plain: Some(Plain::Source(source)),
        root,
    }
}

fn member(
    name: &str,
    rest: &[&str],
    only: &str,
    source: Source,
    root: Root,
) -> Result<Named, Unknown> {
    match rest {
        [member] if *member == only => Ok(named(source, root)),
        [] => Err((
            format!("`{name}` is no value of its own"),
            Some(format!("write `{{{{ {name}.{only} }}}}`")),
        )),
        [member, ..] => Err((
            format!("`{name}` has no `{member}`"),
            Some(format!("did you mean `{name}.{only}`?")),
        )),
    }
}

/// Whether a feed or variable can have this name; if not, why.
pub(super) fn usable(name: &str) -> Result<(), String> {
    if !is_identifier(name) {
        return Err(format!(
            "`{}` cannot be used in templates: names are letters, digits and `_`",
            crate::excerpt::short(name)
        ));
    }
    if RESERVED.contains(&name)
        || [
            "true", "false", "none", "loop", "self", "super", "not", "and", "or", "in", "is", "if",
            "else",
        ]
        .contains(&name)
    {
        return Err(format!(
            "the name `{name}` has another meaning in templates"
        ));
    }
    Ok(())
}
