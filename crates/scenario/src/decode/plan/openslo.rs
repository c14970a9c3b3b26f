//! What OpenSLO documents promise of a journey (OpenSLO v1,
//! <https://github.com/OpenSLO/OpenSLO>, sections "SLO" and "SLI").

use super::Decoder;
use crate::decode::file::File;
use crate::grammar::{DOCUMENT, INDICATOR, METADATA, OBJECTIVE, RATIO, SLI, SLO, TIME_WINDOW};
use crate::load::{decoded, syntax_problems};
use crate::model::SourcedThreshold;
use crate::plan::PlannedThreshold;
use crate::plan::items::metric_name;
use crate::text::{Kind, Node, parse_documents};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Most documents in a file.
const MOST_DOCUMENTS: usize = 200;

/// Every kind of document, with whether it is read.
const KINDS: [&str; 7] = [
    "SLO",
    "SLI",
    "Service",
    "DataSource",
    "AlertPolicy",
    "AlertCondition",
    "AlertNotificationTarget",
];

/// Most files of a journey.
const MOST_FILES: usize = 20;

/// Most SLOs and objectives that are looked at, over all journeys.
const MOST_OBJECTIVES: usize = 20_000;

/// What is known of SLOs from one journey to the next.
#[derive(Default)]
pub(super) struct Documents {
    /// Files that were read already, by name; `None` where they are broken, which was said.
    read: HashMap<String, Option<Vec<Document>>>,
    /// How many SLOs and objectives were looked at.
    seen: usize,
}

/// A document and the file it stands in.
#[derive(Clone)]
struct Document {
    kind: &'static str,
    file: Arc<File>,
    /// Index into the plan's sources.
    source: usize,
    node: Arc<Node>,
}

impl Document {
    fn objectives(&self) -> usize {
        let objectives = self
            .node
            .get("spec")
            .and_then(|spec| spec.get("objectives"));
        match objectives.map(|node| &node.kind) {
            Some(Kind::List(items)) => items.len(),
            _ => 0,
        }
    }
}

/// What an indicator measures.
struct Indicator {
    is_ratio: bool,
    unit: Option<&'static str>,
}

