//! Why a scorer of word tags gives another number: the entities it judges otherwise.

use std::collections::HashSet;

use serde::Serialize;

use super::{
    AlignedArticle, Corpus, EvalError, Labels, Mention,
    table::{Table, TableStyle},
};
use crate::{article::Article, words};

/// Disagreements that tables list; programs get all of them.
const LISTED: usize = 20;

/// An entity that is right for one scorer and not for the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The article.
    pub id: String,
    /// Whether the entity is of the gold or predicted.
    pub side: Side,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What it is said to be.
    pub label: String,
    /// The slice of the article.
    pub text: String,
    /// Why the two part.
    pub because: Reason,
}

/// The side an entity is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Labelled by hand.
    Gold,
    /// Predicted.
    Predicted,
}

/// Why two scorers part on an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its span is wrong by our count, but its words are those of the other
    /// side's: boundaries differ within a word. Right for tags.
    SameWords,
    /// Its words went to an entity that begins earlier in the first of them, on
    /// this side or the other. Wrong or unseen for tags.
    SharedWord,
}

/// The entities that `strict` and a scorer of word tags judge otherwise, in the
/// order of the articles.
///
/// # Errors
/// [`EvalError::NoText`] for an article without a text.
pub fn explain_difference(corpus: &Corpus, labels: &Labels) -> Result<Vec<Disagreement>, EvalError> {
    let mut found = Vec::new();
    for article in &corpus.articles {
        let text = article
            .text
            .as_ref()
            .ok_or_else(|| EvalError::NoText { what: "`--explain-difference`".into(), id: article.id.clone() })?;
        of_article(article, &Article::new("", text.as_str()), labels, &mut found);
    }
    Ok(found)
}

fn of_article(article: &AlignedArticle, text: &Article, labels: &Labels, found: &mut Vec<Disagreement>) {
    let word_spans: Vec<(usize, usize)> = words::words(text.text())
        .into_iter()
        .filter_map(|word| text.span(word.range()))
        .map(|span| (span.chars().start, span.chars().end))
        .collect();
    let sides = [&article.gold, &article.predicted].map(|mentions| (mentions, chunks(&word_spans, mentions)));
    let [gold, predicted] = &sides;
    for (side, (mentions, own), (others, other)) in [(Side::Gold, gold, predicted), (Side::Predicted, predicted, gold)]
    {
        let spans: HashSet<_> = others.iter().map(|mention| (mention.start, mention.end, mention.label)).collect();
        let taken: HashSet<_> =
            others.iter().zip(other).filter_map(|(mention, chunk)| Some(((*chunk)?, mention.label))).collect();
        for (mention, chunk) in mentions.iter().zip(own) {
            let ours = spans.contains(&(mention.start, mention.end, mention.label));
            let theirs = chunk.is_some_and(|chunk| taken.contains(&(chunk, mention.label)));
            let because = match (ours, theirs) {
                (false, true) => Reason::SameWords,
                (true, false) => Reason::SharedWord,
                // Wrong for both, but for tags it is not even there.
                (false, false) if chunk.is_none() => Reason::SharedWord,
                _ => continue,
            };
            let slice = text.span_of_chars(mention.start..mention.end).map(|span| text.slice(span).to_owned());
            found.push(Disagreement {
                id: article.id.clone(),
                side,
                start: mention.start,
                end: mention.end,
                label: labels.name(mention.label).to_owned(),
                text: slice.unwrap_or_default(),
                because,
            });
        }
    }
}

/// The words that become each mention's: the first one and one past the last. A
/// word goes to the first mention it shares a letter with.
fn chunks(words: &[(usize, usize)], mentions: &[Mention]) -> Vec<Option<(usize, usize)>> {
    let mut chunks = vec![None; mentions.len()];
    let mut current = 0;
    for (word, &(start, end)) in words.iter().enumerate() {
        while mentions.get(current).is_some_and(|mention| mention.end <= start) {
            current += 1;
        }
        if mentions.get(current).is_some_and(|mention| mention.start < end) {
            let (first, _) = chunks[current].unwrap_or((word, word));
            chunks[current] = Some((first, word + 1));
        }
    }
    chunks
}

/// The table of disagreements.
pub fn disagreement_table(disagreements: &[Disagreement], style: TableStyle) -> String {
    let title = match disagreements.len().saturating_sub(LISTED) {
        0 => "entities that `strict` and a scorer of word tags judge otherwise".to_owned(),
        more => {
            format!("entities that `strict` and a scorer of word tags judge otherwise; {more} more in `--format json`")
        }
    };
    let mut table = Table::new("difference", title, &["because", "side", "label", "text", "article"]);
    for disagreement in disagreements.iter().take(LISTED) {
        let because = match disagreement.because {
            Reason::SameWords => "same words, other span: right for tags",
            Reason::SharedWord => "word of another entity: lost for tags",
        };
        let side = match disagreement.side {
            Side::Gold => "gold",
            Side::Predicted => "predicted",
        };
        let text = disagreement.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cells = [because, side, &disagreement.label, &format!("\u{2068}{text}\u{2069}"), &disagreement.id];
        table.rows.push(cells.map(str::to_owned).to_vec());
    }
    let mut output = String::new();
    table.write(style, &mut output);
    output
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{AnnotationSet, Tool, align, score_as};

    fn corpus(text: &str, sides: [&[(usize, usize, &str)]; 2]) -> Corpus {
        let side = |mentions: &[(usize, usize, &str)]| {
            let entity = |&(start, end, label): &(usize, usize, &str)| serde_json::json!({"start": start, "end": end, "label": label});
            let entities: Vec<_> = mentions.iter().map(entity).collect();
            let line = serde_json::json!({"id": "a", "text": text, "entities": entities}).to_string();
            AnnotationSet::read(line.as_bytes(), "a.jsonl", &Labels::default()).unwrap()
        };
        align(side(sides[0]), side(sides[1])).unwrap()
    }

    fn reasons(text: &str, sides: [&[(usize, usize, &str)]; 2]) -> Vec<(Side, Reason)> {
        let found = explain_difference(&corpus(text, sides), &Labels::default()).unwrap();
        found.into_iter().map(|disagreement| (disagreement.side, disagreement.because)).collect()
    }

    #[test]
    fn a_clitic_is_nothing_to_a_scorer_of_tags() {
        let sides: [&[_]; 2] = [&[(1, 5, "CITY"), (6, 9, "CITY")], &[(0, 5, "CITY"), (6, 9, "CITY")]];
        let both = vec![(Side::Gold, Reason::SameWords), (Side::Predicted, Reason::SameWords)];
        assert_eq!(reasons("وطنجة فاس", sides), both);
        let report = score_as(Tool::Seqeval, &corpus("وطنجة فاس", sides), &Labels::default()).unwrap();
        assert_eq!(report.sections[0].averages[0].1.f1, 1.0);
    }

    #[test]
    fn two_entities_in_a_word_are_one_to_it() {
        let sides: [&[_]; 2] = [&[(0, 2, "PER"), (2, 5, "CITY")], &[(0, 2, "PER"), (2, 5, "CITY")]];
        assert_eq!(reasons("وطنجة", sides), [(Side::Gold, Reason::SharedWord), (Side::Predicted, Reason::SharedWord)]);
    }

    #[test]
    fn where_spans_fill_words_there_is_no_difference() {
        assert_eq!(reasons("طنجة فاس", [&[(0, 4, "CITY")], &[(0, 8, "CITY")]]), []);
    }
}
