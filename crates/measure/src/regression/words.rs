//! Findings as sentences.

use super::finding::{Finding, Standing, Verdict};
use super::looks::Looks;
use super::measure::{Measure, Scale};

/// A distance as people read it.
pub(super) fn amount(measure: &Measure, distance: f64) -> String {
    let change = measure.change(distance) * 100.0;
    // No sign before nothing.
    let digits = |digits: i32| {
        let unit = 10_f64.powi(digits);
        (change * unit).round() / unit + 0.0
    };
    match measure.scale {
        Scale::Ratio if change.is_infinite() => "beyond any ratio".to_owned(),
        Scale::Ratio => format!("{:+.1}%", digits(1)),
        Scale::Difference => format!("{:+.3} percentage points", digits(3)),
    }
}

/// What is tolerated, without a sign.
pub(super) fn tolerated(measure: &Measure) -> String {
    match measure.scale {
        Scale::Ratio => format!("{}%", rounded(measure.delta * 100.0)),
        Scale::Difference => format!("{} percentage points", rounded(measure.delta * 100.0)),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A probability with two digits.
pub(super) fn probability(p: f64) -> String {
    if p < 1e-4 {
        return "p < 0.0001".to_owned();
    }
    let digits = (1.0 - p.log10().floor()).clamp(2.0, 5.0) as usize;
    format!("p = {p:.digits$}")
}

pub(super) fn explain(
    measure: &Measure,
    finding: &Finding,
    values: &[f64],
    standing: &Standing,
) -> String {
    let dropped = match finding.missing {
        0 => String::new(),
        missing => format!("; {missing} more had no value on one side or on both"),
    };
    let Some(estimate) = finding.estimate.filter(|_| finding.rounds >= Looks::FEWEST) else {
        return format!(
            "{} rounds are too few to judge; {} are needed{dropped}",
            finding.rounds,
            Looks::FEWEST
        );
    };
    let seen = match finding.interval {
        Some((lower, upper)) => format!(
            "{} ({} to {}) over {} rounds{dropped}",
            amount(measure, estimate),
            amount(measure, lower),
            amount(measure, upper),
            finding.rounds,
        ),
        None => infinite(measure, values, &dropped),
    };
    format!("{seen}: {}", conclusion(measure, finding, standing))
}

/// What is left to say where a value is infinite or, in a ratio, 0.
fn infinite(measure: &Measure, values: &[f64], dropped: &str) -> String {
    let count = |is: fn(f64) -> bool| {
        let harms = values.iter().map(|value| measure.harm(*value));
        harms.filter(|harm| is(*harm)).count()
    };
    format!(
        "worse in {} of {} rounds and better in {}, in {} of them beyond any ratio because a value is 0 \
         or falls among what did not end well, so that directions alone are counted{dropped}",
        count(|harm| harm > 0.0),
        values.len(),
        count(|harm| harm < 0.0),
        count(f64::is_infinite),
    )
}

fn conclusion(measure: &Measure, finding: &Finding, standing: &Standing) -> String {
    let limit = tolerated(measure);
    let proof = || {
        format!(
            "not by chance ({} after Holm over {}, where {} is enough in this look; {} by sign flips)",
            probability(finding.holm_p),
            match standing.contests {
                1 => "one comparison".to_owned(),
                contests => format!("{contests} comparisons"),
            },
            rounded(standing.look.alpha),
            probability(finding.sign_flip_p)
        )
    };
    match finding.verdict {
        Verdict::Regressed => format!("worse, by {limit} or more as measured, and {}", proof()),
        Verdict::Improved => format!("better, by {limit} or more as measured, and {}", proof()),
        Verdict::Ok => format!("not worse by {limit}"),
        Verdict::Inconclusive => {
            format!(
                "neither shown to be worse nor not to be{}",
                needed(measure, finding)
            )
        }
    }
}

/// What it would take.
fn needed(measure: &Measure, finding: &Finding) -> String {
    let Some(smallest) = finding.minimum_detectable else {
        return String::new();
    };
    let smallest = amount(measure, smallest);
    let smallest = smallest.trim_start_matches('+');
    let limit = tolerated(measure);
    let more = match finding.rounds_needed {
        Some(rounds) if rounds > finding.rounds => format!(", and {rounds} of them {limit}"),
        Some(_) => String::new(),
        None => format!(", and no practical number of them {limit}"),
    };
    format!("; rounds that scatter so find {smallest} in four of five cases{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::Metric;

    #[test]
    fn amounts_have_signs_and_units() {
        let (ratio, points) = (Measure::of(Metric::Mean), Measure::of(Metric::Errors));
        assert_eq!(amount(&ratio, 1.1_f64.ln()), "+10.0%");
        assert_eq!(amount(&ratio, 0.9_f64.ln()), "-10.0%");
        assert_eq!(amount(&ratio, -1e-9), "+0.0%");
        assert_eq!(amount(&ratio, f64::INFINITY), "beyond any ratio");
        assert_eq!(amount(&points, 0.0012), "+0.120 percentage points");
        assert_eq!(tolerated(&points), "0.1 percentage points");
        assert_eq!(tolerated(&ratio), "5%");
    }

    #[test]
    fn probabilities_have_two_digits() {
        assert_eq!(probability(0.031_25), "p = 0.031");
        assert_eq!(probability(0.001_666), "p = 0.0017");
        assert_eq!(probability(0.48), "p = 0.48");
        assert_eq!(probability(1.0), "p = 1.00");
        assert_eq!(probability(0.0), "p < 0.0001");
    }
}
