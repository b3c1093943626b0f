//! The stages joined: articles in, records out, in order and with bounded memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ndarray::{Array3, ArrayView2, s};

use crate::{
    annotation::Record,
    article::{Article, sha256_hex},
    batch::{self, Batch, TOKEN_BUDGET},
    decode::{self, Entity, WordLogits},
    engine::{Engine, EngineError},
    model::{ArticleTokenizer, Label, LabelMap, Model, ModelError, Tokens},
    source::SourceError,
    window::{self, Window, WindowShape},
    words::{Word, words},
};

/// Articles are taken in until they hold this many bytes together: enough
/// windows to sort by length, and few enough to keep in memory.
const CHUNK_BYTES: usize = 1 << 18;

/// What changes which entities come out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Only entities with these labels; `None` for all.
    pub labels: Option<BTreeSet<Label>>,
    /// Only entities with at least this score, 0 to 1.
    pub min_score: f32,
    /// What the model's types are here, before the common schemes.
    pub label_map: LabelMap,
}

/// Annotates articles with one model in one engine.
pub struct Annotator {
    model: Model,
    engine: Box<dyn Engine>,
    settings: Settings,
    settings_hash: String,
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
}

impl AnnotateError {
    /// The code of the error in a record.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Tokenizer(_) => "tokenizer",
            Self::Engine(_) => "engine",
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
    /// The run so far, this record included.
    pub totals: &'run Totals,
}

impl Annotator {
    /// Joins a model, the engine it was loaded into, and settings.
    pub fn new(model: Model, engine: Box<dyn Engine>, settings: Settings) -> Self {
        let special_tokens = model.tokenizer.prefix.len() + model.tokenizer.suffix.len();
        let shape = WindowShape::for_encoder(model.config.max_tokens, special_tokens);
        let settings_hash = hash(&settings, shape);
        Self { model, engine, settings, settings_hash, shape }
    }

    /// The model that annotates.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The entities of one article.
    ///
    /// # Errors
    /// [`AnnotateError`] where tokenizer or engine fail.
    pub fn annotate(&self, article: &Article) -> Result<Vec<Entity>, AnnotateError> {
        self.annotate_all(&[article]).pop().map_or_else(|| Ok(Vec::new()), |annotated| Ok(annotated?.entities))
    }

    /// Annotates several articles, whose windows share batches. One that fails
    /// leaves the others as they are.
    pub fn annotate_all(&self, articles: &[&Article]) -> Vec<Result<Annotated, AnnotateError>> {
        let mut prepared: Vec<Prepared> = articles.iter().map(|article| self.prepare(article)).collect();
        self.infer(&mut prepared);
        let decode = |(article, prepared): (&&Article, Prepared)| {
            if let Some(failure) = prepared.failure {
                return Err(failure);
            }
            let mut entities = decode::entities(article, &prepared.words, &prepared.logits, &self.model.tags);
            entities.retain(|entity| self.keeps(entity));
            Ok(Annotated { entities, words: prepared.words.len() })
        };
        articles.iter().zip(prepared).map(decode).collect()
    }

