//! Which versions were compared.

use crate::bench::Bench;
use crate::generators::oha;
use plimsoll_benches::program::{Running, find};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The programs and their versions, on a line; those that are not there are said to be missing.
pub(crate) fn line(bench: &Bench) -> String {
    let of = |name: &str, arguments: &[&str]| said(name, find(name).ok(), arguments);
    let artillery = bench.tools.join("artillery/node_modules/.bin/artillery");
    [
        said("plimsoll", Some(bench.plimsoll.clone()), &["--version"]),
        of("nginx", &["-v"]),
        of("openssl", &["version"]),
        of("wrk", &["-v"]),
        of("h2load", &["--version"]),
        of("ab", &["-V"]),
        said("oha", oha::path(bench).ok(), &["--version"]),
        hey(),
        goose(bench),
        said(
            "artillery",
            Some(artillery).filter(|path| path.is_file()),
            &["--version"],
        ),
        of("node", &["--version"]),
    ]
    .join(", ")
}

fn said(name: &str, program: Option<PathBuf>, arguments: &[&str]) -> String {
    let Some(program) = program else {
        return format!("{name} missing");
    };
    let version = asked(&program, arguments);
    let version = version.unwrap_or_else(|| "unknown".to_owned());
    format!("{name} {version}")
}

/// The first word with a digit that a program says of itself.
fn asked(program: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    let finished = Running::start(command).ok()?;
    let finished = finished.wait(Duration::from_secs(20)).ok()?;
    version(&format!("{} {}", finished.stdout, finished.stderr))
}

fn version(text: &str) -> Option<String> {
    let mut words = text.split(|letter: char| letter.is_whitespace() || "/,".contains(letter));
    let is_version = |word: &&str| {
        let word = word.trim_start_matches('v');
        word.contains('.') && word.starts_with(|letter: char| letter.is_ascii_digit())
    };
    words
        .find(is_version)
        .map(|word| word.trim_start_matches('v').to_owned())
}

/// hey does not say: Debian does.
fn hey() -> String {
    if find("hey").is_err() {
        return "hey missing".to_owned();
    }
    said(
        "hey",
        find("dpkg-query").ok(),
        &["-W", "-f", "${Version}", "hey"],
    )
}

/// goose is a library: what it was built with is in its lock file.
fn goose(bench: &Bench) -> String {
    if !bench.tools.join("goose/release/journey-goose").is_file() {
        return "goose missing".to_owned();
    }
    let lock = include_str!("../../journey/goose/Cargo.lock");
    let version = lock
        .lines()
        .skip_while(|line| *line != "name = \"goose\"")
        .nth(1);
    let version = version.and_then(|line| line.split('"').nth(1));
    format!("goose {}", version.unwrap_or("unknown"))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (said, expected) in [
            (
                "wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012",
                "4.1.0-3+b2",
            ),
            ("h2load nghttp2/1.52.0", "1.52.0"),
            ("nginx version: nginx/1.22.1", "1.22.1"),
            ("v20.20.2", "20.20.2"),
            ("This is ApacheBench, Version 2.3 <$Revision$>", "2.3"),
            ("plimsoll 0.1.0", "0.1.0"),
        ] {
            assert_eq!(version(said).as_deref(), Some(expected));
        }
        assert_eq!(version("none"), None);
    }
}
