//! Runs over many articles: what is done already, what repeats, and what each article took.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    duplicates::{self, Duplicates, Found, Relation},
    reader::{Next, Reader},
    resume::ResumedFile,
    shard::Shard,
};
use crate::{
    annotation::Record,
    article::{Article, sha256_hex},
    model::Label,
    pipeline::{Annotator, Effort, Intake, Output},
    source::{Inputs, ReadOptions, SourceError, SourceErrorKind},
};

/// Finished records that wait for one before them hold at most this many bytes of text.
const WAITING_BYTES: usize = 1 << 22;

/// How long an article of a stream waits for others to be annotated with.
const PATIENCE: Duration = Duration::from_millis(200);

/// What a run does beyond annotating.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunOptions {
    /// Write an article's text into its record.
    pub with_text: bool,
    /// Only the articles of this share.
    pub shard: Option<Shard>,
    /// The share of runs of three words, 0 to 1, from which on an article is a
    /// near duplicate; `None` looks for none.
    pub near_duplicates: Option<f64>,
    /// Stop when more articles than this have failed.
    pub max_failures: Option<usize>,
}

/// How an article's record came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was annotated.
    Annotated,
    /// An earlier run had annotated it.
    Kept,
    /// The entities are those of an article with the same text, or there are
    /// none because it is nearly another.
    Duplicate,
    /// It has an error instead of entities.
    Failed,
}

/// What a run has done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct RunTotals {
    /// Records written, failed ones included.
    pub articles: usize,
    /// Articles that were annotated.
    pub annotated: usize,
    /// Articles whose records an earlier run had made.
    pub kept: usize,
    /// Articles with a text that was there before.
    pub duplicates: usize,
    /// Articles that could not be read or annotated.
    pub failed: usize,
    /// Articles of other shares.
    pub elsewhere: usize,
    /// What was passed over inside of archives: files of unknown endings, and
    /// what is neither page nor text on the web.
    pub passed_over: usize,
    /// Words that were annotated.
    pub words: usize,
    /// Entities of all records by label.
    pub entities: BTreeMap<Label, usize>,
    /// The run was asked to stop before its input ended.
    pub interrupted: bool,
    /// The run stopped because more articles failed than it was to bear.
    pub gave_up: bool,
}

/// A record on its way out.
#[derive(Debug)]
pub struct Written<'run> {
    /// What is written.
    pub record: &'run Record,
    /// The article, unless it could not be read.
    pub article: Option<&'run Article>,
    /// The file it is from; `None` for standard input.
    pub path: Option<&'run Path>,
    /// How it came about.
    pub status: Status,
    /// What it took, where it was annotated.
    pub effort: Option<Effort>,
    /// The run so far, this record included.
    pub totals: &'run RunTotals,
}

/// Annotates the articles of `inputs` and hands a record for each to `output`,
/// in input order. Those that `resumed` holds of earlier runs with the same text,
/// model and settings stay as they are; those whose text was there before have
/// the entities of the first. Stops after whole records when `stop` is set.
///
/// An article of standard input has its record soon after it was read, however
/// long the next one takes.
///
/// # Errors
/// The first error of `output`.
pub fn annotate<E>(
    annotator: &Annotator,
    inputs: &Inputs,
    reading: &ReadOptions,
    options: &RunOptions,
    resumed: Option<&Mutex<ResumedFile>>,
    stop: &AtomicBool,
    output: impl FnMut(Written<'_>) -> Result<(), E>,
) -> Result<RunTotals, E> {
    let is_stream = inputs.files.iter().any(|input| input.path.is_none());
    let reader = Reader::start(inputs, reading);
    let state = Mutex::new(State {
        annotator,
        options,
        resumed,
        duplicates: Duplicates::new(options.near_duplicates),
        seen: HashSet::new(),
        queue: VecDeque::new(),
        waiting: 0,
        waiting_bytes: 0,
        index: 0,
        totals: RunTotals::default(),
        output,
    });
    let failure = Mutex::new(None);
    // Since when an article of a stream waits for others.
    let mut since: Option<Instant> = None;
    let mut ended = false;
    let intake = std::iter::from_fn(|| {
        loop {
            {
                let state = lock(&state);
                if ended || state.totals.gave_up || stop.load(Ordering::Relaxed) || lock(&failure).is_some() {
                    return None;
                }
                since = since.filter(|_| state.waiting > 0);
                if state.waiting_bytes > WAITING_BYTES && state.waiting > 0 {
                    return Some(Intake::Flush);
                }
            }
            let deadline = since.filter(|_| is_stream).map(|since| since + PATIENCE);
            match reader.next(deadline, stop) {
                Next::Late => {
                    since = None;
                    return Some(Intake::Flush);
                }
                Next::End => ended = true,
                Next::Stopped => {}
                Next::Article(path, article) => {
                    let mut state = lock(&state);
                    match state.take(path, article) {
                        Ok(Some(article)) => {
                            since = since.or_else(|| Some(Instant::now()));
                            return Some(Intake::Article(article));
                        }
                        Ok(None) => {}
                        Err(error) => {
                            *lock(&failure) = Some(error);
                            return None;
                        }
                    }
                }
            }
        }
    });
    let run = annotator.run_intake(intake, stop, |output| lock(&state).put(output));
    let totals = run.and_then(|_| match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(Some(error)),
        None => Ok(()),
    });
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut run = state.totals;
    run.passed_over = reader.passed_over();
    match totals {
        Ok(()) => {
            run.interrupted = !run.gave_up && (!ended || state.waiting > 0);
            Ok(run)
        }
        Err(None) => Ok(run),
        Err(Some(error)) => Err(error),
    }
}

