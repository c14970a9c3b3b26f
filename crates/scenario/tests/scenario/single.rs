//! Scenarios of one request.

use plimsoll_scenario::{Address, Connections, HitOptions, Scenario, Step};

fn hit(url: &str) -> (Address, String) {
    let scenario =
        Scenario::single(HitOptions::get(url)).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        scenario.targets[0].connections,
        Connections::Pooled {
            max: None,
            streams: None
        }
    );
    let Step::Request(request) = &scenario.journeys[0].steps[0] else {
        panic!("no request")
    };
    (
        scenario.targets[0].address.clone(),
        request.url.as_constant().expect("a constant").to_owned(),
    )
}

#[test]
fn urls_are_an_origin_and_a_path() {
    for (url, origin, path) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/", "/"),
        (
            "https://shop.example/a%20b?c={{ d }}#e",
            "https://shop.example/",
            "/a%20b?c={{%20d%20}}",
        ),
    ] {
        let (address, found) = hit(url);
        assert_eq!(address, Address::Url(origin.parse().expect("a URL")));
        assert_eq!(found, path);
    }
    assert_eq!(hit("demo"), (Address::Demo, "/".to_owned()));
    assert_eq!(
        hit("demo/search?to=ROM"),
        (Address::Demo, "/search?to=ROM".to_owned())
    );
}

#[test]
fn the_names_are_hit_and_request() {
    let options = HitOptions {
        redirects: 3,
        thresholds: vec!["p99 < 1s".to_owned()],
        ..HitOptions::get("demo")
    };
    let scenario = Scenario::single(options).unwrap_or_else(|problems| panic!("{problems}"));
    let catalogue = scenario.catalogue();
    let journey = &catalogue.journeys()[0];
    assert_eq!(
        (
            journey.name.as_str(),
            journey.steps[0].name.as_str(),
            journey.steps[0].hops.len()
        ),
        ("hit", "request", 4)
    );
    assert_eq!(scenario.watched().len(), 1);
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let options = HitOptions {
        method: "G T".to_owned(),
        headers: vec![
            ("a b".to_owned(), "x".to_owned()),
            ("x".to_owned(), "a\nb".to_owned()),
        ],
        thresholds: vec!["p99".to_owned()],
        timeout: std::time::Duration::ZERO,
        ..HitOptions::get("shop.example")
    };
    insta::assert_snapshot!(Scenario::single(options).expect_err("mistakes"));
}
