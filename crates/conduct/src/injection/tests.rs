use super::*;
use crate::fixture::{PATIENCE, is_running, script, text_of, wait_until, words};
use plimsoll_scenario::plan::Action;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

fn surroundings(folder: &Path) -> Surroundings {
    Surroundings {
        folder: folder.to_owned(),
        ..Surroundings::default()
    }
}

fn injection(run: &[&str], undo: &[&str]) -> Injection {
    Injection {
        after: Duration::ZERO,
        action: Action::Run(words(run)),
        undo: (!undo.is_empty()).then(|| Action::Run(words(undo))),
        undo_after: None,
        timeout: PATIENCE,
        serves: None,
        line: 7,
    }
}

/// A folder with scripts that write a line each into `log`.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "stop.sh", "echo stop >>log");
    script(folder.path(), "start.sh", "echo \"start $1\" >>log");
    folder
}

fn log(folder: &Path) -> String {
    text_of(&folder.join("log"))
}

fn begun(injections: &Injections) -> bool {
    !injections.shared.record.lock().unwrap().marks.is_empty()
}

#[test]
fn it_is_undone_when_the_test_ends_and_only_once() {
    let folder = shop();
    let all = [injection(&["./stop.sh"], &["./start.sh", "two words"])];
    let injections = Injections::begin(&all, surroundings(folder.path()), Instant::now());
    wait_until("the injection", || begun(&injections));
    assert_eq!(log(folder.path()), "stop\n");
    injections.undo_all();
    assert_eq!(log(folder.path()), "stop\nstart two words\n");
    injections.undo_all();
    let record = injections.finish();
    assert_eq!(log(folder.path()), "stop\nstart two words\n");
    let told = record
        .marks
        .iter()
        .map(|mark| (mark.kind.as_str(), mark.text.as_str()));
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [("inject", "./stop.sh"), ("undo", "./start.sh 'two words'")]
    );
    assert!(record.marks[0].at_ns < record.ended_ns);
    assert!(
        record.marks[1].at_ns >= record.ended_ns,
        "because of the end"
    );
    assert_eq!(record.problems, Vec::<String>::new());
}

#[test]
fn it_is_undone_at_its_time_while_the_test_goes_on() {
    let folder = shop();
    let mut timed = injection(&["./stop.sh"], &["./start.sh"]);
    timed.after = Duration::from_millis(50);
    timed.undo_after = Some(Duration::from_millis(100));
    timed.serves = Some(Served {
        version: "4.11.3".into(),
        revision: None,
    });
    let injections = Injections::begin(&[timed], surroundings(folder.path()), Instant::now());
    wait_until("the undo", || log(folder.path()).contains("start"));
    let record = injections.finish();
    assert_eq!(log(folder.path()), "stop\nstart \n");
    assert!(record.marks[0].at_ns >= 50_000_000 && record.marks[1].at_ns >= 100_000_000);
    assert!(record.marks[1].at_ns < record.ended_ns, "before the end");
    let [declared] = &record.served[..] else {
        panic!("{record:?}")
    };
    assert_eq!(declared.declared("drill").version, "4.11.3");
    assert_eq!(declared.from_ns, record.marks[0].at_ns);
    assert_eq!(declared.until_ns, Some(record.marks[1].at_ns));
}

#[test]
fn the_newest_is_undone_first() {
    let folder = shop();
    let first = injection(&["./stop.sh"], &["./start.sh", "first"]);
    let mut second = injection(&["./stop.sh"], &["./start.sh", "second"]);
    second.after = Duration::from_millis(30);
    let injections = Injections::begin(
        &[first, second],
        surroundings(folder.path()),
        Instant::now(),
    );
    wait_until("both", || {
        injections.shared.record.lock().unwrap().marks.len() == 2
    });
    drop(injections);
    assert_eq!(
        log(folder.path()),
        "stop\nstop\nstart second\nstart first\n"
    );
}

#[test]
fn a_panic_leaves_nothing_undone() {
    let folder = shop();
    let path = folder.path().to_owned();
    let panicked = std::thread::spawn(move || {
        let all = [injection(&["./stop.sh"], &["./start.sh"])];
        let injections = Injections::begin(&all, surroundings(&path), Instant::now());
        wait_until("the injection", || begun(&injections));
        panic!("as intended");
    });
    assert!(panicked.join().is_err());
    assert_eq!(log(folder.path()), "stop\nstart \n");
}

