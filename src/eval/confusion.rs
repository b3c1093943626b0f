//! Which labels are taken for which.

use serde_json::{Map, Value};

use super::{Corpus, Labels, errors::joined, table::Table};

/// How often a gold label met a predicted one, boundaries aside. The last row
/// holds what is spurious, the last column what was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// Names of rows and columns, but for the last.
    pub labels: Vec<String>,
    /// Rows by gold label, columns by predicted label.
    pub counts: Vec<Vec<u64>>,
}

/// The name of the last row and column, as in CoNLL files.
const NONE: &str = "O";

impl Confusion {
    /// Counts the mentions of a corpus, joined as the mistakes are.
    pub fn of(corpus: &Corpus, labels: &Labels) -> Self {
        let width = labels.names().len() + 1;
        let mut counts = vec![vec![0; width]; width];
        for article in &corpus.articles {
            for (gold, predicted) in joined(article) {
                let [row, column] =
                    [gold, predicted].map(|mention| mention.map_or(width - 1, |mention| mention.label.index()));
                counts[row][column] += 1;
            }
        }
        Self { labels: labels.names().to_vec(), counts }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(String::as_str).chain([NONE])
    }

    /// For programs: gold label → predicted label → count; `O` for none.
    pub(super) fn json(&self) -> Value {
        let row = |counts: &Vec<u64>| -> Map<String, Value> {
            self.names().map(str::to_owned).zip(counts.iter().copied().map(Value::from)).collect()
        };
        Value::Object(self.names().map(str::to_owned).zip(self.counts.iter().map(row).map(Value::Object)).collect())
    }

    pub(super) fn table(&self) -> Table {
        let columns: Vec<&str> = std::iter::once("gold").chain(self.names()).collect();
        let mut table = Table::new("confusion", "gold by row, predicted by column, boundaries aside", &columns);
        for (name, counts) in self.names().zip(&self.counts) {
            let cells = counts.iter().map(|count| if *count == 0 { "·".into() } else { count.to_string() });
            table.rows.push(std::iter::once(name.to_owned()).chain(cells).collect());
        }
        table
    }
}
