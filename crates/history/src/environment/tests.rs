use super::*;
use plimsoll_report::fixture;

fn circumstances() -> Circumstances {
    Circumstances {
        machine: Machine {
            processor: Some("EPYC 7763".to_owned()),
            cores: Some(4),
            memory_bytes: Some(16_370_000_000),
            kernel: Some("6.11.0".to_owned()),
        },
        target: Some("demo".to_owned()),
        options: None,
    }
}

fn of(run: &Run) -> Environment {
    Environment::of(run, &run.tests[0], &circumstances())
}

#[test]
fn an_environment_has_what_is_known_and_no_more() {
    let environment = of(&fixture::healthy());
    let parts: Vec<_> = environment
        .parts()
        .map(|(part, value)| format!("{part}={value}"))
        .collect();
    assert_eq!(
        parts,
        [
            "cores=4",
            "engine=0.1.0",
            "kernel=6.11.0",
            "load=open, even: 130/s for 60 s",
            "memory=16 GiB",
            "processor=EPYC 7763",
            "scenario=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "target=demo",
            "threads=2",
            "timer=timerfd",
        ]
    );
}

#[test]
fn every_part_matters_unless_it_is_not_to() {
    let run = fixture::healthy();
    let environment = of(&run);
    let mut other = circumstances();
    other.machine.cores = Some(8);
    other.machine.kernel = None;
    let unlike = Environment::of(&run, &run.tests[0], &other);
    assert_ne!(unlike.digest(), environment.digest());
    let differences = environment.differences(&unlike, &BTreeSet::new());
    let told: Vec<_> = differences.iter().map(Difference::to_string).collect();
    assert_eq!(
        told,
        [
            "cores was `8` and is `4`",
            "kernel was not known and is `6.11.0`"
        ]
    );
    let disregarded = BTreeSet::from([Part::CORES, Part::KERNEL]);
    assert_eq!(environment.differences(&unlike, &disregarded), []);
    assert_eq!(unlike.differences(&unlike, &BTreeSet::new()), []);
}

#[test]
fn a_run_without_a_scenario_file_is_told_by_its_command() {
    let mut run = fixture::healthy();
    assert_eq!(of(&run).get(&Part::SCENARIO).map(str::len), Some(64));
    run.sources.clear();
    let environment = of(&run);
    let command = environment.get(&Part::SCENARIO);
    assert_eq!(command, Some("run travel-shop.yaml --rate 130/s"));
}

#[test]
fn seeds_outcomes_and_the_plan_do_not_matter() {
    let run = fixture::healthy();
    let mut other = fixture::failing();
    other.tests[0].seed = Some(7);
    other.started_at = None;
    assert_eq!(of(&other), of(&run));
}

#[test]
fn a_rehearsal_and_a_debug_build_are_unlike_the_real_thing() {
    let real = fixture::go();
    let rehearsal = fixture::rehearsal();
    let parts = |one: &Run, other: &Run| {
        let differences = of(one).differences(&of(other), &BTreeSet::new());
        let parts = differences.into_iter().map(|difference| difference.part);
        parts.collect::<Vec<_>>()
    };
    assert!(parts(&real, &rehearsal).contains(&Part::REHEARSAL));
    let mut debug = real.clone();
    debug.engine.debug_build = true;
    assert_eq!(parts(&real, &debug), [Part::ENGINE]);
}

#[test]
fn data_files_are_told_by_their_contents_in_any_order() {
    let mut run = fixture::healthy();
    let mut add = |path: &str, sha256: &str| {
        let mut source = run.sources[0].clone();
        (source.role, source.path, source.sha256) =
            ("data".to_owned(), path.to_owned(), sha256.to_owned());
        run.sources.push(source);
        run.clone()
    };
    let one = add("a.csv", "aa");
    let two = add("b.csv", "bb");
    assert_eq!(of(&one).get(&Part::DATA), Some("aa"));
    let mut turned = two.clone();
    turned.sources.reverse();
    assert_eq!(of(&turned), of(&two));
    assert_ne!(of(&one), of(&two));
}

#[test]
fn parts_are_read_back_by_name_and_told_when_they_are_wrong() {
    for part in Part::ALL {
        assert_eq!(part.name().parse(), Ok(part.clone()));
    }
    assert_eq!(Part::kept("moon".to_owned()).name(), "moon");
    let error = "cpu".parse::<Part>().unwrap_err().to_string();
    assert!(
        error.contains("`cpu`") && error.contains("processor, cores"),
        "{error}"
    );
}

#[test]
fn parts_do_not_run_into_each_other() {
    let environment = |pairs: &[(Part, &str)]| -> Environment {
        let pairs = pairs.iter();
        pairs
            .map(|(part, value)| (part.clone(), (*value).to_owned()))
            .collect()
    };
    let digest = |part| environment(&[(part, "a")]).digest();
    assert_ne!(digest(Part::DATA), digest(Part::ENGINE));
    let one = environment(&[(Part::DATA, "a"), (Part::ENGINE, "b")]);
    let other = environment(&[(Part::DATA, "a\u{6}engineb")]);
    assert_ne!(one.digest(), other.digest());
}
