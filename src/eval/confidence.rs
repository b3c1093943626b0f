//! What the scores of a tagger are worth: precision and recall by threshold,
//! calibration, and the threshold that reaches a precision.

use serde_json::{Map, Value, json};

use super::{
    Bootstrap, Corpus, Interval, LabelId, Labels,
    table::{Table, TableStyle, percent},
};

/// Bins of the calibration table.
const BINS: usize = 10;

/// Points of the curve: thresholds 0.00, 0.01 … 1.00.
const POINTS: usize = 101;

/// Steps between two points of the curve that have intervals: 0.00, 0.05 … 1.00.
const BAND_STEP: usize = 5;

/// Every predicted mention with its score and whether it is right (span and label).
#[derive(Debug, Clone, PartialEq)]
pub struct Confidence {
    labels: Vec<String>,
    /// By label: scores and whether they are right, from the highest on.
    judged: Vec<Vec<(f32, bool)>>,
    /// By label: gold mentions.
    support: Vec<usize>,
    /// Where the curve of all labels lies.
    pub band: Vec<BandPoint>,
}

/// Where precision and recall at a threshold lie, by the bootstrap over articles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandPoint {
    /// The least score.
    pub threshold: f64,
    /// The 95 % interval of the precision.
    pub precision: Interval,
    /// The 95 % interval of the recall.
    pub recall: Interval,
}

/// Precision and recall of the mentions whose score reaches a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// The least score.
    pub threshold: f64,
    /// Undefined where nothing is left.
    pub precision: Option<f64>,
    /// Undefined where the gold has none.
    pub recall: Option<f64>,
    /// Undefined where both are.
    pub f1: Option<f64>,
}

/// A range of scores, and how many of the mentions in it are right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationBin {
    /// The least score of the bin.
    pub low: f64,
    /// The next bin's least score.
    pub high: f64,
    /// Mentions in it.
    pub mentions: usize,
    /// Their mean score.
    pub mean_score: Option<f64>,
    /// The share of them that is right.
    pub precision: Option<f64>,
}

/// The threshold of a label that reaches a precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The label.
    pub label: String,
    /// The lowest threshold that reaches it; `None` where none does.
    pub threshold: Option<f64>,
    /// Precision and recall there.
    pub at: Option<CurvePoint>,
    /// Precision and recall of all mentions.
    pub without: CurvePoint,
}

impl Confidence {
    /// Judges all predictions of a corpus, or `None` where one of them has no
    /// score, or there are none. With a bootstrap the curve has a band.
    pub fn of(corpus: &Corpus, labels: &Labels, bootstrap: Option<Bootstrap>) -> Option<Self> {
        let width = labels.names().len();
        let (mut judged, mut support) = (vec![Vec::new(); width], vec![0; width]);
        // By article and point of the band: kept and right mentions; then the gold ones.
        let mut counts = vec![[0_u32; 3]; corpus.articles.len() * BAND_POINTS];
        for (article, counts) in corpus.articles.iter().zip(counts.chunks_exact_mut(BAND_POINTS)) {
            counts.iter_mut().for_each(|counts| counts[2] = article.gold.len() as u32);
            for mention in &article.gold {
                support[mention.label.index()] += 1;
            }
            for mention in &article.predicted {
                let at = article.gold.binary_search_by_key(&mention.start, |gold| gold.start);
                let right = at.is_ok_and(|at| {
                    let gold = article.gold[at];
                    gold.same_span(mention) && gold.label == mention.label
                });
                let score = mention.score?;
                judged[mention.label.index()].push((score, right));
                for (point, counts) in counts.iter_mut().enumerate() {
                    if reaches(score, threshold(point * BAND_STEP)) {
                        counts[0] += 1;
                        counts[1] += u32::from(right);
                    }
                }
            }
        }
        for label in &mut judged {
            label.sort_by(|left, right| right.0.total_cmp(&left.0));
        }
        let any = judged.iter().any(|label| !label.is_empty());
        let band = bootstrap.map_or_else(Vec::new, |bootstrap| band(bootstrap, corpus.articles.len(), &counts));
        any.then(|| Self { labels: labels.names().to_vec(), judged, support, band })
    }

    /// Precision and recall at thresholds 0.00, 0.01 … 1.00, of a label or of all.
    pub fn curve(&self, label: Option<LabelId>) -> Vec<CurvePoint> {
        let (judged, support) = self.pool(label);
        let point = |step: usize| {
            let threshold = threshold(step);
            let kept = judged.partition_point(|&(score, _)| reaches(score, threshold));
            point(threshold, &judged[..kept], support)
        };
        (0..POINTS).map(point).collect()
    }

