//! Batches: windows of like length that go through the encoder together.

use std::ops::Range;

use ndarray::Array2;

/// The most tokens in a batch, padding included: on two cores more brings
/// nothing, and an activation matrix of this height stays in the cache.
pub const TOKEN_BUDGET: usize = 2048;

/// What an engine reads: token ids and which of them are real, `[batch, tokens]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Token ids, filled up with the model's padding id.
    pub ids: Array2<i64>,
    /// 1 for a token, 0 for padding.
    pub mask: Array2<i64>,
}

impl Batch {
    /// A batch of sequences, filled up to the longest of them.
    pub fn new(sequences: &[Vec<u32>], pad_id: u32) -> Self {
        let longest = sequences.iter().map(Vec::len).max().unwrap_or(0);
        let shape = (sequences.len(), longest);
        let mut ids = Array2::from_elem(shape, i64::from(pad_id));
        let mut mask = Array2::zeros(shape);
        for (row, sequence) in sequences.iter().enumerate() {
            for (column, &id) in sequence.iter().enumerate() {
                ids[[row, column]] = i64::from(id);
                mask[[row, column]] = 1;
            }
        }
        Self { ids, mask }
    }
}

/// Groups sequences, given by their lengths, into batches: ranges of the
/// returned order, which is by falling length and then by position. A batch has
/// at most `budget` tokens with its padding, or is a single sequence; once it has
/// a quarter of that, which is enough to be fast, it takes no sequence that would
/// be padded by more than an eighth.
pub fn group(lengths: &[usize], budget: usize) -> (Vec<usize>, Vec<Range<usize>>) {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let mut groups = Vec::new();
    let mut start = 0;
    while start < order.len() {
        // The first is the longest: all others are filled up to it.
        let longest = lengths[order[start]].max(1);
        let fits = |row: usize| {
            let rows = row - start;
            (rows + 1) * longest <= budget && (rows * longest < budget / 4 || 8 * lengths[order[row]] >= 7 * longest)
        };
        let end = (start + 1..order.len()).find(|&row| !fits(row)).unwrap_or(order.len());
        groups.push(start..end);
        start = end;
    }
    (order, groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_filled_up_to_the_longest() {
        let batch = Batch::new(&[vec![5, 6, 7], vec![8]], 1);
        assert_eq!(batch.ids, ndarray::array![[5, 6, 7], [8, 1, 1]]);
        assert_eq!(batch.mask, ndarray::array![[1, 1, 1], [1, 0, 0]]);
    }

    #[test]
    fn a_batch_ends_before_much_padding_once_it_has_a_quarter_of_the_budget() {
        let (order, groups) = group(&[10, 100, 90, 80, 20], 1000);
        assert_eq!(order, [1, 2, 3, 4, 0]);
        // 300 with the 80: then enough, and 20 would be padded to 100.
        assert_eq!(groups, [0..3, 3..5]);
        let (_, groups) = group(&[40, 9, 8], 1000);
        assert_eq!(groups.len(), 1, "three short ones are no quarter of the budget");
    }

    proptest! {
        #[test]
        fn groups_hold_every_sequence_once_within_the_budget(
            lengths in prop::collection::vec(1_usize..300, 0..80),
            budget in 1_usize..2000,
        ) {
            let (order, groups) = group(&lengths, budget);
            let mut seen: Vec<usize> = groups.iter().flat_map(|range| order[range.clone()].to_vec()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for range in groups {
                let longest = order[range.clone()].iter().map(|&index| lengths[index]).max().unwrap_or(0);
                prop_assert!(range.len() == 1 || range.len() * longest <= budget);
            }
        }
    }
}
