//! Counts, and the scores that follow from them.

use std::ops::{AddAssign, Mul};

use super::mode::WHOLE;

/// What was right and wrong, in half mentions, so that half-right ones add up
/// exactly; up to two billion mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Halves of gold mentions that were found.
    tp: u32,
    /// Halves of predicted mentions that are not in the gold.
    fp: u32,
    /// Halves of gold mentions that were not found.
    fn_: u32,
}

impl Counts {
    /// A gold mention and a predicted one, matched for `credit` halves.
    pub(super) fn matched(credit: u32) -> Self {
        Self { tp: credit, fp: WHOLE - credit, fn_: WHOLE - credit }
    }

    /// A gold mention that nothing was matched with.
    pub(super) const MISSED: Self = Self { tp: 0, fp: 0, fn_: WHOLE };

    /// A predicted mention that nothing was matched with.
    pub(super) const SPURIOUS: Self = Self { tp: 0, fp: WHOLE, fn_: 0 };

    /// Found gold mentions; half-right ones count half.
    pub fn true_positives(self) -> f64 {
        f64::from(self.tp) / f64::from(WHOLE)
    }

    /// Predicted mentions that are wrong, or the wrong half of them.
    pub fn false_positives(self) -> f64 {
        f64::from(self.fp) / f64::from(WHOLE)
    }

    /// Gold mentions that were not found, or the half of them that was not.
    pub fn false_negatives(self) -> f64 {
        f64::from(self.fn_) / f64::from(WHOLE)
    }

    /// Gold mentions.
    pub fn support(self) -> u32 {
        (self.tp + self.fn_) / WHOLE
    }

    /// The scores of these counts. 0/0 is undefined, not 0.
    pub fn scores(self) -> Scores {
        let [tp, fp, fn_] = [self.tp, self.fp, self.fn_].map(f64::from);
        let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        Scores { precision: ratio(tp, tp + fp), recall: ratio(tp, tp + fn_), f1: ratio(2.0 * tp, 2.0 * tp + fp + fn_) }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.tp += other.tp;
        self.fp += other.fp;
        self.fn_ += other.fn_;
    }
}

impl Mul<u32> for Counts {
    type Output = Self;

    fn mul(self, times: u32) -> Self {
        Self { tp: self.tp * times, fp: self.fp * times, fn_: self.fn_ * times }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

/// Precision, recall and F1, 0 to 1; `None` where undefined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    /// The share of what was predicted that is right; undefined where nothing was predicted.
    pub precision: Option<f64>,
    /// The share of the gold that was found; undefined where there is none.
    pub recall: Option<f64>,
    /// 2 tp / (2 tp + fp + fn), which is the harmonic mean of the two where both
    /// are defined; undefined only where there is neither gold nor prediction.
    pub f1: Option<f64>,
}

impl Scores {
    /// The mean of each score over those for which it is defined (macro average).
    pub fn mean(scores: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> Option<f64>| {
            let defined: Vec<f64> = scores.iter().filter_map(of).collect();
            (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
        };
        Self { precision: mean(|scores| scores.precision), recall: mean(|scores| scores.recall), f1: mean(|s| s.f1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_out_of_zero_is_undefined() {
        assert_eq!(Counts::default().scores(), Scores::default());
        let missed = Counts::MISSED.scores();
        assert_eq!((missed.precision, missed.recall, missed.f1), (None, Some(0.0), Some(0.0)));
        let spurious = Counts::SPURIOUS.scores();
        assert_eq!((spurious.precision, spurious.recall, spurious.f1), (Some(0.0), None, Some(0.0)));
    }

    #[test]
    fn half_right_is_half_wrong_on_both_sides() {
        let counts: Counts = [Counts::matched(2), Counts::matched(1), Counts::MISSED].into_iter().sum();
        assert_eq!((counts.true_positives(), counts.false_positives(), counts.false_negatives()), (1.5, 0.5, 1.5));
        assert_eq!(counts.support(), 3);
        assert_eq!(counts.scores().precision, Some(0.75));
    }

    #[test]
    fn the_macro_average_leaves_out_what_is_undefined() {
        let mean = Scores::mean(&[Counts::matched(2).scores(), Counts::MISSED.scores(), Counts::default().scores()]);
        assert_eq!((mean.precision, mean.recall, mean.f1), (Some(1.0), Some(0.5), Some(0.5)));
        assert_eq!(Scores::mean(&[]), Scores::default());
    }
}
