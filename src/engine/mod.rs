//! Engines: token ids and mask in, logits out.

mod error;
#[cfg(feature = "rust-bert")]
mod rust_bert;
mod scripted;

use ndarray::Array3;

pub use error::EngineError;
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
}

/// The engines there can be; which of them there are depends on the features
/// the program was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// libtorch through rust-bert: any checkpoint of an architecture it has.
    RustBert,
    /// A table of words, for tests.
    Scripted,
}

impl EngineKind {
    /// The engine that is used where none is named.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] where the program was built without any.
    pub fn auto() -> Result<Self, EngineError> {
        Self::RustBert.built().map_err(|_| EngineError::NotBuilt { engine: "any" })
    }

    /// This engine, if the program was built with it.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] otherwise.
    pub fn built(self) -> Result<Self, EngineError> {
        let built = match self {
            Self::RustBert => cfg!(feature = "rust-bert"),
            Self::Scripted => true,
        };
        if built { Ok(self) } else { Err(EngineError::NotBuilt { engine: self.as_str() }) }
    }

    /// The file of a model folder that holds the weights this engine reads.
    pub fn weights_file(self) -> &'static str {
        match self {
            Self::RustBert => "model.safetensors",
            Self::Scripted => "script.json",
        }
    }

    /// The name, as in `--engine`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RustBert => "rust-bert",
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
            #[cfg(not(feature = "rust-bert"))]
            Self::RustBert => Err(EngineError::NotBuilt { engine: self.as_str() }),
            Self::Scripted => {
                let _ = options;
                Ok(Box::new(ScriptedEngine::load(model)?))
            }
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