impl Decoder<'_> {
    /// The thresholds that the SLOs of one or several files come to.
    pub(super) fn slo(&mut self, node: &Node, known: &mut Documents) -> Vec<PlannedThreshold> {
        let mut documents: Vec<Document> = Vec::new();
        let mut complete = true;
        let names = self.name_list(Some(node), "a file name");
        if names.len() > MOST_FILES {
            let message = format!("{} files, at most {MOST_FILES} are possible", names.len());
            self.error(
                &node.span,
                message,
                "put the documents into one file".to_owned(),
            );
            return Vec::new();
        }
        for (name, item) in names {
            if !known.read.contains_key(&name) {
                let read = self.slo_file(item);
                known.read.insert(name.clone(), read);
            }
            match known.read.get(&name) {
                Some(Some(read)) => documents.extend(read.iter().cloned()),
                _ => complete = false,
            }
        }
        let mut thresholds: Vec<PlannedThreshold> = Vec::new();
        if !complete {
            return thresholds;
        }
        let objectives = documents.iter().filter(|document| document.kind == "SLO");
        if objectives.clone().next().is_none() {
            let help = "write `kind: SLO`".to_owned();
            self.error(&node.span, "there is no SLO in it", help);
        }
        for document in objectives {
            known.seen += 1 + document.objectives();
            if known.seen > MOST_OBJECTIVES {
                let message = format!("more than {MOST_OBJECTIVES} objectives over all journeys");
                self.error(&node.span, message, None);
                break;
            }
            let file = Arc::clone(&document.file);
            let found = self.within(&file, |decoder| decoder.slo_document(document, &documents));
            for (threshold, place) in found {
                let metric = metric_name(&threshold.pass.threshold);
                let taken = |known: &PlannedThreshold| metric_name(&known.pass.threshold) == metric;
                if thresholds.iter().any(taken) {
                    let message = format!("there is already an objective on `{metric}`");
                    let help = "keep the stricter one".to_owned();
                    self.within(&file, |decoder| decoder.error(&place, message, help));
                    continue;
                }
                thresholds.push(threshold);
            }
        }
        thresholds
    }

    /// The documents of a file; `None` where something is wrong with it as a whole.
    fn slo_file(&mut self, node: &Node) -> Option<Vec<Document>> {
        let (name, content) = self.file(node)?;
        let source = self
            .sources
            .iter()
            .rposition(|source| source.path == Path::new(&name))
            .unwrap_or(0);
        let path = self.folder.join(&name);
        let text = match decoded(&path, &content) {
            Ok(text) => text,
            Err(problem) => {
                self.adopt(&(*problem).into());
                return None;
            }
        };
        let nodes = match parse_documents(text, MOST_DOCUMENTS) {
            Ok(nodes) => nodes,
            Err(errors) => {
                self.adopt(&syntax_problems(&path, text, errors));
                return None;
            }
        };
        let file = Arc::new(File::new(&path, Arc::from(text)));
        let before = self.errors;
        let mut documents = Vec::new();
        for node in nodes {
            if matches!(node.kind, Kind::Null) {
                continue;
            }
            if let Some(kind) = self.within(&file, |decoder| decoder.slo_kind(&node)) {
                documents.push(Document {
                    kind,
                    file: Arc::clone(&file),
                    source,
                    node: Arc::new(node),
                });
            }
        }
        (self.errors == before).then_some(documents)
    }

    fn slo_kind(&mut self, node: &Node) -> Option<&'static str> {
        if node.get("apiVersion").is_none() {
            let help = "it begins with `apiVersion: openslo/v1`".to_owned();
            self.error(&node.span, "this is no OpenSLO document", help);
            return None;
        }
        let fields = self.fields(node, &DOCUMENT)?;
        if let Some(node) = fields.get("apiVersion") {
            self.word(node, &["openslo/v1"]);
        }
        if let Some(node) = fields.get("metadata") {
            self.fields(node, &METADATA);
        }
        let kind = self.word(fields.get("kind")?, &KINDS)?;
        if matches!(kind, "SLO" | "SLI") && fields.get("spec").is_none() {
            self.error(&node.span, format!("the {kind} has no `spec`"), None);
            return None;
        }
        Some(kind)
    }

    /// The thresholds of an SLO, each with its place.
    fn slo_document(
        &mut self,
        document: &Document,
        all: &[Document],
    ) -> Vec<(PlannedThreshold, crate::text::Span)> {
        let mut thresholds = Vec::new();
        let Some(spec) = document.node.get("spec") else {
            return thresholds;
        };
        let Some(fields) = self.fields(spec, &SLO) else {
            return thresholds;
        };
        if let Some(node) = fields.get("timeWindow") {
            for window in self.one_or_more(node) {
                self.fields(window, &TIME_WINDOW);
            }
        }
        if let Some(node) = fields.get("budgetingMethod") {
            self.budgeting(node);
        }
        let Some((kind, node)) = self.one_of(fields, &["indicator", "indicatorRef"], "an SLO")
        else {
            return thresholds;
        };
        let indicator = match kind {
            "indicator" => self.inline_indicator(node),
            _ => self.referred_indicator(node, all),
        };
        let unit = self.unit(document.node.get("metadata"));
        let Some(indicator) = indicator else {
            return thresholds;
        };
        let unit = indicator.unit.or(unit).unwrap_or("s");
        let Some(node) = fields.get("objectives") else {
            return thresholds;
        };
        for objective in self.entries(node, "objectives") {
            let pass = self.objective(objective, indicator.is_ratio, unit);
            thresholds.extend(pass.map(|pass| {
                let threshold = PlannedThreshold {
                    pass,
                    warn: None,
                    abort: false,
                    source: document.source,
                    line: self.line(objective),
                };
                (threshold, objective.span.clone())
            }));
        }
        thresholds
    }

    fn budgeting(&mut self, node: &Node) {
        match node.scalar_text() {
            Some("Occurrences") => {}
            Some("Timeslices" | "RatioTimeslices") => {
                let message = "a budget of time slices cannot be judged: a test counts requests, and lasts for few slices";
                let help = "write `budgetingMethod: Occurrences`, or leave the SLO out and give the journey a threshold with a window, such as `errors < 1% for 60s`";
                self.error(&node.span, message, help.to_owned());
            }
            _ => {
                self.word(node, &["Occurrences", "Timeslices"]);
            }
        }
    }

    fn inline_indicator(&mut self, node: &Node) -> Option<Indicator> {
        let fields = self.fields(node, &INDICATOR)?;
        let unit = self.unit(fields.get("metadata"));
        let is_ratio = self.sli(fields.get("spec")?)?;
        Some(Indicator { is_ratio, unit })
    }

    fn referred_indicator(&mut self, node: &Node, all: &[Document]) -> Option<Indicator> {
        let wanted = self.named(node, "an SLI's name")?;
        let named = |document: &&Document| {
            let name = document
                .node
                .get("metadata")
                .and_then(|node| node.get("name"));
            name.and_then(Node::scalar_text) == Some(wanted)
        };
        let mut indicators = all.iter().filter(|document| document.kind == "SLI");
        let Some(found) = indicators.clone().find(named) else {
            let names: Vec<&str> = indicators
                .by_ref()
                .filter_map(|document| document.node.get("metadata")?.get("name")?.scalar_text())
                .collect();
            let help = if names.is_empty() {
                Some(
                    "add a document of `kind: SLI`, or list the file that has it under `slo` too"
                        .to_owned(),
                )
            } else {
                self.suggestion(wanted, &names)
            };
            let message = format!("there is no SLI `{}`", crate::excerpt::short(wanted));
            self.error(&node.span, message, help);
            return None;
        };
        let file = Arc::clone(&found.file);
        self.within(&file, |decoder| {
            let unit = decoder.unit(found.node.get("metadata"));
            let is_ratio = decoder.sli(found.node.get("spec")?)?;
            Some(Indicator { is_ratio, unit })
        })
    }

    /// Whether an indicator is a ratio rather than a metric with a limit.
    fn sli(&mut self, node: &Node) -> Option<bool> {
        let fields = self.fields(node, &SLI)?;
        let (kind, node) =
            self.one_of(fields, &["thresholdMetric", "ratioMetric"], "an indicator")?;
        if kind == "thresholdMetric" {
            return Some(false);
        }
        let fields = self.fields(node, &RATIO)?;
        let (kind, _) = self.one_of(fields, &["good", "bad", "raw"], "a ratio")?;
        if kind != "raw" && fields.get("total").is_none() {
            let help = "`total`: everything that was asked for".to_owned();
            self.error(&node.span, format!("`{kind}` needs `total`"), help);
        }
        Some(true)
    }

    /// What an annotation or label says of the unit.
    fn unit(&mut self, metadata: Option<&Node>) -> Option<&'static str> {
        let metadata = metadata?;
        let node = ["annotations", "labels"]
            .into_iter()
            .find_map(|key| metadata.get(key)?.get("plimsoll/unit"))?;
        self.word(node, &["ms", "s"])
    }

    /// The threshold that an objective comes to.
    fn objective(&mut self, node: &Node, is_ratio: bool, unit: &str) -> Option<SourcedThreshold> {
        let fields = self.fields(node, &OBJECTIVE)?;
        for key in ["timeSliceTarget", "timeSliceWindow"] {
            if let Some(entry) = fields.entry(key) {
                let help = "leave it out: it has no meaning with `Occurrences`".to_owned();
                self.error(
                    &entry.key_span,
                    format!("`{key}` goes with time slices"),
                    help,
                );
            }
        }
        let (kind, target) = self.one_of(fields, &["target", "targetPercent"], "an objective")?;
        let (scale, most) = if kind == "target" {
            (100.0, 1.0)
        } else {
            (1.0, 100.0)
        };
        let percent = self.number(target)? * scale;
        if !(0.0..100.0).contains(&percent) {
            let message = format!("`{kind}` is from 0 to below {most}");
            self.error(&target.span, message, None);
            return None;
        }
        let text = if is_ratio {
            for key in ["op", "value"] {
                if let Some(entry) = fields.entry(key) {
                    let message =
                        format!("`{key}` goes with a thresholdMetric, and this is a ratio");
                    self.error(&entry.key_span, message, "leave it out".to_owned());
                }
            }
            format!("errors <= {}%", trimmed(100.0 - percent))
        } else {
            let (Some(op), Some(value)) = (fields.get("op"), fields.get("value")) else {
                let help = "such as `{ op: lte, value: 0.8, target: 0.95 }`".to_owned();
                self.error(
                    fields.span,
                    "with a thresholdMetric an objective needs `op` and `value`",
                    help,
                );
                return None;
            };
            let sign = match self.word(op, &["lte", "lt", "gte", "gt"])? {
                "lte" => "<=",
                "lt" => "<",
                other => {
                    let message = format!("`{other}` is no limit on a response time");
                    self.error(&op.span, message, "write `lte` or `lt`".to_owned());
                    return None;
                }
            };
            let value = self.number(value)?;
            let name = trimmed(percent);
            let digits = name.split_once('.').map_or(0, |(_, digits)| digits.len());
            if !(50.0..=99.99).contains(&percent) || digits > 2 {
                let message =
                    format!("a target of {name}% is none of the percentiles p50 to p99.99");
                let help = "such as `target: 0.95` for p95, or `target: 0.999` for p99.9";
                self.error(&target.span, message, help.to_owned());
                return None;
            }
            format!("p{name} {sign} {}{unit}", trimmed(value))
        };
        SourcedThreshold::parse(&text)
            .map_err(|problem| self.error(&node.span, problem, None))
            .ok()
    }
}

/// Nine digits behind the point at most, and no zeros at its end.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
