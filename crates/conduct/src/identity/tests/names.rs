//! Sources are told apart by where they stand, and not by what they are called.

use super::*;

#[test]
fn sources_that_are_called_alike_are_two_all_the_same() {
    let mut release = release(2, vec![endpoint("/a"), endpoint("/a")]);
    release.components[0].revision = None;
    let of = |source: usize, phase: Phase, at_s: u64| Sighting {
        source,
        ..sighting("/a", phase, at_s, "4.12.0")
    };
    let first = [of(0, Phase::Before, 0), of(0, Phase::After, 60)];
    assert_eq!(status(&release, &first), IdentityStatus::Unproven);
    let both = [
        &first[..],
        &[of(1, Phase::Before, 0), of(1, Phase::After, 60)],
    ]
    .concat();
    assert_eq!(status(&release, &both), IdentityStatus::Proven);
}

#[test]
fn a_source_with_a_secret_in_its_name_counts() {
    let release = release(1, vec![endpoint("/version?key=hunter2")]);
    let fetch = Answer(|_: &str| page(200, "4.12.0+9f2c1e0"));
    let masker = Masker::new(["hunter2"]);
    let context = Context {
        fetch: &fetch,
        folder: std::path::Path::new("."),
        masker: &masker,
        timeout: crate::fixture::PATIENCE,
    };
    let component = &release.components[0];
    let seen = [(Phase::Before, 0), (Phase::After, 60)].map(|(phase, at_s)| Sighting {
        reading: probe(component, &component.sources[0], context),
        ..sighting("/a", phase, at_s, "4.12.0")
    });
    assert_eq!(seen[0].reading.source, "endpoint /version?key=***");
    assert_eq!(status(&release, &seen), IdentityStatus::Proven);
}
