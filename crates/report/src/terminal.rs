//! The report on a terminal: the figures, then what went wrong, then the answer, so that the
//! answer is what a person sees last. With a plan, the answer comes first, and the figures of tests
//! are a line each: the page for the meeting has the rest.

mod figures;
mod page;
pub(crate) mod paint;
mod plan;
mod verdict;

use std::io;

use crate::document::{NoticeLevel, Run, Status, Test};
use crate::page::Page;
use crate::plain::{plain_run, start_of};
use crate::quantity::{count, span};
use crate::rows::failures;
use crate::{sentence, wording};
pub(crate) use page::page;
use paint::{Paint, Tone, wrapped};

/// How the report may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether to colour it. Without colour, it holds no escape code at all.
    pub color: bool,
    /// How wide it may be; as wide as it needs where that is not known.
    pub columns: Option<u16>,
}

/// Kinds of failure that are shown; the rest is counted.
const MOST_FAILURES: usize = 8;

/// Writes the report of a run.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn render(run: &Run, style: Style, out: &mut impl io::Write) -> io::Result<()> {
    let run = plain_run(run)?;
    let mut text = Text {
        paint: Paint(style.color),
        columns: style.columns,
        lines: String::new(),
    };
    if let Some(capacity) = run.capacity.as_ref().filter(|_| run.is_search()) {
        let page = crate::capacity::page(&run, capacity);
        return out.write_all(page.terminal(style).as_bytes());
    }
    if let Some(plan) = &run.plan {
        plan::write(&mut text, &run, plan);
        return out.write_all(text.lines.as_bytes());
    }
    for test in &run.tests {
        headline(&mut text, &run, test);
        figures::write(&mut text, test);
        figures::stages(&mut text, test);
        failed(&mut text, test);
    }
    verdict::write(&mut text, &run);
    out.write_all(text.lines.as_bytes())
}

/// The report as it grows.
struct Text {
    paint: Paint,
    columns: Option<u16>,
    lines: String,
}

impl Text {
    /// A line in a tone, wrapped; what is wrapped is indented under it.
    fn line(&mut self, tone: Tone, indent: usize, text: &str) {
        for line in wrapped(text, indent, self.columns) {
            self.raw(&self.paint.text(tone, &line));
        }
    }

    /// A line whose start is in a tone.
    fn labelled(&mut self, tone: Tone, label: &str, text: &str) {
        let indent = label.chars().count() + 2;
        let whole = format!("{label}  {text}");
        for (number, line) in wrapped(&whole, indent, self.columns).iter().enumerate() {
            match line.strip_prefix(label) {
                Some(rest) if number == 0 => {
                    self.raw(&format!("{}{rest}", self.paint.text(tone, label)))
                }
                _ => self.raw(line),
            }
        }
    }

    /// A page of lines and tables.
    fn page(&mut self, page: &Page) {
        let style = Style {
            color: self.paint.0,
            columns: self.columns,
        };
        self.lines.push_str(&page.terminal(style));
    }

    fn raw(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    fn gap(&mut self) {
        if !self.lines.is_empty() {
            self.lines.push('\n');
        }
    }
}

fn headline(text: &mut Text, run: &Run, test: &Test) {
    text.gap();
    let name = match run.tests.len() {
        1 => run.name.clone(),
        _ => format!("{} / {}", run.name, test.name),
    };
    let seed = test
        .seed
        .map_or_else(String::new, |seed| format!(", seed {seed}"));
    text.labelled(
        Tone::Strong,
        &name,
        &format!("{}{seed}", wording::model(test)),
    );
    text.line(Tone::Quiet, 0, &wording::driven(test));
    text.line(Tone::Quiet, 2, &wording::warmup(test));
}

fn failed(text: &mut Text, test: &Test) {
    let failures = failures(test);
    if failures.is_empty() {
        return;
    }
    text.gap();
    text.line(Tone::Strong, 0, "What went wrong");
    let (shown, rest) = failures.split_at(failures.len().min(MOST_FAILURES));
    for failure in shown {
        text.line(Tone::Bad, 4, &format!("  {}", wording::failure(failure)));
        if let Some(example) = failure.example {
            let body = match example.body.as_deref().map(|body| start_of(body, 160)) {
                Some(body) if !body.is_empty() => format!(": {body}"),
                _ => String::new(),
            };
            let line = format!(
                "    e.g. {}/{} after {}: {}{body}",
                example.journey,
                example.step,
                span(example.at_ns),
                start_of(&example.message, 240),
            );
            text.line(Tone::Quiet, 9, &line);
        }
    }
    if !rest.is_empty() {
        let more: u64 = rest.iter().map(|failure| failure.count).sum();
        let line = format!("  and {} of {} more kinds", count(more), rest.len());
        text.line(Tone::Bad, 4, &line);
    }
}

#[cfg(test)]
mod tests;
