//! Readiness plans: what was promised of a release, and how it is to be tried.

mod model;

pub use model::*;
