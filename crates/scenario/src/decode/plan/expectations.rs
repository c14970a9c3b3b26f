//! What a test has to show besides thresholds.

use super::{Context, Decoder, Fields, all};
use crate::grammar::{DRIFT, EXPECTATIONS, SHED_EXPECTATION};
use crate::model::{ShedRule, SourcedThreshold};
use crate::plan::{DriftOf, Expectations, Line, ShedExpectation};
use crate::quantity;
use crate::text::{Kind, Node};
use plimsoll_measure::{Comparison, Metric, Tier};
use std::time::Duration;

impl Decoder<'_> {
    /// `None` where something is wrong with them.
    pub(super) fn test_expectations(
        &mut self,
        node: Option<&Node>,
        context: &Context,
    ) -> Option<Expectations> {
        let Some(node) = node else {
            return Some(Expectations::default());
        };
        let before = self.errors;
        let fields = self.fields(node, &EXPECTATIONS)?;
        let expect = Expectations {
            recover_within: self.within_time(fields, "recover_within"),
            objective_within: self.within_time(fields, "objective_within"),
            served_within: self.within_time(fields, "served_within"),
            goodput: fields.get("goodput").and_then(|node| {
                let (comparison, share) =
                    self.share_limit(node, "of capacity", ">= 90% of capacity")?;
                Some((comparison, share, self.line(node)))
            }),
            clients_harmed: fields.get("clients_harmed").and_then(|node| {
                let (comparison, share) = self.share_limit(node, "", "<= 35%")?;
                Some((comparison, share, self.line(node)))
            }),
            protected: self.protected(fields.get("protected")),
            unaffected: self.unaffected(fields.get("unaffected"), context),
            shed: fields.get("shed").and_then(|node| {
                let shed = self.shed_expectation(node)?;
                Some((shed, self.line(node)))
            }),
            drift: self.drift(fields.get("drift")),
            errors: fields.get("errors").and_then(|node| {
                let threshold = self.bad_share(node)?;
                Some((threshold, self.line(node)))
            }),
            invariants: self.invariants(fields.get("invariants")),
        };
        (self.errors == before).then_some(expect)
    }

    fn within_time(&mut self, fields: Fields<'_>, key: &str) -> Option<(Duration, Line)> {
        let node = fields.get(key)?;
        Some((self.positive_duration(node)?, self.line(node)))
    }

    fn protected(&mut self, node: Option<&Node>) -> Vec<(Tier, Line)> {
        let Some(node) = node else { return Vec::new() };
        let items = self.one_or_more(node);
        items
            .iter()
            .filter_map(|item| Some((self.tier(Some(item))?, self.line(item))))
            .collect()
    }

    fn unaffected(&mut self, node: Option<&Node>, context: &Context) -> Vec<(String, Line)> {
        let mut journeys = Vec::new();
        for (name, item) in self.name_list(node, "a journey's name") {
            match context.outline.journey(&name) {
                _ if context.outline.journeys.is_none() => {}
                Some(part) if part.loaded => {}
                Some(_) => {
                    let message = format!("the journey `{name}` has no weight: it is never loaded");
                    let help = "give it a weight in the scenario, or leave it out here".to_owned();
                    self.error(&item.span, message, help);
                }
                None => {
                    let message = format!(
                        "the scenario has no journey `{}`",
                        crate::excerpt::short(&name)
                    );
                    let help = self.suggestion(&name, &context.outline.names());
                    self.error(&item.span, message, help);
                }
            }
            let line = self.line(item);
            journeys.push((name, line));
        }
        journeys
    }

    fn shed_expectation(&mut self, node: &Node) -> Option<ShedExpectation> {
        let fields = self.fields(node, &SHED_EXPECTATION)?;
        let status = match fields.get("status") {
            Some(node) => {
                let items = self.one_or_more(node);
                let statuses = items.iter().filter_map(|item| self.count(item, 100..=599));
                statuses.map(|status| status as u16).collect()
            }
            None => ShedRule::default().statuses,
        };
        let header = fields.get("header").map(|node| {
            let name = self.header_name(node)?;
            Some(name.as_str().to_owned())
        });
        let within = fields
            .get("within")
            .map(|node| self.positive_duration(node));
        Some(ShedExpectation {
            status,
            header: all(header)?,
            within: all(within)?,
        })
    }

    fn drift(&mut self, node: Option<&Node>) -> Vec<(DriftOf, Comparison, f64, Line)> {
        let mut drift = Vec::new();
        let Some(fields) = node.and_then(|node| self.fields(node, &DRIFT)) else {
            return drift;
        };
        for entry in fields.entries {
            let of = match entry.key.as_str() {
                "errors" => Some(DriftOf::Errors),
                "rss" => Some(DriftOf::Rss),
                other => match other.parse() {
                    Ok(Metric::Quantile {
                        numerator,
                        denominator,
                    }) => Some(DriftOf::Quantile {
                        numerator,
                        denominator,
                    }),
                    _ => None,
                },
            };
            let limit = self.share_limit(&entry.value, "", "<= 5%");
            if let (Some(of), Some((comparison, share))) = (of, limit) {
                drift.push((of, comparison, share, self.line(&entry.value)));
            }
        }
        drift
    }

    /// `< 1%` as a threshold on errors.
    fn bad_share(&mut self, node: &Node) -> Option<SourcedThreshold> {
        self.quantity(node, "a limit", "write it as `< 1%`", |text| {
            if quantity::comparison(text).is_none() {
                return Err(format!("`{}` is no limit", crate::excerpt::short(text)));
            }
            SourcedThreshold::parse(&format!("errors {}", text.trim()))
        })
    }

    fn invariants(&mut self, node: Option<&Node>) -> Vec<(Vec<String>, Line)> {
        let Some(node) = node else { return Vec::new() };
        let items = self.entries(node, "commands");
        if let Some(word) = items
            .iter()
            .find(|item| !matches!(item.kind, Kind::List(_)))
        {
            let message = format!("expected a command, found {}", word.describe());
            let help = "write a list of commands, each a list of words, such as `[ [ ./check.sh, --all ] ]`";
            self.error(&word.span, message, help.to_owned());
            return Vec::new();
        }
        items
            .iter()
            .filter_map(|item| Some((self.command(item)?, self.line(item))))
            .collect()
    }
}
