//! Where the `{{ }}` parts of a text are.

use std::ops::Range;

/// A stretch of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// Literal text.
    Text(Range<usize>),
    /// A part: its place with the braces, and the expression between them.
    Part(Range<usize>, Range<usize>),
    /// Everything: there are blocks (`{% %}`), comments or whitespace control.
    Blocks,
}

/// Splits `text`; `Err` holds the place of a `{{` that is never closed.
pub(super) fn split(text: &str) -> Result<Vec<Segment>, Range<usize>> {
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let open = rest.find("{{");
        let before = &rest[..open.unwrap_or(rest.len())];
        if before.contains("{%") || before.contains("{#") {
            return Ok(vec![Segment::Blocks]);
        }
        if !before.is_empty() {
            segments.push(Segment::Text(at..at + before.len()));
        }
        let Some(open) = open.map(|open| at + open) else {
            return Ok(segments);
        };
        let inner = open + 2;
        let Some(length) = length_of_expression(&text[inner..]) else {
            return Err(open..text.len());
        };
        let expression = inner..inner + length;
        let written = &text[expression.clone()];
        if written.starts_with(['-', '+']) || written.ends_with(['-', '+']) {
            return Ok(vec![Segment::Blocks]);
        }
        at = expression.end + 2;
        segments.push(Segment::Part(open..at, expression));
    }
}

/// Length up to the `}}` that closes an expression: not inside quotes or brackets.
fn length_of_expression(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut depth, mut at) = (None, 0usize, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(_) if byte == b'\\' => at += 1,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' => quote = Some(byte),
                b'{' | b'[' | b'(' => depth += 1,
                b'}' if depth == 0 && bytes.get(at + 1) == Some(&b'}') => return Some(at),
                b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_outside_quotes_and_brackets() {
        let text = r#"a{{ "}}" }}b{{ {"k": {}}["k"] }}"#;
        let parts: Vec<_> = split(text)
            .expect("closed")
            .into_iter()
            .map(|segment| match segment {
                Segment::Text(range) | Segment::Part(range, _) => text[range].to_owned(),
                Segment::Blocks => "blocks".to_owned(),
            })
            .collect();
        assert_eq!(
            parts,
            ["a", r#"{{ "}}" }}"#, "b", r#"{{ {"k": {}}["k"] }}"#]
        );
        assert_eq!(split("x {{ y "), Err(2..7));
        assert_eq!(split("{% if x %}"), Ok(vec![Segment::Blocks]));
        assert_eq!(split("{{- x }}"), Ok(vec![Segment::Blocks]));
    }
}
