//! Counting each article once; everything else is sums of these counts.

use super::{
    AlignedArticle, Corpus, Counts, LabelId, Labels, Mention, Mode, ModeReport, Report, Row, Scores,
    matching::{Weight, best_pairs},
};

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
pub fn score<'corpus>(corpus: &'corpus Corpus, labels: &'corpus Labels, modes: &[Mode]) -> Evaluation<'corpus> {
    let mut distinct: Vec<Mode> = Vec::new();
    for &mode in modes {
        if !distinct.contains(&mode) {
            distinct.push(mode);
        }
    }
    let width = labels.names().len();
    let mut counts = Vec::with_capacity(corpus.articles.len() * distinct.len() * width);
    for article in &corpus.articles {
        for &mode in &distinct {
            let at = counts.len();
            counts.resize(at + width, Counts::default());
            count(article, mode, |label, more| counts[at + label.index()] += more);
        }
    }
    Evaluation { corpus, labels, modes: distinct, counts }
}

impl Evaluation<'_> {
    /// The scores of the whole corpus.
    pub fn report(&self) -> Report {
        let modes = self.modes.iter().enumerate().map(|(index, &mode)| (mode, self.of_mode(index))).collect();
        Report { modes, articles: self.corpus.articles.len(), missing: self.corpus.missing.clone() }
    }

    fn of_mode(&self, mode: usize) -> ModeReport {
        let counts: Vec<Counts> = (0..self.labels.names().len()).map(|label| self.sum(mode, label)).collect();
        let micro = Row::new(counts.iter().copied().sum());
        let labels: Vec<(String, Row)> =
            self.labels.names().iter().cloned().zip(counts.into_iter().map(Row::new)).collect();
        let scores: Vec<Scores> = labels.iter().map(|(_, row)| row.scores).collect();
        ModeReport { labels, micro, macro_average: Scores::mean(&scores) }
    }

    /// The counts of a mode and label over all articles.
    fn sum(&self, mode: usize, label: usize) -> Counts {
        let width = self.labels.names().len();
        self.counts.iter().skip(mode * width + label).step_by(self.modes.len() * width).copied().sum()
    }
}

/// Counts one article. A pair counts for the label of its gold mention, so that
/// the counts of the labels add up to the total also in modes that match
/// mentions of different labels.
fn count(article: &AlignedArticle, mode: Mode, mut add: impl FnMut(LabelId, Counts)) {
    // First the most credit; then, among equals, the same label and the longer
    // overlap, so that what a label gets does not depend on chance.
    let weight = |gold: &Mention, predicted: &Mention| -> Weight {
        let same_label = u64::from(gold.label == predicted.label);
        [mode.credit(gold, predicted), same_label, gold.overlap(predicted) as u64]
    };
    let pairs = best_pairs(&article.gold, &article.predicted, weight);
    let (mut gold, mut predicted) = (0, 0);
    for (g, p) in pairs.iter().copied().chain([(article.gold.len(), article.predicted.len())]) {
        for missed in &article.gold[gold..g] {
            add(missed.label, Counts::MISSED);
        }
        for spurious in &article.predicted[predicted..p] {
            add(spurious.label, Counts::SPURIOUS);
        }
        if let (Some(of_gold), Some(of_predicted)) = (article.gold.get(g), article.predicted.get(p)) {
            add(of_gold.label, Counts::matched(mode.credit(of_gold, of_predicted)));
        }
        (gold, predicted) = (g + 1, p + 1);
    }
}
