//! Model folders: finding one, checking that its parts fit together, and its tokenizer.
//!
//! A model is a Hugging Face token-classification folder:
//!
//! | file | holds |
//! | --- | --- |
//! | `config.json` | architecture, sizes, `id2label` |
//! | `tokenizer.json` | the tokenizer |
//! | `model.safetensors`, `model.int8.onnx`, `model.onnx` | the weights, one file an engine and precision |
//! | `SHA256SUMS` | optional; what is listed there is verified |

mod checksums;
mod config;
mod error;
mod find;
mod label;
mod tags;
mod tokenizer;
mod weights;

use std::path::{Path, PathBuf};

pub use config::Config;
pub use error::ModelError;
pub use find::{DEFAULT_MODEL, MODELS_VARIABLE, find};
pub use label::{Label, UnknownLabel};
pub use tags::{LabelMap, Place, Tag, TagSet};
pub use tokenizer::{ArticleTokenizer, Token, Tokens};
pub(crate) use weights::WeightsFile;

/// A model folder whose parts were checked against each other.
#[derive(Debug)]
pub struct Model {
    /// The folder's name.
    pub name: String,
    /// The weights an engine loads.
    pub weights: PathBuf,
    /// SHA-256 of the weights, in lower-case hexadecimal.
    pub sha256: String,
    /// Architecture and sizes.
    pub config: Config,
    /// What the columns of the logits mean.
    pub tags: TagSet,
    /// From an article to tokens.
    pub tokenizer: ArticleTokenizer,
}

impl Model {
    /// Opens the model in `folder` for an engine that reads the file
    /// `weights_file` in it. `label_map` says what types of the model are here,
    /// before the common schemes do.
    ///
    /// # Errors
    /// A [`ModelError`] for each thing that can be wrong: a missing file, a
    /// checksum, labels that are not known, sizes that do not fit each other.
    pub fn open(folder: &Path, weights_file: &str, label_map: &LabelMap) -> Result<Self, ModelError> {
        if !folder.is_dir() {
            return Err(ModelError::NoFolder { path: folder.to_owned() });
        }
        let file = |name: &str| {
            let path = folder.join(name);
            if path.is_file() { Ok(path) } else { Err(ModelError::MissingFile { path }) }
        };
        let config_path = file("config.json")?;
        let tokenizer_path = file("tokenizer.json")?;
        let weights = file(weights_file)?;

        let checksums = checksums::verify(folder, &["config.json", "tokenizer.json", weights_file])?;
        let config = Config::read(&config_path)?;
        let tags = TagSet::new(&config.labels, label_map)?;
        let tokenizer = ArticleTokenizer::read(&tokenizer_path, &config)?;
        if weights.extension().is_some_and(|extension| extension == "safetensors") {
            WeightsFile::open(&weights)?.check(tags.len(), tokenizer.vocabulary_size())?;
        }
        let sha256 = match checksums.get(weights_file) {
            Some(sha256) => sha256.clone(),
            None => checksums::of_file(&weights)?,
        };
        let name = folder
            .canonicalize()
            .ok()
            .as_deref()
            .unwrap_or(folder)
            .file_name()
            .map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(Self { name, weights, sha256, config, tags, tokenizer })
    }
}
