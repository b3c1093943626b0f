//! The ledger: what a run did with each article, for whoever has to answer for it.
//!
//! One JSON object: `articles`, an array with an object each, in input order,
//! and `run`, about all of them. What is not known is left out.

use std::{
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{RunTotals, Status, Written};
use crate::pipeline::Annotator;

/// The name and version of the form of a ledger. Fields are only ever added.
pub const LEDGER_SCHEMA: &str = "musamma-ledger/1";

/// Writes a ledger while a run goes on.
#[derive(Debug)]
pub struct Ledger<W> {
    output: W,
    began: Instant,
    any: bool,
}

/// What a run was asked to do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunDescription {
    /// The program's version.
    pub musamma: &'static str,
    /// The inputs, as they were given.
    pub inputs: Vec<String>,
    /// Where the records went, unless to standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// What computed: an engine, or `rules` where no model was used.
    pub engine: String,
    /// The model's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// SHA-256 of the weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
    /// The hash of all options that can change the entities, as in the records.
    pub settings: String,
    /// The share of the articles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Files in folders that were passed over.
    pub files_passed_over: usize,
}

impl RunDescription {
    /// What the annotator knows of it.
    pub fn of(annotator: &Annotator) -> Self {
        Self {
            musamma: env!("CARGO_PKG_VERSION"),
            model: annotator.model().map(|model| model.name.clone()),
            model_sha256: annotator.model().map(|model| model.sha256.clone()),
            settings: annotator.settings_hash().to_owned(),
            ..Self::default()
        }
    }
}

/// An article's entry.
#[derive(Debug, Serialize)]
struct Entry<'written> {
    id: &'written str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'written Path>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'written str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'written str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<&'written str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'written str>,
    #[serde(flatten)]
    text: Option<Text>,
    #[serde(flatten)]
    reading: Option<Reading>,
}

/// What is known of an article that could be read.
#[derive(Debug, Serialize)]
struct Text {
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    /// Code points.
    chars: usize,
    /// Code points that are no part of the article.
    excluded_chars: usize,
}

/// What is known of an article that was annotated in this run.
#[derive(Debug, Serialize)]
struct Reading {
    words: usize,
    /// Words the tokenizer has no token for.
    dropped_words: usize,
    windows: usize,
    tokens: usize,
    /// The share of tokens that stand for what the vocabulary does not know.
    unknown_token_rate: f64,
    /// The share of words with tokens that the engine was asked about; an
    /// article with less than 1 has failed.
    coverage: f64,
    seconds: f64,
}

impl<W: Write> Ledger<W> {
    /// Begins a ledger.
    ///
    /// # Errors
    /// Those of the output.
    pub fn new(mut output: W) -> io::Result<Self> {
        write!(output, "{{\"schema\":\"{LEDGER_SCHEMA}\",\"articles\":[")?;
        Ok(Self { output, began: Instant::now(), any: false })
    }

    /// Enters an article.
    ///
    /// # Errors
    /// Those of the output.
    pub fn enter(&mut self, written: &Written<'_>) -> io::Result<()> {
        let record = written.record;
        let entry = Entry {
            id: &record.id,
            path: written.path,
            status: written.status,
            code: record.error.as_ref().map(|error| error.code.as_str()),
            reason: record.error.as_ref().map(|error| error.message.as_str()),
            duplicate_of: record.duplicate_of.as_deref(),
            lang: record.lang.as_deref(),
            text: written.article.map(|article| Text {
                encoding: article.encoding,
                chars: article.char_count(),
                excluded_chars: article.excluded_char_count(),
            }),
            reading: written.effort.map(|effort| Reading {
                words: effort.words,
                dropped_words: effort.dropped_words,
                windows: effort.windows,
                tokens: effort.tokens,
                unknown_token_rate: decimals(share(effort.unknown_tokens, effort.tokens, 0.0)),
                coverage: share(effort.covered_words, effort.words - effort.dropped_words, 1.0),
                seconds: seconds(effort.time),
            }),
        };
        self.output.write_all(if std::mem::replace(&mut self.any, true) { b",\n" } else { b"\n" })?;
        Ok(serde_json::to_writer(&mut self.output, &entry)?)
    }

    /// Closes the ledger and gives the output back.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self, run: &RunDescription, totals: &RunTotals) -> io::Result<W> {
        #[derive(Serialize)]
        struct Run<'run> {
            #[serde(flatten)]
            description: &'run RunDescription,
            #[serde(flatten)]
            totals: &'run RunTotals,
            seconds: f64,
            words_per_second: f64,
        }
        let took = self.began.elapsed();
        let words_per_second = (totals.words as f64 / took.as_secs_f64().max(1e-9)).round();
        let run = Run { description: run, totals, seconds: seconds(took), words_per_second };
        self.output.write_all(b"],\n\"run\":")?;
        serde_json::to_writer(&mut self.output, &run)?;
        self.output.write_all(b"}\n")?;
        Ok(self.output)
    }
}

fn share(part: usize, whole: usize, of_nothing: f64) -> f64 {
    if whole == 0 { of_nothing } else { part as f64 / whole as f64 }
}

fn decimals(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn seconds(time: Duration) -> f64 {
    decimals(time.as_secs_f64())
}
