use super::*;
use proptest::prelude::*;

fn one(line: &str) -> Option<Sample> {
    parse(line).next()
}

/// The example of the specification, in part.
const PAGE: &str = r#"# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045
"#;

#[test]
fn the_example_of_the_specification() {
    let all: Vec<Sample> = parse(PAGE).collect();
    assert_eq!(all.len(), 5);
    assert_eq!(all[0].name, "http_requests_total");
    assert_eq!(all[0].labels[1], ("code".into(), "200".into()));
    assert_eq!(
        (all[0].value, all[0].timestamp_ms),
        (1027.0, Some(1_395_066_363_000))
    );
    assert_eq!(all[2].labels[0].1, r"C:\DIR\FILE.TXT");
    assert_eq!(all[2].labels[1].1, "Cannot find file:\n\"FILE.TXT\"");
    assert_eq!((all[3].value, all[3].timestamp_ms), (12.47, None));
    assert_eq!(
        (all[4].value, all[4].timestamp_ms),
        (f64::INFINITY, Some(-3_982_045))
    );
}

#[test]
fn odd_lines_and_wrong_ones() {
    assert!(one("a NaN").unwrap().value.is_nan());
    assert_eq!(one("a -Inf").unwrap().value, f64::NEG_INFINITY);
    assert_eq!(one("  a:b { } 1 ").unwrap().name, "a:b");
    assert_eq!(one(r#"a {b = "}" , c="",} 1"#).unwrap().labels.len(), 2);
    assert_eq!(one(r#"a{b="\x"} 1"#).unwrap().labels[0].1, r"\x");
    for wrong in [
        "a",
        "a x",
        "1a 1",
        "a{b} 1",
        "a{b=\"c} 1",
        "a{b=\"c\" d=\"e\"} 1",
        "a{b:c=\"\"} 1",
        "a 1 2 3",
        "a 1 x",
        "a{b=\"\\",
        "{} 1",
        "a inf",
        "a nan",
    ] {
        assert_eq!(one(wrong), None, "{wrong}");
    }
    assert_eq!(parse("wrong\na 1\n").count(), 1);
}

#[test]
fn a_page_is_added_up_over_labels() {
    let page = "process_resident_memory_bytes{pid=\"1\"} 100\nprocess_resident_memory_bytes{pid=\"2\"} 50\n\
                process_cpu_seconds_total NaN\nprocess_cpu_seconds_total 2.5\nprocess_open_fds -1\nother 7\n";
    let values = read(page, &Names::default());
    assert_eq!(
        values,
        Values {
            rss_bytes: Some(150.0),
            processor_seconds: Some(2.5),
            descriptors: None
        }
    );
    let names = Names {
        descriptors: "other".into(),
        ..Names::default()
    };
    assert_eq!(read(page, &names).descriptors, Some(7.0));
    assert_eq!(read("", &names), Values::default());
}

proptest! {
    #[test]
    fn no_page_panics(page in "[a-z0-9_:{}=\"\\\\, \n#+.äN-]{0,200}") {
        let _ = parse(&page).count();
    }

    #[test]
    fn what_is_written_is_read(value in any::<f64>(), label in "[ -~]{0,20}") {
        let escaped = label.replace('\\', r"\\").replace('"', "\\\"");
        let value = if value.is_finite() { value } else { 1.0 };
        let sample = one(&format!("a{{b=\"{escaped}\"}} {value:e}")).unwrap();
        prop_assert_eq!(sample.value, value);
        prop_assert_eq!(&sample.labels[0].1, &label);
    }
}
