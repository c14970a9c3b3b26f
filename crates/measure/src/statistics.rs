//! The mathematics behind verdicts: functions of numbers, which know nothing of load tests.

pub mod binomial;
pub mod design;
pub mod distance;
pub mod normal;
pub mod order;
pub mod poisson;
pub mod sequential;
pub mod trend;
pub mod warmup;
