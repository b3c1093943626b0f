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
    /// The headline, where the input tells it apart from the text.
    pub title: Option<String>,
    /// The encoding of the bytes the text was decoded from, by its WHATWG name;
    /// `None` where it came as text.
    pub encoding: Option<&'static str>,
    /// What the input says of the article that could not be used, for people.
    pub warnings: Vec<String>,
    text: String,
    index: OffsetIndex,
    excluded: Vec<Range<usize>>,
}

impl Article {
    /// An article of which nothing but its text is known.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let index = OffsetIndex::new(&text);
        Self {
            id: id.into(),
            language: None,
            date: None,
            title: None,
            encoding: None,
            warnings: Vec::new(),
            text,
            index,
            excluded: Vec::new(),
        }
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

    /// Says that these ranges of bytes are no part of the article: no entity is
    /// looked for in them. The text and all offsets stay as they are. Ranges that
    /// are none of the text are passed over.
    pub fn exclude(&mut self, ranges: impl IntoIterator<Item = Range<usize>>) {
        let text = &self.text;
        self.excluded.extend(ranges.into_iter().filter(|range| text.get(range.clone()).is_some_and(|s| !s.is_empty())));
        self.excluded.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(self.excluded.len());
        for range in self.excluded.drain(..) {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        self.excluded = merged;
    }

    /// The byte ranges of the text that are no part of the article: sorted, and
    /// never touching each other.
    pub fn excluded(&self) -> &[Range<usize>] {
        &self.excluded
    }

    /// Whether a part of this range of bytes is excluded.
    pub fn is_excluded(&self, bytes: Range<usize>) -> bool {
        let next = self.excluded.partition_point(|range| range.end <= bytes.start);
        self.excluded.get(next).is_some_and(|range| range.start < bytes.end)
    }

    /// How many code points are excluded.
    pub fn excluded_char_count(&self) -> usize {
        self.excluded.iter().filter_map(|range| self.text.get(range.clone())).map(|slice| slice.chars().count()).sum()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_ranges_are_joined_and_those_of_no_text_passed_over() {
        let mut article = Article::new("a", "طنجة abc def");
        #[expect(clippy::single_range_in_vec_init)]
        article.exclude([9..12]);
        #[expect(clippy::reversed_empty_ranges)]
        article.exclude([12..14, 0..1, 99..100, 5..3, 2..2, 0..2]);
        assert_eq!(article.excluded(), [0..2, 9..14]);
        assert_eq!(article.excluded_char_count(), 1 + 5);
        assert!(article.is_excluded(1..4) && article.is_excluded(13..16) && article.is_excluded(0..17));
        assert!(!article.is_excluded(2..9) && !article.is_excluded(14..17));
    }
}
