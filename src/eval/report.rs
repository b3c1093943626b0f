//! The scores of a corpus, and how they are written.

use serde_json::{Map, Value, json};

use super::{
    Bootstrap, Counts, GroupBy, Interval, LEVEL, Mode, Scores,
    table::{Table, TableStyle, percent},
};

/// The scores of a corpus in each mode.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Each mode's scores, in the order they were asked for.
    pub modes: Vec<(Mode, ModeReport)>,
    /// Gold articles.
    pub articles: usize,
    /// Ids of gold articles without a prediction.
    pub missing: Vec<String>,
    /// What the intervals come from.
    pub bootstrap: Option<Bootstrap>,
    /// The scores of parts of the corpus.
    pub groupings: Vec<Grouping>,
}

/// The scores of the parts of a corpus.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    /// What makes the parts.
    pub by: GroupBy,
    /// The parts, sorted by name.
    pub groups: Vec<Group>,
}

/// The scores of a part of a corpus.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The language, folder or file.
    pub name: String,
    /// Gold articles in it.
    pub articles: usize,
    /// Each mode's scores.
    pub modes: Vec<(Mode, ModeReport)>,
}

/// The scores of one mode.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeReport {
    /// Each label by itself.
    pub labels: Vec<(String, Row)>,
    /// All labels together: counts added, then scored.
    pub micro: Row,
    /// The mean over those labels for which a score is defined.
    pub macro_average: Scores,
    /// Where the mean lies.
    pub macro_intervals: Intervals,
}

/// Counts with their scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What was right and wrong.
    pub counts: Counts,
    /// What follows from that.
    pub scores: Scores,
    /// Where the scores lie.
    pub intervals: Intervals,
}

/// The interval of each score; `None` without a bootstrap, or where the score is
/// undefined in all that was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Intervals {
    /// Of the precision.
    pub precision: Option<Interval>,
    /// Of the recall.
    pub recall: Option<Interval>,
    /// Of the F1.
    pub f1: Option<Interval>,
}

impl Report {
    /// The scores of a mode, where it was asked for.
    pub fn of(&self, mode: Mode) -> Option<&ModeReport> {
        self.modes.iter().find(|(of, _)| *of == mode).map(|(_, report)| report)
    }

    /// For programs: an object a mode with `micro`, `macro` and `labels`, then
    /// `articles`, `missing`, `bootstrap` and `by`. Scores are fractions,
    /// undefined ones `null`.
    pub fn json(&self) -> Value {
        let mut report = modes_json(&self.modes);
        report.insert("articles".into(), self.articles.into());
        report.insert("missing".into(), self.missing.clone().into());
        if let Some(Bootstrap { samples, seed }) = self.bootstrap {
            report.insert("bootstrap".into(), json!({"samples": samples, "seed": seed, "level": LEVEL}));
        }
        if !self.groupings.is_empty() {
            let group = |group: &Group| {
                let mut object = modes_json(&group.modes);
                object.insert("articles".into(), group.articles.into());
                (group.name.clone(), Value::Object(object))
            };
            let by = |grouping: &Grouping| {
                (grouping.by.as_str().to_owned(), Value::Object(grouping.groups.iter().map(group).collect()))
            };
            report.insert("by".into(), Value::Object(self.groupings.iter().map(by).collect()));
        }
        Value::Object(report)
    }

    /// For people: a table a mode, scores in percent.
    pub fn tables(&self, style: TableStyle) -> String {
        let mut output = String::new();
        for (mode, report) in &self.modes {
            report.table(*mode).write(style, &mut output);
        }
        for grouping in &self.groupings {
            for (index, (mode, _)) in self.modes.iter().enumerate() {
                grouping.table(*mode, index).write(style, &mut output);
            }
        }
        output.push_str(&style.line(&self.closing()));
        output
    }

    fn closing(&self) -> String {
        let mut closing = if self.articles == 1 { "1 article".into() } else { format!("{} articles", self.articles) };
        if !self.missing.is_empty() {
            closing += &format!(", {} of them without prediction", self.missing.len());
        }
        if let Some(Bootstrap { samples, .. }) = self.bootstrap
            && self.articles > 1
        {
            closing += &format!("; in brackets 95 % intervals, from {samples} bootstrap samples of the articles");
        }
        closing
    }
}

