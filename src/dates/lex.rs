//! Text to tokens: words looked up in the lexicons, numbers, signs.

use unicode_normalization::char::is_combining_mark;

use super::{
    fold::{fold, folded},
    lexicon::Lexicon,
    numeric,
    token::{Facts, Gap, Kind, Token},
};
use crate::words::{after_letters, is_arabic_mark};

/// A stretch of the text before anything is known of its meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) gap: Gap,
    pub(super) shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Letters,
    /// A number in digits and how many digits it has; `u32::MAX` where it is too long to matter.
    Digits(u32, usize),
    Sign(char),
}

/// The tokens of a text. A word takes its meaning from the first lexicon that has it.
pub(super) fn lex(text: &str, lexicons: &[&Lexicon]) -> Vec<Token> {
    let raws = scan(text);
    let mut tokens = Vec::with_capacity(raws.len());
    let mut form = String::new();
    let mut at = 0;
    while at < raws.len() {
        let raw = raws[at];
        at = match raw.shape {
            Shape::Letters => word(text, &raws, at, lexicons, &mut form, &mut tokens),
            Shape::Digits(..) => numeric::number(text, &raws, at, lexicons, &mut tokens),
            Shape::Sign(sign) => {
                tokens.push(Token { sign: Some(sign), ..plain(&raw, Facts::default()) });
                at + 1
            }
        };
    }
    tokens
}

/// A token that is exactly one stretch.
pub(super) fn plain(raw: &Raw, facts: Facts) -> Token {
    Token {
        start: raw.start,
        end: raw.end,
        gap: raw.gap,
        facts,
        sign: None,
        clitic: false,
        capital: false,
        small: false,
        event: false,
    }
}

/// Splits a text into letters, digits and signs.
pub(super) fn scan(text: &str) -> Vec<Raw> {
    let mut raws: Vec<Raw> = Vec::with_capacity(text.len() / 5);
    let mut gap = Gap::Line;
    for (start, character) in text.char_indices() {
        let end = start + character.len_utf8();
        let last = raws.last_mut().filter(|_| gap == Gap::Joined);
        let shape = if character.is_ascii_alphabetic() {
            Shape::Letters
        } else if let Some(digit) = digit(character) {
            if let Some(Raw { end: last_end, shape: Shape::Digits(value, count), .. }) = last {
                *value = value.checked_mul(10).and_then(|value| value.checked_add(digit)).unwrap_or(u32::MAX);
                *count += 1;
                *last_end = end;
                continue;
            }
            raws.push(Raw { start, end, gap, shape: Shape::Digits(digit, 1) });
            gap = Gap::Joined;
            continue;
        } else if character.is_whitespace() {
            gap = gap.max(if matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}') {
                Gap::Line
            } else {
                Gap::Space
            });
            continue;
        } else if character.is_ascii() {
            if character.is_ascii_control() {
                gap = gap.max(Gap::Space);
                continue;
            }
            Shape::Sign(character)
        } else if is_format(character) {
            continue;
        } else if character.is_alphabetic()
            || is_arabic_mark(character)
            || is_combining_mark(character)
            || is_joiner(character)
        {
            Shape::Letters
        } else {
            Shape::Sign(character)
        };
        match last {
            Some(last) if shape == Shape::Letters && last.shape == Shape::Letters => last.end = end,
            _ => raws.push(Raw { start, end, gap, shape }),
        }
        gap = Gap::Joined;
    }
    raws
}

