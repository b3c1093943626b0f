//! The name of an entity as one would file it.

use std::{collections::HashSet, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

use crate::words::is_arabic_mark;

/// Names that begin with a lam of their own, one a line (`#` starts a comment).
static LAM_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("lam_names.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// The name written at a span: NFC, Arabic presentation forms as plain letters,
/// without diacritics, tatweel, bidirectional and other format characters, with
/// single spaces for line breaks and runs of white space.
///
/// ```
/// assert_eq!(musamma::decode::plain_name("الأمم\r\nالمتـحدة"), "الأمم المتحدة");
/// assert_eq!(musamma::decode::plain_name("طَنْجَة"), "طنجة");
/// ```
pub fn plain_name(text: &str) -> String {
    let letters = text.chars().flat_map(|character| {
        let forms = is_presentation_form(character);
        let mut buffer = [0; 4];
        let plain: String =
            if forms { character.encode_utf8(&mut buffer).nfkc().collect() } else { character.to_string() };
        plain.chars().collect::<Vec<_>>()
    });
    let kept: String = letters.nfc().filter(|&character| !is_arabic_mark(character) && !is_format(character)).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name at `start..end` of `text`, with the article put back where the
/// proclitic ل swallowed its alif («للسمارة» → «لسمارة» → «السمارة»).
///
/// A name that begins with ل by itself keeps its form: one in the list, or one
/// that the article also writes without the proclitic. What the text writes
/// with the article elsewhere gets it here too.
pub(super) fn name(text: &str, start: usize, end: usize) -> String {
    let name = plain_name(&text[start..end]);
    let Some(after_lam) = name.strip_prefix('ل') else { return name };
    let swallowed = plain_name(&text[word_start(text, start)..start]).ends_with('ل');
    if !swallowed || !after_lam.chars().next().is_some_and(char::is_alphabetic) {
        return name;
    }
    let first_word = name.split(' ').next().unwrap_or_default();
    if LAM_NAMES.contains(name.as_str()) || LAM_NAMES.contains(first_word) {
        return name;
    }
    let with_article = format!("ال{after_lam}");
    if !stands_alone(text, &with_article, &[]) && stands_alone(text, &name, &['ل']) {
        return name;
    }
    with_article
}

/// Whether `name` stands in the text at the beginning of a word, or after
/// proclitics other than `except`.
fn stands_alone(text: &str, name: &str, except: &[char]) -> bool {
    text.match_indices(name).any(|(byte, found)| {
        let before = &text[word_start(text, byte)..byte];
        let ends = text[byte + found.len()..].chars().next().is_none_or(|next| !next.is_alphanumeric());
        ends && before.chars().all(|letter| "وفبكل".contains(letter) && !except.contains(&letter))
    })
}

/// Where the word begins that goes on at `byte`.
fn word_start(text: &str, byte: usize) -> usize {
    let in_word = |character: &char| character.is_alphanumeric() || is_arabic_mark(*character);
    byte - text[..byte].chars().rev().take_while(in_word).map(char::len_utf8).sum::<usize>()
}

/// Arabic Presentation Forms A and B.
fn is_presentation_form(character: char) -> bool {
    matches!(character, '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Characters without a shape of their own. ZWNJ and ZWJ stay: they are spelling.
fn is_format(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the last place where `span` stands in `text`.
    fn name_of(text: &str, span: &str) -> String {
        let start = text.rfind(span).unwrap();
        name(text, start, start + span.len())
    }

    #[test]
    fn the_article_is_put_back_after_lam() {
        assert_eq!(name_of("رئيس الجماعة الحضرية للسمارة", "لسمارة"), "السمارة");
        assert_eq!(
            name_of("المقيم للبرنامج الإنمائي للأمم المتحدة", "لبرنامج الإنمائي للأمم المتحدة"),
            "البرنامج الإنمائي للأمم المتحدة"
        );
        assert_eq!(name_of("وللرباط", "لرباط"), "الرباط");
        assert_eq!(name_of("لِلْسّمارة", "لْسّمارة"), "السمارة");
    }

    #[test]
    fn a_name_in_lam_keeps_its_form() {
        assert_eq!(name_of("زيارة لليبيا", "ليبيا"), "ليبيا");
        assert_eq!(name_of("وفد لندن", "لندن"), "لندن");
        assert_eq!(name_of("قال ليموري. وسلم للليموري", "ليموري"), "ليموري");
        assert_eq!(name_of("استقبل ليموري الوفد، وسبق لليموري أن", "ليموري"), "ليموري");
    }

    #[test]
    fn what_the_text_writes_with_the_article_gets_it() {
        assert_eq!(name_of("لجامعة كبرى. الجامعة العربية؛ وأشار للجامعة العربية", "لجامعة العربية"), "الجامعة العربية");
        assert_eq!(name_of("اليونسكو شكرت؛ انضمت لليونسكو", "ليونسكو"), "اليونسكو");
    }

    #[test]
    fn marks_line_breaks_and_presentation_forms_go() {
        assert_eq!(plain_name("مُحَمَّد\u{200f} السادِس"), "محمد السادس");
        assert_eq!(plain_name("و م\n\tع"), "و م ع");
        assert_eq!(plain_name("ا\u{654}كادير"), "أكادير");
        assert_eq!(plain_name("ﺍﻷﻃﻠﺲ"), "الأطلس");
        assert_eq!(plain_name("Me\u{301}dine\u{ad}a"), "Médinea");
        assert_eq!(plain_name("Ligne\u{a0}½"), "Ligne ½");
    }
}
