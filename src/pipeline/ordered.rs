//! Work done by several threads whose results come in the order of the input.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    panic::{self, AssertUnwindSafe},
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

/// Pieces that are in the works for each thread, results that wait for an
/// earlier one included: while one is worked on the next is read.
const PIECES_A_WORKER: usize = 2;

/// What the input of [`in_order`] gives.
#[derive(Debug)]
pub(super) enum Step<T> {
    /// A piece to work on.
    Piece(T),
    /// All results so far are to be handed out before the input is asked for more.
    Drain,
}

/// Works on all pieces of `input` in `workers` threads and hands the results to
/// `output`, in the order of the input, until it breaks off or fails.
///
/// `input` and `output` are called by this thread. As many pieces are read ahead
/// as [`PIECES_A_WORKER`] says, so memory is bounded whatever takes how long. A
/// panic of `work` is a panic of this thread.
///
/// # Errors
/// The first error of `output`. Work that has begun is waited for.
pub(super) fn in_order<T: Send, R: Send, E>(
    workers: usize,
    mut input: impl Iterator<Item = Step<T>>,
    work: impl Fn(T) -> R + Sync,
    mut output: impl FnMut(R) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    let (to_workers, pieces) = mpsc::channel::<(usize, T)>();
    let (from_workers, results) = mpsc::channel();
    let pieces = Mutex::new(pieces);
    let work_on_all = |from_workers: mpsc::Sender<_>| {
        loop {
            let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((number, piece)) = next else { return };
            let result = panic::catch_unwind(AssertUnwindSafe(|| work(piece)));
            if from_workers.send((number, result)).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            let (work_on_all, from_workers) = (&work_on_all, from_workers.clone());
            scope.spawn(move || work_on_all(from_workers));
        }
        // Goes before the threads are waited for, which ends them.
        let to_workers = to_workers;
        let mut waiting = BTreeMap::new();
        let (mut read, mut given) = (0, 0);
        let (mut draining, mut at_end) = (false, false);
        loop {
            while !draining && !at_end && read - given < workers.max(1) * PIECES_A_WORKER {
                match input.next() {
                    Some(Step::Piece(piece)) => {
                        // They are there until `to_workers` goes.
                        let _ = to_workers.send((read, piece));
                        read += 1;
                    }
                    Some(Step::Drain) => draining = true,
                    None => at_end = true,
                }
            }
            if given == read {
                if at_end {
                    return Ok(());
                }
                draining = false;
                continue;
            }
            let Ok((number, result)) = results.recv() else { return Ok(()) };
            waiting.insert(number, result.unwrap_or_else(|panic| panic::resume_unwind(panic)));
            while let Some(result) = waiting.remove(&given) {
                given += 1;
                if output(result)?.is_break() {
                    return Ok(());
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_input() {
        for workers in 1..5 {
            let mut squares = Vec::new();
            let Ok(()) = in_order(
                workers,
                (0..200_u64).map(Step::Piece),
                |number| {
                    // Late ones are quick.
                    (0..(200 - number) % 7 * 50).for_each(|_| thread::yield_now());
                    number * number
                },
                |square| {
                    squares.push(square);
                    Ok::<_, Infallible>(ControlFlow::Continue(()))
                },
            );
            assert_eq!(squares, (0..200).map(|number| number * number).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_more_is_read_than_is_worked_on() {
        let (read, given) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let input = (0..100).map(Step::Piece).inspect(|_| {
            let ahead = read.fetch_add(1, Ordering::Relaxed) + 1 - given.load(Ordering::Relaxed);
            assert!(ahead <= 3 * PIECES_A_WORKER, "{ahead}");
        });
        let Ok(()) = in_order(
            3,
            input,
            |number| number,
            |_| {
                given.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(ControlFlow::Continue(()))
            },
        );
        assert_eq!(given.into_inner(), 100);
    }

    #[test]
    fn a_drain_waits_for_all_that_was_read() {
        let given = AtomicUsize::new(0);
        let steps = (0..90).map(|number| match number % 9 {
            8 => Step::Drain,
            _ => {
                // After eight pieces and a drain, all of them were given.
                let drained = number / 9 * 8;
                assert!(given.load(Ordering::Relaxed) >= drained, "{number}");
                Step::Piece(number)
            }
        });
        let Ok(()) = in_order(
            4,
            steps,
            |number| number,
            |_| {
                given.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(ControlFlow::Continue(()))
            },
        );
        assert_eq!(given.into_inner(), 80);
    }

    #[test]
    fn an_error_and_a_break_end_it() {
        let mut seen = Vec::new();
        let failed = in_order(
            2,
            (0..).map(Step::Piece),
            |number: usize| number,
            |number| {
                seen.push(number);
                if number == 5 { Err("full") } else { Ok(ControlFlow::Continue(())) }
            },
        );
        assert_eq!((failed, seen.len()), (Err("full"), 6));
        let Ok(()) = in_order(
            2,
            (0..).map(Step::Piece),
            |number: usize| number,
            |_| Ok::<_, Infallible>(ControlFlow::Break(())),
        );
    }

    #[test]
    #[should_panic(expected = "no luck with 7")]
    fn a_panic_of_a_worker_is_not_waited_for() {
        let work = |number: usize| assert_ne!(number, 7, "no luck with {number}");
        let _ = in_order(2, (0..50).map(Step::Piece), work, |()| Ok::<_, Infallible>(ControlFlow::Continue(())));
    }
}
