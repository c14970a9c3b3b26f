//! `junit.xml`: every item a test case, for programs that show test results.
//!
//! What was refuted is a failure; what is not known, or rests on broken evidence, is an error; what
//! people let pass is skipped, with their reason. Validity and identity are suites of their own.

use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::document::{Check, Item, ItemState, Outcome, Run, Test, ValidityStatus};
use crate::plain::{plain_run, start_of};
use crate::verdict::is_identity;
use crate::wording;

/// Characters of a name; there are readers that keep them in a column.
const LONGEST_NAME: usize = 500;

/// Writes `junit.xml`.
///
/// # Errors
///
/// Whatever `out` answers.
pub fn render(run: &Run, out: &mut impl io::Write) -> io::Result<()> {
    let run = plain_run(run)?;
    let mut report = Report::new(run.name.as_str());
    report.set_time(Duration::from_nanos(run.duration_ns));
    report.timestamp = run.started_at.and_then(|at| at.to_string().parse().ok());
    report.add_test_suites(run.tests.iter().map(|test| of_test(&run, test)));
    report.add_test_suites(besides(&run));
    report.add_test_suites(identity(&run));
    report.add_test_suites(validity(&run));
    if report.failures + report.errors == 0 {
        report.add_test_suites(unexplained(&run));
    }
    for suite in &mut report.test_suites {
        suite.add_properties(properties(&run));
    }
    report.serialize(&mut *out).map_err(io::Error::other)?;
    out.write_all(b"\n")
}

fn of_test(run: &Run, test: &Test) -> TestSuite {
    let mut suite = TestSuite::new(test.name.as_str());
    suite.set_time(Duration::from_nanos(test.elapsed_ns));
    let items = run.items.iter();
    let items = items.filter(|item| test_of(run, item) == Some(test.name.as_str()));
    suite.add_test_cases(items.map(|item| case(run, item)));
    suite
}

/// The test that an item belongs to, if it was run.
fn test_of<'a>(run: &'a Run, item: &'a Item) -> Option<&'a str> {
    let named = item.test.as_deref();
    // Documents of earlier versions say it in the id alone.
    let name = named.or_else(|| item.id.split('/').next())?;
    let mut tests = run.tests.iter().map(|test| test.name.as_str());
    tests.find(|test| *test == name)
}

/// What no test that was run is about: checklist, and tests that were left out.
fn besides(run: &Run) -> Option<TestSuite> {
    let items = run.items.iter();
    let is_besides = |item: &&Item| test_of(run, item).is_none() && !is_identity(&item.id);
    let cases: Vec<_> = items
        .filter(is_besides)
        .map(|item| case(run, item))
        .collect();
    let name = if run.plan.is_some() { "plan" } else { "run" };
    suite(name, cases)
}

fn identity(run: &Run) -> Option<TestSuite> {
    let items = run.items.iter().filter(|item| is_identity(&item.id));
    suite("identity", items.map(|item| case(run, item)).collect())
}

fn validity(run: &Run) -> Option<TestSuite> {
    let checks = run.validity.checks.iter();
    suite("validity", checks.map(of_check).collect())
}

/// The verdict itself, where it is bad and nothing else says why: a run that gave itself up without any threshold, say.
fn unexplained(run: &Run) -> Option<TestSuite> {
    let kind = match run.verdict.exit_code {
        0 | 10 => return None,
        20 => NonSuccessKind::Failure,
        _ => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(run.verdict.sentence.as_str());
    let mut case = TestCase::new("verdict", status);
    case.set_classname("verdict");
    suite("verdict", vec![case])
}

fn suite(name: &str, cases: Vec<TestCase>) -> Option<TestSuite> {
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases);
    (suite.tests > 0).then_some(suite)
}

fn case(run: &Run, item: &Item) -> TestCase {
    let status = match item.state {
        ItemState::Pass => TestCaseStatus::success(),
        ItemState::Fail => bad(NonSuccessKind::Failure, item),
        ItemState::Inconclusive | ItemState::NotRun | ItemState::Invalid => {
            bad(NonSuccessKind::Error, item)
        }
        ItemState::Waived => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(waived(run, item));
            status
        }
    };
    let mut case = TestCase::new(start_of(&item.id, LONGEST_NAME), status);
    let class = match (&item.test, &item.journey) {
        (Some(test), Some(journey)) => format!("{test}/{journey}"),
        (Some(test), None) => test.clone(),
        _ => item
            .id
            .rsplit_once('/')
            .map_or(item.id.as_str(), |(class, _)| class)
            .to_owned(),
    };
    case.set_classname(start_of(&class, LONGEST_NAME));
    if let Some([from, until]) = item.between_ns {
        case.set_time(Duration::from_nanos(until.saturating_sub(from)));
    }
    if item.marginal && item.state == ItemState::Pass {
        let reason = wording::remark(item).unwrap_or_default();
        case.set_system_out(format!("MARGINAL: {reason}"));
    }
    case.add_properties(
        [
            ("tier", item.tier.clone()),
            ("owner", item.owner.clone()),
            ("promised_at", item.promised_at.clone()),
            ("threshold", Some(item.expression.clone())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(Property::new(name, value?))),
    );
    case
}

