//! Data feeds: CSV, JSON lines, JSON lists, and rows in the scenario itself.

use super::{Decoder, names};
use crate::grammar::DATA;
use crate::model::{Feed, Take};
use crate::response::from_json;
use crate::template::{Row, Value};
use crate::text::{Entry, Kind, Node};
use serde_json::Value as Json;
use std::path::Path;

/// Columns and rows.
type Rows = (Vec<String>, Vec<Row>);

impl Decoder<'_> {
    pub(super) fn data(&mut self, node: &Node) {
        for entry in self
            .map(node, "a map from names to data feeds")
            .unwrap_or_default()
        {
            if let Err(message) = names::usable(&entry.key) {
                self.error(&entry.key_span, message, None);
            }
            match self.feed(entry) {
                Some(feed) => {
                    self.feeds.push(feed);
                    self.feed_used.push(false);
                }
                None => {
                    self.broken_feeds.insert(entry.key.clone());
                }
            }
        }
    }

    fn feed(&mut self, entry: &Entry) -> Option<Feed> {
        let fields = self.fields(&entry.value, &DATA)?;
        let take = match fields
            .get("take")
            .and_then(|node| self.word(node, &["once", "cycle", "random"]))
        {
            Some("once") => Take::Once,
            Some("random") => Take::Random,
            _ => Take::Cycle,
        };
        let named = fields.get("columns").map(|node| self.columns(node));
        let what = format!("the feed `{}`", entry.key);
        let (key, node) = self.one_of(fields, &["file", "rows"], &what)?;
        let read = if key == "rows" {
            let items = self.list(node, "a list of rows")?;
            rows_of_maps(items.iter().map(plain_json))
        } else {
            let (name, content) = self.file(node)?;
            rows_of(&name, &content, named.as_deref())
        };
        if let (Some(columns), true) = (fields.entry("columns"), key == "rows") {
            self.error(
                &columns.key_span,
                "`columns` names those of a CSV file; rows name theirs themselves",
                None,
            );
        }
        let (columns, rows) = match read {
            Ok(read) => read,
            Err(message) => {
                self.error(&node.span, message, None);
                return None;
            }
        };
        if rows.is_empty() {
            self.error(
                &node.span,
                format!("the feed `{}` has no rows", entry.key),
                "give it at least one row".to_owned(),
            );
            return None;
        }
        Some(Feed {
            name: entry.key.clone(),
            columns,
            rows,
            take,
        })
    }

    fn columns(&mut self, node: &Node) -> Vec<String> {
        let items = self
            .list(node, "a list of column names")
            .unwrap_or_default();
        let names = items
            .iter()
            .filter_map(|item| self.named(item, "a column's name").map(str::to_owned));
        names.collect()
    }

    /// Warns of feeds that no template uses.
    pub(super) fn check_data_is_used(&mut self, node: Option<&Node>) {
        let Some(Kind::Map(entries)) = node.map(|node| &node.kind) else {
            return;
        };
        for entry in entries {
            let feed = self.feeds.iter().position(|feed| feed.name == entry.key);
            if feed.is_some_and(|feed| !self.feed_used[feed]) {
                self.warn(
                    &entry.key_span,
                    format!("no template uses the feed `{}`", entry.key),
                    None,
                );
            }
        }
    }
}

/// Reads a data file by what its name ends in.
fn rows_of(name: &str, content: &[u8], columns: Option<&[String]>) -> Result<Rows, String> {
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str());
    let lines = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("jsonl" | "ndjson") => json_lines(content)?,
        Some("json") => match serde_json::from_slice(content) {
            Ok(Json::Array(items)) => items,
            Ok(_) => return Err("the file is no JSON list of maps".to_owned()),
            Err(error) => return Err(format!("the file is no JSON: {error}")),
        },
        _ => return csv_rows(content, columns),
    };
    if columns.is_some() {
        return Err(
            "`columns` names those of a CSV file; JSON rows name theirs themselves".to_owned(),
        );
    }
    rows_of_maps(lines.into_iter())
}

fn json_lines(content: &[u8]) -> Result<Vec<Json>, String> {
    let lines = content.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| {
            serde_json::from_slice(line)
                .map_err(|error| format!("line {} of the file is no JSON: {error}", index + 1))
        })
        .collect()
}

fn rows_of_maps(items: impl Iterator<Item = Json>) -> Result<Rows, String> {
    let mut columns: Vec<String> = Vec::new();
    let mut maps = Vec::new();
    for (index, item) in items.enumerate() {
        let Json::Object(map) = item else {
            return Err(format!(
                "row {} is no map from columns to values",
                index + 1
            ));
        };
        for key in map.keys() {
            if !columns.contains(key) {
                columns.push(key.clone());
            }
        }
        maps.push(map);
    }
    let row = |map: &serde_json::Map<String, Json>| -> Row {
        columns
            .iter()
            .map(|column| map.get(column).map_or(Value::UNDEFINED, from_json))
            .collect()
    };
    let rows = maps.iter().map(row).collect();
    Ok((columns, rows))
}

fn csv_rows(content: &[u8], named: Option<&[String]>) -> Result<Rows, String> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(named.is_none())
        .trim(csv::Trim::All)
        .from_reader(content);
    let columns: Vec<String> = match named {
        Some(named) => named.to_vec(),
        None => reader
            .headers()
            .map_err(explain_csv)?
            .iter()
            .map(str::to_owned)
            .collect(),
    };
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            return Err(format!(
                "the file has two columns `{}`",
                crate::excerpt::short(column)
            ));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(explain_csv)?;
        if record.len() != columns.len() {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(format!(
                "line {line} of the file has {} of {} values",
                record.len(),
                columns.len()
            ));
        }
        rows.push(record.iter().map(Value::from).collect());
    }
    Ok((columns, rows))
}

fn explain_csv(error: csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => format!("line {line} of the file is not UTF-8"),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("line {line} of the file has {len} of {expected_len} values")
        }
        _ => format!("the file is no CSV: {error}"),
    }
}

/// A value without templates, as JSON.
pub(super) fn plain_json(node: &Node) -> Json {
    match &node.kind {
        Kind::Null => Json::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Number(number, _) => Json::Number(number.clone()),
        Kind::Text(text) => text.as_str().into(),
        Kind::List(items) => items.iter().map(plain_json).collect(),
        Kind::Map(entries) => Json::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), plain_json(&entry.value)))
                .collect(),
        ),
    }
}
