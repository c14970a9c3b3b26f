//! `plimsoll duel`: two builds take turns until it is known whether one is worse.

mod judge;
mod load;
mod rounds;
mod settings;
mod side;
mod turn;

use crate::args::Output;
use crate::args::duel::Duel as Arguments;
use crate::begun::GoingOn;
use crate::circumstances;
use crate::drive;
use crate::failure::Failure;
use crate::folder;
use crate::notices;
use crate::record;
use crate::signals;
use crate::terminal;
use anyhow::Context;
use jiff::Timestamp;
use plimsoll_engine::{Stop, raise_descriptor_limit};
use plimsoll_measure::regression::{self, Looks, Verdict};
use plimsoll_report::annotations;
use plimsoll_report::document::Notice;
use plimsoll_report::duel as document;
use rounds::{Round, Rounds};
use settings::Settings;
use side::Side;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use turn::Field;

/// Plays a duel and returns the exit code of its verdict.
pub(crate) fn duel(arguments: &Arguments, output: &Output) -> Result<u8, Failure> {
    let (mut game, folder) = match &arguments.resume {
        Some(folder) => (Game::resume(folder, output)?, folder.clone()),
        None => Game::begin(arguments, output)?,
    };
    let stop = game.field.stop.clone();
    signals::listen(stop, || {
        terminal::tell(
            "interrupted: the round under way is lost, those before it are kept (Ctrl-C again ends at once)",
        );
    })
    .context("cannot listen for signals")?;
    let hint = format!("go on with: plimsoll duel --resume {}", folder.display());
    if !arguments.end_now
        && let Err(problem) = game.play(output)
    {
        if !game.rounds.all.is_empty() {
            let kept = match game.rounds.all.len() {
                1 => "1 round is kept".to_owned(),
                rounds => format!("{rounds} rounds are kept"),
            };
            terminal::say(output, &format!("{kept}; {hint}"));
        }
        return Err(problem);
    }
    let document = game.conclude(arguments.end_now)?;
    let page = document::page(&document);
    let wrote = folder::write(&folder, "duel.json", |out| document.write(out)).and_then(|()| {
        folder::write(&folder, "summary.md", |out| {
            out.write_all(page.markdown().as_bytes())
        })
    });
    terminal::print(&terminal::page_or_json(&page, &document, output)?);
    terminal::annotate(output, &annotations::of_duel(&document));
    wrote?;
    if document.status == document::Status::Interrupted {
        terminal::say(output, &hint);
    }
    terminal::say(output, &format!("result: {}", folder.display()));
    Ok(document.verdict.exit_code)
}

/// A duel under way.
struct Game {
    field: Field,
    looks: Looks,
    rounds: Rounds,
    notices: Vec<Notice>,
}

impl Game {
    /// Plans a duel, and begins its folder.
    fn begin(arguments: &Arguments, output: &Output) -> Result<(Self, PathBuf), Failure> {
        let settings = Settings::of(arguments)?;
        let started_at = Timestamp::now();
        // What is wrong is said before a folder is made.
        let (field, notices) = prepare(&settings, output)?;
        let name = format!("duel-{}", field.a.scenario.name);
        let folder = match &arguments.outlet.out {
            Some(folder) => folder.clone(),
            None => drive::usual_folder(&name, started_at),
        };
        let field = field.logging_to(&folder);
        let sources = record::sources(&field.a.scenario);
        let kept = settings.kept(&field.a.scenario.secrets);
        let game = Self {
            looks: settings.looks()?,
            rounds: Rounds::begin(&folder, kept, sources, started_at)?,
            field,
            notices,
        };
        Ok((game, folder))
    }

    /// Takes a duel up again.
    fn resume(folder: &Path, output: &Output) -> Result<Self, Failure> {
        let rounds = Rounds::resume(folder)?;
        let settings = &rounds.journal.head.settings;
        if settings.a.is_masked || settings.b.is_masked {
            return Err(Failure::Usage(format!(
                "cannot go on with {}: a secret stood in the command line and is not kept; begin another duel",
                folder.display()
            )));
        }
        let (field, mut notices) = prepare(settings, output)?;
        let changed = surroundings(settings, &field)?;
        for notice in &changed {
            let mark = notices::mark(notice.level);
            terminal::say(output, &format!("{mark}{}", notice.text));
        }
        notices.extend(changed);
        let field = field.logging_to(folder);
        if record::sources(&field.a.scenario) != rounds.journal.head.sources {
            return Err(Failure::Usage(format!(
                "cannot go on with {}: the scenario or its data are not what they were; begin another duel",
                folder.display()
            )));
        }
        let count = rounds.valid().count();
        let told = match rounds.are_over {
            true => format!(
                "it was judged after {count} rounds: more of them now would make its verdict wrong more often"
            ),
            false => format!("going on after {count} rounds"),
        };
        terminal::say(output, &told);
        Ok(Self {
            looks: settings.looks()?,
            field,
            notices,
            rounds,
        })
    }

