//! `plimsoll try`: every journey once, everything shown, secrets masked.

use crate::folder;
use plimsoll_tests::plimsoll;
use std::fs;

const SCENARIO: &str = "name: shop
target: demo
journeys:
  book:
    steps:
      - { name: login, POST: /login, json: { user: ada, password: hunter2-secret }, save: { token: $.token } }
      - { name: basket, POST: /basket, headers: { authorization: 'Bearer {{ token }}' }, json: { flight: F1 }, expect: 201 }
  browse:
    steps:
      - { name: home, GET: /, expect: { status: 200, body: { contains: TEXT } } }
";

#[test]
fn everything_is_shown_and_credentials_are_not() {
    let folder = folder();
    fs::write(
        folder.path().join("shop.yaml"),
        SCENARIO.replace("TEXT", "html"),
    )
    .expect("a scenario");
    let tried = plimsoll(folder.path(), ["try", "shop.yaml"]).expect(0);
    for shown in ["POST", "/login", "/basket", "Bearer", "home", "201"] {
        assert!(tried.stdout.contains(shown), "{shown} in {}", tried.stdout);
    }
    assert!(!tried.stdout.contains("hunter2-secret"), "{}", tried.stdout);
    let token = tried
        .stdout
        .lines()
        .find(|line| line.starts_with("authorization:"));
    assert!(
        token.is_some_and(|line| line.contains("***")),
        "{}",
        tried.stdout
    );
}

#[test]
fn the_first_failure_ends_it_and_is_explained() {
    let folder = folder();
    fs::write(
        folder.path().join("shop.yaml"),
        SCENARIO.replace("TEXT", "no such text")
            + "  later: { steps: [ { name: never-tried, GET: / } ] }\n",
    )
    .expect("a scenario");
    let tried = plimsoll(folder.path(), ["try", "shop.yaml"]).expect(20);
    assert!(tried.stdout.contains("no such text"), "{}", tried.stdout);
    assert!(!tried.stdout.contains("never-tried"), "{}", tried.stdout);
}

#[test]
fn a_query_value_is_one_value_whatever_is_in_it() {
    let folder = folder();
    fs::write(
        folder.path().join("shop.yaml"),
        "name: shop
target: demo
journeys:
  ask:
    steps:
      - name: echo
        GET: /echo
        query: { from: 'a&b=c {{ iteration }}' }
        expect: { body: { contains: 'from=a%26b%3Dc%200' } }
",
    )
    .expect("a scenario");
    plimsoll(folder.path(), ["try", "shop.yaml"]).expect(0);
}

#[test]
fn every_example_works_against_the_demo_service() {
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let files = fs::read_dir(scenarios).expect("examples");
    let paths = files.map(|file| file.expect("a file").path());
    let is_scenario = |path: &std::path::PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.ends_with(".yaml") && !name.contains("readiness"))
    };
    let mut examples = 0;
    for path in paths.filter(is_scenario) {
        let path = path.to_str().expect("UTF-8");
        plimsoll(folder().path(), ["try", path]).expect(0);
        examples += 1;
    }
    assert!(examples >= 3);
}
