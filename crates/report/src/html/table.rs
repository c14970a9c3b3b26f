//! Tables: sorted by a click, and never wider than their box.

use askama::Template;

use crate::plain::start_of;

/// Characters of a cell; the whole is in `run.json`.
const LONGEST: usize = 320;

/// A table.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "table.html")]
pub(super) struct Table {
    /// Its anchor.
    pub(super) id: String,
    /// What it is.
    pub(super) title: String,
    /// A sentence before it.
    pub(super) lead: String,
    pub(super) headings: Vec<Heading>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// Whether a click on a heading sorts it.
    pub(super) sorts: bool,
}

/// The head of a column.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) text: String,
    /// Whether the column holds numbers, which stand to the right.
    pub(super) is_number: bool,
}

/// One cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Smaller, under it.
    pub(super) note: String,
    /// A word of the style: `good`, `bad`, `doubtful`, `code`.
    pub(super) class: &'static str,
    /// What it is sorted by; its text where this is empty.
    pub(super) sort: String,
}

impl Table {
    /// A table with these headings; those that begin with `#` are of numbers.
    pub(super) fn new(id: &str, title: &str, headings: &[&str]) -> Self {
        let heading = |text: &&str| Heading {
            text: text.trim_start_matches('#').to_owned(),
            is_number: text.starts_with('#'),
        };
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            lead: String::new(),
            headings: headings.iter().map(heading).collect(),
            rows: Vec::new(),
            sorts: true,
        }
    }

    /// Without the columns of these names in which everything is 0.
    pub(super) fn without_zeros(mut self, names: &[&str]) -> Self {
        for at in (0..self.headings.len()).rev() {
            let is_named = names.contains(&self.headings[at].text.as_str());
            let is_zero = |row: &Vec<Cell>| row.get(at).is_some_and(|cell| cell.text == "0");
            if is_named && self.rows.iter().all(is_zero) {
                self.headings.remove(at);
                for row in &mut self.rows {
                    row.remove(at);
                }
            }
        }
        self
    }

    /// Those of `tables` that hold anything.
    pub(super) fn filled(tables: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let tables = tables.into_iter();
        tables.filter(|table| !table.rows.is_empty()).collect()
    }

    /// Whether the column at this place is of numbers.
    fn is_number(&self, at: &usize) -> bool {
        self.headings
            .get(*at)
            .is_some_and(|heading| heading.is_number)
    }
}

impl Cell {
    pub(super) fn new(text: impl AsRef<str>) -> Self {
        Self {
            text: start_of(text.as_ref(), LONGEST),
            ..Self::default()
        }
    }

    /// A figure, and the number that it is sorted by.
    pub(super) fn number(text: impl AsRef<str>, sort: Option<f64>) -> Self {
        let sort = sort.map_or_else(|| "-1".to_owned(), |value| value.to_string());
        Self::new(text).sorted(sort)
    }

    pub(super) fn sorted(self, sort: String) -> Self {
        Self { sort, ..self }
    }

    pub(super) fn note(self, note: impl AsRef<str>) -> Self {
        Self {
            note: start_of(note.as_ref(), LONGEST),
            ..self
        }
    }

    pub(super) fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }
}
