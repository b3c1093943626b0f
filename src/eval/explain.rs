//! Why a scorer of word tags gives another number: the entities it judges otherwise.

use std::collections::HashSet;

use serde::Serialize;

use super::{
    AlignedArticle, Corpus, EvalError, Labels, Mention, Tool,
    nervaluate::{Measure, Span, matched},
    score::pairs,
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
    /// The measure, where the scorer has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<&'static str>,
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
    /// nervaluate takes predictions in order and gives each the first gold chunk
    /// that will do, so that a better partner can be gone.
    Order,
    /// Its first tag is an `I-`: strict IOB2 has no entity there.
    IllFormed,
}

/// Entities by article and span in code points.
pub type Places = HashSet<(String, usize, usize)>;

/// The entities that we and a scorer of word tags judge otherwise, in the order
/// of the articles: by `strict`, and for nervaluate by each of its four measures.
///
/// `ill_formed` are the entities of the gold and of the predictions that strict
/// IOB2 does not see, where both were read from tags.
///
/// # Errors
/// [`EvalError::NoText`] for an article without a text.
pub fn explain_difference(
    tool: Tool,
    corpus: &Corpus,
    labels: &Labels,
    ill_formed: &[Places; 2],
) -> Result<Vec<Disagreement>, EvalError> {
    let mut found = Vec::new();
    for article in &corpus.articles {
        let text = article
            .text
            .as_ref()
            .ok_or_else(|| EvalError::NoText { what: "`--explain-difference`".into(), id: article.id.clone() })?;
        let text = Article::new("", text.as_str());
        let mut add = |measure, side, mention: &Mention, because| {
            let slice = text.span_of_chars(mention.start..mention.end).map(|span| text.slice(span).to_owned());
            found.push(Disagreement {
                id: article.id.clone(),
                measure,
                side,
                start: mention.start,
                end: mention.end,
                label: labels.name(mention.label).to_owned(),
                text: slice.unwrap_or_default(),
                because,
            });
        };
        match tool {
            // It counts the same spans as `strict`.
            Tool::Spacy => {}
            Tool::Nervaluate => by_measures(article, &text, labels, &mut add),
            Tool::Seqeval | Tool::SeqevalStrict | Tool::Conlleval => by_tags(article, &text, &mut add),
        }
        if tool == Tool::SeqevalStrict {
            for (side, mentions, ill_formed) in
                [(Side::Gold, &article.gold, &ill_formed[0]), (Side::Predicted, &article.predicted, &ill_formed[1])]
            {
                let is_ill =
                    |mention: &&Mention| ill_formed.contains(&(article.id.clone(), mention.start, mention.end));
                mentions.iter().filter(is_ill).for_each(|mention| add(None, side, mention, Reason::IllFormed));
            }
        }
    }
    Ok(found)
}

/// Gold and predicted mentions, each with the words that become it.
fn sides<'article>(article: &'article AlignedArticle, text: &Article) -> [(&'article [Mention], Chunks); 2] {
    let word_spans: Vec<(usize, usize)> = words::words(text.text())
        .into_iter()
        .filter_map(|word| text.span(word.range()))
        .map(|span| (span.chars().start, span.chars().end))
        .collect();
    [&article.gold, &article.predicted].map(|mentions| (mentions.as_slice(), chunks(&word_spans, mentions)))
}

fn by_tags(
    article: &AlignedArticle,
    text: &Article,
    add: &mut impl FnMut(Option<&'static str>, Side, &Mention, Reason),
) {
    let [gold, predicted] = &sides(article, text);
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
            add(None, side, mention, because);
        }
    }
}

