//! What the benchmarks share: running a program and asking what it cost, a server to load, and what
//! machine this is. Timings belong here and never in a test.
#![forbid(unsafe_code)]

pub mod bounds;
pub mod callgrind;
pub mod interrupt;
pub mod machine;
pub mod program;
pub mod result;
pub mod server;