    /// Plays rounds until it is decided, there are enough, or somebody ends it.
    fn play(&mut self, output: &Output) -> Result<(), Failure> {
        if !self.is_over() && !self.rounds.are_over {
            self.field.a.see_that_it_is_there()?;
            self.field.b.see_that_it_is_there()?;
        }
        while !self.is_over() && !self.rounds.are_over && !self.field.stop.is_stopped() {
            let number = self.rounds.all.len() + 1;
            let Some(round) = self.field.round(number)? else {
                return Ok(());
            };
            let line = told(&round);
            self.rounds.add(round)?;
            let valid = self.rounds.valid().count();
            let settings = &self.rounds.journal.head.settings;
            let line = format!(
                "{line}; {valid} of {} planned, {} at most",
                settings.rounds, settings.most
            );
            terminal::say(output, &line);
        }
        Ok(())
    }

    /// Whether no more rounds are to be played.
    fn is_over(&self) -> bool {
        let settings = &self.rounds.journal.head.settings;
        let valid = self.rounds.valid().count();
        if self.is_hopeless() || self.looks.after(valid).is_none() {
            return true;
        }
        let Some(duel) = regression::judge(&self.contests(), &self.looks) else {
            return false;
        };
        duel.is_decided() || valid >= settings.rounds && duel.verdict() != Verdict::Inconclusive
    }

    /// Whether as many rounds were left out as were planned, and more than were not.
    fn is_hopeless(&self) -> bool {
        let valid = self.rounds.valid().count();
        let dropped = self.rounds.all.len() - valid;
        dropped >= self.rounds.journal.head.settings.rounds && dropped > valid
    }

    fn steps(&self) -> usize {
        let catalogue = self.field.a.scenario.catalogue();
        let journeys = catalogue.journeys().iter();
        journeys.map(|journey| journey.steps.len()).sum()
    }

    fn contests(&self) -> Vec<regression::Contest> {
        let (steps, metrics) = (self.steps(), &self.field.metrics);
        let settings = &self.rounds.journal.head.settings;
        judge::contests(self.rounds.valid(), steps, metrics, settings)
    }

    /// Judges what there is. One that was judged before is judged by the same rounds in the same way: what
    /// came of it may never have been written.
    fn conclude(&mut self, is_ended: bool) -> Result<document::Duel, Failure> {
        let is_ended = is_ended || self.rounds.are_over;
        let is_interrupted = !self.is_over() && !is_ended;
        let contests = self.contests();
        let at_end = || regression::judge_at_end(&contests, &self.looks);
        // What is seen where most rounds are not to be believed is no finding.
        let judged = match self.is_over() {
            _ if is_interrupted || self.is_hopeless() => None,
            true => regression::judge(&contests, &self.looks).or_else(at_end),
            false => at_end(),
        };
        if !is_interrupted {
            self.rounds.end()?;
        }
        let outcome = match &judged {
            _ if is_interrupted => None,
            _ if self.is_hopeless() => Some(document::Outcome::Invalid),
            Some(duel) => Some(duel.verdict().into()),
            None => Some(document::Outcome::Inconclusive),
        };
        Ok(self.document(judged.as_ref(), &contests, outcome))
    }

    fn document(
        &self,
        judged: Option<&regression::Duel>,
        contests: &[regression::Contest],
        outcome: Option<document::Outcome>,
    ) -> document::Duel {
        let settings = &self.rounds.journal.head.settings;
        let field = &self.field;
        let scenario = &field.a.scenario;
        let side = |side: &Side| document::Side {
            what: side.what.clone(),
            restarted: side.is_restarted(),
        };
        let valid = self.rounds.valid().count();
        let findings = judged
            .map(|duel| judge::findings(duel, contests, &scenario.catalogue(), &field.metrics));
        let mut document = document::Duel {
            schema: document::SCHEMA.to_owned(),
            name: scenario.name.clone(),
            status: match outcome {
                Some(_) => document::Status::Complete,
                None => document::Status::Interrupted,
            },
            verdict: document::DuelVerdict {
                outcome,
                exit_code: outcome.map_or(130, document::Outcome::exit_code),
                sentence: String::new(),
            },
            self_test: settings.self_test,
            duet: settings.duet,
            a: side(&field.a),
            b: side(&field.b),
            started_at: self.rounds.journal.head.started_at,
            load: load::in_words(&field.load),
            seed: settings.seed,
            round_ns: settings.round_ns,
            warmup_ns: u64::try_from(field.warmup.as_nanos()).unwrap_or(u64::MAX),
            tolerance: settings.tolerance,
            tolerance_of_shares: settings.tolerance_of_shares(),
            rounds: document::Rounds {
                planned: settings.rounds,
                most: settings.most,
                valid,
                dropped: self.rounds.all.len() - valid,
            },
            look: judged.map(|duel| document::Look {
                rounds: duel.look.rounds,
                alpha: duel.look.alpha,
            }),
            findings: findings.unwrap_or_default(),
            dropped: self.rounds.all.iter().filter_map(dropped).collect(),
            notices: self.notices(),
            command: match (&settings.begun, settings.command.is_empty()) {
                (Some(begun), _) => begun.command.clone(),
                (None, false) => settings.command.clone(),
                (None, true) => record::command(&scenario.secrets),
            },
            engine: record::engine(field.timer, settings.threads),
            sources: self.rounds.journal.head.sources.clone(),
            circumstances: circumstances::of_target(scenario),
        };
        document.verdict.sentence = document::sentence(&document);
        document
    }

