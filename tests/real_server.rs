//! Against a real nginx: HTTP/1.1, HTTP/2, TLS, connections that the server closes, gzip.

use crate::folder;
use plimsoll_tests::{Nginx, number, plimsoll, run_json};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Runs a scenario given as text and returns its `run.json`.
fn run(folder: &Path, scenario: &str, arguments: &[&str]) -> Value {
    fs::write(folder.join("scenario.yaml"), scenario).expect("a scenario");
    let all = [&["run", "scenario.yaml", "--out", "out"], arguments].concat();
    plimsoll(folder, all).expect(0);
    run_json(&folder.join("out"))
}

fn all_ok(json: &Value, requests: u64) {
    assert_eq!(
        number(json, "/totals/ok"),
        requests,
        "{:#}",
        json["tests"][0]["examples"]
    );
    assert_eq!(number(json, "/totals/intended"), requests);
}

fn protocols(nginx: &Nginx) -> HashSet<String> {
    let log = nginx.access_log();
    log.lines()
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect()
}

fn connections(nginx: &Nginx) -> usize {
    let log = nginx.access_log();
    let ids: HashSet<_> = log
        .lines()
        .filter_map(|line| line.split(' ').nth(2))
        .collect();
    ids.len()
}

#[test]
fn http1_reuses_connections_and_sees_the_status() {
    let (folder, nginx) = (folder(), Nginx::start());
    let url = nginx.http("/");
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--rate",
            "500/s",
            "--duration",
            "1s",
            "--connections",
            "4",
            "--out",
            "out",
        ],
    )
    .expect(0);
    all_ok(&run_json(&folder.path().join("out")), 500);
    assert_eq!(protocols(&nginx), HashSet::from(["HTTP/1.1".to_owned()]));
    assert!(
        connections(&nginx) <= 4,
        "{} connections",
        connections(&nginx)
    );

    let missing = nginx.http("/missing");
    plimsoll(
        folder.path(),
        [
            "hit",
            &missing,
            "--users",
            "1",
            "--iterations",
            "5",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    assert_eq!(
        number(&json, "/tests/0/journeys/0/steps/0/errors/status"),
        5
    );
    assert_eq!(number(&json, "/tests/0/journeys/0/steps/0/statuses/404"), 5);
}

#[test]
fn http2_by_prior_knowledge_shares_a_connection() {
    let (folder, nginx) = (folder(), Nginx::start());
    let url = nginx.http2("/");
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--http",
            "2",
            "--users",
            "32",
            "--iterations",
            "500",
            "--connections",
            "2",
            "--threads",
            "2",
            "--out",
            "out",
        ],
    )
    .expect(0);
    all_ok(&run_json(&folder.path().join("out")), 500);
    assert_eq!(protocols(&nginx), HashSet::from(["HTTP/2.0".to_owned()]));
    assert!(
        connections(&nginx) <= 2,
        "{} connections",
        connections(&nginx)
    );
}

#[test]
fn tls_agrees_on_http2_and_verifies_the_certificate() {
    let (folder, nginx) = (folder(), Nginx::start());
    fs::copy(nginx.ca(), folder.path().join("ca.pem")).expect("the CA");
    let url = nginx.https("/");
    let hit = |more: &[&str]| {
        let all = [
            &[
                "hit",
                url.as_str(),
                "--users",
                "2",
                "--iterations",
                "20",
                "--out",
                "out",
            ],
            more,
        ]
        .concat();
        plimsoll(folder.path(), all).expect(0);
        run_json(&folder.path().join("out"))
    };
    let json = hit(&["--ca", "ca.pem"]);
    all_ok(&json, 20);
    assert!(number(&json, "/tests/0/journeys/0/steps/0/tls/count") >= 1);
    assert_eq!(protocols(&nginx), HashSet::from(["HTTP/2.0".to_owned()]));

    let untrusted = hit(&[]);
    assert_eq!(
        number(&untrusted, "/tests/0/journeys/0/steps/0/errors/tls"),
        20
    );

    let all = [
        "hit",
        &url,
        "--users",
        "1",
        "--iterations",
        "3",
        "--insecure",
        "--out",
        "out",
    ];
    let insecure = plimsoll(folder.path(), all).expect(0);
    assert!(
        insecure.stderr.contains("not verified"),
        "{}",
        insecure.stderr
    );
    all_ok(&run_json(&folder.path().join("out")), 3);
}

