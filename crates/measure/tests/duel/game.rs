//! One duel: five steps, of each the median, the 99th percentile and the errors.

use crate::draws::Draws;
use crate::noise::Noise;
use plimsoll_measure::Metric;
use plimsoll_measure::regression::{Contest, Duel, Looks, Measure, Reading, Verdict, judge};
use plimsoll_measure::statistics::paired::Mean;

pub(crate) const STEPS: usize = 5;
/// The step that may be slower.
const SLOWER: usize = 2;
/// Errors of a step in a turn, among so many requests.
const ERRORS: f64 = 3.0;
const COUNTED: u64 = 10_000;
const REQUESTS: usize = 500;

const fn quantile(numerator: u32) -> Metric {
    Metric::Quantile {
        numerator,
        denominator: 100,
    }
}

const METRICS: [Metric; 3] = [quantile(50), quantile(99), Metric::Errors];
/// The contest of the 99th percentile of the slower step.
const CONTEST: usize = SLOWER * METRICS.len() + 1;

/// What became of a duel.
pub(crate) struct Game {
    /// After how many rounds the slower step was found.
    pub(crate) regressed: Option<usize>,
    /// Whether anything else was, at any look; of equal builds, whether anything was.
    pub(crate) elsewhere: bool,
    pub(crate) is_ok: bool,
    /// Whether anything of what is equal is found by who tests every contest after every round.
    pub(crate) peeking: bool,
    pub(crate) rounds: usize,
}

impl Game {
    /// A duel that goes on until all is decided, or the looks end.
    pub(crate) fn play(noise: Noise, slower: f64, seed: u64, duel: u64, looks: &Looks) -> Self {
        let draws = &mut Draws::new(seed, duel);
        let mut contests = contests();
        let mut game = Self {
            regressed: None,
            elsewhere: false,
            is_ok: false,
            peeking: false,
            rounds: 0,
        };
        let last = looks.all().last().map_or(0, |look| look.rounds);
        let mut is_decided = false;
        for round in 1..=last {
            play_round(&mut contests, noise, slower, round % 2 == 0, draws);
            game.peeking |= round >= Looks::FEWEST && peek(&contests, slower > 0.0);
            // Who peeks does not stop when nothing is found.
            if is_decided {
                continue;
            }
            if let Some(judged) = judge(&contests, looks) {
                game.note(&judged, slower > 0.0, round);
                is_decided = judged.is_decided();
            }
        }
        game
    }

    fn note(&mut self, judged: &Duel, one_is_slower: bool, round: usize) {
        self.rounds = round;
        self.is_ok = judged.verdict() == Verdict::Ok;
        for (at, finding) in judged.findings.iter().enumerate() {
            if finding.verdict == Verdict::Regressed {
                if one_is_slower && at == CONTEST {
                    self.regressed.get_or_insert(round);
                } else {
                    self.elsewhere = true;
                }
            }
        }
    }
}

fn contests() -> Vec<Contest> {
    let metrics = METRICS.into_iter().cycle().take(STEPS * METRICS.len());
    let contest = |metric| Contest {
        measure: Measure::of(metric),
        rounds: Vec::new(),
    };
    metrics.map(contest).collect()
}

fn play_round(
    contests: &mut [Contest],
    noise: Noise,
    slower: f64,
    b_is_first: bool,
    draws: &mut Draws,
) {
    let a = turn(noise, 0.0, !b_is_first, draws);
    let b = turn(noise, slower, b_is_first, draws);
    for (contest, readings) in contests.iter_mut().zip(a.into_iter().zip(b)) {
        contest.rounds.push(readings);
    }
}

/// The figures of one build in one round.
fn turn(noise: Noise, slower: f64, is_first: bool, draws: &mut Draws) -> Vec<Reading> {
    let level = noise.level(draws, is_first);
    (0..STEPS)
        .flat_map(|step| {
            let slower = if step == SLOWER { slower } else { 0.0 };
            let [median, tail] = latencies(noise, level, draws);
            [
                Reading::Value(median),
                Reading::Value(tail * (1.0 + slower)),
                errors(level, draws),
            ]
        })
        .collect()
}

fn latencies(noise: Noise, level: f64, draws: &mut Draws) -> [f64; 2] {
    if let Noise::Requests(_) = noise {
        let mut requests: Vec<_> = (0..REQUESTS)
            .map(|_| 1e7 * (level + 0.3 * draws.normal()).exp())
            .collect();
        requests.sort_unstable_by(f64::total_cmp);
        return [requests[REQUESTS / 2], requests[REQUESTS * 99 / 100]];
    }
    [1e7, 2e7].map(|typical| typical * (level + noise.of_figure(draws)).exp())
}

/// As many as fit by exponential gaps: Poisson. A slow turn has more of them.
fn errors(level: f64, draws: &mut Draws) -> Reading {
    let (mut count, mut time) = (0, draws.exponential(1.0));
    while time < ERRORS * (10.0 * level).exp() {
        count += 1;
        time += draws.exponential(1.0);
    }
    Reading::Share { count, n: COUNTED }
}

/// Whether a t-test at 5 % finds any of the contests between equals worse by what is tolerated.
fn peek(contests: &[Contest], one_is_slower: bool) -> bool {
    let worse = |(at, contest): (usize, &Contest)| {
        let values = contest.rounds.iter().filter_map(|round| {
            let value = |reading| match reading {
                Reading::Value(value) => value,
                Reading::Share { count, n } => count as f64 / n as f64,
                Reading::Missing => f64::NAN,
            };
            contest.measure.distance(value(round.0), value(round.1))
        });
        let values: Vec<_> = values.collect();
        let is_equal = !(one_is_slower && at == CONTEST);
        Mean::of(&values).is_some_and(|mean| {
            let is_found = mean.mean >= contest.measure.limit() && mean.p() <= 0.05;
            is_equal && is_found
        })
    };
    contests.iter().enumerate().any(worse)
}