    /// Ten equal ranges of scores.
    pub fn calibration(&self) -> Vec<CalibrationBin> {
        let (judged, _) = self.pool(None);
        let mut bins = vec![(0_usize, 0.0_f64, 0_usize); BINS];
        for (score, right) in judged {
            let score = f64::from(score);
            let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
            *bin = (bin.0 + 1, bin.1 + score, bin.2 + usize::from(right));
        }
        let bin = |(index, (mentions, sum, right)): (usize, (usize, f64, usize))| {
            let share = |part: f64| (mentions > 0).then(|| part / mentions as f64);
            CalibrationBin {
                low: index as f64 / BINS as f64,
                high: (index + 1) as f64 / BINS as f64,
                mentions,
                mean_score: share(sum),
                precision: share(right as f64),
            }
        };
        bins.into_iter().enumerate().map(bin).collect()
    }

    /// The expected calibration error: how far scores and shares of right
    /// mentions lie apart, as the mean over mentions (Guo, Pleiss, Sun and
    /// Weinberger 2017, “On Calibration of Modern Neural Networks”, section 2).
    pub fn calibration_error(&self) -> f64 {
        let bins = self.calibration();
        let mentions: usize = bins.iter().map(|bin| bin.mentions).sum();
        let gap = |bin: &CalibrationBin| match (bin.mean_score, bin.precision) {
            (Some(score), Some(precision)) => bin.mentions as f64 * (score - precision).abs(),
            _ => 0.0,
        };
        bins.iter().map(gap).sum::<f64>() / mentions.max(1) as f64
    }

    /// For each label the lowest threshold at which its precision reaches `target`.
    ///
    /// A threshold lies halfway between the lowest score that is kept and the
    /// highest that is not, so that scores rounded to three decimals fall on the
    /// right side of it.
    pub fn thresholds(&self, target: f64) -> Vec<Threshold> {
        let threshold = |(label, name): (usize, &String)| {
            let (judged, support) = (&self.judged[label], self.support[label]);
            // Equal scores are kept or dropped together.
            let cuts = (1..=judged.len())
                .rev()
                .filter(|&kept| judged.get(kept).is_none_or(|next| next.0 < judged[kept - 1].0));
            let reached = cuts
                .map(|kept| {
                    let lowest = f64::from(judged[kept - 1].0);
                    let threshold =
                        judged.get(kept).map_or(0.0, |next| rounded(f64::midpoint(lowest, f64::from(next.0))));
                    point(threshold, &judged[..kept], support)
                })
                .find(|point| point.precision.is_some_and(|precision| precision >= target));
            Threshold {
                label: name.clone(),
                threshold: reached.map(|point| point.threshold),
                at: reached,
                without: point(0.0, judged, support),
            }
        };
        self.labels.iter().enumerate().map(threshold).collect()
    }

    /// The judged mentions of a label or of all, from the highest score on, and the support.
    fn pool(&self, label: Option<LabelId>) -> (Vec<(f32, bool)>, usize) {
        match label.map(LabelId::index) {
            Some(label) => (self.judged[label].clone(), self.support[label]),
            None => {
                let mut all = self.judged.concat();
                all.sort_by(|left, right| right.0.total_cmp(&left.0));
                (all, self.support.iter().sum())
            }
        }
    }

    pub(super) fn json(&self, labels: &Labels) -> Value {
        let curve = |label: Option<LabelId>| -> Vec<Value> {
            let point = |point: CurvePoint| json!({"threshold": point.threshold, "precision": point.precision, "recall": point.recall, "f1": point.f1});
            self.curve(label).into_iter().map(point).collect()
        };
        let of_labels: Map<String, Value> =
            labels.ids().map(|label| (labels.name(label).to_owned(), curve(Some(label)).into())).collect();
        let bin = |bin: CalibrationBin| json!({"low": bin.low, "high": bin.high, "mentions": bin.mentions, "mean_score": bin.mean_score, "precision": bin.precision});
        let bins: Vec<Value> = self.calibration().into_iter().map(bin).collect();
        json!({
            "curve": {"micro": curve(None), "labels": of_labels},
            "curve_intervals": self.band.iter().map(|point| json!({
                "threshold": point.threshold,
                "precision": [point.precision.low, point.precision.high],
                "recall": [point.recall.low, point.recall.high],
            })).collect::<Vec<_>>(),
            "calibration": {"error": self.calibration_error(), "bins": bins},
        })
    }

