//! Counting each article once; everything else is sums of these counts.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AlignedArticle, Bootstrap, Corpus, Counts, EvalError, GroupBy, Interval, Labels, Mention, Mode, ModeReport, Report,
    Row, Scores,
    matching::{Weight, best_pairs},
    report::{Group, Grouping, Intervals},
};
use crate::{article::Article, decode::Names, words::words};

/// The counts of each article, mode and label.
#[derive(Debug, Clone)]
pub struct Evaluation<'corpus> {
    corpus: &'corpus Corpus,
    labels: &'corpus Labels,
    modes: Vec<Mode>,
    /// By article, then mode, then label.
    counts: Vec<Counts>,
}

/// Scores a corpus in some modes. A mode that is named twice is scored once.
///
/// # Errors
/// [`EvalError::NoText`] for a mode that looks at texts and an article without one.
pub fn score<'corpus>(
    corpus: &'corpus Corpus,
    labels: &'corpus Labels,
    modes: &[Mode],
) -> Result<Evaluation<'corpus>, EvalError> {
    let mut distinct: Vec<Mode> = Vec::new();
    for &mode in modes {
        if !distinct.contains(&mode) {
            distinct.push(mode);
        }
    }
    let width = labels.names().len();
    let reader = distinct.iter().copied().find(|mode| mode.needs_text());
    let mut counts = Vec::with_capacity(corpus.articles.len() * distinct.len() * width);
    for article in &corpus.articles {
        let text = match (reader, &article.text) {
            (None, _) => None,
            (Some(_), Some(text)) => Some(Article::new("", text.as_str())),
            (Some(mode), None) => {
                return Err(EvalError::NoText { what: format!("mode `{mode}`"), id: article.id.clone() });
            }
        };
        for &mode in &distinct {
            let at = counts.len();
            counts.resize(at + width, Counts::default());
            let counts = &mut counts[at..];
            match (mode, &text) {
                (Mode::Document, Some(text)) => count_names(article, text, counts),
                _ => count_mentions(article, mode, text.as_ref(), counts),
            }
        }
    }
    Ok(Evaluation { corpus, labels, modes: distinct, counts })
}

impl Evaluation<'_> {
    /// The scores of the whole corpus, and of its parts for each of `by`; with
    /// intervals where a bootstrap is given.
    pub fn report(&self, bootstrap: Option<Bootstrap>, by: &[GroupBy]) -> Report {
        let articles: Vec<usize> = (0..self.corpus.articles.len()).collect();
        let grouping = |&by: &GroupBy| {
            let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for &article in &articles {
                groups.entry(by.group(&self.corpus.articles[article])).or_default().push(article);
            }
            let groups = groups
                .into_iter()
                .map(|(name, articles)| {
                    let modes = self.modes_of(&articles, bootstrap);
                    Group { name, articles: articles.len(), modes }
                })
                .collect();
            Grouping { by, groups }
        };
        Report {
            modes: self.modes_of(&articles, bootstrap),
            articles: articles.len(),
            missing: self.corpus.missing.clone(),
            bootstrap,
            groupings: by.iter().map(grouping).collect(),
        }
    }

    /// The modes, in the order of the scores.
    pub(super) fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// The scores of some articles.
    fn modes_of(&self, articles: &[usize], bootstrap: Option<Bootstrap>) -> Vec<(Mode, ModeReport)> {
        let totals = self.totals(articles, &vec![1; articles.len()]);
        let drawn: Vec<Vec<Scores>> = bootstrap
            .map(|bootstrap| bootstrap.draw(articles.len(), |times| self.scores(&self.totals(articles, times))))
            .unwrap_or_default();
        let intervals = |at: usize| {
            let of = |score: fn(&Scores) -> Option<f64>| Interval::of(drawn.iter().map(|scores| score(&scores[at])));
            Intervals { precision: of(|scores| scores.precision), recall: of(|scores| scores.recall), f1: of(|s| s.f1) }
        };
        let width = self.labels.names().len();
        let scores = self.scores(&totals);
        let mode = |(index, &mode): (usize, &Mode)| {
            let counts = &totals[index * width..(index + 1) * width];
            // Beside the labels each mode has two averages.
            let at = index * (width + 2);
            let row =
                |label: usize, counts| Row { counts, scores: scores[at + label], intervals: intervals(at + label) };
            let labels =
                self.labels.names().iter().enumerate().map(|(label, name)| (name.clone(), row(label, counts[label])));
            let report = ModeReport {
                labels: labels.collect(),
                micro: row(width, counts.iter().copied().sum()),
                macro_average: scores[at + width + 1],
                macro_intervals: intervals(at + width + 1),
            };
            (mode, report)
        };
        self.modes.iter().enumerate().map(mode).collect()
    }

    /// Sums over articles, each of them as often as `times` says: by mode, then label.
    pub(super) fn totals(&self, articles: &[usize], times: &[u32]) -> Vec<Counts> {
        let width = self.modes.len() * self.labels.names().len();
        let mut totals = vec![Counts::default(); width];
        for (&article, &times) in articles.iter().zip(times) {
            if times > 0 {
                for (total, counts) in totals.iter_mut().zip(&self.counts[article * width..]) {
                    *total += *counts * times;
                }
            }
        }
        totals
    }

    /// The scores of totals: for each mode those of the labels, then micro, then macro.
    pub(super) fn scores(&self, totals: &[Counts]) -> Vec<Scores> {
        let width = self.labels.names().len();
        let mut scores = Vec::with_capacity(self.modes.len() * (width + 2));
        for counts in totals.chunks(width) {
            let first = scores.len();
            scores.extend(counts.iter().map(|counts| counts.scores()));
            let macro_average = Scores::mean(&scores[first..]);
            scores.push(counts.iter().copied().sum::<Counts>().scores());
            scores.push(macro_average);
        }
        scores
    }
}

