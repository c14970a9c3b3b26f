//! No secret, token, cookie or personal field in anything that a run leaves or prints.

use crate::*;
use plimsoll_tests::Running;
use plimsoll_tests::program::program;
use std::process::Command;

/// Each in another place of the input.
const CANARIES: [&str; 6] = [
    "canary-environment-5b1d",
    "canary-file-77c2",
    "canary-command-e90a",
    "canary-configuration-3f44",
    "canary-person-1e07",
    "canary-mail-88@example.org",
];

#[test]
fn canaries_are_in_no_output() {
    let _turn = turn();
    let folder = folder();
    let [environment, file, command, configuration, person, mail] = CANARIES;
    let at = |name: &str| folder.path().join(name);
    fs::write(at("secret.txt"), file).expect("a secret");
    fs::write(
        at("shop.yaml"),
        "name: shop
target: demo
data: { people: { file: people.csv, take: cycle } }
secrets: { password: { env: SHOP_PASSWORD }, key: { file: secret.txt } }
journeys:
  buy:
    weight: 1
    steps:
      - name: login
        POST: /login
        headers: { x-api-key: '{{ secret.key }}' }
        json: { user: '{{ people.name }}', password: '{{ secret.password }}' }
        save: { token: $.token }
      # The answer names the user, who is captured.
      - { name: account, GET: '/account', save: { name: $.user }, expect: { json: { $.user: { type: text } } } }
      # Echoes what it was sent, and fails: the answer becomes an example.
      - name: echo
        POST: /echo
        headers: { authorization: 'Bearer {{ token }}', x-api-key: '{{ secret.key }}' }
        body: 'the password of {{ name }} {{ people.mail }} is {{ secret.password }}'
        expect: { status: 418 }
",
    )
    .expect("a scenario");
    fs::write(
        at("plan.yaml"),
        "name: shop-1.0
scenario: shop.yaml
settle: 1s
expected_load: { peak: 20/s, headroom: 0% }
journeys: { buy: { tier: important, thresholds: [ 'errors < 50%' ] } }
release:
  version: 4.12.0
  components: [ { name: web, tier: critical, sources: [ { endpoint: /version, version: version } ] } ]
  config: { rendered: prod.env, deployed: perf.env, allowed_differences: [ { path: /DB_PASSWORD, reason: another database, owner: dba } ] }
tests:
  - name: drill
    at: 1x
    hold: 4s
    thresholds: true
    inject: { after: 1s, run: [ sh, -c, 'echo $SHOP_PASSWORD; echo password=$SHOP_PASSWORD >&2; exit 3' ] }
    expect: { invariants: [ [ sh, -c, 'cat secret.txt; exit 1' ] ] }
checklist: [ { id: M1, tier: important, title: done, evidence: required } ]
",
    )
    .expect("a plan");
    fs::write(at("people.csv"), format!("name,mail\n{person},{mail}\n")).expect("data");
    fs::write(at("prod.env"), format!("DB_PASSWORD={configuration}\n")).expect("a file");
    fs::write(at("perf.env"), "DB_PASSWORD=other-3f45\n").expect("a file");
    let mut program = Command::new(program());
    program
        .args(["run", "plan.yaml", "--out", "out"])
        .env("SHOP_PASSWORD", environment)
        .env("UNUSED", command);
    let finished = Running::spawn(folder.path(), program).wait();
    assert_ne!(finished.code, Some(2), "{}", finished.stderr);
    let mut outputs = vec![
        ("stdout".to_owned(), finished.stdout.into_bytes()),
        ("stderr".to_owned(), finished.stderr.into_bytes()),
    ];
    for entry in fs::read_dir(at("out")).expect("a folder") {
        let path = entry.expect("an entry").path();
        // Plan and scenario are copied as they are: they hold no secret.
        outputs.push((path.display().to_string(), fs::read(&path).expect("a file")));
    }
    assert!(outputs.len() > 8, "{}", outputs.len());
    for (name, bytes) in outputs {
        let text = String::from_utf8_lossy(&bytes);
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} in {name}");
        }
    }
    let run = document(folder.path());
    let example = run["tests"][0]["examples"][0].to_string();
    assert!(example.contains("***"), "it was masked: {example}");
}
