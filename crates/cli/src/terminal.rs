//! The two streams: results go to standard output, everything else to standard error.

use crate::args::{Color, Forge, Output};
use crate::failure::Failure;
use anyhow::Context;
use plimsoll_report::annotations::{self, Annotation};
use plimsoll_report::page::Page;
use plimsoll_report::terminal::Style;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Prints a result. A reader that has gone away (`| head`) is no problem: the exit code still tells.
pub(crate) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(problem) = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        if problem.kind() == std::io::ErrorKind::BrokenPipe {
            return;
        }
        complain(&format!(
            "cannot write the result to standard output: {problem}"
        ));
        std::process::exit(70);
    }
}

/// Says something that is no result; not with `--quiet`.
pub(crate) fn say(output: &Output, text: &str) {
    if !output.quiet {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// Says what is no result and no error, also with `--quiet`.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says what went wrong, always.
pub(crate) fn complain(text: &str) {
    let mark = if text.starts_with("error") {
        ""
    } else {
        "error: "
    };
    let _ = writeln!(std::io::stderr().lock(), "{mark}{}", text.trim_end());
}

fn wanted(output: &Output, terminal: bool) -> bool {
    match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            // https://no-color.org: set to anything but nothing.
            terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// A page as it is printed: for people, or with `--json` the document behind it.
pub(crate) fn page_or_json(
    page: &Page,
    document: &impl Serialize,
    output: &Output,
) -> Result<String, Failure> {
    if output.json {
        let json = serde_json::to_string_pretty(document).context("cannot render the result")?;
        return Ok(format!("{json}\n"));
    }
    Ok(page.terminal(Style {
        color: colored(output),
        columns: columns(),
    }))
}

/// Prints what failed as annotations, if they are asked for.
pub(crate) fn annotate(output: &Output, annotations: &[Annotation]) {
    match output.annotations {
        None => {}
        Some(Forge::GitHub) => {
            let of_repository = annotations.iter().map(|annotation| Annotation {
                file: annotation.file.as_deref().map(from_top),
                ..annotation.clone()
            });
            let of_repository: Vec<_> = of_repository.collect();
            print(&annotations::github(&of_repository));
        }
    }
}

/// A file as GitHub names it: from the top of the repository, wherever the program was started.
fn from_top(file: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let top = std::env::var_os("GITHUB_WORKSPACE").map_or_else(|| here.clone(), PathBuf::from);
    let whole = here.join(file);
    let from_top = whole.strip_prefix(top);
    from_top.map_or_else(|_| file.to_owned(), |path| path.display().to_string())
}

/// Whether results are coloured.
pub(crate) fn colored(output: &Output) -> bool {
    wanted(output, std::io::stdout().is_terminal())
}

/// Whether messages are coloured.
pub(crate) fn colored_messages(output: &Output) -> bool {
    wanted(output, std::io::stderr().is_terminal())
}

/// Columns of the terminal that results go to; `None` where it is not a terminal.
pub(crate) fn columns() -> Option<u16> {
    let terminal = console::Term::stdout();
    terminal.size_checked().map(|(_, columns)| columns)
}