#[test]
fn one_that_fails_is_told_and_undone_and_one_that_cannot_start_is_not() {
    let folder = shop();
    script(
        folder.path(),
        "fail.sh",
        "echo half >>log; echo hunter2 >&2; exit 4",
    );
    let mut surroundings = surroundings(folder.path());
    surroundings.masker = Masker::new(["hunter2"]);
    let all = [injection(&["./fail.sh"], &["./start.sh"])];
    let injections = Injections::begin(&all, surroundings.clone(), Instant::now());
    wait_until("the injection", || begun(&injections));
    let record = injections.finish();
    assert_eq!(log(folder.path()), "half\nstart \n");
    assert_eq!(
        record.problems,
        ["injection of line 7: `./fail.sh` exited with 4: ***"]
    );

    let all = [injection(&["./missing.sh"], &["./start.sh"])];
    let injections = Injections::begin(&all, surroundings.clone(), Instant::now());
    wait_until("the problem", || {
        !injections.shared.record.lock().unwrap().problems.is_empty()
    });
    let record = injections.finish();
    assert_eq!(log(folder.path()), "half\nstart \n");
    assert!(record.problems[0].contains("`./missing.sh` cannot be started"));
    assert!(record.marks.is_empty());

    // What cannot be undone is not done.
    let all = [injection(&["./stop.sh"], &["./missing.sh"])];
    let injections = Injections::begin(&all, surroundings, Instant::now());
    wait_until("the problem", || {
        !injections.shared.record.lock().unwrap().problems.is_empty()
    });
    assert!(injections.finish().problems[0].contains("was not carried out"));
    assert_eq!(log(folder.path()), "half\nstart \n");
}

#[test]
fn one_that_takes_too_long_is_ended_and_told_and_so_is_an_undo() {
    let folder = shop();
    script(folder.path(), "hang.sh", "echo $$ >>pids; exec sleep 1000");
    let mut hanging = injection(&["./hang.sh"], &["./hang.sh"]);
    hanging.timeout = Duration::from_secs(1);
    let injections = Injections::begin(&[hanging], surroundings(folder.path()), Instant::now());
    wait_until("the injection", || begun(&injections));
    let record = injections.finish();
    let [inject, undo] = &record.problems[..] else {
        panic!("{record:?}")
    };
    assert!(inject.contains("time limit"), "{inject}");
    assert!(
        undo.contains("by hand") && undo.contains("time limit"),
        "{undo}"
    );
    let pids = text_of(&folder.path().join("pids"));
    assert_eq!(pids.lines().count(), 2);
    wait_until("their end", || !pids.lines().any(is_running));
}

#[test]
fn one_whose_time_never_came_is_a_problem() {
    let folder = shop();
    let mut late = injection(&["./stop.sh"], &["./start.sh"]);
    late.after = Duration::from_secs(3600);
    let injections = Injections::begin(&[late], surroundings(folder.path()), Instant::now());
    let record = injections.finish();
    assert!(
        record.problems[0].contains("never took place"),
        "{record:?}"
    );
    assert_eq!(log(folder.path()), "");
}

/// A behaviour that is a flat map.
#[derive(Default)]
struct Map(Mutex<Value>);

impl DemoControl for Map {
    fn merge(&self, behaviour: &Value) -> Result<Value, String> {
        let mut now = self.0.lock().unwrap();
        let before = now.clone();
        for (key, value) in behaviour.as_object().ok_or("not a map")? {
            now[key] = value.clone();
        }
        Ok(before)
    }

    fn replace(&self, behaviour: &Value) -> Result<(), String> {
        *self.0.lock().unwrap() = behaviour.clone();
        Ok(())
    }
}

#[test]
fn changes_of_the_demo_may_overlap_and_leave_nothing() {
    let map = Arc::new(Map(Mutex::new(json!({"a": 0, "b": 0}))));
    let now = || map.0.lock().unwrap().clone();
    let mut changes = demo::Changes::default();
    changes.apply(map.as_ref(), 0, &json!({"a": 1})).unwrap();
    changes
        .apply(map.as_ref(), 1, &json!({"a": 2, "b": 2}))
        .unwrap();
    changes.revert(map.as_ref(), 0).unwrap();
    assert_eq!(now(), json!({"a": 2, "b": 2}));
    changes.revert(map.as_ref(), 1).unwrap();
    assert_eq!(now(), json!({"a": 0, "b": 0}));
    assert!(changes.apply(map.as_ref(), 2, &json!(3)).is_err());

    let mut change = injection(&[], &[]);
    change.action = Action::Demo(json!({"b": 5}));
    let surroundings = Surroundings {
        demo: Some(Arc::clone(&map) as Arc<dyn DemoControl>),
        ..Surroundings::default()
    };
    let injections = Injections::begin(&[change], surroundings, Instant::now());
    wait_until("the change", || now() == json!({"a": 0, "b": 5}));
    let record = injections.finish();
    assert_eq!(now(), json!({"a": 0, "b": 0}));
    assert_eq!(record.problems, Vec::<String>::new());
    assert_eq!(record.marks[1].text, "demo: the behaviour before");
}

