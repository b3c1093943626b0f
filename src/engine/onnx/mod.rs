//! The ONNX Runtime engine: a model's graph in one file, `f32` or quantised to
//! `int8`, on the CPU.

mod graph;
mod library;
mod sessions;

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

use ndarray::{Array3, ArrayViewMut2};
use ort::session::Session;

use self::{graph::Graph, sessions::Sessions};
use super::{Device, Engine, EngineError, EngineOptions};
use crate::{batch::Batch, model::Model};

pub use library::LIBRARY_VARIABLE;
pub(super) use library::is_installed;

/// The reason of a failure that is a bug of ours or of ONNX Runtime.
const PANICKED: &str = "a thread of the engine panicked";

/// A model in ONNX Runtime.
///
/// Every window is computed by itself, on one thread and without padding, so
/// that its logits are the same to the last bit whatever shares its batch and
/// however many threads there are. Threads compute different windows at the same
/// time; that is faster than several threads for each matrix product (measured:
/// see `eval/reports`), and padding costs nothing.
#[derive(Debug)]
pub struct OnnxEngine {
    sessions: Sessions,
    graph: Graph,
    labels: usize,
}

impl OnnxEngine {
    /// Loads a model. Memory is the weights once a thread.
    ///
    /// # Errors
    /// [`EngineError::CpuOnly`] for another device, [`EngineError::Library`]
    /// where ONNX Runtime is not on this machine or too old, and
    /// [`EngineError::Load`] where the file is no graph that labels tokens.
    pub fn load(model: &Model, options: EngineOptions) -> Result<Self, EngineError> {
        if options.device != Device::Cpu {
            return Err(EngineError::CpuOnly { engine: "onnx" });
        }
        let wrong = |reason: String| EngineError::Load { path: model.weights.clone(), reason };
        let environment = library::environment()?;
        let (sessions, graph) = Sessions::load(environment, &model.weights, options.threads).map_err(wrong)?;
        let labels = model.config.labels.len();
        graph.check(labels).map_err(wrong)?;
        Ok(Self { sessions, graph, labels })
    }

    /// Takes windows off `rows` until none is left.
    fn work<'rows>(
        &self,
        session: &mut Session,
        batch: &Batch,
        rows: &Mutex<impl Iterator<Item = (usize, ArrayViewMut2<'rows, f32>)>>,
    ) -> Result<(), String> {
        loop {
            let next = rows.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((row, logits)) = next else { return Ok(()) };
            let tokens = batch.mask.row(row).iter().take_while(|&&mask| mask != 0).count();
            if tokens > 0 {
                let ids: Vec<i64> = batch.ids.row(row).iter().take(tokens).copied().collect();
                self.graph.run(session, &ids, logits)?;
            }
        }
    }

    fn run(&self, batch: &Batch) -> Result<Array3<f32>, String> {
        let (count, tokens) = batch.ids.dim();
        let mut logits = Array3::zeros((count, tokens, self.labels));
        let rows = Mutex::new(logits.outer_iter_mut().enumerate());
        let mut session = self.sessions.take();
        // Where several batches are computed at once there is none to spare.
        let spare = self.sessions.idle().min(count.saturating_sub(1));
        thread::scope(|scope| {
            let help = || self.sessions.try_take().map_or(Ok(()), |mut session| self.work(&mut session, batch, &rows));
            let helpers: Vec<_> = (0..spare).map(|_| scope.spawn(help)).collect();
            let own = self.work(&mut session, batch, &rows);
            let others = helpers.into_iter().map(|helper| helper.join().unwrap_or_else(|_| Err(PANICKED.into())));
            others.fold(own, Result::and)
        })?;
        Ok(logits)
    }
}

impl Engine for OnnxEngine {
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        let (rows, tokens) = batch.ids.dim();
        self.run(batch).map_err(|reason| EngineError::Run { rows, tokens, reason })
    }

    fn callers(&self) -> usize {
        self.sessions.count()
    }
}
