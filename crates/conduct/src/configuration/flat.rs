//! Files of names and values without nesting.

use serde_json::{Map, Value};

/// A `.env` file: `NAME=value`, also after `export`; `#` begins a comment; values may be quoted.
pub(super) fn environment(text: &str) -> Result<Value, String> {
    let mut entries = Map::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!(
                "has no `NAME=value` in line {number}; begin a comment with `#`"
            ));
        };
        insert(&mut entries, name.trim(), unquoted(value.trim()), number)?;
    }
    Ok(Value::Object(entries))
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote)
            && let Some((inner, _)) = rest.split_once(quote)
        {
            return inner.to_owned();
        }
    }
    let comment = value.find(" #").unwrap_or(value.len());
    value[..comment].trim_end().to_owned()
}

/// A `.properties` file: `name=value`, `name: value` or `name value`; `#` and `!` begin comments; a line that
/// ends in an odd number of backslashes goes on in the next.
pub(super) fn properties(text: &str) -> Result<Value, String> {
    let mut entries = Map::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, first)) = lines.next() {
        let mut line = first.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while goes_on(&line) {
            line.pop();
            let Some((_, next)) = lines.next() else { break };
            line.push_str(next.trim_start());
        }
        let end = name_end(&line);
        let name = line[..end].replace('\\', "");
        let rest = line[end..].trim_start();
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
        insert(&mut entries, &name, value.trim_end().to_owned(), number)?;
    }
    Ok(Value::Object(entries))
}

fn goes_on(line: &str) -> bool {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

fn name_end(line: &str) -> usize {
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match character {
            '\\' if !escaped => escaped = true,
            '=' | ':' | ' ' | '\t' if !escaped => return at,
            _ => escaped = false,
        }
    }
    line.len()
}

fn insert(
    entries: &mut Map<String, Value>,
    name: &str,
    value: String,
    number: u32,
) -> Result<(), String> {
    match entries.insert(name.to_owned(), Value::String(value)) {
        None => Ok(()),
        Some(_) => Err(format!(
            "has `{name}` again in line {number}; keep one of the two"
        )),
    }
}
