//! YAML 1.2 events to [`Node`]s: core schema, unique keys, aliases within a budget.

use super::{Entry, Kind, Node, Span, SyntaxError};
use granit_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::{HashMap, HashSet};

/// Most nodes of a document once its aliases are followed: far above any scenario written by
/// hand, far below what an alias bomb expands to.
const MOST_NODES: usize = 500_000;

/// Deepest nesting once aliases are followed.
const DEEPEST: usize = 200;

/// A collection whose end has not been seen.
struct Open {
    span: Span,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    /// What is complete, the key that waits for its value, and the keys so far.
    Map(Vec<Entry>, Option<(String, Span)>, HashSet<String>),
}

struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize, usize)>,
    root: Option<Node>,
    nodes: usize,
    errors: Vec<SyntaxError>,
}

/// Parses one YAML document.
pub(super) fn parse(text: &str) -> Result<Node, Vec<SyntaxError>> {
    let documents = parse_all(text, 1)?;
    Ok(documents.into_iter().next().unwrap_or(Node {
        span: 0..0,
        kind: Kind::Null,
    }))
}

/// Parses the documents of a YAML file, at most so many.
pub(super) fn parse_all(text: &str, most: usize) -> Result<Vec<Node>, Vec<SyntaxError>> {
    let mut builder = Builder {
        open: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        nodes: 0,
        errors: Vec::new(),
    };
    let mut documents = Vec::new();
    let mut started = 0;
    for next in Parser::new_from_str(text) {
        let (event, span) = match next {
            Ok((event, span)) => (event, span.byte_range().unwrap_or(0..0)),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                builder.error(at..at, format!("not valid YAML: {}", error.info()), None);
                return Err(builder.errors);
            }
        };
        if let Event::DocumentStart(..) = event {
            documents.extend(builder.root.take());
            builder.anchors.clear();
            started += 1;
            if started > most {
                let (message, help) = match most {
                    1 => (
                        "a second document".to_owned(),
                        "keep one document in a file",
                    ),
                    _ => (format!("more than {most} documents"), "use several files"),
                };
                builder.error(span, message, Some(help));
                return Err(builder.errors);
            }
        } else if !builder.accept(event, span) {
            return Err(builder.errors);
        }
    }
    documents.extend(builder.root.take());
    if builder.errors.is_empty() {
        Ok(documents)
    } else {
        Err(builder.errors)
    }
}

impl Builder {
    fn error(&mut self, span: Span, message: String, help: Option<&str>) {
        self.errors.push(SyntaxError {
            span,
            message,
            help: help.map(str::to_owned),
        });
    }

    /// Takes one event; `false` where going on makes no sense.
    fn accept(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let kind = self.scalar(&text, style, tag.as_deref(), &span);
                let node = Node { span, kind };
                if anchor != 0 {
                    self.anchors.insert(anchor, (node.clone(), 1, 0));
                }
                self.add(node, 1)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), "seq", &span);
                self.open.push(Open {
                    span,
                    anchor,
                    kind: OpenKind::List(Vec::new()),
                });
                self.deep_enough()
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), "map", &span);
                self.open.push(Open {
                    span,
                    anchor,
                    kind: OpenKind::Map(Vec::new(), None, HashSet::new()),
                });
                self.deep_enough()
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            Event::Alias(id) => {
                let Some((node, size, depth)) = self.anchors.get(&id) else {
                    self.error(
                        span,
                        "an alias inside the value that it stands for".into(),
                        None,
                    );
                    return false;
                };
                let (node, size, depth) = (node, *size, *depth);
                if self.nodes + size > MOST_NODES || self.open.len() + depth > DEEPEST {
                    self.error(
                        span,
                        format!(
                            "aliases expand to more than {MOST_NODES} values or {DEEPEST} levels"
                        ),
                        Some("write the values out, or use fewer aliases"),
                    );
                    return false;
                }
                let node = node.clone();
                self.add(node, size)
            }
            _ => true,
        }
    }

    fn deep_enough(&mut self) -> bool {
        if self.open.len() <= DEEPEST {
            return true;
        }
        let span = self.open.last().map_or(0..0, |open| open.span.clone());
        self.error(
            span,
            format!("nested more than {DEEPEST} levels deep"),
            None,
        );
        false
    }

    fn close(&mut self, end: &Span) -> bool {
        let Some(open) = self.open.pop() else {
            return true;
        };
        let mut span = open.span.start..end.end.max(open.span.end);
        let kind = match open.kind {
            OpenKind::List(items) => {
                if open.span.is_empty()
                    && let Some(first) = items.first()
                {
                    span = open.span.start..first.span.end.max(open.span.start);
                }
                Kind::List(items)
            }
            OpenKind::Map(entries, ..) => {
                if open.span.is_empty()
                    && let Some(first) = entries.first()
                {
                    span = first.key_span.clone();
                }
                Kind::Map(entries)
            }
        };
        let node = Node { span, kind };
        if open.anchor != 0 {
            let (size, depth) = measure(&node);
            self.anchors
                .insert(open.anchor, (node.clone(), size, depth));
        }
        self.add(node, 1)
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node, size: usize) -> bool {
        self.nodes += size;
        if self.nodes > MOST_NODES {
            self.error(node.span, format!("more than {MOST_NODES} values"), None);
            return false;
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map(entries, pending, keys)) => match pending.take() {
                Some((key, key_span)) => {
                    if !keys.insert(key.clone()) {
                        let message = format!("the key `{key}` stands here twice");
                        self.error(key_span, message, Some("keep one of the two"));
                    } else {
                        entries.push(Entry {
                            key,
                            key_span,
                            value: node,
                        });
                    }
                }
                None => match node.scalar_text() {
                    Some("<<") => {
                        *pending = Some(("<<".to_owned(), node.span.clone()));
                        self.error(
                            node.span,
                            "merge keys are not part of YAML 1.2".into(),
                            Some("write the keys out, or put shared headers and times into `defaults`"),
                        );
                    }
                    Some(key) => *pending = Some((key.to_owned(), node.span)),
                    None => {
                        *pending = Some((String::new(), node.span.clone()));
                        let message = format!("a key must be a text, not {}", node.describe());
                        self.error(node.span, message, None);
                    }
                },
            },
        }
        true
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: &Span) -> Kind {
        match tag.map(|tag| (tag.core_suffix(), tag)) {
            Some((Some("str"), _)) => return Kind::Text(text.to_owned()),
            Some((Some("null" | "bool" | "int" | "float"), _)) => return core_scalar(text),
            Some((_, tag)) if tag.original() != "!" => {
                self.error(
                    span.clone(),
                    format!("unknown tag `{}`", tag.original()),
                    Some("leave it out"),
                );
            }
            _ => {}
        }
        match style {
            ScalarStyle::Plain if tag.is_none() => core_scalar(text),
            _ => Kind::Text(text.to_owned()),
        }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, core: &str, span: &Span) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(core)
            && tag.original() != "!"
        {
            self.error(
                span.clone(),
                format!("unknown tag `{}`", tag.original()),
                Some("leave it out"),
            );
        }
    }
}

