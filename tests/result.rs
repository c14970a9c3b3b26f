//! Reading a result folder as another program would.

use serde_json::Value;
use std::path::Path;

/// Reads `run.json` of a result folder.
///
/// # Panics
/// When it is not there or is not JSON.
pub fn run_json(folder: &Path) -> Value {
    let path = folder.join("run.json");
    let text =
        std::fs::read(&path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    serde_json::from_slice(&text).expect("run.json is JSON")
}

/// A count by its JSON pointer.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn number(run: &Value, pointer: &str) -> u64 {
    run.pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_else(|| panic!("no number at {pointer} of {run:#}"))
}

/// Fails the test unless the ledger at a JSON pointer balances.
///
/// # Panics
/// When it does not.
#[track_caller]
pub fn assert_balanced(run: &Value, pointer: &str) {
    let of = |name: &str| number(run, &format!("{pointer}/{name}"));
    let ended = [
        "ok",
        "failed",
        "shed",
        "timeout",
        "dropped",
        "in_flight_at_end",
    ];
    assert_eq!(
        of("intended"),
        ended.into_iter().map(of).sum::<u64>(),
        "the ledger at {pointer} balances: {:#}",
        run.pointer(pointer).cloned().unwrap_or_default()
    );
}
