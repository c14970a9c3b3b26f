//! Duels of services whose difference is set: answers of a page take 5 to 20 ms, evenly spread.

use crate::{Field, conclude, tell, text, words};
use anyhow::ensure;
use plimsoll_benches::server::free_ports;
use serde_json::Value;

const USUAL: &str = "--latency 5ms..20ms";

/// The verdicts of a duel: of all, and of each figure that is not OK as step, metric and verdict.
struct Verdict {
    outcome: String,
    figures: Vec<[String; 3]>,
}

impl Verdict {
    fn steps(&self, verdict: &str) -> Vec<&str> {
        let figures = self.figures.iter().filter(|figure| figure[2] == verdict);
        figures.map(|figure| figure[0].as_str()).collect()
    }
}

fn duels(field: &Field, usual: u64, b: &str, options: &str) -> anyhow::Result<Vec<Verdict>> {
    let [port] = free_ports()?;
    let pages = ["null", "search", "recommend", "lounge", "version"];
    let steps = pages.map(|page| format!("      - {{ GET: /{page}, name: page-{page} }}\n"));
    let scenario = format!(
        "name: five\ntarget: http://127.0.0.1:{port}\njourneys:\n  j:\n    steps:\n{}",
        steps.concat()
    );
    let scenario = text(&field.file("five.yaml", &scenario)?);
    let runs = field.runs.unwrap_or(usual);
    let mut verdicts = Vec::new();
    for run in 1..=runs {
        let mut arguments = vec!["duel".to_owned(), scenario.clone()];
        arguments.extend(["--a".to_owned(), field.service(port, USUAL)]);
        arguments.extend(["--b".to_owned(), field.service(port, b)]);
        let out = format!(
            "--ready /healthz --rate 300/s --rounds 12 --most 12 --json --seed {run} --out duel-{port}-{run}"
        );
        arguments.extend(words(&out));
        arguments.extend(words(options));
        let verdict = verdict(&field.json(&arguments)?)?;
        let figures = verdict.figures.iter().map(|figure| figure.join(" "));
        let figures: Vec<String> = figures.collect();
        tell(&format!(
            "{run} of {runs}: {}; {}",
            verdict.outcome,
            figures.join(", ")
        ));
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

/// What a duel may come to.
const OUTCOMES: [&str; 5] = ["ok", "improved", "regressed", "inconclusive", "invalid"];

fn verdict(document: &Value) -> anyhow::Result<Verdict> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = document["findings"].as_array().into_iter().flatten();
    let outcome = word(&document["verdict"]["outcome"]);
    ensure!(
        OUTCOMES.contains(&outcome.as_str()),
        "`{outcome}` is no outcome of a duel: {document:#}"
    );
    Ok(Verdict {
        outcome,
        figures: findings
            .map(|finding| ["step", "metric", "verdict"].map(|key| word(&finding[key])))
            .filter(|figure| figure[2] != "ok")
            .collect(),
    })
}

fn regressed(verdicts: &[Verdict]) -> usize {
    let outcomes = verdicts.iter().map(|verdict| verdict.outcome.as_str());
    outcomes.filter(|outcome| *outcome == "regressed").count()
}

/// Whether so many duels were judged that counting them says something: nine of ten.
fn are_judged(verdicts: &[Verdict]) -> bool {
    let outcomes = verdicts.iter().map(|verdict| verdict.outcome.as_str());
    let judged = outcomes.filter(|outcome| *outcome != "invalid").count();
    let told = format!("{judged} of {} judged", verdicts.len());
    tell(&told);
    judged * 10 >= verdicts.len() * 9
}

/// A build against itself.
pub(crate) fn same(field: &Field) -> anyhow::Result<bool> {
    let verdicts = duels(field, 60, USUAL, "--round 1s")?;
    let (wrong, all) = (regressed(&verdicts), verdicts.len());
    let found = format!("{wrong} of {all} REGRESSED");
    let is_kept = are_judged(&verdicts) && wrong * 20 <= all;
    Ok(conclude("a build and itself", &found, is_kept))
}

/// A build that takes a tenth longer for everything.
pub(crate) fn slower(field: &Field) -> anyhow::Result<bool> {
    let verdicts = duels(field, 20, "--latency 5.5ms..22ms", "--round 2s")?;
    let (found, all) = (regressed(&verdicts), verdicts.len());
    let told = format!("{found} of {all} REGRESSED");
    Ok(conclude("10 % slower", &told, found * 10 >= all * 9))
}

/// A build with a longer tail on one page.
pub(crate) fn tail(field: &Field) -> anyhow::Result<bool> {
    let b = format!("{USUAL} --latency 6ms..24ms@/search");
    let verdicts = duels(field, 10, &b, "--round 2s --metric p99")?;
    let all = verdicts.len();
    let is_there = |verdict: &&Verdict| verdict.steps("regressed") == ["page-search"];
    let there = verdicts.iter().filter(is_there).count();
    let elsewhere = |verdict: &&Verdict| {
        let mut steps = verdict.steps("regressed").into_iter();
        steps.any(|step| step != "page-search")
    };
    let elsewhere = verdicts.iter().filter(elsewhere).count();
    let told = format!("{there} of {all} found there, {elsewhere} elsewhere");
    let is_kept = there * 10 >= all * 9 && elsewhere == 0;
    Ok(conclude("p99 of one page 20 % higher", &told, is_kept))
}
