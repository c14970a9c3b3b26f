use super::text::{read, read_document};
use super::*;
use crate::fixture::{Answer, page, script, words};
use plimsoll_measure::Tier;
use plimsoll_report::document::{Config, IdentityStatus, Served};
use plimsoll_scenario::Masker;
use plimsoll_scenario::plan::{IdentitySource, Release};

const VERSION: &str = "4.12.0";
const REVISION: &str = "9f2c1e07aa0b4c1d8e9f00112233445566778899";
const SECOND: u64 = 1_000_000_000;

fn endpoint(url: &str) -> IdentitySource {
    IdentitySource::Endpoint {
        url: url.into(),
        version: None,
        revision: None,
    }
}

fn header() -> IdentitySource {
    IdentitySource::Header {
        name: "x-release-id".into(),
    }
}

fn release(min_sources: usize, sources: Vec<IdentitySource>) -> Release {
    Release {
        version: VERSION.into(),
        revision: Some(REVISION.into()),
        min_sources,
        components: vec![Component {
            name: "web".into(),
            tier: Tier::Critical,
            version: VERSION.into(),
            revision: Some(REVISION.into()),
            sources,
            line: 3,
        }],
        config: None,
        line: 1,
    }
}

fn tests() -> Vec<TestSpan> {
    let test = |name: &str, from: u64| TestSpan {
        name: name.into(),
        from_ns: from * SECOND,
        until_ns: (from + 10) * SECOND,
    };
    vec![test("smoke", 1), test("expected", 20), test("rollback", 40)]
}

/// What `/a` or `/0` said, which is the first source, or `/b` or `/1`, the second.
fn sighting(source: &str, phase: Phase, at_s: u64, text: &str) -> Sighting {
    let last = source.bytes().last().unwrap_or_default();
    let first = if last.is_ascii_digit() { b'0' } else { b'a' };
    Sighting {
        component: "web".into(),
        source: usize::from(last - first),
        phase,
        test: None,
        at_ns: at_s * SECOND,
        reading: Reading {
            source: format!("endpoint {source}"),
            said: read(text, VERSION),
        },
    }
}

fn served(test: &str, value: Option<&str>, first: u64, last: u64) -> Served {
    Served {
        test: test.into(),
        header: "x-release-id".into(),
        value: value.map(str::to_owned),
        responses: 100,
        first_ns: first * SECOND,
        last_ns: last * SECOND,
        expected: false,
    }
}

fn status(release: &Release, sightings: &[Sighting]) -> IdentityStatus {
    let tests = tests();
    let evidence = Evidence {
        sightings,
        tests: &tests,
        ..Evidence::default()
    };
    assess(release, &evidence).status
}

#[test]
fn texts_are_read_in_every_form() {
    let said = |text: &str| {
        let said = read(text, VERSION).unwrap();
        (said.version, said.revision, said.digest)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        said("4.12.0+9f2c1e0"),
        (some("4.12.0"), some("9f2c1e0"), None)
    );
    assert_eq!(
        said(" v4.12.0 9f2c1e0\n"),
        (some("v4.12.0"), some("9f2c1e0"), None)
    );
    assert_eq!(said("4.12.0"), (some("4.12.0"), None, None));
    assert_eq!(said(REVISION), (None, some(REVISION), None));
    assert_eq!(said("4.12.0+build.5"), (some("4.12.0+build.5"), None, None));
    assert_eq!(said("9f2c1e0-dirty"), (some("9f2c1e0-dirty"), None, None));
    let digest = format!("sha256:{}", "a".repeat(64));
    assert_eq!(
        said(&format!(
            "shop/web@{}",
            digest.to_uppercase().replace("SHA", "sha")
        )),
        (None, None, Some(digest))
    );
    // A version of digits only is no revision where it is expected.
    assert_eq!(
        read("20261118", "20261118").unwrap().version,
        some("20261118")
    );
    for wrong in ["", "web version 4.12.0", "4.12.0 latest"] {
        assert!(read(wrong, VERSION).is_err(), "{wrong}");
    }
}

