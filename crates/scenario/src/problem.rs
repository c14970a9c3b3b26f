//! What is wrong with a scenario or a plan: all of it at once, each with its place.

use crate::text::Span;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Most problems that are written out; the rest is counted.
pub(crate) const MOST_SHOWN: usize = 100;

/// Most problems of a kind that are kept: finding the place of each takes time.
pub(crate) const MOST_KEPT: usize = 1_000;

/// Longest line of an excerpt, in bytes; of a longer one only the part around the place is kept.
const LONGEST_LINE: usize = 4_000;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The scenario cannot be used.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// Something wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1; 0 where the problem has no place in a file.
    pub line: usize,
    /// Column in characters, from 1; 0 where the problem has no place in a file.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, or the nearest valid name.
    pub help: Option<String>,
    /// Error or warning.
    pub severity: Severity,
    /// The lines to show and the bytes in them to underline.
    excerpt: Option<(String, Span)>,
}

impl Problem {
    /// An error that has no place in a file.
    pub fn general(message: impl Into<String>, help: Option<String>) -> Self {
        Self {
            file: PathBuf::new(),
            line: 0,
            column: 0,
            message: message.into(),
            help,
            severity: Severity::Error,
            excerpt: None,
        }
    }

    /// An error about a whole file.
    pub(crate) fn of_file(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::general(message, None)
        }
    }

    /// An error at a place in a file's text.
    pub(crate) fn at(
        file: &Path,
        text: &str,
        span: &Span,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Self {
        let before = &text.as_bytes()[..span.start.min(text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Self::in_line(file, text, line, span, message, help)
    }

    /// An error at a place in a file's text whose line is known: counting takes time.
    pub(crate) fn in_line(
        file: &Path,
        text: &str,
        line_number: usize,
        span: &Span,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Self {
        let start = floor(text, span.start.min(text.len()));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let end = floor(text, span.end.clamp(start, line_end));
        let mut shown_from = line_start;
        let mut shown_to = line_end;
        if line_end - line_start > LONGEST_LINE {
            shown_from = floor(text, start.saturating_sub(LONGEST_LINE / 3).max(line_start));
            shown_to = floor(text, (start + LONGEST_LINE).min(line_end));
        }
        let line = text[shown_from..shown_to].trim_end_matches('\r');
        let underlined = start - shown_from..end.min(shown_to) - shown_from;
        let underlined = underlined.start.min(line.len())..underlined.end.min(line.len());
        Self {
            file: file.to_owned(),
            line: line_number,
            column: text[line_start..start].chars().count() + 1,
            message: message.into(),
            help,
            severity: Severity::Error,
            excerpt: Some((line.to_owned(), underlined)),
        }
    }

    fn group(&self) -> Group<'_> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str());
        let path = self.file.to_string_lossy();
        let mut group = match &self.excerpt {
            Some((line, span)) => title.element(
                Snippet::source(line.as_str())
                    .line_start(self.line)
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(span.clone())),
            ),
            None if path.is_empty() => Group::with_title(title),
            None => title.element(annotate_snippets::Origin::path(path)),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        group
    }

    /// The problem with its excerpt, in colour or plain.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[self.group()])
    }
}

/// The largest character boundary at or below `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Everything that is wrong with a scenario or a plan, file by file and in the order of each. Never empty as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// All of them.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }

    /// Every problem with its excerpt, in colour or plain, and how many there are.
    pub fn render(&self, color: bool) -> String {
        let mut text = String::new();
        for problem in self.0.iter().take(MOST_SHOWN) {
            text.push_str(&problem.render(color));
            text.push_str("\n\n");
        }
        match self.0.len() {
            0 => {}
            1 => text.push_str("1 problem\n"),
            many if many > MOST_SHOWN => {
                text.push_str(&format!(
                    "{many} problems, of which the first {MOST_SHOWN} are shown\n"
                ));
            }
            many => text.push_str(&format!("{many} problems\n")),
        }
        text
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(mut problems: Vec<Problem>) -> Self {
        // Files in the order in which they first appear.
        let mut files: HashMap<PathBuf, usize> = HashMap::new();
        for problem in &problems {
            if !files.contains_key(&problem.file) {
                files.insert(problem.file.clone(), files.len());
            }
        }
        problems.sort_by_key(|problem| {
            (
                files.get(&problem.file).copied(),
                problem.line,
                problem.column,
            )
        });
        problems.dedup();
        Self(problems)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}