/// What each mention is worth by each of nervaluate's measures, against our mode of the same name.
fn by_measures(
    article: &AlignedArticle,
    text: &Article,
    labels: &Labels,
    add: &mut impl FnMut(Option<&'static str>, Side, &Mention, Reason),
) {
    let sides = sides(article, text);
    let spans = sides.each_ref().map(|(mentions, chunks)| -> Vec<Span> {
        let of_mention = |(mention, chunk): (&Mention, &Option<(usize, usize)>)| {
            chunk.map(|(first, end)| (first, end, labels.name(mention.label).to_owned()))
        };
        mentions.iter().zip(chunks).filter_map(of_mention).collect()
    });
    for (mode, name, measure) in Measure::OF_MODES {
        let mut ours = [vec![0; article.gold.len()], vec![0; article.predicted.len()]];
        for (gold, predicted) in pairs(article, mode, None) {
            let credit = mode.credit(&article.gold[gold], &article.predicted[predicted], None);
            (ours[0][gold], ours[1][predicted]) = (credit, credit);
        }
        let theirs = matched(measure, &spans[0], &spans[1]);
        let all_seen = sides.iter().all(|(_, chunks)| chunks.iter().all(Option::is_some));
        // Other partners that are worth as much leave the number as it is.
        if all_seen && theirs[0].iter().map(|verdict| verdict.credit()).sum::<u32>() == ours[0].iter().sum::<u32>() {
            continue;
        }
        for (at, side) in [Side::Gold, Side::Predicted].into_iter().enumerate() {
            let ((mentions, chunks), (_, others)) = (&sides[at], &sides[1 - at]);
            let mut verdicts = theirs[at].iter();
            for ((mention, chunk), ours) in mentions.iter().zip(chunks).zip(&ours[at]) {
                // Mentions without a word have no verdict.
                let verdict = chunk.and_then(|_| verdicts.next());
                let because = match verdict {
                    None => Reason::SharedWord,
                    Some(verdict) if verdict.credit() == *ours => continue,
                    Some(verdict) if verdict.credit() > *ours && others.contains(chunk) => Reason::SameWords,
                    Some(_) => Reason::Order,
                };
                add(Some(name), side, mention, because);
            }
        }
    }
}

/// The words of each mention, where any are left for it: the first one and one past the last.
type Chunks = Vec<Option<(usize, usize)>>;

/// The words that become each mention's: the first one and one past the last. A
/// word goes to the first mention it shares a letter with.
fn chunks(words: &[(usize, usize)], mentions: &[Mention]) -> Chunks {
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
        0 => "entities that we and that scorer judge otherwise".to_owned(),
        more => format!("entities that we and that scorer judge otherwise; {more} more in `--format json`"),
    };
    let mut table = Table::new("difference", title, &["because", "measure", "side", "label", "text", "article"]);
    for disagreement in disagreements.iter().take(LISTED) {
        let because = match disagreement.because {
            Reason::SameWords => "same words, other span: more for tags",
            Reason::SharedWord => "word of another entity: lost for tags",
            Reason::Order => "matched in order: a better partner was gone",
            Reason::IllFormed => "begins with I-: none for strict IOB2",
        };
        let side = match disagreement.side {
            Side::Gold => "gold",
            Side::Predicted => "predicted",
        };
        let measure = disagreement.measure.unwrap_or("strict");
        let text = disagreement.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cells = [because, measure, side, &disagreement.label, &format!("\u{2068}{text}\u{2069}"), &disagreement.id];
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
        let none = <[Places; 2]>::default();
        let found = explain_difference(Tool::Seqeval, &corpus(text, sides), &Labels::default(), &none).unwrap();
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

    /// Measure, side, text and reason for nervaluate; what its scores are is tested with the tool's own.
    fn of_nervaluate(text: &str, sides: [&[(usize, usize, &str)]; 2]) -> Vec<(&'static str, Side, String, Reason)> {
        let none = <[Places; 2]>::default();
        let found = explain_difference(Tool::Nervaluate, &corpus(text, sides), &Labels::default(), &none).unwrap();
        found.into_iter().map(|found| (found.measure.unwrap(), found.side, found.text, found.because)).collect()
    }

    #[test]
    fn nervaluate_gives_a_clitic_more_and_a_shared_word_less() {
        let clitic = of_nervaluate("وطنجة فاس", [&[(1, 5, "CITY")], &[(0, 5, "CITY")]]);
        // Overlapping spans are right by type for both.
        let measures: Vec<_> = clitic.iter().map(|found| (found.0, found.3)).collect();
        let twice = |name| [(name, Reason::SameWords); 2];
        assert_eq!(measures, [twice("strict"), twice("exact"), twice("partial")].concat());
        let shared = of_nervaluate("وطنجة", [&[(0, 2, "PER"), (2, 5, "CITY")], &[(0, 2, "PER"), (2, 5, "CITY")]]);
        assert_eq!(shared.len(), 8, "{shared:?}");
        assert!(shared.iter().all(|found| found.2 == "نجة" && found.3 == Reason::SharedWord), "{shared:?}");
    }

    #[test]
    fn nervaluate_may_give_the_best_partner_away() {
        // The long prediction gets the first gold entity in part, by ours the one of its label: worth as much.
        let sides: [&[_]; 2] = [&[(0, 4, "CITY"), (5, 8, "LOC")], &[(0, 8, "LOC")]];
        assert_eq!(of_nervaluate("طنجة فاس", sides), []);
        let sides: [&[_]; 2] = [&[(0, 12, "LOC")], &[(0, 4, "PER"), (5, 8, "LOC")]];
        let found = of_nervaluate("طنجة فاس سلا", sides);
        // For the type measure, the first prediction overlaps and takes the gold chunk as incorrect.
        let by_type: Vec<_> = found.iter().filter(|found| found.0 == "ent_type").collect();
        assert!(by_type.iter().all(|found| found.3 == Reason::Order) && by_type.len() == 2, "{found:?}");
    }

    #[test]
    fn strict_iob2_does_not_see_what_begins_inside() {
        let sides: [&[_]; 2] = [&[(0, 4, "CITY")], &[(0, 4, "CITY")]];
        let ill: [Places; 2] = [[("a".to_owned(), 0, 4)].into(), Places::default()];
        let of = |tool| explain_difference(tool, &corpus("طنجة فاس", sides), &Labels::default(), &ill).unwrap();
        let found = of(Tool::SeqevalStrict);
        assert_eq!(
            found.iter().map(|found| (found.side, found.because)).collect::<Vec<_>>(),
            [(Side::Gold, Reason::IllFormed)]
        );
        assert_eq!(of(Tool::Seqeval), []);
    }

    #[test]
    fn where_spans_fill_words_there_is_no_difference() {
        assert_eq!(reasons("طنجة فاس", [&[(0, 4, "CITY")], &[(0, 8, "CITY")]]), []);
    }
}
