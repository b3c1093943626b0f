//! The parts of a corpus that are scored by themselves.

use std::fmt;

use super::AlignedArticle;

/// What articles are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupBy {
    /// The language that the gold says, or the prediction.
    Language,
    /// The folder in the article's id: what stands before its last `/`.
    Folder,
    /// The gold file.
    File,
}

impl GroupBy {
    /// The name, as in `--by` and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Language => "lang",
            Self::Folder => "folder",
            Self::File => "file",
        }
    }

    /// The group of an article; `–` where nothing is known.
    pub(super) fn group(self, article: &AlignedArticle) -> String {
        let group = match self {
            Self::Language => article.lang.as_deref(),
            Self::Folder => article.id.rsplit_once('/').map(|(folder, _)| folder),
            Self::File => Some(article.source.as_str()),
        };
        group.unwrap_or("–").to_owned()
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
