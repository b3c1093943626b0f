//! Two sets of predictions against the same gold: which is better, and is that chance?

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    AlignedArticle, Bootstrap, Corpus, EvalError, Interval, LEVEL, Labels, Mention, Mode, Scores, score,
    table::{Table, TableStyle, percent},
};
use crate::article::Article;

/// Entities that tables list; programs get all of them.
const LISTED: usize = 20;

/// Two sets of predictions, scored and subtracted.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Each mode's differences, in the order they were asked for.
    pub modes: Vec<(Mode, ModeComparison)>,
    /// What the second does otherwise than the first, in the order of the articles.
    pub changes: Vec<ChangedEntity>,
    /// The labels, in the order of tables.
    pub labels: Vec<String>,
    /// Gold articles.
    pub articles: usize,
    /// Ids of gold articles without a prediction, of the first and the second.
    pub missing: [Vec<String>; 2],
    /// What intervals and p-values come from.
    pub bootstrap: Option<Bootstrap>,
}

/// The differences in one mode.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeComparison {
    /// Each label by itself.
    pub labels: Vec<(String, ScoreDifferences)>,
    /// All labels together.
    pub micro: ScoreDifferences,
    /// The mean of the labels.
    pub macro_average: ScoreDifferences,
}

/// The differences of all scores.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScoreDifferences {
    /// Of precision.
    pub precision: Difference,
    /// Of recall.
    pub recall: Difference,
    /// Of F1.
    pub f1: Difference,
}

/// A score of both, and what lies between.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Difference {
    /// The first one's score.
    pub first: Option<f64>,
    /// The second one's score.
    pub second: Option<f64>,
    /// The 95 % interval of second − first.
    pub interval: Option<Interval>,
    /// How often a difference at least as great, in either direction, would come
    /// about by the choice of articles if there were none.
    pub p: Option<f64>,
}

impl Difference {
    /// Second − first; positive where the second is better.
    pub fn value(&self) -> Option<f64> {
        Some(self.second? - self.first?)
    }
}

/// What became of an entity, judged by span and label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Of the gold, found only by the second.
    Fixed,
    /// Of the gold, found only by the first.
    Broken,
    /// Not of the gold, predicted only by the first.
    Removed,
    /// Not of the gold, predicted only by the second.
    Added,
}

impl Change {
    const ALL: [Self; 4] = [Self::Fixed, Self::Broken, Self::Removed, Self::Added];

    fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Broken => "broken",
            Self::Removed => "removed",
            Self::Added => "added",
        }
    }
}

/// An entity that one of the two has and the other has not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedEntity {
    /// The article.
    pub id: String,
    /// What became of it.
    pub change: Change,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What it is said to be.
    pub label: String,
    /// The slice of the article, where the text is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Compares two corpora of the same gold.
///
/// The bootstrap draws the same articles for both (paired). The p-value is
/// two-sided, from differences shifted to a mean of none: the share of draws
/// whose difference is as far from the observed one as that is from 0
/// (Berg-Kirkpatrick, Burkett and Klein 2012, “An Empirical Investigation of
/// Statistical Significance in NLP”, section 2), the observed corpus counted as
/// one of them, so that it is never 0.
///
/// # Errors
/// Those of [`score()`].
pub fn compare(
    first: &Corpus,
    second: &Corpus,
    labels: &Labels,
    modes: &[Mode],
    bootstrap: Option<Bootstrap>,
) -> Result<Comparison, EvalError> {
    let evaluations = [score(first, labels, modes)?, score(second, labels, modes)?];
    let articles: Vec<usize> = (0..first.articles.len().min(second.articles.len())).collect();
    let scores = |times: &[u32]| {
        evaluations.each_ref().map(|evaluation| evaluation.scores(&evaluation.totals(&articles, times)))
    };
    let observed = scores(&vec![1; articles.len()]);
    let drawn = bootstrap.map(|bootstrap| bootstrap.draw(articles.len(), scores)).unwrap_or_default();
    let difference = |at: usize, of: fn(&Scores) -> Option<f64>| {
        let [first, second] = observed.each_ref().map(|scores| scores.get(at).and_then(of));
        let between = |[first, second]: &[Vec<Scores>; 2]| Some(of(second.get(at)?)? - of(first.get(at)?)?);
        let differences: Vec<Option<f64>> = drawn.iter().map(between).collect();
        let difference = Difference { first, second, interval: None, p: None };
        Difference {
            interval: Interval::of(differences.iter().copied()),
            p: difference.value().and_then(|observed| p_value(observed, &differences)),
            ..difference
        }
    };
    let differences = |at: usize| ScoreDifferences {
        precision: difference(at, |scores| scores.precision),
        recall: difference(at, |scores| scores.recall),
        f1: difference(at, |scores| scores.f1),
    };
    let width = labels.names().len();
    let mode = |(index, mode): (usize, Mode)| {
        let at = index * (width + 2);
        let of_labels = labels.names().iter().enumerate().map(|(label, name)| (name.clone(), differences(at + label)));
        let comparison = ModeComparison {
            labels: of_labels.collect(),
            micro: differences(at + width),
            macro_average: differences(at + width + 1),
        };
        (mode, comparison)
    };
    let changes = first.articles.iter().zip(&second.articles);
    Ok(Comparison {
        modes: evaluations[0].modes().iter().copied().enumerate().map(mode).collect(),
        changes: changes.flat_map(|(first, second)| changes_of(first, second, labels)).collect(),
        labels: labels.names().to_vec(),
        articles: articles.len(),
        missing: [first.missing.clone(), second.missing.clone()],
        bootstrap,
    })
}

