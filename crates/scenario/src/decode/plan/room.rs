//! Whether a test can show what it is to show.

use super::tests::highest;
use super::{Context, Decoder};
use crate::decode::stages::Stages;
use crate::plan::{Expectations, Injection};
use crate::quantity::written;
use crate::text::{Node, Span};
use std::time::Duration;

/// How long an objective has to be met before it counts as met.
const SUSTAINED: Duration = Duration::from_secs(10);

impl Decoder<'_> {
    /// Whether a test can show what it is to show.
    pub(super) fn check_expectations(
        &mut self,
        node: &Node,
        expect: &Expectations,
        load: &Stages,
        inject: &[Injection],
        context: &Context,
    ) {
        let place = |key: &str| {
            node.get(key)
                .map_or(node.span.clone(), |node| node.span.clone())
        };
        let length = Duration::from_nanos(load.shape.duration_ns());
        if let Some((limit, _)) = expect.recover_within {
            self.check_recovery(&place("recover_within"), limit, length, load, inject);
        }
        if let Some((limit, _)) = expect.objective_within {
            let span = place("objective_within");
            match load.jumps.iter().find(|jump| jump.to > jump.from) {
                Some(jump) => {
                    let left = length.saturating_sub(Duration::from_nanos(jump.at_ns));
                    self.check_room(&span, limit.saturating_add(SUSTAINED), left, "the jump");
                }
                None => {
                    let help = "add a stage such as `{ jump: 1.5x, hold: 10m }`".to_owned();
                    self.error(
                        &span,
                        "within what time after what? The load never jumps up",
                        help,
                    );
                }
            }
        }
        if let Some((limit, _)) = expect.served_within {
            let span = place("served_within");
            match inject.iter().find(|injection| injection.serves.is_some()) {
                Some(injection) => {
                    let left = length.saturating_sub(injection.after);
                    self.check_room(&span, limit, left, "the injection");
                }
                None => {
                    let help = "say in the injection which build that is, such as `serves: { version: 4.11.3 }`";
                    self.error(
                        &span,
                        "no injection says which build is served",
                        help.to_owned(),
                    );
                }
            }
        }
        if expect.clients_harmed.is_some() && context.outline.clients == Some(false) {
            let help = "add `clients: { population: 1000 }` to the scenario".to_owned();
            self.error(
                &place("clients_harmed"),
                "the scenario has no `clients`",
                help,
            );
        }
        if expect.goodput.is_some() {
            let target = context.promise.expected * (1.0 + context.promise.headroom);
            if highest(&load.shape) <= target * (1.0 + 1e-9) {
                let help = "goodput under overload needs a load above the target".to_owned();
                self.warn(
                    &place("goodput"),
                    "the load of this test never exceeds the target",
                    help,
                );
            }
        }
    }

    fn check_recovery(
        &mut self,
        span: &Span,
        limit: Duration,
        length: Duration,
        load: &Stages,
        inject: &[Injection],
    ) {
        let jump = load.jumps.iter().rfind(|jump| jump.to < jump.from);
        let undone = inject
            .iter()
            .filter_map(|injection| injection.undo_after)
            .max();
        let jumped = jump.map(|jump| Duration::from_nanos(jump.at_ns));
        match jumped.max(undone) {
            Some(at) => {
                let what = if jumped >= undone {
                    "the last jump down"
                } else {
                    "the injection is undone"
                };
                let left = length.saturating_sub(at);
                self.check_room(span, limit.saturating_add(SUSTAINED), left, what);
            }
            None if inject.is_empty() => {
                let help =
                    "add a stage such as `{ jump: 0.5x, hold: 10m }`, or an injection".to_owned();
                self.error(
                    span,
                    "recovery from what? The load never jumps down and nothing is injected",
                    help,
                );
            }
            None => {
                let help =
                    "add `undo_after` to the injection, early enough for a recovery".to_owned();
                self.warn(
                    span,
                    "nothing is undone before the test ends: no recovery will be seen",
                    help,
                );
            }
        }
    }

    /// Warns if a test ends too early after something to show what it is to show.
    fn check_room(&mut self, span: &Span, needed: Duration, left: Duration, after: &str) {
        if left < needed {
            let message = format!("the test ends {} after {after}", written(left));
            let help = format!(
                "let it go on for at least {} after that, or this cannot be shown",
                written(needed)
            );
            self.warn(span, message, help);
        }
    }
}
