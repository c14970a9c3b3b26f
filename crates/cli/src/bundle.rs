//! The result folder of a run, written as the run goes: what is killed loses a second at most.

use crate::failure::Failure;
use crate::journal;
use plimsoll_engine::Tick;
use plimsoll_measure::catalogue::{Catalogue, Series, SeriesKind};
use plimsoll_report::document::Run;
use plimsoll_report::events::{self, Entry, Event};
use plimsoll_report::hlog::{HlogWriter, tag};
use plimsoll_scenario::SourceFile;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The files that a run writes besides copies of what it was made of.
pub(crate) const OUTPUTS: [&str; 9] = [
    "run.json",
    "intervals.hlog",
    "events.ndjson",
    "summary.md",
    "junit.xml",
    "metrics.txt",
    "report.html",
    "attestation.json",
    "target.log",
];

/// Removes what an earlier run left in a folder, `but` some of it: it would be taken for that of the next.
pub(crate) fn remove_outputs(folder: &Path, but: &[&str]) -> Result<(), Failure> {
    for name in OUTPUTS.iter().filter(|name| !but.contains(name)) {
        match fs::remove_file(folder.join(name)) {
            Err(problem) if problem.kind() != io::ErrorKind::NotFound => {
                return Err(unusable(folder, &problem));
            }
            _ => {}
        }
    }
    Ok(())
}

fn unusable(folder: &Path, problem: &io::Error) -> Failure {
    Failure::Usage(format!(
        "cannot write the result to {}: {problem}; choose another folder with --out",
        folder.display()
    ))
}

/// A result folder that is being written.
pub(crate) struct Bundle {
    folder: PathBuf,
    intervals: HlogWriter<BufWriter<File>>,
    events: BufWriter<File>,
    /// Of the test that is under way.
    tags: Vec<Option<String>>,
    /// The second of the run in which that test began.
    offset_s: u64,
    /// Whether there are several tests, so that tags have to name theirs.
    has_plan: bool,
    /// The first thing that could not be written; nothing more is tried then.
    broken: Option<String>,
}

impl Bundle {
    /// Makes the folder and what a run starts with: copies of scenario and plan. Data files stay where
    /// they are, because they hold people and passwords; `run.json` has their digests.
    pub(crate) fn create<'f>(
        folder: &Path,
        copies: impl IntoIterator<Item = &'f SourceFile>,
        has_plan: bool,
        started_at: jiff::Timestamp,
    ) -> Result<Self, Failure> {
        let unusable = |problem| unusable(folder, &problem);
        fs::create_dir_all(folder).map_err(unusable)?;
        let mut journals = [journal::PROBES, journal::ROUNDS].into_iter();
        if let Some(journal) = journals.find(|name| folder.join(name).exists()) {
            return Err(Failure::Usage(format!(
                "{} has what a search or a duel measured ({journal}); choose another folder with --out",
                folder.display()
            )));
        }
        // The logs are begun anew below.
        remove_outputs(folder, &["intervals.hlog", "events.ndjson"])?;
        for source in copies {
            if let Some(name) = source.path.file_name() {
                fs::write(folder.join(name), &source.content).map_err(unusable)?;
            }
        }
        let file = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
        let intervals = HlogWriter::begin(file("intervals.hlog").map_err(unusable)?, started_at);
        Ok(Self {
            folder: folder.to_owned(),
            intervals: intervals.map_err(unusable)?,
            events: file("events.ndjson").map_err(unusable)?,
            tags: Vec::new(),
            offset_s: 0,
            has_plan,
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

    /// Files what comes under a test.
    pub(crate) fn begin_test(&mut self, test: &str, catalogue: &Catalogue) {
        self.tags = tags(self.has_plan.then_some(test), catalogue);
    }

    /// Says when that test's clock was started, in nanoseconds since the start of the run.
    pub(crate) fn set_offset(&mut self, ns: u64) {
        self.offset_s = ns / 1_000_000_000;
    }

    fn attempt(&mut self, name: &str, write: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.broken.is_none()
            && let Err(problem) = write(self)
        {
            let path = self.folder.join(name);
            self.broken = Some(format!("cannot write {}: {problem}", path.display()));
        }
    }

    /// Writes what is new since the last second.
    pub(crate) fn tick(&mut self, tick: &Tick<'_>) {
        self.attempt("intervals.hlog", |bundle| {
            for delta in tick.deltas {
                let tag = bundle
                    .tags
                    .get(delta.series.0 as usize)
                    .and_then(Option::as_deref);
                if let Some(tag) = tag {
                    let second = bundle.offset_s + delta.second;
                    bundle
                        .intervals
                        .write(second, tag, &delta.outcomes.response_ok)?;
                }
            }
            bundle.intervals.flush()
        });
    }

    /// Writes a line of the log of events.
    pub(crate) fn event(&mut self, at_ns: u64, event: Event) {
        self.attempt("events.ndjson", |bundle| {
            events::write(&mut bundle.events, &Entry { at_ns, event })?;
            bundle.events.flush()
        });
    }

    /// Replaces `run.json` as a whole, so that whoever reads it beside the run never sees half of it.
    pub(crate) fn write_run(&mut self, run: &Run) {
        self.write("run.json", |out| run.write(out));
    }

    /// Writes a file of the folder, all or nothing.
    pub(crate) fn write(
        &mut self,
        name: &str,
        render: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) {
        self.attempt(name, |bundle| {
            let unfinished = bundle.folder.join(format!("{name}.new"));
            let mut file = BufWriter::new(File::create(&unfinished)?);
            render(&mut file)?;
            file.flush()?;
            fs::rename(unfinished, bundle.folder.join(name))
        });
    }

    /// Writes what a run ends with.
    pub(crate) fn finish(&mut self, run: &Run) {
        self.write_run(run);
        self.write("summary.md", |out| {
            plimsoll_report::summary::render(run, out)
        });
        self.write("junit.xml", |out| plimsoll_report::junit::render(run, out));
        self.write("metrics.txt", |out| {
            plimsoll_report::metrics::render(run, out)
        });
    }
}

/// The tag of each series in `intervals.hlog`; hops of redirects have none.
fn tags(test: Option<&str>, catalogue: &Catalogue) -> Vec<Option<String>> {
    let mut tags = vec![None; catalogue.len()];
    let mut set = |series: Series, names: &[&str]| {
        if let Some(slot) = tags.get_mut(series.0 as usize)
            && !matches!(catalogue.kind(series), SeriesKind::Hop(_))
        {
            *slot = Some(tag(test.into_iter().chain(names.iter().copied())));
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
    read_document(&folder.join("run.json"))
}

/// Reads the document of a run.
pub(crate) fn read_document(path: &Path) -> Result<Run, Failure> {
    let text = fs::read_to_string(path).map_err(|problem| {
        Failure::Usage(format!(
            "cannot read {}: {problem}; give the folder of a run, as `plimsoll run` named it at its end",
            path.display()
        ))
    })?;
    Run::read(&text).map_err(|problem| Failure::Usage(format!("{}: {problem}", path.display())))
}
