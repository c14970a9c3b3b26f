//! Whether what is done about a risk was shown to work.

use crate::document::{Item, ItemState, Run};

/// A mitigation is proven where every test that is to show it has items, and all of them passed.
pub(super) fn prove(run: &mut Run) {
    let items = &run.items;
    let Some(plan) = &mut run.plan else { return };
    for risk in &mut plan.risks {
        risk.proven = (!risk.proven_by.is_empty())
            .then(|| risk.proven_by.iter().all(|test| all_pass(items, test)));
    }
}

fn all_pass(items: &[Item], test: &str) -> bool {
    let mut of_test = items
        .iter()
        .filter(|item| item.test.as_deref() == Some(test))
        .peekable();
    of_test.peek().is_some() && of_test.all(|item| item.state == ItemState::Pass)
}
