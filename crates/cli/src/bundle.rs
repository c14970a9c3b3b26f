//! The result folder of a run, written as the run goes: what is killed loses a second at most.

use crate::failure::Failure;
use plimsoll_engine::Tick;
use plimsoll_measure::catalogue::{Catalogue, Series, SeriesKind};
use plimsoll_report::document::Run;
use plimsoll_report::events::{self, Entry, Event};
use plimsoll_report::hlog::{HlogWriter, tag};
use plimsoll_scenario::Scenario;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A result folder that is being written.
pub(crate) struct Bundle {
    folder: PathBuf,
    intervals: HlogWriter<BufWriter<File>>,
    events: BufWriter<File>,
    tags: Vec<Option<String>>,
    /// The first thing that could not be written; nothing more is tried then.
    broken: Option<String>,
}

impl Bundle {
    /// Makes the folder and what a run starts with: a copy of the scenario.
    pub(crate) fn create(
        folder: &Path,
        scenario: &Scenario,
        catalogue: &Catalogue,
        started_at: jiff::Timestamp,
    ) -> Result<Self, Failure> {
        let unusable = |problem: io::Error| {
            Failure::Usage(format!(
                "cannot write the result to {}: {problem}; choose another folder with --out",
                folder.display()
            ))
        };
        fs::create_dir_all(folder).map_err(unusable)?;
        // Data files stay where they are, because they hold people and passwords; `run.json` has
        // their digests.
        if let Some(source) = scenario.sources.first()
            && let Some(name) = source.path.file_name()
        {
            fs::write(folder.join(name), &source.content).map_err(unusable)?;
        }
        let file = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
        let intervals = HlogWriter::begin(file("intervals.hlog").map_err(unusable)?, started_at);
        Ok(Self {
            folder: folder.to_owned(),
            intervals: intervals.map_err(unusable)?,
            events: file("events.ndjson").map_err(unusable)?,
            tags: tags(catalogue),
            broken: None,
        })
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What could not be written, if anything.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    fn attempt(&mut self, name: &str, write: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.broken.is_none()
            && let Err(problem) = write(self)
        {
            let path = self.folder.join(name);
            self.broken = Some(format!("cannot write {}: {problem}", path.display()));
        }
    }

    /// Writes what is new since the last second, and the state so far.
    pub(crate) fn tick(&mut self, tick: &Tick<'_>, run: &Run) {
        self.attempt("intervals.hlog", |bundle| {
            for delta in tick.deltas {
                let tag = bundle
                    .tags
                    .get(delta.series.0 as usize)
                    .and_then(Option::as_deref);
                if let Some(tag) = tag {
                    bundle
                        .intervals
                        .write(delta.second, tag, &delta.outcomes.response_ok)?;
                }
            }
            bundle.intervals.flush()
        });
        self.write_run(run);
    }

    /// Writes a line of the log of events.
    pub(crate) fn event(&mut self, at_ns: u64, event: Event) {
        self.attempt("events.ndjson", |bundle| {
            events::write(&mut bundle.events, &Entry { at_ns, event })?;
            bundle.events.flush()
        });
    }

    /// Replaces `run.json` as a whole, so that whoever reads it beside the run never sees half of it.
    fn write_run(&mut self, run: &Run) {
        self.attempt("run.json", |bundle| {
            let unfinished = bundle.folder.join("run.json.new");
            let mut file = BufWriter::new(File::create(&unfinished)?);
            run.write(&mut file)?;
            file.flush()?;
            fs::rename(unfinished, bundle.folder.join("run.json"))
        });
    }

    /// Writes what a run ends with.
    pub(crate) fn finish(&mut self, run: &Run) {
        self.write_run(run);
        self.attempt("summary.md", |bundle| {
            let mut file = BufWriter::new(File::create(bundle.folder.join("summary.md"))?);
            plimsoll_report::summary::render(run, &mut file)?;
            file.flush()
        });
    }
}

/// The tag of each series in `intervals.hlog`; hops of redirects have none.
fn tags(catalogue: &Catalogue) -> Vec<Option<String>> {
    let mut tags = vec![None; catalogue.len()];
    let mut set = |series: Series, names: &[&str]| {
        if let Some(slot) = tags.get_mut(series.0 as usize)
            && !matches!(catalogue.kind(series), SeriesKind::Hop(_))
        {
            *slot = Some(tag(names.iter().copied()));
        }
    };
    for journey in catalogue.journeys() {
        set(journey.series, &[&journey.name]);
        for step in &journey.steps {
            set(step.series, &[&journey.name, &step.name]);
        }
    }
    tags
}

/// Reads the document of a result folder.
pub(crate) fn read(folder: &Path) -> Result<Run, Failure> {
    let path = folder.join("run.json");
    let text = fs::read_to_string(&path).map_err(|problem| {
        Failure::Usage(format!(
            "cannot read {}: {problem}; give the folder of a run, as `plimsoll run` named it at its end",
            path.display()
        ))
    })?;
    Run::read(&text).map_err(|problem| Failure::Usage(format!("{}: {problem}", path.display())))
}