#[test]
fn documents_are_read_by_name_by_path_and_without_either() {
    let json = r#"{"version": "4.12.0", "build": {"commit": "9f2c1e0"}, "n": 7}"#;
    let at = |version: Option<&str>, revision: Option<&str>| {
        read_document(json, version, revision, VERSION)
    };
    let said = at(Some("version"), Some("$.build.commit")).unwrap();
    assert_eq!(said.version.as_deref(), Some("4.12.0"));
    assert_eq!(said.revision.as_deref(), Some("9f2c1e0"));
    assert_eq!(at(Some("n"), None).unwrap().version.as_deref(), Some("7"));
    let error = at(Some("nothing"), None).unwrap_err();
    assert!(error.contains("`nothing`"), "{error}");
    assert!(at(Some("$["), None).unwrap_err().contains("no JSONPath"));
    assert_eq!(at(None, None).unwrap().version.as_deref(), Some("4.12.0"));
    let whole = read_document(r#"{"id": "4.12.0+9f2c1e0"}"#, Some("id"), None, VERSION).unwrap();
    assert_eq!(whole.revision.as_deref(), Some("9f2c1e0"));
    assert!(
        read_document("4.12.0", Some("version"), None, VERSION)
            .unwrap_err()
            .contains("not JSON")
    );
    assert!(read_document("{}", None, None, VERSION).is_err());
    assert_eq!(
        read_document("\"4.12.0\"", None, None, VERSION)
            .unwrap()
            .version
            .as_deref(),
        Some("4.12.0")
    );
}

#[test]
fn the_same_version_and_the_same_revision() {
    assert!(same_version("v4.12.0", "4.12.0") && same_version("V1", "1"));
    assert!(!same_version("4.12.0", "4.12") && !same_version("vienna", "ienna"));
    assert!(same_revision("9F2C1E0", REVISION) && same_revision(REVISION, "9f2c1e07aa"));
    assert!(!same_revision("9f2c1e", REVISION), "six digits are too few");
    assert!(!same_revision("9f2c1e1", REVISION));
    assert!(same_revision("r1234", "R1234") && !same_revision("r12345678", "r1234567"));
}

#[test]
fn every_source_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = script(
        folder.path(),
        "version.sh",
        "echo '{\"v\": \"4.12.0\", \"token\": \"hunter2\"}'",
    );
    let sha256 = crate::sha256_of_file(&file).unwrap();
    let fetch = Answer(|url: &str| match url {
        "/version" => page(200, "4.12.0+9f2c1e0"),
        "/down" => page(503, ""),
        _ => Err("connection refused".to_owned()),
    });
    let masker = Masker::new(["hunter2"]);
    let context = Context {
        fetch: &fetch,
        folder: folder.path(),
        masker: &masker,
        timeout: crate::fixture::PATIENCE,
    };
    let command = |run: &[&str], version: Option<&str>| IdentitySource::Command {
        run: words(run),
        version: version.map(str::to_owned),
        revision: None,
    };
    let image = |script: &str| IdentitySource::Image {
        run: words(&["sh", "-c", script]),
        digest: format!("sha256:{}", "b".repeat(64)),
    };
    let file = |path: &str, sha256: &str| IdentitySource::File {
        path: path.into(),
        sha256: sha256.to_owned(),
    };
    let mut release = release(1, Vec::new());
    let mut ask = |source: &IdentitySource| {
        release.components[0].sources = vec![source.clone()];
        let reading = probe(&release.components[0], source, context);
        let sighting = Sighting {
            component: "web".into(),
            source: 0,
            phase: Phase::Before,
            test: None,
            at_ns: 5,
            reading,
        };
        sighting.proof(&release.components[0])
    };
    let proof = ask(&endpoint("/version"));
    assert_eq!(
        (proof.source.as_str(), proof.agrees),
        ("endpoint /version", Some(true))
    );
    assert_eq!((proof.phase.as_str(), proof.at_ns), ("before", 5));
    assert_eq!(
        ask(&endpoint("/down")).problem.as_deref(),
        Some("it answered with status 503")
    );
    assert_eq!(
        ask(&endpoint("/gone")).problem.as_deref(),
        Some("connection refused")
    );
    assert_eq!(
        ask(&command(&["./version.sh"], Some("v")))
            .version
            .as_deref(),
        Some("4.12.0")
    );
    let masked = ask(&command(&["./version.sh"], Some("token")));
    assert_eq!(
        (masked.version.as_deref(), masked.agrees),
        (Some("***"), Some(false))
    );
    assert!(
        ask(&command(&["./no.sh"], None))
            .problem
            .unwrap()
            .contains("cannot be started")
    );
    let failed = ask(&command(&["sh", "-c", "echo no >&2; exit 2"], None));
    assert_eq!(failed.problem.as_deref(), Some("it exited with 2: no"));
    assert_eq!(ask(&file("version.sh", &sha256)).agrees, Some(true));
    assert_eq!(
        ask(&file("version.sh", &"0".repeat(64))).agrees,
        Some(false)
    );
    assert!(
        ask(&file("none", &sha256))
            .problem
            .unwrap()
            .contains("cannot be read")
    );
    assert_eq!(
        ask(&image("printf 'web@sha256:%064d' 0 | tr 0 b")).agrees,
        Some(true)
    );
    assert_eq!(
        ask(&image("printf 'web@sha256:%064d' 0")).agrees,
        Some(false)
    );
    assert!(
        ask(&image("echo latest"))
            .problem
            .unwrap()
            .contains("sha256")
    );
    assert!(ask(&header()).problem.is_some());
}

