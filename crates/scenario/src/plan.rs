//! Readiness plans: what was promised of a release, and how it is to be tried.

mod baseline;
pub mod init;
pub mod items;
mod load;
mod model;
mod rehearse;

pub use baseline::RelativeThreshold;
pub(crate) use load::is_plan;
pub use load::{FileKind, LoadedPlan, kind_of};
pub use model::*;