    /// Annotates all articles of a run and hands a record for each input to
    /// `output`, in input order. Stops early, after whole records, when `stop`
    /// is set or `output` fails.
    ///
    /// # Errors
    /// The first error of `output`.
    pub fn run<E>(
        &self,
        articles: impl IntoIterator<Item = Result<Article, SourceError>>,
        stop: &AtomicBool,
        mut output: impl FnMut(Output<'_>) -> Result<(), E>,
    ) -> Result<Totals, E> {
        let mut totals = Totals::default();
        let mut articles = articles.into_iter().peekable();
        while articles.peek().is_some() {
            let mut chunk = Vec::new();
            let mut bytes = 0;
            while bytes < CHUNK_BYTES
                && let Some(article) = articles.next()
            {
                bytes += article.as_ref().map_or(0, |article| article.text().len()) + 1024;
                chunk.push(article);
            }
            if stop.load(Ordering::Relaxed) {
                totals.interrupted = true;
                break;
            }
            let read: Vec<&Article> = chunk.iter().filter_map(|article| article.as_ref().ok()).collect();
            let mut annotated = self.annotate_all(&read).into_iter();
            for article in &chunk {
                let (record, words) = match article {
                    Ok(article) => self.record(article, annotated.next().unwrap_or_else(|| Ok(Annotated::default()))),
                    Err(error) => (Record::failed(&error.id, error.kind.code(), error.kind.to_string()), 0),
                };
                totals.add(&record, words);
                output(Output { record, article: article.as_ref().ok(), totals: &totals })?;
            }
        }
        Ok(totals)
    }

    /// The record of an article, and how many of its words were read.
    fn record(&self, article: &Article, annotated: Result<Annotated, AnnotateError>) -> (Record, usize) {
        match annotated {
            Ok(annotated) => {
                let record = Record {
                    model: Some(self.model.name.clone()),
                    model_sha256: Some(self.model.sha256.clone()),
                    settings: Some(self.settings_hash.clone()),
                    ..Record::annotated(article, &annotated.entities)
                };
                (record, annotated.words)
            }
            Err(error) => (Record::failed(&article.id, error.code(), error.to_string()), 0),
        }
    }

    fn keeps(&self, entity: &Entity) -> bool {
        entity.score >= self.settings.min_score
            && self.settings.labels.as_ref().is_none_or(|labels| labels.contains(&entity.label))
    }

    /// The engine's logits, of the shape they must have.
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        let (rows, tokens) = batch.ids.dim();
        let (expected, logits) = ((rows, tokens, self.model.tags.len()), self.engine.logits(batch)?);
        let found = logits.dim();
        if found == expected { Ok(logits) } else { Err(EngineError::Shape { expected, found }) }
    }

    /// Everything that comes before the engine.
    fn prepare(&self, article: &Article) -> Prepared {
        let words = words(article.text());
        let (tokens, failure) = match self.model.tokenizer.encode(article.text()) {
            Ok(tokens) => (tokens, None),
            Err(error) => (Tokens::new(), Some(AnnotateError::Tokenizer(error))),
        };
        let windows = window::windows(&tokens, &words, self.shape);
        let logits = WordLogits::new(words.len(), self.model.tags.len());
        Prepared { words, tokens, windows, logits, failure }
    }

    /// Runs all windows of all articles through the engine.
    fn infer(&self, articles: &mut [Prepared]) {
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
            let members = || order[group.clone()].iter().map(|&row| rows[row]);
            let sequences: Vec<Vec<u32>> =
                members().map(|(article, window)| articles[article].sequence(window, tokenizer)).collect();
            match self.logits(&Batch::new(&sequences, tokenizer.pad_id)) {
                Ok(logits) => {
                    for (row, (article, window)) in members().enumerate() {
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
    logits: WordLogits,
    failure: Option<AnnotateError>,
}

impl Prepared {
    /// The ids of a window with the special tokens around it.
    fn sequence(&self, window: usize, tokenizer: &ArticleTokenizer) -> Vec<u32> {
        let content = self.tokens[self.windows[window].tokens.clone()].iter().map(|token| token.id);
        tokenizer.prefix.iter().copied().chain(content).chain(tokenizer.suffix.iter().copied()).collect()
    }

    /// Keeps the logits of the words that are decided in a window;
    /// `logits` is `[tokens, labels]` from the window's first token on.
    fn keep(&mut self, window: usize, logits: ArrayView2<'_, f32>) {
        for word in &self.windows[window].words {
            self.logits.set(word.word, logits.row(word.token));
        }
    }
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
fn hash(settings: &Settings, shape: WindowShape) -> String {
    let canonical =
        serde_json::json!([settings.labels, settings.min_score, settings.label_map, [shape.tokens, shape.stride],]);
    sha256_hex(canonical.to_string().as_bytes())[..12].to_owned()
}

impl std::fmt::Debug for Annotator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Annotator")
            .field("model", &self.model.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
