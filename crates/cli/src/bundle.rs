//! The result folder of a run, written as the run goes: the logs of what is killed lack a second at most, its document
//! what came since it was made anew.

use crate::failure::Failure;
use crate::journal;
use plimsoll_engine::Tick;
use plimsoll_measure::catalogue::{Catalogue, Series, SeriesKind};
use plimsoll_report::document::Run;
use plimsoll_report::events::{self, Entry, Event};
use plimsoll_report::hlog::{HlogWriter, tag};
use plimsoll_scenario::SourceFile;
use std::collections::BTreeMap;
use std::ffi::OsStr;
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
    /// What could not be written, by its file. A log is not gone on with then; a document is tried again whenever it
    /// is made anew.
    broken: BTreeMap<&'static str, String>,
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
        let copies: Vec<&SourceFile> = copies.into_iter().collect();
        let names = copy_names(copies.iter().map(|source| source.path.as_path()));
        let copies: Vec<_> = names
            .iter()
            .map(|name| folder.join(name))
            .zip(copies)
            .collect();
        let is_of_a_run = OUTPUTS.iter().any(|name| folder.join(name).exists());
        if !is_of_a_run {
            for (copy, source) in &copies {
                leave_what_is_not_ours(copy, source)?;
            }
        }
        // The logs are begun anew below.
        remove_outputs(folder, &["intervals.hlog", "events.ndjson"])?;
        for (copy, source) in copies {
            fs::write(copy, &source.content).map_err(unusable)?;
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
            broken: BTreeMap::new(),
        })
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What could not be written, if anything.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.values().next().map(String::as_str)
    }

    fn breaks(&mut self, name: &'static str, problem: &io::Error) {
        let path = self.folder.join(name);
        let text = format!(
            "cannot write {}: {problem}; make room, or choose another folder with --out",
            path.display()
        );
        self.broken.insert(name, text);
    }

    /// Files what comes under a test.
    pub(crate) fn begin_test(&mut self, test: &str, catalogue: &Catalogue) {
        self.tags = tags(self.has_plan.then_some(test), catalogue);
    }

    /// Says when that test's clock was started, in nanoseconds since the start of the run.
    pub(crate) fn set_offset(&mut self, ns: u64) {
        self.offset_s = ns / 1_000_000_000;
    }

    /// Goes on with a log, unless a part of it is missing already.
    fn go_on(&mut self, name: &'static str, write: impl FnOnce(&mut Self) -> io::Result<()>) {
        if !self.broken.contains_key(name)
            && let Err(problem) = write(self)
        {
            self.breaks(name, &problem);
        }
    }

    /// Writes what is new since the last second.
    pub(crate) fn tick(&mut self, tick: &Tick<'_>) {
        self.go_on("intervals.hlog", |bundle| {
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
        self.go_on("events.ndjson", |bundle| {
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
        name: &'static str,
        render: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) {
        let unfinished = self.folder.join(format!("{name}.new"));
        let replace = || {
            let mut file = BufWriter::new(File::create(&unfinished)?);
            render(&mut file)?;
            file.flush()?;
            fs::rename(&unfinished, self.folder.join(name))
        };
        match replace() {
            Ok(()) => {
                self.broken.remove(name);
            }
            Err(problem) => {
                let _ = fs::remove_file(&unfinished);
                self.breaks(name, &problem);
            }
        }
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

/// What the copies of these files are called, in their order. Those of one name keep apart: `book.yaml`, `book-2.yaml`.
pub(crate) fn copy_names<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for path in paths {
        let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let (stem, extension) = (text(path.file_stem()), text(path.extension()));
        let called = |turn: usize| match (turn, extension.as_str()) {
            (1, _) => text(path.file_name()),
            (turn, "") => format!("{stem}-{turn}"),
            (turn, extension) => format!("{stem}-{turn}.{extension}"),
        };
        let free = (1..).map(called).find(|name| !names.contains(name));
        names.extend(free);
    }
    names
}

/// A file that no run wrote must not be lost to a copy.
fn leave_what_is_not_ours(copy: &Path, source: &SourceFile) -> Result<(), Failure> {
    match fs::read(copy) {
        Ok(there) if *there != *source.content => Err(Failure::Usage(format!(
            "{} is there, and is another file than {}, of which a copy is kept there; choose another folder with --out",
            copy.display(),
            source.path.display()
        ))),
        _ => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_files_with_one_name_keep_apart() {
        let paths = [
            "shop.yaml",
            "slo/book.yaml",
            "more/book.yaml",
            "scenarios/shop.yaml",
            "a/b/book.yaml",
            "plan",
            "x/plan",
        ];
        assert_eq!(
            copy_names(paths.map(Path::new)),
            [
                "shop.yaml",
                "book.yaml",
                "book-2.yaml",
                "shop-2.yaml",
                "book-3.yaml",
                "plan",
                "plan-2"
            ]
        );
    }

    #[test]
    fn a_file_that_no_run_wrote_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let source = SourceFile {
            path: "scenarios/shop.yaml".into(),
            content: b"name: shop".to_vec().into(),
        };
        let create = || {
            let result = Bundle::create(folder.path(), [&source], false, jiff::Timestamp::now());
            result.map(|_| ()).map_err(|failure| failure.to_string())
        };
        let there = folder.path().join("shop.yaml");
        std::fs::write(&there, "mine").unwrap();
        let refused = create().unwrap_err();
        assert!(
            refused.contains("choose another folder with --out"),
            "{refused}"
        );
        assert_eq!(std::fs::read(&there).unwrap(), b"mine");
        // What an earlier run left is replaced, as is the file itself.
        std::fs::write(folder.path().join("run.json"), "{}").unwrap();
        create().unwrap();
        assert_eq!(*std::fs::read(&there).unwrap(), *source.content);
        remove_outputs(folder.path(), &[]).unwrap();
        create().unwrap();
    }

    #[test]
    fn a_document_that_could_not_be_written_is_tried_again_and_a_log_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut bundle = Bundle::create(folder.path(), [], false, jiff::Timestamp::now()).unwrap();
        bundle.write("summary.md", |_| Err(io::ErrorKind::StorageFull.into()));
        assert!(bundle.broken().unwrap().contains("make room"));
        assert!(!folder.path().join("summary.md.new").exists());
        bundle.write("summary.md", |out| out.write_all(b"all of it"));
        assert_eq!(bundle.broken(), None);
        bundle.go_on("events.ndjson", |_| Err(io::ErrorKind::StorageFull.into()));
        bundle.go_on("events.ndjson", |_| panic!("a part of it is missing"));
        bundle.write("summary.md", |out| out.write_all(b"and more"));
        assert!(bundle.broken().unwrap().contains("events.ndjson"));
    }
}
