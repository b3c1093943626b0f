//! As many sessions of one model as there are threads: ONNX Runtime computes one
//! window at a time in each.

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use ort::{
    environment::Environment,
    session::{Session, builder::GraphOptimizationLevel},
};

use super::{
    PANICKED,
    graph::{Graph, reason},
};

/// The most sessions; beyond, each has several threads. A session costs the
/// model's memory.
const MOST_SESSIONS: usize = 16;

/// Sessions, of which each is used by one thread at a time.
#[derive(Debug)]
pub(super) struct Sessions {
    all: Vec<Mutex<Session>>,
    /// Whom to wait for where all are in use.
    next: AtomicUsize,
}

impl Sessions {
    /// Loads the model once for each of `threads`, or of the machine's cores.
    ///
    /// # Errors
    /// What ONNX Runtime finds wrong with the file.
    pub(super) fn load(
        environment: &Environment,
        path: &Path,
        threads: Option<usize>,
    ) -> Result<(Self, Graph), String> {
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = threads.unwrap_or_else(cores).max(1);
        let count = threads.min(MOST_SESSIONS);
        let all: Vec<Session> = thread::scope(|scope| {
            let loads: Vec<_> =
                (0..count).map(|_| scope.spawn(|| session(environment, path, threads / count))).collect();
            let loaded = loads.into_iter().map(|load| load.join().unwrap_or_else(|_| Err(PANICKED.into())));
            loaded.collect::<Result<_, _>>()
        })?;
        let graph = Graph::of(&all[0]);
        Ok((Self { all: all.into_iter().map(Mutex::new).collect(), next: AtomicUsize::new(0) }, graph))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// How many nobody uses at this moment.
    pub(super) fn idle(&self) -> usize {
        self.all.iter().filter(|session| session.try_lock().is_ok()).count()
    }

    /// A session; waits where all are in use.
    pub(super) fn take(&self) -> MutexGuard<'_, Session> {
        self.try_take().unwrap_or_else(|| {
            let next = self.next.fetch_add(1, Ordering::Relaxed) % self.all.len();
            self.all[next].lock().unwrap_or_else(PoisonError::into_inner)
        })
    }

    /// A session that nobody uses.
    pub(super) fn try_take(&self) -> Option<MutexGuard<'_, Session>> {
        self.all.iter().find_map(|session| match session.try_lock() {
            Ok(session) => Some(session),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })
    }
}

/// Loads the model once.
fn session(environment: &Environment, path: &Path, threads: usize) -> Result<Session, String> {
    let failed = |error: ort::Error| reason(error.message());
    let settle = |builder: ort::session::builder::BuilderResult| builder.map_err(|error| failed(error.into()));
    let mut builder = Session::builder(environment).map_err(failed)?;
    builder = settle(builder.with_optimization_level(GraphOptimizationLevel::All))?;
    builder = settle(builder.with_intra_threads(threads))?;
    // Other programs use the cores too; a thread that waits in a loop takes most of what is left to them.
    builder = settle(builder.with_intra_op_spinning(false))?;
    // Plans of memory are kept for each length of window, and there are hundreds.
    builder = settle(builder.with_memory_pattern(false))?;
    if sums_of_bytes_overflow() {
        builder = settle(builder.with_precise_qmm())?;
    }
    builder.commit_from_file(path).map_err(failed)
}

/// Whether this processor's fast product of bytes is wrong for large ones: without
/// VNNI, sums of two products are cut off at 16 bits. Slower ones are used then.
#[cfg(target_arch = "x86_64")]
fn sums_of_bytes_overflow() -> bool {
    !std::arch::is_x86_feature_detected!("avx512vnni") && !std::arch::is_x86_feature_detected!("avxvnni")
}

/// Other processors have no such instructions.
#[cfg(not(target_arch = "x86_64"))]
fn sums_of_bytes_overflow() -> bool {
    false
}
