//! The scorer against a slow and obvious one that tries every matching.

use proptest::prelude::*;

use super::{AlignedArticle, Corpus, LabelId, Labels, Mention, Mode, score};

const MODES: [Mode; 4] = [Mode::Strict, Mode::Exact, Mode::Partial, Mode::Type];

/// Disjoint mentions, some touching: gaps, lengths and labels in turn.
fn mentions() -> impl Strategy<Value = Vec<Mention>> {
    prop::collection::vec((0..3_usize, 1..5_usize, 0..2_usize), 0..6).prop_map(|drawn| {
        let labels: Vec<LabelId> = Labels::default().ids().collect();
        let mut end = 0;
        drawn
            .into_iter()
            .map(|(gap, length, label)| {
                let start = end + gap;
                end = start + length;
                Mention { start, end, label: labels[label], score: None }
            })
            .collect()
    })
}

/// What SemEval-2013 task 9.1 gives a pair.
fn credit(mode: Mode, gold: &Mention, predicted: &Mention) -> f64 {
    let overlap = (gold.start..gold.end).any(|at| (predicted.start..predicted.end).contains(&at));
    let same_span = gold.start == predicted.start && gold.end == predicted.end;
    let same_label = gold.label == predicted.label;
    match mode {
        Mode::Strict => f64::from(same_span && same_label),
        Mode::Exact => f64::from(same_span),
        Mode::Partial if same_span => 1.0,
        Mode::Partial => 0.5 * f64::from(overlap),
        Mode::Type => f64::from(overlap && same_label),
        Mode::Clitic | Mode::Document => unreachable!("they need a text"),
    }
}

/// The greatest credit of any one-to-one matching, by trying them all.
fn most_credit(mode: Mode, gold: &[Mention], predicted: &[Mention]) -> f64 {
    let Some((first, rest)) = gold.split_first() else { return 0.0 };
    let mut most = most_credit(mode, rest, predicted);
    for (index, candidate) in predicted.iter().enumerate() {
        let credit = credit(mode, first, candidate);
        if credit > 0.0 {
            let left = [&predicted[..index], &predicted[index + 1..]].concat();
            most = most.max(credit + most_credit(mode, rest, &left));
        }
    }
    most
}

fn corpus(articles: &[(Vec<Mention>, Vec<Mention>)]) -> Corpus {
    let article = |(index, (gold, predicted)): (usize, &(Vec<Mention>, Vec<Mention>))| AlignedArticle {
        id: index.to_string(),
        text: None,
        lang: None,
        source: String::new(),
        gold: gold.clone(),
        predicted: predicted.clone(),
    };
    Corpus { articles: articles.iter().enumerate().map(article).collect(), ..Corpus::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_counts_are_those_of_the_best_matching(articles in prop::collection::vec((mentions(), mentions()), 1..3)) {
        let labels = Labels::default();
        let report = score(&corpus(&articles), &labels, &MODES).unwrap().report(None, &[]);
        for mode in MODES {
            let tp: f64 = articles.iter().map(|(gold, predicted)| most_credit(mode, gold, predicted)).sum();
            let gold: usize = articles.iter().map(|(gold, _)| gold.len()).sum();
            let predicted: usize = articles.iter().map(|(_, predicted)| predicted.len()).sum();
            let found = report.of(mode).unwrap();
            let counts = found.micro.counts;
            prop_assert_eq!(counts.true_positives(), tp, "{}", mode);
            prop_assert_eq!(counts.true_positives() + counts.false_positives(), predicted as f64);
            prop_assert_eq!(counts.true_positives() + counts.false_negatives(), gold as f64);
            prop_assert_eq!(counts, found.labels.iter().map(|(_, row)| row.counts).sum());
            let harmonic = match (found.micro.scores.precision, found.micro.scores.recall) {
                (Some(precision), Some(recall)) if precision + recall > 0.0 => {
                    Some(2.0 * precision * recall / (precision + recall))
                }
                (None, None) => None,
                _ => Some(0.0),
            };
            prop_assert_eq!(found.micro.scores.f1.is_some(), harmonic.is_some());
            prop_assert!((found.micro.scores.f1.unwrap_or(0.0) - harmonic.unwrap_or(0.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn each_label_counts_its_own_mentions(gold in mentions(), predicted in mentions()) {
        let labels = Labels::default();
        let report = score(&corpus(&[(gold.clone(), predicted.clone())]), &labels, &[Mode::Strict, Mode::Type]).unwrap().report(None, &[]);
        for mode in [Mode::Strict, Mode::Type] {
            for (label, (_, row)) in labels.ids().zip(&report.of(mode).unwrap().labels) {
                let of = |mentions: &[Mention]| -> Vec<Mention> {
                    mentions.iter().filter(|mention| mention.label == label).copied().collect()
                };
                prop_assert_eq!(row.counts.true_positives(), most_credit(mode, &of(&gold), &of(&predicted)));
                prop_assert_eq!(row.counts.support() as usize, of(&gold).len());
            }
        }
    }

    #[test]
    fn gold_against_itself_is_perfect_and_swapping_sides_swaps_precision_and_recall(gold in mentions(), predicted in mentions()) {
        let labels = Labels::default();
        let micro = |gold: &[Mention], predicted: &[Mention], mode| {
            score(&corpus(&[(gold.to_vec(), predicted.to_vec())]), &labels, &[mode]).unwrap().report(None, &[]).modes[0].1.micro.scores
        };
        for mode in MODES {
            prop_assert_eq!(micro(&gold, &gold, mode).f1, (!gold.is_empty()).then_some(1.0));
            let (forth, back) = (micro(&gold, &predicted, mode), micro(&predicted, &gold, mode));
            prop_assert_eq!((forth.precision, forth.recall, forth.f1), (back.recall, back.precision, back.f1));
        }
    }
}
