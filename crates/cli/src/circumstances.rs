//! Under which circumstances a run is made: the machine, the target, the options that matter, and
//! where the build comes from.

use crate::args::Load;
use crate::record::hex_digest;
use plimsoll_report::document::{Circumstances, Machine, Origin};
use plimsoll_scenario::plan::ReadinessPlan;
use plimsoll_scenario::{Address, Scenario};
use std::fs::read_to_string;
use std::process::{Command, Stdio};

/// Those of a scenario that is run alone.
pub(crate) fn of_scenario(scenario: &Scenario, load: &Load) -> Circumstances {
    Circumstances {
        machine: machine(),
        scenario: Some(scenario.name.clone()),
        target: target(scenario),
        options: Some(options(load).join(", ")).filter(|options| !options.is_empty()),
        origin: origin(),
    }
}

/// Those of a command that drives many short tests, which says its options itself.
pub(crate) fn of_target(scenario: &Scenario) -> Circumstances {
    Circumstances {
        machine: machine(),
        scenario: Some(scenario.name.clone()),
        target: target(scenario),
        options: None,
        origin: origin(),
    }
}

/// Those of a plan.
pub(crate) fn of_plan(plan: &ReadinessPlan, load: &Load) -> Circumstances {
    let mut options = options(load);
    // Without the lines, which move when anything is written above them.
    let disturbed: Vec<_> = plan
        .tests
        .iter()
        .filter(|test| !test.inject.is_empty() || test.warmup.is_some())
        .map(|test| {
            let injected = test.inject.iter();
            let injected: Vec<_> = injected
                .map(|one| (one.after, &one.action, &one.undo, one.undo_after))
                .collect();
            format!("{} {:?} {injected:?}", test.name, test.warmup)
        })
        .collect();
    if !disturbed.is_empty() {
        let digest = hex_digest(disturbed.join("\n").as_bytes());
        options.push(format!("injections and warm-ups {}", &digest[..12]));
    }
    Circumstances {
        options: Some(options.join(", ")).filter(|options| !options.is_empty()),
        ..of_scenario(&plan.scenario, load)
    }
}

/// Those of a document in the form of the history.
pub(crate) fn for_history(known: &Circumstances) -> plimsoll_history::Circumstances {
    let machine = &known.machine;
    plimsoll_history::Circumstances {
        machine: plimsoll_history::Machine {
            processor: machine.processor.clone(),
            cores: machine.cores,
            memory_bytes: machine.memory_bytes,
            kernel: machine.kernel.clone(),
        },
        target: known.target.clone(),
        options: known.options.clone(),
    }
}

/// What differs from what is usual.
fn options(load: &Load) -> Vec<String> {
    let mut options = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        options.extend(value.map(|value| format!("{name} {value}")));
    };
    let duration = |duration: std::time::Duration| format!("{duration:?}");
    let usual_grace = std::time::Duration::from_secs(30);
    add(
        "grace",
        (load.driving.grace != usual_grace).then(|| duration(load.driving.grace)),
    );
    add("drop-after", load.drop_after.map(duration));
    add("warmup", load.warmup.map(duration));
    add(
        "iterations",
        load.iterations.map(|number| number.to_string()),
    );
    add("max-rate", load.max_rate.map(|rate| format!("{rate}/s")));
    add("abort-on", load.abort_on.clone());
    if load.stop_when_decided {
        options.push("stop-when-decided".to_owned());
    }
    options
}

/// What the load goes to.
pub(crate) fn target(scenario: &Scenario) -> Option<String> {
    let targets = scenario.targets.iter();
    let names: Vec<String> = targets
        .map(|target| match &target.address {
            Address::Demo => "demo".to_owned(),
            Address::Url(url) => scenario
                .secrets
                .mask(url.as_str().trim_end_matches('/'))
                .into_owned(),
        })
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// This machine, as far as procfs tells.
pub(crate) fn machine() -> Machine {
    let cores = std::thread::available_parallelism().ok();
    let kernel = ["/proc/sys/kernel/ostype", "/proc/sys/kernel/osrelease"]
        .map(|path| read_to_string(path).ok().map(|text| text.trim().to_owned()));
    Machine {
        processor: read_to_string("/proc/cpuinfo")
            .ok()
            .and_then(|text| processor(&text)),
        cores: cores.and_then(|cores| u32::try_from(cores.get()).ok()),
        memory_bytes: read_to_string("/proc/meminfo")
            .ok()
            .and_then(|text| memory_bytes(&text)),
        kernel: match kernel {
            [Some(name), Some(release)] => Some(format!("{name} {release}")),
            _ => None,
        },
    }
}

/// The model of the first processor in `/proc/cpuinfo`: x86 and others name it differently.
fn processor(text: &str) -> Option<String> {
    ["model name", "cpu model", "Processor", "uarch"]
        .iter()
        .find_map(|name| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            let (_, value) = lines.find(|(key, _)| key.trim() == *name)?;
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        })
}

