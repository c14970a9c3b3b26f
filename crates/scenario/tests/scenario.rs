//! What users write, and what they are told about it.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read the examples from disk"
)]

#[path = "scenario/documentation.rs"]
mod documentation;
#[path = "scenario/documented_plan.rs"]
mod documented_plan;
#[path = "scenario/examples.rs"]
mod examples;
#[path = "scenario/loads.rs"]
mod loads;
#[path = "scenario/mistakes.rs"]
mod mistakes;
#[path = "scenario/plan_mistakes.rs"]
mod plan_mistakes;
#[path = "scenario/plan_robust.rs"]
mod plan_robust;
#[path = "scenario/plan_support.rs"]
mod plan_support;
#[path = "scenario/plans.rs"]
mod plans;
#[path = "scenario/rehearsals.rs"]
mod rehearsals;
#[path = "scenario/robust.rs"]
mod robust;
#[path = "scenario/single.rs"]
mod single;
#[path = "scenario/steps.rs"]
mod steps;
#[path = "scenario/support.rs"]
mod support;
