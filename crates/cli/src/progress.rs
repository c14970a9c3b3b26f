//! How a run is going: a live line on a terminal, a plain line every few seconds elsewhere.

use crate::args::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll_report::progress::{Glance, progress_line};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Seconds between two plain lines.
const PLAIN_SECONDS: u64 = 5;

/// Shows progress on standard error.
pub(crate) enum Progress {
    /// Nowhere.
    Silent,
    /// On a terminal.
    Live(ProgressBar),
    /// In a log.
    Plain {
        /// The second of the last line.
        last: u64,
    },
}

impl Progress {
    /// Progress of a run that is planned to last so long.
    pub(crate) fn new(output: &Output, name: &str, planned_ns: Option<u64>) -> Self {
        if output.quiet {
            return Self::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Plain { last: 0 };
        }
        let seconds = planned_ns.map(|ns| ns.div_ceil(1_000_000_000));
        let bar = ProgressBar::with_draw_target(seconds, ProgressDrawTarget::stderr());
        let template = match seconds {
            Some(_) => "{spinner} {prefix} [{bar:30}] {msg}",
            None => "{spinner} {prefix} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(
            name.chars()
                .filter(|char| !char.is_control())
                .collect::<String>(),
        );
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::Live(bar)
    }

    /// Shows the state of the last second.
    pub(crate) fn show(&mut self, glance: &Glance) {
        let seconds = glance.elapsed_ns / 1_000_000_000;
        match self {
            Self::Silent => {}
            Self::Live(bar) => {
                bar.set_position(seconds);
                bar.set_message(progress_line(glance));
            }
            Self::Plain { last } => {
                if seconds >= *last + PLAIN_SECONDS {
                    *last = seconds;
                    let _ = writeln!(std::io::stderr().lock(), "{}", progress_line(glance));
                }
            }
        }
    }

    /// Says something in between.
    pub(crate) fn say(&self, text: &str) {
        match self {
            Self::Silent => {}
            Self::Live(bar) => bar.println(text),
            Self::Plain { .. } => {
                let _ = writeln!(std::io::stderr().lock(), "{text}");
            }
        }
    }

    /// Clears the live line.
    pub(crate) fn end(&self) {
        if let Self::Live(bar) = self {
            bar.finish_and_clear();
        }
    }
}