/// Not a test of its own: what the two below run as another process.
#[test]
fn helper_process() {
    let Some(folder) = std::env::var_os("PLIMSOLL_TEST_FOLDER") else {
        return;
    };
    let folder: &Path = folder.as_ref();
    let is_slow = folder.join("slow.sh").exists();
    let program = if is_slow { "./slow.sh" } else { "./stop.sh" };
    let all = [injection(&[program], &["./start.sh", "again"])];
    let injections = Injections::begin(&all, surroundings(folder), Instant::now());
    match is_slow {
        true => wait_until("the beginning", || log(folder) == "begun\n"),
        false => wait_until("the injection", || begun(&injections)),
    }
    println!("\ninjected");
    if std::env::var_os("PLIMSOLL_TEST_EXIT").is_some() {
        let question = ["sh", "-c", "echo $$ >question; exec sleep 1000"];
        let question = crate::command::Job::new(&words(&question), folder, PATIENCE);
        std::thread::spawn(move || question.run(&Masker::default()));
        wait_until("the question", || {
            text_of(&folder.join("question")).ends_with('\n')
        });
        crate::undo_pending_now();
        crate::undo_pending_now();
        std::process::exit(0);
    }
    // Stays until it is killed, which is what the test is about, and not for ever where it is not.
    std::thread::sleep(10 * PATIENCE);
}

fn helper(folder: &Path, exits: bool) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "injection::tests::helper_process", "--nocapture"])
        .env("PLIMSOLL_TEST_FOLDER", folder)
        .stdout(Stdio::piped());
    if exits {
        command.env("PLIMSOLL_TEST_EXIT", "1");
    }
    command.spawn().unwrap()
}

#[test]
fn kill_minus_nine_leaves_the_undo_done() {
    let folder = shop();
    let mut child = helper(folder.path(), false);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let injected = lines.map_while(Result::ok).any(|line| line == "injected");
    assert!(injected);
    assert_eq!(log(folder.path()), "stop\n");
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the undo", || log(folder.path()).contains("start"));
    assert_eq!(log(folder.path()), "stop\nstart again\n");
}

#[test]
fn an_exit_that_drops_nothing_undoes_once() {
    let folder = shop();
    assert!(
        helper(folder.path(), true)
            .wait_with_output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(log(folder.path()), "stop\nstart again\n");
    let question = text_of(&folder.path().join("question"));
    wait_until("the end of the question", || !is_running(&question));
}

/// [`shop`], with an injection that goes on until it is ended.
fn slow_shop() -> tempfile::TempDir {
    let folder = shop();
    script(
        folder.path(),
        "slow.sh",
        "exec >/dev/null 2>&1; trap 'echo ended >>log; exit' TERM; echo begun >>log; while :; do sleep 0.05; done",
    );
    folder
}

#[test]
fn a_command_that_is_still_at_its_injection_is_ended_before_the_undo() {
    let folder = slow_shop();
    let ended = helper(folder.path(), true).wait_with_output().unwrap();
    assert!(ended.status.success());
    assert_eq!(log(folder.path()), "begun\nended\nstart again\n");

    // By kill -9 as well.
    let folder = slow_shop();
    let mut child = helper(folder.path(), false);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "injected"));
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the undo", || log(folder.path()).contains("start"));
    assert_eq!(log(folder.path()), "begun\nended\nstart again\n");
}

#[test]
fn nothing_is_injected_once_it_was_undone() {
    let folder = shop();
    let job = |script: &str| crate::command::Job::new(&words(&[script]), folder.path(), PATIENCE);
    let guard = guard::Guard::arm(job("./start.sh"), Masker::default()).unwrap();
    assert!(guard.undo().unwrap().unwrap().is_success());
    let late = job("./stop.sh").run_under(guard.as_ref(), &Masker::default());
    assert!(late.unwrap_err().to_string().contains("being ended"));
    assert_eq!(log(folder.path()), "start \n");
}

#[test]
fn a_guard_that_was_killed_is_stood_in_for() {
    let folder = shop();
    let job = crate::command::Job::new(&words(&["./start.sh"]), folder.path(), PATIENCE);
    let guard = guard::Guard::arm(job, Masker::default()).unwrap();
    guard.kill_for_test();
    assert!(guard.undo().unwrap().unwrap().is_success());
    assert!(guard.undo().is_none());
    assert_eq!(log(folder.path()), "start \n");
}
