//! The result of a search in the run of a plan: what it is of, and in what that differs from the run.

use jiff::Timestamp;

use super::planning::{Demand, planning};
use super::promised::without_promise;
use super::resources::hold_against;
use crate::document::{Capacity, EarlierSearch, Machine, Notice, NoticeLevel, Run, Source};
use crate::verdict::days;

/// The utilisation where the search does not say.
const USUAL_UTILISATION: f64 = 0.8;

/// Puts what a search found into a run, held against the peak of the run's plan, and says what may
/// make it another result there. `folder` is where the search lies, `sha256` the digest of its document.
///
/// A run that is no search, or has no plan, stays as it is.
pub fn attach(run: &mut Run, search: &Run, folder: &str, sha256: &str) {
    let Some(found) = search.capacity.as_ref().filter(|_| search.is_search()) else {
        return;
    };
    let Some(plan) = &run.plan else { return };
    let expected = &plan.expected;
    let mut capacity = Capacity {
        earlier: Some(earlier(run, search, found, folder)),
        ..found.clone()
    };
    for probe in &mut capacity.probes {
        probe.test = None;
    }
    if let Some(resources) = &mut capacity.resources {
        hold_against(
            resources,
            capacity.sustained_rate,
            Some(expected.target_per_s),
        );
    }
    let known = &found.planning;
    let demand = Demand {
        peak: Some((expected.peak_per_s, expected.target_per_s)),
        growth: known.growth,
        utilisation: match known.utilisation > 0.0 {
            true => known.utilisation,
            false => USUAL_UTILISATION,
        },
    };
    capacity.planning = planning(
        capacity.sustained_rate,
        &demand,
        capacity.resources.as_ref(),
    );
    // This plan promises for itself.
    capacity.sentence = without_promise(&capacity.sentence).to_owned();
    // What was attached before is replaced.
    run.sources.retain(|source| source.role != ROLE);
    run.notices
        .retain(|notice| !notice.text.starts_with(NOTICE));
    run.sources.push(Source {
        role: ROLE.to_owned(),
        path: folder.to_owned(),
        sha256: sha256.to_owned(),
    });
    let doubts = capacity.earlier.iter().flat_map(super::words::doubts);
    run.notices.extend(doubts.map(|doubt| Notice {
        level: NoticeLevel::Warn,
        text: format!("{NOTICE}{doubt}"),
    }));
    run.capacity = Some(capacity);
}

/// The role of a search among the sources of a run.
const ROLE: &str = "capacity";
/// What a notice about it begins with.
const NOTICE: &str = "capacity from an earlier search: ";

fn earlier(run: &Run, search: &Run, found: &Capacity, folder: &str) -> EarlierSearch {
    let mut said = Said::default();
    if !found.complete {
        said.differs(match found.sustained_rate {
            None => "it did not come to its end, and nothing was confirmed",
            Some(_) => "it did not come to its end: whether the system comes back to what was confirmed is not known",
        });
    }
    release(&mut said, run, found);
    origin(&mut said, run, search);
    scenario(&mut said, run, search);
    circumstances(&mut said, run, search);
    let age_ns = age_ns(search.started_at, run.started_at);
    old(&mut said, run, search.started_at);
    EarlierSearch {
        folder: folder.to_owned(),
        name: search.name.clone(),
        started_at: search.started_at,
        age_ns,
        differences: said.differences,
        unknown: said.unknown,
    }
}

#[derive(Default)]
struct Said {
    differences: Vec<String>,
    unknown: Vec<String>,
}

impl Said {
    fn differs(&mut self, text: impl Into<String>) {
        self.differences.push(text.into());
    }

    fn unknown(&mut self, text: impl Into<String>) {
        self.unknown.push(text.into());
    }
}

fn age_ns(before: Option<Timestamp>, after: Option<Timestamp>) -> Option<u64> {
    u64::try_from(after?.duration_since(before?).as_nanos()).ok()
}

/// Evidence may be too old for the meeting.
fn old(said: &mut Said, run: &Run, started_at: Option<Timestamp>) {
    let Some(plan) = &run.plan else { return };
    let by = plan.meeting.or(run.started_at);
    let too_old = age_ns(started_at, by).zip(plan.evidence_max_age_ns);
    if let Some((age, limit)) = too_old.filter(|(age, limit)| age > limit) {
        said.differs(format!(
            "it is {} old when it is needed, and the plan lets evidence be {} old",
            days(age),
            days(limit)
        ));
    }
}

