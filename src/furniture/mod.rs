//! Page furniture in plain text: comment forms, share lines, counters, cookie banners.
//!
//! `README.md` beside this file says what counts and why so little does.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::article::Article;

/// The lists, one a language.
const LISTS: [(&str, &str); 4] = [
    ("ar", include_str!("lists/ar.toml")),
    ("en", include_str!("lists/en.toml")),
    ("es", include_str!("lists/es.toml")),
    ("fr", include_str!("lists/fr.toml")),
];

/// Words of a line of which only the beginning is known, at most.
const MOST_WORDS: usize = 60;

/// Names of networks that make furniture by themselves.
const ENOUGH_NETWORKS: usize = 3;

/// Numbers on a line of counters, at most.
const MOST_COUNTERS: usize = 3;

/// Says where the furniture of an article is, which excludes it from tagging.
pub fn mark(article: &mut Article) {
    let found = find(article.text());
    article.exclude(found);
}

/// The lines of a text that are furniture, as ranges of bytes without the line
/// break: sorted, never overlapping.
///
/// ```
/// use musamma::furniture::find;
///
/// let text = "زار الوفد طنجة.\nاترك رد\nلن يتم نشر عنوان بريدك الإلكتروني.";
/// let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
/// assert_eq!(found, ["اترك رد", "لن يتم نشر عنوان بريدك الإلكتروني."]);
/// ```
pub fn find(text: &str) -> Vec<Range<usize>> {
    let phrases = &*PHRASES;
    let mut found = Vec::new();
    // Lines of nothing but networks, which wait for more of their kind.
    let (mut waiting, mut networks) = (Vec::new(), 0);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let range = start..start + content.len();
        start += line.len();
        let words = if content.len() > LONGEST_LINE { Vec::new() } else { folded(content) };
        if words.is_empty() && content.len() <= LONGEST_LINE {
            // A blank line, or one of signs.
            continue;
        }
        let judged = if is_counters(content) { Line::Furniture } else { phrases.judge(&words) };
        match judged {
            Line::Networks(count) => {
                waiting.push(range);
                networks += count;
                continue;
            }
            Line::Furniture => {
                // Buttons beside a share line are part of it.
                found.append(&mut waiting);
                found.push(range);
            }
            Line::Text if networks >= ENOUGH_NETWORKS => found.append(&mut waiting),
            Line::Text => waiting.clear(),
        }
        networks = 0;
    }
    if networks >= ENOUGH_NETWORKS {
        found.append(&mut waiting);
    }
    found
}

/// Bytes of the longest line that is looked at.
const LONGEST_LINE: usize = 2000;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Furniture,
    /// So many names of networks and nothing else.
    Networks(usize),
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    lines: Vec<String>,
    begins: Vec<String>,
    networks: Vec<String>,
}

/// All lists, as the words of their phrases.
struct Phrases {
    /// Phrases by their first word, and whether they are names of networks.
    by_first: HashMap<String, Vec<(Vec<String>, bool)>>,
    begins: HashSet<Vec<String>>,
    longest_begin: usize,
}

#[expect(clippy::expect_used, reason = "the lists are part of the program, and every test reads them")]
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases { by_first: HashMap::new(), begins: HashSet::new(), longest_begin: 0 };
    for (_, list) in LISTS {
        let list: List = toml::from_str(list).expect("a list in `furniture/lists`");
        let lines = list.lines.iter().map(|phrase| (phrase, false));
        for (phrase, is_network) in lines.chain(list.networks.iter().map(|phrase| (phrase, true))) {
            let words = folded(phrase);
            if let Some(first) = words.first() {
                phrases.by_first.entry(first.clone()).or_default().push((words, is_network));
            }
        }
        phrases.begins.extend(list.begins.iter().map(|phrase| folded(phrase)));
    }
    phrases.longest_begin = phrases.begins.iter().map(Vec::len).max().unwrap_or(0);
    phrases
});

impl Phrases {
    fn judge(&self, words: &[String]) -> Line {
        if words.is_empty() {
            return Line::Text;
        }
        let begins = |count: usize| self.begins.contains(&words[..count]);
        if words.len() <= MOST_WORDS && (1..=words.len().min(self.longest_begin)).any(begins) {
            return Line::Furniture;
        }
        match self.cover(words) {
            Some((phrases, _)) if phrases > 0 => Line::Furniture,
            Some((_, networks)) if networks > 0 => Line::Networks(networks),
            _ => Line::Text,
        }
    }

    /// How many phrases and how many networks make up all of a line, numbers
    /// aside; the cover with most phrases, `None` where there is none.
    fn cover(&self, words: &[String]) -> Option<(usize, usize)> {
        let mut best: Vec<Option<(usize, usize)>> = vec![None; words.len() + 1];
        best[0] = Some((0, 0));
        for at in 0..words.len() {
            let Some((phrases, networks)) = best[at] else { continue };
            let mut reach = |end: usize, count: (usize, usize)| best[end] = best[end].max(Some(count));
            if is_number(&words[at]) {
                reach(at + 1, (phrases, networks));
            }
            for (phrase, is_network) in self.by_first.get(&words[at]).into_iter().flatten() {
                if words[at..].starts_with(phrase) {
                    let count = if *is_network { (phrases, networks + 1) } else { (phrases + 1, networks) };
                    reach(at + phrase.len(), count);
                }
            }
        }
        best[words.len()]
    }
}

