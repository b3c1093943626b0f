//! The language of a text.

use isolang::Language;

/// Characters that decide the language; more of an article adds nothing.
const SAMPLE_CHARS: usize = 4000;

/// The ISO 639-1 code of the language a text is written in, or `None` where
/// that is not clear.
pub fn detect_language(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(SAMPLE_CHARS).map_or(text.len(), |(byte, _)| byte);
    let found = whatlang::detect(&text[..end]).filter(whatlang::Info::is_reliable)?;
    Language::from_639_3(found.lang().code())?.to_639_1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_languages_of_the_users_are_told_apart() {
        for (language, text) in [
            ("ar", "احتضنت جماعة طنجة لقاء مع وفد رسمي عن مدينة مونبلييه الفرنسية."),
            ("fr", "La maire de la ville a reçu mercredi une délégation venue de Montpellier pour signer un accord."),
            ("en", "The mayor of the city received a delegation on Wednesday and signed an agreement with them."),
            ("es", "El alcalde de la ciudad recibió el miércoles a una delegación y firmó con ella un acuerdo."),
        ] {
            assert_eq!(detect_language(text), Some(language));
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_not_clear() {
        assert_eq!(detect_language("123 — 456"), None);
        assert_eq!(detect_language(""), None);
    }
}
