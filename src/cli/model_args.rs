//! The options that choose a model and how it runs.

use std::num::NonZeroUsize;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::parse;
use crate::{
    engine::{Device, EngineKind, EngineOptions, Precision},
    model::{self, DEFAULT_MODEL, Label, LabelMap, Model},
    pipeline::{Annotator, Settings},
};

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArgs {
    /// Model folder, or the name of one
    ///
    /// A Hugging Face token-classification folder with `config.json`,
    /// `tokenizer.json` and weights: `model.safetensors`, `model.int8.onnx` or
    /// `model.onnx`. A name is looked for in `$MUSAMMA_MODELS`, in `models/` of
    /// the checkout and in `models/` beside the program.
    #[arg(long, value_name = "NAME|DIR", default_value = DEFAULT_MODEL)]
    model: String,

    /// What labels of the model are here, e.g. `GPE=LOC,NORP=O`
    ///
    /// Common names (PERSON, GPE, ORGANISATION …) are known without it; `O`
    /// drops a label.
    #[arg(long, value_name = "NAME=LABEL,…", value_delimiter = ',', value_parser = parse::mapping::<Label>)]
    label_map: Vec<(String, Option<Label>)>,

    /// Engine that runs the model
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    engine: EngineArg,

    /// Numbers the engine multiplies; by default the fastest the model has
    ///
    /// `int8` needs `model.int8.onnx` in the model folder, which
    /// `scripts/export-onnx` makes.
    #[arg(long, value_name = "PRECISION")]
    precision: Option<PrecisionArg>,

    /// Threads of the engine; one a core by default
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Where to compute; an error where there is no such device
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: DeviceArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineArg {
    /// The fastest that is here and has its weights in the model folder
    Auto,
    /// ONNX Runtime, for models with a `.onnx` file; CPU only
    Onnx,
    /// libtorch, for any checkpoint; `f32` only
    RustBert,
    /// A table of words, for tests
    #[value(hide = true)]
    Scripted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PrecisionArg {
    F32,
    Int8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DeviceArg {
    Cpu,
    Cuda,
}

impl ModelArgs {
    /// The map of `--label-map`.
    pub(super) fn label_map(&self) -> LabelMap {
        self.label_map.iter().cloned().collect()
    }

    /// Loads the model and its engine. Says which types of the model are dropped
    /// by calling `notice`.
    pub(super) fn load(&self, settings: Settings, notice: impl Fn(&str)) -> anyhow::Result<(Annotator, EngineKind)> {
        let device = match self.device {
            DeviceArg::Cpu => Device::Cpu,
            DeviceArg::Cuda => Device::Cuda,
        };
        let precision = self.precision.map(|precision| match precision {
            PrecisionArg::F32 => Precision::F32,
            PrecisionArg::Int8 => Precision::Int8,
        });
        let folder = model::find(&self.model)?;
        let kind = match self.engine {
            EngineArg::Auto => EngineKind::auto(&folder, precision, device)?,
            EngineArg::Onnx => EngineKind::Onnx(Precision::Int8).named(&folder, precision)?,
            EngineArg::RustBert => EngineKind::RustBert.named(&folder, precision)?,
            EngineArg::Scripted => EngineKind::Scripted.named(&folder, precision)?,
        };
        let model = Model::open(&folder, kind.weights_file(), &settings.label_map)
            .with_context(|| format!("cannot use the model `{}`", self.model))?;
        let dropped: Vec<&str> = model.tags.dropped().collect();
        if !dropped.is_empty() {
            notice(&format!("labels of the model that are dropped: {}", dropped.join(", ")));
        }
        let options = EngineOptions { threads: self.threads.map(NonZeroUsize::get), device };
        let engine = kind.load(&model, options).with_context(|| format!("cannot run the model `{}`", self.model))?;
        Ok((Annotator::new(model, engine, settings), kind))
    }
}