/// Two or three whole numbers, none of which is a year or a part of a date.
fn is_counters(line: &str) -> bool {
    let numbers: Option<Vec<u32>> = line
        .split_whitespace()
        .take(MOST_COUNTERS + 1)
        .map(|word| word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok()).flatten())
        .collect();
    numbers.is_some_and(|numbers| {
        let is_date = matches!(numbers[..], [1..=31, 1..=12, 0..=99] | [0..=99, 1..=12, 1..=31]);
        (2..=MOST_COUNTERS).contains(&numbers.len())
            && !is_date
            && numbers.iter().all(|value| !(1900..2100).contains(value))
    })
}

fn is_number(word: &str) -> bool {
    word.chars().all(char::is_numeric)
}

/// The words of a line as they are compared: letters and digits only, in lower
/// case, without diacritics and tatweel, with the letters of Arabic that are
/// spelt loosely made equal.
fn folded(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for character in line.nfkd().flat_map(char::to_lowercase) {
        let character = match character {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' => 'ي',
            'ة' => 'ه',
            'ـ' | '\u{200c}'..='\u{200f}' => continue,
            mark if is_combining_mark(mark) => continue,
            other => other,
        };
        match words.last_mut() {
            Some(word) if character.is_alphanumeric() => {
                // A number stands by itself: “57shares”.
                if word.chars().last().is_some_and(|last| last.is_numeric() != character.is_numeric()) {
                    words.push(character.to_string());
                } else {
                    word.push(character);
                }
            }
            Some(word) if !word.is_empty() => words.push(String::new()),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn the_forms_and_counters_of_the_five_articles_are_found_and_nothing_else() {
        let article = |name: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles").join(name);
            std::fs::read_to_string(path).unwrap()
        };
        for (name, lines) in [
            ("ampcpp-departements.txt", &[][..]),
            ("smara-twinned-cities.txt", &["0 57", "اترك رد", "لن يتم نشر عنوان بريدك الإلكتروني."]),
            ("strong-cities-valletta.txt", &[]),
            ("tangier-montpellier.txt", &["ذات صلة:", "Discussion about this post"]),
            (
                "tetouan-undp.txt",
                &[
                    "أضف تعليقك",
                    "لن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها بـ *",
                    "من شروط النشر : عدم الإساءة للكاتب أو للأشخاص أو للمقدسات أو مهاجمة الأديان أو الذات الإلهية، \
                     والابتعاد عن التحريض العنصري والشتائم.",
                ],
            ),
        ] {
            assert_eq!(found(&article(name)), lines, "{name}");
        }
    }

    #[test]
    fn lines_are_compared_without_signs_digits_case_and_diacritics() {
        for line in [
            "LEAVE A REPLY",
            "3 Comments",
            "57shares",
            "Share on Facebook (Opens in new window)",
            "Facebook Twitter WhatsApp",
            "A lire aussi :",
            "← Article précédent | Article suivant →",
            "Votre adresse e-mail ne sera pas publiée. Les champs obligatoires sont indiqués avec *",
            "اِقرأ أيضاً:",
            "شارك فيسبوك تويتر واتساب",
            "٣ تعليقات",
            "We use cookies to improve your experience on our website.",
            "Te puede interesar...",
            "12 1204",
        ] {
            assert_eq!(found(line), [line]);
        }
    }

    #[test]
    fn sentences_headlines_sources_and_dates_are_text() {
        for line in [
            "",
            "Facebook",
            "Facebook Twitter",
            "Meta owns Facebook, WhatsApp and Instagram.",
            "2024",
            "57",
            "24 04 2024",
            "2024 2025",
            "12 5 24",
            "3,803",
            "8.6",
            "1 2 3 4",
            "المصدر:",
            "و م ع",
            "العمق",
            "Lire aussi : Tanger accueille un sommet",
            "اقرأ أيضا: طنجة تستقبل وفدا",
            "فشل جماعة طنجة في عملية توظيف.. نقص في الكفاءات أم أسباب أخرى؟",
            "Comments by the mayor of Tangier",
            "Share prices fell in London",
            "شارك المغرب في لقاء إقليمي",
            "The newsletter of the city council",
        ] {
            assert_eq!(found(line), Vec::<&str>::new());
        }
        let long = format!("We use cookies {}", "and so on ".repeat(40));
        assert!(found(&long).is_empty());
    }

    #[test]
    fn buttons_on_lines_of_their_own_count_together() {
        assert_eq!(found("نص\nFacebook\n\nTwitter\nWhatsApp\nنص"), ["Facebook", "Twitter", "WhatsApp"]);
        assert_eq!(found("Facebook\nTwitter\nشارك"), ["Facebook", "Twitter", "شارك"]);
        assert_eq!(found("Facebook\nTwitter\nنص\nWhatsApp"), Vec::<&str>::new());
        assert_eq!(found("Facebook\r\nTwitter\r\nX\r\n"), ["Facebook", "Twitter", "X"]);
    }

    #[test]
    fn phrases_of_the_lists_are_furniture_and_stand_there_once() {
        for (language, list) in LISTS {
            let list: List = toml::from_str(list).unwrap();
            let mut seen = HashSet::new();
            for phrase in list.lines.iter().chain(&list.begins) {
                assert_eq!(found(phrase), [phrase], "{language}");
            }
            for phrase in list.lines.iter().chain(&list.networks) {
                assert!(!folded(phrase).is_empty() && seen.insert(phrase.as_str()), "{language}: {phrase}");
            }
        }
    }
}