impl Grouping {
    fn table(&self, mode: Mode, index: usize) -> Table {
        let by = self.by.as_str();
        let title = format!("{}, micro", mode.description());
        let mut table =
            Table::new(format!("{mode} by {by}"), title, &[by, "precision", "recall", "F1", "support", "articles"]);
        for Group { name, articles, modes } in &self.groups {
            let Some((_, report)) = modes.get(index) else { continue };
            let [precision, recall, f1] = score_cells(report.micro.scores, report.micro.intervals);
            let support = report.micro.counts.support().to_string();
            table.rows.push(vec![name.clone(), precision, recall, f1, support, articles.to_string()]);
        }
        table
    }
}

impl ModeReport {
    fn json(&self) -> Value {
        let labels: Map<String, Value> =
            self.labels.iter().map(|(label, row)| (label.clone(), Value::Object(row.json()))).collect();
        let mut macro_average = scores_json(self.macro_average);
        self.macro_intervals.add_to(&mut macro_average);
        json!({"micro": self.micro.json(), "macro": macro_average, "labels": labels})
    }

    fn table(&self, mode: Mode) -> Table {
        const COLUMNS: [&str; 8] = ["label", "precision", "recall", "F1", "tp", "fp", "fn", "support"];
        let mut table = Table::new(mode.as_str(), mode.description(), &COLUMNS);
        table.rows.extend(self.labels.iter().map(|(label, row)| row.cells(label)));
        table.rows.push(self.micro.cells("micro"));
        let scores = score_cells(self.macro_average, self.macro_intervals);
        let none = || std::iter::repeat_n(String::new(), 4);
        table.rows.push(std::iter::once("macro".to_owned()).chain(scores).chain(none()).collect());
        table
    }
}

impl Row {
    fn json(&self) -> Map<String, Value> {
        let mut row = scores_json(self.scores);
        row.insert("tp".into(), number(self.counts.true_positives()));
        row.insert("fp".into(), number(self.counts.false_positives()));
        row.insert("fn".into(), number(self.counts.false_negatives()));
        row.insert("support".into(), self.counts.support().into());
        self.intervals.add_to(&mut row);
        row
    }

    fn cells(&self, label: &str) -> Vec<String> {
        let counts = self.counts;
        let counts = [counts.true_positives(), counts.false_positives(), counts.false_negatives()];
        std::iter::once(label.to_owned())
            .chain(score_cells(self.scores, self.intervals))
            .chain(counts.map(|count| count.to_string()))
            .chain([self.counts.support().to_string()])
            .collect()
    }
}

impl Intervals {
    fn add_to(&self, row: &mut Map<String, Value>) {
        let ends = |interval: Option<Interval>| interval.map(|interval| [interval.low, interval.high]);
        if *self != Self::default() {
            let intervals =
                json!({"precision": ends(self.precision), "recall": ends(self.recall), "f1": ends(self.f1)});
            row.insert("intervals".into(), intervals);
        }
    }
}

fn modes_json(modes: &[(Mode, ModeReport)]) -> Map<String, Value> {
    modes.iter().map(|(mode, report)| (mode.as_str().to_owned(), report.json())).collect()
}

fn scores_json(scores: Scores) -> Map<String, Value> {
    let Scores { precision, recall, f1 } = scores;
    [("precision", precision), ("recall", recall), ("f1", f1)]
        .map(|(name, score)| (name.to_owned(), Value::from(score)))
        .into_iter()
        .collect()
}

/// A count as JSON writes it: whole where it is.
fn number(count: f64) -> Value {
    if count.fract() == 0.0 { Value::from(count as u64) } else { Value::from(count) }
}

/// Scores in percent, with their intervals behind.
fn score_cells(scores: Scores, intervals: Intervals) -> [String; 3] {
    [(scores.precision, intervals.precision), (scores.recall, intervals.recall), (scores.f1, intervals.f1)].map(
        |(score, interval)| match interval.filter(|_| score.is_some()) {
            None => percent(score),
            Some(Interval { low, high }) => {
                format!("{} [{}–{}]", percent(score), percent(Some(low)), percent(Some(high)))
            }
        },
    )
}
