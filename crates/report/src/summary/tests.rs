use super::*;
use crate::fixture;

fn rendered(run: &Run) -> String {
    let mut out = Vec::new();
    render(run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_kind_of_run_reads_well() {
    for (name, run) in fixture::all() {
        insta::assert_snapshot!(name, rendered(&run));
    }
}

#[test]
fn every_kind_of_plan_reads_well() {
    for (name, mut run) in fixture::plans() {
        // The figures of one test are enough to read.
        let folded = rendered(&run).matches("<details>").count();
        run.tests.retain(|test| test.name == "headroom");
        let summary = rendered(&run);
        assert_eq!(summary.matches("<details>").count(), folded);
        insta::assert_snapshot!(name, summary);
    }
}

#[test]
fn no_text_breaks_out_of_its_place() {
    stays_in_its_place(&fixture::hostile());
    stays_in_its_place(&fixture::hostile_plan());
}

fn stays_in_its_place(run: &Run) {
    let out = rendered(run);
    let raw = |one: &char| one.is_control() && *one != '\n' || *one == '\u{202e}';
    assert_eq!(out.chars().find(raw), None);
    let is_fence = |line: &&str| line.starts_with("```");
    let mut in_block = false;
    let mut columns = None;
    for line in out.lines() {
        if is_fence(&line) {
            in_block = !in_block;
        }
        if in_block {
            continue;
        }
        assert!(
            !line.contains("</script>") && !line.contains("<b>"),
            "{line}"
        );
        assert!(!line.contains("`*") || line.contains("\\`\\*"), "{line}");
        if line.starts_with('|') {
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
        } else {
            columns = None;
        }
    }
    assert!(!in_block);
}

#[test]
fn what_did_not_pass_comes_first_and_the_rest_is_folded() {
    let mut run = fixture::healthy();
    let pass = fixture::item("expected/search/p50", "p50 < 1s", ItemState::Pass);
    run.items = vec![pass; 25];
    run.items.push(fixture::item(
        "expected/book/p99",
        "p99 < 1s",
        ItemState::Fail,
    ));
    let out = rendered(&run);
    let (shown, folded) = out.split_once("<details>").unwrap();
    let rows = |text: &str, word: &str| text.matches(word).count();
    assert_eq!((rows(shown, "PASS"), rows(shown, "FAIL")), (19, 1));
    assert!(shown.find("FAIL") < shown.find("PASS"));
    assert_eq!(rows(folded, "PASS"), 6);
    assert!(folded.contains("6 more thresholds"));
}

#[test]
fn a_run_read_back_renders_the_same() {
    for (name, run) in fixture::all() {
        let mut json = Vec::new();
        run.write(&mut json).unwrap();
        let read = Run::read(&String::from_utf8(json).unwrap()).unwrap();
        assert_eq!(rendered(&read), rendered(&run), "{name}");
    }
}
