//! An engine that reads labels off a table of words, so that all stages but
//! inference are tested in milliseconds and without native libraries.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
};

use ndarray::Array3;

use super::{Engine, EngineError};
use crate::{
    batch::Batch,
    model::{Model, ModelError},
};

/// The logit of the label a word has in the table; all others have 0.
const CERTAIN: f32 = 8.0;

/// Knows words by the id of their first token, and nothing of their context.
///
/// The table is `script.json` in the model folder: words to label names, words
/// that are not in it are `O`.
#[derive(Debug)]
pub struct ScriptedEngine {
    columns: HashMap<i64, usize>,
    outside: usize,
    labels: usize,
}

impl ScriptedEngine {
    /// Reads the model's table.
    ///
    /// # Errors
    /// [`EngineError::Load`] where the table is no JSON object of known labels.
    pub fn load(model: &Model) -> Result<Self, EngineError> {
        let path = &model.weights;
        let wrong = |reason: String| EngineError::Load { path: path.clone(), reason };
        let json = fs::read(path).map_err(|source| ModelError::Read { path: path.clone(), source })?;
        let table: BTreeMap<String, String> =
            serde_json::from_slice(&json).map_err(|error| wrong(error.to_string()))?;
        let names = &model.config.labels;
        let column = |label: &str| {
            names.iter().position(|name| name == label).ok_or_else(|| wrong(format!("no label `{label}`")))
        };
        let mut columns = HashMap::new();
        for (word, label) in &table {
            let tokens = model.tokenizer.encode(word)?;
            let first = tokens.first().ok_or_else(|| wrong(format!("`{word}` has no token")))?;
            columns.insert(i64::from(first.id), column(label)?);
        }
        Ok(Self { columns, outside: column("O")?, labels: names.len() })
    }
}

impl Engine for ScriptedEngine {
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        let (rows, tokens) = batch.ids.dim();
        let mut logits = Array3::zeros((rows, tokens, self.labels));
        for ((row, token), id) in batch.ids.indexed_iter() {
            let column = self.columns.get(id).copied().unwrap_or(self.outside);
            logits[[row, token, column]] = CERTAIN;
        }
        Ok(logits)
    }
}
