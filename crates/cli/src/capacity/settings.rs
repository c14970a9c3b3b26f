//! How a search goes about it: all that has to be known to go on with it later.

use crate::args::capacity::Capacity as Arguments;
use crate::args::{Arrivals, Timer};
use crate::begun::Begun;
use crate::drive;
use crate::failure::Failure;
use plimsoll_measure::capacity::{CoolDown, Options, OptionsError, Setting};
use plimsoll_report::quantity::{rate, share};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// The first rate where nobody says, per second.
const USUAL_START: f64 = 50.0;
/// So many times the fewest requests that can prove an objective do prove it mostly where it holds.
const ENOUGH: f64 = 4.0;
/// So many times as long as a probe is measured at first, it is at most.
const LONGEST: f64 = 3.0;
/// So long a system has to be calm, in seconds; less where it may not take three times as long.
const CALM_S: f64 = 5.0;

/// How a search goes about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub file: PathBuf,
    pub objectives: Vec<String>,
    pub start: Option<f64>,
    pub most: Option<f64>,
    pub probe_s: f64,
    pub longest_s: f64,
    pub trim_s: f64,
    pub confirm_s: f64,
    pub resolution: f64,
    pub cool_down_s: f64,
    pub from_above: bool,
    pub server: Option<String>,
    /// Whether a secret in it is masked, so that it cannot be started again.
    #[serde(default)]
    pub server_is_masked: bool,
    pub ready: Option<String>,
    pub peak: Option<f64>,
    pub growth: Option<f64>,
    pub utilisation: f64,
    pub arrivals: Option<Arrivals>,
    pub seed: u64,
    pub threads: usize,
    pub timer: Timer,
    pub grace_s: f64,
    pub yes_i_may_load: Vec<String>,
    /// Where and by what it was begun; `None` until it is.
    #[serde(default)]
    pub begun: Option<Begun>,
}

