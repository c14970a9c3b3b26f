//! `plimsoll capacity`: how much load a system bears.

mod canary;
mod document;
mod follows;
mod outcome;
mod probe;
mod settings;
mod subject;
mod trials;

use crate::args::Output;
use crate::args::capacity::Capacity as Arguments;
use crate::begun::{Begun, GoingOn};
use crate::bundle;
use crate::drive;
use crate::failure::Failure;
use crate::folder;
use crate::notices;
use crate::observe;
use crate::plan::Http;
use crate::signals;
use crate::terminal;
use anyhow::Context;
use document::Told;
use jiff::Timestamp;
use plimsoll_engine::{Rules, RunOptions, Stop, raise_descriptor_limit};
use plimsoll_measure::capacity::{Action, Options, Outcome, Search};
use plimsoll_report::annotations;
use plimsoll_report::document::{Notice, NoticeLevel};
use plimsoll_report::facts::Ending;
use plimsoll_report::quantity::{duration, rate};
use plimsoll_scenario::Load;
use plimsoll_schedule::{Arrivals, LoadShape, Rate};
use probe::{Offer, Probed, Prober};
use settings::Settings;
use std::sync::Arc;
use subject::Subject;
use trials::{Trials, Tried};

/// Searches, and returns the exit code of what was found.
pub(crate) fn capacity(arguments: &Arguments, output: &Output) -> Result<u8, Failure> {
    let resumed = arguments
        .resume
        .as_deref()
        .map(Trials::resume)
        .transpose()?;
    let mut settings = match &resumed {
        Some(trials) => trials.journal.head.settings.clone(),
        None => Settings::of(arguments)?,
    };
    // Who goes on may say it too.
    let permitted = &arguments.outlet.yes_i_may_load;
    settings.yes_i_may_load.extend(permitted.iter().cloned());
    let subject = Subject::of(&settings, output)?;
    drive::ask_permission(&subject.scenario, &settings.yes_i_may_load)?;
    let options = settings.options(subject.peak.map(|(peak, _)| peak), subject.fewest())?;
    let here = Begun::here(
        &subject.scenario.secrets,
        settings.timer.mode(),
        settings.threads,
    );
    let begun = settings.begun.clone().unwrap_or_else(|| here.clone());
    let (mut trials, folder) = match (resumed, &arguments.resume) {
        (Some(trials), Some(folder)) => {
            if settings.server_is_masked {
                return Err(Failure::Usage(format!(
                    "cannot go on with {}: a secret stood in the command line and is not kept; begin another search",
                    folder.display()
                )));
            }
            if trials.journal.head.sources != subject.sources {
                return Err(Failure::Usage(format!(
                    "cannot go on with {}: the files are not what they were; begin another search",
                    folder.display()
                )));
            }
            (trials, folder.clone())
        }
        _ => {
            let started_at = Timestamp::now();
            let name = format!("capacity-{}", subject.name);
            let out = &arguments.outlet.out;
            let folder = out.clone();
            let folder = folder.unwrap_or_else(|| drive::usual_folder(&name, started_at));
            let (mut kept, sources) = (settings.clone(), subject.sources.clone());
            let secrets = &subject.scenario.secrets;
            kept.server = kept.server.map(|text| secrets.mask(&text).into_owned());
            kept.server_is_masked = kept.server != settings.server;
            kept.begun = Some(here.clone());
            let trials = Trials::begin(&folder, kept, sources, started_at)?;
            bundle::remove_outputs(&folder, &[])?;
            (trials, folder)
        }
    };
    let mut search = Search::replay(options, trials.outcomes()?)
        .map_err(|problem| Failure::Usage(problem.to_string()))?;
    let mut notices = begun.go_on(
        &here,
        GoingOn {
            what: "the search",
            parts: "probes",
            command: settings.server.as_ref().map(|_| "--server"),
        },
    )?;
    notices.extend(said(&subject, &settings, &options)?);
    for notice in &notices {
        let mark = notices::mark(notice.level);
        terminal::say(output, &format!("{mark}{}", notice.text));
    }
    let stop = Stop::default();
    signals::listen(stop.clone(), || {
        terminal::tell(
            "interrupted: the probe under way is lost, those before it are kept (Ctrl-C again ends at once)",
        );
    })
    .context("cannot listen for signals")?;
    let up = subject.start(&settings, &folder, &stop)?;
    if search.next() != Action::Done {
        let http = Http::new(Arc::clone(&subject.scenario), up.demo())?;
        http.connect().map_err(Failure::Usage)?;
    }
    let told = Told::of(&subject, up.sampling.source(), notices, begun.command);
    let arrivals = arrivals(&settings);
    let prober = Prober {
        options: RunOptions {
            load: Load::Closed {
                users: 0,
                pacing: None,
                duration: None,
                iterations: None,
            },
            demo: up.demo(),
            threads: settings.threads,
            seed: settings.seed,
            drop_after: None,
            grace: settings.grace(),
            max_rate: None,
            timer: settings.timer.mode(),
            stop_when_decided: false,
            rules: Rules::default(),
        },
        subject: &subject,
        up,
        arrivals,
        stop,
    };
    let keep = |trials: &Trials, search: &Search, reason: &str| {
        let reason = reason.to_owned();
        let run = told.run(trials, search, Ending::Incomplete { reason });
        folder::replace(&folder, "run.json", |out| run.write(out)).map_err(|problem| {
            Failure::Internal(anyhow::anyhow!(
                "cannot write {}: {problem}; every probe that is over is kept: free some room, and go on with: plimsoll capacity --resume {}",
                folder.join("run.json").display(),
                folder.display()
            ))
        })
    };
    let searched = searched(&mut search, &prober, &options, &mut trials, output, &keep);
    drop(prober);
    if let Err(problem) = searched {
        // Where that can still be written, the document says why it went no further.
        let reason = problem.to_string();
        keep(&trials, &search, &subject.scenario.secrets.mask(&reason)).ok();
        return Err(problem);
    }
    let ending = match search.next() {
        Action::Done => Ending::Complete,
        _ => Ending::Interrupted {
            reason: signals::INTERRUPTED.to_owned(),
        },
    };
    let run = told.run(&trials, &search, ending);
    terminal::print(&observe::rendered(&run, output)?);
    terminal::annotate(output, &annotations::of_run(&run));
    folder::write(&folder, "run.json", |out| run.write(out))?;
    folder::write(&folder, "summary.md", |out| {
        plimsoll_report::summary::render(&run, out)
    })?;
    folder::write(&folder, "report.html", |out| {
        plimsoll_report::html::render(&run, out)
    })?;
    if search.next() != Action::Done {
        let hint = format!(
            "go on with: plimsoll capacity --resume {}",
            folder.display()
        );
        terminal::say(output, &hint);
    }
    terminal::say(output, &format!("result: {}", folder.display()));
    Ok(run.verdict.exit_code)
}

