//! Windows: the stretches of an article that fit the encoder.
//!
//! Windows overlap, so that every word has context on both sides in one of
//! them. A word that stands in several is decided by all, each weighted by the
//! context the word has there. A window begins and ends between words, except
//! where a single word is longer than a window.

use std::ops::Range;

use crate::{model::Token, words::Word};

/// How long windows are and how far they overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowShape {
    /// The most tokens in a window, special tokens not counted.
    pub tokens: usize,
    /// Tokens from the beginning of a window to that of the next, at most.
    pub stride: usize,
}

impl WindowShape {
    /// The length the bundled model is trained on, for an encoder that takes at
    /// most `max_tokens` of which `special_tokens` are taken.
    ///
    /// Windows share a sixth of their length. A third costs a quarter more time
    /// and finds less: on 169 labelled articles of five sets F1 is 0.3 to 1.5
    /// lower (strict, without dates, `e5-news-v1` in f32).
    pub fn for_encoder(max_tokens: usize, special_tokens: usize) -> Self {
        let tokens = max_tokens.saturating_sub(special_tokens).clamp(1, 254);
        Self { tokens, stride: (tokens * 5 / 6).max(1) }
    }
}

/// A stretch of an article's tokens, and the words whose labels are read in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Indices into the article's tokens.
    pub tokens: Range<usize>,
    /// The words whose first token is here, in order.
    pub words: Vec<WordToken>,
}

/// Where a word's label is read: at its first token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordToken {
    /// Index into the article's words.
    pub word: usize,
    /// Index into the window's tokens.
    pub token: usize,
    /// What this window's say counts beside that of others with the same word.
    pub weight: f32,
}

/// The windows of an article. Words the tokenizer dropped are in none.
pub fn windows(tokens: &[Token], words: &[Word], shape: WindowShape) -> Vec<Window> {
    let first_tokens: Vec<(usize, usize)> =
        first_tokens(tokens, words).enumerate().filter_map(|(word, first)| Some((word, first?))).collect();
    let boundaries: Vec<usize> = first_tokens.iter().map(|&(_, first)| first).collect();
    let fill = |tokens: Range<usize>| {
        let inside = boundaries.partition_point(|&first| first < tokens.start)
            ..boundaries.partition_point(|&first| first < tokens.end);
        let words = first_tokens[inside].iter().map(|&(word, first)| {
            let token = first - tokens.start;
            WordToken { word, token, weight: weight(token, tokens.len()) }
        });
        Window { words: words.collect(), tokens }
    };
    stretches(tokens.len(), &boundaries, shape)
        .into_iter()
        .map(fill)
        .filter(|window| !window.words.is_empty())
        .collect()
}

/// How many words no token stands for, so that they are in no window.
pub fn dropped(tokens: &[Token], words: &[Word]) -> usize {
    first_tokens(tokens, words).filter(Option::is_none).count()
}

/// The weight of a token in a window of `length` tokens: its distance from the
/// nearer edge as a share of the window, and a little more, so that a word at an
/// edge still has its say.
fn weight(token: usize, length: usize) -> f32 {
    (token + 1).min(length - token) as f32 / length as f32 + 0.02
}

/// For each word the index of its first token, or `None` where no token stands for it.
fn first_tokens(tokens: &[Token], words: &[Word]) -> impl Iterator<Item = Option<usize>> {
    let mut next = 0;
    words.iter().map(move |word| {
        while tokens.get(next).is_some_and(|token| token.end <= word.start) {
            next += 1;
        }
        tokens.get(next).filter(|token| token.start < word.end).map(|_| next)
    })
}

