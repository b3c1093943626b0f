//! Pairing gold mentions with predicted ones.

use super::Mention;

/// What a pair is worth: compared from the first number on, and added number by
/// number. A pair whose first number is 0 may not be matched.
pub(super) type Weight = [u64; 3];

/// The one-to-one pairs of overlapping mentions with the greatest total weight,
/// as indexes into `gold` and `predicted`, in order.
///
/// Both sides are sorted and disjoint, so two pairs never cross: if the earlier
/// gold mention overlaps the later prediction, the later gold mention begins
/// after the earlier prediction has ended. The overlapping pairs, taken in
/// order, therefore form a staircase in which the pairs that exclude a given
/// one stand right before and after it, and one pass over them (weighted
/// interval scheduling) finds the optimum in linear time.
pub(super) fn best_pairs(
    gold: &[Mention],
    predicted: &[Mention],
    weight: impl Fn(&Mention, &Mention) -> Weight,
) -> Vec<(usize, usize)> {
    let mut pairs: Vec<Pair> = Vec::new();
    // Best total of the first n pairs.
    let mut best: Vec<Weight> = vec![[0; 3]];
    for (g, p) in overlapping(gold, predicted) {
        let weight = weight(&gold[g], &predicted[p]);
        if weight[0] == 0 {
            continue;
        }
        let at = pairs.len();
        let run = |run: fn(&Pair) -> usize, same: fn(&Pair) -> usize, index: usize| {
            pairs.last().filter(|last| same(last) == index).map_or(at, run)
        };
        let gold_run = run(|pair| pair.gold_run, |pair| pair.gold, g);
        let predicted_run = run(|pair| pair.predicted_run, |pair| pair.predicted, p);
        let with = sum(best[gold_run.min(predicted_run)], weight);
        let without = best[at];
        best.push(with.max(without));
        pairs.push(Pair { gold: g, predicted: p, gold_run, predicted_run, improves: with > without });
    }
    let mut chosen = Vec::new();
    let mut rest = pairs.len();
    while let Some(pair) = rest.checked_sub(1).and_then(|last| pairs.get(last)) {
        if pair.improves {
            chosen.push((pair.gold, pair.predicted));
            rest = pair.gold_run.min(pair.predicted_run);
        } else {
            rest -= 1;
        }
    }
    chosen.reverse();
    chosen
}

/// A pair that may be matched.
struct Pair {
    gold: usize,
    predicted: usize,
    /// The first pair of the gold mention, and of the predicted one. All pairs
    /// from there on exclude this one; none before does.
    gold_run: usize,
    predicted_run: usize,
    /// Whether the best total up to here needs it. Where it makes no difference
    /// it does not, so that the leftmost of equal choices is taken.
    improves: bool,
}

/// All overlapping pairs, in order.
fn overlapping<'mentions>(
    gold: &'mentions [Mention],
    predicted: &'mentions [Mention],
) -> impl Iterator<Item = (usize, usize)> + 'mentions {
    let (mut g, mut p) = (0, 0);
    std::iter::from_fn(move || {
        while let (Some(of_gold), Some(of_predicted)) = (gold.get(g), predicted.get(p)) {
            let pair = (g, p);
            g += usize::from(of_gold.end <= of_predicted.end);
            p += usize::from(of_predicted.end <= of_gold.end);
            if of_gold.overlap(of_predicted) > 0 {
                return Some(pair);
            }
        }
        None
    })
}

fn sum(left: Weight, right: Weight) -> Weight {
    std::array::from_fn(|index| left[index] + right[index])
}
