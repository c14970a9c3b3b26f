use super::*;
use crate::document::{Gives, Item, ItemState, Limit, Run, Scalability, Status};
use crate::fixture;
use crate::terminal::Style;

fn terminal(run: &Run) -> String {
    let style = Style {
        color: false,
        columns: Some(120),
    };
    let mut out = Vec::new();
    crate::terminal::render(run, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn summary(run: &Run) -> String {
    let mut out = Vec::new();
    crate::summary::render(run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_search_on_a_terminal() {
    let run = fixture::search();
    insta::assert_snapshot!("found", terminal(&run));
    insta::assert_snapshot!("markdown", summary(&run));
    let mut limited = fixture::search();
    let capacity = limited.capacity.as_mut().unwrap();
    capacity.at_least = true;
    capacity.limited_by = Some(Limit::Generator);
    (capacity.upper_is_proven, capacity.refuted_rate) = (false, None);
    capacity.probes.last_mut().unwrap().outcome = "generator_limited".to_owned();
    capacity.scalability = Scalability {
        law_refused: Some("too few".to_owned()),
        ..Scalability::default()
    };
    capacity.resources = None;
    insta::assert_snapshot!("generator_limited", terminal(&limited));
    let mut killed = fixture::search();
    killed.status = Status::Incomplete;
    killed.reason = Some("it was killed".to_owned());
    let text = terminal(&killed);
    assert!(
        text.contains("the probe that was under way is missing"),
        "{text}"
    );
}

#[test]
fn a_peak_above_a_bound_from_below_is_no_shortage_yet() {
    let mut capacity = fixture::search().capacity.unwrap();
    capacity.planning.headroom = Some(-0.2);
    let forecasts = &mut capacity.planning.forecasts;
    forecasts.retain(|forecast| !forecast.is_assumed);
    forecasts
        .iter_mut()
        .for_each(|forecast| forecast.months_left = Some(0.0));
    let told = |capacity: &crate::document::Capacity| {
        let told = [words::headroom(capacity), words::time_left(capacity)];
        told.map(|text| text.unwrap_or_default())
    };
    let known = told(&capacity);
    assert!(
        known[0].starts_with("-20.0 %") && known[1].starts_with("none:"),
        "{known:?}"
    );
    capacity.at_least = true;
    let bound = told(&capacity);
    assert!(
        bound.iter().all(|text| text.starts_with("not known:")),
        "{bound:?}"
    );
}

#[test]
fn a_plan_says_of_which_search_its_capacity_is() {
    let run = fixture::planned_search();
    let (text, markdown) = (terminal(&run), summary(&run));
    for told in [
        "CAPACITY: 141.4 per second",
        "NOT THE SAME: the scenario",
        "2.5 days before this run",
        "not known to be the same: the release",
        "headroom",
        "these growths are assumed",
    ] {
        assert!(text.contains(told), "{told}: {text}");
        assert!(markdown.contains(told), "{told}: {markdown}");
    }
    // The plan answers for itself.
    assert_eq!(run.verdict, fixture::no_go().verdict);
}

#[test]
fn a_document_is_read_as_it_was_written() {
    for run in [fixture::search(), fixture::planned_search()] {
        let mut text = Vec::new();
        run.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(Run::read(&text).unwrap(), run);
    }
}

#[test]
fn the_answer_of_a_search_is_that_of_what_was_asked() {
    let answered = |state: ItemState, status: Status| {
        let mut run = fixture::search();
        run.items[0].state = state;
        run.status = status;
        run.verdict.exit_code = if status == Status::Interrupted {
            130
        } else {
            0
        };
        crate::verdict::settle(&mut run, jiff::Timestamp::UNIX_EPOCH);
        (run.verdict.exit_code, run.verdict.sentence)
    };
    let sentence = fixture::search().capacity.unwrap().sentence;
    for (state, code) in [
        (ItemState::Pass, 0),
        (ItemState::Fail, 20),
        (ItemState::Inconclusive, 21),
        (ItemState::Invalid, 22),
    ] {
        assert_eq!(answered(state, Status::Complete), (code, sentence.clone()));
    }
    let interrupted = answered(ItemState::Inconclusive, Status::Interrupted);
    assert_eq!(interrupted, (130, format!("INTERRUPTED: {sentence}")));
}

#[test]
fn what_gives_first_is_the_objective_and_the_step_at_the_lowest_rate() {
    let run = fixture::search();
    let capacity = run.capacity.as_ref().unwrap();
    let found = gives(&capacity.probes, &run.tests);
    let told: Vec<_> = found
        .iter()
        .map(|one| {
            (
                words::about(one),
                one.is_objective,
                one.held_at,
                one.missed_at,
            )
        })
        .collect();
    // At 150/s; 141.4/s is the highest below. Checkout is furthest beyond, so that it comes first.
    assert_eq!(
        told,
        [
            ("book/checkout".to_owned(), false, Some(141.4), 150.0),
            ("all requests".to_owned(), true, Some(141.4), 150.0),
        ]
    );
    assert!(found[1].is_proven && found[0].observed_infinite);
    // Nothing gives where everything held.
    let passed = capacity
        .probes
        .iter()
        .filter(|probe| probe.outcome == "passed");
    let passed: Vec<_> = passed.cloned().collect();
    assert_eq!(gives(&passed, &run.tests), []);
    assert_eq!(gives(&[], &[]), []);
    // What is neither shown to hold nor not to is told as that.
    let mut open = passed.clone();
    let confirmed = open.len() - 2;
    open[confirmed].objectives[0].state = ItemState::Inconclusive;
    let open = gives(&open, &run.tests);
    assert_eq!((open.len(), open[0].is_proven), (1, false));
    // It is the longest probe of a rate that counts: one that was open, and passed when it was offered again.
    let mut again = passed.clone();
    again.insert(2, again[2].clone());
    again[2].objectives[0].state = ItemState::Inconclusive;
    assert_eq!(gives(&again, &run.tests), []);
    // Too few requests for an answer at the lowest rate are nothing that gave.
    let mut few = passed.clone();
    few.truncate(1);
    few[0].objectives[0].state = ItemState::Inconclusive;
    assert_eq!(gives(&few, &run.tests), []);
    // An expression that nobody can read is left out.
    let mut strange = capacity.probes.clone();
    for probe in &mut strange {
        probe.objectives = vec![Item {
            expression: "faster".to_owned(),
            ..Item::default()
        }];
    }
    assert_eq!(gives(&strange, &run.tests), []);
}

#[test]
fn steps_that_miss_several_objectives_are_counted_once() {
    let mut capacity = fixture::search().capacity.unwrap();
    let step = |step: &str, beyond: u64| Gives {
        step: Some(step.to_owned()),
        observed_ns: Some(beyond),
        ..capacity.gives[0].clone()
    };
    // By objectives: B and C miss both.
    capacity.gives = vec![
        step("a", 9),
        step("b", 8),
        step("c", 7),
        step("b", 6),
        step("c", 5),
    ];
    let told = words::gives_first(&capacity);
    assert!(told.contains("with 2 other steps"), "{told}");
}

#[test]
fn a_rate_that_was_refuted_is_told_beside_one_that_is_not_proven() {
    let mut run = fixture::search();
    let capacity = run.capacity.as_mut().unwrap();
    capacity.upper_is_proven = false;
    capacity.refuted_rate = Some(180.0);
    assert_eq!(
        words::bounds(capacity),
        ["150/s was not shown to be borne", "180/s is too much"]
    );
    // A document of before says it of one rate only.
    (capacity.upper_is_proven, capacity.refuted_rate) = (true, None);
    assert_eq!(words::bounds(capacity), ["150/s is too much"]);
}

#[test]
fn the_knee_is_where_goodput_stops_growing() {
    let probes = |points: &[(f64, f64)]| {
        let base = fixture::search().capacity.unwrap().probes.remove(0);
        let probe = |(rate, goodput): &(f64, f64)| Probe {
            rate: *rate,
            goodput: Some(*goodput),
            ..base.clone()
        };
        points.iter().map(probe).collect::<Vec<_>>()
    };
    let knee = |points: &[(f64, f64)]| knee_rate(&probes(points));
    assert_eq!(
        knee(&[(50.0, 50.0), (200.0, 148.0), (100.0, 100.0), (150.0, 149.0)]),
        Some(150.0)
    );
    // All of the highest load was served: nobody knows where it stops.
    assert_eq!(knee(&[(50.0, 50.0), (100.0, 99.0)]), None);
    assert_eq!(knee(&[(50.0, 0.0)]), None);
    assert_eq!(knee(&[]), None);
}
