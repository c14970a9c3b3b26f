//! The example scenarios, and the one in the documentation of the format.

use crate::support::{load, valid};
use plimsoll_scenario::plan::{FileKind, ReadinessPlan, kind_of};
use plimsoll_scenario::{Address, Load, LoadOptions, Loader, Scenario, Step, Take};
use std::io;
use std::path::{Path, PathBuf};

/// Reads from the disk.
struct Disk;

impl Loader for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let files = std::fs::read_dir(folder).expect("the folder of examples");
    let paths = files.map(|file| file.expect("a file").path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .filter(|path| {
            std::fs::read_to_string(path)
                .is_ok_and(|text| text.contains("\njourneys:") && text.contains("\ntarget"))
        })
        .filter(|path| kind_of(path, &Disk) == FileKind::Scenario)
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_example_is_valid_without_any_environment() {
    let examples = examples();
    assert!(examples.len() >= 3, "{examples:?}");
    for path in examples {
        match Scenario::load(&path, &Disk, &LoadOptions::default()) {
            Ok(loaded) => assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings),
            Err(problems) => panic!("{problems}"),
        }
    }
}

#[test]
fn the_example_of_a_plan_is_valid_without_any_environment() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let path = folder.join("travel-shop-readiness.yaml");
    assert_eq!(kind_of(&path, &Disk), FileKind::Plan);
    let loaded = ReadinessPlan::load(&path, &Disk, &LoadOptions::default());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(loaded.plan.tests.len(), 8);
}

#[test]
fn the_travel_shop_is_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/travel-shop.yaml");
    let scenario = Scenario::load(&path, &Disk, &LoadOptions::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
        .scenario;
    let names: Vec<&str> = scenario
        .journeys
        .iter()
        .map(|journey| journey.name.as_str())
        .collect();
    assert_eq!(names, ["search", "book", "recommend", "account"]);
    let Some(Load::Open {
        shape,
        promise: Some(promise),
        ..
    }) = &scenario.load
    else {
        panic!("no open load")
    };
    assert_eq!((promise.expected, promise.headroom), (100.0, 0.3));
    assert_eq!(shape.cumulative(20_000_000_000), 2_600.0);
    let picked = (0..100).filter(|n| scenario.mix.pick(*n) == 0).count();
    assert_eq!(picked, 70);
    let sources: Vec<&Path> = scenario
        .sources
        .iter()
        .map(|source| source.path.as_path())
        .collect();
    assert_eq!(sources, [path.as_path(), Path::new("travellers.csv")]);
}

const DOCUMENTED: &str = r#"
name: travel-shop
target: demo
defaults: { timeout: 5s, headers: { accept: application/json } }
data:
  travellers: { file: travellers.csv, take: cycle }
journeys:
  search:
    weight: 70
    steps:
      - { name: home, GET: / }
      - think: 1s..3s
      - name: results
        GET: "/search?from={{ travellers.home }}&to=ROM"
        expect: { status: 200, json: { "$.flights": { min_items: 1 } } }
        save: { flight: "$.flights[0].id" }
  book:
    weight: 10
    steps:
      - { name: login, POST: /login, json: { user: "{{ travellers.name }}", password: "{{ secret.password }}" }, save: { token: $.token } }
      - { name: results, GET: "/search?to=ROM", save: { flight: "$.flights[0].id" } }
      - { name: basket, POST: /basket, headers: { authorization: "Bearer {{ token }}" }, json: { flight: "{{ flight }}" }, expect: 201 }
      - if: "{{ travellers.vip }}"
        steps: [ { name: lounge, GET: /lounge } ]
      - { name: checkout, POST: /checkout, headers: { authorization: "Bearer {{ token }}" }, expect: { status: 201, body: { contains: confirmed } } }
  recommend: { weight: 20, steps: [ { name: recommend, GET: /recommend } ] }
"#;

#[test]
fn the_documented_example_loads() {
    let loaded = load(DOCUMENTED).unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = loaded.scenario;
    assert_eq!(scenario.targets[0].address, Address::Demo);
    assert_eq!(
        (scenario.feeds[0].rows.len(), scenario.feeds[0].take),
        (2, Take::Cycle)
    );
    let book = &scenario.journeys[1];
    assert_eq!(
        (book.slots, book.feeds.as_slice(), book.requests.len()),
        (2, &[0][..], 5)
    );
    assert_eq!(scenario.secrets.mask("x hunter2 y"), "x *** y");
    // The one thing that is odd: `search` saves a flight that it never uses.
    let warnings: Vec<&str> = loaded
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert_eq!(warnings, ["nothing uses `flight`"]);
}

#[test]
fn the_catalogue_and_the_thresholds_go_by_file_order() {
    let scenario = valid(
        "name: t\ntarget: demo\nthresholds: errors < 1%\njourneys:\n  a: { thresholds: [ p99 < 1s ], steps: [ { name: x, GET: /, redirects: 2 }, { name: y, GET: /y, redirects: none, thresholds: [ p95 < 1s ] } ] }\n  b: { steps: [ { GET: '/search?to={{ client.id }}' } ] }\n",
    );
    let catalogue = scenario.catalogue();
    let steps: Vec<(&str, usize)> = catalogue
        .journeys()
        .iter()
        .flat_map(|journey| &journey.steps)
        .map(|step| (step.name.as_str(), step.hops.len()))
        .collect();
    assert_eq!(
        steps,
        [("x", 3), ("y", 0), ("GET /search?to={{ client.id }}", 11)]
    );
    let watched: Vec<(String, String)> = scenario
        .watched()
        .into_iter()
        .map(|(id, _, threshold)| (id, threshold.text))
        .collect();
    let expected = [("", "errors < 1%"), ("a", "p99 < 1s"), ("a/y", "p95 < 1s")];
    assert_eq!(
        watched,
        expected.map(|(id, text)| (id.to_owned(), text.to_owned()))
    );
}

#[test]
fn yaml_and_toml_say_the_same() {
    let toml = crate::support::load_as(
        "scenario.toml",
        "name = \"t\"\ntarget = \"demo\"\n[load]\nrate = \"5/s\"\nduration = \"2s\"\n[journeys.z]\nsteps = [ { name = \"a\", GET = \"/\" }, { think = \"1s\" } ]\n[journeys.a]\nweight = 2\nsteps = [ { GET = \"/b\", expect = 200 } ]\n",
    );
    let scenario = toml
        .unwrap_or_else(|problems| panic!("{problems}"))
        .scenario;
    let names: Vec<&str> = scenario
        .journeys
        .iter()
        .map(|journey| journey.name.as_str())
        .collect();
    assert_eq!(names, ["z", "a"], "the file's order");
    assert!(matches!(scenario.journeys[0].steps[1], Step::Think(_)));
}
