//! Puts the table of a run into `benches/README.md`.

use anyhow::Context;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// Writes the results between the markers.
///
/// # Errors
/// When the page or a marker is missing.
pub(crate) fn write(results: &str) -> anyhow::Result<()> {
    let page = std::fs::read_to_string(PATH).context("cannot read benches/README.md")?;
    let page = with_results(&page, results).context("benches/README.md has no markers")?;
    std::fs::write(PATH, page).context("cannot write benches/README.md")
}

fn with_results(page: &str, results: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!(
        "{before}{BEGIN}\n\n{}\n\n{END}{after}",
        results.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::with_results;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = "a\n<!-- results: begin -->\nold\n<!-- results: end -->\nb";
        let written = with_results(page, "new").unwrap();
        assert_eq!(
            written,
            "a\n<!-- results: begin -->\n\nnew\n\n<!-- results: end -->\nb"
        );
        assert_eq!(with_results(&written, "new").unwrap(), written);
        assert_eq!(with_results("no markers", "new"), None);
    }
}