/// Counts the mentions of an article. A pair counts for the label of its gold
/// mention, so that the counts of the labels add up to the total also in modes
/// that match mentions of different labels.
fn count_mentions(article: &AlignedArticle, mode: Mode, text: Option<&Article>, counts: &mut [Counts]) {
    let pairs = pairs(article, mode, text);
    let (mut gold, mut predicted) = (0, 0);
    for (g, p) in pairs.iter().copied().chain([(article.gold.len(), article.predicted.len())]) {
        for missed in &article.gold[gold..g] {
            counts[missed.label.index()] += Counts::MISSED;
        }
        for spurious in &article.predicted[predicted..p] {
            counts[spurious.label.index()] += Counts::SPURIOUS;
        }
        if let (Some(of_gold), Some(of_predicted)) = (article.gold.get(g), article.predicted.get(p)) {
            counts[of_gold.label.index()] += Counts::matched(mode.credit(of_gold, of_predicted, text));
        }
        (gold, predicted) = (g + 1, p + 1);
    }
}

/// The pairs of an article in a mode, as indexes into its gold and predicted mentions.
pub(super) fn pairs(article: &AlignedArticle, mode: Mode, text: Option<&Article>) -> Vec<(usize, usize)> {
    // First the most credit; then, among equals, the same label and the longer
    // overlap, so that what a label gets does not depend on chance.
    let weight = |gold: &Mention, predicted: &Mention| -> Weight {
        let same_label = u64::from(gold.label == predicted.label);
        [u64::from(mode.credit(gold, predicted, text)), same_label, gold.overlap(predicted) as u64]
    };
    best_pairs(&article.gold, &article.predicted, weight)
}

/// Counts the distinct names of an article, each label's by themselves. Names are
/// made from the text on both sides, so that they differ only where mentions do.
fn count_names(article: &AlignedArticle, text: &Article, counts: &mut [Counts]) {
    let words = words(text.text());
    let filed = Names::new(text.text(), &words);
    let names = |mentions: &[Mention]| -> BTreeSet<(usize, String)> {
        let name = |mention: &Mention| {
            let span = text.span_of_chars(mention.start..mention.end)?;
            Some((mention.label.index(), filed.name(span.bytes())))
        };
        mentions.iter().filter_map(name).collect()
    };
    let (gold, predicted) = (names(&article.gold), names(&article.predicted));
    for name in &gold {
        counts[name.0] += if predicted.contains(name) { Counts::matched(super::mode::WHOLE) } else { Counts::MISSED };
    }
    for (label, _) in predicted.difference(&gold) {
        counts[*label] += Counts::SPURIOUS;
    }
}
