//! Articles that were read before, word for word or nearly.
//!
//! Nearly the same is what shares most of its runs of three words, estimated by
//! MinHash (Broder 1997, “On the resemblance and containment of documents”),
//! and found by banding (Leskovec, Rajaraman and Ullman, “Mining of Massive
//! Datasets”, section 3.4).

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher64V1, calculate_minhash_params};

use crate::{
    annotation::{EntityRecord, ErrorRecord, Record},
    article::Article,
    dates,
    words::words,
};

/// The entities of the latest articles that are kept for their duplicates: some
/// thousand articles, and 10 MB. What comes again later is annotated again.
const REMEMBERED_ENTITIES: usize = 1 << 15;

/// Words in a shingle.
const SHINGLE: usize = 3;

/// Hash functions of a signature.
const HASHES: usize = 128;

/// The hash of what makes two articles with the same text the same to annotate:
/// language and day say what a relative date means. What the text tells of them
/// is the same. A run of a million articles keeps one for each.
fn context(article: &Article) -> u64 {
    let day = article.date.map(|date| date.day);
    let file_day = if day.is_none() { dates::day_of_file(article) } else { None };
    let mut hasher = DefaultHasher::new();
    (&article.language, day, file_day).hash(&mut hasher);
    hasher.finish()
}

/// The first half of a SHA-256 in hexadecimal digits: what is kept of each id and text of a run.
pub(super) fn key(sha256: &str) -> u128 {
    sha256.chars().take(32).fold(0, |key, digit| key << 4 | u128::from(digit.to_digit(16).unwrap_or(0)))
}

/// What came of the first article with a text.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Entities(Arc<Vec<EntityRecord>>),
    Failed(Arc<ErrorRecord>),
}

#[derive(Debug)]
struct First {
    id: Box<str>,
    /// Its [`context`].
    context: u64,
    found: Option<Found>,
    forgotten: bool,
    /// Duplicates in line behind it that will ask.
    waiting: u32,
}

/// Knows the texts that a run has read.
pub(super) struct Duplicates {
    firsts: HashMap<u128, First>,
    remembered: VecDeque<(u128, usize)>,
    entities: usize,
    /// Entities that are remembered, at most.
    capacity: usize,
    near: Option<Near>,
}

/// How an article stands to those before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Relation {
    New,
    /// Its entities are those of the first one.
    Same {
        of: String,
    },
    /// The text is that of another article, which means other days.
    SameText {
        of: String,
    },
    Near {
        of: String,
    },
}

impl Duplicates {
    /// `near` is the least share of common shingles, 0 to 1, that makes a near duplicate; `None` finds none.
    pub(super) fn new(near: Option<f64>) -> Self {
        Self {
            firsts: HashMap::new(),
            remembered: VecDeque::new(),
            entities: 0,
            capacity: REMEMBERED_ENTITIES,
            near: near.map(Near::new),
        }
    }

    /// Takes an article in.
    pub(super) fn relation(&mut self, article: &Article, sha256: &str) -> Relation {
        if article.text().is_empty() {
            return Relation::New;
        }
        let context = context(article);
        if let Some(first) = self.firsts.get_mut(&key(sha256)) {
            let of = first.id.to_string();
            if first.forgotten || first.context != context {
                return Relation::SameText { of };
            }
            first.waiting += 1;
            return Relation::Same { of };
        }
        if let Some(of) = self.near.as_mut().and_then(|near| near.find_or_insert(article)) {
            return Relation::Near { of };
        }
        let first = First { id: article.id.as_str().into(), context, found: None, forgotten: false, waiting: 0 };
        self.firsts.insert(key(sha256), first);
        Relation::New
    }

    /// Remembers what came of an article.
    pub(super) fn remember(&mut self, sha256: &str, record: &Record) {
        let key = key(sha256);
        let Some(first) = self.firsts.get_mut(&key).filter(|first| *first.id == *record.id) else { return };
        let found = match (&record.entities, &record.error) {
            (Some(entities), _) => Found::Entities(Arc::new(entities.clone())),
            (None, Some(error)) => Found::Failed(Arc::new(error.clone())),
            (None, None) => return,
        };
        let count = record.entities.as_ref().map_or(0, Vec::len) + 1;
        first.found = Some(found);
        self.remembered.push_back((key, count));
        self.entities += count;
        while self.entities > self.capacity
            && let Some((oldest, count)) = self.remembered.pop_front()
        {
            match self.firsts.get_mut(&oldest) {
                // Somebody will ask: keep it a while longer.
                Some(first) if first.waiting > 0 => {
                    self.remembered.push_back((oldest, count));
                    break;
                }
                Some(first) => {
                    first.found = None;
                    first.forgotten = true;
                    self.entities -= count;
                }
                None => self.entities -= count,
            }
        }
    }

