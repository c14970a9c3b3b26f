//! Numbers for people: three significant digits, with a unit.

/// A measured time, with three significant digits: `412 ms`, `1.23 s`, `87.0 µs`.
pub fn duration(ns: u64) -> String {
    if ns < 1_000 {
        return format!("{ns} ns");
    }
    let ns = ns as f64;
    for (size, unit) in [(1e3, "µs"), (1e6, "ms")] {
        if ns / size < 999.5 {
            return format!("{} {unit}", three_digits(ns / size));
        }
    }
    format!("{} s", three_digits(ns / 1e9))
}

/// A configured time or the length of a run: `500 ms`, `60 s`, `5 min`, `1 h 30 min`.
pub fn span(ns: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    if ns == 0 {
        return "0 s".to_owned();
    }
    if ns < 120 * SECOND {
        return trimmed(duration(ns));
    }
    let seconds = ns.saturating_add(SECOND / 2) / SECOND;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = if hours > 0 {
        [(hours, "h"), (minutes, "min")]
    } else {
        [(minutes, "min"), (seconds, "s")]
    };
    parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A count with its thousands marked: `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut marked = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            marked.push(',');
        }
        marked.push(digit);
    }
    marked
}

/// `1 item`, `2 items`.
pub fn plural(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(number as u64))
}

/// A rate per second: `130/s`, `0.25/s`, `12,400/s`.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", number(per_second))
}

/// A share of 1 as a percentage: `0.1 %`, `30 %`. What is nearly all is not said to be all: `99.9996 %`.
pub fn share(of_one: f64) -> String {
    let rest = (1.0 - of_one) * 100.0;
    if rest > 1e-9 && rest <= 0.05 {
        let zeros = (-rest.log10()).floor() as usize;
        return format!("{} %", trimmed(format!("{:.*}", zeros + 2, of_one * 100.0)));
    }
    format!("{} %", number(of_one * 100.0))
}

/// A number with three significant digits, or whole above 1,000, without trailing zeros.
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() {
        return if value > 0.0 { "∞" } else { "—" }.to_owned();
    }
    if magnitude >= 999.5 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(magnitude.round() as u64));
    }
    if magnitude > 0.0 && magnitude < 0.0005 {
        return format!("{value:.1e}");
    }
    let text = if magnitude < 0.9995 {
        // Three digits after the leading zeros: 0.0123, 0.123.
        let zeros = (-magnitude.log10()).floor().clamp(0.0, 6.0) as usize;
        format!("{value:.*}", zeros + 3)
    } else {
        three_digits(value)
    };
    trimmed(text)
}

fn three_digits(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = if magnitude < 9.995 {
        2
    } else if magnitude < 99.95 {
        1
    } else {
        0
    };
    format!("{value:.decimals$}")
}

/// `text` without the zeros that end its fraction (a unit may follow).
fn trimmed(text: String) -> String {
    let (digits, unit) = match text.split_once(' ') {
        Some((digits, unit)) => (digits, Some(unit)),
        None => (text.as_str(), None),
    };
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    match unit {
        Some(unit) => format!("{digits} {unit}"),
        None => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_duration_is_right_to_half_a_percent_and_never_longer_than_its_column(
            ns in 1_u64..1_000_000_000_000,
        ) {
            let text = duration(ns);
            let (digits, unit) = text.split_once(' ').unwrap();
            let size = match unit {
                "ns" => 1.0,
                "µs" => 1e3,
                "ms" => 1e6,
                _ => 1e9,
            };
            let shown = digits.parse::<f64>().unwrap() * size;
            prop_assert!((shown - ns as f64).abs() <= ns as f64 * 0.005 + 1e-6, "{}", text);
            prop_assert!(text.chars().count() <= 7, "{}", text);
        }
    }

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        for (ns, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (87_000, "87.0 µs"),
            (87_049, "87.0 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (9_994_999, "9.99 ms"),
            (9_995_001, "10.0 ms"),
            (412_345_678, "412 ms"),
            (1_234_000_000, "1.23 s"),
            (75_300_000_000, "75.3 s"),
            (3_600_000_000_000, "3600 s"),
        ] {
            assert_eq!(duration(ns), text, "{ns}");
        }
    }

    #[test]
    fn spans_read_as_people_write_them() {
        const SECOND: u64 = 1_000_000_000;
        for (ns, text) in [
            (0, "0 s"),
            (500_000_000, "500 ms"),
            (1_500_000_000, "1.5 s"),
            (60_012_000_000, "60 s"),
            (119 * SECOND, "119 s"),
            (300 * SECOND, "5 min"),
            (330 * SECOND, "5 min 30 s"),
            (5_400 * SECOND, "1 h 30 min"),
            (28_800 * SECOND, "8 h"),
        ] {
            assert_eq!(span(ns), text, "{ns}");
        }
    }

    #[test]
    fn counts_mark_thousands() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(value), text);
        }
    }

    #[test]
    fn numbers_keep_what_is_significant() {
        for (value, text) in [
            (0.0, "0"),
            (130.0, "130"),
            (129.94, "130"),
            (12.5, "12.5"),
            (0.25, "0.25"),
            (0.0123, "0.0123"),
            (0.00001, "1.0e-5"),
            (12_400.0, "12,400"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!(share(0.001), "0.1 %");
        assert_eq!(share(0.3), "30 %");
        assert_eq!(share(1.0), "100 %");
        assert_eq!(share(0.9996), "99.96 %");
        assert_eq!(share(0.999_996), "99.9996 %");
        assert_eq!(share(0.9994), "99.9 %");
        assert_eq!(share(1.0004), "100 %");
        assert_eq!(rate(0.25), "0.25/s");
    }
}
