//! The four measures of nervaluate 1.2.1, matched as it matches.
//!
//! It takes predictions in order and gives each the first gold chunk that will
//! do, so that its counts can depend on the order and fall short of the best
//! matching. A label's measures are taken with all other labels left out.

use std::collections::BTreeSet;

use super::compat::{Chunk, ToolScores, ToolSection};

/// Its measures, by the names it has for them.
const MEASURES: [(&str, Measure); 4] = [
    ("strict", Measure::Strict),
    ("exact", Measure::Exact),
    ("partial", Measure::Partial),
    ("ent_type", Measure::Type),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Strict,
    Exact,
    Partial,
    Type,
}

/// What became of the chunks.
#[derive(Debug, Clone, Copy, Default)]
struct Outcome {
    correct: usize,
    incorrect: usize,
    partial: usize,
    missed: usize,
    spurious: usize,
}

/// All measures, of all labels and of each, over documents of gold and predicted chunks.
pub(super) fn sections(documents: &[(Vec<Chunk<'_>>, Vec<Chunk<'_>>)]) -> Vec<ToolSection> {
    let labels: BTreeSet<&str> =
        documents.iter().flat_map(|(gold, predicted)| gold.iter().chain(predicted)).map(|chunk| chunk.0).collect();
    let of = |measure: Measure, label: Option<&str>| {
        let of_label = |chunks: &[Chunk<'_>]| -> Vec<(usize, usize, String)> {
            let kept = chunks.iter().filter(|chunk| label.is_none_or(|label| chunk.0 == label));
            kept.map(|&(label, _, start, end)| (start, end, label.to_owned())).collect()
        };
        let mut sum = Outcome::default();
        for (gold, predicted) in documents {
            sum.add(matched(measure, &of_label(gold), &of_label(predicted)));
        }
        sum.scores()
    };
    let section = |&(name, measure): &(&'static str, Measure)| ToolSection {
        name: Some(name),
        labels: labels.iter().map(|label| ((*label).to_owned(), of(measure, Some(label)))).collect(),
        averages: vec![("overall", of(measure, None))],
    };
    MEASURES.iter().map(section).collect()
}

fn matched(measure: Measure, gold: &[(usize, usize, String)], predicted: &[(usize, usize, String)]) -> Outcome {
    let mut taken = vec![false; gold.len()];
    let mut outcome = Outcome::default();
    for (start, end, label) in predicted {
        // The right gold chunk, with the distance of its boundaries, and the first that overlaps.
        let (mut right, mut other): (Option<(usize, usize)>, Option<usize>) = (None, None);
        for (index, (gold_start, gold_end, gold_label)) in gold.iter().enumerate().filter(|(index, _)| !taken[*index]) {
            let same_span = (gold_start, gold_end) == (start, end);
            let shared = end.min(gold_end).saturating_sub(*start.max(gold_start));
            // At least one per cent of the gold chunk.
            let overlaps = shared > 0 && shared * 100 >= gold_end - gold_start;
            let distance = start.abs_diff(*gold_start) + end.abs_diff(*gold_end);
            let is_right = match measure {
                Measure::Strict => same_span && gold_label == label,
                Measure::Exact | Measure::Partial => same_span,
                Measure::Type => overlaps && gold_label == label,
            };
            if is_right && right.is_none_or(|(_, nearest)| distance < nearest) {
                right = Some((index, distance));
            } else if !is_right && overlaps && other.is_none() {
                other = Some(index);
            }
        }
        match (right, other) {
            (Some((index, _)), _) => {
                outcome.correct += 1;
                taken[index] = true;
            }
            (None, Some(index)) => {
                *(if measure == Measure::Partial { &mut outcome.partial } else { &mut outcome.incorrect }) += 1;
                taken[index] = true;
            }
            (None, None) => outcome.spurious += 1,
        }
    }
    outcome.missed = taken.iter().filter(|taken| !**taken).count();
    outcome
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.correct += other.correct;
        self.incorrect += other.incorrect;
        self.partial += other.partial;
        self.missed += other.missed;
        self.spurious += other.spurious;
    }

    fn scores(self) -> ToolScores {
        let found = self.correct as f64 + 0.5 * self.partial as f64;
        let both = self.correct + self.incorrect + self.partial;
        let ratio = |whole: usize| if whole > 0 { found / whole as f64 } else { 0.0 };
        let (precision, recall) = (ratio(both + self.spurious), ratio(both + self.missed));
        let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
        ToolScores { precision, recall, f1, support: both + self.missed }
    }
}
