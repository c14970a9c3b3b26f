//! How a search goes about it.

use super::cool_down::CoolDown;

/// How a search goes about it. Rates are arrivals per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The first rate.
    pub start: f64,
    /// By what the rate is multiplied as long as probes pass.
    pub growth: f64,
    /// How close the bounds have to be: the upper over the lower one.
    pub resolution: f64,
    /// No higher rate is tried.
    pub most: f64,
    /// How often the first rate may be divided by `growth` if it does not pass.
    pub reductions: u32,
    /// With fewer arrivals no probe proves anything, so that rates too low for them within `longest_s` are not
    /// tried; 0 if that is not known.
    pub fewest: f64,
    /// How long a rate is held before it is measured, in seconds.
    pub trimmed_s: f64,
    /// How long a probe is measured, in seconds.
    pub measured_s: f64,
    /// How long it is measured at most if it proves nothing, in seconds.
    pub longest_s: f64,
    /// How long the result is confirmed, in seconds.
    pub confirmed_s: f64,
    /// By what the rate is multiplied if it is not confirmed.
    pub back_off: f64,
    /// How often that may be.
    pub back_offs: u32,
    /// Whether the confirmed rate is approached from above, too.
    pub from_above: bool,
    /// How the system comes to rest after a rate that it did not bear.
    pub cool_down: CoolDown,
}

impl Default for Options {
    /// From 100 a second on by doubling, to 5 %; probes of 5 + 30 s, 90 s at most; confirmed for
    /// 120 s, three times 5 % less if need be, and once from above.
    fn default() -> Self {
        Self {
            start: 100.0,
            growth: 2.0,
            resolution: 1.05,
            most: 1e6,
            reductions: 10,
            fewest: 0.0,
            trimmed_s: 5.0,
            measured_s: 30.0,
            longest_s: 90.0,
            confirmed_s: 120.0,
            back_off: 0.95,
            back_offs: 3,
            from_above: true,
            cool_down: CoolDown::default(),
        }
    }
}

/// Which option it is, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// [`Options::start`]
    Start,
    /// [`Options::most`]
    Most,
    /// [`Options::growth`]
    Growth,
    /// [`Options::resolution`]
    Resolution,
    /// [`Options::back_off`]
    BackOff,
    /// [`Options::fewest`]
    Fewest,
    /// [`Options::trimmed_s`]
    Trimmed,
    /// [`Options::measured_s`]
    Measured,
    /// [`Options::longest_s`]
    Longest,
    /// [`Options::confirmed_s`]
    Confirmed,
    /// [`CoolDown::canary_share`]
    CanaryShare,
    /// [`CoolDown::calm_s`]
    Calm,
    /// [`CoolDown::longest_s`]
    CoolDown,
}

impl Setting {
    /// What it is called, and what it has to be.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Start => ("the first rate", "give a rate above 0"),
            Self::Most => (
                "the highest rate",
                "give a rate that is not below the first one",
            ),
            Self::Growth => ("the growth", "give a factor of 1.1 to 100"),
            Self::Resolution => ("the resolution", "give a ratio of 1.001 to 2"),
            Self::BackOff => ("the back-off", "give a factor of 0.5 to less than 1"),
            Self::Fewest => (
                "the fewest arrivals that prove anything",
                "give a number, or 0",
            ),
            Self::Trimmed => ("the trimmed time", "give a time, or 0"),
            Self::Measured => ("the measured time", "give a time above 0"),
            Self::Longest => (
                "the longest time",
                "give a time that is not below the measured time",
            ),
            Self::Confirmed => ("the time of confirmation", "give a time above 0"),
            Self::CanaryShare => ("the share of the canary", "give a share of up to 1"),
            Self::Calm => ("the calm time", "give a time above 0"),
            Self::CoolDown => (
                "the longest cool-down",
                "give a time that is not below the calm time",
            ),
        }
    }
}

/// An option that makes no search.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{name} is {value}; {cure}", name = .setting.words().0, cure = .setting.words().1)]
pub struct OptionsError {
    /// Which.
    pub setting: Setting,
    /// What it is.
    pub value: f64,
}

impl Options {
    /// Checks that the options make a search that ends.
    ///
    /// # Errors
    ///
    /// The first one that does not.
    pub fn check(&self) -> Result<(), OptionsError> {
        let is_positive = |value: f64| value.is_finite() && value > 0.0;
        let is_no_less = |value: f64, least: f64| value.is_finite() && value >= least;
        let cool_down = &self.cool_down;
        let canary = cool_down.canary_share;
        let all = [
            (Setting::Start, self.start, is_positive(self.start)),
            (Setting::Most, self.most, is_no_less(self.most, self.start)),
            (
                Setting::Growth,
                self.growth,
                (1.1..=100.0).contains(&self.growth),
            ),
            (
                Setting::Resolution,
                self.resolution,
                (1.001..=2.0).contains(&self.resolution),
            ),
            (
                Setting::BackOff,
                self.back_off,
                (0.5..1.0).contains(&self.back_off),
            ),
            (Setting::Fewest, self.fewest, is_no_less(self.fewest, 0.0)),
            (
                Setting::Trimmed,
                self.trimmed_s,
                is_no_less(self.trimmed_s, 0.0),
            ),
            (
                Setting::Measured,
                self.measured_s,
                is_positive(self.measured_s),
            ),
            (
                Setting::Longest,
                self.longest_s,
                is_no_less(self.longest_s, self.measured_s),
            ),
            (
                Setting::Confirmed,
                self.confirmed_s,
                is_positive(self.confirmed_s),
            ),
            (Setting::CanaryShare, canary, canary > 0.0 && canary <= 1.0),
            (
                Setting::Calm,
                cool_down.calm_s,
                is_positive(cool_down.calm_s),
            ),
            (
                Setting::CoolDown,
                cool_down.longest_s,
                is_no_less(cool_down.longest_s, cool_down.calm_s),
            ),
        ];
        let wrong = all.into_iter().find(|(_, _, is_fine)| !is_fine);
        wrong.map_or(Ok(()), |(setting, value, _)| {
            Err(OptionsError { setting, value })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_make_a_search_and_nonsense_does_not() {
        let fine = Options::default();
        assert_eq!(fine.check(), Ok(()));
        let cold = |longest_s| CoolDown {
            longest_s,
            ..CoolDown::default()
        };
        for wrong in [
            Options { start: 0.0, ..fine },
            Options {
                start: f64::NAN,
                ..fine
            },
            Options { most: 99.0, ..fine },
            Options {
                growth: 1.0,
                ..fine
            },
            Options {
                resolution: 1.0,
                ..fine
            },
            Options {
                back_off: 1.0,
                ..fine
            },
            Options {
                measured_s: 0.0,
                ..fine
            },
            Options {
                longest_s: 29.0,
                ..fine
            },
            Options {
                confirmed_s: f64::INFINITY,
                ..fine
            },
            Options {
                trimmed_s: -1.0,
                ..fine
            },
            Options {
                cool_down: cold(4.0),
                ..fine
            },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        let error = Options { most: 99.0, ..fine }.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the highest rate is 99; give a rate that is not below the first one"
        );
    }
}
