//! Vowel signs and tatweel, which models have hardly seen.

use std::borrow::Cow;

use super::clitics::{TATWEEL, is_arabic_mark, is_letter};

/// So many signs make a word a vocalised one. One or two, as in «وفدًا» and «محدّدًا», are common in news.
const OF_A_WORD: usize = 3;

/// A text with a sign to so many letters or fewer is vocalised. News has far more letters to one.
const LETTERS_A_SIGN: usize = 8;

/// A text without what was taken out of it.
#[derive(Debug)]
pub struct Bare<'text> {
    /// What is left.
    pub text: Cow<'text, str>,
    /// Places in it from which on offsets are moved, and by how many bytes.
    shifts: Vec<(usize, usize)>,
}

impl<'text> Bare<'text> {
    /// Takes the signs out of vocalised Arabic words and texts, and tatweel that stretches a word.
    ///
    /// ```
    /// use musamma::words::Bare;
    /// let bare = Bare::of("مَدِينَة طنجـــة");
    /// assert_eq!(bare.text, "مدينة طنجة");
    /// assert_eq!(bare.original(0), 0);
    /// assert_eq!(bare.original("مدينة".len()), "مَدِينَة".len());
    /// ```
    pub fn of(text: &'text str) -> Self {
        if !text.chars().any(is_arabic_mark) {
            return Self { text: Cow::Borrowed(text), shifts: Vec::new() };
        }
        let is_sign = |character: char| character != TATWEEL && is_arabic_mark(character);
        let signs = |text: &str| text.chars().filter(|&character| is_sign(character)).count();
        let letters = text.chars().filter(|&character| is_letter(character)).count();
        let all = signs(text) * LETTERS_A_SIGN >= letters;
        let mut bare = String::with_capacity(text.len());
        let mut shifts = Vec::new();
        let mut removed = 0;
        for word in text.split_inclusive(|character: char| !character.is_alphabetic() && !is_arabic_mark(character)) {
            let vocalised = all || signs(word) >= OF_A_WORD;
            // Tatweel before a letter stretches; after the last one it stands for a break, as in «لـ».
            let last_letter = word.rfind(is_letter);
            let mut begun = false;
            for (place, character) in word.char_indices() {
                begun |= is_letter(character);
                let stretches = character == TATWEEL && last_letter.is_some_and(|last| place < last);
                // Signs that stand by themselves are words.
                let taken = begun && (stretches || vocalised && is_sign(character));
                if taken {
                    removed += character.len_utf8();
                    match shifts.last_mut() {
                        Some((at, by)) if *at == bare.len() => *by = removed,
                        _ => shifts.push((bare.len(), removed)),
                    }
                } else {
                    bare.push(character);
                }
            }
        }
        Self { text: Cow::Owned(bare), shifts }
    }

    /// The byte of the original text that this byte of the bare one stands for.
    /// What was taken out belongs to the letter before it.
    pub fn original(&self, byte: usize) -> usize {
        let shift = self.shifts[..self.shifts.partition_point(|&(place, _)| place <= byte)].last();
        byte + shift.map_or(0, |&(_, by)| by)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signs_that_news_has_and_what_stands_alone_stay() {
        let news =
            "استقبل رئيس الجماعة وفدًا من المدينة وقدّم عرضًا محدّدًا عن المشروع الجديد في المدينة العتيقة لـ نادي السمارة";
        for text in [news, "ـ", "\u{64e}\u{64f}", "l'État"] {
            assert_eq!(Bare::of(text).text, text);
        }
        let vocalised = format!("{news} مُحَمَّدٌ");
        assert_eq!(Bare::of(&vocalised).text, format!("{news} محمد"));
    }

    proptest! {
        #[test]
        fn letters_keep_their_places(text in "[a بـمَُّ.\n]{0,60}") {
            let bare = Bare::of(&text);
            for (place, character) in bare.text.char_indices() {
                prop_assert!(text[bare.original(place)..].starts_with(character));
            }
            prop_assert_eq!(bare.original(bare.text.len()), text.len());
        }
    }
}
