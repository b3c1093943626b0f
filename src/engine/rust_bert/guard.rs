//! Panics of rust-bert and tch, turned into errors.
//!
//! rust-bert calls those functions of tch that panic where libtorch reports an
//! error, and unwraps its own: there is no other way to get an error from it.
//! Nothing is left half changed: building a model only makes new tensors, and
//! running it reads them.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

thread_local! {
    /// Whether a panic of this thread is about to be turned into an error.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `task`; a panic in it is an error, and is not printed.
pub(super) fn catch<T>(task: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(task));
    QUIET.set(outer);
    result.map_err(|payload| reason(message(&*payload)))
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}

/// What libtorch says, without the list of C++ functions below it and without
/// the names of the types it came through.
pub(super) fn reason(message: &str) -> String {
    let start = message.find("Torch(\"").map_or(0, |at| at + "Torch(\"".len());
    let rest = &message[start..];
    let end = ["\\n", "\n"].iter().filter_map(|line_end| rest.find(line_end)).min().unwrap_or(rest.len());
    rest[..end].trim_end_matches("\")").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(catch(|| 3), Ok(3));
        assert_eq!(catch(|| panic!("no {}", "luck")), Err::<(), _>("no luck".into()));
    }

    #[test]
    fn the_reason_is_the_first_line_of_libtorch() {
        let panic = "called `Result::unwrap()` on an `Err` value: Torch(\"index out of range in self\\nException raised from …\\n\")";
        assert_eq!(reason(panic), "index out of range in self");
        assert_eq!(reason("shape '[2]' is invalid\nframe #0: …"), "shape '[2]' is invalid");
    }
}