fn bad(kind: NonSuccessKind, item: &Item) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    let observed = match wording::observed_within(item) {
        none if none == wording::NONE => String::new(),
        observed => format!(": observed {observed}"),
    };
    status
        .set_type(wording::state(item))
        .set_message(format!("{}{observed}", item.expression));
    if let Some(remark) = wording::remark(item) {
        status.set_description(remark);
    }
    status
}

fn waived(run: &Run, item: &Item) -> String {
    let waivers = run.plan.iter().flat_map(|plan| &plan.waivers);
    let mut applied = waivers.filter(|waiver| waiver.applied && waiver.item == item.id);
    applied.next().map_or_else(
        || "let pass".to_owned(),
        |waiver| format!("{}: {}", waiver.sentence, waiver.reason),
    )
}

fn of_check(check: &Check) -> TestCase {
    let status = match check.status {
        ValidityStatus::Valid | ValidityStatus::Warn => TestCaseStatus::success(),
        ValidityStatus::Invalid => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status
                .set_type("INVALID")
                .set_message(wording::breach(check))
                .set_description(check.sentence.as_str());
            status
        }
    };
    let mut case = TestCase::new(start_of(&check.name, LONGEST_NAME), status);
    case.set_classname(format!("validity/{}", start_of(&check.test, LONGEST_NAME)));
    if check.status == ValidityStatus::Warn {
        case.set_system_out(format!("WARN: {}", check.sentence));
    }
    case
}

fn properties(run: &Run) -> Vec<Property> {
    let outcome = match run.verdict.outcome {
        Some(Outcome::Go) => "go",
        Some(Outcome::Risk) => "risk",
        Some(Outcome::NoGo) => "no_go",
        Some(Outcome::Inconclusive) => "inconclusive",
        Some(Outcome::Invalid) => "invalid",
        None => "none",
    };
    let plan = run.plan.as_ref();
    [
        ("verdict", Some(outcome.to_owned())),
        ("exit_code", Some(run.verdict.exit_code.to_string())),
        ("sentence", Some(run.verdict.sentence.clone())),
        ("release", plan.and_then(|plan| plan.version.clone())),
        ("revision", plan.and_then(|plan| plan.revision.clone())),
        ("plan_sha256", plan.map(|plan| plan.sha256.clone())),
        ("plimsoll", Some(run.engine.version.clone())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(Property::new(name, value?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn rendered(run: &Run) -> String {
        let mut out = Vec::new();
        render(run, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_kind_of_run_is_told_apart() {
        for (name, mut run) in fixture::plans() {
            // One test of a kind is enough to read.
            run.tests.retain(|test| test.name == "headroom");
            let is_kept = |item: &Item| !matches!(item.test.as_deref(), Some(test) if test != "headroom" && item.state == ItemState::Pass);
            run.items.retain(is_kept);
            run.validity.checks.retain(|check| check.test == "headroom");
            insta::assert_snapshot!(name, rendered(&run));
        }
        insta::assert_snapshot!("failing", rendered(&fixture::failing()));
        insta::assert_snapshot!("invalid", rendered(&fixture::invalid()));
    }

    #[test]
    fn every_item_and_every_check_is_one_case() {
        let runs = fixture::all().into_iter().chain(fixture::plans());
        for (name, run) in runs {
            let report = Report::deserialize_from_str(&rendered(&run)).unwrap();
            let cases: usize = report
                .test_suites
                .iter()
                .map(|suite| suite.test_cases.len())
                .sum();
            let broken = run.validity.checks.iter();
            let broken = broken
                .filter(|check| check.status == ValidityStatus::Invalid)
                .count();
            let is_open = |item: &&Item| crate::verdict::is_open(item.state);
            let failed = run
                .items
                .iter()
                .filter(|item| item.state == ItemState::Fail)
                .count();
            let open = run.items.iter().filter(is_open).count();
            // Rehearsals are inconclusive whatever their items are.
            let is_unexplained = failed + open + broken == 0 && run.verdict.exit_code == 21;
            let unexplained = usize::from(is_unexplained);
            let all = run.items.len() + run.validity.checks.len();
            assert_eq!(cases, all + unexplained, "{name}");
            assert_eq!(
                (report.failures, report.errors),
                (failed, open + broken + unexplained),
                "{name}"
            );
        }
    }

    #[test]
    fn a_bad_verdict_that_nothing_explains_is_a_case_of_its_own() {
        for (exit_code, counts) in [(0, (0, 0)), (10, (0, 0)), (20, (1, 0)), (130, (0, 1))] {
            let mut run = fixture::healthy();
            run.items.clear();
            run.verdict.exit_code = exit_code;
            run.verdict.sentence = "NO-GO: the run gave itself up".to_owned();
            let text = rendered(&run);
            let report = Report::deserialize_from_str(&text).unwrap();
            assert_eq!((report.failures, report.errors), counts, "{exit_code}");
            assert_eq!(
                text.contains("<testcase name=\"verdict\""),
                counts != (0, 0)
            );
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let report = rendered(&fixture::hostile_plan());
        assert!(!report.contains("<script>") && !report.contains('\u{202e}'));
        assert!(Report::deserialize_from_str(&report).is_ok());
    }
}
