//! One look at a response: first the expectations, then the captures.

use super::ResponseView;
use super::body::ParsedBody;
use crate::excerpt::short;
use crate::model::Request;
use crate::template::Variables;

/// What was wrong with a response: the first thing, in file order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// What was expected and what came instead, with a short excerpt. May hold values of the
    /// response: mask it before it is shown.
    pub text: String,
}

/// What kind of thing was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// The status was not one of those expected.
    Status,
    /// Another expectation did not hold.
    Expectation,
    /// A value to be saved was not there.
    Capture,
}

impl Request {
    /// Whether the body has to be kept and decoded: some expectation or capture looks at it.
    pub fn looks_at_body(&self) -> bool {
        self.expect
            .checks
            .iter()
            .any(|check| check.kind.looks_at_body())
            || self
                .save
                .iter()
                .any(|capture| capture.source.looks_at_body())
    }

    /// Judges the response, then saves what is to be saved. The body is parsed at most once.
    ///
    /// # Errors
    /// The first thing that is wrong; nothing is saved unless every expectation holds.
    pub fn examine(
        &self,
        view: &ResponseView<'_>,
        variables: &mut Variables,
    ) -> Result<(), Finding> {
        let body = ParsedBody::new(view.body);
        self.judge_on(view, &body, variables)?;
        for capture in &self.save {
            let value = capture.take_from(view, &body).map_err(|text| Finding {
                kind: FindingKind::Capture,
                text,
            })?;
            if variables.slots.len() <= capture.slot {
                variables.slots.resize(capture.slot + 1, None);
            }
            variables.slots[capture.slot] = Some(value);
        }
        Ok(())
    }

    /// Judges the response and saves nothing. `variables` are those the request was made with,
    /// because expectations may refer to them.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn judge(&self, view: &ResponseView<'_>, variables: &Variables) -> Result<(), Finding> {
        self.judge_on(view, &ParsedBody::new(view.body), variables)
    }

    fn judge_on(
        &self,
        view: &ResponseView<'_>,
        body: &ParsedBody<'_>,
        variables: &Variables,
    ) -> Result<(), Finding> {
        if !self.expect.accepts(view.status) {
            let mut text = format!(
                "expected status {}, got {}",
                self.expect.statuses(),
                view.status
            );
            if !view.body.is_empty() {
                text.push_str(&format!(": `{}`", short(body.text())));
            }
            return Err(Finding {
                kind: FindingKind::Status,
                text,
            });
        }
        for check in &self.expect.checks {
            check
                .holds_on(view, body, variables)
                .map_err(|text| Finding {
                    kind: FindingKind::Expectation,
                    text,
                })?;
        }
        Ok(())
    }
}
