//! What a readiness plan has to find, as a client sees it.

use crate::client::{Client, demo};
use plimsoll_target::{Behaviour, Demo};
use serde_json::json;

fn wait_for(demo: &Demo, path: &str, requests: u64) {
    while demo.counts().of(path) < requests {
        std::thread::yield_now();
    }
}

#[test]
fn a_full_line_has_room_for_what_matters_most() {
    let demo = demo(r#"{"capacity":"1/h","queue":2,"priority":["1@/recommend"]}"#);
    let mut clients: Vec<Client> = (0..3).map(|_| Client::connect(&demo)).collect();
    assert_eq!(clients[0].get("/null").status, 200);
    clients[1].send("GET", "/recommend", "", "");
    wait_for(&demo, "/recommend", 1);
    let mut late = Client::connect(&demo);
    assert_eq!(
        late.get("/recommend").status,
        503,
        "half of the line is taken"
    );
    let marked = late.ask("GET", "/null", "x-tier: 1\r\n", "");
    assert_eq!(marked.status, 503, "so is it for whoever says so");
    clients[2].send("GET", "/recommend", "x-tier: critical\r\n", "");
    wait_for(&demo, "/recommend", 3);
    assert_eq!(demo.counts().refused, 2, "the critical one is in line");
}

#[test]
fn wrong_data_has_a_good_status_and_an_empty_body() {
    let demo = demo(r#"{"wrong":["100%","25%@/search"]}"#);
    let mut client = Client::connect(&demo);
    let empty = (0..40).filter(|_| {
        let answer = client.get("/search");
        assert_eq!(answer.status, 200);
        answer.json()["flights"]
            .as_array()
            .expect("a list")
            .is_empty()
    });
    assert_eq!(empty.count(), 10);
    assert_eq!(client.get("/recommend").json()["recommended"], json!([]));
    let checkout = client.post("/checkout", "", "");
    assert_eq!((checkout.status, checkout.text()), (201, "{}"));
    assert_eq!(demo.counts().wrong, 12);
}

#[test]
fn a_dependency_that_is_down_fails_its_pages_only() {
    let demo = demo(r#"{"dependency":{"state":"down","paths":["/recommend"]}}"#);
    let mut client = Client::connect(&demo);
    assert_eq!(client.get("/recommend").status, 502);
    assert_eq!(client.get("/search").status, 200);
    assert_eq!(demo.counts().failed, 1);
    let change = json!({"dependency":{"fallback":true}});
    demo.merge_behaviour(change).expect("a change");
    let lesser = client.get("/recommend");
    assert_eq!(
        (lesser.status, lesser.header("x-degraded")),
        (200, Some("true"))
    );
    let body = lesser.json();
    assert_eq!(body["degraded"], true);
    assert!(!body["recommended"].as_array().expect("a list").is_empty());
    assert_eq!(client.get("/search").header("x-degraded"), None);
    let up = json!({"dependency":{"state":"up"}});
    demo.merge_behaviour(up).expect("a change");
    assert_eq!(client.get("/recommend").header("x-degraded"), None);
}

#[test]
fn calls_that_wait_starve_other_pages_only_of_a_shared_pool() {
    let slow = |pool: &str| {
        demo(&format!(
            r#"{{"dependency":{{"state":"slow","latency":"1h","paths":["/recommend"]{pool}}}}}"#
        ))
    };
    let provoke = |demo: &Demo| {
        let mut waiting: Vec<Client> = (0..2).map(|_| Client::connect(demo)).collect();
        for client in &mut waiting {
            client.send("GET", "/recommend", "", "");
        }
        wait_for(demo, "/recommend", 2);
        waiting
    };
    let apart = slow("");
    let waiting = provoke(&apart);
    assert_eq!(Client::connect(&apart).get("/search").status, 200);
    drop(waiting);

    let shared = slow(r#","pool":2"#);
    let waiting = provoke(&shared);
    let mut starved = Client::connect(&shared);
    starved.send("GET", "/search", "", "");
    wait_for(&shared, "/search", 1);
    assert_eq!(Client::connect(&shared).get("/healthz").status, 200);
    shared.stop();
    starved.head().expect_err("no worker was left for it");
    drop(waiting);
}

#[test]
fn a_switch_of_release_ends_with_the_new_one_and_page_and_header_agree() {
    let demo = demo(
        r#"{"release":{"version":"1","commit":"a"},
            "release_switch":{"to":{"version":"2","commit":"b"},"over":"200ms"}}"#,
    );
    let mut client = Client::connect(&demo);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|id: &String| id != "2+b") || seen.len() < 20 {
        let answer = client.get("/version");
        let page = answer.json();
        let id = answer.header("x-release-id").expect("a header").to_owned();
        let said = |key: &str| page[key].as_str().expect("text").to_owned();
        assert_eq!(id, format!("{}+{}", said("version"), said("commit")));
        seen.push(id);
    }
    // Over a time that does not end here, only the first build can answer at first.
    demo.merge_behaviour(json!({"release_switch":{"over":"876000h"}}))
        .expect("a change");
    assert_eq!(client.get("/null").header("x-release-id"), Some("1+a"));
    demo.merge_behaviour(json!({"release_switch":{"over":"0s"}}))
        .expect("a change");
    assert_eq!(client.get("/null").header("x-release-id"), Some("2+b"));
    assert_eq!(client.get("/healthz").header("x-release-id"), Some("2+b"));
}

fn metric(client: &mut Client, name: &str) -> f64 {
    let page = client.get("/metrics");
    assert_eq!(page.status, 200);
    let value = page.text().lines().find_map(|line| {
        let (key, value) = line.rsplit_once(' ')?;
        (key == name).then(|| value.parse().expect("a number"))
    });
    value.unwrap_or_else(|| panic!("{name} is missing in:\n{}", page.text()))
}

#[test]
fn metrics_tell_what_came_and_what_waits_whatever_the_behaviour() {
    let demo = demo(r#"{"capacity":"1/h","errors":["100%"],"latency":["1h"]}"#);
    let mut waiting: Vec<Client> = (0..3).map(|_| Client::connect(&demo)).collect();
    for client in &mut waiting {
        client.send("GET", "/search?to=ROM", "", "");
    }
    wait_for(&demo, "/search", 3);
    let mut client = Client::connect(&demo);
    assert_eq!(metric(&mut client, "demo_queue_length"), 2.0);
    let searches = "demo_requests_total{path=\"/search\"}";
    assert_eq!(metric(&mut client, searches), 3.0);
    for process in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_cpu_seconds_total",
    ] {
        assert!(metric(&mut client, process) >= 0.0, "{process}");
    }
    assert!(metric(&mut client, "process_resident_memory_bytes") > 1e6);
    assert!(metric(&mut client, "process_open_fds") >= 3.0);
    // Between 2020 and the end of the century.
    let started = metric(&mut client, "process_start_time_seconds");
    assert!((1.58e9..4.1e9).contains(&started), "{started}");
    let page = client.get("/metrics");
    let kind = page.header("content-type").expect("a type");
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
}

#[test]
fn what_leaks_is_resident() {
    let demo = demo(r#"{"leak":"64MiB","leak_limit":"192MiB"}"#);
    let mut client = Client::connect(&demo);
    for _ in 0..4 {
        assert_eq!(client.get("/null").status, 200);
    }
    // Other tests share the process, and none of them needs a fraction of this.
    let resident = metric(&mut client, "process_resident_memory_bytes");
    assert!(resident > 192e6, "{resident}");
}

#[test]
fn a_patch_changes_what_it_names_and_keeps_the_line() {
    let demo = demo(r#"{"capacity":"1/h","queue":0,"errors":["100%"]}"#);
    let mut client = Client::connect(&demo);
    assert_eq!(client.get("/null").status, 500);
    assert_eq!(client.get("/null").status, 503);
    let patched = client.ask("PATCH", "/behaviour", "", r#"{"errors":null}"#);
    assert_eq!((patched.status, &patched.json()["queue"]), (200, &json!(0)));
    assert_eq!(client.get("/null").status, 503, "the capacity is used up");
    let capacity = client.ask("PATCH", "/behaviour", "", r#"{"queue":1,"refusal":"429"}"#);
    assert_eq!(capacity.status, 200);
    client.send("GET", "/null", "", "");
    wait_for(&demo, "/null", 4);
    assert_eq!(Client::connect(&demo).get("/null").status, 429);
    let mut other = Client::connect(&demo);
    let wrong = other.ask(
        "PATCH",
        "/behaviour",
        "",
        r#"{"queue":null,"capacity":null}"#,
    );
    assert_eq!(wrong.status, 400, "`refusal` is left without a line");
    assert!(wrong.text().contains("`refusal`"), "{}", wrong.text());
    assert_eq!(other.ask("PATCH", "/behaviour", "", "[]").status, 400);
    assert_eq!(other.ask("PATCH", "/behaviour", "", "{").status, 400);
    assert_eq!(demo.behaviour().queue, Some(1), "nothing has changed");
    let replaced = r#"{"capacity":"1/h","queue":0}"#;
    assert_eq!(other.ask("PUT", "/behaviour", "", replaced).status, 200);
    assert_eq!(other.get("/null").status, 200, "a PUT empties the line");
}

#[test]
fn a_behaviour_is_changed_from_this_process_too() {
    let demo = demo(r#"{"latency":["1ms@/search"]}"#);
    let mut client = Client::connect(&demo);
    let before = demo
        .merge_behaviour(json!({"errors":["100%"]}))
        .expect("a change");
    assert_eq!(before.errors, []);
    assert_eq!(client.get("/null").status, 500);
    assert_eq!(demo.behaviour().latency, before.latency);
    let undo = serde_json::to_value(&before).expect("json");
    demo.merge_behaviour(undo).expect("the change undone");
    assert_eq!(demo.behaviour(), before);
    assert_eq!(client.get("/null").status, 200);
    let contradiction = Behaviour {
        queue: Some(1),
        ..Behaviour::default()
    };
    demo.set_behaviour(contradiction).expect_err("no line");
    demo.merge_behaviour(json!({"queue":1}))
        .expect_err("no line");
    demo.merge_behaviour(json!(7)).expect_err("no object");
    assert_eq!(demo.behaviour(), before);
    demo.set_behaviour(Behaviour::default()).expect("valid");
    assert_eq!(client.get("/behaviour").json()["latency"], json!([]));
}
