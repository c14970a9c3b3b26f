use super::*;
use crate::fixture::{is_running, script, wait_until, words};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const LONG: Duration = Duration::from_secs(60);

fn sh(script: &str, limit: Duration) -> Job {
    Job::new(&words(&["sh", "-c", script]), ".", limit)
}

fn run(job: &Job) -> Finished {
    job.run(&Masker::default()).expect("it starts")
}

#[test]
fn status_output_and_environment() {
    let mut job = sh("echo out $NAME; echo err >&2; pwd; exit 3", LONG);
    job.environment = vec![("NAME".into(), "value".into())];
    let folder = tempfile::tempdir().unwrap();
    job.folder = folder.path().to_owned();
    let finished = run(&job);
    assert_eq!((finished.code, finished.signal), (Some(3), None));
    assert!(!finished.timed_out && !finished.is_success());
    let path = folder.path().canonicalize().unwrap();
    assert_eq!(finished.stdout, format!("out value\n{}\n", path.display()));
    assert_eq!(finished.stderr, "err\n");
    assert_eq!(finished.account(), "exited with 3: err");
    assert_eq!(run(&sh("kill -9 $$", LONG)).signal, Some(9));
}

#[test]
fn a_program_is_looked_for_from_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = script(folder.path(), "here.sh", "echo found");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let job = Job::new(&words(&["./here.sh"]), folder.path(), LONG);
    let error = job.run(&Masker::default()).unwrap_err().to_string();
    assert_eq!(
        error,
        "`./here.sh` cannot be started: it is not executable; run `chmod +x ./here.sh`, or name its interpreter first"
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run(&job).stdout, "found\n");

    fs::write(&file, "#!/no/such/interpreter\n").unwrap();
    let error = job.run(&Masker::default()).unwrap_err().to_string();
    assert!(
        error.contains("interpreter in its first line is missing"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_started_says_why_and_what_to_do() {
    let failed = |run: &[&str], folder: &str| {
        let job = Job::new(&words(run), folder, LONG);
        job.run(&Masker::default()).unwrap_err().to_string()
    };
    let error = failed(&["./nothing.sh"], "/usr");
    assert!(
        error.contains("`./nothing.sh`") && error.contains("from `/usr`"),
        "{error}"
    );
    assert!(error.contains("as seen from the plan's folder"), "{error}");
    let error = failed(&["no-such-program-anywhere"], ".");
    assert!(
        error.contains("PATH") && error.contains("install it"),
        "{error}"
    );
    let error = failed(&["sh"], "/no/such/folder");
    assert!(error.contains("no folder `/no/such/folder`"), "{error}");
    let error = failed(&["/usr"], ".");
    assert!(error.contains("it is a folder"), "{error}");
    assert!(failed(&[], ".").contains("name a program"));
}

#[test]
fn one_that_takes_too_long_is_ended_with_its_children() {
    let finished = run(&sh("sleep 1000 & echo $!; wait", Duration::from_secs(1)));
    assert!(finished.timed_out && !finished.is_success());
    wait_until("its end", || !is_running(&finished.stdout));
    assert!(finished.ending().contains("time limit"));
}

#[test]
fn one_that_ignores_the_request_is_killed() {
    let script = "trap '' TERM; echo $$; while :; do sleep 1000; done";
    let finished = run(&sh(script, Duration::from_secs(1)));
    assert!(finished.timed_out);
    assert_eq!(finished.signal, Some(9));
    wait_until("its end", || !is_running(&finished.stdout));
}

#[test]
fn a_grandchild_that_holds_the_output_open_is_not_waited_for_and_not_left() {
    // It is orphaned at once, and keeps both pipes.
    let finished = run(&sh("(sleep 1000 & echo $!)", LONG));
    assert!(finished.is_success(), "{finished:?}");
    wait_until("its end", || !is_running(&finished.stdout));

    let script = "(trap '' TERM; sleep 1000 & echo $!); sleep 1000";
    let finished = run(&sh(script, Duration::from_secs(1)));
    assert!(finished.timed_out);
    wait_until("its end", || !is_running(&finished.stdout));
}

#[test]
fn what_is_meant_to_stay_stays() {
    let mut job = sh("sleep 1000 & echo $!", LONG);
    job.leftovers = Leftovers::Keep;
    let finished = run(&job);
    assert!(is_running(&finished.stdout));
    run(&sh(&format!("kill -9 {}", finished.stdout), LONG));
}

#[test]
fn much_output_neither_blocks_nor_fills_the_memory() {
    let finished = run(&sh(
        "head -c 5000000 /dev/zero | tr '\\0' x; echo end >&2",
        LONG,
    ));
    assert!(finished.is_success());
    assert!(finished.stdout.len() <= LONGEST_OUTPUT + 10);
    assert!(finished.stdout.ends_with("x\n(cut)"));
    assert_eq!(finished.stderr, "end\n");
}

#[test]
fn secrets_are_masked_also_across_the_cut() {
    let masker = Masker::new(["correct-horse-battery"]);
    let finished = sh("echo key correct-horse-battery", LONG)
        .run(&masker)
        .unwrap();
    assert_eq!(finished.stdout, "key ***\n");

    // Wherever the end of what is read falls, no part of the secret shows.
    for padding in 0..22 {
        let script = format!(
            "head -c {} /dev/zero | tr '\\0' x; for i in $(seq 4000); do printf correct-horse-battery; done",
            LONGEST_OUTPUT - 100 + padding
        );
        let shown = sh(&script, LONG).run(&masker).unwrap().stdout;
        assert!(
            !shown.contains("horse") && !shown.contains("cor"),
            "{padding}"
        );
    }
}

#[test]
fn a_command_line_is_quoted_for_the_shell() {
    assert_eq!(
        shown(&words(&["./a.sh", "two words", "it's", ""])),
        r"./a.sh 'two words' 'it'\''s' ''"
    );
}

#[test]
fn the_folder_may_be_relative() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let name = folder.path().file_name().unwrap();
    script(folder.path(), "here.sh", "echo found");
    let job = Job::new(&words(&["./here.sh"]), name, LONG);
    assert_eq!(run(&job).stdout, "found\n");
}
