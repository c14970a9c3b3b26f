use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Threshold {
    text.parse().unwrap()
}

fn error(text: &str) -> String {
    text.parse::<Threshold>().unwrap_err().to_string()
}

const fn quantile(numerator: u32, denominator: u32) -> Metric {
    Metric::Quantile {
        numerator,
        denominator,
    }
}

#[test]
fn every_part_is_read() {
    assert_eq!(
        parse("p99.9<=1.5s for 10s"),
        Threshold {
            metric: quantile(999, 1000),
            comparison: Comparison::LessOrEqual,
            value: 1.5e9,
            window: Some(10_000_000_000),
        }
    );
    assert_eq!(parse("  max  >  10us ").comparison, Comparison::Greater);
    assert_eq!(parse("goodput >= 4/min").value, 4.0 / 60.0);
}

#[test]
fn percentiles_are_exact_fractions() {
    assert_eq!(parse("p50 < 1s").metric, quantile(50, 100));
    assert_eq!(parse("p5 < 1s").metric, quantile(5, 100));
    assert_eq!(parse("p99.00 < 1s").metric, quantile(99, 100));
    assert_eq!(parse("p99.99 < 1s").metric, quantile(9999, 10000));
    for none in [
        "p0",
        "p100",
        "p101",
        "p99.",
        "p9a",
        "p1.2.3",
        "p99.999999999",
    ] {
        let found = none.parse::<Metric>();
        assert_eq!(found, Err(ThresholdError::NoPercentile(none.to_owned())));
    }
}

#[test]
fn units_become_base_units() {
    for (text, ns) in [
        ("5ns", 5.0),
        ("10us", 1e4),
        ("10µs", 1e4),
        ("250ms", 2.5e8),
        ("2s", 2e9),
        ("5m", 3e11),
        ("1h", 3.6e12),
    ] {
        assert_eq!(parse(&format!("mean < {text}")).value, ns, "{text}");
    }
    assert_eq!(parse("errors < 0.1%").value, 0.001);
    assert_eq!(parse("errors < 0.001").value, 0.001);
    assert_eq!(parse("errors <= 0").value, 0.0);
}

#[test]
fn the_canonical_text_is_the_shortest_exact_one() {
    for (text, canonical) in [
        ("p99<50ms", "p99 < 50ms"),
        ("p99.90 <= 1.5s", "p99.9 <= 1500ms"),
        ("mean < 60s for 60s", "mean < 1m for 1m"),
        ("max < 0.5us", "max < 500ns"),
        ("errors < 0.07", "errors < 7%"),
        ("shed >= 12.5%", "shed >= 12.5%"),
        ("timeouts <= 0", "timeouts <= 0%"),
        ("rate >= 4/min", "rate >= 4/min"),
        ("rate >= 120/min", "rate >= 2/s"),
        ("goodput > 99.5/s", "goodput > 99.5/s"),
    ] {
        assert_eq!(parse(text).to_string(), canonical);
        assert_eq!(parse(canonical).to_string(), canonical);
    }
}

#[test]
fn errors_say_what_to_write() {
    assert_eq!(
        error("p99 < 50"),
        "`p99` is a duration and needs a unit: write `50ms` rather than `50`"
    );
    assert_eq!(
        error("p99 50ms"),
        "`p99 50ms` has no comparison: a threshold is METRIC OP VALUE, such as `p99 < 50ms`, with <, <=, > or >="
    );
    assert_eq!(
        error("error < 1%"),
        "there is no metric `error`: did you mean `errors`? There are p50 … p99.99, max, mean, errors, timeouts, shed, goodput, rate"
    );
    assert_eq!(
        error("xyz < 1%"),
        "there is no metric `xyz`: use one of p50 … p99.99, max, mean, errors, timeouts, shed, goodput, rate"
    );
    assert_eq!(
        error("p95 < fast"),
        "`fast` is no duration: write `50ms` or `2s`"
    );
    let endless = format!("p95 < {}ms", "9".repeat(400));
    assert!(error(&endless).ends_with("is no duration: write `50ms` or `2s`"));
    assert_eq!(
        error("errors < 5ms"),
        "`ms` is no unit of a share: use %, or none for a fraction of 1"
    );
    assert_eq!(
        error("p99 < 50,5ms"),
        "`50,5ms` has a decimal comma, and the decimal point is `.` here: write `50.5ms`"
    );
    assert_eq!(
        error("errors < 5"),
        "`5` is more than all: a share is from 0% to 100% (or from 0 to 1 without the sign)"
    );
    assert_eq!(
        error("errors < 0%"),
        "no share is below 0%: write `errors <= 0%` if there must be none at all"
    );
    assert_eq!(
        error("rate > 100"),
        "`rate` is a rate and needs a unit: write `100/s` rather than `100`"
    );
    assert_eq!(
        error("errors < 1% for ever"),
        "`for ever` is no window: write a duration of at least a second, such as `for 10s`"
    );
}

#[test]
fn a_strict_limit_counts_the_limit_itself_as_slow() {
    assert_eq!(parse("p99 < 50ms").slow_from(), Some(50_000_000));
    assert_eq!(parse("p99 <= 50ms").slow_from(), Some(50_000_001));
    assert_eq!(parse("p99 < 0.5ns").slow_from(), Some(1));
    assert_eq!(parse("p99 <= 0.5ns").slow_from(), Some(1));
    assert_eq!(parse("max < 50ms").slow_from(), None);
}

#[test]
fn quantiles_and_shares_are_limits_of_shares() {
    assert_eq!(parse("p99 < 50ms").share_limit(), Some(0.01));
    assert_eq!(parse("errors < 2%").share_limit(), Some(0.02));
    assert_eq!(parse("mean < 50ms").share_limit(), None);
    assert_eq!(parse("rate > 5/s").share_limit(), None);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}") {
        let _ = text.parse::<Threshold>();
    }

    #[test]
    fn canonical_texts_keep_their_meaning(
        metric in prop::sample::select(vec!["p50", "p99.9", "max", "mean"]),
        sign in prop::sample::select(vec!["<", "<=", ">", ">="]),
        value in 0_u32..100_000,
        unit in prop::sample::select(vec!["ns", "us", "ms", "s", "m"]),
    ) {
        let threshold = parse(&format!("{metric} {sign} {value}{unit}"));
        prop_assert_eq!(parse(&threshold.to_string()), threshold);
    }
}
