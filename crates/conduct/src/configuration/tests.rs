use super::*;
use plimsoll_report::document::Difference;
use plimsoll_scenario::plan::AllowedDifference;
use proptest::prelude::*;
use serde_json::Value;

fn allowed(path: &str) -> AllowedDifference {
    AllowedDifference {
        path: path.into(),
        reason: "test host".into(),
        owner: "sre".into(),
    }
}

/// Compares two texts as files of this extension.
fn texts(extension: &str, rendered: &str, deployed: &str, allow: &[&str]) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let name = format!("{name}.{extension}");
        std::fs::write(folder.path().join(&name), text).unwrap();
        name.into()
    };
    let comparison = ConfigComparison {
        rendered: file("prod", rendered),
        deployed: file("perf", deployed),
        allowed: allow.iter().map(|path| allowed(path)).collect(),
        line: 1,
    };
    compare(&comparison, folder.path(), &Masker::new(["hunter2"]))
}

fn told(config: &Config) -> Vec<String> {
    let told = |difference: &Difference| {
        let side = |value: &Option<String>| value.clone().unwrap_or("-".into());
        format!(
            "{} {} {}",
            difference.path,
            side(&difference.rendered),
            side(&difference.deployed)
        )
    };
    assert_eq!(config.problem, None);
    config.differences.iter().map(told).collect()
}

#[test]
fn differences_are_pointers_with_both_values() {
    let config = texts(
        "yaml",
        "web: {ingress: {host: shop.example}, replicas: 3, 'a/b~c': 1}\nlist: [1, 2, {x: 1}]\n",
        "web: {ingress: {host: perf.example}, replicas: 3.0, 'a/b~c': 2}\nlist: [1, 3]\nnew: {deep: 1}\n",
        &[],
    );
    assert_eq!(
        told(&config),
        [
            "/web/ingress/host \"shop.example\" \"perf.example\"",
            "/web/a~1b~0c 1 2",
            "/list/1 2 3",
            "/list/2 (a map of 1) -",
            "/new - (a map of 1)",
        ]
    );
    assert!(!config.matches);
}

