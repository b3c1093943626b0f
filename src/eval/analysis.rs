//! Where a tagger fails: everything about its mistakes in one place.

use serde_json::{Value, json};

use super::{
    Bootstrap, Confidence, Confusion, Corpus, ErrorGroup, Labels, frequent, frequent_errors, table::TableStyle,
};

/// The mistakes of a corpus, and what the scores are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Which labels are taken for which.
    pub confusion: Confusion,
    /// Mistakes by what is written there, most frequent first.
    pub errors: Vec<ErrorGroup>,
    /// What the scores are worth; `None` where predictions have none.
    pub confidence: Option<Confidence>,
}

impl Analysis {
    /// Analyses a corpus; with a bootstrap the curve has intervals.
    pub fn of(corpus: &Corpus, labels: &Labels, bootstrap: Option<Bootstrap>) -> Self {
        Self {
            confusion: Confusion::of(corpus, labels),
            errors: frequent_errors(corpus, labels),
            confidence: Confidence::of(corpus, labels, bootstrap),
        }
    }

    /// For programs: `confusion`, `errors`, and with scores `curve`, `curve_intervals` and `calibration`.
    pub fn json(&self, labels: &Labels) -> Value {
        let mut object = json!({"confusion": self.confusion.json(), "errors": self.errors});
        if let (Some(object), Some(Value::Object(more))) =
            (object.as_object_mut(), self.confidence.as_ref().map(|confidence| confidence.json(labels)))
        {
            object.extend(more);
        }
        object
    }

    /// For people: a table each.
    pub fn tables(&self, style: TableStyle) -> String {
        let mut output = String::new();
        self.confusion.table().write(style, &mut output);
        frequent::table(&self.errors).write(style, &mut output);
        if let Some(confidence) = &self.confidence {
            confidence.curve_table().write(style, &mut output);
            confidence.calibration_table().write(style, &mut output);
        }
        output
    }
}
