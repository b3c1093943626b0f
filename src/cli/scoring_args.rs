//! The options that say how annotations are scored, and how scores are written.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::printer::Printer;
use crate::eval::{Bootstrap, Corpus, Labels, Mode, TableStyle};

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
    #[arg(long, value_name = "NAME=LABEL,…", value_delimiter = ',', value_parser = parse_mapping)]
    map: Vec<(String, Option<String>)>,

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

/// One `NAME=LABEL`; `NAME=O` and `NAME=` drop the label.
fn parse_mapping(written: &str) -> Result<(String, Option<String>), String> {
    let (name, label) = written.split_once('=').ok_or_else(|| format!("expected NAME=LABEL, found `{written}`"))?;
    if name.is_empty() {
        return Err(format!("no name before `=` in `{written}`"));
    }
    Ok((name.to_owned(), Some(label).filter(|label| !matches!(*label, "" | "O")).map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_renames_or_drops() {
        assert_eq!(parse_mapping("CITY=LOC"), Ok(("CITY".into(), Some("LOC".into()))));
        assert_eq!(parse_mapping("MISC=O"), Ok(("MISC".into(), None)));
        assert!(parse_mapping("CITY").is_err() && parse_mapping("=LOC").is_err());
    }
}
