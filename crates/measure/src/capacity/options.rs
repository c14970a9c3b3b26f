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

/// An option that makes no search.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{name} is {value}; {cure}")]
pub struct OptionsError {
    /// Which.
    pub name: &'static str,
    /// What it is.
    pub value: f64,
    /// What it has to be.
    pub cure: &'static str,
}

impl Options {
    /// Checks that the options make a search that ends.
    ///
    /// # Errors
    ///
    /// The first one that does not.
    pub fn check(&self) -> Result<(), OptionsError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let check = |name, value, is_fine, cure| match is_fine {
            true => Ok(()),
            false => Err(OptionsError { name, value, cure }),
        };
        let time = |name, value| check(name, value, positive(value), "give a time above 0");
        let Self { start, most, .. } = *self;
        check(
            "the first rate",
            start,
            positive(start),
            "give a rate above 0",
        )?;
        let is_fine = positive(most) && most >= start;
        let cure = "give a rate that is not below the first one";
        check("the highest rate", most, is_fine, cure)?;
        let is_fine = (1.1..=100.0).contains(&self.growth);
        check(
            "the growth",
            self.growth,
            is_fine,
            "give a factor of 1.1 to 100",
        )?;
        let is_fine = (1.001..=2.0).contains(&self.resolution);
        let cure = "give a ratio of 1.001 to 2";
        check("the resolution", self.resolution, is_fine, cure)?;
        let is_fine = (0.5..1.0).contains(&self.back_off);
        let cure = "give a factor of 0.5 to less than 1";
        check("the back-off", self.back_off, is_fine, cure)?;
        let is_fine = self.trimmed_s.is_finite() && self.trimmed_s >= 0.0;
        check(
            "the trimmed time",
            self.trimmed_s,
            is_fine,
            "give a time, or 0",
        )?;
        time("the measured time", self.measured_s)?;
        let is_fine = self.longest_s.is_finite() && self.longest_s >= self.measured_s;
        let cure = "give a time that is not below the measured time";
        check("the longest time", self.longest_s, is_fine, cure)?;
        time("the time of confirmation", self.confirmed_s)?;
        let canary = self.cool_down.canary_share;
        let is_fine = canary > 0.0 && canary <= 1.0;
        check(
            "the share of the canary",
            canary,
            is_fine,
            "give a share of up to 1",
        )?;
        time("the calm time", self.cool_down.calm_s)?;
        let is_fine =
            positive(self.cool_down.longest_s) && self.cool_down.longest_s >= self.cool_down.calm_s;
        let cure = "give a time that is not below the calm time";
        check(
            "the longest cool-down",
            self.cool_down.longest_s,
            is_fine,
            cure,
        )
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
