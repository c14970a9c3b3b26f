//! The mathematics behind verdicts: functions of numbers, which know nothing of load tests.

pub mod binomial;
pub mod design;
pub mod distance;
pub mod line;
pub mod multiple;
pub mod normal;
pub mod order;
pub mod paired;
pub mod poisson;
pub mod power;
pub mod sequential;
pub mod sign_flip;
pub mod signed_rank;
pub mod trend;
pub mod two_samples;
pub mod warmup;
