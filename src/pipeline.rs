//! The stages joined: articles in, records out, in order and with bounded memory.
//!
//! A run works on several chunks of articles at a time. Each goes through all
//! stages in one thread, so that while one is in the engine others are tokenised
//! and decoded; reading and writing are left to the caller's thread.

mod ordered;

use std::{
    collections::{BTreeMap, BTreeSet},
    iter::Fuse,
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::civil::Date;
use ndarray::{Array2, Array3, ArrayView2, Axis, s};

use self::ordered::Step;
use crate::{
    annotation::Record,
    article::{Article, ArticleDate, sha256_hex},
    batch::{self, Batch, TOKEN_BUDGET},
    dates::{self, DateMention, Dates},
    decode::{self, Entity, WordScores},
    engine::{Engine, EngineError},
    furniture,
    model::{ArticleTokenizer, Label, LabelMap, Model, ModelError, Tokens},
    source::SourceError,
    window::{self, Window, WindowShape},
    words::{Word, words},
};

/// Articles are taken in until they hold this many bytes together, divided by
/// the number of chunks that are worked on at a time: enough windows to sort by
/// length, and few enough to keep in memory.
const CHUNK_BYTES: usize = 1 << 18;
/// The least a chunk holds, and what the first one does: records soon begin to
/// come out.
const FIRST_CHUNK_BYTES: usize = 1 << 15;

/// What changes which entities come out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Only entities with these labels; `None` for all.
    pub labels: Option<BTreeSet<Label>>,
    /// Only entities with at least this score, 0 to 1.
    pub min_score: f32,
    /// Only entities with at least this score for their label, 0 to 1.
    pub thresholds: BTreeMap<Label, f32>,
    /// What the model's types are here, before the common schemes.
    pub label_map: LabelMap,
    /// The day of articles that tell none themselves.
    pub reference_date: Option<Date>,
    /// Look for entities in page furniture too.
    pub raw: bool,
}

/// Annotates articles: with one model in one engine, and dates by rule.
pub struct Annotator {
    /// `None` where only dates are looked for.
    tagger: Option<Tagger>,
    settings: Settings,
    settings_hash: String,
}

/// A model in its engine.
struct Tagger {
    model: Model,
    engine: Box<dyn Engine>,
    shape: WindowShape,
}

/// Why an article could not be annotated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnnotateError {
    /// The tokenizer could not read it.
    #[error(transparent)]
    Tokenizer(ModelError),
    /// The engine failed on a batch with one of its windows.
    #[error("{0}")]
    Engine(Arc<EngineError>),
    /// The engine was not asked about some of its words.
    #[error("{missed} of {words} words were in no window; this is a fault of the program")]
    Coverage {
        /// Words without an answer.
        missed: usize,
        /// All words that have tokens.
        words: usize,
    },
}

impl AnnotateError {
    /// The code of the error in a record.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Tokenizer(_) => "tokenizer",
            Self::Engine(_) => "engine",
            Self::Coverage { .. } => "coverage",
        }
    }
}

/// What was found in an article.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotated {
    /// Sorted, never overlapping.
    pub entities: Vec<Entity>,
    /// How many words the article has.
    pub words: usize,
    /// The day it was published, and how that is known.
    pub date: Option<ArticleDate>,
    /// What it took to read it.
    pub effort: Effort,
}

/// What it took to read an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// Its words.
    pub words: usize,
    /// Words for which the tokenizer has no token; the model never sees them.
    pub dropped_words: usize,
    /// Words with tokens that the engine gave logits for.
    pub covered_words: usize,
    /// Its tokens, without special tokens.
    pub tokens: usize,
    /// Tokens that stand for what the vocabulary does not know.
    pub unknown_tokens: usize,
    /// Its windows.
    pub windows: usize,
    /// Time spent on it; that of a batch is shared by its windows.
    pub time: Duration,
}

/// What a run takes in, one after the other.
#[derive(Debug)]
pub enum Intake {
    /// An article, or why it could not be read.
    Article(Result<Article, SourceError>),
    /// The next article may take a while: what was taken in is annotated first.
    Flush,
}

