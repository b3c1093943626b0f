//! Names that are clear in one place of an article, where the model missed them in another.
//!
//! “The network «Strong Cities»” tells what the name is; “in the projects of «Strong Cities»”, further down, does not.

use std::{collections::HashMap, ops::Range};

use super::{Entity, name::Names};
use crate::{
    article::Article,
    model::Label,
    words::{Proclitics, Word},
};

/// The score from which a name is clear: little is added from there on, and most of that is right.
const CLEAR: f32 = 0.95;

/// A name that is clear somewhere.
struct Clear<'article> {
    /// Its words as they are written.
    written: Vec<&'article str>,
    name: String,
    label: Label,
    score: f32,
}

/// Adds the mentions of clear names that stand where `found` has nothing.
///
/// Only names of two words and more: a single one may be another thing elsewhere. `inside` is how likely a word is in
/// any entity; the score of what is added is the geometric mean of that over its words and of the clear mention's.
pub(super) fn add_repeats(
    article: &Article,
    words: &[Word],
    names: &Names<'_>,
    inside: impl Fn(usize) -> f32,
    found: &mut Vec<Entity>,
) {
    let text = article.text();
    let clear = clear_names(text, words, found);
    if clear.is_empty() {
        return;
    }
    let mut added = Vec::new();
    let mut taken = found.iter().map(|entity| entity.span.bytes()).peekable();
    let mut first = 0;
    while first + 1 < words.len() {
        while taken.next_if(|range| range.end <= words[first].start).is_some() {}
        let until = taken.peek().map_or(text.len(), |range| range.start);
        let second = &text[words[first + 1].range()];
        let mention = clear.get(second).into_iter().flatten().find_map(|clear| {
            let last = first + clear.written.len() - 1;
            let end = words.get(last)?.end;
            let same = (first + 1..=last)
                .zip(&clear.written[1..])
                .all(|(word, written)| text[words[word].range()] == **written);
            if !same || end > until || text[words[first].start..end].contains('\n') {
                return None;
            }
            let range = name_at(text, words[first], end, names, &clear.name)?;
            let likely = (first..=last).map(|word| inside(word).max(f32::MIN_POSITIVE).ln()).sum::<f32>();
            let likely = (likely / clear.written.len() as f32).exp();
            let score = (clear.score * likely).sqrt();
            let span = article.span(range)?;
            Some((last, Entity { span, label: clear.label, name: clear.name.clone(), score, date: None }))
        });
        first += 1;
        if let Some((last, entity)) = mention {
            added.push(entity);
            first = last + 1;
        }
    }
    found.extend(added);
    found.sort_by_key(|entity| entity.span.bytes().start);
}

/// The clear names by their second word, longest first.
fn clear_names<'article>(
    text: &'article str,
    words: &[Word],
    found: &[Entity],
) -> HashMap<&'article str, Vec<Clear<'article>>> {
    let mut clear: HashMap<&str, Vec<Clear<'_>>> = HashMap::new();
    for entity in found.iter().filter(|entity| entity.score >= CLEAR && entity.label != Label::Date) {
        let bytes = entity.span.bytes();
        let first = words.partition_point(|word| word.end <= bytes.start);
        let last = words.partition_point(|word| word.start < bytes.end);
        let written: Vec<&str> = words[first..last].iter().map(|word| &text[word.range()]).collect();
        let [_, second, ..] = written[..] else { continue };
        let of_second = clear.entry(second).or_default();
        match of_second.iter_mut().find(|known| known.name == entity.name) {
            Some(known) if known.score >= entity.score => {}
            Some(known) => (known.label, known.score) = (entity.label, entity.score),
            None => {
                of_second.push(Clear { written, name: entity.name.clone(), label: entity.label, score: entity.score });
            }
        }
    }
    for names in clear.values_mut() {
        names.sort_by_key(|clear| std::cmp::Reverse(clear.written.len()));
    }
    clear
}

/// Where the name stands that ends at `end` and begins in the word `first`, maybe after proclitics.
fn name_at(text: &str, first: Word, end: usize, names: &Names<'_>, name: &str) -> Option<Range<usize>> {
    let word = &text[first.range()];
    (0..=Proclitics::MAX)
        .map(Proclitics)
        .filter(|proclitics| proclitics.fit(word))
        .map(|proclitics| first.start + proclitics.byte_len(word)..end)
        .find(|range| names.name(range.clone()) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    /// What is added where the first mention of `name` has this score.
    fn added(text: &str, name: &str, label: Label, score: f32) -> Vec<(String, String)> {
        let article = Article::new("test", text);
        let words = words(text);
        let start = text.find(name).unwrap();
        let names = Names::new(text, &words);
        let span = article.span(start..start + name.len()).unwrap();
        let mut found = vec![Entity { span, label, name: names.name(start..start + name.len()), score, date: None }];
        add_repeats(&article, &words, &names, |_| 0.25, &mut found);
        assert!(found.is_sorted_by_key(|entity| entity.span.bytes().start));
        found
            .into_iter()
            .filter(|entity| entity.score != score)
            .map(|entity| (article.slice(entity.span).to_owned(), entity.name))
            .collect()
    }

    #[test]
    fn a_clear_name_is_one_wherever_it_stands() {
        let text = "شبكة «المدن القوية» في فاليتا. صديقة للمدن القوية، ومشاريع والمدن القوية.";
        assert_eq!(
            added(text, "المدن القوية", Label::Org, 0.97),
            [("لمدن القوية".into(), "المدن القوية".into()), ("المدن القوية".into(), "المدن القوية".into())]
        );
        assert_eq!(added(text, "المدن القوية", Label::Org, 0.9), []);
    }

    #[test]
    fn single_words_and_parts_of_words_are_not_added() {
        assert_eq!(added("Nador, then Nador", "Nador", Label::City, 0.99), []);
        assert_eq!(added("Strong Cities and Armstrong Cities", "Strong Cities", Label::Org, 0.99), []);
        assert_eq!(added("Strong Cities, Strong\nCities", "Strong Cities", Label::Org, 0.99), []);
    }

    #[test]
    fn the_score_is_between_the_clear_and_the_unclear() {
        let text = "Strong Cities; Strong Cities";
        let article = Article::new("test", text);
        let words = words(text);
        let names = Names::new(text, &words);
        let first = Entity {
            span: article.span(0..13).unwrap(),
            label: Label::Org,
            name: "Strong Cities".into(),
            score: 1.0,
            date: None,
        };
        let mut found = vec![first];
        add_repeats(&article, &words, &names, |_| 0.25, &mut found);
        assert!((found[1].score - 0.5).abs() < 1e-6);
    }
}
