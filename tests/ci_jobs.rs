//! The files of `docs/ci`, as a continuous integration takes them: from a clean clone, one step after the
//! other, with the variables that it would set, and a forge that takes the comments.

mod checkout;

use crate::{beside, demo, folder, run};
use checkout::{
    Checkout, ROOT, Step, file, github, github_steps, gitlab, gitlab_steps, merge_request,
    pull_request, summary, text, until_valid,
};
use plimsoll_target::Behaviour;
use plimsoll_tests::Finished;
use plimsoll_tests::forge::Forge;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a comment of a duel begins with.
const MARKER: &str = "<!-- plimsoll duel -->\n";

/// Fails unless these steps were run and ended well.
#[track_caller]
fn assert_steps(done: &[(String, Finished)], names: &[&str]) {
    let ran: Vec<&str> = done.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(ran, names);
    for (name, finished) in done {
        let Finished { stdout, stderr, .. } = finished;
        assert_eq!(finished.code, Some(0), "{name}\n{stdout}\n{stderr}");
    }
}

#[test]
fn a_pull_request_has_one_comment_and_fails_where_it_is_slower() {
    let _turn = beside();
    let fake = format!("{MARKER}by somebody else");
    let others: Vec<&str> = (0..100).map(|_| fake.as_str()).collect();
    let forge = Forge::start(&others);
    let names = ["Install", "Build base and head", "Duel", "Comment"];
    let steps = github_steps("duel");

    let mut checkout = pull_request(&forge, "5ms");
    // Of two that are equal only chance would make a regression: not one of ten times as much.
    let duel = format!("{} --tolerance 1000%", checkout.variables["DUEL"]);
    checkout.set("DUEL", &duel);
    checkout.set("TOLERATED", "21 22");
    assert_steps(&checkout.job(&steps), &names);
    checkout.assert_kept(&["duel/duel.json", "base/shop.yaml"]);
    let comments = forge.comments();
    assert_eq!(comments.len(), 101);
    assert!(
        comments[100].starts_with(&format!("{MARKER}## shop: B against A")),
        "{}",
        comments[100]
    );
    assert!(summary(&checkout).contains("B against A"));
    let requests = forge.requests();
    assert_eq!(
        requests[2], "POST /repos/a/shop/issues/12/comments",
        "{requests:?}"
    );

    let of = "\n\nOf c0ffee, by [the job](https://forge.test/a/shop/actions/runs/99).\n";
    assert!(comments[100].ends_with(of), "{}", comments[100]);

    // The next push is slower: the job fails, and the comment says so.
    let (_checkout, done) = until_valid(|| {
        let checkout = pull_request(&forge, "60ms");
        forge.requests();
        let done = checkout.job(&steps);
        (checkout, done)
    });
    let ran: Vec<_> = done
        .iter()
        .map(|(name, finished)| (name.as_str(), finished.code))
        .collect();
    let codes = [Some(0), Some(0), Some(20), Some(0)];
    let expected: Vec<_> = names.into_iter().zip(codes).collect();
    assert_eq!(ran, expected, "{}\n{}", done[2].1.stdout, done[2].1.stderr);
    let annotation = "::error file=shop.yaml,title=REGRESSED%3A buy/home p50::";
    assert!(
        done[2].1.stdout.contains(annotation),
        "{}",
        done[2].1.stdout
    );
    let comments = forge.comments();
    assert_eq!(comments.len(), 101, "it is updated, not repeated");
    assert!(
        comments[100].contains("REGRESSED: buy/home p50"),
        "{}",
        comments[100]
    );
    assert!(comments[..100].iter().all(|comment| *comment == fake));
    let requests = forge.requests();
    assert_eq!(
        requests[2], "PATCH /repos/a/shop/issues/comments/7100",
        "{requests:?}"
    );

    // The one after that does not build: what the comment said of the last one does not stay there.
    let mut checkout = pull_request(&forge, "5ms");
    checkout.set("BUILD", "false");
    let done = checkout.job(&steps);
    let ran: Vec<_> = done.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(ran, ["Install", "Build base and head", "Comment"]);
    let comments = forge.comments();
    assert_eq!(comments.len(), 101);
    let none = "No result for c0ffee: see [the job](https://forge.test/a/shop/actions/runs/99).\n";
    assert_eq!(comments[100], format!("{MARKER}{none}"));
}

