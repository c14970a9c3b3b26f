//! Jobs as their files say them, and checkouts in which they are run.

use crate::folder;
use plimsoll_tests::forge::{Forge, TOKEN};
use plimsoll_tests::nginx::free_ports;
use plimsoll_tests::program::program;
use plimsoll_tests::{Finished, Running};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub(super) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// A result is decided by one request, and quickly.
const SHOP: &str = "name: shop\ntarget: http://127.0.0.1:1\njourneys: { buy: { weight: 1, steps: [ { name: home, GET: /null } ] } }\n";

/// A step of a job: a piece of shell.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) script: String,
    /// Whether it is run after a step that failed, too.
    pub(super) always: bool,
    pub(super) variables: BTreeMap<String, String>,
}

pub(super) fn file(name: &str) -> Value {
    let path = Path::new(ROOT).join("docs/ci").join(name);
    let text = fs::read_to_string(path).expect("a file of docs/ci");
    serde_saphyr::from_str(&text).expect("YAML")
}

pub(super) fn texts(map: &Value) -> BTreeMap<String, String> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
        .collect()
}

pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The steps of a job of GitHub's file that are shell.
pub(super) fn github_steps(job: &str) -> Vec<Step> {
    let file = file("github-actions.yml");
    assert_eq!(file["defaults"]["run"]["shell"], "bash");
    let steps = file["jobs"][job]["steps"]
        .as_array()
        .expect("steps")
        .clone();
    let shell = steps.iter().filter(|step| step["run"].is_string());
    shell
        .map(|step| Step {
            name: text(step, "name").to_owned(),
            script: text(step, "run").to_owned(),
            always: ["always()", "!cancelled()"]
                .iter()
                .any(|one| text(step, "if").contains(one)),
            variables: texts(&step["env"]),
        })
        .collect()
}

/// The steps of a job of GitLab's file: what it does in one shell, and what comes after in another.
pub(super) fn gitlab_steps(job: &str) -> Vec<Step> {
    let file = file("gitlab-ci.yml");
    let lines = |value: &Value| -> Vec<String> {
        let lines = value.as_array().into_iter().flatten();
        lines
            .filter_map(|line| Some(line.as_str()?.to_owned()))
            .collect()
    };
    let parent = &file[text(&file[job], "extends")];
    let mut script = lines(&parent["before_script"]);
    script.extend(lines(&file[job]["script"]));
    let after = lines(&file[job]["after_script"]);
    [("script", script, false), ("after_script", after, true)]
        .into_iter()
        .filter(|(_, lines, _)| !lines.is_empty())
        .map(|(name, lines, always)| Step {
            name: name.to_owned(),
            script: lines.join("\n"),
            always,
            variables: BTreeMap::new(),
        })
        .collect()
}

/// A checkout in which a job is run.
pub(super) struct Checkout {
    _home: tempfile::TempDir,
    pub(super) folder: PathBuf,
    pub(super) variables: BTreeMap<String, String>,
}

