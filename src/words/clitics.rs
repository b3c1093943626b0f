//! Arabic proclitics: و ف ب ل ك, written as one word with the name they stand before.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The letters that can stand before a name as a word of their own.
const PROCLITICS: [char; 5] = ['و', 'ف', 'ب', 'ل', 'ك'];

/// Tatweel, the stroke that only stretches a word.
pub(super) const TATWEEL: char = '\u{640}';

/// How many proclitic letters stand before a name: the `n` of a label `B-CITY@n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Proclitics(pub u8);

impl Proclitics {
    /// The largest number that labels speak of.
    pub const MAX: u8 = 2;

    /// Whether a name can begin after this many letters of `word`: all of them
    /// are proclitics, and a letter is left.
    ///
    /// ```
    /// use musamma::words::Proclitics;
    /// assert!(Proclitics(2).fit("وبطنجة"));
    /// assert!(!Proclitics(1).fit("طنجة"));
    /// assert!(Proclitics(0).fit("MedCities"));
    /// ```
    pub fn fit(self, word: &str) -> bool {
        if self.0 == 0 {
            return true;
        }
        let letters = usize::from(self.0);
        let mut found = word.chars().filter(|&character| is_letter(character));
        found.by_ref().take(letters).filter(|letter| PROCLITICS.contains(letter)).count() == letters
            && found.next().is_some()
    }

    /// The bytes of `word` that the proclitics take, with the marks and tatweel
    /// that follow each letter; always before a letter of `word`, or 0.
    pub fn byte_len(self, word: &str) -> usize {
        if self.fit(word) { after_letters(word, usize::from(self.0)) } else { 0 }
    }
}

/// The byte after `count` letters of `word` and the marks, tatweel and joiners that go with them.
pub fn after_letters(word: &str, count: usize) -> usize {
    if count == 0 {
        return 0;
    }
    word.char_indices().filter(|&(_, character)| is_letter(character)).nth(count).map_or(word.len(), |(byte, _)| byte)
}

pub(super) fn is_letter(character: char) -> bool {
    character != TATWEEL && character.general_category_group() == GeneralCategoryGroup::Letter
}

/// Whether a character is one that Arabic adds to a name without changing it:
/// vowel signs, Quranic marks, the superscript alef, tatweel.
pub fn is_arabic_mark(character: char) -> bool {
    matches!(character, TATWEEL | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a word after its proclitics.
    fn rest(word: &str, count: u8) -> &str {
        &word[Proclitics(count).byte_len(word)..]
    }

    #[test]
    fn clitic_at_the_start() {
        assert_eq!(rest("بفاليتا", 1), "فاليتا");
        assert_eq!(rest("وبالرباط", 2), "الرباط");
        assert_eq!(rest("للسمارة", 1), "لسمارة");
    }

    #[test]
    fn marks_and_tatweel_after_a_letter_go_with_it() {
        assert_eq!(rest("بِطَنجة", 1), "طَنجة");
        assert_eq!(rest("وــالرباط", 1), "الرباط");
        assert_eq!(rest("وَبِفاس", 2), "فاس");
    }

    #[test]
    fn a_clitic_takes_neither_other_letters_nor_the_whole_word() {
        assert_eq!(rest("طنجة", 1), "طنجة");
        assert_eq!(rest("و", 1), "و");
        assert_eq!(rest("بـ", 1), "بـ");
        assert_eq!(rest("وم", 2), "وم");
        assert_eq!(rest("", 1), "");
    }
}
