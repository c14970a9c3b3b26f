//! What the identity of the build means for the verdict.

use plimsoll_measure::Tier;

use super::standing;
use crate::document::{Identity, IdentityStatus, Item, ItemState, Run};

const PREFIX: &str = "identity/";
const CONFIGURATION: &str = "identity/config";
/// What an item of a component claims, before anything is known of it.
const IS_RELEASE: &str = "is the release";
const IS_SAME: &str = "is as rendered for the release";

/// Whether an item is about which build was tested.
pub(crate) fn is_identity(id: &str) -> bool {
    id.starts_with(PREFIX)
}

/// Whether an item says that another build was tested than the one that goes out.
pub(super) fn is_mismatch(item: &Item) -> bool {
    is_identity(&item.id) && item.state == ItemState::Invalid && item.expression == IS_RELEASE
}

/// Gives every component, and the configuration, an item that says what is known of it. One that is
/// there already keeps the worse of the two states.
pub(super) fn judge(run: &mut Run) {
    let Some(identity) = &run.identity else {
        return;
    };
    let file = run.plan.as_ref().map_or("", |plan| plan.file.as_str());
    for item in items(identity, file) {
        match run.items.iter_mut().find(|known| known.id == item.id) {
            None => run.items.push(item),
            Some(known) => {
                let severity = |item: &Item| standing(item.state, item.marginal).severity();
                if severity(&item) > severity(known) {
                    (known.state, known.reason) = (item.state, item.reason);
                }
                known.expression = item.expression;
            }
        }
    }
}

fn items(identity: &Identity, file: &str) -> Vec<Item> {
    let components = identity.components.iter().map(|component| Item {
        id: format!("{PREFIX}{}", component.name),
        tier: Some(component.tier.clone()),
        state: match component.status {
            IdentityStatus::Proven => ItemState::Pass,
            IdentityStatus::Unproven => ItemState::Inconclusive,
            IdentityStatus::Changed | IdentityStatus::Mismatch => ItemState::Invalid,
        },
        expression: match component.status {
            IdentityStatus::Changed => "stays the release".to_owned(),
            _ => IS_RELEASE.to_owned(),
        },
        n: component.proofs.len() as u64,
        reason: Some(component.sentence.clone()),
        promised_at: Some(format!("{file}:{}", component.line)),
        ..Item::default()
    });
    let config = identity.config.as_ref().map(|config| {
        let undeclared = config.differences.iter().filter(|one| one.reason.is_none());
        let (state, reason) = match &config.problem {
            Some(problem) => (ItemState::Inconclusive, problem.clone()),
            None if config.matches => (
                ItemState::Pass,
                "there is no difference but declared ones".to_owned(),
            ),
            None => (
                ItemState::Invalid,
                format!("differences that were not declared: {}", undeclared.count()),
            ),
        };
        Item {
            id: CONFIGURATION.to_owned(),
            tier: Some(Tier::Critical.name().to_owned()),
            state,
            expression: IS_SAME.to_owned(),
            n: 1,
            reason: Some(reason),
            ..Item::default()
        }
    });
    components.chain(config).collect()
}
