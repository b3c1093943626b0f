//! Words, the unit that is labelled, and the clitics written together with them.

mod clitics;
mod marks;

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

pub use clitics::{Proclitics, after_letters, is_arabic_mark};
pub use marks::Bare;

/// A word: a maximal run of letters, marks, tatweel, ZWNJ and ZWJ, a run of
/// digits, or one other visible character.
///
/// Apostrophes and hyphens are words of their own (`l’Algérie` and
/// `Morocco’s` have three); spaces, control and format characters belong to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Word {
    /// The bytes of the word: `&text[word.range()]`.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The words of a text, in order.
///
/// ```
/// let text = "زار وفد «MedCities» طنجة.";
/// let words: Vec<&str> = musamma::words::words(text).iter().map(|word| &text[word.range()]).collect();
/// assert_eq!(words, ["زار", "وفد", "«", "MedCities", "»", "طنجة", "."]);
/// ```
pub fn words(text: &str) -> Vec<Word> {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled in a test")]
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\p{L}\p{M}\x{640}\x{200C}\x{200D}]+|\p{N}+|[^\s\p{Cc}\p{Cf}\p{Z}]")
            .expect("the word pattern compiles")
    });
    WORD.find_iter(text).map(|found| Word { start: found.start(), end: found.end() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slices(text: &str) -> Vec<&str> {
        words(text).iter().map(|word| &text[word.range()]).collect()
    }

    #[test]
    fn apostrophes_hyphens_and_quotes_split() {
        assert_eq!(slices("l’Algérie"), ["l", "’", "Algérie"]);
        assert_eq!(slices("شبكة “MedCities”"), ["شبكة", "“", "MedCities", "”"]);
        assert_eq!(slices("2019/2020"), ["2019", "/", "2020"]);
        assert_eq!(slices("14و15"), ["14", "و", "15"]);
    }

    #[test]
    fn marks_tatweel_and_joiners_stay_in_their_word() {
        assert_eq!(slices("طَنْجَة"), ["طَنْجَة"]);
        assert_eq!(slices("المــغرب"), ["المــغرب"]);
        assert_eq!(slices("می\u{200c}خواهم"), ["می\u{200c}خواهم"]);
        assert_eq!(slices("cafe\u{301} noir"), ["cafe\u{301}", "noir"]);
    }

    #[test]
    fn format_and_control_characters_belong_to_no_word() {
        assert_eq!(slices("\u{feff}طنجة\u{200f} \u{200e}\u{0}MedCities\r\n"), ["طنجة", "MedCities"]);
        assert_eq!(slices("و\u{200f}م\u{ad}ع"), ["و", "م", "ع"]);
    }

    #[test]
    fn an_emoji_is_a_word_for_each_visible_code_point() {
        assert_eq!(slices("🇲🇦 👍"), ["🇲", "🇦", "👍"]);
    }

    proptest! {
        #[test]
        fn every_letter_and_digit_is_in_exactly_one_word(text in "\\PC{0,80}|[اب ـَ0-9\u{200f}\r\n]{0,80}") {
            let words = words(&text);
            prop_assert!(words.windows(2).all(|pair| pair[0].end <= pair[1].start));
            for (byte, character) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
                let covering = words.iter().filter(|word| word.range().contains(&byte)).count();
                prop_assert_eq!(covering, 1, "{:?} at byte {}", character, byte);
            }
        }
    }
}
