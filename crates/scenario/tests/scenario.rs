//! What users write, and what they are told about it.

#[path = "scenario/examples.rs"]
mod examples;
#[path = "scenario/loads.rs"]
mod loads;
#[path = "scenario/mistakes.rs"]
mod mistakes;
#[path = "scenario/robust.rs"]
mod robust;
#[path = "scenario/single.rs"]
mod single;
#[path = "scenario/steps.rs"]
mod steps;
#[path = "scenario/support.rs"]
mod support;
