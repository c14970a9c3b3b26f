//! How much a part of the system matters to the decision.

/// How much a journey or another item matters, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Tier {
    /// Without it there is no release.
    #[default]
    Critical,
    /// Its failure has to be accepted by somebody.
    Important,
    /// Its failure is listed as a risk.
    NiceToHave,
}

impl Tier {
    /// Every tier, most important first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Important, Self::NiceToHave];

    /// The name used in plans and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Important => "important",
            Self::NiceToHave => "nice_to_have",
        }
    }

    /// The tier of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }
}