fn release(said: &mut Said, run: &Run, found: &Capacity) {
    let plan = run.plan.as_ref();
    let Some(version) = plan.and_then(|plan| plan.version.as_ref()) else {
        return said.unknown("the release: this plan names none");
    };
    let revision = plan.and_then(|plan| plan.revision.as_ref());
    match &found.release {
        None => said.unknown("the release: the search was made without a plan that names one"),
        Some(of) if of.version != *version => said.differs(format!(
            "the release is {version}, and the search names {}",
            of.version
        )),
        Some(of) => match (&of.revision, revision) {
            (Some(one), Some(other)) if one != other => said.differs(format!(
                "the release is {version} at {other}, and the search names {one}"
            )),
            _ => said.unknown(format!(
                "the release: the search names {version} too, and did not prove it"
            )),
        },
    }
}

/// The repository or the job that it was made in.
fn origin(said: &mut Said, run: &Run, search: &Run) {
    let revision = |run: &Run| {
        let known = run.circumstances.as_ref()?;
        known.origin.revision.clone()
    };
    if let (Some(here), Some(there)) = (revision(run), revision(search))
        && here != there
    {
        said.differs(format!(
            "it was made at revision {there}, and this run at {here}"
        ));
    }
}

fn scenario(said: &mut Said, run: &Run, search: &Run) {
    let digests = |run: &Run, role: &str| {
        let sources = run.sources.iter().filter(|source| source.role == role);
        let mut digests: Vec<String> = sources.map(|source| source.sha256.clone()).collect();
        digests.sort();
        digests
    };
    for (role, what) in [
        ("scenario", "the scenario is another"),
        ("data", "the data are others"),
    ] {
        if digests(run, role) != digests(search, role) {
            said.differs(format!("{what}, or changed since"));
        }
    }
}

fn circumstances(said: &mut Said, run: &Run, search: &Run) {
    let (Some(here), Some(there)) = (&run.circumstances, &search.circumstances) else {
        return said.unknown("the machine and the target");
    };
    match (&here.target, &there.target) {
        (Some(here), Some(there)) if here == there => {}
        (Some(here), Some(there)) => said.differs(format!(
            "the load went to {there}, and in this run to {here}"
        )),
        _ => said.unknown("the target"),
    }
    match (machine(&here.machine), machine(&there.machine)) {
        (Some(_), Some(_)) if here.machine == there.machine => {}
        (Some(here), Some(there)) => said.differs(format!(
            "the load came from {there}, and in this run from {here}"
        )),
        _ => said.unknown("the machine that the load came from"),
    }
    if run.engine.version != search.engine.version
        || run.engine.debug_build != search.engine.debug_build
    {
        said.differs("it was made with another build of plimsoll");
    }
}

