//! Boundaries that differ only by what is written together with a name.

use std::sync::LazyLock;

use regex::Regex;

use super::Mention;
use crate::article::Article;

/// Whether two mentions end at the same place, and one begins later only by
/// attached letters: Arabic proclitics (و ف ب ل ك, one or more) and the article
/// ال after them, or a French elision (`l’`, `d’`, `qu’`).
pub(super) fn differ_by_clitics(article: &Article, left: &Mention, right: &Mention) -> bool {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled in a test")]
    static ATTACHED: LazyLock<Regex> = LazyLock::new(|| {
        let marks = r"[\p{Mn}\x{640}]*";
        Regex::new(&format!(r"^(?:(?:[وفبلك]{marks})*(?:[اٱ]{marks}ل{marks})?|(?i:l|d|qu)['’])$"))
            .expect("the pattern compiles")
    });
    let (first, later) = (left.start.min(right.start), left.start.max(right.start));
    if left.end != right.end || first == later {
        return false;
    }
    let slice = |start, end| article.span_of_chars(start..end).map(|span| article.slice(span));
    slice(first, later).is_some_and(|attached| ATTACHED.is_match(attached))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Labels;

    /// Whether mentions that leave out the first `left` and `right` code points of a text differ by clitics.
    fn lenient(text: &str, left: usize, right: usize) -> bool {
        let label = Labels::default().ids().next().unwrap();
        let end = text.chars().count();
        let mention = |start| Mention { start, end, label, score: None };
        differ_by_clitics(&Article::new("a", text), &mention(left), &mention(right))
    }

    #[test]
    fn proclitics_the_article_and_elisions_are_attached() {
        for (text, left, right) in [
            ("والرباط", 0, 1),
            ("وبالرباط", 0, 2),
            ("وبالرباط", 0, 4),
            ("للسمارة", 0, 1),
            ("للسمارة", 2, 1),
            ("وَطنجة", 0, 2),
            ("l’Algérie", 0, 2),
            ("D'Alger", 2, 0),
        ] {
            assert!(lenient(text, left, right), "{text} {left} {right}");
        }
    }

    #[test]
    fn words_of_their_own_and_other_letters_are_not() {
        for (text, left, right) in [("طنجة", 0, 1), ("في طنجة", 0, 3), ("و طنجة", 0, 2), ("Fès", 0, 1), ("طنجة", 0, 0)]
        {
            assert!(!lenient(text, left, right), "{text} {left} {right}");
        }
    }
}
