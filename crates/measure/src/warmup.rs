//! How much of the beginning of a run is left out of what is judged, and by which rule.

use crate::statistics::normal;
use crate::statistics::trend::median;
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
    /// It was estimated, by MSER on batches of five intervals' medians. The cut is in intervals.
    Estimated(Cut),
    /// It was not estimated, for this reason.
    NotEstimated(&'static str),
}

/// How far above the rest, in its standard deviations, each batch of a warm-up has to be. What
/// settles differs clearly from what it settles to; 3 is exceeded once in 740 batches by chance.
const CLEARLY: f64 = 3.0;

/// The standard deviation of normal values, over their median absolute deviation from the median:
/// 1 / Φ⁻¹(3/4).
const NORMAL_PER_MEDIAN_DEVIATION: f64 = 1.4826;

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
    // A batch is the median of its intervals, not their mean, so that a stall of one or two of them
    // hides nothing.
    let batches: Vec<f64> = medians
        .chunks_exact(BATCH as usize)
        .filter_map(|batch| median(&mut batch.to_vec()))
        .collect();
    let Some(cut) = mser(&batches, 1, 0.5) else {
        return Err("the run ended early");
    };
    let (before, rest) = batches.split_at(cut.values.min(batches.len()));
    let centre = median(&mut rest.to_vec()).unwrap_or(f64::INFINITY);
    // Nor must a longer one, so this is no root mean square.
    let mut off: Vec<f64> = rest.iter().map(|batch| (batch - centre).abs()).collect();
    let deviation = NORMAL_PER_MEDIAN_DEVIATION * median(&mut off).unwrap_or_default();
    let freedom = rest.len().saturating_sub(1).max(1) as f64;
    // Few batches give an uncertain deviation.
    let caution = normal::student_quantile(0.975, freedom) / normal::quantile(0.975);
    let clearly_above = centre + CLEARLY * caution * deviation;
    let leading = before
        .iter()
        .take_while(|batch| **batch > clearly_above)
        .count();
    Ok(Cut {
        values: leading * BATCH as usize,
        // What is still warming up at the last candidate may never have settled.
        is_last_candidate: cut.is_last_candidate && leading == cut.values,
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
    fn a_stall_later_on_does_not_hide_a_cold_start() {
        let stalled = |i| match i {
            0..10 => 120.0,
            40..42 => 1500.0,
            _ => 20.0,
        };
        assert_eq!(estimate(&medians(stalled)).unwrap().values, 10);
    }

    /// Heavy-tailed noise, as of medians on a busy machine.
    #[test]
    fn a_noisy_steady_run_is_mostly_left_whole_and_never_invalid() {
        let mut cut_off = 0;
        for seed in 0..2000 {
            let numbers = plimsoll_schedule::SplitMix64::new(seed);
            let noisy = estimate(&medians(|i| 20.0 + 5.0 * numbers.exponential(i as u64)));
            let cut = noisy.unwrap();
            cut_off += u64::from(cut.values > 0);
            let invalid = cut.is_last_candidate && cut.values > 15;
            assert!(!invalid, "{seed}: {cut:?}");
        }
        // About one in twenty loses a batch, which harms nothing.
        assert!(cut_off < 150, "{cut_off}");
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
