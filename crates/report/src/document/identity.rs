//! Which build was tested, and how that is known.

use serde::{Deserialize, Serialize};

/// The proof of a run's release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The worst status among components and configuration.
    pub status: IdentityStatus,
    /// The status in a sentence.
    pub sentence: String,
    /// The parts of the release.
    pub components: Vec<ComponentIdentity>,
    /// The builds that answered, by the header that names them: every response was counted.
    pub served: Vec<Served>,
    /// The comparison of configurations, if the plan asks for one.
    pub config: Option<Config>,
}

/// What is known of an identity, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityStatus {
    /// Enough sources agree, before, during and after.
    Proven,
    /// Too few sources answered, or they do not say enough.
    Unproven,
    /// It changed during the run, and nothing in the plan says that it would.
    Changed,
    /// It is another build.
    Mismatch,
}

/// A part of the release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentIdentity {
    /// Its name.
    pub name: String,
    /// Its tier.
    pub tier: String,
    /// The version that it should have.
    pub version: String,
    /// The revision that it should have.
    pub revision: Option<String>,
    /// What is known.
    pub status: IdentityStatus,
    /// The same in a sentence.
    pub sentence: String,
    /// The line of the plan.
    pub line: u32,
    /// What each source said: before, during and after, as far as it changed.
    pub proofs: Vec<Proof>,
}

/// What a source said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// When: `before`, `during`, `after`.
    pub phase: String,
    /// The test it was in, of `during`.
    pub test: Option<String>,
    /// When, in nanoseconds since the start of the run; of several like it, the first.
    pub at_ns: u64,
    /// Who said it: `endpoint /version`, `header x-release-id`, `command ./version`, `file ./server`, `image …`.
    pub source: String,
    /// The version it named.
    pub version: Option<String>,
    /// The revision or digest it named.
    pub revision: Option<String>,
    /// Whether that is the release; `null` where nothing could be learnt.
    pub agrees: Option<bool>,
    /// Why nothing could be learnt.
    pub problem: Option<String>,
}

/// A build that answered requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Served {
    /// The test.
    pub test: String,
    /// The header.
    pub header: String,
    /// Its value; `null`: responses without it.
    pub value: Option<String>,
    /// How many responses.
    pub responses: u64,
    /// The first of them, in nanoseconds since the start of the test.
    pub first_ns: u64,
    /// The last of them.
    pub last_ns: u64,
    /// Whether it is the release, or was declared by an injection.
    pub expected: bool,
}

/// The configuration rendered for the release, against the one deployed where it was tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The rendered file.
    pub rendered: String,
    /// The deployed file.
    pub deployed: String,
    /// Whether there is no difference but declared ones.
    pub matches: bool,
    /// The differences, values masked where they may be secret; at most 200 are listed.
    pub differences: Vec<Difference>,
    /// Why they could not be compared.
    pub problem: Option<String>,
}

/// A difference between two configurations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// A JSON pointer.
    pub path: String,
    /// The rendered value; `null` where it is missing.
    pub rendered: Option<String>,
    /// The deployed value; `null` where it is missing.
    pub deployed: Option<String>,
    /// Why it may differ; `null`: it was not declared.
    pub reason: Option<String>,
    /// Who answers for that.
    pub owner: Option<String>,
}