/// What intake and output share.
struct State<'run, F> {
    annotator: &'run Annotator,
    options: &'run RunOptions,
    resumed: Option<&'run Mutex<ResumedFile>>,
    duplicates: Duplicates,
    /// The keys of the ids that were seen.
    seen: HashSet<u128>,
    /// What has been taken in and not been written, in input order.
    queue: VecDeque<Slot>,
    /// How many of them are with the annotator.
    waiting: usize,
    /// Bytes of the texts of the others.
    waiting_bytes: usize,
    /// Articles of the input so far.
    index: u64,
    totals: RunTotals,
    output: F,
}

/// An article between intake and output.
struct Slot {
    path: Option<Arc<Path>>,
    index: u64,
    sha256: String,
    duplicate_of: Option<String>,
    what: What,
}

enum What {
    /// The annotator has it.
    Waiting,
    /// Its record is there.
    Done(Box<Article>, Box<Record>, Status),
    /// Its entities are those of an article before it. The record is without them.
    Duplicate(Box<Article>, Box<Record>),
}

impl<F, E> State<'_, F>
where
    F: FnMut(Written<'_>) -> Result<(), E>,
{
    /// Takes an article in, and returns it if it is to be annotated.
    fn take(
        &mut self,
        path: Option<Arc<Path>>,
        article: Result<Article, SourceError>,
    ) -> Result<Option<Result<Article, SourceError>>, E> {
        let index = self.index;
        self.index += 1;
        let id = article.as_ref().map_or_else(|error| &error.id, |article| &article.id);
        if self.options.shard.is_some_and(|shard| !shard.holds(id)) {
            self.totals.elsewhere += 1;
            return Ok(None);
        }
        let article = article.and_then(|article| {
            if self.seen.insert(duplicates::key(&sha256_hex(article.id.as_bytes()))) {
                Ok(article)
            } else {
                Err(SourceError { id: article.id, kind: SourceErrorKind::DuplicateId })
            }
        });
        let mut slot = Slot { path, index, sha256: String::new(), duplicate_of: None, what: What::Waiting };
        let Ok(mut article) = article else {
            self.queue.push_back(slot);
            self.waiting += 1;
            return Ok(Some(article));
        };
        self.annotator.mark_furniture(&mut article);
        slot.sha256 = article.sha256();
        // The record of an article that will be annotated is made there, of one reading of its dates.
        match self.duplicates.relation(&article, &slot.sha256) {
            Relation::Same { of } => {
                slot.duplicate_of = Some(of);
                let header = self.annotator.header(&article);
                slot.what = What::Duplicate(Box::new(article), Box::new(header));
            }
            Relation::Near { of } => {
                slot.duplicate_of = Some(of);
                let record = Record { entities: None, ..self.annotator.header(&article) };
                slot.what = What::Done(Box::new(article), Box::new(record), Status::Duplicate);
            }
            relation @ (Relation::New | Relation::SameText { .. }) => {
                if let Relation::SameText { of } = relation {
                    slot.duplicate_of = Some(of);
                }
                let Some(record) = self.kept(&article, &slot.sha256) else {
                    self.queue.push_back(slot);
                    self.waiting += 1;
                    return Ok(Some(Ok(article)));
                };
                self.duplicates.remember(&slot.sha256, &record);
                slot.what = What::Done(Box::new(article), Box::new(record), Status::Kept);
            }
        }
        if let What::Done(article, ..) | What::Duplicate(article, _) = &slot.what {
            self.waiting_bytes += article.text().len() + 1024;
        }
        self.queue.push_back(slot);
        self.drain().map(|()| None)
    }

    /// The record that an earlier run made of the same text in the same way.
    fn kept(&self, article: &Article, sha256: &str) -> Option<Record> {
        let mut earlier = lock(self.resumed?).earlier(&article.id);
        earlier.retain(|earlier| earlier.entities.is_some() && earlier.sha256.as_deref() == Some(sha256));
        if earlier.is_empty() {
            return None;
        }
        let header = self.annotator.header(article);
        let same = |earlier: &Record| {
            (&earlier.model_sha256, &earlier.settings) == (&header.model_sha256, &header.settings)
                && (&earlier.lang, earlier.date, earlier.date_source) == (&header.lang, header.date, header.date_source)
        };
        let entities = earlier.into_iter().find(same)?.entities;
        Some(Record { entities, ..header })
    }

    /// Writes the record of the next article that was annotated, and those that waited for it.
    fn put(&mut self, output: Output<'_>) -> Result<(), Option<E>> {
        if self.totals.gave_up {
            return Err(None);
        }
        let Some(slot) = self.queue.pop_front() else { return Ok(()) };
        self.waiting -= 1;
        let status = if output.record.error.is_some() { Status::Failed } else { Status::Annotated };
        self.duplicates.remember(&slot.sha256, &output.record);
        self.totals.words += output.effort.words;
        let effort = Some(output.effort).filter(|_| status == Status::Annotated);
        self.write(&slot, output.record, output.article, status, effort)?;
        self.drain()?;
        if self.totals.gave_up { Err(None) } else { Ok(()) }
    }

    /// Writes the records at the head of the queue that are there.
    fn drain(&mut self) -> Result<(), E> {
        while let Some(mut slot) = self.queue.pop_front_if(|slot| !matches!(slot.what, What::Waiting)) {
            let (article, record, status) = match std::mem::replace(&mut slot.what, What::Waiting) {
                What::Waiting => continue,
                What::Done(article, record, status) => (article, *record, status),
                What::Duplicate(article, header) => {
                    let record = match self.duplicates.found(&slot.sha256) {
                        Some(Found::Entities(entities)) => Record { entities: Some(entities.to_vec()), ..*header },
                        Some(Found::Failed(error)) => Record::failed(header.id, &error.code, &error.message),
                        None => Record { entities: None, ..*header },
                    };
                    let failed = record.error.is_some();
                    (article, record, if failed { Status::Failed } else { Status::Duplicate })
                }
            };
            self.waiting_bytes = self.waiting_bytes.saturating_sub(article.text().len() + 1024);
            self.write(&slot, record, Some(&article), status, None)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        slot: &Slot,
        mut record: Record,
        article: Option<&Article>,
        status: Status,
        effort: Option<Effort>,
    ) -> Result<(), E> {
        if self.totals.gave_up {
            return Ok(());
        }
        if record.error.is_none() {
            record.duplicate_of.clone_from(&slot.duplicate_of);
            record.text = article.filter(|_| self.options.with_text).map(|article| article.text().to_owned());
        }
        record.index = self.options.shard.map(|_| slot.index);
        let totals = &mut self.totals;
        totals.articles += 1;
        match status {
            Status::Annotated => totals.annotated += 1,
            Status::Kept => totals.kept += 1,
            Status::Failed => totals.failed += 1,
            Status::Duplicate => {}
        }
        totals.duplicates += usize::from(record.duplicate_of.is_some());
        for entity in record.entities.iter().flatten() {
            *totals.entities.entry(entity.label).or_default() += 1;
        }
        totals.gave_up = self.options.max_failures.is_some_and(|most| totals.failed > most);
        (self.output)(Written { record: &record, article, path: slot.path.as_deref(), status, effort, totals })
    }
}

/// What a lock guards, also after a panic elsewhere, which has its own way out.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
