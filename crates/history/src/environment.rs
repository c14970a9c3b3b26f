//! The circumstances that a test was run under, part by part.

mod command;
mod load;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use plimsoll_report::document::{Run, Test};

use crate::identity::Hash;

/// A part of an environment, by its name. There may be others than those named here: a newer
/// version of this program may have kept them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part(Cow<'static, str>);

/// There is no part of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an environment has no part `{name}`: it is one of {}", names())]
pub struct UnknownPart {
    /// The name.
    pub name: String,
}

fn names() -> String {
    let names: Vec<_> = Part::ALL.iter().map(Part::name).collect();
    names.join(", ")
}

/// Under which circumstances a test was run: what has to be the same for its figures to be
/// compared. A part that is not known is missing, and is then the same only as one that is not
/// known either.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    parts: BTreeMap<Part, String>,
}

/// The machine that generated the load, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// The model of its processors.
    pub processor: Option<String>,
    /// How many logical processors the program could use.
    pub cores: Option<u32>,
    /// Its memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// Name and release of its kernel.
    pub kernel: Option<String>,
}

/// What the document of a run does not say of its circumstances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The machine.
    pub machine: Machine,
    /// What the load went to, such as `demo` or `https://perf.shop.example`.
    pub target: Option<String>,
    /// The options that change what is measured and that the document does not have, as text or as
    /// a digest: grace, warm-up and the like, and what a plan injects. What is left out here does not
    /// keep two runs apart.
    pub options: Option<String>,
}

/// A part in which two environments differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Which one.
    pub part: Part,
    /// What it is in the environment that was asked for; `None`: not known.
    pub here: Option<String>,
    /// What it is in the other.
    pub there: Option<String>,
}

impl Part {
    /// The model of the generator's processors.
    pub const PROCESSOR: Self = Self(Cow::Borrowed("processor"));
    /// How many logical processors the generator could use.
    pub const CORES: Self = Self(Cow::Borrowed("cores"));
    /// Its memory in GiB, rounded up: machines of one kind differ in what firmware and kernel keep.
    pub const MEMORY: Self = Self(Cow::Borrowed("memory"));
    /// Its kernel.
    pub const KERNEL: Self = Self(Cow::Borrowed("kernel"));
    /// Operating system and architecture.
    pub const PLATFORM: Self = Self(Cow::Borrowed("platform"));
    /// The version of the program that generated the load, and whether it was a debug build.
    pub const ENGINE: Self = Self(Cow::Borrowed("engine"));
    /// The timer that started arrivals.
    pub const TIMER: Self = Self(Cow::Borrowed("timer"));
    /// How many threads generated load.
    pub const THREADS: Self = Self(Cow::Borrowed("threads"));
    /// What the load went to.
    pub const TARGET: Self = Self(Cow::Borrowed("target"));
    /// SHA-256 of the scenario's file; where there is none, the command, which says all of it then.
    /// The plan is no part: it is a new one for every release.
    pub const SCENARIO: Self = Self(Cow::Borrowed("scenario"));
    /// Other options that change what is measured.
    pub const OPTIONS: Self = Self(Cow::Borrowed("options"));
    /// The load of the test, stage by stage.
    pub const LOAD: Self = Self(Cow::Borrowed("load"));
    /// The factor by which a rehearsal shortened every duration.
    pub const REHEARSAL: Self = Self(Cow::Borrowed("rehearsal"));
    /// A digest of the data files.
    pub const DATA: Self = Self(Cow::Borrowed("data"));

    /// All that this version knows.
    pub const ALL: [Self; 14] = [
        Self::PROCESSOR,
        Self::CORES,
        Self::MEMORY,
        Self::KERNEL,
        Self::PLATFORM,
        Self::ENGINE,
        Self::TIMER,
        Self::THREADS,
        Self::TARGET,
        Self::SCENARIO,
        Self::OPTIONS,
        Self::LOAD,
        Self::REHEARSAL,
        Self::DATA,
    ];