impl Checkout {
    /// A clone of this repository whose base answers after 5 ms, and whose head after `latency`.
    pub(super) fn new(latency: &str) -> Self {
        let home = folder();
        let folder = home.path().join("checkout");
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet", ROOT]).arg(&folder);
        let status = clone.status().expect("git runs");
        assert!(status.success(), "the repository is cloned");
        let [port] = free_ports();
        let path = std::env::var("PATH").expect("a path");
        let own = program().parent().expect("the program's folder").display();
        let checkout = Self {
            variables: [
                ("PATH", format!("{own}:{path}")),
                ("HOME", home.path().display().to_string()),
                ("NO_COLOR", "1".to_owned()),
                // What these files offer to change.
                ("INSTALL", "plimsoll --version".to_owned()),
                ("BUILD", format!("mkdir -p target/release && ln -sf '{}' target/release/plimsoll", program().display())),
                ("SERVE", format!("./target/release/plimsoll target --listen 127.0.0.1:{port} --latency \"$(cat latency)\"")),
                ("AT", format!("http://127.0.0.1:{port}")),
                ("SCENARIO", "shop.yaml".to_owned()),
                ("DUEL", "--rate 40/s --rounds 6 --most 6 --round 500ms --metric p50".to_owned()),
                ("RUN", "--duration 1s".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
            _home: home,
            folder,
        };
        checkout.commit("main", "5ms");
        checkout.commit("change", latency);
        checkout
    }

    /// Commits to a new branch.
    pub(super) fn commit(&self, branch: &str, latency: &str) {
        fs::write(self.folder.join("shop.yaml"), SHOP).expect("a scenario");
        fs::write(self.folder.join("latency"), latency).expect("a latency");
        self.git(&["checkout", "--quiet", "-B", branch]);
        self.git(&["add", "shop.yaml", "latency"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", branch]);
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b.test"];
        let mut git = Command::new("git");
        git.current_dir(&self.folder).args(who).args(arguments);
        let output = git.output().expect("git runs");
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Runs a step as a runner does.
    pub(super) fn step(&self, step: &Step) -> Finished {
        let script = self.folder.with_extension("sh");
        fs::write(&script, &step.script).expect("a script");
        let mut shell = Command::new("bash");
        shell
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(script);
        shell.env_clear().envs(&self.variables);
        for (name, value) in &step.variables {
            let value = match value.as_str() {
                "${{ github.token }}" => TOKEN,
                "${{ github.event.pull_request.number }}" => "12",
                "${{ github.event.pull_request.head.sha }}" => "c0ffee",
                other => panic!("{name}: what {other} is has to be said here"),
            };
            shell.env(name, value);
        }
        Running::spawn(&self.folder, shell).wait()
    }

    /// Runs the steps of a job, and says what each that was run ended with.
    pub(super) fn job(&self, steps: &[Step]) -> Vec<(String, Finished)> {
        let mut done: Vec<(String, Finished)> = Vec::new();
        for step in steps {
            let has_failed = done.iter().any(|(_, finished)| finished.code != Some(0));
            if step.always || !has_failed {
                done.push((step.name.clone(), self.step(step)));
            }
        }
        done
    }

    /// Fails unless everything is there that a job keeps.
    pub(super) fn assert_kept(&self, paths: &[&str]) {
        for path in paths {
            assert!(self.folder.join(path).exists(), "{path} is there");
        }
    }
}

/// Runs a job up to three times: a machine that did not keep up (22) says nothing of a build.
pub(super) fn until_valid(
    job: impl Fn() -> (Checkout, Vec<(String, Finished)>),
) -> (Checkout, Vec<(String, Finished)>) {
    let is_spoilt = |done: &[(String, Finished)]| {
        let mut done = done.iter();
        done.any(|(_, finished)| finished.code == Some(22))
    };
    let mut last = job();
    for _ in 0..2 {
        if is_spoilt(&last.1) {
            last = job();
        }
    }
    last
}

/// A checkout as GitHub makes it of a pull request: the merge.
pub(super) fn pull_request(forge: &Forge, latency: &str) -> Checkout {
    let mut checkout = Checkout::new(latency);
    checkout.git(&["checkout", "--quiet", "main"]);
    checkout.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--message",
        "merge",
        "change",
    ]);
    github(&mut checkout);
    checkout.set("GITHUB_API_URL", &forge.url());
    checkout
}

pub(super) fn github(checkout: &mut Checkout) {
    let env = texts(&file("github-actions.yml")["env"]);
    for (name, value) in env {
        checkout.variables.entry(name).or_insert(value);
    }
    let summary = checkout.folder.with_extension("summary");
    fs::write(&summary, "").expect("a summary");
    checkout.set("GITHUB_STEP_SUMMARY", &summary.display().to_string());
    checkout.set("GITHUB_SERVER_URL", "https://forge.test");
    checkout.set("GITHUB_RUN_ID", "99");
    checkout.set("GITHUB_REPOSITORY", "a/shop");
    checkout.set("GITHUB_REF_NAME", "main");
    let commit = checkout.git(&["rev-parse", "HEAD"]);
    checkout.set("GITHUB_SHA", &commit);
}

pub(super) fn summary(checkout: &Checkout) -> String {
    fs::read_to_string(checkout.folder.with_extension("summary")).expect("a summary")
}

pub(super) fn gitlab(checkout: &mut Checkout) {
    let variables = texts(&file("gitlab-ci.yml")["variables"]);
    for (name, value) in variables {
        checkout.variables.entry(name).or_insert(value);
    }
    checkout.set("CI_COMMIT_REF_NAME", "main");
    let commit = checkout.git(&["rev-parse", "HEAD"]);
    checkout.set("CI_COMMIT_SHA", &commit);
}

/// A checkout as GitLab makes it of a merge request.
pub(super) fn merge_request(forge: &Forge) -> Checkout {
    let mut checkout = Checkout::new("60ms");
    gitlab(&mut checkout);
    let base = checkout.git(&["rev-parse", "main"]);
    checkout.set("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base);
    checkout.set("CI_MERGE_REQUEST_PROJECT_ID", "3");
    checkout.set("CI_MERGE_REQUEST_IID", "12");
    checkout.set("CI_API_V4_URL", &forge.url());
    checkout.set("CI_JOB_URL", "https://forge.test/jobs/7");
    checkout.set("GITLAB_TOKEN", TOKEN);
    // What is built and started has no token.
    let build = format!(
        "[ -z \"${{GITLAB_TOKEN:-}}\" ] && {}",
        checkout.variables["BUILD"]
    );
    checkout.set("BUILD", &build);
    checkout
}
