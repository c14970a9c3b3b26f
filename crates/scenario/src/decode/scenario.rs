//! The top of a scenario.

use super::names::SecretSource;
use super::{Decoder, Fields, names};
use crate::grammar::{CLIENTS, SCENARIO, SECRET, SHED};
use crate::load::Loaded;
use crate::model::{Clients, Scenario, ShedRule};
use crate::problem::Problems;
use crate::text::Node;
use http::HeaderName;
use plimsoll_schedule::Mix;

/// Most series that a scenario may have: journeys, steps and hops. Memory grows with them.
const MOST_SERIES: usize = 5_000;

impl Decoder<'_> {
    /// Decodes everything.
    pub(crate) fn scenario(mut self, root: &Node) -> Result<Loaded, Problems> {
        let decoded = self
            .fields(root, &SCENARIO)
            .and_then(|fields| self.decode(root, fields));
        let secrets = std::mem::take(&mut self.constants.masker);
        let sources = std::mem::take(&mut self.sources);
        let warnings = self.finish(root, decoded.is_some())?;
        match decoded {
            Some(mut scenario) => {
                scenario.secrets = secrets;
                scenario.sources = sources;
                Ok(Loaded { scenario, warnings })
            }
            None => Err(Problems::default()),
        }
    }

    fn decode(&mut self, root: &Node, fields: Fields<'_>) -> Option<Scenario> {
        if let Some(node) = fields.get("description") {
            self.plain(node, "a text");
        }
        let name = fields
            .get("name")
            .and_then(|node| self.named(node, "a name").map(str::to_owned));
        if let Some(node) = fields.get("secrets") {
            self.secrets(node);
        }
        let defaults = self.defaults(fields.get("defaults"));
        let targets = self.targets(fields, defaults.connections);
        if let Some(node) = fields.get("data") {
            self.data(node);
        }
        let journeys = fields
            .get("journeys")
            .map(|node| self.journeys(node, &defaults))
            .unwrap_or_default();
        self.check_data_is_used(fields.get("data"));
        let clients = fields.get("clients").and_then(|node| self.clients(node));
        let load = fields.get("load").and_then(|node| self.load(node));
        let warmup = fields.get("warmup").and_then(|node| self.duration(node));
        let thresholds = self.thresholds(fields.get("thresholds"));
        let shed = self.shed(fields.get("shed"));
        let abort_on = self.abort_on(fields.get("abort_on"));
        let allow = self.allow(fields.get("allow"));
        let place = fields
            .entry("journeys")
            .map_or(&root.span, |entry| &entry.key_span);
        if self.failed() {
            return None;
        }
        let weights: Vec<u32> = journeys.iter().map(|journey| journey.weight).collect();
        let mix = match Mix::new(&weights) {
            Ok(mix) => mix,
            Err(error) => {
                self.error(place, error.to_string(), None);
                return None;
            }
        };
        let scenario = Scenario {
            name: name?,
            targets,
            feeds: std::mem::take(&mut self.feeds),
            journeys,
            mix,
            clients,
            load,
            warmup,
            thresholds,
            shed,
            abort_on,
            allow,
            secrets: crate::mask::Masker::default(),
            sources: Vec::new(),
        };
        let series = scenario.catalogue().len();
        if series > MOST_SERIES {
            let message = format!(
                "{series} series of figures (journeys, steps and redirect hops), at most {MOST_SERIES} are kept"
            );
            self.error(place, message, "use fewer steps, or `redirects: none` where none are followed, which spares their hops".to_owned());
            return None;
        }
        Some(scenario)
    }

    fn secrets(&mut self, node: &Node) {
        for entry in self
            .map(node, "a map from names to where they come from")
            .unwrap_or_default()
        {
            if let Err(message) = names::usable(&entry.key) {
                self.error(&entry.key_span, message, None);
            }
            let Some(fields) = self.fields(&entry.value, &SECRET) else {
                continue;
            };
            let what = format!("the secret `{}`", entry.key);
            let source = match self.one_of(fields, &["env", "file"], &what) {
                Some(("env", node)) => self
                    .named(node, "a variable's name")
                    .map(|name| SecretSource::Env(name.to_owned())),
                Some((_, node)) => self
                    .named(node, "a file name")
                    .map(|name| SecretSource::File(name.into())),
                None => None,
            };
            let Some(source) = source else { continue };
            self.constants.secrets.insert(entry.key.clone(), source);
            // Now rather than where it is used, so that a secret that is missing has one message.
            if let Err((message, help)) =
                self.constants.secret(&entry.key, self.loader, &self.folder)
            {
                self.error(&entry.value.span, message, help);
            }
        }
    }

    fn clients(&mut self, node: &Node) -> Option<Clients> {
        let fields = self.fields(node, &CLIENTS)?;
        let population = fields
            .get("population")
            .and_then(|node| self.count(node, 1..=u64::MAX));
        let id_header = fields
            .get("id_header")
            .and_then(|node| self.header_name(node));
        Some(Clients {
            population: population?,
            id_header,
        })
    }

    pub(super) fn header_name(&mut self, node: &Node) -> Option<HeaderName> {
        let text = self.named(node, "a header's name")?.to_owned();
        let name = HeaderName::from_bytes(text.as_bytes()).ok();
        if name.is_none() {
            self.error(
                &node.span,
                format!("`{text}` cannot be a header's name"),
                None,
            );
        }
        name
    }

    fn shed(&mut self, node: Option<&Node>) -> ShedRule {
        let mut rule = ShedRule::default();
        let Some(fields) = node.and_then(|node| self.fields(node, &SHED)) else {
            return rule;
        };
        if let Some(node) = fields.get("status") {
            let items = self.one_or_more(node);
            let statuses = items.iter().filter_map(|item| self.count(item, 100..=599));
            rule.statuses = statuses.map(|status| status as u16).collect();
        }
        if let Some(within) = fields
            .get("within")
            .and_then(|node| self.positive_duration(node))
        {
            rule.within = within;
        }
        rule
    }

    fn allow(&mut self, node: Option<&Node>) -> Vec<String> {
        let Some(node) = node else { return Vec::new() };
        let items = self.list(node, "a list of hosts").unwrap_or_default();
        let hosts = items.iter().filter_map(|item| {
            let host = self.named(item, "a host")?.to_owned();
            if host.contains(['/', ' ', '@']) {
                self.error(
                    &item.span,
                    format!("`{host}` is no host"),
                    "write only the host's name, such as `shop.example`".to_owned(),
                );
                return None;
            }
            Some(host)
        });
        hosts.collect()
    }
}
