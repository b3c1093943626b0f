//! How far two annotators agree, beyond what chance would bring about.

use std::fmt;

use super::{Corpus, EvalError, Labels, Mention, table::percent};
use crate::{article::Article, words};

/// Agreement on the label of each word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Words that were compared.
    pub words: u64,
    /// The share of them with the same label, or none, on both sides.
    pub observed: Option<f64>,
    /// Cohen's κ (Cohen 1960): how much of the way from chance to full agreement
    /// that is. `None` where chance alone would agree fully.
    pub kappa: Option<f64>,
}

impl fmt::Display for Agreement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kappa = self.kappa.map_or_else(|| "–".into(), |kappa| format!("{kappa:.3}"));
        let observed = percent(self.observed);
        write!(formatter, "Cohen's κ {kappa} on {} words, of which {observed} % have the same label", self.words)
    }
}

/// Compares the labels of all words of a corpus whose sides are two annotators.
/// A word has the label of the mention it shares a letter with.
///
/// # Errors
/// [`EvalError::NoText`] for an article without a text.
pub fn agreement(corpus: &Corpus, labels: &Labels) -> Result<Agreement, EvalError> {
    let width = labels.names().len() + 1;
    // Words by the first side's label and the second's; the last is none.
    let mut table = vec![0_u64; width * width];
    for article in &corpus.articles {
        let Some(text) = &article.text else {
            return Err(EvalError::NoText { what: "agreement on words".into(), id: article.id.clone() });
        };
        let text = Article::new("", text.as_str());
        let (mut gold, mut predicted) = (article.gold.iter().peekable(), article.predicted.iter().peekable());
        for word in words::words(text.text()) {
            let Some(chars) = text.span(word.range()).map(|span| span.chars()) else { continue };
            let column = |mentions: &mut std::iter::Peekable<std::slice::Iter<'_, Mention>>| {
                while mentions.next_if(|mention| mention.end <= chars.start).is_some() {}
                mentions.peek().filter(|mention| mention.start < chars.end).map_or(width - 1, |m| m.label.index())
            };
            let (row, column) = (column(&mut gold), column(&mut predicted));
            table[row * width + column] += 1;
        }
    }
    let words: u64 = table.iter().sum();
    let total = words as f64;
    let agreed: u64 = (0..width).map(|label| table[label * width + label]).sum();
    let row = |label: usize| table[label * width..(label + 1) * width].iter().sum::<u64>() as f64;
    let column = |label: usize| table.iter().skip(label).step_by(width).sum::<u64>() as f64;
    let by_chance: f64 = (0..width).map(|label| row(label) / total * (column(label) / total)).sum();
    let observed = (words > 0).then(|| agreed as f64 / total);
    let kappa = observed.filter(|_| by_chance < 1.0).map(|observed| (observed - by_chance) / (1.0 - by_chance));
    Ok(Agreement { words, observed, kappa })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{AnnotationSet, align};

    #[test]
    fn kappa_takes_chance_out() {
        let labels = Labels::default();
        let side = |mentions: &str| {
            let line = format!(r#"{{"id":"a","text":"a b c d e f g h i j","entities":[{mentions}]}}"#);
            AnnotationSet::read(line.as_bytes(), "a.jsonl", &labels).unwrap()
        };
        let first = side(r#"{"start":0,"end":3,"label":"PER"},{"start":4,"end":5,"label":"ORG"}"#);
        let second = side(r#"{"start":0,"end":1,"label":"PER"},{"start":4,"end":5,"label":"ORG"}"#);
        let found = agreement(&align(first, second).unwrap(), &labels).unwrap();
        // Nine of ten words agree; by chance 0.2 · 0.1 + 0.1 · 0.1 + 0.7 · 0.8 = 0.59 would.
        assert_eq!((found.words, found.observed), (10, Some(0.9)));
        assert!((found.kappa.unwrap() - (0.9 - 0.59) / 0.41).abs() < 1e-12);
    }

    #[test]
    fn where_nothing_is_labelled_kappa_is_undefined() {
        let labels = Labels::default();
        let side = || AnnotationSet::read(br#"{"id":"a","text":"a b","entities":[]}"#.as_slice(), "a.jsonl", &labels);
        let found = agreement(&align(side().unwrap(), side().unwrap()).unwrap(), &labels).unwrap();
        assert_eq!((found.observed, found.kappa), (Some(1.0), None));
    }
}
