//! Whether a run may be believed: did the generator do what it was asked to?
//!
//! Each check compares one figure with two limits and says what to do. What is left out: measuring
//! the figures, and whether any threshold was met.

mod assess;
mod checks;

pub use assess::assess;
pub use checks::{
    Lacking, arrival_shape, conn_wait, dispatch_lag, environment, generator_cpu, loop_stall,
    offered_load, resources, samples, shared_processors, trend, warmup,
};

use crate::judge::{Judgement, State};
use crate::threshold::{Kind, Threshold};

/// How far a figure is from where it should be, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// Within its limits.
    #[default]
    Valid,
    /// Not as it should be; the numbers stand, with a grain of salt.
    Warn,
    /// The numbers do not mean what they say.
    Invalid,
}

impl Status {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Warn => "warn",
            Self::Invalid => "invalid",
        }
    }
}

/// Where to look for the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The generator could not keep up.
    Generator,
    /// The test asks for something that cannot be had, or not like this.
    Configuration,
    /// The machine that the generator runs on.
    Environment,
}

impl Cause {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Configuration => "configuration",
            Self::Environment => "environment",
        }
    }
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CheckName {
    /// Was everything sent that should have been?
    OfferedLoad,
    /// Was it sent on time?
    DispatchLag,
    /// Did requests wait for connections?
    ConnWait,
    /// Were arrivals spread over time as intended?
    ArrivalShape,
    /// Had the generator processor time to spare?
    GeneratorCpu,
    /// Did targets on the generator's own processors leave it time?
    SharedProcessors,
    /// Was the generator's machine its own?
    Environment,
    /// Did the generator's event loops turn without interruption?
    LoopStall,
    /// Were there ports, file descriptors and an intact network?
    Resources,
    /// Was the service steady?
    Trend,
    /// Was the beginning like the rest?
    Warmup,
    /// Were there enough samples?
    Samples,
}

impl CheckName {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OfferedLoad => "offered_load",
            Self::DispatchLag => "dispatch_lag",
            Self::ConnWait => "conn_wait",
            Self::ArrivalShape => "arrival_shape",
            Self::GeneratorCpu => "generator_cpu",
            Self::SharedProcessors => "shared_processors",
            Self::Environment => "environment",
            Self::LoopStall => "loop_stall",
            Self::Resources => "resources",
            Self::Trend => "trend",
            Self::Warmup => "warmup",
            Self::Samples => "samples",
        }
    }

    /// Whether an INVALID here may be the very reason for a failed threshold of this kind. A
    /// service that failed under less load than intended would have failed under more, but times
    /// measured by a generator that was busy itself, rates that it did not ask for, and requests that
    /// are infinitely slow because they were never sent prove nothing.
    const fn may_explain(self, kind: Kind, judgement: &Judgement) -> bool {
        match self {
            Self::OfferedLoad => match kind {
                Kind::PerSecond | Kind::Share => true,
                Kind::Duration => !judgement.without_dropped,
            },
            Self::DispatchLag | Self::GeneratorCpu | Self::LoopStall | Self::Environment => {
                match kind {
                    Kind::PerSecond => true,
                    Kind::Duration => !judgement.by_failures,
                    Kind::Share => false,
                }
            }
            Self::Resources => true,
            Self::ConnWait
            | Self::ArrivalShape
            | Self::SharedProcessors
            | Self::Trend
            | Self::Warmup
            | Self::Samples => false,
        }
    }
}

/// The unit of a check's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A share of 1.
    Share,
    /// Nanoseconds.
    Nanoseconds,
    /// A number of things.
    Count,
    /// A distance between distributions, from 0 to 1.
    Distance,
}

impl Unit {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Nanoseconds => "ns",
            Self::Count => "count",
            Self::Distance => "distance",
        }
    }
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was checked.
    pub name: CheckName,
    /// With which outcome.
    pub status: Status,
    /// The figure that came closest to its limit, or went furthest beyond it.
    pub observed: f64,
    /// The limit that matters: that of INVALID if it was passed, and that of WARN otherwise.
    pub limit: f64,
    /// The unit of both.
    pub unit: Unit,
    /// Where to look for the reason, if there is anything wrong.
    pub cause: Cause,
    /// What was seen, and what to do about it.
    pub sentence: String,
}

/// All checks of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Validity {
    /// The checks that could be made.
    pub checks: Vec<Check>,
}

impl Validity {
    /// That of the worst check.
    pub fn status(&self) -> Status {
        let statuses = self.checks.iter().map(|check| check.status);
        statuses.max().unwrap_or_default()
    }

    /// What is left of a verdict on a run of this validity. If it is INVALID, no pass stands, and a
    /// failure only where nothing that is wrong with the run can be its cause.
    pub fn qualify(&self, threshold: &Threshold, mut judgement: Judgement) -> Judgement {
        let kind = threshold.metric.kind();
        let objection = self.checks.iter().find(|check| {
            check.status == Status::Invalid
                && match judgement.state {
                    State::Pass => true,
                    State::Fail => check.name.may_explain(kind, &judgement),
                    State::Inconclusive => false,
                }
        });
        if let Some(check) = objection {
            judgement.state = State::Inconclusive;
            judgement.explanation = format!(
                "{}; but the run is invalid ({}), so this proves nothing",
                judgement.explanation,
                check.name.name()
            );
        }
        judgement
    }
}

#[cfg(test)]
mod tests;
