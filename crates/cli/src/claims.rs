//! What a test is judged by: thresholds, each with what it is about and where it was promised.

use plimsoll_measure::{Judgement, Scope, Threshold, Tier, Watched};
use plimsoll_report::facts::{About, ItemFacts};
use plimsoll_scenario::Scenario;

/// The error of a verdict, on either side.
pub(crate) const ALPHA: f64 = 0.05;

/// A threshold that a test is judged by.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// The id of its item.
    pub id: String,
    /// How much it matters; `None` without a plan.
    pub tier: Option<Tier>,
    /// What it is about.
    pub scope: Scope,
    /// What passes.
    pub threshold: Threshold,
    /// What passes marginally.
    pub lenient: Option<Threshold>,
    /// What it is about in words, and where it was promised.
    pub about: About,
}

/// The thresholds of a scenario that is run alone, as the test of this name.
pub(crate) fn of_scenario(test: &str, scenario: &Scenario) -> Vec<Claim> {
    let file = scenario.sources.first().map(|file| file.path.display());
    let watched = scenario.watched().into_iter();
    let claims = watched.map(|(of, scope, sourced)| {
        let metric = sourced.threshold.metric.name();
        let parts = [test, of.as_str(), metric.as_str()];
        let id: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Claim {
            id: id.join("/"),
            tier: None,
            scope,
            threshold: sourced.threshold,
            lenient: None,
            about: About {
                promised_at: sourced
                    .line
                    .and_then(|line| Some(format!("{}:{line}", file.as_ref()?))),
                ..About::default()
            },
        }
    });
    claims.collect()
}

/// What has to be watched for them: of each claim its threshold and, if there is one, the lenient one.
pub(crate) fn watched(claims: &[Claim]) -> Vec<Watched> {
    let thresholds = claims.iter().flat_map(|claim| {
        let both = std::iter::once(&claim.threshold).chain(&claim.lenient);
        both.map(|threshold| Watched {
            scope: claim.scope,
            threshold: threshold.clone(),
        })
    });
    thresholds.collect()
}

/// What became of them, from the judgements of what was [`watched`].
pub(crate) fn items(claims: &[Claim], judgements: Vec<Judgement>) -> Vec<ItemFacts> {
    let mut judgements = judgements.into_iter();
    let mut items = Vec::new();
    for claim in claims {
        let Some(judgement) = judgements.next() else {
            break;
        };
        let lenient = claim
            .lenient
            .clone()
            .and_then(|threshold| Some((threshold, judgements.next()?)));
        items.push(ItemFacts {
            id: claim.id.clone(),
            tier: claim.tier,
            threshold: claim.threshold.clone(),
            judgement,
            lenient,
            about: claim.about.clone(),
        });
    }
    items
}