impl Settings {
    /// From the command line.
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let file = arguments.file.clone().unwrap_or_default();
        let file = std::path::absolute(file)
            .map_err(|problem| Failure::Usage(format!("the file cannot be named: {problem}")))?;
        let probe_s = arguments.probe.as_secs_f64();
        let longest = arguments.longest.map(|longest| longest.as_secs_f64());
        let driving = &arguments.driving;
        if arguments.peak.is_some_and(|peak| peak <= 0.0) {
            return Err(Failure::Usage(
                "--peak 0/s: a peak to plan for is above 0; leave it out if nobody knows it"
                    .to_owned(),
            ));
        }
        Ok(Self {
            file,
            objectives: arguments.objectives.clone(),
            start: arguments.start,
            most: arguments.most,
            probe_s,
            longest_s: longest.unwrap_or(LONGEST * probe_s),
            trim_s: arguments.trim.as_secs_f64(),
            confirm_s: arguments.confirm.as_secs_f64(),
            resolution: arguments.resolution,
            cool_down_s: arguments.cool_down.as_secs_f64(),
            from_above: !arguments.not_from_above,
            server: arguments.server.clone(),
            server_is_masked: false,
            ready: arguments.ready.clone(),
            peak: arguments.peak,
            growth: arguments.growth,
            utilisation: arguments.utilisation,
            arrivals: driving.arrivals,
            seed: driving.seed,
            threads: drive::threads(driving.threads),
            timer: driving.timer,
            grace_s: driving.grace.as_secs_f64(),
            yes_i_may_load: arguments.outlet.yes_i_may_load.clone(),
            begun: None,
        })
    }

    /// The options of the search, for a plan with this peak, where a probe has to have so many journeys to prove
    /// anything.
    pub(super) fn options(&self, peak: Option<f64>, fewest: f64) -> Result<Options, Failure> {
        let usual = Options::default();
        let start = self.start.or(peak.map(|peak| peak / 2.0));
        let start = start.unwrap_or_else(|| {
            // Too few requests prove nothing, and a search that proves nothing goes down, where there are fewer.
            let enough = ENOUGH * fewest / self.longest_s;
            let most = self.most.unwrap_or(usual.most);
            USUAL_START.max(enough.min(most))
        });
        let options = Options {
            start,
            resolution: 1.0 + self.resolution,
            most: self.most.unwrap_or(usual.most.max(start)),
            trimmed_s: self.trim_s,
            measured_s: self.probe_s,
            longest_s: self.longest_s,
            confirmed_s: self.confirm_s,
            from_above: self.from_above,
            fewest,
            cool_down: CoolDown {
                calm_s: CALM_S.min(self.cool_down_s / 3.0),
                longest_s: self.cool_down_s,
                ..usual.cool_down
            },
            ..usual
        };
        let check = options.check();
        check.map_err(|problem| Failure::Usage(self.in_flags(&problem)))?;
        Ok(options)
    }

    /// What is wrong, by the flag that says it.
    fn in_flags(&self, problem: &OptionsError) -> String {
        let value = problem.value;
        let seconds = || format!("{value} s");
        let (flag, value, cure) = match problem.setting {
            Setting::Start if self.start.is_none() => (
                "the first rate, half of the peak,",
                rate(value),
                "say --start, a rate above 0",
            ),
            Setting::Start => ("--start", rate(value), "give a rate above 0"),
            Setting::Most => (
                "--most",
                rate(value),
                "give a rate that is not below the first one (--start, else half of the peak, else 50/s)",
            ),
            Setting::Resolution => (
                "--resolution",
                share(value - 1.0),
                "give a share of 0.1% to 100%",
            ),
            Setting::Trimmed => ("--trim", seconds(), "give a time, or 0s"),
            Setting::Measured => ("--probe", seconds(), "give a time above 0"),
            Setting::Longest => (
                "--longest",
                seconds(),
                "give a time that is not below that of --probe",
            ),
            Setting::Confirmed => ("--confirm", seconds(), "give a time above 0"),
            Setting::Calm | Setting::CoolDown => ("--cool-down", seconds(), "give a time above 0"),
            // Nobody can say these.
            Setting::Growth | Setting::BackOff | Setting::Fewest | Setting::CanaryShare => {
                return problem.to_string();
            }
        };
        format!("{flag} is {value}: {cure}")
    }

    /// How long journeys may take to finish.
    pub(super) fn grace(&self) -> Duration {
        Duration::try_from_secs_f64(self.grace_s).unwrap_or(Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments as All, Command};
    use clap::Parser;

    fn settings(flags: &[&str]) -> Result<Settings, Failure> {
        let all = ["plimsoll", "capacity", "shop.yaml"];
        let cli = All::try_parse_from(all.iter().chain(flags)).unwrap();
        let Command::Capacity(arguments) = cli.command else {
            unreachable!()
        };
        Settings::of(&arguments)
    }

    #[test]
    fn what_is_wrong_is_told_by_the_flag_that_says_it() {
        let told = |flags: &[&str], peak| {
            let options = settings(flags).and_then(|settings| settings.options(peak, 0.0));
            options.unwrap_err().to_string()
        };
        assert_eq!(
            told(&["--resolution", "0.05%"], None),
            "--resolution is 0.05 %: give a share of 0.1% to 100%"
        );
        for (flags, expected) in [
            (["--start", "50/s", "--most", "10/s"], "--most is 10/s: "),
            (
                ["--probe", "30s", "--longest", "10s"],
                "--longest is 10 s: ",
            ),
            (["--confirm", "0s", "--trim", "0s"], "--confirm is 0 s: "),
        ] {
            let told = told(&flags, None);
            assert!(told.starts_with(expected), "{told}");
        }
        let of_plan = told(&[], Some(0.0));
        assert!(
            of_plan.starts_with("the first rate, half of the peak, is 0/s: say --start"),
            "{of_plan}"
        );
        let peak = settings(&["--peak", "0/s"]).unwrap_err().to_string();
        assert!(peak.starts_with("--peak 0/s: "), "{peak}");
        assert!(
            settings(&["--peak", "20/s"])
                .unwrap()
                .options(Some(20.0), 0.0)
                .is_ok()
        );
    }

    #[test]
    fn the_usual_start_has_enough_requests_for_a_proof() {
        let start = |flags: &[&str], peak, fewest| {
            let settings = settings(flags).unwrap();
            settings.options(peak, fewest).unwrap().start
        };
        assert_eq!(start(&[], None, 299.0), 50.0);
        // p99.9: 2,995 without one that is slow. Ninety seconds at 50 a second are 4,500, of which a single slow one is too many.
        assert_eq!(start(&[], None, 2_995.0), 4.0 * 2_995.0 / 90.0);
        assert_eq!(start(&["--most", "100/s"], None, 2_995.0), 100.0);
        assert_eq!(start(&["--start", "1/s"], None, 2_995.0), 1.0);
        assert_eq!(start(&[], Some(20.0), 2_995.0), 10.0);
    }

    #[test]
    fn a_growth_that_makes_no_numbers_is_refused() {
        let parsed =
            |growth| All::try_parse_from(["plimsoll", "capacity", "shop.yaml", "--growth", growth]);
        assert!(parsed("5%").is_ok() && parsed("1000%").is_ok());
        assert!(parsed("1e30%").is_err() && parsed("-100%").is_err());
    }
}
