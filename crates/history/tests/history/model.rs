//! A history does what a list of runs does.

use crate::common::*;
use plimsoll_history::{Added, Filter, History, Metric, Provenance, Pruning, Surplus, TrendQuery};
use proptest::prelude::*;

/// Something that is done with a history. Runs are numbered by when they start.
#[derive(Debug, Clone)]
enum Deed {
    Add {
        number: u64,
        branch: Option<&'static str>,
        label: Option<&'static str>,
        machine: &'static str,
    },
    Label {
        number: u64,
        label: Option<&'static str>,
    },
    KeepNewest {
        count: usize,
        branch: Option<&'static str>,
        labelled: bool,
    },
    KeepSince {
        number: u64,
        labelled: bool,
    },
    OpenAgain,
}

const BRANCHES: [Option<&str>; 3] = [None, Some("main"), Some("feature")];
const LABELS: [Option<&str>; 4] = [None, None, None, Some("4.11.3")];
const MACHINES: [&str; 2] = ["EPYC", "Xeon"];

fn deed() -> impl Strategy<Value = Deed> {
    let branch = || prop::sample::select(&BRANCHES[..]);
    let label = || prop::sample::select(&LABELS[..]);
    let number = || 0..12_u64;
    let machine = prop::sample::select(&MACHINES[..]);
    prop_oneof![
        6 => (number(), branch(), label(), machine).prop_map(|(number, branch, label, machine)| {
            Deed::Add { number, branch, label, machine }
        }),
        1 => (number(), label()).prop_map(|(number, label)| Deed::Label { number, label }),
        1 => (0..4_usize, branch(), any::<bool>()).prop_map(|(count, branch, labelled)| {
            Deed::KeepNewest { count, branch, labelled }
        }),
        1 => (number(), any::<bool>()).prop_map(|(number, labelled)| {
            Deed::KeepSince { number, labelled }
        }),
        1 => Just(Deed::OpenAgain),
    ]
}

/// A run of the model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    number: u64,
    branch: Option<&'static str>,
    label: Option<&'static str>,
    machine: &'static str,
}

#[derive(Debug, Default)]
struct Model {
    /// The newest last.
    runs: Vec<Known>,
}

impl Model {
    fn keep_newest(&mut self, count: usize, branch: Option<&str>, labelled: bool) {
        for group in BRANCHES {
            if branch.is_some() && branch != group {
                continue;
            }
            let belongs = |run: &Known| run.branch == group && (labelled || run.label.is_none());
            let mut surplus = self.runs.iter().filter(|run| belongs(run)).count();
            surplus = surplus.saturating_sub(count);
            self.runs.retain(|run| {
                let goes = belongs(run) && surplus > 0;
                surplus -= usize::from(goes);
                !goes
            });
        }
    }

    fn has(&self, number: u64) -> bool {
        self.runs.iter().any(|run| run.number == number)
    }
}

/// Does it to both.
fn perform(deed: Deed, history: &mut History, model: &mut Model) {
    match deed {
        Deed::Add {
            number,
            branch,
            label,
            machine,
        } => {
            let provenance = Provenance {
                branch: branch.map(str::to_owned),
                label: label.map(str::to_owned),
                ..Provenance::default()
            };
            let added = add(history, &run(number), &on(machine), &provenance).unwrap();
            assert_eq!(matches!(added, Added::Known(_)), model.has(number));
            if !model.has(number) {
                model.runs.push(Known {
                    number,
                    branch,
                    label,
                    machine,
                });
                model.runs.sort();
            }
        }
        Deed::Label { number, label } => {
            let id = plimsoll_history::RunId::of(&run(number));
            let set = history.set_label(&id, label);
            assert_eq!(set.is_ok(), model.has(number));
            for run in &mut model.runs {
                if run.number == number {
                    run.label = label;
                }
            }
        }
        Deed::KeepNewest {
            count,
            branch,
            labelled,
        } => {
            let pruning = Pruning {
                branch: branch.map(str::to_owned),
                labelled,
                ..Pruning::of(Surplus::BeyondNewest(count))
            };
            let before = model.runs.len();
            model.keep_newest(count, branch, labelled);
            let pruned = history.prune(&pruning).unwrap();
            assert_eq!(pruned.runs.len(), before - model.runs.len());
        }
        Deed::KeepSince { number, labelled } => {
            let pruning = Pruning {
                labelled,
                ..Pruning::of(Surplus::StartedBefore(minute(number)))
            };
            history.prune(&pruning).unwrap();
            let stays = |run: &Known| run.number >= number || (run.label.is_some() && !labelled);
            model.runs.retain(stays);
        }
        Deed::OpenAgain => *history = History::open(history.path()).unwrap(),
    }
}

/// Asks both.
fn compare(history: &History, model: &Model) {
    for branch in BRANCHES {
        let filter = Filter {
            branch: branch.map(str::to_owned),
            ..Filter::default()
        };
        let listed = history.list(&filter).unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|run| (run.started_at, run.branch.as_deref(), run.label.as_deref()))
            .collect();
        let here = |run: &&Known| branch.is_none() || run.branch == branch;
        let known: Vec<_> = model
            .runs
            .iter()
            .rev()
            .filter(here)
            .map(|run| (minute(run.number), run.branch, run.label))
            .collect();
        assert_eq!(listed, known);
        for machine in MACHINES {
            let trend = history
                .trend(&TrendQuery {
                    series: &results(),
                    metric: Metric::P99,
                    environment: &environment(&on(machine)),
                    disregarded: &STRICT,
                    branch,
                    limit: None,
                })
                .unwrap();
            let values = trend.points.iter();
            let values: Vec<_> = values.map(|point| point.value.finite().unwrap()).collect();
            let runs = model.runs.iter().filter(here);
            let (like, unlike): (Vec<_>, Vec<_>) = runs.partition(|run| run.machine == machine);
            let known: Vec<_> = like.iter().map(|run| p99_ns(run.number) as f64).collect();
            assert_eq!(values, known);
            let left_out: usize = trend.left_out.iter().map(|one| one.runs).sum();
            assert_eq!(left_out, unlike.len());
        }
    }
    check(history).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_history_does_what_a_list_does(deeds in proptest::collection::vec(deed(), 1..25)) {
        let (_folder, mut history) = begun();
        let mut model = Model::default();
        for deed in deeds {
            perform(deed, &mut history, &mut model);
            compare(&history, &model);
        }
    }
}
