//! The report as a page, in a real browser.

use std::path::PathBuf;

use plimsoll_report::document::Run;
use plimsoll_report::{fixture, html};
use plimsoll_tests::Browser;
use serde_json::{Value, json};

/// Widths and heights of a desk and of a telephone.
const WINDOWS: [(u32, u32); 2] = [(1440, 900), (360, 740)];

/// A page that was rendered, in a folder of its own.
struct Page {
    file: PathBuf,
    _folder: tempfile::TempDir,
}

fn page(run: &Run) -> Page {
    let folder = crate::folder();
    let file = folder.path().join("report.html");
    let mut out = Vec::new();
    html::render(run, &mut out).expect("it renders");
    std::fs::write(&file, out).expect("it is written");
    Page {
        file,
        _folder: folder,
    }
}

/// Nothing went wrong, and nothing was asked of a network.
fn assert_quiet(browser: &Browser) {
    let console = browser.console();
    assert_eq!(console, Vec::<String>::new());
    let loaded =
        browser.run("return performance.getEntriesByType('resource').map((one) => one.name)");
    assert_eq!(loaded, json!([]));
}

/// How much wider the page is than its window.
fn overhang(browser: &Browser) -> Value {
    browser.run("return document.documentElement.scrollWidth - innerWidth")
}

/// The figures without a drawing, and how many there are in all.
fn undrawn(browser: &Browser) -> Value {
    browser.run(
        "const figures = [...document.querySelectorAll('figure[data-chart]')];
         const isBlank = (figure) => {
           const canvas = figure.querySelector('canvas');
           if (!canvas) return true;
           const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
           return !pixels.some((value) => value !== 0);
         };
         return [figures.filter(isBlank).map((one) => one.dataset.chart), figures.length]",
    )
}

/// The text of a column, from top to bottom.
fn column(browser: &Browser, at: usize) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll('#steps tbody tr')].map((row) => row.cells[{at}].dataset.sort ?? row.cells[{at}].textContent)"
    );
    serde_json::from_value(browser.run(&script)).expect("a list of texts")
}

#[test]
fn the_answer_is_on_the_first_screen_and_every_chart_is_drawn() {
    let browser = Browser::start();
    let runs = [
        ("no_go", fixture::no_go()),
        ("rehearsal", fixture::rehearsal()),
        ("scenario", fixture::failing()),
        ("search", fixture::search()),
        ("refused_search", fixture::refused_search()),
        ("planned_search", fixture::planned_search()),
    ];
    for (name, run) in runs {
        let page = page(&run);
        for (width, height) in WINDOWS {
            for scheme in ["light", "dark"] {
                browser.resize(width, height);
                browser.prefer(scheme);
                browser.open(&page.file);
                let place = format!("{name} at {width} in {scheme}");
                assert_quiet(&browser);
                assert_eq!(overhang(&browser), json!(0), "{place}");
                let seen = browser.run(
                    "const inside = (one) => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight && box.height > 0; };
                     return ['.verdict .word', '.verdict .sentence'].every((one) => inside(document.querySelector(one)))",
                );
                assert_eq!(seen, json!(true), "{place}: the verdict and its reason");
                let undrawn = undrawn(&browser);
                assert_eq!(undrawn[0], json!([]), "{place}");
                let charts = undrawn[1].as_u64().expect("a number");
                match name {
                    "scenario" | "refused_search" => assert!(charts < 3, "{place}: {charts}"),
                    "search" => assert!(charts > 10, "{place}: {charts}"),
                    _ => assert!(charts > 20, "{place}: {charts}"),
                }
                assert_eq!(pale(&browser), json!([]), "{place}: contrast below 4.5");
            }
        }
    }
}

/// Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, §1.4.3).
fn pale(browser: &Browser) -> Value {
    browser.run(
        "const parts = (color) => color.match(/[\\d.]+/g).map(Number);
         const light = (color) => {
           const [r, g, b] = parts(color).map((one) => one / 255).map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
           return 0.2126 * r + 0.7152 * g + 0.0722 * b;
         };
         const behind = (one) => {
           for (; one; one = one.parentElement) {
             const color = getComputedStyle(one).backgroundColor;
             if (parts(color)[3] !== 0) return color;
           }
           return 'rgb(255, 255, 255)';
         };
         const found = new Set();
         for (const one of document.body.querySelectorAll('*')) {
           if (one.closest('script, style') || ![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
           const [a, b] = [light(getComputedStyle(one).color), light(behind(one))];
           const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
           if (contrast < 4.5) found.add(one.tagName + '.' + one.className + ' ' + contrast.toFixed(2));
         }
         return [...found]",
    )
}

#[test]
fn tables_sort_by_click_and_by_keyboard() {
    let browser = Browser::start();
    browser.resize(1440, 900);
    let page = page(&fixture::no_go());
    browser.open(&page.file);
    let number_of = |text: &String| text.parse::<f64>().expect("a number");
    let intended = |browser: &Browser| column(browser, 3).iter().map(number_of).collect::<Vec<_>>();
    let before = intended(&browser);
    assert!(!before.is_sorted(), "or sorting would show nothing");
    browser.click("#steps th:nth-child(4) button");
    assert!(intended(&browser).is_sorted());
    let sort = "return document.querySelector('#steps th:nth-child(4)').getAttribute('aria-sort')";
    assert_eq!(browser.run(sort), json!("ascending"));
    browser.click("#steps th:nth-child(4) button");
    assert!(intended(&browser).is_sorted_by(|one, other| one >= other));
    assert_eq!(browser.run(sort), json!("descending"));
    // By keyboard: the heading is a button that takes the focus and answers to Enter and to Space.
    const ENTER: &str = "\u{e007}";
    browser.type_on("#steps th:nth-child(3) button", ENTER);
    assert!(column(&browser, 2).is_sorted());
    browser.type_on("#steps th:nth-child(3) button", " ");
    assert!(column(&browser, 2).is_sorted_by(|one, other| one >= other));
    assert_eq!(
        browser.run(sort),
        json!(null),
        "one column is sorted at a time"
    );
    // The first thing that a keyboard reaches leads past the head.
    browser.open(&page.file);
    browser.type_on("body", "\u{e004}");
    let focused = "return document.activeElement.getAttribute('href')";
    assert_eq!(browser.run(focused), json!("#main"));
    assert_quiet(&browser);
}

#[test]
fn hostile_text_does_nothing() {
    let browser = Browser::start();
    let run = fixture::hostile_plan();
    let page = page(&run);
    for (width, height) in WINDOWS {
        browser.resize(width, height);
        browser.open(&page.file);
        assert_quiet(&browser);
        assert_eq!(overhang(&browser), json!(0), "{width}");
        assert_eq!(undrawn(&browser)[0], json!([]));
        let strangers = browser.run(
            "return [document.querySelectorAll('img, iframe, b, svg').length, document.scripts.length, document.title.startsWith('NO-GO'), [...document.body.querySelectorAll('*')].some((one) => [...one.attributes].some((attribute) => attribute.name.startsWith('on')))]",
        );
        assert_eq!(strangers, json!([0, 3, true, false]));
        let turned = browser
            .run("return /[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)");
        assert_eq!(
            turned,
            json!(false),
            "nothing changes the direction of reading"
        );
    }
}

#[test]
fn a_capacity_is_drawn_with_what_bounds_it() {
    let browser = Browser::start();
    browser.resize(1440, 900);
    for run in [fixture::search(), fixture::planned_search()] {
        let page = page(&run);
        browser.open(&page.file);
        assert_quiet(&browser);
        let drawn = browser.run(
            "return [...document.querySelectorAll('#capacity figure')].map((one) => [one.dataset.chart, [...one.querySelectorAll('.u-legend .u-label')].map((label) => label.textContent)])",
        );
        let growths = run.capacity.map_or(0, |one| one.planning.forecasts.len());
        let series = |at: usize| drawn[at][1].as_array().map_or(0, Vec::len);
        assert_eq!(drawn[0][0], json!("capacity-rates"));
        assert_eq!(drawn[1][0], json!("capacity-law"));
        assert_eq!(drawn[2][0], json!("capacity-forecast"));
        assert_eq!(
            [series(0), series(1), series(2)],
            [4, 3, growths + 1],
            "{drawn}"
        );
        browser.click("#probes th:nth-child(2) button");
        let sorted =
            browser.run("return document.querySelector('#probes tbody tr').cells[0].textContent");
        assert_eq!(sorted, json!("cool-down"), "the lowest rate is first");
    }
}

#[test]
fn the_largest_run_is_drawn_and_printed() {
    let browser = Browser::start();
    browser.resize(1440, 900);
    let page = page(&fixture::large());
    browser.open(&page.file);
    assert_eq!(undrawn(&browser)[0], json!([]));
    let pdf = browser.print();
    assert!(pdf.starts_with(b"%PDF-"));
    assert!(pdf.len() > 100_000, "{} bytes hold no charts", pdf.len());
    assert_quiet(&browser);
}
