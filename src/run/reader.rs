//! The articles of a run, with the patience of who takes them.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::RecvTimeoutError,
    },
    time::{Duration, Instant},
};

use crate::{
    article::Article,
    source::{self, Articles, Inputs, ReadOptions, SourceError},
};

/// How often a run that waits for its input looks whether it was asked to stop.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Hands over articles in order, so that who takes them never waits longer than it wants to.
pub(super) struct Reader {
    articles: Articles,
    /// The file of each input; standard input has none.
    paths: Vec<Option<Arc<Path>>>,
}

/// What there is.
#[expect(clippy::large_enum_variant, reason = "one at a time, taken apart at once")]
pub(super) enum Next {
    /// An article, or why it could not be read, and the file it is from.
    Article(Option<Arc<Path>>, Result<Article, SourceError>),
    /// The deadline is over.
    Late,
    /// The run was asked to stop.
    Stopped,
    /// There are no more.
    End,
}

impl Reader {
    /// Begins to read.
    pub(super) fn start(inputs: &Inputs, options: &ReadOptions) -> Self {
        let paths = inputs.files.iter().map(|input| input.path.as_deref().map(Arc::from)).collect();
        Self { articles: source::articles(inputs, options), paths }
    }

    /// What was passed over inside of archives so far.
    pub(super) fn passed_over(&self) -> usize {
        self.articles.skipped().load(Ordering::Relaxed)
    }

    /// The next article, if it is there before the deadline and before `stop` is set.
    pub(super) fn next(&self, deadline: Option<Instant>, stop: &AtomicBool) -> Next {
        loop {
            let left = deadline.map_or(STOP_CHECK, |at| at.saturating_duration_since(Instant::now()).min(STOP_CHECK));
            match self.articles.receive(left) {
                Ok((input, article)) => {
                    return Next::Article(self.paths.get(input).cloned().flatten(), article);
                }
                Err(RecvTimeoutError::Disconnected) => return Next::End,
                Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => return Next::Stopped,
                Err(RecvTimeoutError::Timeout) if deadline.is_some_and(|at| at <= Instant::now()) => return Next::Late,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
