//! Writing records in the formats `annotate` offers.

use std::io::{self, Write};

use super::{Record, pretty, tsv};
use crate::article::Article;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One record a line, schema `musamma/1`.
    Jsonl,
    /// One entity a line, with a header; articles without entities have none.
    Tsv,
    /// For people: the article with its entities marked, and a table of names.
    Pretty {
        /// Mark entities by colour; otherwise by brackets.
        colour: bool,
    },
}

/// Writes records one after the other.
#[derive(Debug)]
pub struct RecordWriter<W> {
    format: Format,
    header_due: bool,
    output: W,
}

impl<W: Write> RecordWriter<W> {
    /// A writer of records to `output`.
    pub fn new(format: Format, output: W) -> Self {
        Self { format, header_due: format == Format::Tsv, output }
    }

    /// Writes a record whole, in a single call to the output. The article is
    /// needed only by [`Format::Pretty`], for its text.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write(&mut self, record: &Record, article: Option<&Article>) -> io::Result<()> {
        let mut whole = Vec::new();
        if std::mem::take(&mut self.header_due) {
            tsv::header(&mut whole)?;
        }
        match self.format {
            Format::Jsonl => {
                serde_json::to_writer(&mut whole, record)?;
                whole.push(b'\n');
            }
            Format::Tsv => tsv::rows(record, &mut whole)?,
            Format::Pretty { colour } => pretty::page(record, article.map(Article::text), colour, &mut whole)?,
        }
        self.output.write_all(&whole)
    }

    /// Writes what is still due (the header of an empty table), flushes, and
    /// gives the output back.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self) -> io::Result<W> {
        if self.header_due {
            tsv::header(&mut self.output)?;
        }
        self.output.flush()?;
        Ok(self.output)
    }
}