#[test]
fn enough_sources_have_to_agree_on_both_before_and_after() {
    let release = release(2, vec![endpoint("/a"), endpoint("/b")]);
    let whole = "4.12.0+9f2c1e0";
    let both = |before: &str, after: &str| {
        vec![
            sighting("/a", Phase::Before, 0, whole),
            sighting("/b", Phase::Before, 0, before),
            sighting("/a", Phase::After, 60, whole),
            sighting("/b", Phase::After, 60, after),
        ]
    };
    assert_eq!(
        status(&release, &both(whole, whole)),
        IdentityStatus::Proven
    );
    // One that tells the version only counts for that only.
    assert_eq!(
        status(&release, &both("4.12.0", whole)),
        IdentityStatus::Unproven
    );
    assert_eq!(
        status(&release, &both("4.11.0", whole)),
        IdentityStatus::Mismatch
    );
    assert_eq!(
        status(&release, &both(whole, "4.11.0")),
        IdentityStatus::Changed
    );
    assert_eq!(
        status(&release, &both(whole, whole)[..2]),
        IdentityStatus::Unproven
    );
    assert_eq!(status(&release, &[]), IdentityStatus::Unproven);
    let mut without = release.clone();
    without.components[0].revision = None;
    assert_eq!(
        status(&without, &both("4.12.0", "4.12.0")),
        IdentityStatus::Proven
    );
    without.components.clear();
    assert_eq!(status(&without, &[]), IdentityStatus::Unproven);

    let mut silent = both(whole, whole);
    let mut during = sighting("/a", Phase::During, 25, whole);
    during.reading.said = Err("timed out".into());
    silent.push(during);
    assert_eq!(status(&release, &silent), IdentityStatus::Unproven);
}

