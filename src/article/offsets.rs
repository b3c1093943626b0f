//! Offsets in three units, and the only way from one to another.

use std::ops::Range;

/// Bytes between two checkpoints of an [`OffsetIndex`].
const STRIDE: usize = 256;

/// A place in an article's text, in the three units programs count in.
///
/// Half-open: the end is one past the last unit. A span is made only by
/// [`Article::span`](super::Article::span) and
/// [`Article::span_of_chars`](super::Article::span_of_chars), so its three
/// ranges always speak of the same slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    bytes: [usize; 2],
    chars: [usize; 2],
    utf16: [usize; 2],
}

impl Span {
    /// Bytes of the UTF-8 form: `&text[span.bytes()]` in Rust, `text[a:b]` in Go.
    pub fn bytes(&self) -> Range<usize> {
        self.bytes[0]..self.bytes[1]
    }

    /// Unicode code points: `text[a:b]` in Python.
    pub fn chars(&self) -> Range<usize> {
        self.chars[0]..self.chars[1]
    }

    /// UTF-16 code units: `text.slice(a, b)` in JavaScript, `substring` in Java and C#.
    pub fn utf16(&self) -> Range<usize> {
        self.utf16[0]..self.utf16[1]
    }
}

/// Where one position stands in each unit.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    byte: usize,
    char: usize,
    utf16: usize,
}

impl Position {
    fn step(self, character: char) -> Self {
        Self { byte: self.byte + character.len_utf8(), char: self.char + 1, utf16: self.utf16 + character.len_utf16() }
    }
}

/// Checkpoints through a text, so that converting an offset reads at most
/// a few hundred bytes instead of everything before it.
#[derive(Debug, Clone)]
pub(super) struct OffsetIndex {
    /// The first character boundary at or after each multiple of [`STRIDE`].
    checkpoints: Vec<Position>,
}

impl OffsetIndex {
    pub(super) fn new(text: &str) -> Self {
        let mut checkpoints = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut position = Position::default();
        for character in text.chars() {
            if position.byte >= checkpoints.len() * STRIDE {
                checkpoints.push(position);
            }
            position = position.step(character);
        }
        if checkpoints.is_empty() {
            checkpoints.push(Position::default());
        }
        Self { checkpoints }
    }

    /// The span of a byte range; `None` where it is not one of `text`
    /// (backwards, past the end, inside a character).
    pub(super) fn span(&self, text: &str, bytes: Range<usize>) -> Option<Span> {
        text.get(bytes.clone())?;
        let start = self.walk(text, |position| position.byte, bytes.start)?;
        let end = self.walk(text, |position| position.byte, bytes.end)?;
        Some(Self::between(start, end))
    }

    /// The span of a range of code points; `None` where the text is shorter.
    pub(super) fn span_of_chars(&self, text: &str, chars: Range<usize>) -> Option<Span> {
        if chars.start > chars.end {
            return None;
        }
        let start = self.walk(text, |position| position.char, chars.start)?;
        let end = self.walk(text, |position| position.char, chars.end)?;
        Some(Self::between(start, end))
    }

    fn between(start: Position, end: Position) -> Span {
        Span { bytes: [start.byte, end.byte], chars: [start.char, end.char], utf16: [start.utf16, end.utf16] }
    }

    /// The position whose `unit` is `target`, walking on from the last checkpoint before it.
    fn walk(&self, text: &str, unit: impl Fn(&Position) -> usize, target: usize) -> Option<Position> {
        let after = self.checkpoints.partition_point(|checkpoint| unit(checkpoint) <= target);
        let mut position = *self.checkpoints.get(after.checked_sub(1)?)?;
        let mut rest = text.get(position.byte..)?.chars();
        while unit(&position) < target {
            position = position.step(rest.next()?);
        }
        (unit(&position) == target).then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(text: &str, bytes: Range<usize>) -> Option<Span> {
        OffsetIndex::new(text).span(text, bytes)
    }

    #[test]
    fn three_units_of_one_slice() {
        let text = "في 🇲🇦 طَنجة";
        let start = text.find('ط').unwrap();
        let span = span(text, start..text.len()).unwrap();
        assert_eq!(&text[span.bytes()], "طَنجة");
        assert_eq!(text.chars().skip(span.chars().start).collect::<String>(), "طَنجة");
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(String::from_utf16(&units[span.utf16()]).unwrap(), "طَنجة");
    }

    #[test]
    fn a_range_that_is_none_of_the_text_has_no_span() {
        assert!(span("طنجة", 1..2).is_none(), "inside a character");
        assert!(span("طنجة", 0..9).is_none(), "past the end");
        #[expect(clippy::reversed_empty_ranges)]
        let backwards = span("abc", 2..1);
        assert!(backwards.is_none());
        assert!(OffsetIndex::new("ab").span_of_chars("ab", 0..3).is_none());
    }

    #[test]
    fn an_empty_text_has_the_empty_span() {
        assert_eq!(span("", 0..0).unwrap().chars(), 0..0);
    }

    proptest! {
        #[test]
        fn every_boundary_converts_both_ways(text in "(\\PC|\u{64e}|\u{1f600}){0,600}") {
            let index = OffsetIndex::new(&text);
            let boundaries: Vec<usize> =
                text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
            for (count, &byte) in boundaries.iter().enumerate() {
                let span = index.span(&text, byte..text.len()).unwrap();
                prop_assert_eq!(span.chars().start, count);
                prop_assert_eq!(span.utf16().start, text[..byte].encode_utf16().count());
                prop_assert_eq!(index.span_of_chars(&text, span.chars()).unwrap(), span);
            }
        }
    }
}
