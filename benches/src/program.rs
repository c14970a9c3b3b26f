//! Runs a program and says what it cost the processor.
//!
//! CPU time is what the kernel adds to its account of ended children (`getrusage(2)`, RUSAGE_CHILDREN)
//! when it hands this one over: to the microsecond, all threads and what they waited for included.

use crate::interrupt;
use anyhow::{Context, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked whether a program has ended.
const LOOK: Duration = Duration::from_millis(5);
/// How long a program that was asked to end may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Time on a processor.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cpu {
    /// In the program, in microseconds.
    pub user_us: f64,
    /// In the kernel on its behalf, in microseconds.
    pub system_us: f64,
}

impl Cpu {
    /// All of it, in microseconds.
    pub fn total_us(self) -> f64 {
        self.user_us + self.system_us
    }

    /// What all children that ended and were waited for have used.
    fn of_children() -> anyhow::Result<Self> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        Ok(Self {
            user_us: usage.user_time().num_microseconds() as f64,
            system_us: usage.system_time().num_microseconds() as f64,
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            user_us: self.user_us - before.user_us,
            system_us: self.system_us - before.system_us,
        }
    }
}

/// What a program left.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it used of the processor.
    pub cpu: Cpu,
    /// From start to end.
    pub wall: Duration,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Finished {
    /// Goes on, if it succeeded.
    ///
    /// # Errors
    /// When it did not, with its last words.
    pub fn success(self) -> anyhow::Result<Self> {
        if self.status.success() {
            return Ok(self);
        }
        let words = self.stderr.lines().chain(self.stdout.lines());
        let words = words.map(str::trim).filter(|line| !line.is_empty());
        bail!(
            "ended with {}: {}",
            self.status,
            words.take(3).collect::<Vec<_>>().join(" / ")
        );
    }
}

/// A program while it runs. It is ended when this is dropped, by its id.
#[derive(Debug)]
pub struct Running {
    child: Child,
    started: Instant,
    stdout: std::fs::File,
    stderr: std::fs::File,
}

impl Running {
    /// Starts a program. What it prints goes into files, so that nobody has to wake up to read it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        interrupt::check()?;
        let name = command.get_program().display().to_string();
        let stdout = tempfile::tempfile()?;
        let stderr = tempfile::tempfile()?;
        command
            .stdin(Stdio::null())
            .stdout(stdout.try_clone()?)
            .stderr(stderr.try_clone()?);
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            child,
            started,
            stdout,
            stderr,
        })
    }

    /// When it was started.
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Resident memory, in bytes.
    ///
    /// # Errors
    /// When the program has ended.
    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        let process = procfs::process::Process::new(i32::try_from(self.id())?)?;
        let kib = process.status()?.vmrss.context("it has ended")?;
        Ok(kib * 1024)
    }

    /// The most resident memory that it has had, in bytes.
    ///
    /// # Errors
    /// When the program has ended.
    pub fn most_resident_bytes(&self) -> anyhow::Result<u64> {
        let process = procfs::process::Process::new(i32::try_from(self.id())?)?;
        let kib = process.status()?.vmhwm.context("it has ended")?;
        Ok(kib * 1024)
    }

    /// How many files it has open.
    ///
    /// # Errors
    /// When the program has ended.
    pub fn open_files(&self) -> anyhow::Result<usize> {
        let process = procfs::process::Process::new(i32::try_from(self.id())?)?;
        Ok(process.fd_count()?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it does not come within `limit`, or somebody wants everything to end.
    pub fn wait(mut self, limit: Duration) -> anyhow::Result<Finished> {
        loop {
            let before = Cpu::of_children()?;
            if let Some(status) = self.child.try_wait()? {
                return Ok(Finished {
                    status,
                    wall: self.started.elapsed(),
                    cpu: Cpu::of_children()?.since(before),
                    stdout: text(&mut self.stdout)?,
                    stderr: text(&mut self.stderr)?,
                });
            }
            interrupt::check()?;
            let is_in_time = self.started.elapsed() < limit;
            ensure!(is_in_time, "had not ended after {} s", limit.as_secs());
            // Looked at again and again: a wait that blocks could neither be given up nor interrupted.
            std::thread::sleep(LOOK);
        }
    }

    /// Asks it to end, and does not ask twice.
    fn end(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let was_asked = id.is_some_and(|id| kill_process(id, Signal::TERM).is_ok());
        let until = Instant::now() + PATIENCE;
        while was_asked && Instant::now() < until {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            // The same: a wait that blocks has no limit.
            std::thread::sleep(LOOK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn text(file: &mut std::fs::File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A command that runs a program on some processors only.
pub fn pinned(program: &Path, cores: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", cores]).arg(program);
    command
}

/// Where a program is, looked for as a shell does, and among system programs.
///
/// # Errors
/// When there is none of this name.
pub fn find(name: &str) -> anyhow::Result<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| format!("{name} is not installed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_charged_for_what_it_did_and_not_for_what_others_did() {
        let busy = |rounds: u32| {
            let mut shell = Command::new("sh");
            shell.args([
                "-c",
                &format!("i=0; while [ $i -lt {rounds} ]; do i=$((i+1)); done"),
            ]);
            let running = Running::start(shell).unwrap();
            let finished = running.wait(Duration::from_secs(60)).unwrap();
            finished.success().unwrap().cpu.total_us()
        };
        let long = busy(300_000);
        assert!(busy(1) < long, "the account starts anew for each program");
    }

    #[test]
    fn a_failure_says_the_last_words() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo no port >&2; exit 3"]);
        let finished = Running::start(shell).unwrap();
        let finished = finished.wait(Duration::from_secs(60)).unwrap();
        let problem = finished.success().unwrap_err().to_string();
        assert!(problem.contains("no port"), "{problem}");
    }

    #[test]
    fn a_program_that_is_given_up_ends() {
        let mut sleep = Command::new("sleep");
        sleep.arg("600");
        let running = Running::start(sleep).unwrap();
        let id = running.id();
        drop(running);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }
}
