//! What OpenSLO documents promise of a journey (OpenSLO v1,
//! <https://github.com/OpenSLO/OpenSLO>, sections "SLO" and "SLI").

mod indicator;
mod objective;

use super::Decoder;
use crate::decode::file::File;
use crate::grammar::{DOCUMENT, METADATA};
use crate::load::{decoded, syntax_problems};
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
}
