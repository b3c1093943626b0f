//! Whether records say what the articles say: every slice in every unit, ids and hashes.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::Shard;
use crate::{
    annotation::{EntityRecord, Record},
    article::Article,
    source::SourceError,
};

/// Something that is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A line is no record.
    #[error("line {line} is no record of the schema: {reason}")]
    NoRecord {
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// Two records have one id.
    #[error("lines {first} and {second} have the same id")]
    SameId {
        /// From 1.
        first: u64,
        /// From 1.
        second: u64,
    },
    /// An article has no record.
    #[error("no record")]
    NoRecordOfArticle,
    /// A record has no article.
    #[error("line {line}: there is no such article")]
    NoArticle {
        /// From 1.
        line: u64,
    },
    /// The record is of another text.
    #[error("the text has the SHA-256 {found}, the record says {expected}")]
    Hash {
        /// As the record says.
        expected: String,
        /// Of the article.
        found: String,
    },
    /// The record holds another text than its article.
    #[error("the record's own `text` is not the article's")]
    Text,
    /// The length is another.
    #[error("the text has {found} code points, the record says {expected}")]
    Chars {
        /// As the record says.
        expected: usize,
        /// Of the article.
        found: usize,
    },
    /// The article can be read, and the record says it cannot.
    #[error("the record has the error `{code}`, but the article can be read")]
    Readable {
        /// The record's.
        code: String,
    },
    /// The article cannot be read, and the record says it can.
    #[error("the article cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
    /// An entity's offsets are none of the text, or another slice of it.
    #[error("entity {number}, `{text}`: its {unit} say `{found}`")]
    Slice {
        /// From 1.
        number: usize,
        /// As the record says.
        text: String,
        /// `start` and `end`, `bytes` or `utf16`.
        unit: &'static str,
        /// What stands there, or that nothing does.
        found: String,
    },
    /// An entity begins before the one before it ends, or is empty.
    #[error("entity {number}, `{text}`, is empty, or begins before the one before it ends")]
    Order {
        /// From 1.
        number: usize,
        /// As the record says.
        text: String,
    },
}

impl Problem {
    /// A name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRecord { .. } => "no_record",
            Self::SameId { .. } => "same_id",
            Self::NoRecordOfArticle => "missing",
            Self::NoArticle { .. } => "no_article",
            Self::Hash { .. } => "hash",
            Self::Text => "text",
            Self::Chars { .. } => "chars",
            Self::Readable { .. } => "readable",
            Self::Unreadable { .. } => "unreadable",
            Self::Slice { .. } => "slice",
            Self::Order { .. } => "order",
        }
    }
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// Records.
    pub records: usize,
    /// Records that say why there are no entities.
    pub failed: usize,
    /// Entities, each in three units.
    pub entities: usize,
    /// What is wrong.
    pub problems: usize,
}

/// A record file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`", path.display())]
pub struct VerifyError {
    path: PathBuf,
    source: io::Error,
}

/// Where a record stands, and whether its article was seen.
struct Line {
    number: u64,
    start: u64,
    length: usize,
    seen: bool,
}