/// `MemTotal:  16384 kB` of `/proc/meminfo`.
fn memory_bytes(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Where the build comes from: the continuous integration knows, or else the repository of the folder
/// that the program was started in.
pub(crate) fn origin() -> Origin {
    let job = origin_of_job();
    if job.revision.is_some() && job.branch.is_some() {
        return job;
    }
    // One question: each is a process, and the load waits for it.
    let status = git(&[
        "--no-optional-locks",
        "status",
        "--porcelain=v2",
        "--branch",
        "--untracked-files=no",
    ]);
    let here = status.map_or_else(Origin::default, |status| origin_of_status(&status));
    Origin {
        revision: job.revision.or(here.revision),
        branch: job.branch.or(here.branch),
    }
}

/// What `git status --porcelain=v2 --branch` says: the commit, `-dirty` if anything differs from it, and the branch.
fn origin_of_status(status: &str) -> Origin {
    let header = |name: &str| {
        let mut values = status.lines().filter_map(|line| line.strip_prefix(name));
        // `(initial)` is no commit, and `(detached)` no branch.
        let value = values.find(|value| !value.starts_with('('));
        value.map(str::to_owned)
    };
    let is_dirty = status.lines().any(|line| !line.starts_with('#'));
    let dirty = if is_dirty { "-dirty" } else { "" };
    Origin {
        revision: header("# branch.oid ").map(|commit| format!("{commit}{dirty}")),
        branch: header("# branch.head "),
    }
}

/// What GitHub and GitLab say in the environment of their jobs.
pub(crate) fn origin_of_job() -> Origin {
    origin_from(&|name| std::env::var(name).ok())
}

fn origin_from(variable: &dyn Fn(&str) -> Option<String>) -> Origin {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| variable(name));
        values.find(|value| !value.trim().is_empty())
    };
    Origin {
        revision: first(&["GITHUB_SHA", "CI_COMMIT_SHA"]),
        // Of a pull request the branch that is to be merged, not `12/merge`.
        branch: first(&["GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME"]),
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    (answer.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_told_by_procfs() {
        let x86 = "processor\t: 0\nmodel name\t: Some CPU @ 3.10GHz\nmodel name\t: other\n";
        assert_eq!(processor(x86).as_deref(), Some("Some CPU @ 3.10GHz"));
        assert_eq!(processor("CPU part\t: 0xd0c\n"), None);
        assert_eq!(memory_bytes("MemTotal:       16384 kB\n"), Some(16 << 20));
        assert_eq!(memory_bytes("MemTotal: many\n"), None);
    }

    #[test]
    fn a_repository_tells_its_commit_and_its_branch() {
        let commit = "9f2c1e07aa0b4c1d8e9f00112233445566778899";
        let origin = |oid: &str, head: &str, rest: &str| {
            let status = format!(
                "# branch.oid {oid}\n# branch.head {head}\n# branch.upstream origin/main\n# branch.ab +1 -0\n{rest}"
            );
            let Origin { revision, branch } = origin_of_status(&status);
            (revision, branch)
        };
        let main = Some("main".to_owned());
        assert_eq!(
            origin(commit, "main", ""),
            (Some(commit.to_owned()), main.clone())
        );
        let changed = "1 .M N... 100644 100644 100644 1234 1234 shop.yaml\n";
        assert_eq!(
            origin(commit, "(detached)", changed),
            (Some(format!("{commit}-dirty")), None)
        );
        assert_eq!(origin("(initial)", "main", ""), (None, main));
    }

    #[test]
    fn a_pull_request_is_told_by_its_own_branch() {
        let github = |name: &str| match name {
            "GITHUB_SHA" => Some("abc".to_owned()),
            "GITHUB_HEAD_REF" => Some("faster".to_owned()),
            "GITHUB_REF_NAME" => Some("12/merge".to_owned()),
            _ => None,
        };
        let origin = origin_from(&github);
        assert_eq!(origin.revision.as_deref(), Some("abc"));
        assert_eq!(origin.branch.as_deref(), Some("faster"));
        // Empty on a push.
        let push = |name: &str| match name {
            "GITHUB_HEAD_REF" => Some(String::new()),
            "GITHUB_REF_NAME" => Some("main".to_owned()),
            _ => None,
        };
        assert_eq!(origin_from(&push).branch.as_deref(), Some("main"));
    }
}
