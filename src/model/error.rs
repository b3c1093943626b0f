//! What can be wrong with a model folder.

use std::{io, path::PathBuf};

/// A model that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// No model of that name in any place where models are looked for.
    #[error("no model named `{name}`; looked in {}", list(searched))]
    NotFound {
        /// The name that was asked for.
        name: String,
        /// The folders that were looked in.
        searched: Vec<PathBuf>,
    },
    /// The path is no folder.
    #[error("`{}` is not a model folder", path.display())]
    NoFolder {
        /// What was given.
        path: PathBuf,
    },
    /// A file the folder needs is not in it.
    #[error("the model has no `{}`", path.display())]
    MissingFile {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file's content is not what `SHA256SUMS` says.
    #[error("`{}` is damaged: its SHA-256 is {found}, `SHA256SUMS` says {expected}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// From `SHA256SUMS`.
        expected: String,
        /// Of the file.
        found: String,
    },
    /// A line of `SHA256SUMS` is not a checksum and a name.
    #[error("`{}`, line {line}: expected a SHA-256 and a file name", path.display())]
    ChecksumLine {
        /// The `SHA256SUMS` file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// `config.json` does not say what is needed.
    #[error("`{}`: {reason}", path.display())]
    Config {
        /// The `config.json`.
        path: PathBuf,
        /// What is missing or wrong in it.
        reason: String,
    },
    /// `tokenizer.json` could not be loaded or lacks what is needed.
    #[error("`{}`: {reason}", path.display())]
    Tokenizer {
        /// The `tokenizer.json`.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The weights are no safetensors file, or are cut short.
    #[error("`{}` is not a whole safetensors file: {reason}", path.display())]
    Weights {
        /// The weights.
        path: PathBuf,
        /// What the format's reader found.
        reason: String,
    },
    /// The weights are those of a model that does not label tokens.
    #[error("`{}` has no `classifier.weight`: is this a token-classification model?", path.display())]
    NoClassifier {
        /// The weights.
        path: PathBuf,
    },
    /// The classifier has other columns than `id2label` has labels.
    #[error("`{}`: the classifier has {rows} rows, `id2label` has {labels} labels", path.display())]
    LabelCount {
        /// The weights.
        path: PathBuf,
        /// Rows of the classifier's weight.
        rows: usize,
        /// Labels in the configuration.
        labels: usize,
    },
    /// The tokenizer knows ids that the embedding has no row for.
    #[error("`{}`: the embedding has {rows} rows, the tokenizer's vocabulary {vocabulary} entries", path.display())]
    VocabularySize {
        /// The weights.
        path: PathBuf,
        /// Rows of the word embedding.
        rows: usize,
        /// Entries of the tokenizer's vocabulary.
        vocabulary: usize,
    },
    /// Types of the model that are in no common scheme and no `--label-map`.
    #[error("the model has labels that are not known here: {}; all of its labels: {}", unknown.join(", "), all.join(" "))]
    UnknownLabels {
        /// The types' names.
        unknown: Vec<String>,
        /// All labels of the model.
        all: Vec<String>,
    },
    /// A `--label-map` speaks of a type that the model does not have.
    #[error("the label map names `{name}`, which the model does not have; its labels: {}", all.join(" "))]
    UnusedLabelMap {
        /// The name in the map.
        name: String,
        /// All labels of the model.
        all: Vec<String>,
    },
    /// Every type of the model is one that is dropped.
    #[error("none of the model's labels is a person, city, place, organisation or date: {}", all.join(" "))]
    NoLabels {
        /// All labels of the model.
        all: Vec<String>,
    },
}

impl ModelError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound { .. } => "give a folder, or set `MUSAMMA_MODELS` to the folder that holds your models",
            Self::MissingFile { path } if path.ends_with("model.safetensors") => {
                "save the model with `save_pretrained(…, safe_serialization=True)` in one file"
            }
            Self::MissingFile { path } if path.extension().is_some_and(|extension| extension == "onnx") => {
                "make it with `scripts/export-onnx MODEL`, or use `--engine rust-bert`"
            }
            Self::MissingFile { path } if path.ends_with("tokenizer.json") => {
                "save the fast tokenizer with `AutoTokenizer.from_pretrained(…).save_pretrained(…)`"
            }
            Self::Checksum { .. } => {
                "fetch the file again; where you changed it on purpose, delete its line in `SHA256SUMS`"
            }
            Self::UnknownLabels { .. } => "say what they are with `--label-map NAME=LABEL,…` (`NAME=O` drops one)",
            _ => return None,
        })
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}
