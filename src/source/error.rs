//! What can be wrong with an input.

use std::{io, path::PathBuf};

/// An article that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{id}`: {kind}")]
pub struct SourceError {
    /// The id of the article, or where it should have been: `FILE:LINE`.
    pub id: String,
    /// What is wrong.
    #[source]
    pub kind: SourceErrorKind,
}

/// What is wrong with an article.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceErrorKind {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// The bytes are not UTF-8.
    #[error(
        "not UTF-8: the byte at offset {offset} belongs to no character; convert the file, for example with `iconv`"
    )]
    Encoding {
        /// Bytes before the first that is wrong.
        offset: usize,
    },
    /// The file holds NUL characters.
    #[error("not text: a NUL at byte {offset}")]
    Binary {
        /// Bytes before the first NUL.
        offset: usize,
    },
    /// The line is no JSON object.
    #[error("not a JSON object: {0}")]
    Json(#[source] serde_json::Error),
    /// The record has no text.
    #[error("no text: expected a string in the field `{field}`")]
    NoText {
        /// The field that should hold it.
        field: String,
    },
    /// Another article of the run has this id.
    #[error("an article with this id was read before; this one is left out")]
    DuplicateId,
}

impl SourceErrorKind {
    /// The code of the error in a record.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Encoding { .. } => "encoding",
            Self::Binary { .. } => "binary",
            Self::Json(_) => "json",
            Self::NoText { .. } => "no_text",
            Self::DuplicateId => "duplicate_id",
        }
    }
}

/// Inputs that a run cannot begin with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A path that was named does not exist or cannot be looked at.
    #[error("cannot open `{}`: {source}", path.display())]
    Open {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No article in all of the inputs.
    #[error("no articles in {}: looked for files ending in {}", paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", "), super::InputFormat::ENDINGS.join(", "))]
    Empty {
        /// The inputs.
        paths: Vec<PathBuf>,
    },
    /// Standard input was named more than once.
    #[error("`-` is given {count} times; standard input can be read once")]
    RepeatedStdin {
        /// How often.
        count: usize,
    },
}
