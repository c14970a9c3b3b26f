//! Compares the configuration that was rendered for a release with the one deployed where it is tested.

mod difference;
mod flat;
mod parse;

use difference::Differences;
use plimsoll_report::document::Config;
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::ConfigComparison;
use std::io::Read;
use std::path::Path;

/// Largest file that is read, in bytes.
pub const LARGEST_FILE: u64 = 8 << 20;
/// Most differences that are listed. All are looked at.
pub const MOST_DIFFERENCES: usize = 200;

/// Compares two files as trees: YAML, JSON and TOML by their extension, `.env` and `.properties` as
/// flat maps. A YAML file of several documents is a list of them.
///
/// A difference is named by its JSON pointer (RFC 6901). It is allowed if the plan declares its pointer or
/// one that it lies below. Values whose key says that they are secret are masked, and so is the value of an
/// entry such as `{ name: DB_PASSWORD, value: … }`; a map or list that is missing is only counted.
pub fn compare(comparison: &ConfigComparison, folder: &Path, masker: &Masker) -> Config {
    let mut config = Config {
        rendered: comparison.rendered.display().to_string(),
        deployed: comparison.deployed.display().to_string(),
        matches: false,
        differences: Vec::new(),
        problem: None,
    };
    let read = |path: &Path| {
        let text = read(&folder.join(path))?;
        parse::parse(path, &text)
    };
    let both = read(&comparison.rendered)
        .map_err(|problem| format!("`{}` {problem}", config.rendered))
        .and_then(|rendered| {
            let deployed = read(&comparison.deployed);
            let deployed = deployed.map_err(|problem| format!("`{}` {problem}", config.deployed));
            Ok((rendered, deployed?))
        });
    match both {
        Err(problem) => config.problem = Some(masker.mask(&problem).into_owned()),
        Ok((rendered, deployed)) => {
            let mut differences = Differences::new(&comparison.allowed, masker);
            differences.between(&rendered, &deployed);
            config.matches = differences.undeclared() == 0;
            config.differences = differences.listed();
        }
    }
    config
}

fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| {
        format!("cannot be read ({error}); write its path as seen from the plan's folder")
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err("is larger than 8 MiB; compare the files that matter".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8; save it as UTF-8".to_owned())
}

#[cfg(test)]
mod tests;
