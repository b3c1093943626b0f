//! One spelling for many: how a word is compared with the lexicons.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::words::is_arabic_mark;

/// Appends the folded form of a word: lower case, no diacritics; in Arabic no
/// marks and no tatweel, one alef, one yeh, heh for teh marbuta. So `Août`,
/// `AOUT` and `aout` are one word, and so are `الأربعاء` and `الاربعاء`.
pub(super) fn fold(word: &str, folded: &mut String) {
    if word.is_ascii() {
        folded.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
        return;
    }
    for letter in word.chars() {
        match letter {
            _ if is_arabic_mark(letter) => {}
            '\u{200c}' | '\u{200d}' => {}
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ى' | 'ی' => folded.push('ي'),
            'ک' => folded.push('ك'),
            'ة' => folded.push('ه'),
            '\u{621}'..='\u{6ff}' => folded.push(letter),
            // Turkish dotless i, so that a text in capitals is read too.
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            _ if letter.is_ascii() => folded.push(letter.to_ascii_lowercase()),
            _ => folded.extend(
                std::iter::once(letter).nfd().filter(|&part| !is_combining_mark(part)).flat_map(char::to_lowercase),
            ),
        }
    }
}

/// The folded form of a word.
pub(super) fn folded(word: &str) -> String {
    let mut form = String::with_capacity(word.len());
    fold(word, &mut form);
    form
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn spellings_of_a_word_fold_to_one() {
        for (one, other) in [
            ("Août", "aout"),
            ("FÉVRIER", "fe\u{301}vrier"),
            ("miércoles", "MIERCOLES"),
            ("الأربعاء", "الاربعاء"),
            ("أَمْسِ", "امس"),
            ("جمادى", "جمادي"),
            ("السـنة", "السنه"),
            ("şubat", "SUBAT"),
            ("İstanbul", "istanbul"),
            ("Mayıs", "MAYIS"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn different_words_stay_different() {
        assert_ne!(folded("مارس"), folded("مارش"));
        assert_ne!(folded("mai"), folded("mais"));
    }
}
