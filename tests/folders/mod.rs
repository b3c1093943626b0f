//! The model folders of tests/models, as they are and changed.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use musamma::{article::Article, batch::Batch, engine::Engine};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// The folder of this name in tests/models.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(name)
}

/// All folders that hold weights, by name.
pub(crate) fn all() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| folder(name).join("model.safetensors").is_file())
        .collect();
    names.sort();
    names
}

/// A copy of a folder, to be changed.
pub(crate) struct Copy {
    folder: TempDir,
}

impl Copy {
    pub(crate) fn of(name: &str) -> Self {
        let copy = TempDir::new().unwrap();
        for entry in fs::read_dir(folder(name)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        Self { folder: copy }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn remove(self, file: &str) -> Self {
        fs::remove_file(self.path().join(file)).unwrap();
        self
    }

    pub(crate) fn write(self, file: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path().join(file), content).unwrap();
        self
    }

    /// Changes a file that holds JSON.
    pub(crate) fn edit(self, file: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut value: Value = serde_json::from_slice(&fs::read(self.path().join(file)).unwrap()).unwrap();
        change(&mut value);
        self.write(file, value.to_string())
    }

    /// Changes the weights, given as names, types, shapes and bytes.
    pub(crate) fn edit_weights(self, change: impl FnOnce(&mut Vec<Weight>)) -> Self {
        let bytes = fs::read(self.path().join("model.safetensors")).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut weights: Vec<Weight> = file
            .tensors()
            .into_iter()
            .map(|(name, view)| Weight {
                name,
                dtype: view.dtype(),
                shape: view.shape().to_vec(),
                bytes: view.data().to_vec(),
            })
            .collect();
        change(&mut weights);
        let views = weights.iter().map(|weight| {
            let view = safetensors::tensor::TensorView::new(weight.dtype, weight.shape.clone(), &weight.bytes).unwrap();
            (weight.name.as_str(), view)
        });
        let file = safetensors::serialize(views, None).unwrap();
        self.write("model.safetensors", file)
    }
}

/// A tensor of a weights file.
pub(crate) struct Weight {
    pub(crate) name: String,
    pub(crate) dtype: safetensors::Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

/// A batch and what `transformers` makes of it, written by `scripts/tiny-models`.
#[derive(Deserialize)]
pub(crate) struct Reference {
    ids: Vec<Vec<u32>>,
    mask: Vec<Vec<i64>>,
    logits: Vec<Vec<Vec<f32>>>,
}

impl Reference {
    pub(crate) fn of(folder: &Path) -> Self {
        serde_json::from_slice(&fs::read(folder.join("reference.json")).unwrap()).unwrap()
    }

    /// The sequences without padding.
    pub(crate) fn sequences(&self) -> Vec<Vec<u32>> {
        let length = |row: usize| self.mask[row].iter().filter(|&&mask| mask == 1).count();
        self.ids.iter().enumerate().map(|(row, ids)| ids[..length(row)].to_vec()).collect()
    }

    /// The greatest difference to the logits of these sequences, run as one batch.
    pub(crate) fn difference(&self, engine: &dyn Engine, rows: &[usize], pad_id: u32) -> f32 {
        let sequences = self.sequences();
        let chosen: Vec<Vec<u32>> = rows.iter().map(|&row| sequences[row].clone()).collect();
        let logits = engine.logits(&Batch::new(&chosen, pad_id)).unwrap();
        let mut greatest = 0_f32;
        for (index, &row) in rows.iter().enumerate() {
            for token in 0..sequences[row].len() {
                for (label, expected) in self.logits[row][token].iter().enumerate() {
                    let difference = (logits[[index, token, label]] - expected).abs();
                    assert!(difference.is_finite());
                    greatest = greatest.max(difference);
                }
            }
        }
        greatest
    }
}

/// The five articles.
pub(crate) fn articles() -> Vec<Article> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    paths.iter().map(|path| Article::new(path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}
