//! What the targets for inputs share.

use std::{panic, sync::Once};

use musamma::source::{InputFormat, ReadOptions, read_bytes};

/// Reads bytes in a format: whatever they are, articles or errors come back, and
/// no article holds a NUL or is larger than one may be.
///
/// A panic of a crate that parses is caught and costs one file, so it is no
/// finding; one of musamma's own is.
pub fn read(format: InputFormat, bytes: &[u8]) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        // libFuzzer's, which ends the process.
        let end = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !panic.location().is_some_and(|place| place.file().contains("/registry/src/")) {
                end(panic);
            }
        }));
    });
    const LIMIT: u64 = 1 << 16;
    let options = ReadOptions { max_article_bytes: LIMIT, ..ReadOptions::default() };
    for article in read_bytes("fuzz", format, bytes.to_vec(), &options) {
        match article {
            Ok(article) => {
                assert!(!article.text().contains('\0'));
                // A legacy byte takes three bytes of UTF-8 at most; a page repeats its title.
                assert!(article.text().len() as u64 <= 6 * LIMIT);
                assert!(article.excluded_char_count() <= article.char_count());
            }
            Err(error) => assert!(!error.kind.code().is_empty() && !error.to_string().is_empty()),
        }
    }
}