    /// The part as it was kept, whether or not this version knows it.
    pub(crate) fn kept(name: String) -> Self {
        let known = Self::ALL.into_iter().find(|part| part.0 == name);
        known.unwrap_or(Self(Cow::Owned(name)))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(name: &str) -> Result<Self, UnknownPart> {
        let known = Self::ALL.into_iter().find(|part| part.0 == name);
        known.ok_or_else(|| UnknownPart {
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Environment {
    /// The environment of a test of a run. Seeds are no part of it.
    pub fn of(run: &Run, test: &Test, circumstances: &Circumstances) -> Self {
        let engine = &run.engine;
        let machine = &circumstances.machine;
        let build = match engine.debug_build {
            true => format!("{} (debug build)", engine.version),
            false => engine.version.clone(),
        };
        let rehearsal = run.plan.as_ref().and_then(|plan| plan.rehearsal);
        let parts = [
            (Part::PROCESSOR, machine.processor.clone()),
            (Part::CORES, machine.cores.map(|cores| cores.to_string())),
            (Part::MEMORY, machine.memory_bytes.map(gibibytes)),
            (Part::KERNEL, machine.kernel.clone()),
            (Part::PLATFORM, engine.platform.clone()),
            (Part::ENGINE, Some(build)),
            (Part::TIMER, Some(engine.timer.clone())),
            (
                Part::THREADS,
                engine.threads.map(|threads| threads.to_string()),
            ),
            (Part::TARGET, circumstances.target.clone()),
            (
                Part::SCENARIO,
                digest(run, "scenario").or_else(|| command::of(run)),
            ),
            (Part::OPTIONS, circumstances.options.clone()),
            (Part::LOAD, Some(load::of(test))),
            (Part::REHEARSAL, rehearsal.map(|factor| factor.to_string())),
            (Part::DATA, digest(run, "data")),
        ];
        parts
            .into_iter()
            .filter_map(|(part, value)| Some((part, value.filter(|value| !value.is_empty())?)))
            .collect()
    }

    /// What a part is, if it is known.
    pub fn get(&self, part: &Part) -> Option<&str> {
        self.parts.get(part).map(String::as_str)
    }

    /// The parts that are known, by name.
    pub fn parts(&self) -> impl Iterator<Item = (&Part, &str)> {
        self.parts
            .iter()
            .map(|(part, value)| (part, value.as_str()))
    }

    /// SHA-256 (FIPS 180-4) over all parts, in lower-case hexadecimal: the same for two environments
    /// that do not differ.
    pub fn digest(&self) -> String {
        let mut hash = Hash::new("plimsoll.history.environment/1");
        for (part, value) in &self.parts {
            hash.text(part.name());
            hash.text(value);
        }
        hash.hexadecimal()
    }

    /// The parts in which another environment differs, apart from those that are not to matter.
    pub fn differences(&self, other: &Self, disregarded: &BTreeSet<Part>) -> Vec<Difference> {
        let parts: BTreeSet<_> = self.parts.keys().chain(other.parts.keys()).collect();
        parts
            .into_iter()
            .filter(|part| !disregarded.contains(*part))
            .filter(|part| self.get(part) != other.get(part))
            .map(|part| Difference {
                part: part.clone(),
                here: self.get(part).map(str::to_owned),
                there: other.get(part).map(str::to_owned),
            })
            .collect()
    }
}

impl FromIterator<(Part, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (Part, String)>>(parts: I) -> Self {
        Self {
            parts: parts.into_iter().collect(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |value: &Option<String>| match value {
            Some(value) => format!("`{value}`"),
            None => "not known".to_owned(),
        };
        let (here, there) = (named(&self.here), named(&self.there));
        write!(formatter, "{} was {there} and is {here}", self.part)
    }
}

fn gibibytes(bytes: u64) -> String {
    format!("{} GiB", bytes.div_ceil(1 << 30))
}

/// A digest of the files of a role, whatever their names and order; of a single file its own.
fn digest(run: &Run, role: &str) -> Option<String> {
    let files = run.sources.iter().filter(|source| source.role == role);
    let mut digests: Vec<_> = files.map(|source| source.sha256.as_str()).collect();
    digests.sort_unstable();
    match digests.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        several => {
            let mut hash = Hash::new("plimsoll.history.files/1");
            several.iter().for_each(|digest| hash.text(digest));
            Some(hash.hexadecimal())
        }
    }
}

#[cfg(test)]
mod tests;
