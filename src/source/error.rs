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
    /// The bytes are not in the encoding they seem to be in, or were said to be in.
    #[error("not {encoding}: the byte at offset {offset} belongs to no character; say what it is with `--encoding`")]
    Encoding {
        /// The encoding's name.
        encoding: &'static str,
        /// Bytes before the first that is wrong.
        offset: usize,
    },
    /// The file holds NUL characters.
    #[error("not text: a NUL at byte {offset}")]
    Binary {
        /// Bytes before the first NUL.
        offset: usize,
    },
    /// There is more of it than an article may have.
    #[error("larger than {limit} bytes; raise `--max-article-bytes` if it is an article")]
    TooLarge {
        /// The most bytes an article may have.
        limit: u64,
    },
    /// The file is not what its name or its first bytes say.
    #[error("not {format} as it should be: {reason}")]
    Malformed {
        /// What it should be.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A table's quote that was opened and not closed, which makes all that follows one field.
    #[error(
        "the quote opened on line {line} is not closed{}; close it, or double it where it is part of the text{}; \
         what stands below that line is read as rows",
        limit.map_or(String::new(), |limit| format!(" within {limit} bytes")),
        if limit.is_some() { ", or raise `--max-article-bytes` where the field is that long" } else { "" }
    )]
    OpenQuote {
        /// The line of the file that it stands on, from 1.
        line: u64,
        /// Where the file goes on: the most bytes an article may have.
        limit: Option<u64>,
    },
    /// There is a form of this format that is not read.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A table without the column of the text.
    #[error("no column `{field}`, only {}; say which holds the text with `--text-field`", quoted(columns))]
    NoColumn {
        /// The column that should hold the text.
        field: String,
        /// The columns that are there.
        columns: Vec<String>,
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
            Self::TooLarge { .. } => "too_large",
            Self::Malformed { .. } | Self::OpenQuote { .. } => "malformed",
            Self::Unsupported(_) => "unsupported",
            Self::Json(_) => "json",
            Self::NoText { .. } | Self::NoColumn { .. } => "no_text",
            Self::DuplicateId => "duplicate_id",
        }
    }
}

/// Inputs that a run cannot begin with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A path that was named does not exist or cannot be looked at.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An input is the file that the run writes to.
    #[error("`{}` is both read and written; give another output", path.display())]
    IsOutput {
        /// As it was given.
        path: PathBuf,
    },
    /// No article in all of the inputs.
    #[error(
        "no articles in {}: looked for files ending in {}, alone or with `.gz` or `.zst` behind",
        quoted(paths.iter().map(|path| path.display())),
        super::InputFormat::ENDINGS.join(", ")
    )]
    Empty {
        /// The inputs.
        paths: Vec<PathBuf>,
    },
    /// Files were read, and there was no article in any of them.
    #[error("no articles in {}", quoted(paths.iter().map(|path| path.display())))]
    NoArticles {
        /// The inputs.
        paths: Vec<PathBuf>,
    },
    /// A glob that is none.
    #[error("cannot use the glob: {0}")]
    Glob(#[source] ignore::Error),
    /// Standard input was named more than once.
    #[error("`-` is given {count} times; standard input can be read once")]
    RepeatedStdin {
        /// How often.
        count: usize,
    },
}

/// A list of names for a message.
fn quoted(names: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
