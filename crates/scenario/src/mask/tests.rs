use super::*;
use proptest::prelude::*;

#[test]
fn every_form_of_a_secret_is_hidden() {
    let masker = Masker::new(["p\"w d/ü"]);
    for text in [
        "x p\"w d/ü y",
        r#"{"a":"p\"w d/ü"}"#,
        "p=p%22w%20d%2F%C3%BC&x",
        "p=p%22w+d%2F%C3%BC&x",
    ] {
        let masked = masker.mask(text);
        assert!(
            masked.contains(MASK) && !masked.contains("w d") && !masked.contains("p%22"),
            "{text} -> {masked}"
        );
    }
    assert_eq!(masker.mask("nothing here"), "nothing here");
}

#[test]
fn a_quoted_secret_is_hidden_in_a_command_line() {
    let masker = Masker::new(["it's me"]);
    assert_eq!(
        masker.mask(r"sh -c 'KEY=it'\''s me ./shop'"),
        "sh -c 'KEY=*** ./shop'"
    );
}

#[test]
fn longer_secrets_come_first() {
    let masker = Masker::new(["abc", "abcdef"]);
    assert_eq!(masker.mask("abcdef abc"), "*** ***");
}

#[test]
fn headers() {
    let masker = Masker::new(["hunter2"]);
    for (name, value, masked) in [
        ("Authorization", "Bearer abc.def", "Bearer ***"),
        ("authorization", "abc", "***"),
        ("proxy-authorization", "Basic eA==", "Basic ***"),
        ("cookie", "session=1; theme=dark", "session=***; theme=***"),
        (
            "Set-Cookie",
            "session=1; Path=/; HttpOnly",
            "session=***; Path=/; HttpOnly",
        ),
        ("x-api-key", "k", "***"),
        ("x-session-token", "k", "***"),
        ("location", "/a?p=hunter2", "/a?p=***"),
        ("accept", "text/html", "text/html"),
    ] {
        assert_eq!(masker.header(name, value), masked, "{name}");
    }
}

#[test]
fn fields_of_bodies() {
    let masker = Masker::new(["hunter2"]);
    for (body, masked) in [
        (
            r#"{"user":"ada","password":"x\"y","n":1}"#,
            r#"{"user":"ada","password":"***","n":1}"#,
        ),
        (
            r#"{ "access_token" : "abc", "expires": 5, "apiKey": 77 }"#,
            r#"{ "access_token" : "***", "expires": 5, "apiKey": "***" }"#,
        ),
        (
            "user=ada&password=x&token=y",
            "user=ada&password=***&token=***",
        ),
        ("password=x", "password=***"),
        ("q=hunter2", "q=***"),
        (r#"{"password":"cut of"#, r#"{"password":"***""#),
        ("plain text", "plain text"),
    ] {
        assert_eq!(masker.mask_body(body), masked);
    }
}

#[test]
fn values_that_are_only_known_at_run_time() {
    let masker = Masker::new(["hunter2"]);
    assert_eq!(masker.mask_with("t0ken hunter2 x", &["t0ken"]), "*** *** x");
    for name in [
        "token",
        "sessionId",
        "user_password",
        "api_key",
        "X-Auth",
        "csrfToken",
        "jwt",
    ] {
        assert!(Masker::is_credential(name), "{name}");
    }
    for name in ["flight", "name", "monkey_business", "author"] {
        assert!(!Masker::is_credential(name), "{name}");
    }
}

#[test]
fn what_is_hidden_is_not_in_the_debug_text() {
    assert_eq!(format!("{:?}", Masker::default()), "Masker(0 values)");
    assert!(!format!("{:?}", Masker::new(["hunter2"])).contains("hunter2"));
}

proptest! {
    #[test]
    fn base64_of_a_secret_behind_anything_is_hidden(before in "[a-z:]{0,9}", secret in "[A-Za-z0-9!]{9,20}", after in "[a-z]{0,5}") {
        let masker = Masker::new([secret.as_str()]);
        let text = BASE64_STANDARD.encode(format!("{before}{secret}{after}"));
        let masked = masker.mask(&text);
        prop_assert!(masked.contains(MASK), "{} -> {}", text, masked);
    }

    #[test]
    fn a_secret_never_survives(secret in "\\PC{3,20}", before in "[0-9]{0,9}", after in "[0-9]{0,9}") {
        prop_assume!(!secret.contains('*') && !format!("{before}{after}").contains(&secret));
        let masker = Masker::new([secret.as_str()]);
        let text = format!("{before} {secret} {after}");
        prop_assert!(!masker.mask(&text).contains(&secret));
    }
}
