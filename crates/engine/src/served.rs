//! Which builds answered: responses counted by the headers that name a build.

/// Responses of one build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Which of the headers that were asked for ([`crate::Rules::release_headers`]).
    pub header: usize,
    /// The target, by its place in the scenario.
    pub target: usize,
    /// The header's value; `None`: responses without it.
    pub value: Option<String>,
    /// How many responses.
    pub responses: u64,
    /// When the first of them had come, in nanoseconds since the start.
    pub first_ns: u64,
    /// When the last of them had.
    pub last_ns: u64,
}

/// The most values of a header that are told apart: a release has a few, a request id has millions.
const MOST_VALUES: usize = 64;
/// What the rest is counted as.
const OTHER: &str = "(other values)";
/// The longest value that is kept whole, in bytes.
const LONGEST_VALUE: usize = 200;

/// Counts by header, target and value.
#[derive(Debug, Default)]
pub(crate) struct Counts(Vec<Served>);

impl Counts {
    /// Counts a response that had come at `now`.
    pub(crate) fn count(&mut self, header: usize, target: usize, value: Option<&[u8]>, now: u64) {
        let is_same = |served: &&mut Served| {
            served.header == header
                && served.target == target
                && served.value.as_deref().map(str::as_bytes) == value
        };
        if let Some(served) = self.0.iter_mut().find(is_same) {
            served.responses += 1;
            served.first_ns = served.first_ns.min(now);
            served.last_ns = served.last_ns.max(now);
            return;
        }
        let value = value.map(|value| {
            let kept = &value[..value.len().min(LONGEST_VALUE)];
            String::from_utf8_lossy(kept).into_owned()
        });
        self.add(Served {
            header,
            target,
            value,
            responses: 1,
            first_ns: now,
            last_ns: now,
        });
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn add(&mut self, mut more: Served) {
        let of_header = |served: &&Served| served.header == more.header;
        let is_known = self.0.iter().any(|served| is_alike(served, &more));
        if !is_known && self.0.iter().filter(of_header).count() >= MOST_VALUES {
            more.value = Some(OTHER.to_owned());
        }
        match self.0.iter_mut().find(|served| is_alike(served, &more)) {
            Some(served) => {
                served.responses += more.responses;
                served.first_ns = served.first_ns.min(more.first_ns);
                served.last_ns = served.last_ns.max(more.last_ns);
            }
            None => self.0.push(more),
        }
    }

    /// Takes everything, and starts anew.
    pub(crate) fn take(&mut self) -> Vec<Served> {
        std::mem::take(&mut self.0)
    }

    /// What was counted.
    pub(crate) fn all(&self) -> &[Served] {
        &self.0
    }
}

fn is_alike(a: &Served, b: &Served) -> bool {
    (a.header, a.target, &a.value) == (b.header, b.target, &b.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_counted_by_build_with_the_first_and_the_last() {
        let mut counts = Counts::default();
        counts.count(0, 0, Some(b"1.0"), 10);
        counts.count(0, 0, Some(b"1.1"), 20);
        counts.count(0, 0, Some(b"1.0"), 15);
        counts.count(0, 0, None, 30);
        let mut all = Counts::default();
        for served in counts.take() {
            all.add(served);
        }
        all.count(0, 0, Some(b"1.0"), 5);
        let found: Vec<_> = all
            .all()
            .iter()
            .map(|served| {
                let value = served.value.as_deref();
                (value, served.responses, served.first_ns, served.last_ns)
            })
            .collect();
        assert_eq!(
            found,
            [
                (Some("1.0"), 3, 5, 15),
                (Some("1.1"), 1, 20, 20),
                (None, 1, 30, 30)
            ]
        );
    }

    #[test]
    fn a_header_that_is_always_different_does_not_fill_the_memory() {
        let mut counts = Counts::default();
        for n in 0..1_000_u64 {
            counts.count(0, 0, Some(n.to_string().as_bytes()), n);
        }
        assert_eq!(counts.all().len(), MOST_VALUES + 1);
        assert_eq!(
            counts
                .all()
                .iter()
                .map(|served| served.responses)
                .sum::<u64>(),
            1_000
        );
        counts.count(0, 0, Some(b"0"), 1_000);
        assert_eq!(counts.all()[0].responses, 2);
    }
}