#[test]
fn a_change_is_named_with_its_moment_and_spoils_what_follows() {
    let release = release(1, vec![endpoint("/a"), header()]);
    let tests = tests();
    let whole = "4.12.0+9f2c1e0";
    let sightings = [
        sighting("/a", Phase::Before, 0, whole),
        sighting("/a", Phase::During, 24, whole),
        sighting("/a", Phase::During, 29, "4.12.1"),
        sighting("/a", Phase::After, 60, "4.12.1"),
    ];
    let mut evidence = Evidence {
        sightings: &sightings,
        tests: &tests,
        ..Evidence::default()
    };
    let identity = assess(&release, &evidence);
    assert_eq!(identity.status, IdentityStatus::Changed);
    assert_eq!(
        identity.sentence,
        "web changed: `endpoint /a` named 4.12.1 9.0 s into test `expected`, and no injection declares that; run it again while nobody deploys, or declare the change with `serves`"
    );
    assert_eq!(identity.components[0].proofs.len(), 4);
    // Somewhere between the 4th and the 9th second.
    assert_eq!(
        undeclared_since(&release, &evidence),
        Some(("expected".into(), 4 * SECOND))
    );

    let values = [
        served("smoke", Some(whole), 0, 9),
        served("expected", Some(whole), 0, 6),
        served("expected", Some("4.12.1"), 5, 9),
        served("expected", None, 0, 9),
    ];
    evidence.sightings = &[];
    evidence.served = &values;
    assert_eq!(
        undeclared_since(&release, &evidence),
        Some(("expected".into(), 5 * SECOND))
    );
    let expected: Vec<bool> = assess(&release, &evidence)
        .served
        .iter()
        .map(|served| served.expected)
        .collect();
    assert_eq!(expected, [true, true, false, false]);
    evidence.served = &values[..2];
    assert_eq!(undeclared_since(&release, &evidence), None);
    assert_eq!(assess(&release, &evidence).status, IdentityStatus::Proven);
    let wrong = [served("smoke", Some("4.12.1"), 0, 9)];
    evidence.served = &wrong;
    assert_eq!(assess(&release, &evidence).status, IdentityStatus::Mismatch);
    assert_eq!(
        undeclared_since(&release, &evidence),
        Some(("smoke".into(), 0))
    );
}

#[test]
fn a_declared_change_is_none_but_only_until_the_next_test() {
    let release = release(1, vec![endpoint("/a"), header()]);
    let tests = tests();
    let whole = "4.12.0+9f2c1e0";
    let declared = |test: &str| {
        [Declared {
            test: test.into(),
            from_ns: 2 * SECOND,
            version: "4.11.3".into(),
            revision: None,
        }]
    };
    let sightings = [
        sighting("/a", Phase::Before, 0, whole),
        sighting("/a", Phase::During, 45, "4.11.3"),
        sighting("/a", Phase::After, 60, "4.11.3"),
    ];
    let values = [
        served("smoke", Some(whole), 0, 9),
        served("rollback", Some(whole), 0, 5),
        served("rollback", Some("4.11.3"), 3, 9),
    ];
    let rollback = declared("rollback");
    let mut evidence = Evidence {
        sightings: &sightings,
        served: &values,
        declared: &rollback,
        tests: &tests,
        config: None,
    };
    let identity = assess(&release, &evidence);
    assert_eq!(
        identity.status,
        IdentityStatus::Proven,
        "{}",
        identity.sentence
    );
    assert!(identity.served.iter().all(|served| served.expected));
    assert_eq!(undeclared_since(&release, &evidence), None);

    // Declared too early or for an earlier test, or another build.
    let early = declared("expected");
    evidence.declared = &early;
    assert_eq!(assess(&release, &evidence).status, IdentityStatus::Changed);
    assert_eq!(
        undeclared_since(&release, &evidence).unwrap().0,
        "smoke",
        "asked only once before"
    );
    let mut other = declared("rollback");
    other[0].version = "4.10.0".into();
    evidence.declared = &other;
    assert_eq!(assess(&release, &evidence).status, IdentityStatus::Changed);
}

#[test]
fn the_configuration_counts() {
    let release = release(1, vec![endpoint("/a")]);
    let tests = tests();
    let whole = "4.12.0+9f2c1e0";
    let sightings = [
        sighting("/a", Phase::Before, 0, whole),
        sighting("/a", Phase::After, 60, whole),
    ];
    let with = |matches: bool, problem: Option<&str>| {
        let config = Config {
            rendered: "prod.yaml".into(),
            deployed: "perf.yaml".into(),
            matches,
            differences: Vec::new(),
            problem: problem.map(str::to_owned),
        };
        let evidence = Evidence {
            sightings: &sightings,
            tests: &tests,
            config: Some(config),
            ..Evidence::default()
        };
        assess(&release, &evidence).status
    };
    assert_eq!(with(true, None), IdentityStatus::Proven);
    assert_eq!(with(false, None), IdentityStatus::Mismatch);
    assert_eq!(with(false, Some("unreadable")), IdentityStatus::Unproven);
}

mod names;
mod properties;
