//! The scores of a corpus, and how they are written.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Counts, Mode, Scores};

/// The scores of a corpus in each mode.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Each mode's scores, in the order they were asked for.
    pub modes: Vec<(Mode, ModeReport)>,
    /// Gold articles.
    pub articles: usize,
    /// Ids of gold articles without a prediction.
    pub missing: Vec<String>,
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
}

/// Counts with their scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What was right and wrong.
    pub counts: Counts,
    /// What follows from that.
    pub scores: Scores,
}

impl Row {
    pub(super) fn new(counts: Counts) -> Self {
        Self { counts, scores: counts.scores() }
    }
}

impl Report {
    /// The scores of a mode, where it was asked for.
    pub fn of(&self, mode: Mode) -> Option<&ModeReport> {
        self.modes.iter().find(|(of, _)| *of == mode).map(|(_, report)| report)
    }

    /// For programs: an object a mode with `micro`, `macro` and `labels`, then
    /// `articles` and `missing`. Scores are fractions, undefined ones `null`.
    pub fn json(&self) -> Value {
        let mut report: Map<String, Value> =
            self.modes.iter().map(|(mode, report)| (mode.as_str().to_owned(), report.json())).collect();
        report.insert("articles".into(), self.articles.into());
        report.insert("missing".into(), self.missing.clone().into());
        Value::Object(report)
    }

    /// For a terminal: a table a mode, scores in percent.
    pub fn table(&self) -> String {
        let mut output = String::new();
        for (mode, report) in &self.modes {
            let _ = writeln!(output, "{mode}: {}", mode.description());
            let rows = report.cells();
            let width = rows.iter().map(|row| row[0].chars().count()).max().unwrap_or(0);
            for [label, cells @ ..] in rows {
                let mut line = format!("  {label:<width$}");
                for (cell, column) in cells.iter().zip(&COLUMNS[1..]) {
                    let _ = write!(line, "  {cell:>width$}", width = column.len().max(6));
                }
                let _ = writeln!(output, "{}", line.trim_end());
            }
            output.push('\n');
        }
        let _ = writeln!(output, "{}", self.closing());
        output
    }

    /// For documents: a Markdown table a mode, scores in percent.
    pub fn markdown(&self) -> String {
        let mut output = String::new();
        for (mode, report) in &self.modes {
            let _ = writeln!(output, "**{mode}**: {}\n", mode.description());
            for (number, row) in report.cells().iter().enumerate() {
                let _ = writeln!(
                    output,
                    "| {} |",
                    row.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | ")
                );
                if number == 0 {
                    let _ = writeln!(output, "| --- |{}", " ---: |".repeat(COLUMNS.len() - 1));
                }
            }
            output.push('\n');
        }
        let _ = writeln!(output, "{}", self.closing());
        output
    }

    fn closing(&self) -> String {
        let articles = if self.articles == 1 { "1 article".into() } else { format!("{} articles", self.articles) };
        match self.missing.len() {
            0 => articles,
            missing => format!("{articles}, {missing} of them without prediction"),
        }
    }
}

const COLUMNS: [&str; 8] = ["label", "precision", "recall", "F1", "tp", "fp", "fn", "support"];

impl ModeReport {
    fn json(&self) -> Value {
        let labels: Map<String, Value> = self.labels.iter().map(|(label, row)| (label.clone(), row.json())).collect();
        let Scores { precision, recall, f1 } = self.macro_average;
        json!({
            "micro": self.micro.json(),
            "macro": {"precision": precision, "recall": recall, "f1": f1},
            "labels": labels,
        })
    }

    /// The table, its head first.
    fn cells(&self) -> Vec<[String; COLUMNS.len()]> {
        let mut rows = vec![COLUMNS.map(str::to_owned)];
        rows.extend(self.labels.iter().map(|(label, row)| row.cells(label)));
        rows.push(self.micro.cells("micro"));
        let [precision, recall, f1] = percentages(self.macro_average);
        let none = String::new;
        rows.push(["macro".into(), precision, recall, f1, none(), none(), none(), none()]);
        rows
    }
}

impl Row {
    fn json(&self) -> Value {
        let Scores { precision, recall, f1 } = self.scores;
        json!({
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "tp": number(self.counts.true_positives()),
            "fp": number(self.counts.false_positives()),
            "fn": number(self.counts.false_negatives()),
            "support": self.counts.support(),
        })
    }

    fn cells(&self, label: &str) -> [String; COLUMNS.len()] {
        let [precision, recall, f1] = percentages(self.scores);
        [
            label.to_owned(),
            precision,
            recall,
            f1,
            self.counts.true_positives().to_string(),
            self.counts.false_positives().to_string(),
            self.counts.false_negatives().to_string(),
            self.counts.support().to_string(),
        ]
    }
}

/// A count as JSON writes it: whole where it is.
fn number(count: f64) -> Value {
    if count.fract() == 0.0 { Value::from(count as u64) } else { Value::from(count) }
}

fn percentages(scores: Scores) -> [String; 3] {
    [scores.precision, scores.recall, scores.f1]
        .map(|score| score.map_or_else(|| "–".to_owned(), |score| format!("{:.1}", score * 100.0)))
}
