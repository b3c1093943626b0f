//! `config.json`: the parts of it that Musamma reads.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::ModelError;

/// The configuration of a model.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file, for an engine that reads more of it.
    pub path: PathBuf,
    /// The architecture: `bert`, `xlm-roberta`, …
    pub model_type: String,
    /// The classifier's labels in the order of its columns.
    pub labels: Vec<String>,
    /// The most tokens the encoder takes, special tokens included.
    pub max_tokens: usize,
    /// The id that fills a batch up.
    pub pad_id: Option<u32>,
}

#[derive(Deserialize)]
struct Fields {
    model_type: Option<String>,
    id2label: Option<BTreeMap<String, String>>,
    max_position_embeddings: Option<i64>,
    pad_token_id: Option<u32>,
}

/// The most tokens of an encoder that names no limit (relative positions).
const UNLIMITED_TOKENS: usize = 512;

impl Config {
    pub(super) fn read(path: &Path) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Config { path: path.to_owned(), reason };
        let json = fs::read(path).map_err(|source| ModelError::Read { path: path.to_owned(), source })?;
        let fields: Fields = serde_json::from_slice(&json).map_err(|error| wrong(error.to_string()))?;
        let model_type = fields.model_type.ok_or_else(|| wrong("no `model_type`".into()))?;
        let labels = in_order(&fields.id2label.unwrap_or_default()).map_err(wrong)?;
        // RoBERTa counts positions from the padding id on: two rows are never reached.
        let reserved = match model_type.as_str() {
            "roberta" | "xlm-roberta" | "camembert" | "longformer" => i64::from(fields.pad_token_id.unwrap_or(1)) + 1,
            _ => 0,
        };
        let max_tokens = match fields.max_position_embeddings {
            None => UNLIMITED_TOKENS,
            Some(positions) => usize::try_from(positions - reserved)
                .ok()
                .filter(|&tokens| tokens > 2)
                .ok_or_else(|| wrong(format!("`max_position_embeddings` is {positions}, too few for a window")))?,
        };
        Ok(Self { path: path.to_owned(), model_type, labels, max_tokens, pad_id: fields.pad_token_id })
    }
}

/// The labels of `id2label`, whose keys must be 0, 1, 2 …
fn in_order(id2label: &BTreeMap<String, String>) -> Result<Vec<String>, String> {
    if id2label.is_empty() {
        return Err("no `id2label`: is this a token-classification model?".into());
    }
    (0..id2label.len())
        .map(|id| id2label.get(&id.to_string()).cloned().ok_or_else(|| format!("`id2label` has no label {id}")))
        .collect()
}
