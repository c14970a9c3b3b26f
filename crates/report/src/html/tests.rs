use super::*;
use crate::fixture;

fn rendered(run: &Run) -> String {
    let mut out = Vec::new();
    render(run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The tags of a page, without what is in scripts and styles.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let end = after.find('>').unwrap();
        tags.push(&after[..end]);
        rest = &after[end..];
        for name in ["script", "style"] {
            if after.starts_with(name) {
                rest = &rest[rest.find(&format!("</{name}")).unwrap()..];
            }
        }
    }
    tags
}

#[test]
fn every_kind_of_run_has_a_whole_page() {
    let searches = [
        ("search", fixture::search()),
        ("refused_search", fixture::refused_search()),
        ("planned_search", fixture::planned_search()),
    ];
    let runs = fixture::all().into_iter().chain(fixture::plans());
    for (name, run) in runs.chain(searches) {
        let page = rendered(&run);
        let tags = tags(&page);
        for name_of in [
            "html", "head", "body", "main", "header", "nav", "h1", "section", "figure", "table",
            "details", "div",
        ] {
            let opened = tags
                .iter()
                .filter(|tag| tag.split([' ', '\n']).next() == Some(name_of))
                .count();
            let closed = tags
                .iter()
                .filter(|tag| **tag == format!("/{name_of}"))
                .count();
            assert_eq!(opened, closed, "{name}: {name_of}");
        }
        let (word, _, _) = words::answer(&run);
        assert!(
            page.contains(&format!("<span class=\"word\">{word}</span>")),
            "{name}"
        );
        assert_eq!(
            tags.iter().filter(|tag| tag.starts_with("script")).count(),
            3,
            "{name}"
        );
    }
}

#[test]
fn a_plan_has_what_a_meeting_asks_for() {
    let page = rendered(&fixture::no_go());
    for part in [
        "id=\"tiers\"",
        "id=\"journeys-summary\"",
        "id=\"resilience\"",
        "id=\"unknowns\"",
        "id=\"risks\"",
        "id=\"items\"",
        "id=\"attempts\"",
        "id=\"steps\"",
        "id=\"validity\"",
        "id=\"identity\"",
        "id=\"configuration\"",
        "id=\"sources\"",
        "id=\"examples\"",
        "id=\"reproduce\"",
        "data-chart=\"load-curve\"",
        "data-chart=\"load\"",
        "data-chart=\"latency\"",
        "data-chart=\"errors\"",
        "data-chart=\"curve\"",
        "data-chart=\"resources\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(rendered(&fixture::risk()).contains("id=\"waivers\""));
    assert!(!rendered(&fixture::healthy()).contains("id=\"tiers\" "));
}

#[test]
fn a_search_has_charts_of_what_it_found_and_reasons_where_it_refuses() {
    let charts = ["capacity-rates", "capacity-law", "capacity-forecast"];
    let drawn = |page: &str| {
        let is_drawn = |kind: &&str| page.contains(&format!("data-chart=\"{kind}\""));
        charts.into_iter().filter(is_drawn).collect::<Vec<_>>()
    };
    let found = rendered(&fixture::search());
    assert_eq!(drawn(&found), charts);
    for told in ["id=\"probes\"", "id=\"gives\"", "id=\"needs\"", "is borne"] {
        assert!(found.contains(told), "{told}");
    }
    assert!(found.contains("<span class=\"word\">141/s</span>"));
    assert!(!found.contains("ASSUMED"));
    let mut hopeless = fixture::search();
    let capacity = hopeless.capacity.as_mut().unwrap();
    capacity.knee_rate = None;
    let probes = capacity.probes.iter_mut();
    probes.for_each(|probe| probe.goodput = Some(0.0));
    let hopeless = rendered(&hopeless);
    assert!(hopeless.contains("Nothing was served well and in time at any rate"));
    assert!(!hopeless.contains("Goodput grew"));
    let planned = rendered(&fixture::planned_search());
    assert_eq!(drawn(&planned), charts);
    assert!(planned.contains("NOT THE SAME: the scenario") && planned.contains("ASSUMED"));
    assert!(planned.contains("<span class=\"word\">NO-GO</span>"));
    let refused = rendered(&fixture::refused_search());
    assert_eq!(drawn(&refused), [""; 0]);
    for told in [
        "0 different loads are too few",
        "nobody said what the peak is",
        "NOT FOUND",
    ] {
        assert!(refused.contains(told), "{told}");
    }
    assert!(!rendered(&fixture::no_go()).contains("id=\"capacity\""));
}

#[test]
fn nothing_is_asked_of_a_network() {
    let page = rendered(&fixture::no_go());
    for tag in tags(&page) {
        assert!(!tag.contains(" src=") && !tag.starts_with("link"), "{tag}");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
}

#[test]
fn text_of_the_run_stays_text() {
    let whole = rendered(&fixture::hostile_plan());
    let expected = rendered(&fixture::planned_search());
    let names = |page: &str| {
        let tags = tags(page);
        let mut names: Vec<_> = tags
            .iter()
            .map(|tag| tag.split([' ', '\n']).next().unwrap().to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names(&whole), names(&expected));
    assert!(
        tags(&whole)
            .iter()
            .all(|tag| !tag.contains(" on") || tag.contains("&quot;") || tag.contains("&#34;"))
    );
    assert!(!whole.contains('\u{202e}'));
    let json = whole
        .split_once("id=\"data\">")
        .unwrap()
        .1
        .split_once("</script>")
        .unwrap()
        .0;
    assert!(!json.contains('<'));
    assert!(serde_json::from_str::<serde_json::Value>(json).is_ok());
}

#[test]
fn the_largest_run_is_a_page_that_can_be_sent() {
    let page = rendered(&fixture::large());
    assert!(page.len() < 5_000_000, "{}", page.len());
}

/// The digests in the policy are those of the scripts in the page, as a browser reads them.
#[test]
fn the_policy_allows_the_scripts_of_the_page() {
    let page = rendered(&fixture::healthy());
    let scripts: Vec<_> = page
        .split("<script>")
        .skip(1)
        .map(|rest| rest.split_once("</script>").unwrap().0)
        .collect();
    assert_eq!(scripts.len(), 2);
    for script in scripts {
        let digest = STANDARD.encode(Sha256::digest(script.as_bytes()));
        assert!(policy().contains(&digest));
    }
}
