//! Quantities with units: durations, rates, shares, multiples, sizes.

use plimsoll_measure::Comparison;
use std::time::Duration;

/// Longest duration: far beyond any test, and its nanoseconds fit everywhere.
const LONGEST_NS: f64 = 366.0 * 86_400.0 * 1e9;

const DURATION_UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3_600e9),
    ("d", 86_400e9),
];

const SIZE_UNITS: [(&str, f64); 10] = [
    ("B", 1.0),
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("KiB", 1024.0),
    ("kiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("", 1.0),
];

/// A number and what follows it.
fn split(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    number
        .is_finite()
        .then(|| (number, text[end..].trim_start()))
}

/// Refuses a comma within a number, which many languages write where YAML has a point.
fn no_comma(text: &str) -> Result<(), String> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match text.split_once(',') {
        Some((before, after)) if digit(before.chars().last()) && digit(after.chars().next()) => {
            Err(format!(
                "`{}` has a decimal comma, and the decimal point is `.` here",
                crate::excerpt::short(text)
            ))
        }
        _ => Ok(()),
    }
}

/// `250ms`, `2s`, `1m30s`, `0`.
pub fn duration(text: &str) -> Result<Duration, String> {
    no_comma(text)?;
    let wrong = || format!("`{}` is no duration", crate::excerpt::short(text));
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let (number, after) = split(rest).ok_or_else(wrong)?;
        let end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let unit = &after[..end];
        if unit.is_empty() {
            return Err(format!("`{}` has no unit", crate::excerpt::short(text)));
        }
        let factor = DURATION_UNITS.iter().find(|(name, _)| *name == unit);
        let Some((_, factor)) = factor else {
            return Err(format!("`{unit}` is no unit of time"));
        };
        total += number * factor;
        rest = after[end..].trim_start();
    }
    if text.trim().is_empty() {
        return Err(wrong());
    }
    if total > LONGEST_NS {
        return Err(format!(
            "`{}` is longer than a year",
            crate::excerpt::short(text)
        ));
    }
    Ok(Duration::from_nanos(total.round() as u64))
}

/// A duration as it is written: `2m30s`.
pub(crate) fn written(duration: Duration) -> String {
    let mut rest = duration.as_nanos();
    let mut text = String::new();
    for (unit, length) in [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ] {
        if rest >= length {
            text.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// What to write for a duration.
pub(crate) const DURATION_HELP: &str =
    "write a number and one of the units ms, s, m, h, d, such as `250ms` or `5m`";

/// `120/s`, `4/min`, in events per second.
pub fn rate(text: &str) -> Result<f64, String> {
    no_comma(text)?;
    let wrong = || format!("`{}` is no rate", crate::excerpt::short(text));
    let (number, unit) = split(text.trim()).ok_or_else(wrong)?;
    let seconds = match unit.strip_prefix('/').map(str::trim) {
        Some("s" | "sec") => 1.0,
        Some("m" | "min") => 60.0,
        Some("h") => 3_600.0,
        Some(other) => {
            return Err(format!(
                "`{}` is no unit of time for a rate",
                crate::excerpt::short(other)
            ));
        }
        None if unit.is_empty() => {
            return Err(format!("`{}` has no unit", crate::excerpt::short(text)));
        }
        None => return Err(wrong()),
    };
    let rate = number / seconds;
    if rate > 1e9 {
        return Err(format!(
            "`{}` is more than a thousand million per second",
            crate::excerpt::short(text)
        ));
    }
    Ok(rate)
}

/// What to write for a rate.
pub(crate) const RATE_HELP: &str = "write events per time, such as `120/s` or `4/min`";

/// `30%` as 0.3.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    no_comma(text)?;
    match split(text.trim()) {
        Some((number, "%")) => Ok(number / 100.0),
        Some((_, "")) => Err(format!("`{}` has no unit", crate::excerpt::short(text))),
        _ => Err(format!("`{}` is no share", crate::excerpt::short(text))),
    }
}

/// What to write for a share.
pub(crate) const SHARE_HELP: &str = "write it in per cent, such as `30%`";

/// `1.5x` as 1.5.
pub(crate) fn multiple(text: &str) -> Option<f64> {
    match split(text.trim()) {
        Some((number, "x")) => Some(number),
        _ => None,
    }
}

/// `10kB` in bytes.
pub(crate) fn size(text: &str) -> Result<f64, String> {
    no_comma(text)?;
    let (number, unit) = split(text.trim())
        .ok_or_else(|| format!("`{}` is no size", crate::excerpt::short(text)))?;
    let factor = SIZE_UNITS.iter().find(|(name, _)| *name == unit);
    factor
        .map(|(_, factor)| number * factor)
        .ok_or_else(|| format!("`{}` is no unit of size", crate::excerpt::short(unit)))
}

/// `< 500ms` as its direction and the rest.
pub(crate) fn comparison(text: &str) -> Option<(Comparison, &str)> {
    let text = text.trim();
    [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ]
    .into_iter()
    .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, ns) in [
            ("250ms", 250_000_000),
            ("2s", 2_000_000_000),
            ("1.5s", 1_500_000_000),
            ("1m30s", 90_000_000_000),
            ("0", 0),
            ("0s", 0),
            ("7d", 604_800_000_000_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_nanos(ns)), "{text}");
        }
        for text in [
            "",
            "5",
            "s",
            "5 parsecs",
            "-1s",
            "1s2",
            "9999d",
            "1..2s",
            "1e3s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_decimal_comma_is_named() {
        let problems = [
            duration("1,5s").err(),
            rate("1,5/s").err(),
            share("0,1%").err(),
            size("1,5kB").err(),
        ];
        for problem in problems {
            assert!(problem.is_some_and(|text| text.contains("decimal comma")));
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["0s", "250ms", "1m30s", "8h", "7d", "1s500ms"] {
            assert_eq!(duration(text).map(written), Ok(text.to_owned()));
        }
    }

    #[test]
    fn rates_shares_multiples_sizes() {
        assert_eq!(rate("120/s"), Ok(120.0));
        assert_eq!(rate("4/min"), Ok(4.0 / 60.0));
        assert!(rate("120").is_err() && rate("120/fortnight").is_err() && rate("fast").is_err());
        assert_eq!(share("0.1%"), Ok(0.001));
        assert!(share("0.3").is_err());
        assert_eq!(multiple("1.5x"), Some(1.5));
        assert_eq!(multiple("1.5"), None);
        assert_eq!(size("10kB"), Ok(10_000.0));
        assert_eq!(size("1KiB"), Ok(1024.0));
        assert_eq!(comparison("<= 5s"), Some((Comparison::LessOrEqual, "5s")));
        assert_eq!(comparison("5s"), None);
    }
}
