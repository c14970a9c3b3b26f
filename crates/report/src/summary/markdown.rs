//! Markdown that text cannot break out of (GitHub Flavored Markdown, §2.4 and §4.10).

/// `text`, which holds no line end, as it is read: nothing in it is markup.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // A zero-width space behind it, so that nobody is called.
            '@' => safe.push_str("@&#8203;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '$' => {
                safe.push('\\');
                safe.push(one);
            }
            // One alone, as in `~412 ms`, strikes nothing out; two might.
            '~' => safe.push_str("\\~"),
            one => safe.push(one),
        }
    }
    safe
}

/// A block of code, in a fence that is longer than any in it.
pub(super) fn block(code: &str) -> String {
    let longest = code
        .split(|one| one != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sh\n{code}\n{fence}")
}

/// An argument as a POSIX shell takes it (XCU §2.2.2).
pub(super) fn quote(argument: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "_-./:=%+,@".contains(one);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// A table under construction.
pub(crate) struct Table {
    lines: Vec<String>,
}

impl Table {
    /// A table with these headings; columns from `numbers` on are aligned to the right.
    pub(crate) fn new(headings: &[&str], numbers: usize) -> Self {
        let rules = (0..headings.len()).map(|column| match headings[column] {
            "" => "---",
            _ if column >= numbers => "---:",
            _ => "---",
        });
        let head = headings.iter().map(|heading| escape(heading));
        Self {
            lines: vec![line(head), line(rules.map(str::to_owned))],
        }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.lines.push(line(cells.iter().map(|cell| escape(cell))));
    }

    pub(crate) fn finish(self) -> String {
        self.lines.join("\n")
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_read_as_text() {
        assert_eq!(
            escape("a|b <b>*x*</b> & `c`"),
            "a\\|b &lt;b&gt;\\*x\\*&lt;/b&gt; &amp; \\`c\\`"
        );
        assert_eq!(escape("ping @all"), "ping @&#8203;all");
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        assert_eq!(block("echo"), "```sh\necho\n```");
        assert!(block("a ```` b").starts_with("`````sh\n"));
    }

    #[test]
    fn arguments_survive_a_shell() {
        assert_eq!(quote("--rate=130/s"), "--rate=130/s");
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quote(""), "''");
    }
}
