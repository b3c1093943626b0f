//! A thread that reads the articles of a run ahead.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    article::Article,
    source::{self, Fields, Inputs, SourceError},
};

/// Articles that are read ahead.
const READ_AHEAD: usize = 16;

/// How often a run that waits for its input looks whether it was asked to stop.
const STOP_CHECK: Duration = Duration::from_millis(100);

type Read = (Option<Arc<Path>>, Result<Article, SourceError>);

/// Reads inputs in order, so that who takes the articles never waits longer than it wants to.
pub(super) struct Reader {
    articles: Receiver<Read>,
    thread: Option<JoinHandle<()>>,
}

/// What there is.
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
    /// Begins to read. The thread ends with its input, or when the reader is gone;
    /// one that waits for standard input cannot be woken and is left to itself.
    pub(super) fn start(inputs: &Inputs, fields: &Fields) -> Self {
        let (sender, articles) = mpsc::sync_channel(READ_AHEAD);
        let (inputs, fields) = (inputs.clone(), fields.clone());
        let thread = thread::spawn(move || {
            for input in inputs.files {
                let path: Option<Arc<Path>> = input.path.as_deref().map(Arc::from);
                let one = Inputs { files: vec![input], ..Inputs::default() };
                for article in source::articles(&one, &fields) {
                    if sender.send((path.clone(), article)).is_err() {
                        return;
                    }
                }
            }
        });
        Self { articles, thread: Some(thread) }
    }

    /// The next article, if it is there before the deadline and before `stop` is set.
    pub(super) fn next(&mut self, deadline: Option<Instant>, stop: &AtomicBool) -> Next {
        loop {
            let left = deadline.map_or(STOP_CHECK, |at| at.saturating_duration_since(Instant::now()).min(STOP_CHECK));
            match self.articles.recv_timeout(left) {
                Ok((path, article)) => return Next::Article(path, article),
                Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => return Next::Stopped,
                Err(RecvTimeoutError::Timeout) if deadline.is_some_and(|at| at <= Instant::now()) => return Next::Late,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // A panic there is one here: the input has not been read to its end.
                    if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
                        std::panic::resume_unwind(panic);
                    }
                    return Next::End;
                }
            }
        }
    }
}
