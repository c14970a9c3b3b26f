//! The top of a readiness plan, and the scenario that it names.

mod baseline;
mod checks;
mod decision;
mod expectations;
mod inject;
mod openslo;
mod outline;
mod people;
mod promises;
mod release;
mod room;
mod scalars;
mod target;
mod tests;
mod thresholds;

use super::{Decoder, Fields};
use crate::grammar::{METRICS, PLAN};
use crate::load::{LoadOptions, Parsed};
use crate::model::{Promise, Scenario};
use crate::plan::items::all_items;
use crate::plan::{ExpectedLoad, LoadedPlan, MetricsSource, ReadinessPlan};
use crate::text::Node;
use outline::Outline;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Most entries of any list of a plan.
const MOST_ENTRIES: usize = 1_000;

/// How long the system is left alone between two tests unless stated.
const SETTLE: Duration = Duration::from_secs(5);

/// What the parts of a plan may refer to.
struct Context {
    outline: Outline,
    /// What multiples are of.
    promise: Promise,
}

impl<'a> Decoder<'a> {
    /// Decodes everything.
    pub(crate) fn plan(
        mut self,
        root: &Node,
        options: &LoadOptions<'a>,
    ) -> Result<LoadedPlan, crate::problem::Problems> {
        self.what = "plan";
        let decoded = self
            .fields(root, &PLAN)
            .and_then(|fields| self.planned(root, fields, options));
        let sources = std::mem::take(&mut self.sources);
        let warnings = self.finish(root, decoded.is_some())?;
        match decoded {
            Some(mut plan) => {
                plan.sources = sources;
                Ok(LoadedPlan { plan, warnings })
            }
            None => Err(crate::problem::Problems::default()),
        }
    }

    fn planned(
        &mut self,
        root: &Node,
        fields: Fields<'_>,
        options: &LoadOptions<'a>,
    ) -> Option<ReadinessPlan> {
        if let Some(node) = fields.get("description") {
            self.plain(node, "a text");
        }
        let name = fields
            .get("name")
            .and_then(|node| self.named(node, "a name").map(str::to_owned));
        let (scenario, outline) = match fields.get("scenario") {
            Some(node) => self.planned_scenario(node, options),
            None => (None, Outline::default()),
        };
        let decision = self.decision(fields.get("decision"));
        let release = fields.get("release").map(|node| self.release(node));
        let target = fields
            .get("target")
            .map(|node| self.own_target(node, &outline));
        let expected = fields
            .get("expected_load")
            .and_then(|node| self.expected_load(node));
        let context = Context {
            promise: multiples_of(expected.as_ref()),
            outline,
        };
        let journeys = self.promises(root, fields, &context.outline);
        let tests = self.tests(fields.get("tests"), &context);
        let settle = match fields.get("settle") {
            Some(node) => self.duration(node).unwrap_or(SETTLE),
            None => SETTLE,
        };
        let metrics = fields.get("metrics").map(|node| self.metrics(node));
        let baseline = fields.get("baseline").map(|node| self.baseline(node));
        let risks = self.risks(fields.get("risks"), &tests, fields.get("tests"));
        let checklist = self.checklist(fields.get("checklist"));
        let waivers = self.waivers(fields.get("waivers"));
        // Broken parts make items that others refer to seem missing: those are looked at later.
        if self.failed() {
            return None;
        }
        let mut plan = ReadinessPlan {
            name: name?,
            scenario: Arc::new(scenario?),
            decision,
            release: all(release)?,
            target: all(target)?,
            expected: expected?,
            journeys,
            tests,
            settle,
            metrics: all(metrics)?,
            baseline: all(baseline)?,
            risks,
            checklist,
            waivers: Vec::new(),
            rehearsal: None,
            sources: Vec::new(),
            folder: self.folder.clone(),
        };
        if self.check_size(root, fields, &plan) {
            let items = all_items(&plan);
            self.check_ids(root, fields, &items);
            self.check_waivers(&plan, &waivers, &items);
            self.check_promises(root, fields, &plan, &items);
        }
        plan.waivers = waivers.into_iter().map(|(waiver, _)| waiver).collect();
        Some(plan)
    }

    /// The scenario, and what the plan may refer to in it even if it is broken.
    fn planned_scenario(
        &mut self,
        node: &Node,
        options: &LoadOptions<'a>,
    ) -> (Option<Scenario>, Outline) {
        let nothing = (None, Outline::default());
        let Some(name) = self.named(node, "a file name") else {
            return nothing;
        };
        let name = name.to_owned();
        if !self.inside(node, &name) {
            return nothing;
        }
        let path = self.folder.join(Path::new(&name));
        if let Err(error) = self.loader.read(&path) {
            let help = format!("looked for {}", path.display());
            self.error(
                &node.span,
                format!("cannot read the scenario: {error}"),
                help,
            );
            return nothing;
        }
        let parsed = match Parsed::read(&path, self.loader, "scenario") {
            Ok(parsed) => parsed,
            Err(problems) => {
                self.adopt(&problems);
                return nothing;
            }
        };
        if crate::plan::is_plan(&parsed.root) {
            let message = format!("`{name}` is a readiness plan, not a scenario");
            let help = "name the file that says what users do".to_owned();
            self.error(&node.span, message, help);
            return nothing;
        }
        match Decoder::new(&parsed, self.loader, options).scenario(&parsed.root) {
            Ok(loaded) => {
                self.adopt(&loaded.warnings.into());
                let outline = Outline::of(&loaded.scenario);
                (Some(loaded.scenario), outline)
            }
            Err(problems) => {
                self.adopt(&problems);
                (None, Outline::of_text(&parsed.root))
            }
        }
    }

    fn metrics(&mut self, node: &Node) -> Option<MetricsSource> {
        let fields = self.fields(node, &METRICS)?;
        let url = self.place(fields.get("url")?);
        let mut name = |key: &str, usual: &str| match fields.get(key) {
            Some(node) => self.named(node, "a metric's name").map(str::to_owned),
            None => Some(usual.to_owned()),
        };
        let rss = name("rss", "process_resident_memory_bytes");
        let cpu = name("cpu", "process_cpu_seconds_total");
        let fds = name("fds", "process_open_fds");
        Some(MetricsSource {
            url: url?,
            rss: rss?,
            cpu: cpu?,
            fds: fds?,
        })
    }
}

/// What multiples of the load are of; where that is broken, of anything, so that the tests are
/// looked at all the same.
fn multiples_of(expected: Option<&ExpectedLoad>) -> Promise {
    Promise {
        expected: expected.map_or(1.0, |expected| expected.peak),
        headroom: expected.map_or(0.0, |expected| expected.headroom),
    }
}

/// A part that may be left out but not be wrong.
fn all<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(None) => None,
        Some(some) => Some(some),
        None => Some(None),
    }
}
