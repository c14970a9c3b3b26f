//! What is done to the system is undone, however the run ends.

use crate::*;
use plimsoll_tests::{Running, wait_for};

/// Makes a file, and takes it away again.
const INJECTION: &str = "tests:
  - name: drill
    at: 1x
    hold: 60s
    inject: { after: 1s, run: [ sh, -c, 'echo done >> injected' ], undo: [ sh, -c, 'echo undone >> undone' ] }
    expect: { unaffected: [ buy ] }
";

fn started(folder: &Path) -> Running {
    write(folder, "demo", &format!("{PROMISES}{INJECTION}"));
    let running = Running::start(folder, ["run", "plan.yaml", "--out", "out"]);
    wait_for("the injection", || {
        folder.join("injected").exists().then_some(())
    });
    running
}

fn undone(folder: &Path) -> String {
    wait_for("the undo", || {
        fs::read_to_string(folder.join("undone"))
            .ok()
            .filter(|text| !text.is_empty())
    })
}

#[test]
fn on_ctrl_c_the_injection_is_undone_and_the_evidence_written() {
    let _turn = turn();
    let folder = folder();
    let running = started(folder.path());
    running.signal("INT");
    let finished = running.wait();
    assert_code(&finished, 130);
    assert_eq!(undone(folder.path()), "undone\n", "once");
    let run = document(folder.path());
    assert_eq!(run["status"], "interrupted");
    assert_ne!(state(&run, "drill/buy/errors"), "pass");
    assert!(folder.path().join("out/report.html").is_file());
}

#[test]
fn on_kill_the_injection_is_undone_all_the_same() {
    let _turn = turn();
    let folder = folder();
    let running = started(folder.path());
    running.signal("KILL");
    let finished = running.wait();
    assert_eq!(finished.code, None);
    assert_eq!(undone(folder.path()), "undone\n", "once");
}

#[test]
fn a_command_that_never_ends_is_ended_and_spoils_its_test() {
    let _turn = turn();
    let folder = folder();
    let plan = "tests:
  - name: drill
    at: 1x
    hold: 5s
    inject: { after: 1s, run: [ sleep, '1000' ], timeout: 1s }
    expect: { unaffected: [ buy ] }
";
    write(folder.path(), "demo", &format!("{PROMISES}{plan}"));
    let finished = run(folder.path(), &[]);
    assert_code(&finished, 22);
    let run = document(folder.path());
    assert_eq!(state(&run, "drill/buy/errors"), "invalid");
    let reason = item(&run, "drill/buy/errors")["reason"].to_string();
    // A machine that had no time for the test has spoilt it before.
    assert!(
        reason.contains("sleep") || reason.contains("the run is invalid (dispatch_lag)"),
        "{reason}"
    );
    let told = run.to_string();
    assert!(
        told.contains("`sleep 1000` did not end within its time limit"),
        "{told}"
    );
}