fn p_value(observed: f64, drawn: &[Option<f64>]) -> Option<f64> {
    // Sums of the same numbers in another order may differ in the last digit.
    const ROUNDING: f64 = 1e-12;
    let drawn: Vec<f64> = drawn.iter().copied().flatten().collect();
    let as_far = drawn.iter().filter(|&&drawn| (drawn - observed).abs() >= observed.abs() - ROUNDING).count();
    (!drawn.is_empty()).then(|| (as_far + 1) as f64 / (drawn.len() + 1) as f64)
}

/// The entities of an article that one has and the other has not.
fn changes_of(first: &AlignedArticle, second: &AlignedArticle, labels: &Labels) -> Vec<ChangedEntity> {
    let key = |mention: &Mention| (mention.start, mention.end, mention.label);
    // Sorted and disjoint, so the start alone finds a mention.
    let has = |mentions: &[Mention], wanted: &Mention| {
        mentions
            .binary_search_by_key(&wanted.start, |mention| mention.start)
            .is_ok_and(|at| key(&mentions[at]) == key(wanted))
    };
    let mut changes: Vec<(Change, Mention)> = Vec::new();
    for mention in &first.predicted {
        if !has(&second.predicted, mention) {
            let change = if has(&first.gold, mention) { Change::Broken } else { Change::Removed };
            changes.push((change, *mention));
        }
    }
    for mention in &second.predicted {
        if !has(&first.predicted, mention) {
            let change = if has(&first.gold, mention) { Change::Fixed } else { Change::Added };
            changes.push((change, *mention));
        }
    }
    if changes.is_empty() {
        return Vec::new();
    }
    changes.sort_by_key(|(change, mention)| (key(mention), *change));
    let text = first.text.as_ref().or(second.text.as_ref()).map(|text| Article::new("", text.as_str()));
    let slice = |mention: &Mention| {
        let text = text.as_ref()?;
        text.span_of_chars(mention.start..mention.end).map(|span| text.slice(span).to_owned())
    };
    let changed = |(change, mention): (Change, Mention)| ChangedEntity {
        id: first.id.clone(),
        change,
        start: mention.start,
        end: mention.end,
        label: labels.name(mention.label).to_owned(),
        text: slice(&mention),
    };
    changes.into_iter().map(changed).collect()
}

impl Comparison {
    /// For programs: an object a mode, then `changes` (counts by label),
    /// `entities`, `articles`, `missing` and `bootstrap`.
    pub fn json(&self) -> Value {
        let mut object: Map<String, Value> =
            self.modes.iter().map(|(mode, comparison)| (mode.as_str().to_owned(), comparison.json())).collect();
        let counts = |label: &String| {
            let counts = Change::ALL.map(|change| (change.as_str().to_owned(), Value::from(self.count(label, change))));
            (label.clone(), Value::Object(counts.into_iter().collect()))
        };
        object.insert("changes".into(), Value::Object(self.labels.iter().map(counts).collect()));
        object.insert("entities".into(), json!(self.changes));
        object.insert("articles".into(), self.articles.into());
        let [first, second] = &self.missing;
        object.insert("missing".into(), json!({"first": first, "second": second}));
        if let Some(Bootstrap { samples, seed }) = self.bootstrap {
            object.insert("bootstrap".into(), json!({"samples": samples, "seed": seed, "level": LEVEL}));
        }
        Value::Object(object)
    }

