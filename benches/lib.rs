//! Benchmarks: `cargo bench -p plimsoll-benches`. Timings belong here and never in a test.
