//! The parts of several runs, joined.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use crate::annotation::Record;

/// Parts that cannot be joined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// A part cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The part.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no record.
    #[error("`{}` line {line} is no record", path.display())]
    NoRecord {
        /// The part.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Two parts have a record of one article.
    #[error("`{id}` is in `{}` and in `{}`; give each part once", first.display(), second.display())]
    SameArticle {
        /// The article.
        id: String,
        /// A part.
        first: PathBuf,
        /// Another.
        second: PathBuf,
    },
    /// The output cannot be written.
    #[error("cannot write the output")]
    Write(#[source] io::Error),
}

/// What was joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merged {
    /// Records written.
    pub records: usize,
    /// Of them, those with an error.
    pub failed: usize,
}

/// A part that is being read.
struct Part {
    path: PathBuf,
    lines: BufReader<File>,
    number: u64,
    next: Option<Record>,
}

impl Part {
    fn open(path: &Path) -> Result<Self, MergeError> {
        let file = File::open(path).map_err(|source| MergeError::Read { path: path.to_owned(), source })?;
        let mut part = Self { path: path.to_owned(), lines: BufReader::new(file), number: 0, next: None };
        part.advance()?;
        Ok(part)
    }

    fn advance(&mut self) -> Result<Option<Record>, MergeError> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line);
        read.map_err(|source| MergeError::Read { path: self.path.clone(), source })?;
        self.number += 1;
        let next = if line.is_empty() {
            None
        } else {
            let wrong = |source| MergeError::NoRecord { path: self.path.clone(), line: self.number, source };
            Some(serde_json::from_slice(&line).map_err(wrong)?)
        };
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// Joins the records of several runs into what a single run over all their
/// articles writes. The records of runs with a share of the articles come in
/// the order of the input; those of other runs follow, part by part.
///
/// # Errors
/// [`MergeError`] where a part cannot be read or an article is in two of them.
pub fn merge(parts: &[PathBuf], mut output: impl Write) -> Result<Merged, MergeError> {
    let mut open = parts.iter().map(|path| Part::open(path)).collect::<Result<Vec<_>, _>>()?;
    let mut merged = Merged::default();
    // Which part an id was in; and the first id of each text.
    let mut ids: HashMap<String, usize> = HashMap::new();
    let mut texts: HashMap<String, String> = HashMap::new();
    loop {
        let place = |(number, part): (usize, &Part)| {
            let record = part.next.as_ref()?;
            Some((record.index.unwrap_or(u64::MAX), number))
        };
        let Some((_, number)) = open.iter().enumerate().filter_map(place).min() else { break };
        let Some(mut record) = open[number].advance()? else { break };
        // A second article with an id has a record that says so, beside the first one's.
        let repeats = record.error.as_ref().is_some_and(|error| error.code == "duplicate_id");
        match ids.get(&record.id) {
            Some(&other) if other != number || !repeats => {
                let (first, second) = (open[other].path.clone(), open[number].path.clone());
                return Err(MergeError::SameArticle { id: record.id, first, second });
            }
            _ => {
                ids.insert(record.id.clone(), number);
            }
        }
        // A part knows only its own articles.
        if let (Some(sha256), Some(1..)) = (&record.sha256, record.chars)
            && record.entities.is_some()
        {
            record.duplicate_of = texts.get(sha256).cloned();
            if record.duplicate_of.is_none() {
                texts.insert(sha256.clone(), record.id.clone());
            }
        }
        record.index = None;
        merged.records += 1;
        merged.failed += usize::from(record.error.is_some());
        let mut line = serde_json::to_vec(&record).map_err(|error| MergeError::Write(error.into()))?;
        line.push(b'\n');
        output.write_all(&line).map_err(MergeError::Write)?;
    }
    output.flush().map_err(MergeError::Write)?;
    Ok(merged)
}
