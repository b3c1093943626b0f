//! One news article: its text, which every offset points into, and what is known about it.

mod language;
mod offsets;

use std::ops::Range;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

pub use language::detect_language;
use offsets::OffsetIndex;
pub use offsets::Span;

/// An article as it was read.
///
/// The text is exactly what offsets point into: decoded to Unicode and
/// otherwise untouched (a byte order mark, CRLF and diacritics stay in it).
#[derive(Debug, Clone)]
pub struct Article {
    /// Names the article within a run; unique there.
    pub id: String,
    /// ISO 639-1 code, where the input says it.
    pub language: Option<String>,
    /// The day of publication, where it is known.
    pub date: Option<ArticleDate>,
    text: String,
    index: OffsetIndex,
}

impl Article {
    /// An article of which nothing but its text is known.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let index = OffsetIndex::new(&text);
        Self { id: id.into(), language: None, date: None, text, index }
    }

    /// The text that all offsets point into.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The length of the text in Unicode code points.
    pub fn char_count(&self) -> usize {
        self.span(0..self.text.len()).map_or(0, |whole| whole.chars().end)
    }

    /// The span of a range of bytes, or `None` where the range is not one of
    /// the text: backwards, past its end or inside a character.
    pub fn span(&self, bytes: Range<usize>) -> Option<Span> {
        self.index.span(&self.text, bytes)
    }

    /// The span of a range of code points, or `None` where the text is shorter.
    pub fn span_of_chars(&self, chars: Range<usize>) -> Option<Span> {
        self.index.span_of_chars(&self.text, chars)
    }

    /// The text at a span of this article; empty for a span that was made by a
    /// longer article.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.bytes()).unwrap_or_default()
    }

    /// SHA-256 of the UTF-8 text, in lower-case hexadecimal.
    pub fn sha256(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The day an article was published, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticleDate {
    /// The day of publication.
    pub day: Date,
    /// Where the day was found.
    pub source: DateSource,
}

/// Where the day of publication was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateSource {
    /// A field of the input record.
    Field,
    /// Metadata of a page.
    Metadata,
    /// A dateline or publication line in the text.
    Dateline,
    /// The file's name.
    Filename,
    /// An option of the run.
    Option,
}
