//! Which build it is, and how that is known: before, during and after the load.
//!
//! # How a source is read
//! - An endpoint or command with a place for version or revision answers JSON; a place that starts with `$` is a
//!   JSONPath (RFC 9535), any other the name of a member of the outermost map. Without places, a JSON map is
//!   read by its members `version` and `revision` (or `commit`), and anything else as a text.
//! - A text is `VERSION+REVISION`, `VERSION REVISION`, a version, a revision, or `sha256:…`. What is the version
//!   that is expected is the version, else seven or more hexadecimal digits are a revision.
//! - A leading `v` of a version does not matter. Revisions are compared without regard to case; an
//!   abbreviation of at least seven hexadecimal digits is the revision that starts with it.
//! - A digest that is the declared one proves version and revision: no other build has it. A source
//!   that tells only one of the two counts for that one only.
//!
//! # When a component is proven
//! Before the first and after the last test, `min_sources` sources have to agree on the version, and
//! as many on the revision if the plan has one. No source may ever name another build, unless an
//! injection declared that. A header's first value of the run stands for before, its last for after.

mod assess;
mod moment;
mod probe;
mod text;

pub use assess::{Evidence, agreeing, assess};
pub use moment::{Declared, TestSpan, undeclared_since};
pub use probe::{Context, probe};
pub use text::{Agreement, Said, agrees, read as read_text, same_revision, same_version};

use plimsoll_report::document::Proof;
use plimsoll_scenario::plan::Component;

/// When a source was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Before the first test.
    Before,
    /// While a test ran, or between two.
    During,
    /// After the last test.
    After,
}

impl Phase {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::After => "after",
        }
    }
}

/// What a source said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Who: `endpoint /version`, `command ./version`.
    pub source: String,
    /// What, or why nothing could be learnt.
    pub said: Result<Said, String>,
}

/// What a source said of a component at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The component's name.
    pub component: String,
    /// Which of the component's sources, from 0: two of them may be called alike.
    pub source: usize,
    /// When.
    pub phase: Phase,
    /// The test it was in, of [`Phase::During`].
    pub test: Option<String>,
    /// When, in nanoseconds since the start of the run.
    pub at_ns: u64,
    /// What was said.
    pub reading: Reading,
}

impl Sighting {
    /// Its line in the document.
    pub fn proof(&self, component: &Component) -> Proof {
        let said = self.reading.said.as_ref().ok();
        let digest = said.and_then(|said| said.digest.clone());
        Proof {
            phase: self.phase.name().to_owned(),
            test: self.test.clone(),
            at_ns: self.at_ns,
            source: self.reading.source.clone(),
            version: said.and_then(|said| said.version.clone()),
            revision: said.and_then(|said| said.revision.clone()).or(digest),
            agrees: said.and_then(|said| agrees(said, component).whole()),
            problem: self.reading.said.as_ref().err().cloned(),
        }
    }
}

#[cfg(test)]
mod tests;