    /// Every tenth point of the curve.
    pub(super) fn curve_table(&self) -> Table {
        let mut table = Table::new(
            "thresholds",
            "strict, micro, of entities with at least this score",
            &["score", "precision", "recall", "F1"],
        );
        for CurvePoint { threshold, precision, recall, f1 } in self.curve(None).into_iter().step_by(10) {
            table.rows.push(vec![format!("{threshold:.1}"), percent(precision), percent(recall), percent(f1)]);
        }
        table
    }

    pub(super) fn calibration_table(&self) -> Table {
        let title = format!(
            "share of right entities (strict) by score; expected calibration error {}",
            percent(Some(self.calibration_error()))
        );
        let mut table = Table::new("calibration", title, &["score", "entities", "mean score", "precision"]);
        for bin in self.calibration() {
            let range = format!("{:.1}–{:.1}", bin.low, bin.high);
            table.rows.push(vec![range, bin.mentions.to_string(), percent(bin.mean_score), percent(bin.precision)]);
        }
        table
    }
}

/// Points of the curve that have intervals.
const BAND_POINTS: usize = (POINTS - 1) / BAND_STEP + 1;

/// The threshold of a point of the curve.
fn threshold(step: usize) -> f64 {
    step as f64 / (POINTS - 1) as f64
}

/// Scores come with three decimals, so one that is written as the threshold reaches it.
fn reaches(score: f32, threshold: f64) -> bool {
    f64::from(score) >= threshold - 1e-6
}

/// The intervals of each point that has any.
fn band(bootstrap: Bootstrap, articles: usize, counts: &[[u32; 3]]) -> Vec<BandPoint> {
    let draws = bootstrap.draw(articles, |times| {
        let mut sums = [[0_u64; 3]; BAND_POINTS];
        for (counts, &times) in counts.chunks_exact(BAND_POINTS).zip(times).filter(|(_, times)| **times > 0) {
            for (sum, counts) in sums.iter_mut().zip(counts) {
                for (sum, &count) in sum.iter_mut().zip(counts) {
                    *sum += u64::from(times) * u64::from(count);
                }
            }
        }
        sums
    });
    let interval = |point: usize, whole: usize| {
        Interval::of(draws.iter().map(|sums| {
            let [right, whole] = [sums[point][1], sums[point][whole]];
            (whole > 0).then(|| right as f64 / whole as f64)
        }))
    };
    let point = |point: usize| {
        let (precision, recall) = (interval(point, 0)?, interval(point, 2)?);
        Some(BandPoint { threshold: threshold(point * BAND_STEP), precision, recall })
    };
    (0..BAND_POINTS).filter_map(point).collect()
}

/// Without the digits that only an `f32` has.
fn rounded(score: f64) -> f64 {
    (score * 1e6).round() / 1e6
}

fn point(threshold: f64, kept: &[(f32, bool)], support: usize) -> CurvePoint {
    let right = kept.iter().filter(|(_, right)| *right).count();
    let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
    CurvePoint {
        threshold,
        precision: share(right, kept.len()),
        recall: share(right, support),
        f1: share(2 * right, kept.len() + support),
    }
}

/// Thresholds that reach a precision, for programs.
pub fn threshold_json(target: f64, thresholds: &[Threshold]) -> Value {
    let label = |threshold: &Threshold| {
        let at = threshold.at;
        let value = json!({
            "threshold": threshold.threshold,
            "precision": at.and_then(|at| at.precision),
            "recall": at.and_then(|at| at.recall),
            "precision_without": threshold.without.precision,
            "recall_without": threshold.without.recall,
        });
        (threshold.label.clone(), value)
    };
    json!({"target_precision": target, "labels": thresholds.iter().map(label).collect::<Map<String, Value>>()})
}

/// The same for people.
pub fn threshold_tables(target: f64, thresholds: &[Threshold], style: TableStyle) -> String {
    let mut output = String::new();
    threshold_table(target, thresholds).write(style, &mut output);
    output
}

