//! The libtorch engine, through rust-bert: any checkpoint of an architecture it
//! has, computed in `f32`.

mod architecture;
mod config;
mod guard;
mod tuning;
mod weights;

use std::sync::{Mutex, OnceLock, PoisonError};

use ndarray::{Array2, Array3, s};
use tch::{TchError, Tensor, nn::VarStore};

use self::architecture::{Architecture, Forward, Input, KNOWN};
use super::{Device, Engine, EngineError, EngineOptions};
use crate::{
    batch::Batch,
    model::{Model, WeightsFile},
};

/// A model in libtorch.
///
/// Batches of several threads wait for each other: libtorch computes one batch
/// on all its threads.
pub struct RustBertEngine {
    forward: Mutex<Forward>,
    device: tch::Device,
    labels: usize,
}

impl RustBertEngine {
    /// Loads a model.
    ///
    /// The number of threads is libtorch's for the whole process: it counts for
    /// every engine from then on. Memory is the model in `f32` and one tensor of
    /// the file.
    ///
    /// # Errors
    /// [`EngineError::NoDevice`], [`EngineError::UnsupportedArchitecture`], and
    /// [`EngineError::Load`] where configuration and weights do not make a model.
    pub fn load(model: &Model, options: EngineOptions) -> Result<Self, EngineError> {
        let model_type = &model.config.model_type;
        let architecture = Architecture::of(model_type).ok_or_else(|| EngineError::UnsupportedArchitecture {
            engine: "rust-bert",
            architecture: model_type.clone(),
            known: KNOWN,
        })?;
        let device = match options.device {
            Device::Cpu => tch::Device::Cpu,
            Device::Cuda if tch::Cuda::is_available() => tch::Device::Cuda(0),
            Device::Cuda => return Err(EngineError::NoDevice),
        };
        tuning::keep_freed_memory();
        set_threads(options.threads);

        let wrong = |reason: String| EngineError::Load { path: model.config.path.clone(), reason };
        let mut file = WeightsFile::open(&model.weights)?;
        let config = config::read(&model.config, architecture, &file).map_err(wrong)?;
        let mut variables = VarStore::new(device);
        let forward =
            guard::catch(|| architecture.build(&variables.root(), config)).and_then(|built| built).map_err(wrong)?;
        weights::fill(&variables, &mut file, architecture, model)?;
        variables.freeze();
        Ok(Self { forward: Mutex::new(forward), device, labels: model.config.labels.len() })
    }

    fn input(&self, batch: &Batch) -> Result<Input, TchError> {
        let tensor = |numbers: &Array2<i64>| {
            let shape = [numbers.nrows() as i64, numbers.ncols() as i64];
            let numbers: Vec<i64> = numbers.iter().copied().collect();
            Tensor::f_from_slice(&numbers)?.f_reshape(shape)?.f_to_device(self.device)
        };
        Ok(Input { ids: tensor(&batch.ids)?, mask: tensor(&batch.mask)? })
    }

    fn run(&self, batch: &Batch) -> Result<Array3<f32>, String> {
        let failed = |error: TchError| guard::reason(&error.to_string());
        let input = self.input(batch).map_err(failed)?;
        // A panic in it leaves the model as it was: see `guard`.
        let forward = self.forward.lock().unwrap_or_else(PoisonError::into_inner);
        let logits = guard::catch(|| {
            let _without_gradients = tch::no_grad_guard();
            forward(&input)
        });
        drop(forward);
        let logits = logits?.map_err(|error| guard::reason(&error.to_string()))?;
        let numbers = logits
            .f_to_device(tch::Device::Cpu)
            .and_then(|logits| logits.f_reshape([-1]))
            .and_then(|logits| Vec::<f32>::try_from(&logits))
            .map_err(failed)?;
        let (rows, tokens) = batch.ids.dim();
        let logits = Array3::from_shape_vec((rows, tokens, self.labels), numbers)
            .map_err(|_| format!("the logits are {:?}, not [{rows}, {tokens}, {}]", logits.size(), self.labels))?;
        let real = batch.mask.indexed_iter().filter(|&(_, &mask)| mask != 0);
        for ((row, token), _) in real {
            if logits.slice(s![row, token, ..]).iter().any(|logit| !logit.is_finite()) {
                return Err("its answer has infinite numbers: are the weights damaged?".into());
            }
        }
        Ok(logits)
    }
}

impl Engine for RustBertEngine {
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        let (rows, tokens) = batch.ids.dim();
        if rows == 0 || tokens == 0 {
            return Ok(Array3::zeros((rows, tokens, self.labels)));
        }
        self.run(batch).map_err(|reason| EngineError::Run { rows, tokens, reason })
    }

    /// One that computes, and one that prepares the next batch meanwhile.
    fn callers(&self) -> usize {
        2
    }
}

impl std::fmt::Debug for RustBertEngine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RustBertEngine").field("device", &self.device).finish_non_exhaustive()
    }
}

/// Sets the threads of libtorch; `None` is what it began with.
fn set_threads(threads: Option<usize>) {
    static AT_START: OnceLock<i32> = OnceLock::new();
    let at_start = *AT_START.get_or_init(tch::get_num_threads);
    tch::set_num_threads(threads.map_or(at_start, |threads| i32::try_from(threads).unwrap_or(i32::MAX)));
}