    /// What came of the first article with this text, for one in line behind it.
    pub(super) fn found(&mut self, sha256: &str) -> Option<Found> {
        let first = self.firsts.get_mut(&key(sha256))?;
        first.waiting = first.waiting.saturating_sub(1);
        first.found.clone()
    }
}

/// The MinHash signature of words.
type Signature = Box<dyn Fn(&[&str]) -> Vec<u64> + Send>;

/// Finds articles that are nearly those before them.
struct Near {
    signature: Signature,
    index: MinHashIndex<u64, usize>,
    ids: Vec<String>,
}

impl Near {
    fn new(threshold: f64) -> Self {
        let (bands, width) = calculate_minhash_params(threshold, HASHES);
        let hasher = MinHasher64V1::new(bands * width);
        Self {
            signature: Box::new(move |words| hasher.create_signature(words.windows(SHINGLE))),
            index: MinHashIndex::new(bands, width, threshold),
            ids: Vec::new(),
        }
    }

    /// The first article that this one nearly repeats; one that repeats none is remembered itself.
    fn find_or_insert(&mut self, article: &Article) -> Option<String> {
        let text = article.text();
        let words: Vec<&str> = words(text).iter().map(|word| &text[word.range()]).collect();
        if words.len() < SHINGLE {
            return None;
        }
        let signature = (self.signature)(&words);
        if let Some(&first) = self.index.query(&signature).into_iter().min() {
            return self.ids.get(first).cloned();
        }
        self.index.insert(self.ids.len(), signature);
        self.ids.push(article.id.clone());
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{ArticleDate, DateSource};

    fn relation(duplicates: &mut Duplicates, id: &str, text: &str) -> Relation {
        let article = Article::new(id, text);
        duplicates.relation(&article, &article.sha256())
    }

    #[test]
    fn the_same_text_is_the_first_ones() {
        let mut duplicates = Duplicates::new(None);
        assert_eq!(relation(&mut duplicates, "a", "زار وفد طنجة"), Relation::New);
        assert_eq!(relation(&mut duplicates, "b", "زار وفد فاس"), Relation::New);
        assert_eq!(relation(&mut duplicates, "c", "زار وفد طنجة"), Relation::Same { of: "a".into() });
        assert_eq!(relation(&mut duplicates, "d", ""), Relation::New);
        assert_eq!(relation(&mut duplicates, "e", ""), Relation::New);
    }

    #[test]
    fn a_text_that_means_other_days_is_annotated_itself() {
        let mut duplicates = Duplicates::new(None);
        let day = jiff::civil::date(2024, 4, 24);
        let other = Relation::SameText { of: "a".into() };
        assert_eq!(relation(&mut duplicates, "a", "أمس"), Relation::New);
        let mut article = Article::new("b", "أمس");
        article.date = Some(ArticleDate { day, source: DateSource::Field });
        assert_eq!(duplicates.relation(&article, &article.sha256()), other);
        assert_eq!(relation(&mut duplicates, "2024-04-24.txt", "أمس"), other);
        article.date = None;
        assert_eq!(duplicates.relation(&article, &article.sha256()), Relation::Same { of: "a".into() });
        article.language = Some("fa".into());
        assert_eq!(duplicates.relation(&article, &article.sha256()), other);
    }

    #[test]
    fn what_is_no_longer_remembered_is_annotated_again() {
        let mut duplicates = Duplicates { capacity: 100, ..Duplicates::new(None) };
        let count = 150;
        for number in 0..count {
            let article = Article::new(number.to_string(), format!("text {number}"));
            duplicates.relation(&article, &article.sha256());
            duplicates.remember(&article.sha256(), &Record::annotated(&article, &[]));
        }
        assert_eq!(relation(&mut duplicates, "old", "text 1"), Relation::SameText { of: "1".into() });
        let last = format!("text {}", count - 1);
        assert!(matches!(relation(&mut duplicates, "new", &last), Relation::Same { .. }));
        assert!(matches!(duplicates.found(&Article::new("new", last).sha256()), Some(Found::Entities(_))));
        assert!(duplicates.entities <= 100);
    }

    #[test]
    fn wire_copy_with_another_headline_is_nearly_the_same() {
        let body: Vec<String> = (0..200).map(|number| format!("word{}", number * 37 % 200)).collect();
        let body = body.join(" ");
        let mut duplicates = Duplicates::new(Some(0.8));
        assert_eq!(relation(&mut duplicates, "a", &format!("Tanger AFP {body}")), Relation::New);
        let near = Relation::Near { of: "a".into() };
        assert_eq!(relation(&mut duplicates, "b", &format!("Rabat, Reuters: {body}")), near);
        let other: Vec<String> = (0..200).map(|number| format!("other{number}")).collect();
        assert_eq!(relation(&mut duplicates, "c", &other.join(" ")), Relation::New);
        let half: String = format!("{} {}", &body[..body.len() / 2], other[..100].join(" "));
        assert_eq!(relation(&mut duplicates, "d", &half), Relation::New);
    }
}
