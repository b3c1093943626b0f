//! The numbers other scorers give, for comparison with published ones.
//!
//! They count chunks of token tags, and call 0/0 zero. What a tag sequence means
//! where it is not well-formed is where they differ:
//!
//! | tool | an `I-` after `O` or another label | averages |
//! | --- | --- | --- |
//! | seqeval | begins a chunk | micro, macro, weighted over labels that occur |
//! | seqeval, strict IOB2 | belongs to none | the same |
//! | conlleval | begins a chunk | micro, accuracy of tags |
//! | spaCy | does not occur, it has spans | micro |
//! | nervaluate | begins a chunk | overall, for each of its four measures |
//!
//! Golden values come from the tools themselves: `eval/compat/golden.py`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    AlignedArticle, Corpus, EvalError, Labels, Mention, nervaluate,
    table::{Table, TableStyle, percent},
};
use crate::{article::Article, words};

/// A scorer whose numbers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `seqeval.metrics.classification_report` of seqeval 1.2.2, as it is.
    Seqeval,
    /// The same with `mode="strict"` and the scheme IOB2.
    SeqevalStrict,
    /// `conlleval.pl` of the CoNLL-2000 shared task.
    Conlleval,
    /// `Scorer.score_spans` on `ents` of spaCy 3.8, of documents exported with `musamma export --to spacy`.
    Spacy,
    /// `Evaluator` of nervaluate 1.2.1.
    Nervaluate,
}

impl Tool {
    /// The name, as in `--as`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seqeval => "seqeval",
            Self::SeqevalStrict => "seqeval-strict",
            Self::Conlleval => "conlleval",
            Self::Spacy => "spacy",
            Self::Nervaluate => "nervaluate",
        }
    }
}

/// The tags of a sentence, or an article, on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedTokens {
    /// One tag a token.
    pub gold: Vec<String>,
    /// As many.
    pub predicted: Vec<String>,
}

/// The scores a tool gives; 0 where it divides by 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ToolScores {
    /// As the tool has it.
    pub precision: f64,
    /// As the tool has it.
    pub recall: f64,
    /// As the tool has it.
    pub f1: f64,
    /// Gold chunks.
    pub support: usize,
}

/// What a tool reports.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolReport {
    /// The tool.
    pub tool: Tool,
    /// One, without a name; for nervaluate one a measure.
    pub sections: Vec<ToolSection>,
    /// The share of right tags, from conlleval.
    pub accuracy: Option<f64>,
}

/// Scores that a tool gives together.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSection {
    /// The measure, where the tool has several.
    pub name: Option<&'static str>,
    /// Labels that occur, sorted by name.
    pub labels: Vec<(String, ToolScores)>,
    /// Averages by name: `micro`, for seqeval also `macro` and `weighted`; for nervaluate `overall`.
    pub averages: Vec<(&'static str, ToolScores)>,
}

/// Scores a corpus as a tool would: for the tools with tags, words are the
/// tokens, and a word belongs to the first mention it shares a letter with.
///
/// # Errors
/// [`EvalError::NoText`] where words are needed and an article has no text.
pub fn score_as(tool: Tool, corpus: &Corpus, labels: &Labels) -> Result<ToolReport, EvalError> {
    if tool == Tool::Spacy {
        let chunks = |mentions: fn(&AlignedArticle) -> &Vec<Mention>| -> BTreeSet<Chunk<'_>> {
            let of_article = |(index, article): (usize, &'_ AlignedArticle)| {
                let chunk = move |mention: &Mention| (labels.name(mention.label), index, mention.start, mention.end);
                mentions(article).iter().map(chunk).collect::<Vec<_>>()
            };
            corpus.articles.iter().enumerate().flat_map(of_article).collect()
        };
        return Ok(report(tool, &chunks(|article| &article.gold), &chunks(|article| &article.predicted), None));
    }
    let tagged = |article: &AlignedArticle| {
        let text = article
            .text
            .as_ref()
            .ok_or_else(|| EvalError::NoText { what: format!("`--as {}`", tool.as_str()), id: article.id.clone() })?;
        let text = Article::new("", text.as_str());
        Ok(TaggedTokens {
            gold: tags(&text, &article.gold, labels),
            predicted: tags(&text, &article.predicted, labels),
        })
    };
    let tokens: Vec<TaggedTokens> = corpus.articles.iter().map(tagged).collect::<Result<_, EvalError>>()?;
    Ok(score_tags_as(tool, &tokens))
}

