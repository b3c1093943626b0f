//! How far scores would move with other articles of the same kind.

use std::{num::NonZeroUsize, thread};

/// How the uncertainty of scores is estimated: the corpus is drawn again and
/// again from its own articles, with replacement (Efron and Tibshirani 1993, “An
/// Introduction to the Bootstrap”, chapter 13). Articles are drawn, not mentions:
/// those of one article are right or wrong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// How often the corpus is drawn.
    pub samples: NonZeroUsize,
    /// The same seed gives the same intervals, on any number of threads.
    pub seed: u64,
}

/// The share of the drawn corpora whose scores an interval holds.
pub const LEVEL: f64 = 0.95;

/// Where a score lies, from the 2.5th to the 97.5th percentile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of drawn values; those that are undefined are left out.
    pub(super) fn of(values: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().flatten().collect();
        values.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| {
            // Linear between neighbours, as NumPy and R (type 7) do.
            let at = share * (values.len().checked_sub(1)? as f64);
            let (below, above) = (values.get(at.floor() as usize)?, values.get(at.ceil() as usize)?);
            Some(below + (above - below) * at.fract())
        };
        let tail = (1.0 - LEVEL) / 2.0;
        Some(Self { low: quantile(tail)?, high: quantile(1.0 - tail)? })
    }
}

impl Bootstrap {
    /// Draws `articles` articles out of as many, again and again, and returns what
    /// `value` is for each draw, given how often each article was drawn. One
    /// article alone says nothing of others, so nothing is drawn from fewer than two.
    ///
    /// Times drawn, rather than a list of articles: their counts are then read in
    /// order, which halves the time where they do not fit the cache.
    pub(super) fn draw<T: Send>(self, articles: usize, value: impl Fn(&[u32]) -> T + Sync) -> Vec<T> {
        if articles < 2 {
            return Vec::new();
        }
        let mut seeds = fastrand::Rng::with_seed(self.seed);
        let seeds: Vec<u64> = (0..self.samples.get()).map(|_| seeds.u64(..)).collect();
        let draw_all = |seeds: &[u64]| -> Vec<T> {
            let mut times = vec![0; articles];
            let draw = |&seed: &u64| {
                let mut random = fastrand::Rng::with_seed(seed);
                times.fill(0);
                for _ in 0..articles {
                    times[random.usize(..articles)] += 1;
                }
                value(&times)
            };
            seeds.iter().map(draw).collect()
        };
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        thread::scope(|scope| {
            let work: Vec<_> =
                seeds.chunks(seeds.len().div_ceil(threads)).map(|seeds| scope.spawn(|| draw_all(seeds))).collect();
            let done = |thread: thread::ScopedJoinHandle<'_, Vec<T>>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            work.into_iter().flat_map(done).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap { samples: NonZeroUsize::new(4000).unwrap(), seed: 1 };

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.percentile(range(101), [2.5, 97.5]), with something undefined in between.
        let values = (0..=100).map(|value| Some(f64::from(value))).chain([None]);
        let Interval { low, high } = Interval::of(values).unwrap();
        assert!((low - 2.5).abs() < 1e-9 && (high - 97.5).abs() < 1e-9, "{low} {high}");
        assert_eq!(Interval::of([Some(0.5)]), Some(Interval { low: 0.5, high: 0.5 }));
        assert_eq!(Interval::of([None]), None);
    }

    #[test]
    fn draws_follow_the_seed_and_vary_as_they_should() {
        let mean = |times: &[u32]| {
            times.iter().enumerate().map(|(article, &times)| article as f64 * f64::from(times)).sum::<f64>() / 100.0
        };
        let means = BOOTSTRAP.draw(100, mean);
        assert_eq!(means, BOOTSTRAP.draw(100, mean));
        assert_ne!(means, Bootstrap { seed: 2, ..BOOTSTRAP }.draw(100, mean));
        // The mean of 100 draws from 0..100: 49.5 with standard error 28.87 / 10.
        let Interval { low, high } = Interval::of(means.into_iter().map(Some)).unwrap();
        assert!(
            (low - (49.5 - 1.96 * 2.887)).abs() < 0.4 && (high - (49.5 + 1.96 * 2.887)).abs() < 0.4,
            "{low} {high}"
        );
    }

    #[test]
    fn one_article_says_nothing_of_others() {
        assert!(BOOTSTRAP.draw(1, <[u32]>::len).is_empty());
    }
}
