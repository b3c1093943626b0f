//! What can be wrong with files of other programs.

use std::{io, path::PathBuf};

/// A file that cannot be read as its format, or a document that cannot be written in one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not of the format.
    #[error("`{}` line {line}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is expected there.
        reason: String,
    },
    /// A span that is none of its text.
    #[error("article `{id}` has an entity from {start} to {end}, but its text has {chars} code points")]
    Span {
        /// The article.
        id: String,
        /// First code point.
        start: usize,
        /// One past the last.
        end: usize,
        /// Code points of the text.
        chars: usize,
    },
    /// Two spans of an article that a format with one label a token cannot hold.
    #[error(
        "article `{id}` has overlapping entities, {}–{} and {}–{}, which this format cannot hold",
        first.0, first.1, second.0, second.1
    )]
    Overlap {
        /// The article.
        id: String,
        /// Start and end of the first, in code points.
        first: (usize, usize),
        /// Start and end of the second.
        second: (usize, usize),
    },
    /// A folder in which there is nothing to read.
    #[error("`{}` has no annotations: no file in it ends in .ann or .tsv", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// An id that is no path within a folder.
    #[error("article `{id}` cannot be a file: its id is not a path within the folder")]
    UnsafeId {
        /// The id.
        id: String,
    },
    /// Two articles whose ids stand for one file.
    #[error("article `{id}` would be written to `{}`, as another article is", path.display())]
    SameFile {
        /// The second one's id.
        id: String,
        /// The file.
        path: PathBuf,
    },
}