/// What a run has done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Records made, failed ones included.
    pub articles: usize,
    /// Records of articles that could not be read or annotated.
    pub failed: usize,
    /// Words of the annotated articles.
    pub words: usize,
    /// Entities by label.
    pub entities: BTreeMap<Label, usize>,
    /// Whether the run was asked to stop before its input ended.
    pub interrupted: bool,
}

/// One record on its way out.
#[derive(Debug)]
pub struct Output<'run> {
    /// What is written.
    pub record: Record,
    /// The article, unless it could not be read.
    pub article: Option<&'run Article>,
    /// What it took to read it.
    pub effort: Effort,
    /// The run so far, this record included.
    pub totals: &'run Totals,
}

impl Annotator {
    /// Joins a model, the engine it was loaded into, and settings.
    pub fn new(model: Model, engine: Box<dyn Engine>, settings: Settings) -> Self {
        let special_tokens = model.tokenizer.prefix.len() + model.tokenizer.suffix.len();
        let shape = WindowShape::for_encoder(model.config.max_tokens, special_tokens);
        let settings_hash = hash(&settings, Some(shape));
        Self { tagger: Some(Tagger { model, engine, shape }), settings, settings_hash }
    }

    /// Finds dates only, by rule: no model is loaded, and no other label is found.
    pub fn dates_only(settings: Settings) -> Self {
        let settings_hash = hash(&settings, None);
        Self { tagger: None, settings, settings_hash }
    }

    /// The model that annotates, where there is one.
    pub fn model(&self) -> Option<&Model> {
        self.tagger.as_ref().map(|tagger| &tagger.model)
    }

    /// A short hash of all settings that can change which entities come out, the model aside.
    pub fn settings_hash(&self) -> &str {
        &self.settings_hash
    }

    /// Excludes the article's [furniture], unless the settings say otherwise.
    pub fn mark_furniture(&self, article: &mut Article) {
        if !self.settings.raw {
            furniture::mark(article);
        }
    }

    /// The record of an article with all but its entities.
    pub fn header(&self, article: &Article) -> Record {
        let dates = Dates::read(article.text(), article.language.as_deref());
        let date = dates::date_of(article, &dates, self.settings.reference_date);
        self.describe(Record::annotated(article, &[]), date)
    }

    /// Writes model, settings and date into a record.
    fn describe(&self, record: Record, date: Option<ArticleDate>) -> Record {
        Record {
            model: self.model().map(|model| model.name.clone()),
            model_sha256: self.model().map(|model| model.sha256.clone()),
            date: date.map(|date| date.day),
            date_source: date.map(|date| date.source),
            settings: Some(self.settings_hash.clone()),
            ..record
        }
    }

    /// The entities of one article, outside of what it [excludes](Article::excluded).
    /// Its furniture is for the caller to [mark](Self::mark_furniture); [`Annotator::run`] does.
    ///
    /// # Errors
    /// [`AnnotateError`] where tokenizer or engine fail.
    pub fn annotate(&self, article: &Article) -> Result<Vec<Entity>, AnnotateError> {
        self.annotate_all(&[article]).pop().map_or_else(|| Ok(Vec::new()), |annotated| Ok(annotated?.entities))
    }

    /// Annotates several articles, whose windows share batches. One that fails
    /// leaves the others as they are.
    pub fn annotate_all(&self, articles: &[&Article]) -> Vec<Result<Annotated, AnnotateError>> {
        self.annotate_until(&|| false, articles)
    }

    /// Annotates several articles. Once `stop` says so, no further batch is
    /// computed and what comes back is of no use.
    fn annotate_until(&self, stop: &dyn Fn() -> bool, articles: &[&Article]) -> Vec<Result<Annotated, AnnotateError>> {
        let Some(tagger) = &self.tagger else {
            return articles
                .iter()
                .map(|article| {
                    let began = Instant::now();
                    let words = read_words(article);
                    let found = self.finish(article, &words, |dates, _| decode::dated(article, dates, &words));
                    let effort = Effort {
                        words: words.len(),
                        covered_words: words.len(),
                        time: began.elapsed(),
                        ..Effort::default()
                    };
                    Ok(Annotated { effort, ..found })
                })
                .collect();
        };
        let mut prepared: Vec<Prepared> = articles.iter().map(|article| tagger.prepare(article)).collect();
        tagger.infer(&mut prepared, stop);
        let decode = |(article, prepared): (&&Article, Prepared)| {
            if let Some(failure) = prepared.failure {
                return Err(failure);
            }
            let began = Instant::now();
            let effort = prepared.effort(tagger.model.tokenizer.unknown_id);
            let words = effort.words - effort.dropped_words;
            if effort.covered_words < words {
                return Err(AnnotateError::Coverage { missed: words - effort.covered_words, words });
            }
            let tags = &tagger.model.tags;
            let scores = prepared.scores(tags.len());
            let entities = decode::entities(article, &prepared.words, &scores, tags);
            let found = self.finish(article, &prepared.words, |dates, day| {
                decode::merge_dates(article, entities, dates, &prepared.words, day)
            });
            let effort = Effort { time: effort.time + began.elapsed(), ..effort };
            Ok(Annotated { effort, ..found })
        };
        articles.iter().zip(prepared).map(decode).collect()
    }