    /// What a reader ought to know, from before and from the rounds.
    fn notices(&self) -> Vec<Notice> {
        let mut notices = self.notices.clone();
        notices.extend(load::too_few(self.rounds.valid(), &self.field.metrics));
        for letter in ['A', 'B'] {
            let turns = self.rounds.all.iter().map(|round| match letter {
                'A' => &round.a,
                _ => &round.b,
            });
            let restarts: usize = turns.map(|turn| turn.restarts).sum();
            notices.extend(load::restarted(letter, restarts));
        }
        notices
    }
}

/// What to know of a duel that goes on in other surroundings than it began in. A command there may start another
/// build.
fn surroundings(settings: &Settings, field: &Field) -> Result<Vec<Notice>, Failure> {
    let Some(begun) = &settings.begun else {
        return Ok(Vec::new());
    };
    let here = settings.here(&field.a.scenario.secrets);
    begun.go_on(
        &here,
        GoingOn {
            what: "the duel",
            parts: "rounds",
            command: match (field.a.is_command(), field.b.is_command()) {
                (true, true) => Some("--a and --b"),
                (true, false) => Some("--a"),
                (false, true) => Some("--b"),
                (false, false) => None,
            },
        },
    )
}

/// Everything that is known before the first round. Says what is wrong, and starts nothing.
fn prepare(settings: &Settings, output: &Output) -> Result<(Field, Vec<Notice>), Failure> {
    let a = Side::of('A', settings, output)?;
    let b = Side::of('B', settings, output)?;
    for side in [&a, &b] {
        drive::ask_permission(&side.scenario, &settings.yes_i_may_load)?;
    }
    if settings.ready.is_some() && !a.is_command() && !b.is_command() {
        return Err(Failure::Usage(
            "--ready says when a command is ready, and neither --a nor --b is one: leave it out"
                .to_owned(),
        ));
    }
    let load = load::resolve(settings, &a.scenario)?;
    let round = Duration::from_nanos(settings.round_ns);
    let said = settings.warmup_ns.map(Duration::from_nanos);
    let warmup = said.or(a.scenario.warmup).unwrap_or(round / 6);
    if warmup >= round {
        return Err(Failure::Usage(format!(
            "--warmup: {warmup:?} of a round of {round:?} leaves nothing to compare; make rounds longer (--round) or the warm-up shorter"
        )));
    }
    let limits = raise_descriptor_limit();
    let notices = notices::of_run(&a.scenario, &load, limits);
    for notice in &notices {
        let mark = notices::mark(notice.level);
        terminal::say(output, &format!("{mark}{}", notice.text));
    }
    let field = Field {
        load,
        warmup,
        metrics: settings.measured()?,
        threads: settings.threads,
        seed: settings.seed,
        grace: Duration::from_nanos(settings.grace_ns),
        timer: settings.timer.mode(),
        duet: settings.duet,
        stop: Stop::default(),
        a,
        b,
    };
    Ok((field, notices))
}

/// A round in a line.
fn told(round: &Round) -> String {
    let state = match round.is_valid() {
        true => "",
        false => ", left out: the generator or its machine did not keep up",
    };
    format!(
        "round {} ({}): A {} of {} ok, B {} of {} ok{state}",
        round.number, round.order, round.a.ok, round.a.intended, round.b.ok, round.b.intended
    )
}

fn dropped(round: &Round) -> Option<document::Dropped> {
    let of = |letter: char, reasons: &[String]| -> Vec<String> {
        let reasons = reasons.iter();
        reasons
            .map(|reason| format!("{letter}: {reason}"))
            .collect()
    };
    let mut reasons = of('A', &round.a.spoilt_by);
    reasons.extend(of('B', &round.b.spoilt_by));
    (!reasons.is_empty()).then_some(document::Dropped {
        round: round.number,
        reasons,
    })
}
