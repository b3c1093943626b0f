//! Which lexicons a text is read with.

use super::{
    fold::folded,
    lex::{Raw, Shape, scan},
    lexicon::Lexicon,
    token::Kind,
};
use crate::article::detect_language;

/// Bytes that decide between languages where their words are all there is to go by.
const SAMPLE_BYTES: usize = 2000;

/// The lexicons for a text, the most important first: Arabic where it has
/// Arabic letters, and one for its Latin letters.
pub(super) fn lexicons(text: &str, language: Option<&str>) -> Vec<&'static Lexicon> {
    let arabic = if has_arabic(text) { Lexicon::of("ar") } else { None };
    let latin = match language {
        Some("ar") => latin_in_arabic(text),
        Some(code) => Lexicon::of(code),
        None if arabic.is_some() => latin_in_arabic(text),
        None => match detect_language(text) {
            Some(code) => Lexicon::of(code),
            None => by_words(text),
        },
    };
    arabic.into_iter().chain(latin).collect()
}

fn has_arabic(text: &str) -> bool {
    // Letters of the block U+0600–U+06FF begin with these bytes.
    text.bytes().any(|byte| (0xd8..=0xdb).contains(&byte))
}

/// What Latin letters there are in an Arabic text tell their own language.
fn latin_in_arabic(text: &str) -> Option<&'static Lexicon> {
    if text.bytes().any(|byte| byte.is_ascii_alphabetic()) { by_words(text) } else { None }
}

/// The language that has most words for dates in the text; the order of the
/// lexicons decides between equals, English first.
fn by_words(text: &str) -> Option<&'static Lexicon> {
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let latin = |raw: &Raw| raw.shape == Shape::Letters && !has_arabic(&text[raw.start..raw.end]);
    let words: Vec<String> =
        scan(&text[..end]).iter().filter(|raw| latin(raw)).map(|raw| folded(&text[raw.start..raw.end])).collect();
    let mut best = (0, Lexicon::of("en"));
    for code in ["en", "fr", "es"].into_iter().chain(Lexicon::codes()).filter(|&code| code != "ar") {
        let Some(lexicon) = Lexicon::of(code) else { continue };
        let weight: usize = words.iter().map(|word| weight(lexicon, word)).sum();
        if weight > best.0 {
            best = (weight, Some(lexicon));
        }
    }
    best.1
}

/// Names of the calendar weigh more than the words around them.
fn weight(lexicon: &Lexicon, word: &str) -> usize {
    let Some(facts) = lexicon.phrases(word).iter().find(|phrase| phrase.rest.is_empty()).map(|phrase| &phrase.facts)
    else {
        return 0;
    };
    let named = [Kind::Month, Kind::Weekday, Kind::Season, Kind::Deictic].into_iter().any(|kind| facts.is(kind));
    let common = [Kind::Unit, Kind::RelativeBefore, Kind::Of, Kind::The].into_iter().any(|kind| facts.is(kind));
    if named && !facts.weak { 4 } else { usize::from(named || common) }
}
