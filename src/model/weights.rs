//! The header of a safetensors file, checked against the rest of the model
//! before an engine reads gigabytes.

use std::{fs::File, io::Read, path::Path};

use safetensors::SafeTensors;

use super::ModelError;

/// Bytes before the header, which give its length.
const LENGTH_BYTES: usize = 8;
/// The most a header may take, as the format's own reader has it.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Checks that the file is whole, the classifier has a row for each label and
/// the word embedding a row for each id of the tokenizer.
pub(super) fn check(path: &Path, labels: usize, vocabulary: usize) -> Result<(), ModelError> {
    let unreadable = |source| ModelError::Read { path: path.to_owned(), source };
    let broken = |reason: String| ModelError::Weights { path: path.to_owned(), reason };

    let mut file = File::open(path).map_err(unreadable)?;
    let file_bytes = file.metadata().map_err(unreadable)?.len();
    let mut start = [0; LENGTH_BYTES];
    file.read_exact(&mut start).map_err(|_| broken("it is shorter than a header".into()))?;
    let header_bytes = u64::from_le_bytes(start);
    if header_bytes > MAX_HEADER_BYTES || header_bytes > file_bytes {
        return Err(broken(format!("its header says {header_bytes} bytes, the file has {file_bytes}")));
    }
    let mut header = start.to_vec();
    file.take(header_bytes).read_to_end(&mut header).map_err(unreadable)?;
    let (_, metadata) = SafeTensors::read_metadata(&header).map_err(|error| broken(error.to_string()))?;

    let tensors = metadata.tensors();
    let data_bytes = tensors.values().map(|tensor| tensor.data_offsets.1).max().unwrap_or(0);
    let whole_bytes = LENGTH_BYTES as u64 + header_bytes + data_bytes as u64;
    if file_bytes != whole_bytes {
        return Err(broken(format!("it should have {whole_bytes} bytes and has {file_bytes}")));
    }
    let rows = |suffix: &str| {
        tensors.iter().find(|(name, _)| name.ends_with(suffix)).and_then(|(_, tensor)| tensor.shape.first().copied())
    };
    let classifier = rows("classifier.weight").or_else(|| rows("classifier.out_proj.weight"));
    let classifier = classifier.ok_or_else(|| broken("it has no `classifier.weight`".into()))?;
    if classifier != labels {
        return Err(ModelError::LabelCount { path: path.to_owned(), rows: classifier, labels });
    }
    let embedding = rows("word_embeddings.weight").or_else(|| rows("word_embedding.weight"));
    let embedding = embedding.ok_or_else(|| broken("it has no `word_embeddings.weight`".into()))?;
    if embedding < vocabulary {
        return Err(ModelError::VocabularySize { path: path.to_owned(), rows: embedding, vocabulary });
    }
    Ok(())
}