#[test]
fn declared_ones_are_allowed_with_what_lies_below_but_not_beside() {
    let compare = |allow: &[&str]| {
        texts(
            "json",
            r#"{"a": {"b": 1}, "ab": 1}"#,
            r#"{"a": {"b": 2}, "ab": 1}"#,
            allow,
        )
    };
    let config = compare(&["/a"]);
    assert!(config.matches);
    assert_eq!(config.differences[0].reason.as_deref(), Some("test host"));
    assert_eq!(config.differences[0].owner.as_deref(), Some("sre"));
    assert!(compare(&["/a/b"]).matches && compare(&[""]).matches);
    assert!(!compare(&["/a/b/c"]).matches && !compare(&["/ab"]).matches);
    let beside = texts("json", r#"{"ab": 1}"#, r#"{"ab": 2}"#, &["/a"]);
    assert!(!beside.matches);
}

#[test]
fn secrets_do_not_show() {
    let rendered = "
db: {password: one, url: 'postgres://shop:pw@db/shop', note: is hunter2}
env: [{name: API_TOKEN, value: one}, {name: MODE, value: one}]
credentials: {user: one}
";
    let deployed = rendered
        .replace("one", "two")
        .replace("pw@db", "pw2@db2")
        .replace("is ", "was ");
    let config = texts("yml", rendered, &deployed, &[]);
    assert_eq!(
        told(&config),
        [
            "/db/password *** ***",
            "/db/url \"postgres://***@db/shop\" \"postgres://***@db2/shop\"",
            "/db/note \"is ***\" \"was ***\"",
            "/env/0/value *** ***",
            "/env/1/value \"one\" \"two\"",
            "/credentials/user *** ***",
        ]
    );
}

#[test]
fn every_sort_of_file_is_read() {
    assert_eq!(
        told(&texts(
            "toml",
            "[a]\nb = 1\nd = 2026-01-01\n",
            "[a]\nb = 2\nd = 2026-01-01\n",
            &[]
        )),
        ["/a/b 1 2"]
    );
    let env = texts(
        "env",
        "# c\nexport A='x y' # c\nB=1 # c\n\n",
        "A=\"x y\"\nB=2\n",
        &[],
    );
    assert_eq!(told(&env), ["/B \"1\" \"2\""]);
    let one = "! c\na.b = 1\nlong: x\\\n   y\nq z\n";
    assert_eq!(
        told(&texts("properties", one, "a.b:2\nlong=xy\nq=z", &[])),
        ["/a.b \"1\" \"2\""]
    );
    let several = texts("yaml", "a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", &[]);
    assert_eq!(told(&several), ["/1/b 1 2"]);
    assert!(
        texts("yaml", "a: no\n", "a: 'no'\n", &[]).matches,
        "`no` is a text"
    );
    assert!(
        texts(
            "yaml",
            "a: &x {b: 1}\nc: *x\n",
            "a: {b: 1}\nc: {b: 1}\n",
            &[]
        )
        .matches
    );
    assert!(texts("yaml", "", "", &[]).matches);
}

#[test]
fn what_cannot_be_read_is_a_problem_and_never_a_match() {
    let problem = |extension: &str, text: &str| {
        let config = texts(extension, text, text, &[]);
        assert!(!config.matches);
        config.problem.unwrap()
    };
    assert!(problem("yaml", "a: [").contains("`prod.yaml` is not valid YAML"));
    assert!(problem("yaml", "a: 1\na: 2\n").contains("not valid YAML"));
    assert!(problem("json", "{").contains("not valid JSON"));
    assert!(problem("json", r#"{"a": 1, "a": 2}"#).contains("`a` stands there twice"));
    assert!(problem("toml", "a = ").contains("not valid TOML"));
    assert!(problem("env", "what").contains("line 1"));
    assert!(problem("env", "A=1\nA=2").contains("`A` again in line 2"));
    assert!(problem("ini", "").contains("unknown sort"));
    let missing = ConfigComparison {
        rendered: "none.yaml".into(),
        deployed: "none.yaml".into(),
        allowed: Vec::new(),
        line: 1,
    };
    let config = compare(&missing, Path::new("/"), &Masker::default());
    assert!(config.problem.unwrap().contains("cannot be read"));
    let large = format!("a: '{}'", "x".repeat(LARGEST_FILE as usize));
    assert!(problem("yaml", &large).contains("8 MiB"));
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        let list = [alias.as_str(); 9].join(", ");
        text += &format!("a{level}: &a{level} [{list}]\n");
    }
    assert!(texts("yaml", &text, &text, &[]).problem.is_some());
    let deep = "[".repeat(100_000);
    assert!(texts("yaml", &deep, &deep, &[]).problem.is_some());
    assert!(texts("json", &deep, &deep, &[]).problem.is_some());
}

#[test]
fn at_most_two_hundred_are_listed_the_undeclared_first() {
    let lines = |value: u32| {
        (0..500)
            .map(|key| format!("k{key}: {value}\n"))
            .collect::<String>()
    };
    let config = texts("yaml", &lines(1), &lines(2), &["/k0", "/k1"]);
    assert_eq!(config.differences.len(), MOST_DIFFERENCES);
    assert!(
        config
            .differences
            .iter()
            .all(|difference| difference.reason.is_none())
    );
    assert!(!config.matches);
}

fn any_tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map("[a-c/~]{0,3}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn pointers_lead_to_what_differs(one in any_tree(), other in any_tree()) {
        let masker = Masker::default();
        let mut differences = difference::Differences::new(&[], &masker);
        differences.between(&one, &other);
        prop_assert_eq!(differences.undeclared() == 0, one == other);
        for difference in differences.listed() {
            prop_assert_eq!(one.pointer(&difference.path).is_some(), difference.rendered.is_some());
            prop_assert_eq!(other.pointer(&difference.path).is_some(), difference.deployed.is_some());
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        for extension in ["yaml", "json", "toml", "env", "properties"] {
            let _ = parse::parse(Path::new(&format!("x.{extension}")), &text);
        }
    }
}
