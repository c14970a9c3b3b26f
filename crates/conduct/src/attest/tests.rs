use super::*;
use crate::digest::{from_hexadecimal, hexadecimal, sha256_of};
use ed25519_dalek::Signer;
use plimsoll_report::document::{Item, Run, Status};
use serde_json::{Value, json};
use std::path::Path;

/// RFC 8032, section 7.1, tests 1 and 2: seed, public key, message, signature.
const RFC_8032: [[&str; 4]; 2] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
];

#[test]
fn signatures_are_those_of_rfc_8032() {
    for [seed, public, message, signature] in RFC_8032 {
        let key = read_signing_key(seed).unwrap();
        assert_eq!(hexadecimal(key.verifying_key().as_bytes()), public);
        let made = key.sign(&from_hexadecimal(message).unwrap());
        assert_eq!(hexadecimal(&made.to_bytes()), signature);
        assert_eq!(read_public_key(public).unwrap(), key.verifying_key());
    }
}

/// The example of DSSE's `protocol.md`.
#[test]
fn the_encoding_is_that_of_the_specification() {
    let encoded = pae("http://example.com/HelloWorld", b"hello world");
    assert_eq!(
        encoded,
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
}

/// RFC 8410, section 10: the keys of its examples.
#[test]
fn keys_are_read_in_every_form() {
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let key = read_signing_key(private).unwrap();
    assert_eq!(read_public_key(public).unwrap(), key.verifying_key());
    let seed = "1O5y2/kTWErVttjx92n4rTr+fCjL8dT74Jeoj0R1WEI=";
    assert_eq!(read_signing_key(seed).unwrap(), key);
    assert_eq!(read_signing_key(&hexadecimal(key.as_bytes())).unwrap(), key);
    for wrong in ["", "0011", "-----BEGIN PRIVATE KEY-----", public] {
        let error = read_signing_key(wrong).unwrap_err();
        assert!(error.to_string().contains("PKCS#8"));
    }
    assert!(read_public_key(private).is_err() && read_public_key("zz").is_err());
}

#[test]
fn a_key_that_is_made_is_read_again_and_never_the_same() {
    let (one, other) = (keygen().unwrap(), keygen().unwrap());
    assert_ne!(one.private_pem, other.private_pem);
    let key = read_signing_key(&one.private_pem).unwrap();
    let public = read_public_key(&one.public_pem).unwrap();
    assert_eq!(key.verifying_key(), public);
    assert_eq!(one.key_id, sha256_of(public.as_bytes()));
}

fn run(outcome: Value) -> Run {
    let commit = "9f2c1e07aa0b4c1d8e9f00112233445566778899";
    let image = format!("sha256:{}", "b".repeat(64));
    let proof = |phase: &str, source: &str, revision: &str| {
        json!({"phase": phase, "test": null, "at_ns": 0, "source": source, "version": null,
            "revision": revision, "agrees": true, "problem": null})
    };
    let source = |role: &str, path: &str| json!({"role": role, "path": path, "sha256": sha256_of(path.as_bytes())});
    let run = json!({
        "schema": "plimsoll.run/1", "name": "shop", "status": "complete", "reason": null,
        "verdict": {"outcome": outcome, "exit_code": 0, "sentence": "as it is"},
        "validity": {"status": "valid", "checks": []},
        "totals": {"intended": 0, "ok": 0, "failed": 0, "shed": 0, "timeout": 0, "dropped": 0, "in_flight_at_end": 0},
        "started_at": "2026-11-18T14:00:00Z", "duration_ns": 1, "command": [],
        "engine": {"version": "0.1.0", "debug_build": false, "timer": "timerfd", "threads": null,
            "platform": null, "timer_p50_ns": null, "timer_p99_ns": null},
        "sources": [source("data", "travellers.csv"), source("scenario", "shop.yaml"), source("plan", "plan.yaml")],
        "notices": [], "tests": [], "items": [],
        "plan": {"name": "shop", "file": "plan.yaml", "sha256": sha256_of(b"plan.yaml"), "rehearsal": null,
            "only": null, "meeting": null, "go_live": null, "evidence_max_age_ns": null,
            "version": "4.12.0", "revision": commit,
            "expected": {"peak_per_s": 1.0, "headroom": 0.5, "target_per_s": 1.5, "source": null, "owner": null,
                "agreed_by": [], "agreed_on": null, "line": 1},
            "journeys": [], "tests": [], "risks": [], "waivers": []},
        "identity": {"status": "proven", "sentence": "", "served": [], "config": null, "components": [{
            "name": "web", "tier": "critical", "version": "4.12.0", "revision": commit, "status": "proven",
            "sentence": "", "line": 1, "proofs": [
                proof("before", "image docker", &image), proof("after", "image docker", &image),
                proof("before", "endpoint /version", "9f2c1e0"),
            ]}]}
    });
    let mut run = Run::read(&run.to_string()).unwrap();
    let item = |json: Value| {
        let mut whole = serde_json::to_value(Item::default()).unwrap();
        for (key, value) in json.as_object().unwrap() {
            whole[key] = value.clone();
        }
        serde_json::from_value(whole).unwrap()
    };
    let attempt = json!([{"started_at": null, "run": "first", "state": "fail", "observed": "900 ms"},
        {"started_at": null, "run": "second", "state": "pass", "observed": "700 ms"}]);
    run.items = vec![
        item(json!({"id": "a", "state": "pass", "answer": "go", "attempts": attempt})),
        item(json!({"id": "b", "state": "pass", "marginal": true, "answer": "risk"})),
        item(json!({"id": "c", "state": "inconclusive", "answer": "no_go_missing"})),
        item(json!({"id": "d", "state": "fail", "answer": "risk"})),
        item(json!({"id": "e", "state": "pass"})),
        item(json!({"id": "f", "state": "waived"})),
        item(json!({"id": "g", "state": "not_run"})),
    ];
    run
}

fn made(run: &Run, bundle: &[FileDigest]) -> Value {
    let engine = "e".repeat(64);
    let about = About {
        bundle,
        engine_sha256: Some(&engine),
        made_at: Some("2026-11-18T15:00:00Z".parse().unwrap()),
    };
    serde_json::from_str(&statement(run, &about)).unwrap()
}

#[test]
fn a_statement_has_subjects_configuration_and_what_passed() {
    let bundle = [FileDigest {
        name: "run.json".into(),
        sha256: sha256_of(b"run"),
    }];
    let statement = made(&run(json!("no_go")), &bundle);
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(
        statement["predicateType"],
        "https://in-toto.io/attestation/test-result/v0.1"
    );
    let subject = &statement["subject"];
    assert_eq!(
        subject[0],
        json!({"name": "web", "digest": {"sha256": "b".repeat(64)}})
    );
    let commit = "9f2c1e07aa0b4c1d8e9f00112233445566778899";
    assert_eq!(
        subject[1],
        json!({"name": "4.12.0", "digest": {"gitCommit": commit}})
    );
    assert_eq!(subject[2]["name"], "run.json");
    assert_eq!(subject.as_array().unwrap().len(), 3);
    let annotations = &subject[2]["annotations"];
    assert_eq!(annotations["attempts"]["a"].as_array().unwrap().len(), 2);
    assert_eq!(annotations["attempts"]["a"][0]["state"], "fail");
    assert_eq!(annotations["madeAt"], "2026-11-18T15:00:00Z");

    let predicate = &statement["predicate"];
    assert_eq!(predicate["result"], "FAILED");
    let configuration = predicate["configuration"].as_array().unwrap();
    let names: Vec<_> = configuration
        .iter()
        .map(|of| of["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["plan.yaml", "shop.yaml", "travellers.csv", "plimsoll 0.1.0"]
    );
    assert!(
        configuration
            .iter()
            .all(|of| of["digest"]["sha256"].as_str().unwrap().len() == 64)
    );
    assert_eq!(predicate["passedTests"], json!(["a", "e"]));
    assert_eq!(predicate["warnedTests"], json!(["b", "d", "f"]));
    assert_eq!(predicate["failedTests"], json!(["c", "g"]));
}

#[test]
fn what_is_not_shown_has_not_passed() {
    let result = |outcome: Value| made(&run(outcome), &[])["predicate"]["result"].clone();
    assert_eq!(result(json!("go")), "PASSED");
    assert_eq!(result(json!("risk")), "WARNED");
    assert_eq!(result(Value::Null), "WARNED");
    for outcome in ["no_go", "inconclusive", "invalid"] {
        assert_eq!(result(json!(outcome)), "FAILED", "{outcome}");
    }
    let mut run = run(json!("risk"));
    run.status = Status::Interrupted;
    assert_eq!(made(&run, &[])["predicate"]["result"], "FAILED");
}

fn bundle(folder: &Path) -> String {
    for name in ["run.json", "summary.md", "plan.yaml"] {
        std::fs::write(folder.join(name), name).unwrap();
    }
    let names = ["run.json", "summary.md", "plan.yaml", "report.html"];
    let bundle = digests(folder, &names).unwrap();
    assert_eq!(bundle.len(), 3, "what is not there is left out");
    let about = About {
        bundle: &bundle,
        ..About::default()
    };
    statement(&run(json!("go")), &about)
}

#[test]
fn a_bundle_is_verified_file_by_file_and_by_its_signature() {
    let folder = tempfile::tempdir().unwrap();
    let statement = bundle(folder.path());
    let key = read_signing_key(RFC_8032[0][0]).unwrap();
    let (public, stranger) = (
        key.verifying_key(),
        read_public_key(RFC_8032[1][1]).unwrap(),
    );
    let signed = sign(&statement, &key);

    let found = verify(&signed, folder.path(), Some(&public));
    assert!(found.holds(), "{found:?}");
    assert_eq!(found.files, ["run.json", "summary.md", "plan.yaml"]);
    assert_eq!(found.result.as_deref(), Some("PASSED"));
    assert_eq!(
        found.signed_by.as_deref(),
        Some(sha256_of(public.as_bytes()).as_str())
    );

    let found = verify(&signed, folder.path(), Some(&stranger));
    assert!(found.problems[0].contains("not signed with this key") && found.result.is_none());
    assert!(verify(&signed, folder.path(), None).holds());
    let unsigned = verify(&statement, folder.path(), None);
    assert!(unsigned.holds() && !unsigned.signed);
    assert!(verify(&statement, folder.path(), Some(&public)).problems[0].contains("not signed"));

    std::fs::write(folder.path().join("summary.md"), "better").unwrap();
    std::fs::remove_file(folder.path().join("plan.yaml")).unwrap();
    let found = verify(&signed, folder.path(), Some(&public));
    assert_eq!(found.files, ["run.json"]);
    assert!(found.problems[0].contains("`summary.md` was changed"));
    assert!(found.problems[1].contains("`plan.yaml` cannot be read"));
}

#[test]
fn what_was_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let statement = bundle(folder.path());
    let key = read_signing_key(RFC_8032[0][0]).unwrap();
    let public = key.verifying_key();
    let signed: Envelope = serde_json::from_str(&sign(&statement, &key)).unwrap();
    let problem = |envelope: &Envelope| {
        let text = serde_json::to_string(envelope).unwrap();
        verify(&text, folder.path(), Some(&public))
            .problems
            .concat()
    };
    let mut changed = signed.clone();
    changed.payload =
        serde_json::from_str::<Envelope>(&sign(&statement.replace("PASSED", "WARNED"), &key))
            .unwrap()
            .payload;
    assert!(problem(&changed).contains("not signed with this key"));
    let mut changed = signed.clone();
    changed.payload_type = "text/plain".into();
    assert!(problem(&changed).contains("text/plain"));
    let mut changed = signed.clone();
    changed.signatures.clear();
    assert!(problem(&changed).contains("not signed with this key"));
    let mut changed = signed;
    changed.signatures[0].sig = "!".into();
    assert!(problem(&changed).contains("not signed with this key"));

    for text in [
        "",
        "{}",
        "[]",
        r#"{"payload": 3}"#,
        r#"{"payload": "", "payloadType": "", "signatures": []}"#,
    ] {
        assert!(!verify(text, folder.path(), None).holds(), "{text}");
    }
    let outside = statement.replace("\"summary.md\"", "\"../summary.md\"");
    assert!(
        verify(&outside, folder.path(), None).problems[0].contains("does not lie in the bundle")
    );
    let other = statement
        .replace("\"run.json\"", "\"summary.md\"")
        .replace(&sha256_of(b"run.json"), &sha256_of(b"summary.md"));
    assert!(verify(&other, folder.path(), None).problems[0].contains("does not attest `run.json`"));
}
