//! The mistakes themselves: what was missed, spurious, mislabelled, misbounded.

use std::fmt;

use serde::Serialize;

use super::{
    AlignedArticle, Corpus, Labels, Mention,
    lenient::differ_by_clitics,
    matching::{Weight, best_pairs},
};
use crate::article::Article;

/// Code points of text that are shown before and after a mistake.
const CONTEXT: usize = 40;

/// What kind of mistake a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// A gold mention that nothing predicted overlaps, or only what belongs to another.
    Missed,
    /// The other way round.
    Spurious,
    /// The span of the gold with another label.
    Mislabelled,
    /// The label of the gold on another, overlapping span.
    Misbounded,
    /// Another label on another, overlapping span.
    MislabelledAndMisbounded,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Missed => "missed",
            Self::Spurious => "spurious",
            Self::Mislabelled => "mislabelled",
            Self::Misbounded => "misbounded",
            Self::MislabelledAndMisbounded => "mislabelled and misbounded",
        })
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Clitic => "clitic",
            Self::TooLong => "too long",
            Self::TooShort => "too short",
            Self::Shifted => "shifted",
        })
    }
}

/// How a predicted span differs from the gold it overlaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// Only by attached clitics or an elision at the beginning.
    Clitic,
    /// It holds all of the gold and more.
    TooLong,
    /// It holds a part of the gold and nothing else.
    TooShort,
    /// It holds a part of the gold and something else.
    Shifted,
}

/// A mistake, with the text around it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorCase<'corpus> {
    /// The article.
    pub id: &'corpus str,
    /// What is wrong.
    pub kind: ErrorKind,
    /// How the spans differ, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Boundary>,
    /// What should have been predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gold: Option<ErrorMention<'corpus>>,
    /// What was predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicted: Option<ErrorMention<'corpus>>,
    /// The text before, where the text is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The text after, where the text is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One side of a mistake.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorMention<'corpus> {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What it is said to be.
    pub label: &'corpus str,
    /// The slice of the article, where the text is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How sure the tagger was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
}

/// All mistakes, article by article, in the order of the text.
///
/// Each mention is in one case at most: right ones (span and label) are set
/// aside, then those with the same span or label are paired, then what overlaps.
pub fn error_cases<'corpus>(
    corpus: &'corpus Corpus,
    labels: &'corpus Labels,
) -> impl Iterator<Item = ErrorCase<'corpus>> {
    corpus.articles.iter().flat_map(|article| cases(article, labels))
}

/// The mentions of an article, each gold one with the predicted one that belongs
/// to it, right ones too; in the order of the text.
pub(super) fn joined(article: &AlignedArticle) -> Vec<(Option<&Mention>, Option<&Mention>)> {
    let mut found: Vec<(Option<&Mention>, Option<&Mention>)> = Vec::new();
    let pairs = best_pairs(&article.gold, &article.predicted, weight);
    let (mut gold, mut predicted) = (0, 0);
    for (g, p) in pairs.into_iter().chain([(article.gold.len(), article.predicted.len())]) {
        found.extend(article.gold[gold..g].iter().map(|missed| (Some(missed), None)));
        found.extend(article.predicted[predicted..p].iter().map(|spurious| (None, Some(spurious))));
        found.extend(article.gold.get(g).map(|of_gold| (Some(of_gold), article.predicted.get(p))));
        (gold, predicted) = (g + 1, p + 1);
    }
    found.sort_by_key(|&(gold, predicted)| gold.or(predicted).map(|mention| mention.start));
    found
}

fn cases<'corpus>(article: &'corpus AlignedArticle, labels: &'corpus Labels) -> Vec<ErrorCase<'corpus>> {
    let mut found = joined(article);
    found.retain(|&(gold, predicted)| kind(gold, predicted).is_some());
    if found.is_empty() {
        return Vec::new();
    }
    let text = article.text.as_ref().map(|text| Article::new("", text.as_str()));
    let slice = |start: usize, end: usize| {
        let text = text.as_ref()?;
        text.span_of_chars(start..end).map(|span| text.slice(span).to_owned())
    };
    let side = |mention: &Mention| ErrorMention {
        start: mention.start,
        end: mention.end,
        label: labels.name(mention.label),
        text: slice(mention.start, mention.end),
        score: mention.score,
    };
    let chars = text.as_ref().map_or(0, Article::char_count);
    let case = |(gold, predicted): (Option<&Mention>, Option<&Mention>)| {
        let sides = || gold.into_iter().chain(predicted);
        let start = sides().map(|mention| mention.start).min()?;
        let end = sides().map(|mention| mention.end).max()?;
        Some(ErrorCase {
            id: &article.id,
            kind: kind(gold, predicted)?,
            boundary: gold.zip(predicted).and_then(|(gold, predicted)| boundary(gold, predicted, text.as_ref())),
            gold: gold.map(side),
            predicted: predicted.map(side),
            before: slice(start.saturating_sub(CONTEXT), start),
            after: slice(end, (end + CONTEXT).min(chars)),
        })
    };
    found.into_iter().filter_map(case).collect()
}

/// What a pair, or a mention without one, is; `None` where it is right.
pub(super) fn kind(gold: Option<&Mention>, predicted: Option<&Mention>) -> Option<ErrorKind> {
    let (gold, predicted) = match (gold, predicted) {
        (Some(gold), Some(predicted)) => (gold, predicted),
        (Some(_), None) => return Some(ErrorKind::Missed),
        (None, Some(_)) => return Some(ErrorKind::Spurious),
        (None, None) => return None,
    };
    match (gold.same_span(predicted), gold.label == predicted.label) {
        (true, true) => None,
        (true, false) => Some(ErrorKind::Mislabelled),
        (false, true) => Some(ErrorKind::Misbounded),
        (false, false) => Some(ErrorKind::MislabelledAndMisbounded),
    }
}