fn threshold_table(target: f64, thresholds: &[Threshold]) -> Table {
    let title =
        format!("lowest score that reaches precision {} (strict), and the recall it costs", percent(Some(target)));
    let columns = ["label", "score", "precision", "recall", "precision without", "recall without"];
    let mut table = Table::new("target", title, &columns);
    for Threshold { label, threshold, at, without } in thresholds {
        table.rows.push(vec![
            label.clone(),
            threshold.map_or_else(|| "–".into(), |threshold| format!("{threshold:.4}")),
            percent(at.and_then(|at| at.precision)),
            percent(at.and_then(|at| at.recall)),
            percent(without.precision),
            percent(without.recall),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence(judged: &[(f32, bool)], support: usize) -> Confidence {
        Confidence {
            labels: vec!["PER".into()],
            judged: vec![judged.to_vec()],
            support: vec![support],
            band: Vec::new(),
        }
    }

    #[test]
    fn the_lowest_threshold_that_reaches_the_target_is_taken() {
        let judged = [(0.9, true), (0.8, false), (0.7, true), (0.6, true), (0.6, true), (0.5, false), (0.4, false)];
        let found = confidence(&judged, 8).thresholds(0.8).remove(0);
        assert!((found.threshold.unwrap() - 0.55).abs() < 1e-6);
        assert_eq!((found.at.unwrap().precision, found.at.unwrap().recall), (Some(0.8), Some(0.5)));
        assert_eq!((found.without.precision, found.without.recall), (Some(4.0 / 7.0), Some(0.5)));
        assert_eq!(confidence(&judged, 8).thresholds(0.5)[0].threshold, Some(0.0), "all of them reach it");
        assert_eq!(confidence(&[(0.9, false)], 8).thresholds(0.5)[0].threshold, None);
    }

    #[test]
    fn the_band_has_the_intervals_of_the_bootstrap_at_each_threshold() {
        use crate::eval::{AnnotationSet, align};
        let labels = Labels::default();
        // Ten articles: one mention that is right, one below 0.5 that is wrong, every second time one more wrong one above it.
        let set = |side: &str| {
            let record = |at: usize| {
                let entity = |start: usize, score: f64| json!({"start": start, "end": start + 1, "label": "PER", "score": score});
                let mut entities = vec![entity(0, 0.9)];
                if side == "predicted" {
                    entities.push(entity(1, 0.3));
                    entities.extend(at.is_multiple_of(2).then(|| entity(2, 0.8)));
                }
                json!({"id": at.to_string(), "text": "abc", "entities": entities}).to_string()
            };
            let lines: Vec<String> = (0..10).map(record).collect();
            AnnotationSet::read(lines.join("\n").as_bytes(), side, &labels).unwrap()
        };
        let corpus = align(set("gold"), set("predicted")).unwrap();
        let bootstrap = Bootstrap { samples: std::num::NonZeroUsize::new(2000).unwrap(), seed: 1 };
        let confidence = Confidence::of(&corpus, &labels, Some(bootstrap)).unwrap();
        let at =
            |threshold: f64| confidence.band.iter().find(|point| (point.threshold - threshold).abs() < 1e-9).unwrap();
        // Between 10 of 18 and 10 of 12: 2 to 8 of the ten drawn articles have the wrong one, in 95 % of the draws.
        let middle = at(0.5).precision;
        assert!((middle.low - 10.0 / 18.0).abs() < 1e-9 && (middle.high - 10.0 / 12.0).abs() < 1e-9, "{middle:?}");
        assert_eq!((at(0.85).precision.low, at(0.85).recall.high), (1.0, 1.0));
        assert!(confidence.band.iter().all(|point| point.threshold < 0.91), "nothing is kept above the highest score");
        let curve = confidence.curve(None);
        for point in &confidence.band {
            let precision = curve[(point.threshold * 100.0).round() as usize].precision.unwrap();
            assert!(point.precision.low <= precision && precision <= point.precision.high);
        }
    }

    #[test]
    fn equal_scores_are_not_torn_apart() {
        let found = confidence(&[(0.9, true), (0.6, true), (0.6, false)], 2).thresholds(1.0).remove(0);
        assert!((found.threshold.unwrap() - 0.75).abs() < 1e-6);
    }

    #[test]
    fn calibration_compares_scores_with_what_is_right() {
        let confidence = confidence(&[(0.95, true), (0.95, false), (0.35, false), (1.0, true)], 2);
        let bins = confidence.calibration();
        assert_eq!((bins[9].mentions, bins[3].mentions), (3, 1));
        // 3 / 4 · |0.9667 − 0.6667| + 1 / 4 · 0.35
        assert!((confidence.calibration_error() - (0.75 * 0.3 + 0.0875)).abs() < 1e-6);
    }

    #[test]
    fn the_curve_keeps_scores_at_the_threshold() {
        let curve = confidence(&[(0.9, true), (0.5, false)], 2).curve(None);
        assert_eq!((curve[50].precision, curve[50].recall), (Some(0.5), Some(0.5)));
        assert_eq!((curve[90].precision, curve[91].precision), (Some(1.0), None));
    }
}
