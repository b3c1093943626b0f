//! Engines: token ids and mask in, logits out.

mod error;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(feature = "rust-bert")]
mod rust_bert;
mod scripted;

use std::path::Path;

use ndarray::Array3;

pub use error::EngineError;
#[cfg(feature = "onnx")]
pub use onnx::{LIBRARY_VARIABLE, OnnxEngine};
#[cfg(feature = "rust-bert")]
pub use rust_bert::RustBertEngine;
pub use scripted::ScriptedEngine;

use crate::{batch::Batch, model::Model};

/// Runs an encoder with its classifier.
///
/// Stateless: what it returns for a sequence does not depend on earlier
/// batches, nor on the sequences beside it, except for the order in which
/// floating-point numbers are added up.
pub trait Engine: Send + Sync {
    /// The logits of a batch, `[batch, tokens, labels]`. Rows of padding hold
    /// anything.
    ///
    /// # Errors
    /// [`EngineError::Run`] where the native library fails.
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError>;

    /// How many threads should call [`Engine::logits`] at the same time to keep
    /// it busy. More may.
    fn callers(&self) -> usize {
        1
    }
}

/// The engines there can be; which of them there are depends on the features
/// the program was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// libtorch through rust-bert: any checkpoint of an architecture it has, in `f32`.
    RustBert,
    /// ONNX Runtime: a graph that `scripts/export-onnx` or another exporter wrote.
    Onnx(Precision),
    /// A table of words, for tests.
    Scripted,
}

/// The numbers an engine multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Single precision.
    F32,
    /// Eight bits.
    Int8,
}

impl Precision {
    /// The name, as in `--precision`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

impl EngineKind {
    /// The engine that is used for the model in `folder` where none is named:
    /// the fastest one this program was built with that is on this machine and
    /// has its weights in the folder. `precision` may be named all the same.
    ///
    /// Int8 comes first because `scripts/export-onnx`, given labelled articles,
    /// writes no int8 file that finds less than the model does in `f32`.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] where the program was built without any.
    pub fn auto(folder: &Path, precision: Option<Precision>, device: Device) -> Result<Self, EngineError> {
        let preferred = [Self::Onnx(Precision::Int8), Self::RustBert, Self::Onnx(Precision::F32)];
        let mut built = preferred
            .into_iter()
            .filter(|kind| precision.is_none_or(|precision| kind.precision() == precision))
            .filter(|kind| device == Device::Cpu || *kind == Self::RustBert)
            .filter(|kind| kind.built().is_ok())
            .peekable();
        // Where nothing fits, loading the first one says what is missing.
        let first = built.peek().copied().ok_or(EngineError::NotBuilt { engine: "any" })?;
        Ok(built.find(|kind| kind.is_installed() && folder.join(kind.weights_file()).is_file()).unwrap_or(first))
    }

    /// The engine of this name for the model in `folder`, in the named precision
    /// or in the fastest one that the folder has weights for.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`], [`EngineError::UnsupportedPrecision`].
    pub fn named(self, folder: &Path, precision: Option<Precision>) -> Result<Self, EngineError> {
        let kind = match (self, precision) {
            (Self::Onnx(_), Some(precision)) => Self::Onnx(precision),
            (Self::Onnx(_), None) => {
                let has = |precision: &Precision| folder.join(Self::Onnx(*precision).weights_file()).is_file();
                Self::Onnx([Precision::Int8, Precision::F32].into_iter().find(has).unwrap_or(Precision::Int8))
            }
            (kind, Some(precision)) if precision != kind.precision() => {
                return Err(EngineError::UnsupportedPrecision { engine: kind.as_str(), precision: precision.as_str() });
            }
            (kind, _) => kind,
        };
        kind.built()
    }

    /// This engine, if the program was built with it.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] otherwise.
    pub fn built(self) -> Result<Self, EngineError> {
        let built = match self {
            Self::RustBert => cfg!(feature = "rust-bert"),
            Self::Onnx(_) => cfg!(feature = "onnx"),
            Self::Scripted => true,
        };
        if built { Ok(self) } else { Err(EngineError::NotBuilt { engine: self.as_str() }) }
    }

    /// Whether the native library it needs is here. What is linked always is.
    fn is_installed(self) -> bool {
        match self {
            #[cfg(feature = "onnx")]
            Self::Onnx(_) => onnx::is_installed(),
            #[cfg(not(feature = "onnx"))]
            Self::Onnx(_) => false,
            Self::RustBert | Self::Scripted => true,
        }
    }

    /// The numbers it multiplies.
    pub fn precision(self) -> Precision {
        match self {
            Self::Onnx(precision) => precision,
            Self::RustBert | Self::Scripted => Precision::F32,
        }
    }

    /// The file of a model folder that holds the weights this engine reads.
    pub fn weights_file(self) -> &'static str {
        match self {
            Self::RustBert => "model.safetensors",
            Self::Onnx(Precision::F32) => "model.onnx",
            Self::Onnx(Precision::Int8) => "model.int8.onnx",
            Self::Scripted => "script.json",
        }
    }

    /// The name, as in `--engine`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RustBert => "rust-bert",
            Self::Onnx(_) => "onnx",
            Self::Scripted => "scripted",
        }
    }

    /// Loads a model into the engine.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] for an engine this program was built without,
    /// [`EngineError::NoDevice`] for a device this machine has not, and what the
    /// engine finds wrong with the model.
    pub fn load(self, model: &Model, options: EngineOptions) -> Result<Box<dyn Engine>, EngineError> {
        match self {
            #[cfg(feature = "rust-bert")]
            Self::RustBert => Ok(Box::new(RustBertEngine::load(model, options)?)),
            #[cfg(feature = "onnx")]
            Self::Onnx(_) => Ok(Box::new(OnnxEngine::load(model, options)?)),
            #[allow(unreachable_patterns, reason = "with all features every engine is above")]
            Self::RustBert | Self::Onnx(_) => Err(EngineError::NotBuilt { engine: self.as_str() }),
            Self::Scripted => {
                let _ = options;
                Ok(Box::new(ScriptedEngine::load(model)?))
            }
        }
    }
}

impl std::fmt::Display for EngineKind {
    /// Name and precision: `onnx int8`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Onnx(precision) => write!(formatter, "onnx {}", precision.as_str()),
            kind => formatter.write_str(kind.as_str()),
        }
    }
}

/// How an engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads within one batch; `None` leaves it to the engine: one a core.
    pub threads: Option<usize>,
    /// Where it computes.
    pub device: Device,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { threads: None, device: Device::Cpu }
    }
}

/// Where an engine computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// The processor.
    Cpu,
    /// The first CUDA device; an error where there is none.
    Cuda,
}
