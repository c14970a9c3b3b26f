use super::*;
use proptest::prelude::*;

fn any_sighting() -> impl Strategy<Value = Sighting> {
    let text = prop_oneof![
        Just("4.12.0+9f2c1e0"),
        Just("4.12.0"),
        Just(REVISION),
        Just("4.11.0"),
        Just("")
    ];
    let phase = prop_oneof![
        Just((Phase::Before, 0..1u64)),
        Just((Phase::During, 1..50)),
        Just((Phase::After, 60..61))
    ];
    (0..4usize, phase, text).prop_flat_map(|(source, (phase, range), text)| {
        range.prop_map(move |at| sighting(&format!("/{source}"), phase, at, text))
    })
}

fn four_sources(min_sources: usize) -> Release {
    release(
        min_sources,
        (0..4)
            .map(|source| endpoint(&format!("/{source}")))
            .collect(),
    )
}

proptest! {
    #[test]
    fn more_agreement_never_makes_it_worse(
        seen in proptest::collection::vec(any_sighting(), 0..12),
        more in any_sighting(),
        needed in 1..4usize,
    ) {
        let release = four_sources(needed);
        let mut more = more;
        more.reading.said = read("4.12.0+9f2c1e0", VERSION);
        let before = status(&release, &seen);
        let seen = [seen, vec![more]].concat();
        prop_assert!(status(&release, &seen) <= before);
    }

    #[test]
    fn one_that_disagrees_never_leaves_it_proven(
        seen in proptest::collection::vec(any_sighting(), 0..12),
        other in any_sighting(),
        needed in 1..4usize,
    ) {
        let release = four_sources(needed);
        let mut other = other;
        other.reading.said = read("4.11.0", VERSION);
        let seen = [seen, vec![other]].concat();
        prop_assert!(status(&release, &seen) > IdentityStatus::Unproven);
        let tests = tests();
        let evidence = Evidence { sightings: &seen, tests: &tests, ..Evidence::default() };
        let last = &tests[2];
        if seen.iter().any(|seen| seen.at_ns < last.until_ns && seen.reading.said == read("4.11.0", VERSION)) {
            prop_assert!(undeclared_since(&release, &evidence).is_some());
        }
    }

    #[test]
    fn no_text_panics(text in ".*", place in ".*") {
        let _ = read(&text, VERSION);
        let _ = read_document(&text, Some(&place), None, VERSION);
        let _ = read_document(&text, None, None, &place);
    }
}
