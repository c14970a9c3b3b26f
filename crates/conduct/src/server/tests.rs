use super::*;
use crate::digest::sha256_of_file;
use crate::fixture::{Answer, PATIENCE, is_running, page, script, text_of, wait_until, words};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

fn plan(folder: &Path) -> ServerPlan {
    ServerPlan {
        run: words(&["./server.sh"]),
        environment: Vec::new(),
        folder: folder.to_owned(),
        sha256: None,
        ready: None,
        ready_within: PATIENCE,
        cure: "give it more time (`ready_within`)".into(),
        log: folder.join("server.log"),
        masker: Masker::default(),
    }
}

/// Nobody interrupts.
const NEVER: fn() -> bool = || false;

fn refuse() -> Answer<impl Fn(&str) -> Result<crate::Fetched, String>> {
    Answer(|_: &str| Err("connection refused".to_owned()))
}

#[test]
fn it_is_waited_for_logged_masked_and_stopped_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "echo \"hello $NAME hunter2\"; sleep 1000 & echo $! $$ >pids.part; mv pids.part pids; wait";
    script(folder.path(), "server.sh", text);
    let mut plan = plan(folder.path());
    plan.environment = vec![("NAME".into(), "you".into())];
    plan.masker = Masker::new(["hunter2"]);
    plan.ready = Some(Ready::Answers("/ready".into()));
    let asked = AtomicU32::new(0);
    let pids = folder.path().join("pids");
    let fetch = Answer(|url: &str| {
        assert_eq!(url, "/ready");
        match asked.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err("connection refused".to_owned()),
            2 => page(503, ""),
            _ if pids.exists() => page(204, ""),
            _ => page(503, ""),
        }
    });
    let server = Server::start(plan, &fetch, &NEVER).unwrap();
    assert!(asked.load(Ordering::Relaxed) >= 4);
    let pids = text_of(&pids);
    assert!(pids.split_whitespace().all(is_running));
    assert_eq!(
        server.process().map(|pid| pid.to_string()).as_deref(),
        pids.split_whitespace().nth(1)
    );
    let log = folder.path().join("server.log");
    wait_until("the log", || text_of(&log) == "hello you ***\n");
    assert_eq!(server.stop(), []);
    wait_until("their end", || !pids.split_whitespace().any(is_running));
}

#[test]
fn another_program_than_the_plan_says_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = script(folder.path(), "server.sh", "touch ran; sleep 1000");
    let mut plan = plan(folder.path());
    plan.sha256 = Some("0".repeat(64));
    let error = Server::start(plan.clone(), &refuse(), &NEVER)
        .err()
        .unwrap();
    assert!(matches!(error, ServerError::Digest { .. }), "{error}");
    assert!(!folder.path().join("ran").exists());
    plan.sha256 = Some(sha256_of_file(&file).unwrap().to_uppercase());
    let server = Server::start(plan.clone(), &refuse(), &NEVER).unwrap();
    wait_until("the program", || folder.path().join("ran").exists());
    drop(server);

    plan.run = words(&["./missing"]);
    let error = Server::start(plan, &refuse(), &NEVER)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("`./missing` cannot be started"), "{error}");
}

#[test]
fn one_that_dies_before_it_is_ready_shows_its_last_lines() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "server.sh", "echo port in use >&2; exit 98");
    let mut plan = plan(folder.path());
    plan.ready = Some(Ready::Answers("/".into()));
    let error = Server::start(plan, &refuse(), &NEVER)
        .err()
        .unwrap()
        .to_string();
    assert_eq!(
        error,
        "`./server.sh` exited with 98 before it was ready; its last lines:\nport in use"
    );
}

#[test]
fn one_that_is_never_ready_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "server.sh", "echo $$ >pid; exec sleep 1000");
    let mut plan = plan(folder.path());
    plan.ready = Some(Ready::Answers("/health".into()));
    plan.ready_within = Duration::from_millis(400);
    let error = Server::start(plan, &Answer(|_: &str| page(503, "")), &NEVER)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("/health answered 503") && error.contains("ready_within"),
        "{error}"
    );
    let pid = text_of(&folder.path().join("pid"));
    assert!(pid.is_empty() || !is_running(&pid));
}

