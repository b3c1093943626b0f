//! What can go wrong in an engine.

use std::path::PathBuf;

use crate::model::ModelError;

/// An engine that cannot be loaded or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The program was built without the engine.
    #[error("this program was built without the `{engine}` engine")]
    NotBuilt {
        /// Its name.
        engine: &'static str,
    },
    /// The machine does not have the device.
    #[error("there is no CUDA device here, or libtorch was built without CUDA")]
    NoDevice,
    /// The engine runs on the processor alone.
    #[error("the `{engine}` engine computes on the CPU only")]
    CpuOnly {
        /// The engine's name.
        engine: &'static str,
    },
    /// ONNX Runtime is not on this machine, or cannot be used.
    #[error("the `onnx` engine needs the ONNX Runtime library, 1.24 or newer: {reason}")]
    Library {
        /// Where it was looked for, or what is wrong with it.
        reason: String,
    },
    /// The engine does not compute in this precision.
    #[error("the `{engine}` engine does not compute in {precision}")]
    UnsupportedPrecision {
        /// The engine's name.
        engine: &'static str,
        /// What was asked for.
        precision: &'static str,
    },
    /// The engine has no such architecture.
    #[error("the `{engine}` engine has no architecture `{architecture}`; it has {}", known.join(", "))]
    UnsupportedArchitecture {
        /// The engine's name.
        engine: &'static str,
        /// The model's `model_type`.
        architecture: String,
        /// Those the engine has.
        known: &'static [&'static str],
    },
    /// The model folder does not fit the engine.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The weights or the configuration could not be loaded.
    #[error("cannot load `{}`: {reason}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
    /// A batch could not be computed.
    #[error("the engine failed on a batch of {rows} windows of {tokens} tokens: {reason}")]
    Run {
        /// Windows in the batch.
        rows: usize,
        /// Tokens of the longest.
        tokens: usize,
        /// What the native library says.
        reason: String,
    },
    /// The logits are not of the shape `[batch, tokens, labels]`.
    #[error("the engine gave logits of shape {found:?}; expected {expected:?}")]
    Shape {
        /// Rows and tokens of the batch, labels of the model.
        expected: (usize, usize, usize),
        /// What came.
        found: (usize, usize, usize),
    },
}

impl EngineError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Library { .. } => Some(
                "run `scripts/native onnxruntime` in the checkout, or set `MUSAMMA_ONNXRUNTIME` to the library's path",
            ),
            Self::Model(error) => error.hint(),
            _ => None,
        }
    }
}
