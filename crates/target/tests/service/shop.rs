//! The shop's pages.

use crate::client::{Client, demo};
use std::collections::BTreeSet;

#[test]
fn a_traveller_books_a_flight() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    let home = client.get("/");
    assert_eq!(home.status, 200);
    assert!(
        (2_000..10_000).contains(&home.body.len()),
        "{}",
        home.body.len()
    );
    let found = client.get("/search?from=AMS&to=S%C3%A3o+Paulo").json();
    let flight = &found["flights"][0];
    assert_eq!(flight["to"], "São Paulo");
    let id = flight["id"].as_str().expect("an id");
    assert!(id.starts_with('F'));

    let login = client.post("/login", "", r#"{"user":"ann","password":"secret"}"#);
    assert_eq!(login.status, 200);
    let token = login.json()["token"].as_str().expect("a token").to_owned();
    let bearer = format!("authorization: Bearer {token}\r\n");
    let basket = client.post("/basket", &bearer, &format!(r#"{{"flight":"{id}"}}"#));
    assert_eq!(
        (basket.status, &basket.json()["flight"]),
        (201, &flight["id"])
    );
    let checkout = client.post("/checkout", &bearer, "");
    assert_eq!(checkout.status, 201);
    assert!(checkout.text().contains("confirmed"));
    let again = client.post("/checkout", &bearer, "");
    assert_ne!(checkout.json()["booking"], again.json()["booking"]);

    let cookie = login
        .header("set-cookie")
        .and_then(|cookie| cookie.split(';').next());
    let cookie = format!("cookie: theme=dark; {}\r\n", cookie.expect("a cookie"));
    let account = client.ask("GET", "/account", &cookie, "");
    assert_eq!(
        (account.status, &account.json()["user"]),
        (200, &"ann".into())
    );

    let counts = demo.stop();
    assert_eq!((counts.connections, counts.requests), (1, 7));
    assert_eq!(
        (
            counts.of("/checkout"),
            counts.of("/search"),
            counts.of("/lounge")
        ),
        (2, 1, 0)
    );
}

#[test]
fn searches_are_deterministic() {
    let (one, two) = (demo("{}"), demo("{}"));
    let search = |demo| Client::connect(demo).get("/search?from=AMS&to=ROM").body;
    assert_eq!(search(&one), search(&two));
    let lengths: BTreeSet<usize> = (0..60)
        .map(|place| {
            Client::connect(&one)
                .get(&format!("/search?to={place}"))
                .json()
        })
        .map(|found| found["flights"].as_array().expect("flights").len())
        .collect();
    assert!(lengths.iter().all(|length| (3..=10).contains(length)) && lengths.len() > 3);
}

#[test]
fn doors_are_closed_to_strangers() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    let mut status = |method, path, headers, body| client.ask(method, path, headers, body).status;
    assert_eq!(
        status("POST", "/login", "", r#"{"user":"ann","password":"wrong"}"#),
        401
    );
    assert_eq!(status("POST", "/login", "", "{"), 400);
    assert_eq!(status("POST", "/basket", "", r#"{"flight":"F1"}"#), 401);
    assert_eq!(
        status("POST", "/basket", "authorization: Bearer made.up\r\n", "{}"),
        401
    );
    assert_eq!(status("POST", "/checkout", "", ""), 401);
    assert_eq!(status("GET", "/account", "", ""), 401);
    assert_eq!(status("GET", "/account", "cookie: session=x\r\n", ""), 401);
    assert_eq!(status("GET", "/login", "", ""), 405);
    assert_eq!(status("GET", "/nowhere", "", ""), 404);
    let login = client
        .post("/login", "", r#"{"user":"ann","password":""}"#)
        .json();
    let bearer = format!(
        "authorization: bearer {}\r\n",
        login["token"].as_str().expect("a token")
    );
    assert_eq!(client.post("/basket", &bearer, "not json").status, 400);
}

#[test]
fn the_login_form_wants_the_csrf_field_of_the_page() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    let home = client.get("/");
    let (_, after) = home
        .text()
        .split_once(r#"name="csrf" value=""#)
        .expect("a field");
    let (csrf, _) = after.split_once('"').expect("a value");
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let mut login = |body: String| client.post("/login", form, &body).status;
    assert_eq!(login(format!("user=ann&password=a+b&csrf={csrf}")), 200);
    assert_eq!(login("user=ann&password=a+b&csrf=guess".to_owned()), 403);
    assert_eq!(login("user=ann&password=wrong".to_owned()), 401);
    assert_eq!(login("password=x".to_owned()), 400);
}

#[test]
fn redirects_lead_home() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    let first = client.get("/redirect");
    assert_eq!(
        (first.status, first.header("location")),
        (302, Some("/redirect/2"))
    );
    let second = client.get("/redirect/2");
    assert_eq!((second.status, second.header("location")), (302, Some("/")));
}

#[test]
fn every_answer_names_the_release() {
    let demo = demo(r#"{"release":{"version":"1.2.3","commit":"abc"},"errors":["100%@/null"]}"#);
    let mut client = Client::connect(&demo);
    assert_eq!(
        client.get("/version").text(),
        r#"{"version":"1.2.3","commit":"abc"}"#
    );
    for path in ["/", "/version", "/nowhere", "/status/500", "/null"] {
        assert_eq!(
            client.get(path).header("x-release-id"),
            Some("1.2.3+abc"),
            "{path}"
        );
    }
}

#[test]
fn the_echo_tells_what_arrived() {
    let demo = demo("{}");
    let headers = "x-one: 1\r\nx-two: a\r\nx-two: b\r\n";
    let echoed = Client::connect(&demo)
        .ask("PATCH", "/echo?q=1", headers, "héllo")
        .json();
    assert_eq!(echoed["method"], "PATCH");
    assert_eq!(echoed["uri"], "/echo?q=1");
    assert_eq!(echoed["headers"]["x-one"], "1");
    assert_eq!(echoed["headers"]["x-two"], serde_json::json!(["a", "b"]));
    assert_eq!(echoed["body"], "héllo");
}

#[test]
fn tools_do_what_their_path_says() {
    let demo = demo("{}");
    let mut client = Client::connect(&demo);
    assert_eq!(client.get("/null").text(), "ok\n");
    for length in [0, 1, 65_536, 200_001] {
        assert_eq!(client.get(&format!("/bytes/{length}")).body.len(), length);
    }
    assert_eq!(client.get("/bytes/many").status, 400);
    for status in [200, 201, 204, 304, 404, 429, 503, 599] {
        assert_eq!(client.get(&format!("/status/{status}")).status, status);
    }
    assert_eq!(client.get("/status/99").status, 400);
    assert_eq!(client.get("/slow?ms=1").text(), "at last\n");
    assert_eq!(client.get("/slow").status, 400);
    let head = client.ask("HEAD", "/", "", "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    for (path, coding) in [
        ("/gzip", "gzip"),
        ("/deflate", "deflate"),
        ("/br", "br"),
        ("/zstd", "zstd"),
    ] {
        assert_eq!(client.get(path).header("content-encoding"), Some(coding));
    }
}

#[test]
fn a_body_beyond_reason_is_refused() {
    let demo = demo("{}");
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(Client::connect(&demo).post("/echo", "", &long).status, 413);
}