    /// The dates of an article, joined with what the model found, and what the settings keep of them.
    fn finish(
        &self,
        article: &Article,
        words: &[Word],
        join: impl FnOnce(Vec<DateMention>, Option<Date>) -> Vec<Entity>,
    ) -> Annotated {
        let dates = Dates::read(article.text(), article.language.as_deref());
        let date = dates::date_of(article, &dates, self.settings.reference_date);
        let day = date.map(|date| date.day);
        let mut mentions = dates.mentions(day);
        mentions.retain(|mention| !article.is_excluded(mention.range.clone()));
        let mut entities = join(mentions, day);
        entities.retain(|entity| self.keeps(entity));
        Annotated { entities, words: words.len(), date, effort: Effort::default() }
    }

    /// Annotates all articles of a run and hands a record for each input to
    /// `output`, in input order. Stops early, after whole records, when `stop`
    /// is set (it is looked at before each batch) or `output` fails.
    ///
    /// # Errors
    /// The first error of `output`.
    pub fn run<E>(
        &self,
        articles: impl IntoIterator<Item = Result<Article, SourceError>>,
        stop: &AtomicBool,
        output: impl FnMut(Output<'_>) -> Result<(), E>,
    ) -> Result<Totals, E> {
        let marked = |article: Result<Article, SourceError>| {
            article.map(|mut article| {
                self.mark_furniture(&mut article);
                article
            })
        };
        self.run_intake(articles.into_iter().map(|article| Intake::Article(marked(article))), stop, output)
    }

    /// As [`run`](Self::run), for a source that says when it would keep the
    /// articles before waiting, and that has marked their furniture.
    ///
    /// # Errors
    /// The first error of `output`.
    pub fn run_intake<E>(
        &self,
        intake: impl IntoIterator<Item = Intake>,
        stop: &AtomicBool,
        mut output: impl FnMut(Output<'_>) -> Result<(), E>,
    ) -> Result<Totals, E> {
        let workers = match &self.tagger {
            Some(tagger) => tagger.engine.callers(),
            None => thread::available_parallelism().map_or(1, NonZeroUsize::get),
        };
        let failed = AtomicBool::new(false);
        let halted = || stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
        let annotate = |chunk: Vec<Result<Article, SourceError>>| {
            let read: Vec<&Article> = chunk.iter().filter_map(|article| article.as_ref().ok()).collect();
            let mut annotated = self.annotate_until(&halted, &read).into_iter();
            let record = |article: &Result<Article, SourceError>| match article {
                Ok(article) => self.record(article, annotated.next().unwrap_or_else(|| Ok(Annotated::default()))),
                Err(error) => (Record::failed(&error.id, error.kind.code(), error.kind.to_string()), Effort::default()),
            };
            let records: Vec<(Record, Effort)> = chunk.iter().map(record).collect();
            (chunk, records)
        };
        let mut totals = Totals::default();
        let finished = ordered::in_order(workers, Chunks::of(intake, workers), annotate, |(chunk, records)| {
            if stop.load(Ordering::Relaxed) {
                totals.interrupted = true;
                return Ok(ControlFlow::Break(()));
            }
            for (article, (record, effort)) in chunk.iter().zip(records) {
                totals.add(&record, effort.words);
                output(Output { record, article: article.as_ref().ok(), effort, totals: &totals })
                    .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            }
            Ok(ControlFlow::Continue(()))
        });
        finished.map(|()| totals)
    }

    /// The record of an article, and what it took.
    fn record(&self, article: &Article, annotated: Result<Annotated, AnnotateError>) -> (Record, Effort) {
        match annotated {
            Ok(annotated) => {
                let record = self.describe(Record::annotated(article, &annotated.entities), annotated.date);
                (record, annotated.effort)
            }
            Err(error) => (Record::failed(&article.id, error.code(), error.to_string()), Effort::default()),
        }
    }

    fn keeps(&self, entity: &Entity) -> bool {
        let threshold = self.settings.thresholds.get(&entity.label).copied().unwrap_or(0.0);
        entity.score >= self.settings.min_score.max(threshold)
            && self.settings.labels.as_ref().is_none_or(|labels| labels.contains(&entity.label))
    }
}

/// The articles of a run, cut into those that are annotated together.
struct Chunks<I> {
    intake: Fuse<I>,
    /// What the next one holds.
    bytes: usize,
    /// What the largest ones hold.
    most_bytes: usize,
    /// Whether the last one ended because the next article may take a while.
    flushed: bool,
}

impl<I: Iterator<Item = Intake>> Chunks<I> {
    fn of(intake: impl IntoIterator<IntoIter = I>, workers: usize) -> Self {
        let most_bytes = (CHUNK_BYTES / workers.max(1)).max(FIRST_CHUNK_BYTES);
        Self { intake: intake.into_iter().fuse(), bytes: FIRST_CHUNK_BYTES, most_bytes, flushed: false }
    }
}

impl<I: Iterator<Item = Intake>> Iterator for Chunks<I> {
    type Item = Step<Vec<Result<Article, SourceError>>>;

    fn next(&mut self) -> Option<Self::Item> {
        if std::mem::take(&mut self.flushed) {
            return Some(Step::Drain);
        }
        let mut chunk = Vec::new();
        let mut bytes = 0;
        while bytes < self.bytes {
            match self.intake.next() {
                Some(Intake::Article(article)) => {
                    bytes += article.as_ref().map_or(0, |article| article.text().len()) + 1024;
                    chunk.push(article);
                }
                Some(Intake::Flush) if chunk.is_empty() => return Some(Step::Drain),
                Some(Intake::Flush) => {
                    self.flushed = true;
                    break;
                }
                None => break,
            }
        }
        self.bytes = (self.bytes * 2).min(self.most_bytes);
        (!chunk.is_empty()).then_some(Step::Piece(chunk))
    }
}

impl Tagger {
    /// The engine's logits, of the shape they must have.
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        let (rows, tokens) = batch.ids.dim();
        let (expected, logits) = ((rows, tokens, self.model.tags.len()), self.engine.logits(batch)?);
        let found = logits.dim();
        if found == expected { Ok(logits) } else { Err(EngineError::Shape { expected, found }) }
    }

    /// Everything that comes before the engine.
    fn prepare(&self, article: &Article) -> Prepared {
        let began = Instant::now();
        let words = read_words(article);
        let (tokens, failure) = match self.model.tokenizer.encode(article.text()) {
            Ok(tokens) => (tokens, None),
            Err(error) => (Tokens::new(), Some(AnnotateError::Tokenizer(error))),
        };
        let windows = window::windows(&tokens, &words, self.shape);
        let logits = vec![Array2::default((0, 0)); windows.len()];
        Prepared { words, tokens, windows, logits, failure, time: began.elapsed() }
    }

    /// Runs all windows of all articles through the engine, until `stop` says so.
    fn infer(&self, articles: &mut [Prepared], stop: &dyn Fn() -> bool) {
        let tokenizer = &self.model.tokenizer;
        let mut rows = Vec::new();
        let mut lengths = Vec::new();
        for (article, prepared) in articles.iter().enumerate() {
            for (window, content) in prepared.windows.iter().enumerate() {
                rows.push((article, window));
                lengths.push(tokenizer.prefix.len() + content.tokens.len() + tokenizer.suffix.len());
            }
        }
        let (order, groups) = batch::group(&lengths, TOKEN_BUDGET);
        for group in groups {
            if stop() {
                return;
            }
            let members = || order[group.clone()].iter().map(|&row| rows[row]);
            let sequences: Vec<Vec<u32>> =
                members().map(|(article, window)| articles[article].sequence(window, tokenizer)).collect();
            let began = Instant::now();
            match self.logits(&Batch::new(&sequences, tokenizer.pad_id)) {
                Ok(logits) => {
                    // Each row is as long as the others, padding included.
                    let share = began.elapsed() / u32::try_from(group.len()).unwrap_or(u32::MAX);
                    for (row, (article, window)) in members().enumerate() {
                        articles[article].time += share;
                        articles[article].keep(window, logits.slice(s![row, tokenizer.prefix.len().., ..]));
                    }
                }
                Err(error) => {
                    let error = Arc::new(error);
                    for (article, _) in members() {
                        articles[article].failure = Some(AnnotateError::Engine(Arc::clone(&error)));
                    }
                }
            }
        }
    }
}

/// An article between words and entities.
struct Prepared {
    words: Vec<Word>,
    tokens: Tokens,
    windows: Vec<Window>,
    /// For each window the logits of its words, `[words, labels]`.
    logits: Vec<Array2<f32>>,
    failure: Option<AnnotateError>,
    time: Duration,
}

impl Prepared {
    /// The ids of a window with the special tokens around it.
    fn sequence(&self, window: usize, tokenizer: &ArticleTokenizer) -> Vec<u32> {
        let content = self.tokens[self.windows[window].tokens.clone()].iter().map(|token| token.id);
        tokenizer.prefix.iter().copied().chain(content).chain(tokenizer.suffix.iter().copied()).collect()
    }

