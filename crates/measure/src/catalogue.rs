//! The names behind the numbers: which series exist in a test, fixed before it starts.

/// Index of a series of samples in a [`Catalogue`]: a journey as a whole, a step, or a redirect hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series(pub u32);

/// What a series counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesKind {
    /// Whole journeys, from the intended start to the end of the last step, think times taken out.
    Journey,
    /// One request of a journey, redirects included.
    Step,
    /// One hop of a step that follows redirects (0 is the request itself). Hops are timed
    /// but stand outside the ledger, because the step they belong to is already in it.
    Hop(u8),
}

/// One journey and the series of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyEntry {
    /// The journey's name, unique in its scenario.
    pub name: String,
    /// The series of whole journeys.
    pub series: Series,
    /// Steps in the order in which they stand in the file: name and series.
    pub steps: Vec<StepEntry>,
}

/// One step's name and its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepEntry {
    /// The step's name, unique in its journey.
    pub name: String,
    /// The series of the step's requests.
    pub series: Series,
    /// The series of its hops; empty unless it follows redirects.
    pub hops: Vec<Series>,
}

/// Every series of a test. Memory depends on this and on nothing that happens later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    journeys: Vec<JourneyEntry>,
    kinds: Vec<SeriesKind>,
}

impl Catalogue {
    /// Adds a journey and its steps, each given as a name and the number of hops to time apart
    /// (0 where redirects are not followed).
    pub fn add_journey<'a>(
        &mut self,
        name: &str,
        steps: impl IntoIterator<Item = (&'a str, u8)>,
    ) -> &JourneyEntry {
        let series = self.add(SeriesKind::Journey);
        let steps = steps
            .into_iter()
            .map(|(name, hops)| StepEntry {
                name: name.to_owned(),
                series: self.add(SeriesKind::Step),
                hops: (0..hops).map(|n| self.add(SeriesKind::Hop(n))).collect(),
            })
            .collect();
        self.journeys.push(JourneyEntry {
            name: name.to_owned(),
            series,
            steps,
        });
        &self.journeys[self.journeys.len() - 1]
    }

    fn add(&mut self, kind: SeriesKind) -> Series {
        let series = Series(u32::try_from(self.kinds.len()).unwrap_or(u32::MAX));
        self.kinds.push(kind);
        series
    }

    /// The journeys, in file order.
    pub fn journeys(&self) -> &[JourneyEntry] {
        &self.journeys
    }

    /// Every series and what it counts, in ascending order.
    pub fn all(&self) -> impl Iterator<Item = (Series, &SeriesKind)> {
        (0..).map(Series).zip(&self.kinds)
    }

    /// How many series there are; every [`Series`] is below it.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is no series at all.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What `series` counts.
    pub fn kind(&self, series: Series) -> &SeriesKind {
        &self.kinds[series.0 as usize]
    }
}
