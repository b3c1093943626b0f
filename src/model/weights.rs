//! Weights as a safetensors file, of which the header is checked against the
//! rest of the model before an engine reads gigabytes.

use std::{
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use safetensors::tensor::{Metadata, TensorInfo};

use super::ModelError;

/// Bytes before the header, which give its length.
const LENGTH_BYTES: u64 = 8;
/// The most a header may take, as the format's own reader has it.
const MAX_HEADER_BYTES: u64 = 100_000_000;
/// The row of each label, in every architecture that labels tokens.
const CLASSIFIER: &str = "classifier.weight";
/// How the name of the embedding of the vocabulary ends: in XLNet without the `s`.
const EMBEDDINGS: [&str; 2] = ["word_embeddings.weight", "word_embedding.weight"];

/// A whole safetensors file; tensors are read one at a time.
#[derive(Debug)]
pub(crate) struct WeightsFile {
    path: PathBuf,
    #[cfg_attr(not(feature = "rust-bert"), expect(dead_code, reason = "only engines read tensors"))]
    file: File,
    /// Where the first tensor begins.
    #[cfg_attr(not(feature = "rust-bert"), expect(dead_code, reason = "only engines read tensors"))]
    data_start: u64,
    tensors: HashMap<String, TensorInfo>,
}

impl WeightsFile {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// [`ModelError::Weights`] where it is no safetensors file or not as long as its header says.
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let unreadable = |source| ModelError::Read { path: path.to_owned(), source };
        let broken = |reason: String| ModelError::Weights { path: path.to_owned(), reason };

        let mut file = File::open(path).map_err(unreadable)?;
        let file_bytes = file.metadata().map_err(unreadable)?.len();
        let mut length = [0; LENGTH_BYTES as usize];
        file.read_exact(&mut length).map_err(|_| broken("it is shorter than a header".into()))?;
        let header_bytes = u64::from_le_bytes(length);
        if header_bytes > MAX_HEADER_BYTES || header_bytes > file_bytes {
            return Err(broken(format!("its header says {header_bytes} bytes, the file has {file_bytes}")));
        }
        let mut header = Vec::new();
        file.by_ref().take(header_bytes).read_to_end(&mut header).map_err(unreadable)?;
        // Also checks that each tensor's bytes fit its shape and begin where the last one's end.
        let metadata: Metadata = serde_json::from_slice(&header).map_err(|error| broken(error.to_string()))?;

        let tensors: HashMap<String, TensorInfo> =
            metadata.tensors().into_iter().map(|(name, tensor)| (name, tensor.clone())).collect();
        let data_bytes = tensors.values().map(|tensor| tensor.data_offsets.1).max().unwrap_or(0);
        let data_start = LENGTH_BYTES + header_bytes;
        let whole_bytes = data_start + data_bytes as u64;
        if file_bytes != whole_bytes {
            return Err(broken(format!("it should have {whole_bytes} bytes and has {file_bytes}")));
        }
        Ok(Self { path: path.to_owned(), file, data_start, tensors })
    }

    /// Checks that the classifier has a row for each label and the word
    /// embedding, where it is one known here, a row for each id of the tokenizer.
    ///
    /// # Errors
    /// [`ModelError::NoClassifier`], [`ModelError::LabelCount`], [`ModelError::VocabularySize`].
    pub(super) fn check(&self, labels: usize, vocabulary: usize) -> Result<(), ModelError> {
        let path = || self.path.clone();
        let rows = |tensor: &TensorInfo| tensor.shape.first().copied().unwrap_or(0);
        let classifier =
            self.tensors.get(CLASSIFIER).map(rows).ok_or_else(|| ModelError::NoClassifier { path: path() })?;
        if classifier != labels {
            return Err(ModelError::LabelCount { path: path(), rows: classifier, labels });
        }
        match self.embedding().map(rows) {
            Some(rows) if rows < vocabulary => Err(ModelError::VocabularySize { path: path(), rows, vocabulary }),
            _ => Ok(()),
        }
    }

    /// The embedding of the vocabulary, `[ids, size]`.
    fn embedding(&self) -> Option<&TensorInfo> {
        let is_embedding = |name: &str| EMBEDDINGS.iter().any(|ending| name.ends_with(ending));
        self.tensors.iter().find(|(name, _)| is_embedding(name)).map(|(_, tensor)| tensor)
    }
}

#[cfg(feature = "rust-bert")]
impl WeightsFile {
    /// Type and shape of a tensor, or `None` where there is none of that name.
    pub(crate) fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// All tensors, in no order.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = &TensorInfo> {
        self.tensors.values()
    }

    /// The little-endian numbers of a tensor, row by row.
    ///
    /// # Errors
    /// [`ModelError::Read`] where reading fails.
    pub(crate) fn read(&mut self, tensor: &TensorInfo) -> Result<Vec<u8>, ModelError> {
        use std::io::{Seek, SeekFrom};

        let (start, end) = tensor.data_offsets;
        let mut bytes = vec![0; end - start];
        self.file
            .seek(SeekFrom::Start(self.data_start + start as u64))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| ModelError::Read { path: self.path.clone(), source })?;
        Ok(bytes)
    }
}