#[test]
fn a_merge_request_has_one_note() {
    let _turn = beside();
    let fake = format!("{MARKER}by somebody else");
    let forge = Forge::start(&[&fake]);
    let steps = gitlab_steps("plimsoll-duel");
    let (mut checkout, done) = until_valid(|| {
        let checkout = merge_request(&forge);
        let done = checkout.job(&steps);
        (checkout, done)
    });
    let codes: Vec<_> = done.iter().map(|(_, finished)| finished.code).collect();
    assert_eq!(
        codes,
        [Some(20), Some(0)],
        "{}\n{}\n{}",
        done[0].1.stdout,
        done[0].1.stderr,
        done[1].1.stderr
    );
    checkout.assert_kept(&["duel/duel.json"]);
    let notes = forge.comments();
    assert_eq!((notes.len(), &notes[0]), (2, &fake));
    assert!(
        notes[1].starts_with(MARKER) && notes[1].contains("REGRESSED: buy/home p50"),
        "{}",
        notes[1]
    );
    let of = format!(
        "\n\nOf {}, by [the job](https://forge.test/jobs/7).\n",
        checkout.variables["CI_COMMIT_SHA"]
    );
    assert!(notes[1].ends_with(&of), "{}", notes[1]);
    forge.requests();
    checkout.step(&steps[1]).expect(0);
    assert_eq!(forge.comments(), notes, "it is updated, not repeated");
    let requests = forge.requests();
    assert_eq!(
        requests[2], "PUT /projects/3/merge_requests/12/notes/7001",
        "{requests:?}"
    );
    // A push that leaves no result.
    fs::remove_file(checkout.folder.join("duel/summary.md")).expect("removed");
    checkout.step(&steps[1]).expect(0);
    assert!(forge.comments()[1].starts_with(&format!("{MARKER}No result for ")));
    // One that was ended by the next.
    forge.requests();
    checkout.set("CI_JOB_STATUS", "canceled");
    checkout.step(&steps[1]).expect(0);
    assert_eq!(forge.requests(), [""; 0]);
    // Without a token there is none, and that is said.
    checkout.set("CI_JOB_STATUS", "success");
    checkout.set("GITLAB_TOKEN", "");
    let without = checkout.step(&steps[1]).expect(0).stdout;
    assert!(
        without.contains("no note: there is no GITLAB_TOKEN"),
        "{without}"
    );
    assert_eq!(forge.requests(), [""; 0]);
    // Inconclusive is a warning.
    let tolerated = &file("gitlab-ci.yml")[".plimsoll"]["allow_failure"]["exit_codes"];
    assert_eq!(*tolerated, serde_json::json!([21]));
}

#[test]
fn a_merge_request_is_compared_with_what_it_was_merged_into() {
    let steps = gitlab_steps("plimsoll-duel");
    let base = |target: Option<&str>| {
        let worktree = Step {
            script: script_line(&steps[0], "git worktree"),
            name: String::new(),
            always: false,
            variables: BTreeMap::new(),
        };
        let mut checkout = Checkout::new("5ms");
        let branch = checkout.git(&["rev-parse", "change"]);
        let main = checkout.git(&["rev-parse", "main"]);
        checkout.set("CI_MERGE_REQUEST_DIFF_BASE_SHA", &branch);
        checkout.set(
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
            target.unwrap_or(&main),
        );
        checkout.step(&worktree).expect(0);
        let at = checkout.git(&["-C", "base", "rev-parse", "HEAD"]);
        (at == main, at == branch)
    };
    assert_eq!(base(None), (true, false));
    assert_eq!(base(Some("")), (false, true));
}

/// The line of a script that begins so.
fn script_line(step: &Step, start: &str) -> String {
    let mut lines = step.script.lines();
    let line = lines.find(|line| line.starts_with(start));
    line.expect("the line is there").to_owned()
}

