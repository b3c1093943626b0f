//! Records as tables, for programs that count and join: a row an entity, with
//! what is known of its article.
//!
//! | format | holds |
//! | --- | --- |
//! | CSV | one row an entity |
//! | Parquet | the same, with types: days are days, offsets and scores numbers |
//! | SQLite | `articles`, those that failed too; `entities`; and `counts`, a view of names |
//!
//! Columns have the same names in all three. Offsets come in all units, ends exclusive.

mod csv;
mod parquet;
mod sqlite;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::ExportError;
use crate::run::{OutputError, OutputFile};

/// The formats there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableFormat {
    /// Comma-separated values with a header, quoted as spreadsheets read them.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// A SQLite database.
    Sqlite,
}

/// A table that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The records cannot be read.
    #[error(transparent)]
    Input(#[from] ExportError),
    /// The output cannot be put in its place.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// It cannot be written.
    #[error("cannot write the table")]
    Write(#[from] io::Error),
    /// The Parquet library refuses.
    #[error("cannot write the table")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// The SQLite library refuses.
    #[error("cannot write the table")]
    Sqlite(#[from] rusqlite::Error),
}

impl TableFormat {
    /// Writes the records in `input` to `output`.
    ///
    /// # Errors
    /// [`TableError`]; the output's target then stays as it is.
    pub fn write(self, input: &Path, mut output: OutputFile) -> Result<(), TableError> {
        let rows = Lines::open(input)?;
        match self {
            Self::Csv => csv::write(rows, &mut output)?,
            Self::Parquet => parquet::write(rows, &mut output)?,
            Self::Sqlite => {
                output.begin()?;
                sqlite::write(rows, output.path())?;
            }
        }
        Ok(output.finish()?)
    }
}

/// An article's line, as far as tables have room for it. Gold files, which say less, are read too.
#[derive(Debug, Default, Deserialize)]
struct ArticleLine {
    id: Id,
    sha256: Option<String>,
    chars: Option<i64>,
    lang: Option<String>,
    date: Option<String>,
    date_source: Option<String>,
    model: Option<String>,
    settings: Option<String>,
    duplicate_of: Option<String>,
    text: Option<String>,
    entities: Option<Vec<EntityLine>>,
    error: Option<ErrorLine>,
}

/// An id, which other programs may have written as a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

impl Default for Id {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(id) => id.fmt(formatter),
            Self::Number(id) => id.fmt(formatter),
        }
    }
}

#[derive(Debug, Deserialize)]
struct EntityLine {
    start: i64,
    end: i64,
    bytes: Option<[i64; 2]>,
    utf16: Option<[i64; 2]>,
    label: String,
    text: Option<String>,
    name: Option<String>,
    score: Option<f64>,
    value: Option<String>,
    from: Option<String>,
    to: Option<String>,
    conflict: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ErrorLine {
    code: String,
    message: String,
}

/// A cell of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell<'row> {
    Text(Option<&'row str>),
    Integer(Option<i64>),
    Number(Option<f64>),
    /// A day, as it is written in the record.
    Day(Option<&'row str>),
}

/// The columns of an entity's row, those of its article first.
const COLUMNS: [&str; 22] = [
    "article_id",
    "sha256",
    "chars",
    "lang",
    "date",
    "date_source",
    "model",
    "settings",
    "duplicate_of",
    "label",
    "text",
    "name",
    "score",
    "char_start",
    "char_end",
    "byte_start",
    "byte_end",
    "utf16_start",
    "utf16_end",
    "value",
    "first_day",
    "last_day",
];

/// An entity's row: a cell for each of [`COLUMNS`].
fn row<'row>(id: &'row str, article: &'row ArticleLine, entity: &'row EntityLine) -> [Cell<'row>; 22] {
    let text = |value: &'row Option<String>| Cell::Text(value.as_deref());
    let day = |value: &'row Option<String>| Cell::Day(value.as_deref());
    let offset = |range: Option<[i64; 2]>, at: usize| Cell::Integer(range.map(|range| range[at]));
    [
        Cell::Text(Some(id)),
        text(&article.sha256),
        Cell::Integer(article.chars),
        text(&article.lang),
        day(&article.date),
        text(&article.date_source),
        text(&article.model),
        text(&article.settings),
        text(&article.duplicate_of),
        Cell::Text(Some(&entity.label)),
        text(&entity.text),
        text(&entity.name),
        Cell::Number(entity.score),
        Cell::Integer(Some(entity.start)),
        Cell::Integer(Some(entity.end)),
        offset(entity.bytes, 0),
        offset(entity.bytes, 1),
        offset(entity.utf16, 0),
        offset(entity.utf16, 1),
        text(&entity.value),
        day(&entity.from),
        day(&entity.to),
    ]
}

/// The lines of a file of records, one by one.
struct Lines {
    path: PathBuf,
    lines: io::Lines<BufReader<File>>,
    number: usize,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, ExportError> {
        let file = File::open(path).map_err(|source| ExportError::Read { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), lines: BufReader::new(file).lines(), number: 0 })
    }
}

impl Iterator for Lines {
    type Item = Result<ArticleLine, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next()? {
                Ok(line) => line,
                Err(source) => return Some(Err(ExportError::Read { path: self.path.clone(), source })),
            };
            self.number += 1;
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |error: serde_json::Error| ExportError::Format {
                path: self.path.clone(),
                line: self.number,
                reason: format!("expected a record with `id` and `entities`: {error}"),
            };
            return Some(serde_json::from_str(line).map_err(wrong));
        }
    }
}
