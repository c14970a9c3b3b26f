//! Readiness plans from the command line to the evidence: each verdict for its own reason. The runs
//! need a machine that is left mostly in peace: two go on at a time, and wait more than they work.

mod plan_cases;
mod plan_evidence;
mod plan_identity;
mod plan_injections;
mod plan_secrets;

use plimsoll_tests::{Finished, run_json};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

/// How many runs may go on at a time.
const AT_A_TIME: usize = 2;
static GOING_ON: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The right to run, given back when dropped.
struct Turn;

/// Waits until few enough runs are under way in this process.
fn turn() -> Turn {
    let going_on = GOING_ON.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = ENDED.wait_while(going_on, |going_on| *going_on >= AT_A_TIME);
    *waited.unwrap_or_else(PoisonError::into_inner) += 1;
    Turn
}

impl Drop for Turn {
    fn drop(&mut self) {
        *GOING_ON.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

/// An empty folder for a test.
fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a temporary folder")
}

/// A shop of three journeys, one request each.
fn scenario(target: &str) -> String {
    format!(
        "name: shop
target: {target}
clients: {{ population: 2000, id_header: x-client-id }}
defaults: {{ timeout: 1s }}
journeys:
  buy: {{ weight: 2, steps: [ {{ name: home, GET: /null }} ] }}
  look:
    weight: 2
    steps:
      - {{ name: results, GET: '/search?to=ROM', expect: {{ json: {{ '$.flights': {{ min_items: 1 }} }} }} }}
  tips: {{ weight: 1, steps: [ {{ name: tips, GET: /recommend }} ] }}
"
    )
}

/// The beginning of a plan for it: 40 journeys a second, and thresholds that a healthy shop holds.
const PROMISES: &str = "name: shop-1.0
scenario: shop.yaml
settle: 1s
expected_load: { peak: 40/s, headroom: 25%, owner: commercial, source: a guess, agreed: { by: [ commercial ], on: 2026-10-30 } }
tiers:
  critical: { thresholds: [ 'errors < 12%' ] }
  important: { thresholds: [ 'errors < 12%' ] }
  nice_to_have: { thresholds: [ 'errors < 25%' ] }
journeys:
  buy: { tier: critical, owner: checkout, thresholds: [ 'p80 < 500ms' ] }
  look: { tier: important }
  tips: { tier: nice_to_have }
";

/// Writes `shop.yaml` and `plan.yaml`.
fn write(folder: &Path, target: &str, plan: &str) {
    fs::write(folder.join("shop.yaml"), scenario(target)).expect("a scenario is written");
    fs::write(folder.join("plan.yaml"), plan).expect("a plan is written");
}

/// Runs `plan.yaml` into the folder `out`.
fn run(folder: &Path, more: &[&str]) -> Finished {
    let arguments = ["run", "plan.yaml", "--out", "out"];
    let all = arguments.iter().chain(more).copied();
    plimsoll_tests::plimsoll(folder, all)
}

/// The document that a run left.
fn document(folder: &Path) -> Value {
    run_json(&folder.join("out"))
}

/// An item of a document.
#[track_caller]
fn item<'r>(run: &'r Value, id: &str) -> &'r Value {
    let items = run["items"].as_array().expect("items");
    let ids: Vec<_> = items.iter().map(|item| item["id"].clone()).collect();
    items
        .iter()
        .find(|item| item["id"] == id)
        .unwrap_or_else(|| panic!("no item {id} in {ids:?}"))
}

/// The state of an item.
#[track_caller]
fn state<'r>(run: &'r Value, id: &str) -> &'r str {
    item(run, id)["state"].as_str().expect("a state")
}

/// Fails unless an item passed. A generator that was disturbed proves no pass, and says so: what was
/// seen must not speak against it even then.
#[track_caller]
fn assert_passed(run: &Value, id: &str) {
    let item = item(run, id);
    let disturbed = run["validity"]["status"] == "invalid";
    let state = item["state"].as_str().expect("a state");
    assert!(
        state == "pass" || disturbed && state == "invalid",
        "{item:#}\n{:#}",
        run["validity"]
    );
}

/// The exit code of a verdict that rests on passes: that of an invalid run if the machine was disturbed.
fn unless_disturbed(run: &Value, code: i32) -> i32 {
    if run["validity"]["status"] == "invalid" {
        22
    } else {
        code
    }
}

/// Fails unless a program ended with this code.
#[track_caller]
fn assert_code(finished: &Finished, code: i32) {
    assert_eq!(
        finished.code,
        Some(code),
        "-- stdout\n{}\n-- stderr\n{}",
        finished.stdout,
        finished.stderr
    );
}