/// Checks the records of a file against the articles they were made from, and
/// calls `report` with the id and what is wrong, for each thing that is.
///
/// # Errors
/// [`VerifyError`] where the records cannot be read.
pub fn verify(
    records: &Path,
    articles: impl IntoIterator<Item = Result<Article, SourceError>>,
    shard: Option<Shard>,
    mut report: impl FnMut(&str, &Problem),
) -> Result<Verified, VerifyError> {
    let failed = |source| VerifyError { path: records.to_owned(), source };
    let mut verified = Verified::default();
    let mut tell = |verified: &mut Verified, id: &str, problem: Problem| {
        verified.problems += 1;
        report(id, &problem);
    };
    let mut file = File::open(records).map_err(failed)?;
    let mut lines: HashMap<String, Line> = HashMap::new();
    // Of a second article with an id, there is a record that says so.
    let mut repeated: HashMap<String, usize> = HashMap::new();
    let mut reader = BufReader::new(&file);
    let (mut number, mut start, mut bytes) = (0, 0, Vec::new());
    loop {
        bytes.clear();
        let length = reader.read_until(b'\n', &mut bytes).map_err(failed)?;
        if length == 0 {
            break;
        }
        number += 1;
        let line = Line { number, start, length, seen: false };
        start += length as u64;
        match serde_json::from_slice::<Record>(&bytes) {
            Err(error) => {
                tell(&mut verified, "", Problem::NoRecord { line: number, reason: error.to_string() });
            }
            Ok(record) => {
                verified.records += 1;
                verified.failed += usize::from(record.error.is_some());
                if record.error.is_some_and(|error| error.code == "duplicate_id") {
                    *repeated.entry(record.id).or_default() += 1;
                } else if let Some(first) = lines.get(&record.id) {
                    tell(&mut verified, &record.id, Problem::SameId { first: first.number, second: number });
                } else {
                    lines.insert(record.id, line);
                }
            }
        }
    }
    let mut seen_before = std::collections::HashSet::new();
    for article in articles {
        let id = article.as_ref().map_or_else(|error| error.id.clone(), |article| article.id.clone());
        if shard.is_some_and(|shard| !shard.holds(&id)) {
            continue;
        }
        if !seen_before.insert(id.clone()) {
            if let Some(count) = repeated.get_mut(&id).filter(|count| **count > 0) {
                *count -= 1;
            } else {
                tell(&mut verified, &id, Problem::NoRecordOfArticle);
            }
            continue;
        }
        let Some(line) = lines.get_mut(&id) else {
            tell(&mut verified, &id, Problem::NoRecordOfArticle);
            continue;
        };
        line.seen = true;
        let mut bytes = vec![0; line.length];
        file.seek(SeekFrom::Start(line.start)).and_then(|_| file.read_exact(&mut bytes)).map_err(failed)?;
        let Ok(record) = serde_json::from_slice::<Record>(&bytes) else { continue };
        let mut problems = Vec::new();
        match article {
            Ok(article) => {
                verified.entities += record.entities.as_ref().map_or(0, Vec::len);
                problems = check(&record, &article);
            }
            Err(error) if record.error.is_none() => {
                problems.push(Problem::Unreadable { reason: error.kind.to_string() });
            }
            Err(_) => {}
        }
        for problem in problems {
            tell(&mut verified, &id, problem);
        }
    }
    let mut unseen: Vec<(u64, String)> =
        lines.into_iter().filter(|(_, line)| !line.seen).map(|(id, line)| (line.number, id)).collect();
    unseen.sort_unstable();
    for (line, id) in unseen {
        tell(&mut verified, &id, Problem::NoArticle { line });
    }
    Ok(verified)
}

/// What is wrong with the record of an article.
pub fn check(record: &Record, article: &Article) -> Vec<Problem> {
    // A tokenizer or an engine may fail on an article that can be read.
    const OF_READING: [&str; 6] = ["unreadable", "encoding", "binary", "json", "no_text", "duplicate_id"];
    let mut problems = Vec::new();
    if let Some(error) = &record.error {
        if OF_READING.contains(&error.code.as_str()) {
            problems.push(Problem::Readable { code: error.code.clone() });
        }
        return problems;
    }
    let (expected, found) = (record.sha256.clone().unwrap_or_default(), article.sha256());
    if expected != found {
        // All offsets are those of another text.
        return vec![Problem::Hash { expected, found }];
    }
    let (expected, found) = (record.chars.unwrap_or_default(), article.char_count());
    if expected != found {
        problems.push(Problem::Chars { expected, found });
    }
    if record.text.as_ref().is_some_and(|text| text != article.text()) {
        problems.push(Problem::Text);
    }
    let utf16: Vec<u16> = article.text().encode_utf16().collect();
    let mut end = 0;
    for (index, entity) in record.entities.iter().flatten().enumerate() {
        let (number, text) = (index + 1, entity.text.clone());
        let mut slice = |unit, found: Option<String>| {
            if found.as_ref() != Some(&entity.text) {
                let found = found.unwrap_or_else(|| "nothing".into());
                problems.push(Problem::Slice { number, text: entity.text.clone(), unit, found });
            }
        };
        slice("code points", code_points(article, entity));
        slice("bytes", article.text().get(entity.bytes[0]..entity.bytes[1]).map(str::to_owned));
        let units = utf16.get(entity.utf16[0]..entity.utf16[1]);
        slice("UTF-16 units", units.and_then(|units| String::from_utf16(units).ok()));
        if entity.start < end || entity.start >= entity.end {
            problems.push(Problem::Order { number, text });
        }
        end = entity.end;
    }
    problems
}

fn code_points(article: &Article, entity: &EntityRecord) -> Option<String> {
    let span = article.span_of_chars(entity.start..entity.end)?;
    // Two units that name different places with the same text in them.
    let same_place = span.bytes() == (entity.bytes[0]..entity.bytes[1]);
    let same_units = span.utf16() == (entity.utf16[0]..entity.utf16[1]);
    let slice = article.slice(span).to_owned();
    Some(if same_place && same_units { slice } else { format!("{slice} at another place") })
}
