//! A file that is being decoded.

use crate::problem::Problem;
use crate::text::Span;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file's name and text.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) text: Arc<str>,
    /// Where its lines begin, once somebody has asked.
    starts: OnceLock<Vec<usize>>,
}

impl File {
    pub(super) fn new(path: &Path, text: Arc<str>) -> Self {
        Self {
            path: path.to_owned(),
            text,
            starts: OnceLock::new(),
        }
    }

    /// The line in which something stands, from 1.
    pub(super) fn line(&self, span: &Span) -> u32 {
        let starts = self.starts.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        });
        u32::try_from(starts.partition_point(|start| *start <= span.start)).unwrap_or(u32::MAX)
    }

    /// An error at a place in it.
    pub(super) fn problem(
        &self,
        span: &Span,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Problem {
        let line = self.line(span) as usize;
        Problem::in_line(&self.path, &self.text, line, span, message, help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one() {
        let file = File::new(Path::new("a"), Arc::from("x: 1\ny: 2\n\nz: 3"));
        let lines = [0, 3, 5, 9, 11, 14].map(|at| file.line(&(at..at)));
        assert_eq!(lines, [1, 1, 2, 2, 4, 4]);
    }
}
