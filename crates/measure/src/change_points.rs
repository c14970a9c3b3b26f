//! Where the history of a figure changed for good.
//!
//! A series of nightly results is split where it is most unlike itself, and again within the parts,
//! as long as the parts differ by a t-test ([`strongest_split`]). That finds too much; so the weakest
//! change is taken away and its neighbours are tested anew, until all that is left is significant and
//! matters.
//!
//! An excursion that went away again counts as two changes, and a level has to last for three results: if
//! two were enough, a history with one bad night in twenty would be flagged four times as often.
//!
//! Sources: Matteson and James, "A nonparametric approach for multiple change point analysis of
//! multivariate data", JASA 109 (2014) (E-divisive); Fleming, Kołaczkowski and others, "Hunter: using
//! change point detection to hunt for performance regressions", ICPE 2023, whose Apache Otava is. We
//! use the standard deviation of samples (divisor n − 1) where Otava uses that of populations, and a
//! limit of 0.0001 where it uses 0.001 and more.

mod divergence;

pub use crate::statistics::two_samples::Level;
pub use divergence::{Split, strongest_split};

use crate::statistics::two_samples;

/// Longer windows cost much and find nothing more.
const LONGEST_WINDOW: usize = 500;
/// The first pass is so much less strict.
const FIRST_PASS: f64 = 10.0;
/// But so much more for what went away again within the part that is split.
const EXCURSION: f64 = 0.1;

/// How strict the search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How many values are searched at once; 4 to 500. The next window begins half a window later, or
    /// at the last change if that is later still.
    pub window: usize,
    /// A change is kept if chance makes one as large with less than this probability.
    pub p_limit: f64,
    /// A change is kept if it is larger than this share of the smaller of both levels.
    pub least_magnitude: f64,
    /// A level has so many values at least: two bad nights are no change.
    pub shortest: usize,
    /// A change is provisional before so many values follow it.
    pub settled_after: usize,
}

impl Default for Options {
    /// Windows of 50, p < 0.0001, more than 3 %, three values to a level, five to settle.
    fn default() -> Self {
        Self {
            window: 50,
            p_limit: 1e-4,
            least_magnitude: 0.03,
            shortest: 3,
            settled_after: 5,
        }
    }
}

/// A change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The first value of the new level.
    pub index: usize,
    /// The level since the change before, or the beginning.
    pub before: Level,
    /// The level up to the next change, or the end.
    pub after: Level,
    /// The probability of levels as far apart by chance.
    pub p: f64,
    /// Whether too few values follow yet: it may turn out to be a few bad days.
    pub is_provisional: bool,
}

impl ChangePoint {
    /// By which share the level changed: −0.5 if it halved. `None` if it was 0.
    pub fn change(&self) -> Option<f64> {
        (self.before.mean != 0.0).then(|| self.after.mean / self.before.mean - 1.0)
    }

    /// By which share of the smaller of both levels they differ, so that a change and its undoing
    /// are equally large. Infinite where either is 0 or they differ in sign, and 0 if they are equal.
    pub fn magnitude(&self) -> f64 {
        let (one, other) = (self.before.mean, self.after.mean);
        if one == other {
            0.0
        } else if one * other <= 0.0 {
            f64::INFINITY
        } else {
            (one / other).max(other / one) - 1.0
        }
    }

    fn between(values: &[f64], from: usize, index: usize, until: usize) -> Self {
        let before = Level::of(&values[from..index]);
        let after = Level::of(&values[index..until]);
        Self {
            index,
            before,
            after,
            p: two_samples::p(&before, &after),
            is_provisional: false,
        }
    }
}

/// A series that cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// A value is infinite or none.
    #[error("value {0} of the series, counted from 0, is no finite number; leave it out")]
    NotFinite(usize),
}

/// The changes of level in a series, oldest first.
///
/// # Errors
///
/// If a value is not finite.
pub fn change_points(values: &[f64], options: &Options) -> Result<Vec<ChangePoint>, SeriesError> {
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(SeriesError::NotFinite(index));
    }
    let mut changes = merge(values, candidates(values, options), options);
    for change in &mut changes {
        change.is_provisional = values.len() - change.index < options.settled_after;
    }
    Ok(changes)
}

/// The first pass: window by window.
fn candidates(values: &[f64], options: &Options) -> Vec<usize> {
    let window = options.window.clamp(4, LONGEST_WINDOW);
    let mut found = Vec::new();
    let mut start = 0;
    while start < values.len() {
        let end = (start + window).min(values.len());
        let in_window = divide(&values[start..end], options.p_limit);
        found.extend(in_window.iter().map(|index| start + index));
        let last = found.last().copied().unwrap_or_default();
        start = last.max(start + window / 2);
    }
    found
}

/// Splits again and again at the strongest split of every part, where what is before it differs from
/// all that is after it, or from what lasts until the split's own end: a few bad weeks do not move
/// the mean of all that followed.
fn divide(values: &[f64], p_limit: f64) -> Vec<usize> {
    let mut found = Vec::new();
    let mut parts = vec![(0, values.len())];
    while let Some((from, until)) = parts.pop() {
        let Some(split) = strongest_split(&values[from..until]) else {
            continue;
        };
        let (index, end) = (from + split.index, from + split.end);
        let p = |end| ChangePoint::between(values, from, index, end).p;
        if p(until) <= p_limit * FIRST_PASS || p(end) <= p_limit * EXCURSION {
            found.push(index);
            parts.extend([(from, index), (index, until)]);
        }
    }
    found.sort_unstable();
    found
}

/// Takes away the weakest change until all levels are long enough, then until all changes are
/// significant, then the smallest until all matter.
fn merge(values: &[f64], mut found: Vec<usize>, options: &Options) -> Vec<ChangePoint> {
    loop {
        let changes = all_between(values, &found);
        let weakest = |is_wrong: &dyn Fn(&ChangePoint) -> bool| {
            let wrong = changes.iter().filter(|change| is_wrong(change));
            wrong.max_by(|a, b| a.p.total_cmp(&b.p))
        };
        let short = weakest(&|change| change.before.n.min(change.after.n) < options.shortest);
        let insignificant = || weakest(&|change| change.p >= options.p_limit);
        let small = || {
            let smallest = changes
                .iter()
                .min_by(|a, b| a.magnitude().total_cmp(&b.magnitude()));
            smallest.filter(|change| change.magnitude() <= options.least_magnitude)
        };
        let wrong = short.or_else(insignificant).or_else(small);
        let Some(wrong) = wrong.map(|change| change.index) else {
            return changes;
        };
        found.retain(|index| *index != wrong);
    }
}

fn all_between(values: &[f64], found: &[usize]) -> Vec<ChangePoint> {
    let from = std::iter::once(0).chain(found.iter().copied());
    let until = found.iter().copied().skip(1);
    let until = until.chain(std::iter::once(values.len()));
    let stretches = from.zip(found).zip(until);
    stretches
        .map(|((from, index), until)| ChangePoint::between(values, from, *index, until))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
