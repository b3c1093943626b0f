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