#[test]
fn nothing_is_started_where_something_else_is_already() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "server.sh", "touch ran; exec sleep 1000");
    let mut plan = plan(folder.path());
    plan.ready = Some(Ready::Answers("/health".into()));
    let other = Answer(|_: &str| page(200, ""));
    let error = Server::start(plan.clone(), &other, &NEVER).err().unwrap();
    assert!(
        error
            .to_string()
            .starts_with("/health answered 200 before `./server.sh` was started"),
        "{error}"
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    plan.ready = Some(Ready::Listens(url.clone()));
    let error = Server::start(plan.clone(), &refuse(), &NEVER)
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with(&format!("something listened at {url} before")),
        "{error}"
    );
    assert!(!folder.path().join("ran").exists());
    drop(listener);
    plan.ready_within = Duration::from_millis(300);
    let error = Server::start(plan, &refuse(), &NEVER).err().unwrap();
    assert!(
        error.to_string().contains("had nobody listening"),
        "{error}"
    );
    assert!(folder.path().join("ran").exists());
}

#[test]
fn nobody_waits_for_it_who_was_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "server.sh", "echo $$ >pid; exec sleep 1000");
    let mut plan = plan(folder.path());
    plan.ready = Some(Ready::Answers("/health".into()));
    let pid = folder.path().join("pid");
    let interrupted = || pid.exists();
    let error = Server::start(plan, &refuse(), &interrupted).err().unwrap();
    assert!(matches!(error, ServerError::Interrupted { .. }), "{error}");
    let pid = text_of(&pid);
    assert!(pid.is_empty() || !is_running(&pid));
}

#[test]
fn one_on_a_leash_ends_when_the_leash_is_left_behind() {
    let mut child = std::process::Command::new("sleep")
        .arg("1000")
        .process_group(0)
        .spawn()
        .unwrap();
    let mut leash = leash::Leash::on(child.id()).unwrap();
    // What happens when its owner is killed.
    leash.forget_for_test();
    assert!(!child.wait().unwrap().success());

    let mut child = std::process::Command::new("sleep")
        .arg("1000")
        .process_group(0)
        .spawn()
        .unwrap();
    drop(leash::Leash::on(child.id()).unwrap());
    assert_eq!(child.try_wait().unwrap(), None, "let go, and not ended");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn one_that_ends_is_started_again_five_times() {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "server.sh", "echo run >>runs; exit 7");
    let server = Server::start(plan(folder.path()), &refuse(), &NEVER).unwrap();
    wait_until("the last end", || {
        server.restarts().len() == MOST_RESTARTS + 1
    });
    assert_eq!(server.process(), None);
    let restarts = server.stop();
    assert_eq!(
        text_of(&folder.path().join("runs")).lines().count(),
        1 + MOST_RESTARTS
    );
    assert_eq!(
        restarts[0].text,
        "`./server.sh` exited with 7 unexpectedly and was started again (number 1)"
    );
    assert!(
        restarts[..MOST_RESTARTS]
            .iter()
            .all(|restart| restart.restarted)
    );
    let mark = restarts[0].mark(restarts[0].at).unwrap();
    assert_eq!((mark.at_ns, mark.kind.as_str()), (0, "restart"));
    assert_eq!(restarts[0].mark(restarts[1].at), None);
    assert!(!restarts[MOST_RESTARTS].restarted);
    assert!(
        restarts[MOST_RESTARTS]
            .text
            .contains("was not started again")
    );
}

#[test]
fn one_that_ignores_the_request_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    script(
        folder.path(),
        "server.sh",
        "trap '' TERM; echo $$ >pid.part; mv pid.part pid; while :; do sleep 1000; done",
    );
    let server = Server::start(plan(folder.path()), &refuse(), &NEVER).unwrap();
    let file = folder.path().join("pid");
    wait_until("its number", || file.exists());
    drop(server);
    assert!(!is_running(&text_of(&file)));
}
