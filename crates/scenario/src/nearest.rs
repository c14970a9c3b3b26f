//! The nearest valid name to a misspelt one.

/// Longest name that is compared, in bytes: comparing takes time, and nothing that is longer is a slip of the pen.
const LONGEST: usize = 400;

/// The candidate most like `name`, if any is like enough to be what was meant.
///
/// Compares without regard to case by optimal string alignment distance (Damerau–Levenshtein
/// restricted to one edit per substring) and allows one edit in three characters.
///
/// ```
/// assert_eq!(plimsoll_scenario::nearest("trget", ["target", "targets"]), Some("target"));
/// assert_eq!(plimsoll_scenario::nearest("zebra", ["target", "load"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::osa_distance(&wanted, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a, b and c`, each in backticks; at most twenty of them.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        many if many.len() > 20 => {
            format!("{} and {} more", many[..20].join(", "), many.len() - 20)
        }
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// What to write instead of an unknown name.
pub(crate) fn suggestion(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("possible are {}", listed(candidates.iter().copied())),
    }
}