/// How many values a node holds, itself included, and how deep it is nested.
fn measure(node: &Node) -> (usize, usize) {
    let inner = |(size, depth): (usize, usize), child: &Node| {
        let (child_size, child_depth) = measure(child);
        (size + child_size, depth.max(child_depth + 1))
    };
    match &node.kind {
        Kind::List(items) => items.iter().fold((1, 1), inner),
        Kind::Map(entries) => entries.iter().map(|entry| &entry.value).fold((1, 1), inner),
        _ => (1, 0),
    }
}

/// A plain scalar by the core schema (YAML 1.2.2, section 10.3.2), but for numbers with leading
/// zeros, which stay texts: `007` is a code, not a count.
fn core_scalar(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    match number(text) {
        Some(number) => Kind::Number(number, text.to_owned()),
        None => Kind::Text(text.to_owned()),
    }
}

fn number(text: &str) -> Option<serde_json::Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return u64::from_str_radix(hexadecimal, 16).ok().map(Into::into);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Into::into);
    }
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    if whole.len() > 1 && whole.starts_with('0')
        || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
    {
        return None;
    }
    if let Ok(value) = text.parse::<i64>() {
        return Some(value.into());
    }
    if let Ok(value) = text.parse::<u64>() {
        return Some(value.into());
    }
    let plain = digits
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !plain || !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Kind {
        parse(text).expect("valid").kind
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        assert!(matches!(scalar("true"), Kind::Bool(true)));
        for text in [
            "yes", "no", "on", "off", "007", "1..3s", "1.2.3", "100/s", ".", "-", "0x", "1e",
            "12:30",
        ] {
            if text == "-" {
                continue; // a list entry
            }
            assert!(matches!(scalar(text), Kind::Text(_)), "{text}");
        }
        for text in [
            "0",
            "7",
            "-7",
            "+7",
            "1.5",
            ".5",
            "1e3",
            "0x1F",
            "0o17",
            "18446744073709551615",
        ] {
            assert!(matches!(scalar(text), Kind::Number(..)), "{text}");
        }
        assert!(matches!(scalar("\"7\""), Kind::Text(_)));
        assert!(matches!(scalar("!!str 7"), Kind::Text(_)));
    }

    #[test]
    fn every_duplicate_key_is_reported_at_its_second_place() {
        let errors = parse("a: 1\nb: {c: 1, c: 2}\na: 2\n").expect_err("duplicates");
        let places: Vec<_> = errors.iter().map(|error| error.span.clone()).collect();
        assert_eq!(places, [15..16, 21..22]);
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            let list = [alias.as_str(); 9].join(", ");
            text += &format!("a{level}: &a{level} [{list}]\n");
        }
        let errors = parse(&text).expect_err("bomb");
        assert!(errors[0].message.contains("aliases expand"), "{errors:?}");
    }

    #[test]
    fn an_alias_inside_its_own_anchor_is_refused() {
        assert!(parse("a: &a [*a]").is_err());
    }
}
