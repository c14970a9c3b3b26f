//! The command of a run that has no scenario file.

use plimsoll_report::document::Run;

/// The options that say where the result goes.
const PLACES: [&str; 2] = ["--out", "-o"];

/// The arguments of the command, less where the program is and where its result goes. This takes
/// runs for unlike that are not, if their options stand in another order; it never takes unlike
/// runs for like.
pub(super) fn of(run: &Run) -> Option<String> {
    let mut arguments = run.command.iter().skip(1).map(String::as_str);
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        if PLACES.contains(&argument) {
            arguments.next();
        } else if !argument.starts_with("--out=") {
            kept.push(quoted(argument));
        }
    }
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// The argument, in quotes where it would be taken for several.
fn quoted(argument: &str) -> String {
    match argument.contains(|one: char| one.is_whitespace() || one == '"') {
        true => format!("{argument:?}"),
        false => argument.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_report::fixture;

    fn line(command: &[&str]) -> Option<String> {
        let mut run = fixture::healthy();
        run.command = command.iter().map(|one| (*one).to_owned()).collect();
        of(&run)
    }

    #[test]
    fn what_is_sent_matters_and_where_the_result_goes_does_not() {
        let plain = line(&["/usr/bin/plimsoll", "hit", "http://localhost/", "-d", "{}"]);
        assert_eq!(plain.as_deref(), Some("hit http://localhost/ -d {}"));
        let placed = [
            line(&[
                "plimsoll",
                "hit",
                "-o",
                "a",
                "http://localhost/",
                "-d",
                "{}",
            ]),
            line(&[
                "plimsoll",
                "hit",
                "http://localhost/",
                "-d",
                "{}",
                "--out",
                "b",
            ]),
            line(&[
                "plimsoll",
                "hit",
                "http://localhost/",
                "-d",
                "{}",
                "--out=c",
            ]),
        ];
        for placed in placed {
            assert_eq!(placed, plain);
        }
        let other = line(&["plimsoll", "hit", "http://localhost/", "-d", "[]"]);
        assert_ne!(other, plain);
        assert_ne!(
            line(&["plimsoll", "-d", "a b"]),
            line(&["plimsoll", "-d", "a", "b"])
        );
        assert_eq!(line(&["plimsoll"]), None);
        assert_eq!(line(&["plimsoll", "-o"]), None);
    }
}
