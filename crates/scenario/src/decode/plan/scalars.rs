//! Times, names, commands and limits of plans.

use super::{Decoder, MOST_ENTRIES};
use crate::plan::items::RESERVED;
use crate::quantity;
use crate::text::{Entry, Kind, Node};
use jiff::Timestamp;
use jiff::civil::Date;
use plimsoll_measure::{Comparison, Tier};

impl Decoder<'_> {
    /// The line in which something stands.
    pub(in crate::decode) fn line(&self, node: &Node) -> u32 {
        self.file.line(&node.span)
    }

    pub(super) fn timestamp(&mut self, node: &Node) -> Option<Timestamp> {
        let help = "write it with date and time zone, such as `2026-11-18T14:00:00Z` or `2026-11-18T15:00:00+01:00`";
        self.quantity(node, "a time", help, |text| {
            let wrong = |_| format!("`{}` is no time", crate::excerpt::short(text));
            text.trim().parse().map_err(wrong)
        })
    }

    pub(super) fn date(&mut self, node: &Node) -> Option<Date> {
        self.quantity(node, "a date", "write it as `2026-10-30`", |text| {
            let is_plain = text.trim().len() == "2026-10-30".len();
            let date = text.trim().parse().ok().filter(|_| is_plain);
            date.ok_or_else(|| format!("`{}` is no date", crate::excerpt::short(text)))
        })
    }

    /// A tier; `critical` unless stated.
    pub(super) fn tier(&mut self, node: Option<&Node>) -> Option<Tier> {
        let Some(node) = node else {
            return Some(Tier::default());
        };
        let name = self.word(node, &Tier::ALL.map(Tier::name))?;
        Tier::named(name)
    }

    /// A text that may be left out.
    pub(super) fn optional(&mut self, node: Option<&Node>, expected: &str) -> Option<String> {
        self.named(node?, expected).map(str::to_owned)
    }

    /// A part of ids: a name without `/`.
    pub(super) fn id(&mut self, node: &Node, expected: &str) -> Option<String> {
        let name = self.named(node, expected)?.to_owned();
        if name.contains('/') {
            let help = "`/` stands between the parts of an item's id".to_owned();
            self.error(&node.span, format!("{expected} cannot have a `/`"), help);
            return None;
        }
        Some(name)
    }

    /// A test's name.
    pub(super) fn test_name(&mut self, node: &Node) -> Option<String> {
        let name = self.id(node, "a test's name")?;
        if RESERVED.contains(&name.as_str()) {
            let message = format!("no test can be named `{name}`");
            let help = "the ids of other items begin with that word".to_owned();
            self.error(&node.span, message, help);
            return None;
        }
        Some(name)
    }

    /// The items of a list, if there are not too many.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let Some(items) = self.list(node, &format!("a list of {what}")) else {
            return &[];
        };
        if items.len() > MOST_ENTRIES {
            let message = format!(
                "{} {what}, at most {MOST_ENTRIES} are possible",
                items.len()
            );
            self.error(&node.span, message, None);
            return &[];
        }
        items
    }

    /// The entries of a map, if there are not too many.
    pub(super) fn named_entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        let entries = self
            .map(node, &format!("a map from names to {what}"))
            .unwrap_or_default();
        if entries.len() > MOST_ENTRIES {
            let message = format!(
                "{} {what}, at most {MOST_ENTRIES} are possible",
                entries.len()
            );
            self.error(&node.span, message, None);
            return &[];
        }
        entries
    }

    /// One name or several.
    pub(super) fn name_list<'n>(
        &mut self,
        node: Option<&'n Node>,
        what: &str,
    ) -> Vec<(String, &'n Node)> {
        let Some(node) = node else { return Vec::new() };
        let items = match &node.kind {
            Kind::List(_) => self.entries(node, "names"),
            _ => self.one_or_more(node),
        };
        let names = items
            .iter()
            .filter_map(|item| Some((self.named(item, what)?.to_owned(), item)));
        names.collect()
    }

    /// Program and arguments.
    pub(super) fn command(&mut self, node: &Node) -> Option<Vec<String>> {
        if !matches!(node.kind, Kind::List(_)) {
            let found = format!("expected a list of words, found {}", node.describe());
            let help = "write program and arguments one by one, such as `[ ./check.sh, --all ]`";
            self.error(&node.span, found, help.to_owned());
            return None;
        }
        let before = self.errors;
        let words: Vec<String> = self
            .entries(node, "words")
            .iter()
            .filter_map(|item| self.plain(item, "a word").map(str::to_owned))
            .collect();
        let usable = words
            .first()
            .is_some_and(|program| !program.trim().is_empty())
            && !words.iter().any(|word| word.contains('\0'));
        if !usable && self.errors == before {
            let help = "write program and arguments, such as `[ ./check.sh, --all ]`".to_owned();
            self.error(&node.span, "a command needs a program", help);
        }
        usable.then_some(words)
    }

    /// A path of the default target or a URL.
    pub(super) fn place(&mut self, node: &Node) -> Option<String> {
        let text = self.named(node, "a path or a URL")?.to_owned();
        let is_url = ["http://", "https://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
            && url::Url::parse(&text).is_ok();
        if !is_url && (!text.starts_with('/') || text.starts_with("//")) {
            let message = format!("`{}` is no path or URL", crate::excerpt::short(&text));
            let help = "write a path of the default target, such as `/version`, or a whole http or https URL";
            self.error(&node.span, message, help.to_owned());
            return None;
        }
        Some(text)
    }

    /// A SHA-256 in lower-case hexadecimal, behind this prefix.
    pub(super) fn digest(&mut self, node: &Node, prefix: &str) -> Option<String> {
        let text = self.plain(node, "a SHA-256")?.to_ascii_lowercase();
        let digits = text.strip_prefix(prefix);
        if digits.is_some_and(|digits| {
            digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }) {
            return Some(text);
        }
        let message = format!("`{}` is no SHA-256", crate::excerpt::short(&text));
        let what = if prefix.is_empty() {
            ""
        } else {
            "`sha256:` and "
        };
        let help = format!("write {what}64 hexadecimal digits");
        self.error(&node.span, message, help);
        None
    }

    /// `<= 5%`, followed by `after`.
    pub(super) fn share_limit(
        &mut self,
        node: &Node,
        after: &str,
        example: &str,
    ) -> Option<(Comparison, f64)> {
        let help = format!("write it as `{example}`");
        self.quantity(node, "a limit", &help, |text| {
            let wrong = || format!("`{}` is no limit on a share", crate::excerpt::short(text));
            let (comparison, rest) = quantity::comparison(text).ok_or_else(wrong)?;
            let rest = rest.strip_suffix(after).ok_or_else(wrong)?;
            let share = quantity::share(rest)?;
            if share > 1e6 {
                return Err(wrong());
            }
            Ok((comparison, share))
        })
    }
}