fn arrivals(settings: &Settings) -> Arrivals {
    match settings.arrivals {
        Some(crate::args::Arrivals::Poisson) => Arrivals::Poisson,
        Some(crate::args::Arrivals::Even) | None => Arrivals::Even,
    }
}

/// What a reader ought to know before anything is sent.
fn said(subject: &Subject, settings: &Settings, options: &Options) -> Result<Vec<Notice>, Failure> {
    let limits = raise_descriptor_limit();
    let wrong = |what: &str, problem: String| Failure::Usage(format!("{what}: {problem}"));
    let first = Rate::per_second(options.start).map_err(|problem| {
        let what = match settings.start {
            Some(_) => "--start",
            None => "the first rate, half of the peak",
        };
        wrong(what, problem.to_string())
    })?;
    let load = Load::Open {
        shape: LoadShape::constant(first, probe::ns(options.measured_s))
            .map_err(|problem| wrong("--probe", problem.to_string()))?,
        arrivals: Arrivals::Even,
        promise: None,
    };
    let mut notices = notices::of_run(&subject.scenario, &load, limits);
    let warn = |text: String| Notice {
        level: NoticeLevel::Warn,
        text,
    };
    notices.extend(subject.left_out.iter().map(|left_out| {
        warn(format!(
            "`{left_out}` is no objective of the search: lower rates miss it however well the system does, and how much is borne is what is searched"
        ))
    }));
    if options.start * options.longest_s < options.fewest {
        notices.push(warn(format!(
            "no probe of {} can pass: it takes {:.0} journeys to prove the objectives, and {} s (--longest) have fewer; start at a higher rate (--start), probe longer, or judge a lower percentile",
            rate(options.start),
            options.fewest.ceil(),
            options.longest_s
        )));
    }
    Ok(notices)
}