/// A machine in words; `None` where nothing is known of it.
fn machine(machine: &Machine) -> Option<String> {
    let mut parts = Vec::new();
    parts.extend(machine.processor.clone());
    parts.extend(machine.cores.map(|cores| format!("{cores} processors")));
    parts.extend(
        machine
            .memory_bytes
            .map(|bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))),
    );
    parts.extend(machine.kernel.clone());
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Circumstances, NamedRelease};
    use crate::fixture;
    use plimsoll_measure::scalability::headroom;

    fn known(target: &str) -> Option<Circumstances> {
        Some(Circumstances {
            machine: Machine {
                cores: Some(2),
                ..Machine::default()
            },
            target: Some(target.to_owned()),
            ..Circumstances::default()
        })
    }

    /// A search, and a run of a plan of the same scenario some days later.
    fn pair() -> (Run, Run) {
        let (mut run, mut search) = (fixture::no_go(), fixture::search());
        search.sources = run.sources.clone();
        search.started_at = "2026-11-16T20:00:00Z".parse().ok();
        search.circumstances = known("demo");
        run.circumstances = known("demo");
        let plan = run.plan.as_ref().unwrap();
        let release = NamedRelease {
            version: plan.version.clone().unwrap(),
            revision: plan.revision.clone(),
        };
        search.capacity.as_mut().unwrap().release = Some(release);
        (run, search)
    }

    fn attached(run: &Run, search: &Run) -> (Capacity, EarlierSearch) {
        let mut run = run.clone();
        attach(&mut run, search, "results/capacity", "abc");
        let capacity = run.capacity.unwrap();
        let earlier = capacity.earlier.clone().unwrap();
        (capacity, earlier)
    }

    #[test]
    fn the_same_is_told_by_its_age_and_held_against_the_plan() {
        let (run, search) = pair();
        let (capacity, earlier) = attached(&run, &search);
        assert_eq!(earlier.differences, [""; 0]);
        assert_eq!(earlier.unknown.len(), 1, "{:?}", earlier.unknown);
        assert!(earlier.unknown[0].contains("did not prove it"));
        assert_eq!(earlier.age_ns, Some(86_400_000_000_000));
        let expected = &run.plan.as_ref().unwrap().expected;
        assert_eq!(capacity.planning.peak, Some(expected.peak_per_s));
        assert_eq!(capacity.planning.target, Some(expected.target_per_s));
        let room = headroom(141.4, expected.peak_per_s);
        assert_eq!(capacity.planning.headroom, room);
        assert!(capacity.probes.iter().all(|probe| probe.test.is_none()));
    }

    #[test]
    fn what_the_target_of_this_plan_needs_is_told_and_not_why_another_was_not() {
        let (run, mut search) = pair();
        let resources = search
            .capacity
            .as_mut()
            .unwrap()
            .resources
            .as_mut()
            .unwrap();
        resources.refused = Some("the target of the search was too far".to_owned());
        resources.measured_rate = Some(1e6);
        let (capacity, _) = attached(&run, &search);
        let resources = capacity.resources.unwrap();
        assert!(resources.processors_at_target.is_some());
        assert_eq!(resources.refused, None);
    }

    #[test]
    fn whatever_differs_is_said() {
        let differs = |change: &dyn Fn(&mut Run, &mut Run)| {
            let (mut run, mut search) = pair();
            change(&mut run, &mut search);
            let (_, earlier) = attached(&run, &search);
            earlier.differences.join("; ")
        };
        let scenario = differs(&|_, search| search.sources.clear());
        assert!(scenario.contains("the scenario is another"), "{scenario}");
        assert!(scenario.contains("the data are others"), "{scenario}");
        let release = differs(&|_, search| {
            let capacity = search.capacity.as_mut().unwrap();
            capacity.release.as_mut().unwrap().version = "0.9".to_owned();
        });
        assert!(release.contains("the search names 0.9"), "{release}");
        let target = differs(&|run, _| run.circumstances = known("https://other.example"));
        assert!(target.contains("in this run to https://other"), "{target}");
        let machine = differs(&|run, _| {
            run.circumstances.as_mut().unwrap().machine.cores = Some(64);
        });
        assert!(
            machine.contains("in this run from 64 processors"),
            "{machine}"
        );
        let age = differs(&|_, search| search.started_at = Some(Timestamp::UNIX_EPOCH));
        assert!(age.contains("lets evidence be"), "{age}");
        let open = differs(&|_, search| search.capacity.as_mut().unwrap().complete = false);
        assert!(open.contains("did not come to its end: whether"), "{open}");
        let nothing = differs(&|_, search| {
            let capacity = search.capacity.as_mut().unwrap();
            (capacity.complete, capacity.sustained_rate) = (false, None);
        });
        assert!(nothing.contains("nothing was confirmed"), "{nothing}");
        let build = differs(&|run, _| run.engine.debug_build = true);
        assert!(build.contains("another build of plimsoll"), "{build}");
        let revision = differs(&|run, search| {
            for (run, revision) in [(run, "a1"), (search, "b2")] {
                let known = run.circumstances.as_mut().unwrap();
                known.origin.revision = Some(revision.to_owned());
            }
        });
        assert!(
            revision.contains("revision b2, and this run at a1"),
            "{revision}"
        );
    }

    #[test]
    fn what_nobody_knows_is_said_too() {
        let (mut run, mut search) = pair();
        (run.circumstances, search.circumstances) = (None, known("demo"));
        search.capacity.as_mut().unwrap().release = None;
        let (_, earlier) = attached(&run, &search);
        assert_eq!(earlier.unknown.len(), 2, "{:?}", earlier.unknown);
    }

    #[test]
    fn doing_it_again_changes_nothing_and_a_run_that_is_none_is_left_alone() {
        let (mut run, mut search) = pair();
        search.sources.clear();
        attach(&mut run, &search, "results/capacity", "abc");
        let once = run.clone();
        attach(&mut run, &search, "results/capacity", "abc");
        assert_eq!(run, once);
        assert_eq!(run.verdict, pair().0.verdict);
        assert!(
            run.notices
                .iter()
                .any(|notice| notice.text.contains("NOT THE SAME"))
        );
        let (mut run, _) = pair();
        let before = run.clone();
        attach(&mut run, &fixture::healthy(), "x", "y");
        assert_eq!(run, before);
        let mut alone = fixture::healthy();
        attach(&mut alone, &search, "x", "y");
        assert_eq!(alone, fixture::healthy());
    }
}
