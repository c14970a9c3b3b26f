use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::document::Item;
use crate::fixture;

fn rendered(run: &Run) -> String {
    let mut out = Vec::new();
    render(run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Lines that are samples.
fn samples(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// What GitLab makes of a line: it leaves out everything from a `#` on, takes words as a shell does,
/// and has the first for the name and the second for the value. `None` if quotes do not match.
fn as_gitlab_does(line: &str) -> Option<Vec<String>> {
    let line = line.split('#').next().unwrap_or_default();
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.chars();
    while let Some(one) = rest.next() {
        match one {
            '"' => is_quoted = !is_quoted,
            '\'' if !is_quoted => return None,
            '\\' => match rest.next() {
                Some(next) if !is_quoted || "$`\"\\".contains(next) => word.push(next),
                Some(next) => word.extend(['\\', next]),
                None => return None,
            },
            ' ' if !is_quoted => words.push(std::mem::take(&mut word)),
            one => word.push(one),
        }
    }
    words.push(word);
    (!is_quoted).then_some(words)
}

#[test]
fn every_kind_of_run_is_told_apart() {
    for (name, run) in [
        ("healthy", fixture::healthy()),
        ("failing", fixture::failing()),
        ("empty", fixture::empty()),
        ("hostile", fixture::hostile()),
    ] {
        insta::assert_snapshot!(name, rendered(&run));
    }
}

#[test]
fn gitlab_reads_a_name_and_a_value_from_every_line() {
    for (name, run) in fixture::all().into_iter().chain(fixture::plans()) {
        let mut run = run;
        run.name.push_str(" #1 \"it's\" \\");
        let text = rendered(&run);
        let mut names = BTreeSet::new();
        for line in samples(&text) {
            let words = as_gitlab_does(line);
            let words = words.unwrap_or_else(|| panic!("{name}: {line}"));
            let [series, value] = words.as_slice() else {
                panic!("{name}: {words:?}");
            };
            assert!(names.insert(series.clone()), "{name}: {series} comes twice");
            assert!(value.parse::<f64>().is_ok(), "{name}: {value}");
        }
        assert!(text.ends_with("\n# EOF\n"), "{name}");
        assert!(!text.contains("NaN"), "{name}");
    }
}

#[test]
fn one_state_holds_of_everything_that_has_states() {
    for (name, run) in fixture::plans() {
        let text = rendered(&run);
        let of = |family: &str| {
            let holds = samples(&text).filter(|line| line.starts_with(family));
            let holds: Vec<_> = holds.filter(|line| line.ends_with(" 1")).collect();
            holds.len()
        };
        assert_eq!(of("plimsoll_run_verdict{"), 1, "{name}");
        assert_eq!(of("plimsoll_run_validity{"), 1, "{name}");
        assert_eq!(of("plimsoll_item_state{"), run.items.len(), "{name}");
    }
}

#[test]
fn a_threshold_that_is_asked_for_twice_has_one_sample() {
    let mut run = fixture::healthy();
    let twice: Vec<Item> = run.items.iter().chain(&run.items).cloned().collect();
    let once = rendered(&run);
    run.items = twice;
    assert_eq!(rendered(&run), once);
}

proptest! {
    #[test]
    fn seconds_are_exact(ns in any::<u64>()) {
        let text = seconds(ns);
        let (whole, part) = text.split_once('.').unwrap();
        let part = format!("{part:0<9}");
        let back = whole.parse::<u128>().unwrap() * 1_000_000_000 + part.parse::<u128>().unwrap();
        prop_assert_eq!(back, u128::from(ns));
    }
}