/// The value of an ASCII, Arabic-Indic or Persian digit.
fn digit(character: char) -> Option<u32> {
    match character {
        '0'..='9' => Some(character as u32 - '0' as u32),
        '\u{660}'..='\u{669}' => Some(character as u32 - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(character as u32 - 0x6f0),
        _ => None,
    }
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

/// Marks of direction and the like, which are nothing to a reader.
fn is_format(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The tokens of a word, or of the phrase that begins with it; returns where to go on.
fn word(
    text: &str,
    raws: &[Raw],
    at: usize,
    lexicons: &[&Lexicon],
    form: &mut String,
    tokens: &mut Vec<Token>,
) -> usize {
    let raw = &raws[at];
    let written = &text[raw.start..raw.end];
    let capital = written.chars().next().is_some_and(char::is_uppercase);
    let small = written.chars().next().is_some_and(char::is_lowercase);
    form.clear();
    fold(written, form);
    // A tatweel by itself is a dash.
    if form.is_empty() {
        tokens.push(Token { sign: Some('-'), ..plain(raw, Facts::default()) });
        return at + 1;
    }
    let token = Token { capital, small, ..plain(raw, Facts::default()) };
    // Q3, T1, H2: a letter and a digit.
    if form.len() == 1
        && let Some(&Raw { shape: Shape::Digits(value, 1), gap: Gap::Joined, end, .. }) = raws.get(at + 1)
        && raws.get(at + 2).is_none_or(|next| next.gap > Gap::Joined || matches!(next.shape, Shape::Sign(_)))
    {
        form.push_str(&value.to_string());
        let known =
            lexicons.iter().find_map(|lexicon| lexicon.phrases(form).iter().find(|phrase| phrase.rest.is_empty()));
        form.truncate(1);
        if let Some(phrase) = known.filter(|phrase| phrase.facts.is(Kind::NumberedUnit)) {
            tokens.push(Token { facts: phrase.facts, end, ..token });
            return at + 2;
        }
    }
    for lexicon in lexicons {
        if let Some((end, facts)) = phrase(text, raws, at, form, lexicon) {
            let mut token = Token { facts, end: raws[end - 1].end, ..token };
            let next = elision(raws, end, &mut token);
            tokens.push(token);
            return next;
        }
        if lexicon.proclitics
            && let Some(next) = with_proclitics(text, raws, at, lexicon, tokens)
        {
            return next;
        }
    }
    let facts = if lexicons.iter().any(|lexicon| speaks_of_future(lexicon, written)) {
        Facts::of(Kind::Future)
    } else if lexicons.iter().any(|lexicon| lexicon.roman_centuries) {
        numeric::roman(written).unwrap_or_default()
    } else {
        Facts::default()
    };
    let event = lexicons.iter().any(|lexicon| lexicon.is_event(form));
    tokens.push(Token { facts, event, ..token });
    at + 1
}

fn speaks_of_future(lexicon: &Lexicon, written: &str) -> bool {
    // Lower case with its diacritics; no allocation for what is lower case already.
    if written.chars().any(char::is_uppercase) {
        lexicon.is_future(&written.to_lowercase())
    } else {
        lexicon.is_future(written)
    }
}

/// A word that lost its vowel keeps its apostrophe: `d'avril`, `l'année`.
fn elision(raws: &[Raw], next: usize, token: &mut Token) -> usize {
    let elided =
        (token.is(Kind::Of) || token.is(Kind::The) || token.facts.is_relative()) && token.end - token.start <= 6;
    match raws.get(next) {
        Some(raw @ Raw { shape: Shape::Sign('\'' | '’' | 'ʼ'), gap: Gap::Joined, .. })
            if elided
                && raws
                    .get(next + 1)
                    .is_some_and(|after| after.gap == Gap::Joined && after.shape == Shape::Letters) =>
        {
            token.end = raw.end;
            next + 1
        }
        _ => next,
    }
}

/// The longest phrase of a lexicon that begins at a word whose folded form is
/// `first`: one past its last stretch, and what it means.
fn phrase(text: &str, raws: &[Raw], at: usize, first: &str, lexicon: &Lexicon) -> Option<(usize, Facts)> {
    lexicon.phrases(first).iter().find_map(|phrase| {
        let mut end = at + 1;
        for needed in &phrase.rest {
            // Hyphens and apostrophes inside a phrase: week-end, aujourd’hui.
            if let Some(Raw { shape: Shape::Sign('-' | '‐' | '‑' | '\'' | '’' | 'ʼ'), gap: Gap::Joined, .. }) =
                raws.get(end)
                && raws.get(end + 1).is_some_and(|next| next.gap == Gap::Joined)
            {
                end += 1;
            }
            let raw = raws.get(end).filter(|raw| raw.shape == Shape::Letters && raw.gap != Gap::Line)?;
            if folded(&text[raw.start..raw.end]) != *needed {
                return None;
            }
            end += 1;
        }
        Some((end, phrase.facts))
    })
}

/// Cuts one or two Arabic proclitics from a word that is not known as it
/// stands. Each becomes a token: و is “and”, ب and ل are “in”.
fn with_proclitics(text: &str, raws: &[Raw], at: usize, lexicon: &Lexicon, tokens: &mut Vec<Token>) -> Option<usize> {
    let raw = &raws[at];
    let written = &text[raw.start..raw.end];
    for count in 1..=2 {
        let cut = after_letters(written, count);
        let last = written[..cut].chars().rfind(|&letter| !is_arabic_mark(letter))?;
        if cut >= written.len() || !matches!(last, 'و' | 'ف' | 'ب' | 'ل' | 'ك') {
            return None;
        }
        let rest = folded(&written[cut..]);
        if rest.chars().count() < 2 {
            return None;
        }
        // After ل the article has lost its alef.
        let with_article = if last == 'ل' && rest.starts_with('ل') { Some(format!("ا{rest}")) } else { None };
        let found = phrase(text, raws, at, &rest, lexicon)
            .or_else(|| with_article.and_then(|rest| phrase(text, raws, at, &rest, lexicon)));
        // A word of grammar under a proclitic («ومن») is still that word, but «لم» is not «م».
        if let Some((end, facts)) = found {
            let mut start = raw.start;
            for letter in 1..=count {
                let stop = raw.start + after_letters(written, letter);
                let facts = match text[start..stop].chars().next() {
                    Some('و') => Facts::of(Kind::And),
                    Some('ب' | 'ل') => Facts::of(Kind::On),
                    _ => Facts::default(),
                };
                let gap = if letter == 1 { raw.gap } else { Gap::Joined };
                tokens.push(Token { start, end: stop, gap, clitic: true, ..plain(raw, facts) });
                start = stop;
            }
            tokens.push(Token { start, end: raws[end - 1].end, gap: Gap::Joined, ..plain(raw, facts) });
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(language: &str, text: &str) -> Vec<String> {
        let lexicon = Lexicon::of(language).unwrap();
        lex(text, &[lexicon]).iter().map(|token| text[token.range()].to_owned()).collect()
    }

    #[test]
    fn phrases_are_one_token() {
        assert_eq!(tokens("ar", "في كانون الثاني الماضي"), ["في", "كانون الثاني", "الماضي"]);
        assert_eq!(tokens("fr", "aujourd’hui, ce week-end"), ["aujourd’hui", ",", "ce", "week-end"]);
        assert_eq!(tokens("en", "the day before yesterday"), ["the", "day before yesterday"]);
    }

    #[test]
    fn proclitics_are_tokens_where_the_rest_is_known() {
        assert_eq!(tokens("ar", "والخميس"), ["و", "الخميس"]);
        assert_eq!(tokens("ar", "وبالأمس"), ["و", "ب", "الأمس"]);
        assert_eq!(tokens("ar", "للسنة"), ["ل", "لسنة"]);
        assert_eq!(tokens("ar", "وجدة"), ["وجدة"]);
    }

    #[test]
    fn elided_words_keep_their_apostrophe() {
        assert_eq!(tokens("fr", "mois d'avril"), ["mois", "d'", "avril"]);
    }

    #[test]
    fn digits_of_all_kinds_are_numbers() {
        let lexicon = Lexicon::of("ar").unwrap();
        for text in ["24", "٢٤", "۲۴"] {
            let tokens = lex(text, &[lexicon]);
            assert!(tokens.len() == 1 && tokens[0].is(Kind::ShortNumber) && tokens[0].facts.number == 24, "{text}");
        }
    }
}
