//! What is added is there, once, and comes back as it was.

use crate::common::*;
use plimsoll_history::{
    Added, Circumstances, Filter, Histograms, History, HistoryError, Metric, NewRun, Provenance,
    Refusal, Series, Value,
};
use plimsoll_report::document::{Outcome, Status, ValidityStatus};
use plimsoll_report::fixture;

#[test]
fn a_run_comes_back_with_its_head_its_tests_and_their_figures() {
    let (_folder, mut history) = begun();
    let run = run(3);
    let provenance = Provenance {
        scenario: None,
        release: Some("4.12.0".to_owned()),
        revision: Some("9f2c1e0".to_owned()),
        branch: Some("main".to_owned()),
        label: Some("before the migration".to_owned()),
    };
    let added = add(&mut history, &run, &on("EPYC"), &provenance).unwrap();
    let Added::New(kept) = added else {
        panic!("{added:?}")
    };
    assert_eq!(kept.scenario, "travel-shop");
    assert_eq!(kept.started_at, minute(3));
    assert_eq!(kept.duration_ns, run.duration_ns);
    assert_eq!(kept.status, Status::Complete);
    assert_eq!(kept.outcome, Some(Outcome::Go));
    assert_eq!(kept.validity, ValidityStatus::Valid);
    assert_eq!(kept.sentence, run.verdict.sentence);
    assert_eq!(kept.release.as_deref(), Some("4.12.0"));
    assert_eq!(kept.label.as_deref(), Some("before the migration"));

    let shown = history.show(&kept.id).unwrap();
    assert_eq!(shown.run, kept);
    let [test] = shown.tests.as_slice() else {
        panic!("{shown:?}")
    };
    assert_eq!(test.name, "expected");
    assert_eq!(test.environment, environment(&on("EPYC")));
    assert_eq!(test.elapsed_ns, 60_012_000_000);
    assert_eq!(test.warmup_ns, 5_000_000_000);
    assert_eq!(test.series.len(), 6);
    let results = &test.series[3];
    assert_eq!(results.step.as_deref(), Some("results"));
    let p99 = results.figures.iter().find(|one| one.metric == Metric::P99);
    let p99 = p99.unwrap();
    assert_eq!(
        (p99.value, p99.samples),
        (Value::Finite(p99_ns(3) as f64), 5_460)
    );
}