#[test]
fn tls_with_client_certificate_sni_and_resumption() {
    let (folder, nginx) = (folder(), Nginx::start());
    let (certificate, key) = nginx.client();
    for (from, to) in [
        (nginx.ca(), "ca.pem"),
        (certificate, "client.pem"),
        (key, "client.key"),
    ] {
        fs::copy(from, folder.path().join(to)).expect("a PEM file");
    }
    let target = nginx.mutual("/").replace("localhost", "shop.test");
    let scenario = |resumption: bool| {
        format!(
            "name: mutual
target:
  url: {target}
  http: 1
  resolve: {{ shop.test: 127.0.0.1 }}
  tls: {{ ca: ca.pem, client_cert: client.pem, client_key: client.key, resumption: {resumption} }}
journeys: {{ visit: {{ steps: [ {{ name: page, GET: / }} ] }} }}
load: {{ users: 1, iterations: 6 }}
"
        )
    };
    let resumed = || {
        nginx
            .access_log()
            .lines()
            .filter(|line| line.contains(" r "))
            .count()
    };
    all_ok(
        &run(folder.path(), &scenario(false), &["--threads", "1"]),
        6,
    );
    assert_eq!(resumed(), 0, "{}", nginx.access_log());
    // Each user opens a connection of its own; all but the first resume the session.
    all_ok(&run(folder.path(), &scenario(true), &["--threads", "1"]), 6);
    assert_eq!(resumed(), 5, "{}", nginx.access_log());
}

#[test]
fn connections_that_the_server_closes_are_opened_again() {
    let (folder, nginx) = (folder(), Nginx::start());
    let url = nginx.http("/close");
    plimsoll(
        folder.path(),
        [
            "hit",
            &url,
            "--users",
            "3",
            "--iterations",
            "60",
            "--out",
            "out",
        ],
    )
    .expect(0);
    let json = run_json(&folder.path().join("out"));
    all_ok(&json, 60);
    assert_eq!(
        number(&json, "/tests/0/journeys/0/steps/0/connect/count"),
        60
    );
    assert_eq!(connections(&nginx), 60);
}

#[test]
fn connections_that_the_server_closed_while_idle_are_noticed_before_anything_is_sent() {
    let (folder, nginx) = (folder(), Nginx::start());
    let scenario = format!(
        "name: idle
target: '{}'
journeys: {{ visit: {{ steps: [ {{ name: one, GET: /brief }}, {{ think: 500ms }}, {{ name: two, GET: /brief }} ] }} }}
load: {{ users: 2, iterations: 6 }}
",
        nginx.http("/")
    );
    all_ok(&run(folder.path(), &scenario, &[]), 12);
    assert_eq!(connections(&nginx), 12);
}

#[test]
fn connections_come_from_the_addresses_that_are_listed() {
    let (folder, nginx) = (folder(), Nginx::start());
    let scenario = format!(
        "name: sources
target: {{ url: '{}', source_addresses: [ 127.0.0.5 ] }}
journeys: {{ visit: {{ steps: [ {{ name: one, GET: / }} ] }} }}
load: {{ users: 1, iterations: 3 }}
",
        nginx.http("/")
    );
    all_ok(&run(folder.path(), &scenario, &[]), 3);
    let log = nginx.access_log();
    assert_eq!(
        log.lines()
            .filter(|line| line.ends_with(" 127.0.0.5"))
            .count(),
        3,
        "{log}"
    );
}

#[test]
fn connection_policies_open_what_they_say() {
    let (folder, nginx) = (folder(), Nginx::start());
    let scenario = |policy: &str| {
        format!(
            "name: policy
target: {{ url: '{}', connections: {policy} }}
journeys: {{ visit: {{ steps: [ {{ name: one, GET: / }}, {{ name: two, GET: / }} ] }} }}
load: {{ users: 1, iterations: 5 }}
",
            nginx.http("/")
        )
    };
    let opened = |policy: &str| {
        let before = connections(&nginx);
        all_ok(
            &run(folder.path(), &scenario(policy), &["--threads", "1"]),
            10,
        );
        connections(&nginx) - before
    };
    assert_eq!(opened("per_user"), 5);
    assert_eq!(opened("pooled"), 1);
    assert_eq!(opened("new_each_request"), 10);
}

#[test]
fn gzip_is_decoded_where_the_body_is_looked_at_and_redirects_are_followed() {
    let (folder, nginx) = (folder(), Nginx::start());
    let scenario = format!(
        "name: pages
target: '{}'
journeys:
  read:
    steps:
      - {{ name: page, GET: /page.html, headers: {{ accept-encoding: gzip }}, expect: {{ header: {{ content-encoding: gzip }}, body: {{ contains: flights }}, size: '< 2kB' }} }}
      - {{ name: there, GET: /there, expect: {{ status: 200, body: {{ contains: ready }} }} }}
      - {{ name: stay, GET: /there, redirects: none, expect: 302 }}
      - {{ name: json, GET: /json, expect: {{ json: {{ '$.flights': {{ min_items: 1 }} }} }}, save: {{ id: '$.flights[0].id' }} }}
      - {{ name: id, GET: '/?id={{{{ id }}}}' }}
load: {{ users: 2, iterations: 10 }}
",
        nginx.http("/")
    );
    let json = run(folder.path(), &scenario, &[]);
    all_ok(&json, 50);
    let hops = &json["tests"][0]["journeys"][0]["steps"][1]["hops"];
    assert_eq!(hops[0]["statuses"]["302"], 10, "{hops:#}");
    assert_eq!(hops[1]["statuses"]["200"], 10, "{hops:#}");
}