fn boundary(gold: &Mention, predicted: &Mention, text: Option<&Article>) -> Option<Boundary> {
    let holds = |outer: &Mention, inner: &Mention| outer.start <= inner.start && inner.end <= outer.end;
    Some(match (holds(predicted, gold), holds(gold, predicted)) {
        (true, true) => return None,
        _ if text.is_some_and(|text| differ_by_clitics(text, gold, predicted)) => Boundary::Clitic,
        (true, false) => Boundary::TooLong,
        (false, true) => Boundary::TooShort,
        (false, false) => Boundary::Shifted,
    })
}

/// Mentions of the same label belong together before others do. (Those of the
/// same span overlap nothing else, so nothing competes with them.)
fn weight(gold: &Mention, predicted: &Mention) -> Weight {
    let same_label = gold.label == predicted.label;
    // More than the two pairs of other labels that one of the same label can exclude.
    [if same_label { 3 } else { 1 }, u64::from(same_label), gold.overlap(predicted) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{AnnotationSet, align};

    /// The cases of a text, as `kind gold|predicted`.
    fn found(text: &str, gold: &[(&str, &str)], predicted: &[(&str, &str)]) -> Vec<String> {
        let labels = Labels::default();
        let set = |mentions: &[(&str, &str)]| {
            let entities: Vec<_> = mentions
                .iter()
                .map(|(mention, label)| {
                    let start = text[..text.find(mention).unwrap()].chars().count();
                    serde_json::json!({"start": start, "end": start + mention.chars().count(), "label": label})
                })
                .collect();
            let line = serde_json::json!({"id": "a", "text": text, "entities": entities}).to_string();
            AnnotationSet::read(line.as_bytes(), "a.jsonl", &labels).unwrap()
        };
        let corpus = align(set(gold), set(predicted)).unwrap();
        let side = |mention: &Option<ErrorMention<'_>>| {
            mention
                .as_ref()
                .map_or_else(String::new, |mention| format!("{} {:?}", mention.label, mention.text.as_deref().unwrap()))
        };
        error_cases(&corpus, &labels)
            .map(|case| {
                let boundary = case.boundary.map(|boundary| format!(" ({boundary:?})")).unwrap_or_default();
                format!("{:?}{boundary}: {} | {}", case.kind, side(&case.gold), side(&case.predicted))
            })
            .collect()
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        let text = "زار منير وفد جماعة طنجة في الرباط وفاس أمس الأربعاء عبر نهر سبو";
        insta::assert_snapshot!(
            found(
                text,
                &[("منير", "PER"), ("جماعة طنجة", "ORG"), ("الرباط", "CITY"), ("فاس", "CITY"), ("نهر سبو", "LOC")],
                &[("منير", "PER"), ("طنجة", "CITY"), ("الرباط", "LOC"), ("أمس الأربعاء", "DATE"), ("سبو", "LOC")],
            )
            .join("\n"),
            @r#"
            MislabelledAndMisbounded (TooShort): ORG "جماعة طنجة" | CITY "طنجة"
            Mislabelled: CITY "الرباط" | LOC "الرباط"
            Missed: CITY "فاس" | 
            Spurious:  | DATE "أمس الأربعاء"
            Misbounded (TooShort): LOC "نهر سبو" | LOC "سبو"
            "#
        );
    }

    #[test]
    fn boundaries_are_too_long_too_short_shifted_or_off_by_a_clitic() {
        let text = "وطنجة ثم مدينة فاس ونهر سبو قرب المغرب";
        insta::assert_snapshot!(
            found(
                text,
                &[("طنجة", "CITY"), ("فاس", "CITY"), ("نهر سبو", "LOC"), ("قرب المغرب", "LOC")],
                &[("وطنجة", "CITY"), ("مدينة فاس", "CITY"), ("سبو قرب", "LOC"), ("المغرب", "LOC")],
            )
            .join("\n"),
            @r#"
            Misbounded (Clitic): CITY "طنجة" | CITY "وطنجة"
            Misbounded (TooLong): CITY "فاس" | CITY "مدينة فاس"
            Misbounded (Shifted): LOC "نهر سبو" | LOC "سبو قرب"
            Misbounded (TooShort): LOC "قرب المغرب" | LOC "المغرب"
            "#
        );
    }

    #[test]
    fn the_part_with_the_label_is_the_misbounded_one() {
        let cases = found("جماعة مدينة طنجة", &[("جماعة مدينة طنجة", "ORG")], &[("مدينة", "CITY"), ("طنجة", "ORG")]);
        assert_eq!(cases.len(), 2);
        assert!(
            cases.iter().any(|case| case.starts_with("Misbounded"))
                && cases.iter().any(|case| case.starts_with("Spurious")),
            "{cases:?}"
        );
    }

    #[test]
    fn context_stays_within_the_text() {
        let labels = Labels::default();
        let read = |lines: &str| AnnotationSet::read(lines.as_bytes(), "a.jsonl", &labels).unwrap();
        let gold = read(r#"{"id":"a","text":"وفاس.","entities":[{"start":1,"end":4,"label":"CITY"}]}"#);
        let corpus = align(gold, AnnotationSet::default()).unwrap();
        let case = error_cases(&corpus, &labels).next().unwrap();
        assert_eq!((case.before.as_deref(), case.after.as_deref()), (Some("و"), Some(".")));
        assert_eq!(
            serde_json::to_string(&case).unwrap(),
            r#"{"id":"a","kind":"missed","gold":{"start":1,"end":4,"label":"CITY","text":"فاس"},"before":"و","after":"."}"#
        );
    }
}
