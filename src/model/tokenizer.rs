//! From an article to the encoder's tokens, each with the bytes it stands for.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use tokenizers::Tokenizer;

use super::{Config, ModelError};
use crate::words::Bare;

/// The most bytes tokenised at once. Longer articles are cut before white
/// space, so that memory stays bounded; the cuts depend on the article alone.
const CHUNK_BYTES: usize = 1 << 16;

/// A piece of the article as the encoder knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The row of the embedding.
    pub id: u32,
    /// First byte in the article that the token stands for.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// All tokens of an article in order, without special tokens.
pub type Tokens = Vec<Token>;

/// A model's tokenizer, set up to read whole articles.
#[derive(Debug)]
pub struct ArticleTokenizer {
    tokenizer: Tokenizer,
    path: PathBuf,
    /// Ids that stand before every window: `[CLS]`, `<s>`.
    pub prefix: Vec<u32>,
    /// Ids that stand after every window: `[SEP]`, `</s>`.
    pub suffix: Vec<u32>,
    /// The id that fills a batch up.
    pub pad_id: u32,
    /// The id that stands for what the vocabulary does not know, where there is one.
    pub unknown_id: Option<u32>,
}

impl ArticleTokenizer {
    pub(super) fn read(path: &Path, config: &Config) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Tokenizer { path: path.to_owned(), reason };
        let mut tokenizer = Tokenizer::from_file(path).map_err(|error| wrong(error.to_string()))?;
        let pad_id = config.pad_id.or_else(|| tokenizer.get_padding().map(|padding| padding.pad_id)).unwrap_or(0);
        // Windows are cut and filled up here; a limit in the file would lose text.
        tokenizer.with_truncation(None).map_err(|error| wrong(error.to_string()))?;
        tokenizer.with_padding(None);
        let (prefix, suffix) = special_tokens(&tokenizer).map_err(wrong)?;
        let unknown_id = ["[UNK]", "<unk>"].iter().find_map(|name| tokenizer.token_to_id(name));
        Ok(Self { tokenizer, path: path.to_owned(), prefix, suffix, pad_id, unknown_id })
    }

    /// One past the largest id, added tokens included: ids may have gaps.
    pub(super) fn vocabulary_size(&self) -> usize {
        self.tokenizer.get_vocab(true).into_values().max().map_or(0, |largest| largest as usize + 1)
    }

    /// The tokens of a text; offsets are bytes of it whatever the normaliser
    /// does (it may lengthen, shorten or drop characters). Vocalised words are
    /// read without their vowel signs, and all without tatweel.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`] where the tokenizer cannot encode the text, for
    /// example because it meets an unknown character and has no unknown token.
    pub fn encode(&self, text: &str) -> Result<Tokens, ModelError> {
        let mut tokens = Tokens::new();
        for chunk in chunks(text, CHUNK_BYTES) {
            let bare = Bare::of(&text[chunk.clone()]);
            let encoding = self
                .tokenizer
                .encode(&*bare.text, false)
                .map_err(|error| ModelError::Tokenizer { path: self.path.clone(), reason: error.to_string() })?;
            tokens.extend(encoding.get_ids().iter().zip(encoding.get_offsets()).map(|(&id, &(start, end))| Token {
                id,
                start: chunk.start + bare.original(start),
                end: chunk.start + bare.original(end),
            }));
        }
        Ok(tokens)
    }
}

/// The ids a tokenizer puts before and after a text.
fn special_tokens(tokenizer: &Tokenizer) -> Result<(Vec<u32>, Vec<u32>), String> {
    let with = tokenizer.encode("a", true).map_err(|error| error.to_string())?;
    let is_special = with.get_special_tokens_mask();
    let content = is_special.iter().position(|&special| special == 0);
    let end = is_special.iter().rposition(|&special| special == 0).map_or(0, |last| last + 1);
    let ids = with.get_ids();
    if let Some(start) = content
        && (start > 0 || end < ids.len())
    {
        return Ok((ids[..start].to_vec(), ids[end..].to_vec()));
    }
    // A file without a post-processor: the usual names.
    let first_of = |names: &[&str]| names.iter().find_map(|name| tokenizer.token_to_id(name));
    match (first_of(&["[CLS]", "<s>"]), first_of(&["[SEP]", "</s>"])) {
        (Some(prefix), Some(suffix)) => Ok((vec![prefix], vec![suffix])),
        _ => Err("it says neither which special tokens stand around a text nor has `[CLS]` and `[SEP]`".into()),
    }
}

/// Consecutive ranges of at most `limit` bytes, cut before white space where there is some.
fn chunks(text: &str, limit: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let end = if text.len() - start <= limit { text.len() } else { cut(text, start, limit) };
        let chunk = start..end;
        start = end;
        Some(chunk)
    })
}

/// Where a chunk that begins at `start` ends: before the last line break, else
/// the last white space, else at the last character boundary within `limit` bytes.
fn cut(text: &str, start: usize, limit: usize) -> usize {
    let longest = text.floor_char_boundary(start + limit);
    let chunk = &text[start..longest];
    let at = |found: Option<usize>| found.filter(|&offset| offset > 0);
    // Before the white space: a tokenizer that reads it as part of the next word finds it there.
    at(chunk.rfind('\n')).or_else(|| at(chunk.rfind(char::is_whitespace))).map_or(longest, |offset| start + offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_cover_the_text_once(text in "[ab ة\n]{0,60}", limit in 4_usize..20) {
            let joined: String = chunks(&text, limit).map(|chunk| &text[chunk]).collect();
            prop_assert_eq!(&joined, &text);
            prop_assert!(chunks(&text, limit).all(|chunk| (1..=limit).contains(&chunk.len())));
        }
    }

    #[test]
    fn chunks_end_before_line_breaks_then_before_spaces() {
        let parts = |text: &'static str| chunks(text, 8).map(|chunk| &text[chunk]).collect::<Vec<_>>();
        assert_eq!(parts("one\ntwo three"), ["one", "\ntwo", " three"]);
        assert_eq!(parts("onlyoneword"), ["onlyonew", "ord"]);
    }
}
