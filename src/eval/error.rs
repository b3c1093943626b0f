//! What can be wrong with gold or predictions.

use std::{fmt, io, path::PathBuf};

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; `None` where records come from a run, not a file.
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "`{}` line {line}", self.file),
            None => write!(formatter, "`{}`", self.file),
        }
    }
}

/// Gold and predictions that cannot be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A file cannot be opened or read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no JSON object with the fields of a record.
    #[error("{place}: not a record of entities: {reason}")]
    Record {
        /// The line.
        place: Place,
        /// What the parser says.
        reason: String,
    },
    /// A record has neither entities nor an error.
    #[error("{place}: article `{id}` has no `entities`")]
    NoEntities {
        /// The record.
        place: Place,
        /// Its article.
        id: String,
    },
    /// The gold holds no article.
    #[error("no articles in the gold: {}", files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", "))]
    NoGold {
        /// The gold files.
        files: Vec<String>,
    },
    /// An offset that is no whole number, or a span that is empty or backwards.
    #[error(
        "{place}: article `{id}` has an entity from {start} to {end}; expected whole numbers, the first one smaller"
    )]
    Offsets {
        /// The record.
        place: Place,
        /// Its article.
        id: String,
        /// As it stands there.
        start: String,
        /// As it stands there.
        end: String,
    },
    /// A span that ends after its text.
    #[error("{place}: article `{id}` has an entity from {start} to {end}, but its text ends at {chars}")]
    OutsideText {
        /// The record.
        place: Place,
        /// Its article.
        id: String,
        /// First code point.
        start: usize,
        /// One past the last.
        end: usize,
        /// Code points of the text.
        chars: usize,
    },
    /// A label that neither is one of those scored nor mapped to one.
    #[error("{place}: article `{id}` has the unknown label `{label}`; known are {}", known.join(", "))]
    UnknownLabel {
        /// The record.
        place: Place,
        /// Its article.
        id: String,
        /// As it stands there.
        label: String,
        /// The labels that are scored.
        known: Vec<String>,
    },
    /// The same span twice.
    #[error("{place}: article `{id}` has two entities from {start} to {end}")]
    DuplicateEntity {
        /// The record.
        place: Place,
        /// Its article.
        id: String,
        /// First code point.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// Two entities of one article that overlap.
    #[error("{place}: article `{id}` has overlapping entities, {}–{} and {}–{}", first.0, first.1, second.0, second.1)]
    Overlap {
        /// The record.
        place: Place,
        /// Its article.
        id: String,
        /// Start and end of the one that begins first.
        first: (usize, usize),
        /// Start and end of the other.
        second: (usize, usize),
    },
    /// Two records of one article.
    #[error("{place}: a second article `{id}`; the first is in {first}")]
    DuplicateArticle {
        /// The later record.
        place: Place,
        /// The article.
        id: String,
        /// The earlier record.
        first: Place,
    },
    /// A prediction for an article that the gold does not hold.
    #[error("{place}: article `{id}` is not in the gold")]
    ExtraArticle {
        /// The prediction.
        place: Place,
        /// The article.
        id: String,
    },
    /// Something that looks at the text, and an article without one.
    #[error("{what} needs the text of article `{id}`, which neither side has")]
    NoText {
        /// What looks at it.
        what: String,
        /// The article.
        id: String,
    },
    /// Gold and prediction are of different texts.
    #[error("{place}: article `{id}` has another text than in the gold ({gold}), {by}")]
    TextMismatch {
        /// The prediction.
        place: Place,
        /// The article.
        id: String,
        /// The gold record.
        gold: Place,
        /// How that is known.
        by: &'static str,
    },
}

impl EvalError {
    /// What to do about it, where that is not plain from the message.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownLabel { .. } => {
                Some("say what it is with `--map NAME=LABEL`, or drop its entities with `--map NAME=O`")
            }
            Self::Offsets { .. } | Self::OutsideText { .. } => {
                Some("offsets count Unicode code points from 0 (Python's `text[start:end]`), not bytes or UTF-16 units")
            }
            Self::ExtraArticle { .. } => Some("predictions and gold are joined by `id`; leave out what is not scored"),
            Self::TextMismatch { .. } => {
                Some("annotate the text of the gold: `musamma eval --annotate GOLD --gold GOLD`")
            }
            Self::Overlap { .. } | Self::DuplicateEntity { .. } => {
                Some("entities are flat; drop the labels of nested ones with `--map NAME=O`")
            }
            Self::Record { .. } => Some(
                "expected an object a line: {\"id\": …, \"entities\": [{\"start\": 0, \"end\": 5, \"label\": \"PER\"}]}",
            ),
            _ => None,
        }
    }
}