#[test]
fn every_run_there_can_be_is_kept_or_refused_and_comes_back() {
    let (_folder, mut history) = begun();
    let plans = fixture::plans().into_iter().chain([
        ("hostile", fixture::hostile()),
        ("hostile plan", fixture::hostile_plan()),
        ("large", fixture::large()),
    ]);
    let mut kept = 0;
    for (name, run) in fixture::all().into_iter().chain(plans) {
        match add(
            &mut history,
            &run,
            &Circumstances::default(),
            &Provenance::default(),
        ) {
            Ok(added) => {
                let shown = history.show(&added.run().id).unwrap();
                assert_eq!(shown.tests.len(), run.tests.len(), "{name}");
                kept += 1;
            }
            Err(HistoryError::Refused { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert!(kept > 8, "{kept}");
    check(&history).unwrap();
}

#[test]
fn a_run_that_is_added_again_is_known_and_not_doubled() {
    let (_folder, mut history) = begun();
    let first = add_number(&mut history, 1);
    let mut judged_anew = run(1);
    judged_anew.verdict = fixture::failing().verdict;
    let again = add(
        &mut history,
        &judged_anew,
        &on("other"),
        &of_branch("other"),
    )
    .unwrap();
    // It is told as it is kept: on its branch, with its verdict.
    assert_eq!(again, Added::Known(first.run().clone()));
    assert_eq!(history.list(&Filter::default()).unwrap().len(), 1);
    assert_eq!(count(&history, "environment"), 1);
}

#[test]
fn what_is_empty_counts_as_not_said() {
    let (_folder, mut history) = begun();
    let empty = Some(String::new());
    let provenance = Provenance {
        scenario: empty.clone(),
        release: empty.clone(),
        revision: empty.clone(),
        branch: empty.clone(),
        label: empty,
    };
    let run = fixture::go();
    let kept = add(&mut history, &run, &on("EPYC"), &provenance).unwrap();
    let (kept, plan) = (kept.run(), run.plan.unwrap());
    assert_eq!(kept.scenario, run.name);
    assert_eq!(
        (&kept.release, &kept.revision),
        (&plan.version, &plan.revision)
    );
    assert_eq!((&kept.branch, &kept.label), (&None, &None));
}

#[test]
fn what_cannot_be_kept_is_refused_with_its_reason() {
    let refusal = |change: &dyn Fn(&mut plimsoll_report::document::Run)| {
        let (_folder, mut history) = begun();
        let mut run = fixture::healthy();
        change(&mut run);
        match add(&mut history, &run, &on("EPYC"), &Provenance::default()) {
            Err(HistoryError::Refused { name, refusal }) => {
                assert_eq!(name, "travel-shop");
                assert_eq!(count(&history, "run"), 0);
                refusal
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refusal(&|run| run.status = Status::Incomplete),
        Refusal::NotOver
    );
    assert_eq!(refusal(&|run| run.started_at = None), Refusal::NoStart);
    assert_eq!(
        refusal(&|run| run.started_at = "1500-01-01T00:00:00Z".parse().ok()),
        Refusal::ImpossibleStart
    );
    assert_eq!(refusal(&|run| run.tests.clear()), Refusal::NothingMeasured);
    assert_eq!(
        refusal(&|run| run.tests.push(run.tests[0].clone())),
        Refusal::SameName {
            name: "expected".to_owned()
        }
    );
    let merged = refusal(&|run| {
        run.items[0].attempts = vec![plimsoll_report::document::Attempt {
            started_at: None,
            run: "results/1".to_owned(),
            state: Default::default(),
            observed: String::new(),
        }];
    });
    assert_eq!(merged, Refusal::Merged);
}

#[test]
fn response_times_come_back_as_they_were_counted() {
    let (_folder, mut history) = begun();
    let mut counted = hdrhistogram::Histogram::<u64>::new(3).unwrap();
    for ns in [1, 5_000_000, 5_000_100, 40_000_000_000] {
        counted.record(ns).unwrap();
    }
    let mut histograms = Histograms::default();
    histograms.insert("expected", Some("search"), Some("results"), counted.clone());
    let run = run(0);
    let added = history
        .add(&NewRun {
            run: &run,
            circumstances: &on("EPYC"),
            provenance: &Provenance::default(),
            histograms: &histograms,
        })
        .unwrap();
    let id = &added.run().id;
    assert_eq!(history.histogram(id, &results()).unwrap(), Some(counted));
    let shown = history.show(id).unwrap();
    let samples: Vec<_> = shown.tests[0]
        .series
        .iter()
        .map(|series| series.histogram_samples)
        .collect();
    assert_eq!(samples, [None, None, None, Some(4), None, None]);
    let none = Series {
        step: Some("home".to_owned()),
        ..results()
    };
    assert_eq!(history.histogram(id, &none).unwrap(), None);
}

#[test]
fn runs_are_found_by_the_beginning_of_their_ids() {
    let (_folder, mut history) = begun();
    let ids: Vec<_> = (0..40)
        .map(|number| add_number(&mut history, number).run().id.clone())
        .collect();
    for id in &ids {
        assert_eq!(&history.find(id.short()).unwrap().id, id);
        assert_eq!(&history.find(id.as_str()).unwrap().id, id);
    }
    // Forty ids have sixteen beginnings.
    let several = |text: &&str| {
        ids.iter()
            .filter(|id| id.as_str().starts_with(text))
            .count()
            > 1
    };
    let digits = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f",
    ];
    let ambiguous = digits.iter().copied().find(several).unwrap();
    let error = history.find(ambiguous).unwrap_err();
    assert!(
        matches!(error, HistoryError::AmbiguousRun { .. }),
        "{error}"
    );
    for none in ["xyz", "%", "_", "'"] {
        let error = history.find(none).unwrap_err();
        assert!(matches!(error, HistoryError::UnknownRun { .. }), "{error}");
        assert!(error.to_string().contains(none), "{error}");
    }
}

#[test]
fn a_label_is_given_and_taken() {
    let (_folder, mut history) = begun();
    let id = add_number(&mut history, 0).run().id.clone();
    history.set_label(&id, Some("4.11.3")).unwrap();
    let by_label = Filter {
        label: Some("4.11.3".to_owned()),
        ..Filter::default()
    };
    assert_eq!(history.list(&by_label).unwrap().len(), 1);
    history.set_label(&id, None).unwrap();
    assert_eq!(history.list(&by_label).unwrap(), []);
    let other = plimsoll_history::RunId::of(&run(9));
    let error = history.set_label(&other, Some("x")).unwrap_err();
    assert!(matches!(error, HistoryError::UnknownRun { .. }), "{error}");
}

#[test]
fn lists_are_filtered_and_the_newest_comes_first() {
    let (_folder, mut history) = begun();
    for number in [2, 0, 3, 1] {
        let branch = if number % 2 == 0 { "main" } else { "feature" };
        add(&mut history, &run(number), &on("EPYC"), &of_branch(branch)).unwrap();
    }
    let times = |filter: &Filter| -> Vec<_> {
        let runs = history.list(filter).unwrap();
        runs.into_iter().map(|run| run.started_at).collect()
    };
    let all = Filter::default();
    assert_eq!(times(&all), [3, 2, 1, 0].map(minute));
    let newest = Filter {
        limit: Some(1),
        branch: Some("main".to_owned()),
        ..Filter::default()
    };
    assert_eq!(times(&newest), [minute(2)]);
    let none = Filter {
        scenario: Some("other".to_owned()),
        ..Filter::default()
    };
    assert_eq!(times(&none), []);
}

#[test]
fn series_are_kept_once() {
    let (_folder, mut history) = begun();
    add_number(&mut history, 0);
    add_number(&mut history, 5);
    let series = history.all_series(Some("travel-shop")).unwrap();
    assert_eq!(series.len(), 6);
    assert!(series.contains(&results()), "{series:?}");
    assert_eq!(history.all_series(Some("other")).unwrap(), []);
    assert_eq!(count(&history, "environment"), 1);
}

#[test]
fn what_is_kept_is_there_when_the_file_is_opened_again_and_it_is_one_file() {
    let (folder, path) = place();
    for number in 0..3 {
        add_number(&mut History::create(&path).unwrap(), number);
        assert_eq!(names_in(&folder), ["history.sqlite"]);
    }
    let history = History::open(&path).unwrap();
    assert_eq!(history.list(&Filter::default()).unwrap().len(), 3);
}
