//! Windows: the stretches of an article that fit the encoder.
//!
//! Windows overlap, and each word is decided in one of them: where it has the
//! most context on its shorter side. A window begins and ends between words,
//! except where a single word is longer than a window.

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
    /// The shape the bundled model is trained on, for an encoder that takes at
    /// most `max_tokens` of which `special_tokens` are taken.
    pub fn for_encoder(max_tokens: usize, special_tokens: usize) -> Self {
        let tokens = max_tokens.saturating_sub(special_tokens).clamp(1, 190);
        Self { tokens, stride: (tokens * 2 / 3).max(1) }
    }
}

/// A stretch of an article's tokens, and the words that are decided in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Indices into the article's tokens.
    pub tokens: Range<usize>,
    /// The words decided here.
    pub words: Vec<WordToken>,
}

/// Where a word's label is read: at its first token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordToken {
    /// Index into the article's words.
    pub word: usize,
    /// Index into the window's tokens.
    pub token: usize,
}

/// The windows of an article. Words the tokenizer dropped are in none.
pub fn windows(tokens: &[Token], words: &[Word], shape: WindowShape) -> Vec<Window> {
    let first_tokens = first_tokens(tokens, words);
    let mut windows: Vec<Window> = stretches(tokens.len(), &first_tokens, shape)
        .into_iter()
        .map(|tokens| Window { tokens, words: Vec::new() })
        .collect();
    let mut decided = Vec::with_capacity(words.len());
    // A later word is never decided in an earlier window.
    let mut best = 0;
    for (word, first) in first_tokens.iter().enumerate().filter_map(|(word, first)| Some((word, (*first)?))) {
        let mut most = None;
        let begun = windows.iter().enumerate().skip(best).take_while(|(_, window)| window.tokens.start <= first);
        for (index, window) in begun.filter(|(_, window)| window.tokens.contains(&first)) {
            let context = (first - window.tokens.start).min(window.tokens.end - 1 - first);
            if most < Some(context) {
                (most, best) = (Some(context), index);
            }
        }
        decided.push((best, WordToken { word, token: first - windows[best].tokens.start }));
    }
    for (window, word) in decided {
        windows[window].words.push(word);
    }
    windows.retain(|window| !window.words.is_empty());
    windows
}

/// For each word the index of its first token, or `None` where no token stands for it.
fn first_tokens(tokens: &[Token], words: &[Word]) -> Vec<Option<usize>> {
    let mut next = 0;
    words
        .iter()
        .map(|word| {
            while tokens.get(next).is_some_and(|token| token.end <= word.start) {
                next += 1;
            }
            tokens.get(next).filter(|token| token.start < word.end).map(|_| next)
        })
        .collect()
}

/// Overlapping ranges that cover all tokens, cut between words where possible.
fn stretches(token_count: usize, first_tokens: &[Option<usize>], shape: WindowShape) -> Vec<Range<usize>> {
    let boundaries: Vec<usize> = first_tokens.iter().copied().flatten().collect();
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

    #[test]
    fn a_short_article_is_one_window() {
        let (tokens, words) = article(&[1, 2, 1]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 10, stride: 6 });
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].tokens, 0..4);
        assert_eq!(windows[0].words.iter().map(|word| word.token).collect::<Vec<_>>(), [0, 1, 3]);
    }

    #[test]
    fn a_word_is_decided_where_its_shorter_side_is_longest() {
        let (tokens, words) = article(&[1; 14]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 10, stride: 4 });
        assert_eq!(windows.iter().map(|window| window.tokens.clone()).collect::<Vec<_>>(), [0..10, 4..14]);
        // Word 6 has 3 tokens after it in the first window, 2 before it in the second.
        assert_eq!(windows[0].words.last().unwrap().word, 6);
        assert_eq!(windows[1].words[0], WordToken { word: 7, token: 3 });
    }

    #[test]
    fn windows_are_cut_between_words() {
        let (tokens, words) = article(&[3, 3, 3, 3]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 7, stride: 4 });
        assert_eq!(windows.iter().map(|window| window.tokens.clone()).collect::<Vec<_>>(), [0..6, 3..9, 6..12]);
    }

    #[test]
    fn a_word_longer_than_three_windows_is_decided_at_its_beginning() {
        let (tokens, words) = article(&[1, 35, 1]);
        let windows = windows(&tokens, &words, WindowShape { tokens: 10, stride: 6 });
        let decided: Vec<usize> = windows.iter().flat_map(|window| &window.words).map(|word| word.word).collect();
        assert_eq!(decided, [0, 1, 2]);
    }

    #[test]
    fn words_the_tokenizer_dropped_are_in_no_window() {
        let words = [Word { start: 0, end: 2 }, Word { start: 2, end: 4 }];
        let tokens = [Token { id: 0, start: 2, end: 4 }];
        let windows = windows(&tokens, &words, WindowShape { tokens: 4, stride: 2 });
        assert_eq!(windows[0].words, [WordToken { word: 1, token: 0 }]);
    }

    proptest! {
        #[test]
        fn every_word_is_decided_once_where_it_has_the_most_context(
            lengths in prop::collection::vec(1_usize..9, 0..60),
            tokens in 1_usize..20,
            stride in 1_usize..20,
        ) {
            let shape = WindowShape { tokens, stride: stride.min(tokens) };
            let (tokens, words) = article(&lengths);
            let windows = windows(&tokens, &words, shape);
            let decided: Vec<usize> = windows.iter().flat_map(|window| &window.words).map(|word| word.word).collect();
            prop_assert_eq!(decided, (0..words.len()).collect::<Vec<_>>());
            let context = |range: &Range<usize>, first: usize| {
                range.contains(&first).then(|| (first - range.start).min(range.end - 1 - first))
            };
            let firsts = first_tokens(&tokens, &words);
            let all = stretches(tokens.len(), &firsts, shape);
            for window in &windows {
                prop_assert!(window.tokens.len() <= shape.tokens);
                for word in &window.words {
                    let first = window.tokens.start + word.token;
                    prop_assert_eq!(Some(first), firsts[word.word]);
                    let best = all.iter().filter_map(|range| context(range, first)).max();
                    prop_assert_eq!(context(&window.tokens, first), best);
                }
            }
        }
    }
}
