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
    /// It was estimated ([`estimate`]). The cut is in intervals.
    Estimated(Cut),
    /// It was not estimated, for this reason.
    NotEstimated(&'static str),
}

/// How far above the rest, in its standard deviations, each batch of a warm-up has to be. What
/// settles differs clearly from what it settles to; 3 is exceeded once in 740 values by chance.
const CLEARLY: f64 = 3.0;

/// How far above the rest it has to be besides, as a share: less would be no drift that counts
/// either ([`crate::validity`]), and a service that hardly scatters is not cold because of it.
const RELEVANTLY: f64 = 0.05;

/// The standard deviation of normal values, over their median absolute deviation from the median:
/// 1 / Φ⁻¹(3/4).
const NORMAL_PER_MEDIAN_DEVIATION: f64 = 1.4826;

/// Cuts are tried in the first half.
const LARGEST_SHARE: f64 = 0.5;

/// The end of the warm-up by the medians of all intervals of a run, by MSER-5 with candidates in
/// the first half. `Err` with the reason if they do not allow an estimate.
///
/// MSER minimises an error of the mean, for which one long stall weighs more than a cold start. What
/// is normal is therefore taken from the second half, which no cut can reach: a warm-up are the
/// batches of five intervals from the start on that are clearly slower than that, as far as MSER
/// would cut when stalls later on are levelled. A batch is the median of its intervals, so that a
/// stall of one or two of them neither makes nor hides anything.
///
/// The cut is a multiple of five intervals, after a service that is slow for at least three of the
/// first five. Where the first interval behind it is slow too, the service settled within that
/// batch, which is left out as well, so that nothing slow is judged. A run of 24 s has batches of
/// 2 s: what is slow for about 4 to 6 s is cut at 6 s, and what settles within the first second is
/// left whole.
///
/// A decline that never ends has no steady part; the trend shows it.
pub fn estimate(medians: &[Option<f64>]) -> Result<Cut, &'static str> {
    if medians.len() < INTERVALS as usize {
        return Err("the run ended early");
    }
    let Some(medians) = medians.iter().copied().collect::<Option<Vec<f64>>>() else {
        return Err("there were stretches without any success");
    };
    let second_half = &medians[medians.len() / 2..];
    let normal_interval = Normal::of(second_half, second_half.len());
    let normal_batch = Normal::of(
        &second_half
            .windows(BATCH as usize)
            .filter_map(batch)
            .collect::<Vec<_>>(),
        second_half.len() / BATCH as usize,
    );
    let batches: Vec<f64> = medians
        .chunks_exact(BATCH as usize)
        .filter_map(batch)
        .collect();
    let last = (batches.len() as f64 * LARGEST_SHARE) as usize;
    // What lies behind the last candidate cannot be cut, slow or not.
    let slow_at_first = batches[..last]
        .iter()
        .take_while(|batch| normal_batch.is_exceeded_by(**batch))
        .count();
    let mut levelled = batches.clone();
    for later in &mut levelled[slow_at_first..] {
        *later = later.min(normal_batch.limit);
    }
    let Some(cut) = mser(&levelled, 1, LARGEST_SHARE) else {
        return Err("the run ended early");
    };
    let leading = slow_at_first.min(cut.values);
    let settles_within_the_next = (1..last).contains(&leading)
        && normal_interval.is_exceeded_by(medians[leading * BATCH as usize]);
    let batches_cut = leading + usize::from(settles_within_the_next);
    Ok(Cut {
        values: batches_cut * BATCH as usize,
        // What is still warming up at the last candidate may never have settled.
        is_last_candidate: cut.is_last_candidate && leading == cut.values,
        ..cut
    })
}

/// A batch is the median of its intervals.
fn batch(intervals: &[f64]) -> Option<f64> {
    median(&mut intervals.to_vec())
}

/// What is normal for a run.
struct Normal {
    /// What is above this is not.
    limit: f64,
}

impl Normal {
    /// By the median and the median deviation of `values` that tell as much as so many independent
    /// ones. A stall changes either only little, however long and bad it is, as long as it takes
    /// less than half of the values.
    fn of(values: &[f64], independent: usize) -> Self {
        let centre = median(&mut values.to_vec()).unwrap_or(f64::INFINITY);
        let mut off: Vec<f64> = values.iter().map(|ns| (ns - centre).abs()).collect();
        let deviation = NORMAL_PER_MEDIAN_DEVIATION * median(&mut off).unwrap_or_default();
        let freedom = independent.saturating_sub(1).max(1) as f64;
        // Few values give an uncertain deviation.
        let caution = normal::student_quantile(0.975, freedom) / normal::quantile(0.975);
        Self {
            limit: centre + (CLEARLY * caution * deviation).max(RELEVANTLY * centre),
        }
    }

    fn is_exceeded_by(&self, ns: f64) -> bool {
        ns > self.limit
    }
}

#[cfg(test)]
mod tests;
