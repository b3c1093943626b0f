//! The name of an entity as one would file it.

use std::{cell::OnceCell, collections::HashSet, ops::Range, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

use crate::words::{Word, is_arabic_mark};

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

/// The names in one article. What it writes elsewhere tells whether a proclitic
/// ل swallowed the article of a name («للسمارة» → «لسمارة» → «السمارة»).
#[derive(Debug)]
pub struct Names<'article> {
    text: &'article str,
    words: &'article [Word],
    lam_words: OnceCell<LamWords>,
}

/// Words of an article that begin with ل or ال once و ف ب ك are taken off.
#[derive(Debug, Default)]
struct LamWords {
    words: HashSet<String>,
    /// The same with the word after each.
    pairs: HashSet<String>,
}

impl<'article> Names<'article> {
    /// The names in a text, given its words.
    pub fn new(text: &'article str, words: &'article [Word]) -> Self {
        Self { text, words, lam_words: OnceCell::new() }
    }

    /// The name of an entity that takes these bytes of the text; empty where
    /// they are none of it.
    ///
    /// The article is put back after ل, unless the name is one in ل by itself:
    /// it is in the list, or the text also writes it without the proclitic and
    /// nowhere with the article.
    pub fn name(&self, bytes: Range<usize>) -> String {
        let Some(written) = self.text.get(bytes.clone()) else { return String::new() };
        let name = plain_name(written);
        let word = self.words.partition_point(|word| word.end <= bytes.start);
        let proclitics = self.words.get(word).and_then(|word| self.text.get(word.start..bytes.start));
        let swallowed = proclitics.is_some_and(|letters| plain_name(letters).ends_with('ل'));
        let Some(after_lam) = name.strip_prefix('ل').filter(|rest| swallowed && rest.starts_with(char::is_alphabetic))
        else {
            return name;
        };
        let mut parts = name.split(' ');
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        let elsewhere = self.lam_words.get_or_init(|| LamWords::new(self.text, self.words));
        let by_itself = match second {
            _ if LAM_NAMES.contains(first) => true,
            _ if elsewhere.words.contains(&format!("ا{first}")) => false,
            Some(second) => elsewhere.pairs.contains(&format!("{first} {second}")),
            None => elsewhere.words.contains(first),
        };
        if by_itself { name } else { format!("ال{after_lam}") }
    }
}

impl LamWords {
    fn new(text: &str, words: &[Word]) -> Self {
        let mut found = Self::default();
        for (index, word) in words.iter().enumerate() {
            let plain = plain_name(&text[word.range()]);
            let starts = plain.char_indices().scan(true, |prefix, (start, letter)| {
                let reached = *prefix;
                *prefix = matches!(letter, 'و' | 'ف' | 'ب' | 'ك');
                reached.then_some(start)
            });
            for rest in
                starts.map(|start| &plain[start..]).filter(|rest| rest.starts_with('ل') || rest.starts_with("ال"))
            {
                if let Some(next) = words.get(index + 1) {
                    found.pairs.insert(format!("{rest} {}", plain_name(&text[next.range()])));
                }
                found.words.insert(rest.to_owned());
            }
        }
        found
    }
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
    use crate::words::words;

    /// The name of the last place where `span` stands in `text`.
    fn name_of(text: &str, span: &str) -> String {
        let words = words(text);
        let start = text.rfind(span).unwrap();
        Names::new(text, &words).name(start..start + span.len())
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