/// Scores tags as a tool would. spaCy has no tags: it is scored as seqeval is.
pub fn score_tags_as(tool: Tool, sentences: &[TaggedTokens]) -> ToolReport {
    if tool == Tool::Nervaluate {
        let chunks = |tags, index| chunks(tags, index, false);
        let documents: Vec<_> = sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (chunks(&sentence.gold, index), chunks(&sentence.predicted, index)))
            .collect();
        return ToolReport { tool, sections: nervaluate::sections(&documents), accuracy: None };
    }
    let strict = tool == Tool::SeqevalStrict;
    let side = |tags: fn(&TaggedTokens) -> &Vec<String>| -> BTreeSet<Chunk<'_>> {
        sentences.iter().enumerate().flat_map(|(index, sentence)| chunks(tags(sentence), index, strict)).collect()
    };
    let (gold, predicted) = (side(|sentence| &sentence.gold), side(|sentence| &sentence.predicted));
    let tags = || sentences.iter().flat_map(|sentence| sentence.gold.iter().zip(&sentence.predicted));
    let right = tags().filter(|(gold, predicted)| gold == predicted).count();
    let accuracy = (tool == Tool::Conlleval).then(|| ratio(right, tags().count()));
    report(tool, &gold, &predicted, accuracy)
}

/// The IOB2 tags of an article's words.
fn tags(text: &Article, mentions: &[Mention], labels: &Labels) -> Vec<String> {
    let mut mentions = mentions.iter().peekable();
    let mut open = None;
    let tag = |word: words::Word| {
        let Some(chars) = text.span(word.range()).map(|span| span.chars()) else { return "O".to_owned() };
        while mentions.next_if(|mention| mention.end <= chars.start).is_some() {}
        let mention = mentions.peek().filter(|mention| mention.start < chars.end);
        let start = mention.map(|mention| mention.start);
        let prefix = if start == std::mem::replace(&mut open, start) { "I" } else { "B" };
        mention.map_or_else(|| "O".to_owned(), |mention| format!("{prefix}-{}", labels.name(mention.label)))
    };
    words::words(text.text()).into_iter().map(tag).collect()
}

/// Label, sentence, first token and one past the last.
pub(super) type Chunk<'tags> = (&'tags str, usize, usize, usize);

/// The chunks of a tag sequence with the prefixes B, I and O; the rules are those
/// of conlleval, which seqeval took over.
fn chunks(tags: &[String], sentence: usize, strict: bool) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let (mut last_prefix, mut last_label) = ('O', "");
    for (token, tag) in tags.iter().map(String::as_str).chain(["O"]).enumerate() {
        let prefix = tag.chars().next().unwrap_or('O');
        let label = tag.split_once('-').map_or("", |(_, label)| label);
        let changes = last_prefix != 'O' && prefix != 'O' && label != last_label;
        let ends = last_prefix != 'O' && (matches!(prefix, 'B' | 'O') || changes);
        let begins = prefix == 'B' || (!strict && prefix != 'O' && (last_prefix == 'O' || changes));
        if ends && let Some((label, start)) = open.take() {
            chunks.push((label, sentence, start, token));
        }
        if begins {
            open = Some((label, token));
        }
        (last_prefix, last_label) = (prefix, label);
    }
    chunks
}