/// Overlapping ranges that cover all tokens, cut where a word begins if possible.
fn stretches(token_count: usize, boundaries: &[usize], shape: WindowShape) -> Vec<Range<usize>> {
    // The last boundary after `low` and up to `high`; `high` itself inside a long word.
    let boundary = |low: usize, high: usize| {
        let after = boundaries.partition_point(|&boundary| boundary <= high);
        boundaries[..after].last().copied().filter(|&boundary| boundary > low).unwrap_or(high)
    };
    let mut stretches = Vec::new();
    let mut start = 0;
    while start < token_count {
        let limit = start + shape.tokens;
        let end = if limit >= token_count { token_count } else { boundary(start, limit) };
        stretches.push(start..end);
        if end == token_count {
            break;
        }
        start = boundary(start, (start + shape.stride).min(end));
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words of the given numbers of tokens, one byte a token.
    fn article(lengths: &[usize]) -> (Vec<Token>, Vec<Word>) {
        let mut words = Vec::new();
        let mut end = 0;
        for &length in lengths {
            words.push(Word { start: end, end: end + length });
            end += length;
        }
        let tokens = (0..end).map(|byte| Token { id: 0, start: byte, end: byte + 1 }).collect();
        (tokens, words)
    }

    fn ranges(windows: &[Window]) -> Vec<Range<usize>> {
        windows.iter().map(|window| window.tokens.clone()).collect()
    }

    #[test]
    fn a_short_article_is_one_window() {
        let (tokens, words) = article(&[1, 2, 1]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 10, stride: 6 });
        assert_eq!((windows.len(), &windows[0].tokens), (1, &(0..4)));
        assert_eq!(windows[0].words.iter().map(|word| word.token).collect::<Vec<_>>(), [0, 1, 3]);
    }

    #[test]
    fn a_word_counts_most_where_its_shorter_side_is_longest() {
        let (tokens, words) = article(&[1; 14]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 10, stride: 4 });
        assert_eq!(ranges(&windows), [0..10, 4..14]);
        let weight = |window: usize, word: usize| {
            windows[window].words.iter().find(|token| token.word == word).map(|token| token.weight)
        };
        // Word 6 has 3 tokens after it in the first window, 2 before it in the second; word 7 the other way round.
        assert!(weight(0, 6) > weight(1, 6) && weight(1, 7) > weight(0, 7));
        assert!((weight(0, 6).unwrap() - 0.42).abs() < 1e-6 && weight(1, 3).is_none());
    }

    #[test]
    fn windows_are_cut_between_words() {
        let (tokens, words) = article(&[3, 3, 3, 3]);
        assert_eq!(ranges(&windows(&tokens, &words, WindowShape { tokens: 7, stride: 4 })), [0..6, 3..9, 6..12]);
    }

    #[test]
    fn a_word_longer_than_three_windows_is_read_at_its_beginning() {
        let (tokens, words) = article(&[1, 35, 1]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 10, stride: 6 });
        assert!(windows.iter().flat_map(|window| &window.words).map(|word| word.word).eq([0, 1, 2]));
    }

    #[test]
    fn words_the_tokenizer_dropped_are_in_no_window() {
        let words = [Word { start: 0, end: 2 }, Word { start: 2, end: 4 }];
        let tokens = [Token { id: 0, start: 2, end: 4 }];
        let windows = windows(&tokens, &words, WindowShape { tokens: 4, stride: 2 });
        assert!(windows[0].words.iter().map(|word| (word.word, word.token)).eq([(1, 0)]));
    }

    proptest! {
        #[test]
        fn every_word_is_read_in_every_window_with_its_first_token(
            lengths in prop::collection::vec(1_usize..9, 0..60),
            tokens in 1_usize..20,
            stride in 1_usize..20,
        ) {
            let shape = WindowShape { tokens, stride: stride.min(tokens) };
            let (tokens, words) = article(&lengths);
            let windows = windows(&tokens, &words, shape);
            for (word, bytes) in words.iter().enumerate() {
                // A byte a token: the first token is at the first byte.
                let holding = windows.iter().filter(|window| window.tokens.contains(&bytes.start));
                let read: Vec<&WordToken> = windows.iter().flat_map(|window| &window.words).filter(|read| read.word == word).collect();
                prop_assert!(!read.is_empty());
                prop_assert_eq!(read.len(), holding.count());
            }
            for window in &windows {
                prop_assert!(window.tokens.len() <= shape.tokens);
                for read in &window.words {
                    prop_assert_eq!(window.tokens.start + read.token, words[read.word].start);
                    let context = read.token.min(window.tokens.len() - 1 - read.token);
                    prop_assert!((read.weight - 0.02 - (context + 1) as f32 / window.tokens.len() as f32).abs() < 1e-6);
                }
            }
        }
    }
}
