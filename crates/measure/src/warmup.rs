//! How much of the beginning of a run is left out of what is judged, and by which rule.

use crate::statistics::normal;
use crate::statistics::warmup::{Cut, mser};
use crate::timetable::{BATCH, INTERVALS};

/// What is left out at the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warmup {
    /// Until when, in nanoseconds of the intended time; 0: nothing is left out.
    pub until_ns: u64,
    /// Why so much.
    pub rule: WarmupRule,
}

/// How the end of the warm-up is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WarmupRule {
    /// It was said beforehand.
    Declared,
    /// It was estimated, by MSER-5 on the medians of intervals. The cut is in intervals.
    Estimated(Cut),
    /// It was not estimated, for this reason.
    NotEstimated(&'static str),
}

/// How far above the rest, in its standard deviations, each batch of a warm-up has to be. What
/// settles differs clearly from what it settles to; 3 is exceeded once in 740 batches by chance.
const CLEARLY: f64 = 3.0;

/// The end of the warm-up by the medians of all intervals of a run, by MSER-5 with candidates in
/// the first half. `Err` with the reason if they do not allow an estimate.
///
/// MSER minimises an error of the mean. It says which part is steady, but it also cuts off normal
/// seconds before a single stall, or as many as it may where all are alike. Therefore only what
/// looks like a warm-up is left out: the batches from the start on that are clearly slower than the
/// part that MSER found steady. A decline that never ends has no steady part; the trend shows it.
pub fn estimate(medians: &[Option<f64>]) -> Result<Cut, &'static str> {
    if medians.len() < INTERVALS as usize {
        return Err("the run ended early");
    }
    let Some(medians) = medians.iter().copied().collect::<Option<Vec<f64>>>() else {
        return Err("there were stretches without any success");
    };
    let Some(cut) = mser(&medians, BATCH as usize, 0.5) else {
        return Err("the run ended early");
    };
    let (before, rest) = medians.split_at(cut.values.min(medians.len()));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let batches =
        |values: &[f64]| -> Vec<f64> { values.chunks_exact(BATCH as usize).map(mean).collect() };
    let rest = batches(rest);
    let centre = mean(&rest);
    let squares: f64 = rest.iter().map(|batch| (batch - centre).powi(2)).sum();
    let freedom = rest.len().saturating_sub(1).max(1) as f64;
    let deviation = (squares / freedom).sqrt();
    // Few batches give an uncertain deviation.
    let caution = normal::student_quantile(0.975, freedom) / normal::quantile(0.975);
    let clearly_above = centre + CLEARLY * caution * deviation;
    let leading = batches(before)
        .iter()
        .take_while(|batch| **batch > clearly_above)
        .count();
    let values = leading * BATCH as usize;
    Ok(Cut {
        values,
        // What is still warming up at the last candidate may never have settled.
        is_last_candidate: cut.is_last_candidate && values == cut.values,
        ..cut
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medians(at: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
        (0..60).map(|i| Some(at(i) + (i * 7 % 5) as f64)).collect()
    }

    #[test]
    fn a_cold_start_is_cut_off() {
        let cut = estimate(&medians(|i| if i < 9 { 300.0 } else { 100.0 })).unwrap();
        assert_eq!((cut.values, cut.is_last_candidate), (10, false));
    }

    #[test]
    fn a_steady_run_and_a_stall_after_a_good_beginning_are_left_whole() {
        assert_eq!(estimate(&medians(|_| 100.0)).unwrap().values, 0);
        let stalled = medians(|i| if (7..9).contains(&i) { 900.0 } else { 100.0 });
        assert_eq!(estimate(&stalled).unwrap().values, 0);
    }

    #[test]
    fn what_settles_no_sooner_than_the_last_candidate_says_so() {
        let cut = estimate(&medians(|i| if i < 30 { 300.0 } else { 100.0 })).unwrap();
        assert_eq!((cut.values, cut.is_last_candidate), (30, true));
    }

    #[test]
    fn gaps_and_short_runs_allow_no_estimate() {
        let mut gap = medians(|_| 100.0);
        gap[30] = None;
        assert!(estimate(&gap).is_err());
        assert!(estimate(&gap[..20]).is_err());
    }
}