    /// Keeps the logits of a window's words; `logits` is `[tokens, labels]` from
    /// the window's first token on.
    fn keep(&mut self, window: usize, logits: ArrayView2<'_, f32>) {
        let first_tokens: Vec<usize> = self.windows[window].words.iter().map(|word| word.token).collect();
        self.logits[window] = logits.select(Axis(0), &first_tokens);
    }

    /// What it took so far.
    fn effort(&self, unknown_id: Option<u32>) -> Effort {
        let mut is_covered = vec![false; self.words.len()];
        for (window, logits) in self.windows.iter().zip(&self.logits) {
            window.words.iter().take(logits.nrows()).for_each(|word| is_covered[word.word] = true);
        }
        Effort {
            words: self.words.len(),
            dropped_words: window::dropped(&self.tokens, &self.words),
            covered_words: is_covered.into_iter().filter(|&is_covered| is_covered).count(),
            tokens: self.tokens.len(),
            unknown_tokens: self.tokens.iter().filter(|token| Some(token.id) == unknown_id).count(),
            windows: self.windows.len(),
            time: self.time,
        }
    }

    /// What all windows say of the words, added up in their order, so that it
    /// does not depend on the batches they were in.
    fn scores(&self, labels: usize) -> WordScores {
        let mut scores = WordScores::new(self.words.len(), labels);
        for (window, logits) in self.windows.iter().zip(&self.logits) {
            for (word, row) in window.words.iter().zip(logits.rows()) {
                scores.add(word.word, row, word.weight);
            }
        }
        scores
    }
}

/// The words of an article that are labelled.
fn read_words(article: &Article) -> Vec<Word> {
    let mut words = words(article.text());
    if !article.excluded().is_empty() {
        words.retain(|word| !article.is_excluded(word.range()));
    }
    words
}

impl Totals {
    fn add(&mut self, record: &Record, words: usize) {
        self.articles += 1;
        self.failed += usize::from(record.error.is_some());
        self.words += words;
        for entity in record.entities.iter().flatten() {
            *self.entities.entry(entity.label).or_default() += 1;
        }
    }
}

/// A short hash of everything that can change which entities come out, the model aside.
fn hash(settings: &Settings, shape: Option<WindowShape>) -> String {
    let canonical = serde_json::json!([
        settings.labels,
        settings.min_score,
        settings.thresholds,
        settings.label_map,
        shape.map(|shape| [shape.tokens, shape.stride]),
        settings.reference_date,
        settings.raw,
    ]);
    sha256_hex(canonical.to_string().as_bytes())[..12].to_owned()
}

impl std::fmt::Debug for Annotator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Annotator")
            .field("model", &self.model().map(|model| &model.name))
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