/// Probes until it is known, or somebody ends it. What is known so far is kept after every probe.
fn searched(
    search: &mut Search,
    prober: &Prober<'_>,
    options: &Options,
    trials: &mut Trials,
    output: &Output,
    keep: &dyn Fn(&Trials, &Search, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Until it says otherwise, a search that is found on disk did not come to its end.
    const UNFINISHED: &str = "it was killed, or its machine went down";
    keep(trials, search, UNFINISHED)?;
    rest(search, prober, options, trials, output)?;
    while search.next() != Action::Done && !prober.stop.is_stopped() {
        let baseline_ns = baseline_ns(trials);
        let started_ns = since(trials.journal.head.started_at);
        let number = trials.tests() + 1;
        let Some(mut probed) = tried(prober, search.next(), number, baseline_ns, options)? else {
            break;
        };
        if let Some(document) = &mut probed.test {
            document.test.started_ns = Some(started_ns);
        }
        let told = std::iter::repeat_n(Outcome::Inconclusive, probed.extensions);
        for outcome in told.chain([probed.outcome]) {
            search
                .tell(outcome)
                .map_err(|problem| Failure::Internal(problem.into()))?;
        }
        terminal::say(output, &line(&probed));
        trials.add(Tried {
            extensions: probed.extensions,
            probe: probed.document,
            test: probed.test,
        })?;
        keep(trials, search, UNFINISHED)?;
    }
    Ok(())
}

/// Lets the system rest before a search goes on: the probe that was cut off may have been too much. One that
/// has tried nothing has nothing to rest from.
fn rest(
    search: &Search,
    prober: &Prober<'_>,
    options: &Options,
    trials: &Trials,
    output: &Output,
) -> Result<(), Failure> {
    let rests_anyway = matches!(search.next(), Action::CoolDown { .. } | Action::Done);
    let found = search.found();
    let upper = found.upper.map(|upper| upper.rate / options.growth);
    let Some(rate) = found.lower.or(upper).filter(|_| !rests_anyway) else {
        return Ok(());
    };
    let cool_down = &options.cool_down;
    let rate = cool_down.canary_share * rate;
    let Some(rested) = prober.cool_down(rate, baseline_ns(trials), cool_down)? else {
        return Ok(());
    };
    terminal::say(output, &line(&rested));
    match rested.outcome {
        Outcome::Settled => Ok(()),
        _ => Err(Failure::Usage(format!(
            "the search cannot go on: the system is not at rest ({}); let it come to rest, and go on then",
            rested.document.reason
        ))),
    }
}

/// How long ago that was, in nanoseconds; of a search that was resumed the pause is in it.
fn since(started_at: Timestamp) -> u64 {
    let since = Timestamp::now().duration_since(started_at);
    u64::try_from(since.as_nanos()).unwrap_or_default()
}

/// Does what is next.
fn tried(
    prober: &Prober<'_>,
    action: Action,
    number: usize,
    baseline_ns: Option<u64>,
    options: &Options,
) -> Result<Option<Probed>, Failure> {
    let offer = |kind, rate, trimmed_s, lengths_s| Offer {
        kind,
        number,
        rate,
        before: Vec::new(),
        trimmed_s,
        lengths_s,
    };
    match action {
        Action::Probe {
            rate,
            trimmed_s,
            measured_s,
        } => prober.probe(&offer(
            "probe",
            rate,
            trimmed_s,
            lengths(measured_s, options),
        )),
        // One that seemed to be decided before its last answers came is offered again, for longer.
        Action::Extend { rate, measured_s } => prober.probe(&offer(
            "probe",
            rate,
            options.trimmed_s,
            lengths(measured_s, options),
        )),
        Action::Confirm {
            rate,
            trimmed_s,
            measured_s,
        } => prober.probe(&offer("confirm", rate, trimmed_s, vec![measured_s])),
        Action::FromAbove {
            from,
            above_s,
            drain,
            drained_s,
            rate,
            trimmed_s,
            measured_s,
        } => prober.probe(&Offer {
            before: vec![(from, above_s), (drain, drained_s)],
            ..offer("from_above", rate, trimmed_s, vec![measured_s])
        }),
        Action::CoolDown { rate, longest_s } => {
            let cool_down = plimsoll_measure::capacity::CoolDown {
                longest_s,
                ..options.cool_down
            };
            prober.cool_down(rate, baseline_ns, &cool_down)
        }
        Action::Done => Ok(None),
    }
}

/// After how many seconds a probe may be judged: as the search extends it.
fn lengths(measured_s: f64, options: &Options) -> Vec<f64> {
    let mut lengths = vec![measured_s];
    let mut last_s = measured_s;
    while last_s < options.longest_s {
        last_s = (last_s + options.measured_s).min(options.longest_s);
        lengths.push(last_s);
    }
    lengths
}

/// The median of the first rate that was borne.
fn baseline_ns(trials: &Trials) -> Option<u64> {
    let passed = trials.all.iter().map(|tried| &tried.probe);
    let mut passed = passed.filter(|probe| probe.kind == "probe" && probe.outcome == "passed");
    passed.next()?.p50_ns
}

/// A probe in a line.
fn line(probed: &Probed) -> String {
    let probe = &probed.document;
    let p99 = match (probe.p99_ns, probe.p99_infinite) {
        (Some(ns), _) => format!(", p99 {}", duration(ns)),
        (None, true) => ", p99 ∞".to_owned(),
        (None, false) => String::new(),
    };
    format!(
        "{} {}: {}{p99}: {}",
        probe.kind.replace('_', " "),
        rate(probe.rate),
        probe.outcome.replace('_', " "),
        probe.reason
    )
}