    /// For people: for each mode F1 of both and the difference; then what changed.
    pub fn tables(&self, style: TableStyle) -> String {
        let mut output = String::new();
        for (mode, comparison) in &self.modes {
            comparison.table(*mode).write(style, &mut output);
        }
        let mut changes = Table::new(
            "changes",
            "of the gold now found (fixed) and lost (broken); wrong ones gone (removed) and new (added)",
            &["label", "fixed", "broken", "removed", "added"],
        );
        for label in &self.labels {
            let counts = Change::ALL.map(|change| self.count(label, change).to_string());
            changes.rows.push(std::iter::once(label.clone()).chain(counts).collect());
        }
        let totals = Change::ALL.map(|change| self.changes.iter().filter(|changed| changed.change == change).count());
        changes.rows.push(std::iter::once("all".to_owned()).chain(totals.map(|total| total.to_string())).collect());
        changes.write(style, &mut output);
        self.most_frequent().write(style, &mut output);
        let mut closing = format!("{} articles", self.articles);
        if let Some(Bootstrap { samples, .. }) = self.bootstrap
            && self.articles > 1
        {
            closing +=
                &format!("; 95 % intervals and two-sided p from {samples} paired bootstrap samples of the articles");
        }
        output + &style.line(&closing)
    }

    fn count(&self, label: &str, change: Change) -> usize {
        self.changes.iter().filter(|changed| changed.change == change && changed.label == label).count()
    }

    fn most_frequent(&self) -> Table {
        let mut groups: BTreeMap<(Change, &str, &str), usize> = BTreeMap::new();
        for changed in &self.changes {
            let text = changed.text.as_deref().unwrap_or("–");
            *groups.entry((changed.change, &changed.label, text)).or_default() += 1;
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|&(key, count)| (std::cmp::Reverse(count), key));
        let title = match groups.len().saturating_sub(LISTED) {
            0 => "most frequent first".to_owned(),
            more => format!("most frequent first; {more} more in `--format json`"),
        };
        let mut table = Table::new("entities", title, &["change", "label", "times", "text"]);
        for ((change, label, text), count) in groups.into_iter().take(LISTED) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            table.rows.push(vec![
                change.as_str().into(),
                label.into(),
                count.to_string(),
                format!("\u{2068}{text}\u{2069}"),
            ]);
        }
        table
    }
}

impl ModeComparison {
    fn json(&self) -> Value {
        let labels: Map<String, Value> =
            self.labels.iter().map(|(label, differences)| (label.clone(), differences.json())).collect();
        json!({"micro": self.micro.json(), "macro": self.macro_average.json(), "labels": labels})
    }

    fn table(&self, mode: Mode) -> Table {
        let title = format!("F1, {}", mode.description());
        let mut table = Table::new(mode.as_str(), title, &["label", "first", "second", "difference", "p"]);
        let averages = [("micro", &self.micro), ("macro", &self.macro_average)];
        let labels = self.labels.iter().map(|(label, differences)| (label.as_str(), differences));
        for (label, ScoreDifferences { f1, .. }) in labels.chain(averages) {
            let value = f1.value().map_or_else(|| "–".into(), signed);
            let difference = match f1.interval.filter(|_| f1.value().is_some()) {
                Some(Interval { low, high }) => format!("{value} [{}, {}]", signed(low), signed(high)),
                None => value,
            };
            let p = f1.p.map_or_else(|| "–".into(), |p| format!("{p:.3}"));
            table.rows.push(vec![label.into(), percent(f1.first), percent(f1.second), difference, p]);
        }
        table
    }
}

/// A difference in percentage points.
fn signed(difference: f64) -> String {
    // Adding 0 turns −0 into 0.
    let points = (difference * 1000.0).round() / 10.0 + 0.0;
    if points > 0.0 { format!("+{points:.1}") } else { format!("{points:.1}") }
}

impl ScoreDifferences {
    fn json(&self) -> Value {
        let score = |difference: &Difference| {
            let interval = difference.interval.map(|interval| [interval.low, interval.high]);
            json!({
                "first": difference.first,
                "second": difference.second,
                "difference": difference.value(),
                "interval": interval,
                "p": difference.p,
            })
        };
        json!({"precision": score(&self.precision), "recall": score(&self.recall), "f1": score(&self.f1)})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_is_the_share_of_draws_that_are_as_far_off() {
        let drawn = [0.1, 0.0, 0.2, 0.3, 0.1].map(Some);
        // 0.0 and 0.2 are as far from 0.1 as that is from 0, 0.3 is farther.
        assert_eq!(p_value(0.1, &drawn), Some(4.0 / 6.0));
        assert_eq!(p_value(0.0, &drawn), Some(1.0));
        assert_eq!(p_value(0.1, &[None]), None);
    }

    #[test]
    fn differences_are_signed_points() {
        assert_eq!([signed(0.0123), signed(-0.05), signed(-0.0001)], ["+1.2", "-5.0", "0.0"]);
    }
}
