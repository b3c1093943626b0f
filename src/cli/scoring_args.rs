//! The options that say how annotations are scored, and how scores are written.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{parse, printer::Printer};
use crate::{
    eval::{AnnotationSet, Bootstrap, Corpus, Labels, Mode, TableStyle},
    export::{Document, ForeignFormat},
};

/// Missing articles that are named one by one on standard error.
const NAMED: usize = 20;

#[derive(Debug, Args)]
#[command(next_help_heading = "Scoring")]
pub(super) struct ScoringArgs {
    /// What counts as right, e.g. `strict,exact,partial,type`
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_value = "strict,partial")]
    modes: Vec<ModeArg>,

    /// Other names for labels on both sides, e.g. `CITY=LOC,MISC=O`
    ///
    /// Joins labels that one of the sides does not tell apart, or says what the
    /// names of another scheme are here; `O` drops a label. What is mapped to is
    /// scored, whether Musamma has such a label or not.
    #[arg(long, value_name = "NAME=LABEL,…", value_delimiter = ',', value_parser = parse::mapping::<String>)]
    map: Vec<(String, Option<String>)>,

    /// How predictions are written; by default their names tell: `.conll`, `.tsv`,
    /// folders, and JSONL for all others
    #[arg(long, value_name = "FORMAT")]
    pub(super) from: Option<ForeignArg>,

    /// How the gold is written, in the same way
    #[arg(long, value_name = "FORMAT")]
    pub(super) gold_from: Option<ForeignArg>,

    /// How often to draw the articles anew for the 95 % intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,

    /// Seed of these draws; the same seed gives the same intervals
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// How to write the scores
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    format: FormatArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    /// Same span and same label
    Strict,
    /// Same span, any label
    Exact,
    /// Overlapping spans count half, any label
    Partial,
    /// Overlapping span, same label
    Type,
    /// Same span but for attached Arabic clitics and French elisions, same label
    Clitic,
    /// Distinct names of each article instead of mentions, same label
    Document,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// For people; scores in percent
    Table,
    /// For programs; scores as fractions
    Json,
    /// For documents; scores in percent
    Markdown,
}

/// The formats of other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ForeignArg {
    /// Our own: an article a line
    Jsonl,
    /// Tokens with IOB2 tags in the last column
    Conll,
    /// `Doc.to_json`, an article a line
    Spacy,
    /// JSONL of doccano
    Doccano,
    /// Tasks of Label Studio
    LabelStudio,
    /// Folder of brat's `.txt` and `.ann`
    Brat,
    /// Folder of WebAnno or INCEpTION TSV 3
    Webanno,
}

impl From<ForeignArg> for ForeignFormat {
    fn from(format: ForeignArg) -> Self {
        match format {
            ForeignArg::Jsonl => Self::Jsonl,
            ForeignArg::Conll => Self::Conll,
            ForeignArg::Spacy => Self::Spacy,
            ForeignArg::Doccano => Self::Doccano,
            ForeignArg::LabelStudio => Self::LabelStudio,
            ForeignArg::Brat => Self::Brat,
            ForeignArg::Webanno => Self::Webanno,
        }
    }
}

/// Whether files are CoNLL files.
pub(super) fn are_conll(paths: &[PathBuf], format: Option<ForeignArg>) -> bool {
    let format_of = |path: &PathBuf| format.map_or_else(|| ForeignFormat::of(path), ForeignFormat::from);
    paths.iter().all(|path| format_of(path) == ForeignFormat::Conll)
}

/// Reads annotations in a format, or in the one their names speak of.
pub(super) fn open(paths: &[PathBuf], format: Option<ForeignArg>, labels: &Labels) -> anyhow::Result<AnnotationSet> {
    let format_of = |path: &PathBuf| format.map_or_else(|| ForeignFormat::of(path), ForeignFormat::from);
    if paths.iter().all(|path| format_of(path) == ForeignFormat::Jsonl) {
        return Ok(AnnotationSet::open(paths, labels)?);
    }
    let mut set = AnnotationSet::default();
    for path in paths {
        let file = path.display().to_string();
        for Document { id, text, spans, .. } in format_of(path).read(path)? {
            let spans = spans.iter().map(|span| (span.start, span.end, span.label.as_str(), span.score));
            set.add_article(&id, text, spans, &file, labels)?;
        }
    }
    Ok(set)
}

impl ScoringArgs {
    /// The modes of `--modes`.
    pub(super) fn modes(&self) -> Vec<Mode> {
        self.modes.iter().map(|&mode| mode.into()).collect()
    }

    /// The labels after `--map`.
    pub(super) fn labels(&self) -> Labels {
        Labels::new(self.map.iter().cloned())
    }

    /// The bootstrap of `--bootstrap` and `--seed`.
    pub(super) fn bootstrap(&self) -> Option<Bootstrap> {
        NonZeroUsize::new(self.bootstrap).map(|samples| Bootstrap { samples, seed: self.seed })
    }

    /// Prints scores in the format of `--format`.
    pub(super) fn print(
        &self,
        tables: impl FnOnce(TableStyle) -> String,
        json: impl FnOnce() -> Value,
    ) -> anyhow::Result<()> {
        let written = match self.format {
            FormatArg::Table => tables(TableStyle::Plain),
            FormatArg::Markdown => tables(TableStyle::Markdown),
            FormatArg::Json => format!("{:#}\n", json()),
        };
        io::stdout().lock().write_all(written.as_bytes()).context("cannot write the scores")
    }
}

/// Says which articles count as missed, and why where that is known.
pub(super) fn name_missing(corpus: &Corpus, printer: Printer) {
    for failure in &corpus.failures {
        printer.problem(&format!("`{}` was not annotated: {}", failure.id, failure.message));
    }
    let silent = |id: &&String| !corpus.failures.iter().any(|failure| failure.id == **id);
    let missing: Vec<&String> = corpus.missing.iter().filter(silent).collect();
    for id in missing.iter().take(NAMED) {
        printer.problem(&format!("no prediction for `{id}`: all its entities count as missed"));
    }
    if missing.len() > NAMED {
        printer
            .problem(&format!("no prediction for {} more articles; `--format json` lists them", missing.len() - NAMED));
    }
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Strict => Self::Strict,
            ModeArg::Exact => Self::Exact,
            ModeArg::Partial => Self::Partial,
            ModeArg::Type => Self::Type,
            ModeArg::Clitic => Self::Clitic,
            ModeArg::Document => Self::Document,
        }
    }
}
