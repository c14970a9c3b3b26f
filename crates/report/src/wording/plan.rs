//! The words of a run with a plan.

use super::NONE;
use crate::document::{Finding, Plan, Risk};
use crate::meeting::Unknown;
use crate::quantity::{number, plural, rate, share, span};

/// `release 4.12.0 (9f2c1e07aa0b)`.
pub(crate) fn release(plan: &Plan) -> Option<String> {
    let version = plan.version.as_ref()?;
    Some(match &plan.revision {
        Some(revision) => format!("release {version} ({})", short(revision)),
        None => format!("release {version}"),
    })
}

/// The start of a digest or commit, which is what people compare.
pub(crate) fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}

/// `expected 120/s + 50 % headroom = 180/s`.
pub(crate) fn promised_load(plan: &Plan) -> String {
    let expected = &plan.expected;
    format!(
        "expected {} + {} headroom = {}",
        rate(expected.peak_per_s),
        share(expected.headroom),
        rate(expected.target_per_s)
    )
}

/// What is not known, of what, and how long it takes to find out.
pub(crate) fn unknown(unknown: &Unknown<'_>) -> String {
    let time = unknown
        .needed_ns
        .map_or_else(String::new, |ns| format!(", {} to find out", span(ns)));
    let what = match unknown.items.as_slice() {
        [only] => {
            let why = only.reason.as_deref().unwrap_or("nothing is known");
            format!("{} ({why})", only.id)
        }
        [first, ..] => format!(
            "{}, such as {}",
            plural(unknown.items.len(), "item"),
            first.id
        ),
        [] => String::new(),
    };
    format!("{}: {what}{time}", unknown.name)
}

/// A risk, what is done about it, and whether that was shown to work.
pub(crate) fn risk(risk: &Risk) -> String {
    let mitigation = risk
        .mitigation
        .as_deref()
        .map_or_else(String::new, |mitigation| format!("; {mitigation}"));
    let tests = risk.proven_by.join(", ");
    let proven = match risk.proven {
        Some(true) => format!(", shown to work by {tests}"),
        Some(false) => format!(", NOT shown to work by {tests}"),
        None => ", shown by no test".to_owned(),
    };
    format!(
        "{} {} (likelihood {}, impact {}){mitigation}{proven}",
        risk.id, risk.title, risk.likelihood, risk.impact
    )
}

/// A finding's figure: `38 s`, `31 %`, `288/s`.
pub(crate) fn finding(finding: &Finding) -> String {
    match (finding.ns, finding.value, finding.unit.as_str()) {
        (Some(ns), _, _) => span(ns),
        (None, Some(value), "share") => share(value),
        (None, Some(value), "per_s") => rate(value),
        (None, Some(value), "ratio") => format!("{}×", number(value)),
        (None, Some(value), _) => number(value),
        (None, None, _) => NONE.to_owned(),
    }
}

/// The name of a finding, for people: `first shed (nice to have)`.
pub(crate) fn finding_name(name: &str) -> String {
    match name.split_once('/') {
        Some((what, of)) => format!("{} ({})", what.replace('_', " "), of.replace('_', " ")),
        None => name.replace('_', " "),
    }
}
