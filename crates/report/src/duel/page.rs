//! A duel for people.

use super::sentence::{amount, change};
use super::{Duel, Finding, Outcome};
use crate::document::NoticeLevel;
use crate::page::{Page, Sheet, Tone};
use crate::quantity::{duration, rate, share, span};

/// Explanations that are shown; the document has the rest.
const MOST_EXPLANATIONS: usize = 10;
/// Rounds that were left out that are told one by one.
const MOST_DROPPED: usize = 5;
/// From which adjusted probability on a change may be chance.
const WORTH_A_LOOK: f64 = 0.05;

/// The duel as lines and tables.
pub fn page(duel: &Duel) -> Page {
    let mut page = Page::default();
    page.line(Tone::Strong, &format!("{}: B against A", duel.name));
    let restarted = |restarted| match restarted {
        true => " (started anew for every turn)",
        false => "",
    };
    page.labelled(
        Tone::Quiet,
        "A",
        &format!("{}{}", duel.a.what, restarted(duel.a.restarted)),
    );
    page.labelled(
        Tone::Quiet,
        "B",
        &format!("{}{}", duel.b.what, restarted(duel.b.restarted)),
    );
    page.line(Tone::Quiet, &protocol(duel));
    page.gap();
    let headings = ["", "A", "B", "change", "interval", "finds", "verdict"];
    let mut sheet = Sheet::new(&headings, 1);
    for finding in &duel.findings {
        sheet.row(row(finding));
    }
    page.table(sheet);
    page.gap();
    explanations(&mut page, duel);
    for notice in &duel.notices {
        let tone = match notice.level {
            NoticeLevel::Info => Tone::Quiet,
            NoticeLevel::Warn => Tone::Doubtful,
        };
        page.labelled(tone, "note", &notice.text);
    }
    for dropped in duel.dropped.iter().take(MOST_DROPPED) {
        let text = format!("round {}: {}", dropped.round, dropped.reasons.join("; "));
        page.labelled(Tone::Doubtful, "left out", &text);
    }
    if duel.dropped.len() > MOST_DROPPED {
        let text = format!("{} rounds more", duel.dropped.len() - MOST_DROPPED);
        page.labelled(Tone::Doubtful, "left out", &text);
    }
    page.gap();
    let tone = match duel.verdict.outcome {
        Some(outcome) => tone(outcome),
        None => Tone::Doubtful,
    };
    page.line(tone, &duel.verdict.sentence);
    page
}

fn protocol(duel: &Duel) -> String {
    let order = match duel.duet {
        true => "both at once",
        false => "in turn, A B B A",
    };
    let rounds = match duel.rounds.valid {
        1 => "1 round".to_owned(),
        rounds => format!("{rounds} rounds"),
    };
    format!(
        "{rounds} of {} ({} planned, {} at most), {order}; {}; the first {} of each turn left out",
        span(duel.round_ns),
        duel.rounds.planned,
        duel.rounds.most,
        duel.load,
        span(duel.warmup_ns),
    )
}

fn row(finding: &Finding) -> Vec<(Tone, String)> {
    let figure = |value: Option<f64>, is_infinite: bool| match (value, finding.unit.as_str()) {
        (None, _) if is_infinite => "∞".to_owned(),
        (None, _) => "—".to_owned(),
        (Some(value), "ns") => duration(value.max(0.0) as u64),
        (Some(value), "share") => share(value),
        (Some(value), _) => rate(value),
    };
    let interval = finding.interval.map_or_else(String::new, |[lower, upper]| {
        format!("{} to {}", amount(finding, lower), amount(finding, upper))
    });
    let finds = finding
        .minimum_detectable
        .map_or_else(String::new, |smallest| {
            amount(finding, smallest).trim_start_matches('+').to_owned()
        });
    vec![
        (Tone::Normal, finding.name()),
        (Tone::Normal, figure(finding.a, finding.a_infinite)),
        (Tone::Normal, figure(finding.b, finding.b_infinite)),
        (tone(finding.verdict), change(finding).unwrap_or_default()),
        (Tone::Quiet, interval),
        (Tone::Quiet, finds),
        (tone(finding.verdict), finding.verdict.word().to_owned()),
    ]
}

/// What is worse first, then what is not known, then what is better.
fn explanations(page: &mut Page, duel: &Duel) {
    let order = [Outcome::Regressed, Outcome::Inconclusive, Outcome::Improved];
    let mut told = 0;
    let mut untold = 0;
    for outcome in order {
        let findings = duel.findings.iter();
        for finding in findings.filter(|finding| finding.verdict == outcome) {
            if told == MOST_EXPLANATIONS {
                untold += 1;
                continue;
            }
            told += 1;
            let worth =
                outcome == Outcome::Inconclusive && finding.benjamini_hochberg_p <= WORTH_A_LOOK;
            let hint = match worth {
                true => format!(
                    "; worth a look: p = {:.3} after Benjamini and Hochberg",
                    finding.benjamini_hochberg_p
                ),
                false => String::new(),
            };
            let text = format!("{}{hint}", finding.explanation);
            page.labelled(tone(outcome), &finding.name(), &text);
        }
    }
    if untold > 0 {
        page.line(
            Tone::Quiet,
            &format!("and {untold} more, which stand in duel.json"),
        );
    }
}

const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Regressed => Tone::Bad,
        Outcome::Ok | Outcome::Improved => Tone::Good,
        Outcome::Inconclusive | Outcome::Invalid => Tone::Doubtful,
    }
}
