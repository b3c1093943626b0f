//! The most likely sequence of tags among the legal ones (Viterbi 1967; the
//! constrained decoding of IOB tags is usual since Collobert et al. 2011, §3.3).

use ndarray::{Array2, ArrayView2};

use crate::model::{Tag, TagSet};

/// Decodes `log_probabilities`, `[words, labels]`, to one column a word such
/// that every tag may follow the one before it, the first may begin a text and
/// the last may end it. A label is ruled out for a word by minus infinity.
///
/// Ties go to the lower column. With `O` among the labels there is always a
/// legal sequence; otherwise the transitions that cost least are broken.
pub(super) fn best_path(log_probabilities: ArrayView2<'_, f32>, tags: &TagSet) -> Vec<usize> {
    /// A step that is not legal: dearer than any legal path, still comparable.
    const ILLEGAL: f32 = -1e6;
    let (words, labels) = log_probabilities.dim();
    if words == 0 || labels == 0 {
        return Vec::new();
    }
    let step = |legal: bool| if legal { 0.0 } else { ILLEGAL };
    let transition =
        Array2::from_shape_fn((labels, labels), |(from, to)| step(tags.follows(tags.tags()[from], tags.tags()[to])));

    let mut score: Vec<f32> = (0..labels)
        .map(|label| log_probabilities[[0, label]].max(ILLEGAL) + step(tags.follows(Tag::Outside, tags.tags()[label])))
        .collect();
    let mut came_from = Array2::<u16>::zeros((words, labels));
    let mut next = vec![0.0; labels];
    for word in 1..words {
        for to in 0..labels {
            let (from, best) = best_of((0..labels).map(|from| score[from] + transition[[from, to]]));
            came_from[[word, to]] = u16::try_from(from).unwrap_or(u16::MAX);
            next[to] = best + log_probabilities[[word, to]].max(ILLEGAL);
        }
        std::mem::swap(&mut score, &mut next);
    }
    let (last, _) = best_of((0..labels).map(|label| score[label] + step(tags.may_end(tags.tags()[label]))));
    let mut path = vec![last; words];
    for word in (1..words).rev() {
        path[word - 1] = usize::from(came_from[[word, path[word]]]);
    }
    path
}

/// The first greatest value and its index.
fn best_of(values: impl Iterator<Item = f32>) -> (usize, f32) {
    values
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (index, value)| if value > best.1 { (index, value) } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LabelMap;
    use proptest::prelude::*;

    fn tag_set(names: &[&str]) -> TagSet {
        TagSet::new(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), &LabelMap::new()).unwrap()
    }

    #[test]
    fn an_inside_without_beginning_is_never_chosen() {
        let tags = tag_set(&["O", "B-PER", "I-PER"]);
        // Word by word O I is the best; it is not legal, and B I costs less than O O.
        let scores = ndarray::array![[-0.1, -2.0, -3.0], [-4.0, -5.0, -0.1]];
        assert_eq!(best_path(scores.view(), &tags), [1, 2]);
    }

    proptest! {
        /// Against every legal sequence, one by one.
        #[test]
        fn no_legal_sequence_is_better(
            scores in prop::collection::vec(prop::collection::vec(-9.0_f32..0.0, 5), 1..6),
            bioes in any::<bool>(),
        ) {
            let tags = if bioes {
                tag_set(&["O", "B-ORG", "I-ORG", "E-ORG", "S-ORG"])
            } else {
                tag_set(&["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
            };
            let table = Array2::from_shape_vec((scores.len(), 5), scores.concat()).unwrap();
            let legal = |path: &[usize]| {
                let mut previous = Tag::Outside;
                path.iter().all(|&label| {
                    let follows = tags.follows(previous, tags.tags()[label]);
                    previous = tags.tags()[label];
                    follows
                }) && tags.may_end(previous)
            };
            let total = |path: &[usize]| path.iter().enumerate().map(|(word, &label)| table[[word, label]]).sum::<f32>();
            let found = best_path(table.view(), &tags);
            prop_assert!(legal(&found), "{:?}", found);
            let sequences = 5_usize.pow(u32::try_from(scores.len()).unwrap());
            for number in 0..sequences {
                let path: Vec<usize> = (0..scores.len()).scan(number, |rest, _| {
                    let label = *rest % 5;
                    *rest /= 5;
                    Some(label)
                }).collect();
                prop_assert!(!legal(&path) || total(&path) <= total(&found) + 1e-4);
            }
        }
    }
}
