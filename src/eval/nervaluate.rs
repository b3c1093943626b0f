//! The four measures of nervaluate 1.2.1, matched as it matches.
//!
//! It takes predictions in order and gives each the first gold chunk that will
//! do, so that its counts can depend on the order and fall short of the best
//! matching. A label's measures are taken with all other labels left out.

use std::collections::BTreeSet;

use super::{
    Mode,
    compat::{Chunk, ToolScores, ToolSection},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Strict,
    Exact,
    Partial,
    Type,
}

impl Measure {
    /// Our modes with the names nervaluate has for them, and its measures.
    pub(super) const OF_MODES: [(Mode, &str, Self); 4] = [
        (Mode::Strict, "strict", Self::Strict),
        (Mode::Exact, "exact", Self::Exact),
        (Mode::Partial, "partial", Self::Partial),
        (Mode::Type, "ent_type", Self::Type),
    ];
}

/// What becomes of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Correct,
    Partial,
    Incorrect,
    /// Missed or spurious.
    Alone,
}

impl Verdict {
    /// What it counts, in halves.
    pub(super) fn credit(self) -> u32 {
        match self {
            Self::Correct => 2,
            Self::Partial => 1,
            Self::Incorrect | Self::Alone => 0,
        }
    }
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
        let of_label = |chunks: &[Chunk<'_>]| -> Vec<Span> {
            let kept = chunks.iter().filter(|chunk| label.is_none_or(|label| chunk.0 == label));
            kept.map(|&(label, _, start, end)| (start, end, label.to_owned())).collect()
        };
        let mut sum = Outcome::default();
        for (gold, predicted) in documents {
            let [gold, predicted] = matched(measure, &of_label(gold), &of_label(predicted));
            sum.add(&gold, &predicted);
        }
        sum.scores()
    };
    let section = |&(_, name, measure): &(Mode, &'static str, Measure)| ToolSection {
        name: Some(name),
        labels: labels.iter().map(|label| ((*label).to_owned(), of(measure, Some(label)))).collect(),
        averages: vec![("overall", of(measure, None))],
    };
    Measure::OF_MODES.iter().map(section).collect()
}

/// First token, one past the last, and label.
pub(super) type Span = (usize, usize, String);

/// What becomes of the gold and of the predicted chunks of a document.
pub(super) fn matched(measure: Measure, gold: &[Span], predicted: &[Span]) -> [Vec<Verdict>; 2] {
    let mut of_gold = vec![Verdict::Alone; gold.len()];
    let mut of_predicted = Vec::with_capacity(predicted.len());
    for (start, end, label) in predicted {
        // The right gold chunk, with the distance of its boundaries, and the first that overlaps.
        let (mut right, mut other): (Option<(usize, usize)>, Option<usize>) = (None, None);
        for (index, (gold_start, gold_end, gold_label)) in
            gold.iter().enumerate().filter(|(index, _)| of_gold[*index] == Verdict::Alone)
        {
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
        let (partner, verdict) = match (right, other) {
            (Some((index, _)), _) => (Some(index), Verdict::Correct),
            (None, Some(index)) if measure == Measure::Partial => (Some(index), Verdict::Partial),
            (None, Some(index)) => (Some(index), Verdict::Incorrect),
            (None, None) => (None, Verdict::Alone),
        };
        of_predicted.push(verdict);
        if let Some(index) = partner {
            of_gold[index] = verdict;
        }
    }
    [of_gold, of_predicted]
}

impl Outcome {
    /// Adds a document; pairs are counted once, on the side of the gold.
    fn add(&mut self, gold: &[Verdict], predicted: &[Verdict]) {
        for verdict in gold {
            *(match verdict {
                Verdict::Correct => &mut self.correct,
                Verdict::Partial => &mut self.partial,
                Verdict::Incorrect => &mut self.incorrect,
                Verdict::Alone => &mut self.missed,
            }) += 1;
        }
        self.spurious += predicted.iter().filter(|&&verdict| verdict == Verdict::Alone).count();
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
