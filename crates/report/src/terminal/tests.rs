use proptest::prelude::*;

use super::*;
use crate::fixture;

fn rendered(run: &Run, style: Style) -> String {
    let mut out = Vec::new();
    render(run, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn at(columns: u16) -> Style {
    Style {
        color: false,
        columns: Some(columns),
    }
}

#[test]
fn every_kind_of_run_reads_well() {
    for (name, run) in fixture::all() {
        insta::assert_snapshot!(format!("{name}_100"), rendered(&run, at(100)));
    }
    insta::assert_snapshot!("failing_80", rendered(&fixture::failing(), at(80)));
    insta::assert_snapshot!("failing_120", rendered(&fixture::failing(), at(120)));
    insta::assert_snapshot!("failing_50", rendered(&fixture::failing(), at(50)));
    insta::assert_snapshot!("closed_80", rendered(&fixture::closed(), at(80)));
}

#[test]
fn every_kind_of_plan_reads_well() {
    for (name, run) in fixture::plans() {
        insta::assert_snapshot!(name, rendered(&run, at(100)));
    }
}

#[test]
fn nothing_raw_reaches_the_terminal() {
    let out = rendered(&fixture::hostile(), at(100));
    let raw = |one: &char| one.is_control() && *one != '\n' || *one == '\u{202e}';
    assert_eq!(out.chars().find(raw), None);
    let plan = rendered(&fixture::hostile_plan(), at(100));
    assert_eq!(plan.chars().find(raw), None);
    let lines = |run: &Run| rendered(run, Style::default()).lines().count();
    assert_eq!(
        lines(&fixture::hostile()),
        rendered(&fixture::hostile(), Style::default())
            .split('\n')
            .count()
            - 1
    );
}

proptest! {
    #[test]
    fn no_name_adds_a_line_or_a_code(name in any::<String>(), columns in 20_u16..200) {
        let mut run = fixture::failing();
        run.name.clone_from(&name);
        run.tests[0].journeys[1].name.clone_from(&name);
        run.tests[0].examples[0].message = name;
        let out = rendered(&run, at(columns));
        prop_assert!(!out.contains(|one: char| one.is_control() && one != '\n'));
        let unlimited = rendered(&run, Style::default());
        let expected = rendered(&fixture::failing(), Style::default());
        prop_assert_eq!(unlimited.lines().count(), expected.lines().count());
    }
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    for (name, run) in fixture::all().into_iter().chain(fixture::plans()) {
        let colored = rendered(
            &run,
            Style {
                color: true,
                ..at(100)
            },
        );
        let mut bare = String::new();
        let mut inside = false;
        for one in colored.chars() {
            match one {
                '\u{1b}' => inside = true,
                'm' if inside => inside = false,
                _ if inside => {}
                one => bare.push(one),
            }
        }
        assert!(colored.contains("\u{1b}["), "{name}");
        // Blanks at the end of a line are within the colour, or not there.
        let bare: Vec<_> = bare.lines().map(str::trim_end).collect();
        let plain = rendered(&run, at(100));
        assert_eq!(bare, plain.lines().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_run_read_back_renders_the_same() {
    for (name, run) in fixture::all() {
        let mut json = Vec::new();
        run.write(&mut json).unwrap();
        let read = Run::read(&String::from_utf8(json).unwrap()).unwrap();
        assert_eq!(read, run, "{name}");
        assert_eq!(rendered(&read, at(100)), rendered(&run, at(100)), "{name}");
    }
}

#[test]
fn lines_stay_within_the_terminal() {
    for (name, run) in fixture::all().into_iter().chain(fixture::plans()) {
        if name == "hostile" {
            continue;
        }
        for columns in [80, 100, 120] {
            for line in rendered(&run, at(columns)).lines() {
                let width = line.chars().count();
                assert!(width <= usize::from(columns), "{name} at {columns}: {line}");
            }
        }
    }
}