fn report(
    tool: Tool,
    gold: &BTreeSet<Chunk<'_>>,
    predicted: &BTreeSet<Chunk<'_>>,
    accuracy: Option<f64>,
) -> ToolReport {
    // Right, predicted and gold chunks by label.
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for chunk in predicted {
        let counts = counts.entry(chunk.0).or_default();
        counts[0] += usize::from(gold.contains(chunk));
        counts[1] += 1;
    }
    for chunk in gold {
        counts.entry(chunk.0).or_default()[2] += 1;
    }
    let total = counts.values().fold([0; 3], |sum, counts| std::array::from_fn(|index| sum[index] + counts[index]));
    let labels: Vec<(String, ToolScores)> =
        counts.iter().map(|(label, counts)| ((*label).to_owned(), ToolScores::of(*counts))).collect();
    let mut averages = vec![("micro", ToolScores::of(total))];
    if matches!(tool, Tool::Seqeval | Tool::SeqevalStrict) {
        let average = |weight: fn(&ToolScores) -> f64| {
            let weights: f64 = labels.iter().map(|(_, scores)| weight(scores)).sum();
            let mean = |of: fn(&ToolScores) -> f64| {
                let sum: f64 = labels.iter().map(|(_, scores)| of(scores) * weight(scores)).sum();
                if weights > 0.0 { sum / weights } else { 0.0 }
            };
            ToolScores {
                precision: mean(|scores| scores.precision),
                recall: mean(|scores| scores.recall),
                f1: mean(|scores| scores.f1),
                support: total[2],
            }
        };
        averages.push(("macro", average(|_| 1.0)));
        averages.push(("weighted", average(|scores| scores.support as f64)));
    }
    ToolReport { tool, sections: vec![ToolSection { name: None, labels, averages }], accuracy }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
}

impl ToolScores {
    fn of([right, predicted, gold]: [usize; 3]) -> Self {
        let (precision, recall) = (ratio(right, predicted), ratio(right, gold));
        Self { precision, recall, f1: ratio(2 * right, predicted + gold), support: gold }
    }

    fn json(self) -> Value {
        json!({"precision": self.precision, "recall": self.recall, "f1": self.f1, "support": self.support})
    }
}

impl ToolReport {
    /// For programs: `tool`, `labels` and the averages, by measure where there are
    /// several, and `accuracy` where the tool has it.
    pub fn json(&self) -> Value {
        let mut object = json!({"tool": self.tool.as_str()});
        for section in &self.sections {
            let target = match section.name {
                Some(name) => &mut object[name],
                None => &mut object,
            };
            let labels = section.labels.iter().map(|(label, scores)| (label.clone(), scores.json()));
            target["labels"] = labels.collect::<Map<String, Value>>().into();
            for (name, scores) in &section.averages {
                target[*name] = scores.json();
            }
        }
        if let Some(accuracy) = self.accuracy {
            object["accuracy"] = accuracy.into();
        }
        object
    }

    /// For people.
    pub fn table(&self, style: TableStyle) -> String {
        let mut output = String::new();
        for section in &self.sections {
            let title = match (self.accuracy, section.name) {
                (Some(accuracy), _) => format!("as that tool counts; accuracy of tags {}", percent(Some(accuracy))),
                (None, Some(name)) => format!("{name}, as that tool counts"),
                (None, None) => "as that tool counts".to_owned(),
            };
            let columns = ["label", "precision", "recall", "F1", "support"];
            let mut table = Table::new(self.tool.as_str(), title, &columns);
            let labels = section.labels.iter().map(|(label, scores)| (label.as_str(), scores));
            for (name, scores) in labels.chain(section.averages.iter().map(|(name, scores)| (*name, scores))) {
                let cells = [scores.precision, scores.recall, scores.f1].map(|score| percent(Some(score)));
                table.rows.push([vec![name.to_owned()], cells.to_vec(), vec![scores.support.to_string()]].concat());
            }
            table.write(style, &mut output);
        }
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &str, strict: bool) -> Vec<(String, usize, usize)> {
        let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
        chunks(&tags, 0, strict).into_iter().map(|(label, _, start, end)| (label.to_owned(), start, end)).collect()
    }

    #[test]
    fn an_inside_tag_after_something_else_begins_a_chunk_unless_strict() {
        assert_eq!(found("O I-X I-X", false), [("X".into(), 1, 3)]);
        assert_eq!(found("O I-X I-X", true), []);
        assert_eq!(found("B-X I-Y I-Y", false), [("X".into(), 0, 1), ("Y".into(), 1, 3)]);
        assert_eq!(found("B-X I-Y I-Y", true), [("X".into(), 0, 1)]);
        assert_eq!(found("B-X B-X", true).len(), 2);
    }
}
