//! The program under test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// No single run of a test takes longer than this; one that does is ended and fails its test.
const LIMIT: Duration = Duration::from_secs(120);

/// The path of the program: what `PLIMSOLL_PROGRAM` names, or built once for all tests with the profile of the tests.
///
/// # Panics
/// When it cannot be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(built) = std::env::var_os("PLIMSOLL_PROGRAM") {
            return built.into();
        }
        let test = std::env::current_exe().expect("a test knows its own path");
        let profile = test
            .ancestors()
            .nth(2)
            .expect("tests are in target/PROFILE/deps");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--locked", "--package", "plimsoll"]);
        if profile.file_name().is_some_and(|name| name == "release") {
            build.arg("--release");
        }
        build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        assert!(
            build.status().expect("cargo runs").success(),
            "the program builds"
        );
        profile.join("plimsoll")
    })
}

/// What a finished program left.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// Fails the test unless the exit code is as expected.
    ///
    /// # Panics
    /// When it is not, with all that was printed.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "exit code\n-- stdout\n{}\n-- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Runs the program to its end in a folder.
///
/// # Panics
/// When it cannot be started or does not end in time.
pub fn plimsoll<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Finished {
    Running::start(folder, arguments).wait()
}

/// The program while it runs.
pub struct Running {
    child: Child,
    output: Option<(JoinHandle<String>, JoinHandle<String>)>,
    first_line: Option<std::sync::mpsc::Receiver<String>>,
}

impl Running {
    /// Starts the program in a folder.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let mut command = Command::new(program());
        command.args(arguments);
        Self::spawn(folder, command)
    }

    /// Starts the program by a command of another's, such as `prlimit`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(folder: &Path, mut command: Command) -> Self {
        let mut child = command
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, first_line) = std::sync::mpsc::channel();
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = child.stderr.take();
        let stdout = std::thread::spawn(move || read_lines(stdout, &sender));
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            if let Some(mut stderr) = stderr {
                let _ = stderr.read_to_string(&mut text);
            }
            text
        });
        Self {
            child,
            output: Some((stdout, stderr)),
            first_line: Some(first_line),
        }
    }

    /// Waits for the first line on standard output.
    ///
    /// # Panics
    /// When none comes.
    pub fn first_line(&mut self) -> String {
        self.first_line
            .take()
            .and_then(|line| line.recv_timeout(LIMIT).ok())
            .expect("a first line")
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, `INT` or `KILL`.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success(), "the signal is sent");
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// When it does not come in time.
    pub fn wait(mut self) -> Finished {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self
                .child
                .try_wait()
                .expect("the program can be waited for")
            {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the program ends within {LIMIT:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        let (stdout, stderr) = self.output.take().expect("output is taken once");
        Finished {
            code: status.code(),
            stdout: stdout.join().expect("stdout is read"),
            stderr: stderr.join().expect("stderr is read"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(
    stdout: Option<BufReader<ChildStdout>>,
    first: &std::sync::mpsc::Sender<String>,
) -> String {
    let mut text = String::new();
    let Some(mut stdout) = stdout else {
        return text;
    };
    if stdout.read_line(&mut text).is_ok() {
        let _ = first.send(text.trim_end().to_owned());
    }
    let _ = stdout.read_to_string(&mut text);
    text
}