#[test]
fn a_night_leaves_its_result_and_a_longer_history() {
    let _turn = beside();
    let mut checkout = Checkout::new("5ms");
    let own = checkout.variables.clone();
    github(&mut checkout);
    // A second may be too few to prove every threshold, and a busy machine too slow for them.
    checkout.set("TOLERATED", "20 21 22");
    let done = checkout.job(&github_steps("nightly"));
    assert_steps(&done, &["Install", "Run", "Add to the history", "Trend"]);
    let kept = [
        "plimsoll-history.db",
        "nightly/run.json",
        "nightly/junit.xml",
    ];
    checkout.assert_kept(&kept);
    let summary = summary(&checkout);
    // Nobody takes a first night for a good one.
    assert!(summary.contains("NOTHING TO JUDGE: "), "{summary}");
    assert_eq!(kept_runs(&checkout), 1);
    assert!(!summary.contains("\n::"), "{summary}");
    read_metrics(&checkout.folder.join("nightly/metrics.txt"));

    // The next night goes on with the history, on GitLab.
    checkout.variables = own;
    gitlab(&mut checkout);
    fs::remove_dir_all(checkout.folder.join("nightly")).expect("a clean checkout");
    let done = checkout.job(&gitlab_steps("plimsoll-nightly"));
    let Finished {
        code,
        stdout,
        stderr,
    } = &done[0].1;
    assert!(matches!(code, Some(0 | 20..=22)), "{stdout}\n{stderr}");
    assert_eq!(kept_runs(&checkout), 2, "{stdout}\n{stderr}");
    let report = &file("gitlab-ci.yml")["plimsoll-nightly"]["artifacts"]["reports"];
    for kind in ["junit", "metrics"] {
        checkout.assert_kept(&[text(report, kind)]);
    }
}

/// How many runs the history of a checkout holds.
fn kept_runs(checkout: &Checkout) -> usize {
    let list = run(&checkout.folder, &[], &["history", "list", "--json"]).expect(0);
    let list: Value = serde_json::from_str(&list.stdout).expect("JSON");
    list["runs"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_threshold_that_failed_is_told_at_its_line() {
    let _turn = beside();
    let (top, demo) = (folder(), demo(Behaviour::default()));
    let here = top.path().join("load");
    fs::create_dir(&here).expect("a folder");
    let scenario = format!(
        "name: shop
target: http://{}
journeys:
  buy:
    steps: [ {{ name: home, GET: /status/500, thresholds: [ 'errors < 1%' ] }} ]
",
        demo.address()
    );
    fs::write(here.join("shop.yaml"), scenario).expect("a scenario");
    let workspace = top.path().display().to_string();
    let variables = [("GITHUB_WORKSPACE", workspace.as_str())];
    let drive = [
        "run",
        "shop.yaml",
        "--rate",
        "50/s",
        "--duration",
        "1s",
        "--out",
        "out",
    ];
    let github = ["--annotations", "github"];
    let show = ["report", "out"];
    for arguments in [drive.as_slice(), show.as_slice()] {
        let arguments: Vec<&str> = arguments.iter().chain(&github).copied().collect();
        let told = run(&here, &variables, &arguments).expect(20).stdout;
        let told: Vec<_> = told.lines().filter(|line| line.starts_with("::")).collect();
        let start = "::error file=load/shop.yaml,line=5,title=FAIL%3A buy/home errors < 1%25::observed 100 %25";
        assert!(told.len() == 1 && told[0].starts_with(start), "{told:#?}");
    }
}

/// Reads metrics with the strict parser of the OpenMetrics client for Python.
fn read_metrics(path: &Path) {
    let python = Path::new(ROOT).join("target/python/bin/python");
    let program = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = {one.name: one for one in text_string_to_metric_families(open(sys.argv[1]).read())}
print(families['plimsoll_run_verdict'].type)
quantiles = families['plimsoll_step_response_seconds']
print(quantiles.type, quantiles.unit)
intended = {one.labels['step']: one.value for one in families['plimsoll_step_intended'].samples if one.labels['journey'] == 'search'}
print(intended['home'] > 0)
";
    let mut command = Command::new(&python);
    command.args(["-c", program]).arg(path);
    let output = command
        .output()
        .unwrap_or_else(|problem| panic!("{}: {problem}; tests/run installs it", python.display()));
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout, "stateset\nsummary seconds\nTrue\n", "{stderr}");
}

#[test]
fn the_shell_in_the_files_is_sound() {
    let mut steps = Vec::new();
    for job in ["duel", "nightly"] {
        steps.extend(github_steps(job));
    }
    for job in ["plimsoll-duel", "plimsoll-nightly"] {
        steps.extend(gitlab_steps(job));
    }
    assert_eq!(steps.len(), 11);
    for step in steps {
        let mut checker = Command::new("shellcheck")
            .args(["--shell", "bash", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck runs; tests/run installs it");
        let mut stdin = checker.stdin.take().expect("a pipe");
        stdin.write_all(step.script.as_bytes()).expect("it is read");
        drop(stdin);
        let output = checker.wait_with_output().expect("it ends");
        assert!(
            output.status.success(),
            "{}: {}",
            step.name,
            String::from_utf8_lossy(&output.stdout)
        );
    }
}
