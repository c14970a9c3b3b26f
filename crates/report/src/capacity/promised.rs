//! What was found, held against what was promised.

use crate::quantity::rate;

/// How a search that is over answers a promise.
const LESS: &str = "less than the ";
const NOT_SHOWN: &str = "not shown to be the ";
const TOO_MUCH: &str = "shown to bear less than the ";
const ENDING: &str = " that were promised";

/// What is said behind the result of a search to which `target` journeys a second were promised: whether they were
/// shown to be too much, and whether anything is borne.
pub fn promised(target: f64, is_refuted: bool, is_borne: bool) -> String {
    let how = match (is_refuted, is_borne) {
        (true, true) => LESS,
        (true, false) => TOO_MUCH,
        (false, _) => NOT_SHOWN,
    };
    format!("; {how}{}{ENDING}", rate(target))
}

/// A sentence without what was said of the promise.
pub(super) fn without_promise(sentence: &str) -> &str {
    let told = [LESS, NOT_SHOWN, TOO_MUCH].into_iter().find_map(|how| {
        let (told, promise) = sentence.rsplit_once(&format!("; {how}"))?;
        promise.ends_with(ENDING).then_some(told)
    });
    told.unwrap_or(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_promised_is_said_and_taken_back() {
        for (is_refuted, is_borne) in [(true, true), (true, false), (false, true)] {
            let told = promised(180.0, is_refuted, is_borne);
            assert!(told.contains("180/s that were promised"), "{told}");
            let sentence = format!("CAPACITY: 90.0 per second, confirmed{told}");
            assert_eq!(
                without_promise(&sentence),
                "CAPACITY: 90.0 per second, confirmed"
            );
        }
        assert_eq!(without_promise("INTERRUPTED"), "INTERRUPTED");
    }
}
