//! The figures of one kind of latency.

use serde::{Deserialize, Serialize};

/// Latency figures in nanoseconds. All are `null` where nothing was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How many observations the figures are over.
    pub count: u64,
    /// The smallest.
    pub min_ns: Option<u64>,
    /// The mean.
    pub mean_ns: Option<u64>,
    /// The median.
    pub p50_ns: Option<u64>,
    /// 90 of 100 are at or below it.
    pub p90_ns: Option<u64>,
    /// 95 of 100 are at or below it.
    pub p95_ns: Option<u64>,
    /// 99 of 100 are at or below it.
    pub p99_ns: Option<u64>,
    /// 999 of 1000 are at or below it.
    pub p99_9_ns: Option<u64>,
    /// The largest.
    pub max_ns: Option<u64>,
    /// The figures that are `null` because they fall among observations that did not succeed:
    /// `p99`, `max` and so on.
    #[serde(default, skip_serializing_if = "FigureSet::is_empty")]
    pub infinite: FigureSet,
    /// The percentiles that rest on fewer observations than a 95 % confidence interval needs.
    #[serde(default, skip_serializing_if = "FigureSet::is_empty")]
    pub too_few_for: FigureSet,
}

/// Some of the figures of a [`Latency`], which are a list of their names in `run.json`.
///
/// A document has several of them for each step: as lists in memory they would be larger than the figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<&'static str>")]
pub struct FigureSet(u8);

impl FigureSet {
    /// Every figure that there is, in the order in which it is listed.
    const NAMES: [&'static str; 8] = ["min", "mean", "p50", "p90", "p95", "p99", "p99_9", "max"];

    /// Adds the figure called `name`. A name that this version does not know is left out.
    pub fn insert(&mut self, name: &str) {
        self.0 |= Self::bit(name);
    }

    /// Whether the figure called `name` is among them.
    pub fn contains(self, name: &str) -> bool {
        self.0 & Self::bit(name) != 0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Their names, in the order of [`Latency`]'s fields.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let names = Self::NAMES.into_iter();
        names.filter(move |name| self.contains(name))
    }

    fn bit(name: &str) -> u8 {
        let place = Self::NAMES.iter().position(|one| *one == name);
        place.map_or(0, |place| 1 << place)
    }
}

impl From<Vec<String>> for FigureSet {
    fn from(names: Vec<String>) -> Self {
        names.iter().map(String::as_str).collect()
    }
}

impl From<FigureSet> for Vec<&'static str> {
    fn from(figures: FigureSet) -> Self {
        figures.names().collect()
    }
}

impl<'a> FromIterator<&'a str> for FigureSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut figures = Self::default();
        names.into_iter().for_each(|name| figures.insert(name));
        figures
    }
}

/// A percentile that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentile {
    /// Its name in `run.json`, less the unit.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The quantile as a fraction: numerator and denominator.
    pub fraction: (u32, u32),
    /// The fewest observations for which its two-sided 95 % interval from order statistics has
    /// an upper bound, n = ⌈ln(α/2)/ln(q)⌉ (Hahn & Meeker, *Statistical Intervals*, §5).
    pub minimum_count: u64,
}

impl Percentile {
    /// Those that are reported, in ascending order.
    pub const ALL: [Self; 5] = [
        Self::new("p50", "p50", (1, 2), 6),
        Self::new("p90", "p90", (9, 10), 36),
        Self::new("p95", "p95", (19, 20), 72),
        Self::new("p99", "p99", (99, 100), 368),
        Self::new("p99_9", "p99.9", (999, 1000), 3688),
    ];

    const fn new(
        name: &'static str,
        label: &'static str,
        fraction: (u32, u32),
        minimum_count: u64,
    ) -> Self {
        Self {
            name,
            label,
            fraction,
            minimum_count,
        }
    }
}

impl Latency {
    /// The figure called `name` (`min`, `mean`, `p50` … `max`), if there is one.
    pub fn figure(&self, name: &str) -> Option<u64> {
        match name {
            "min" => self.min_ns,
            "mean" => self.mean_ns,
            "p50" => self.p50_ns,
            "p90" => self.p90_ns,
            "p95" => self.p95_ns,
            "p99" => self.p99_ns,
            "p99_9" => self.p99_9_ns,
            "max" => self.max_ns,
            _ => None,
        }
    }

    /// Whether the figure called `name` falls among observations that did not succeed.
    pub fn is_infinite(&self, name: &str) -> bool {
        self.infinite.contains(name)
    }

    /// Whether there are too few observations for the percentile called `name`.
    pub fn has_too_few_for(&self, name: &str) -> bool {
        self.too_few_for.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n independent observations bound quantile q from above, two-sided 95 %, once q^n ≤ 2.5 %.
    #[test]
    fn minimum_counts_follow_from_the_binomial_tail() {
        for Percentile {
            fraction: (numerator, denominator),
            minimum_count,
            ..
        } in Percentile::ALL
        {
            let q = f64::from(numerator) / f64::from(denominator);
            let n = i32::try_from(minimum_count).unwrap();
            assert!(q.powi(n) <= 0.025, "{q}: {n} is too few");
            assert!(q.powi(n - 1) > 0.025, "{q}: {n} is not the fewest");
        }
    }
    #[test]
    fn a_set_of_figures_is_the_list_of_their_names() {
        let figures: FigureSet = ["max", "p99_9", "min"].into_iter().collect();
        let json = serde_json::to_string(&figures).unwrap();
        assert_eq!(json, r#"["min","p99_9","max"]"#);
        assert_eq!(serde_json::from_str::<FigureSet>(&json).unwrap(), figures);
        assert!(figures.contains("max") && !figures.contains("p99"));
        assert!(!figures.is_empty() && FigureSet::default().is_empty());
    }

    #[test]
    fn every_figure_has_a_place_in_a_set_and_one_of_a_later_version_is_left_out() {
        for Percentile { name, .. } in Percentile::ALL {
            assert!(FigureSet::NAMES.contains(&name), "{name}");
        }
        for name in FigureSet::NAMES {
            let figures: FigureSet = [name].into_iter().collect();
            assert_eq!(figures.names().collect::<Vec<_>>(), [name]);
        }
        let later: FigureSet = serde_json::from_str(r#"["p97","p99"]"#).unwrap();
        assert_eq!(later.names().collect::<Vec<_>>(), ["p99"]);
    }
}
