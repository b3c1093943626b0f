//! Any text has furniture in whole lines, sorted and disjoint, that is found again without the rest.
//!
//! ```text
//! scripts/fuzz furniture
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::furniture;

fuzz_target!(|text: String| {
    let found = furniture::find(&text);
    for range in &found {
        assert!(!text[range.clone()].trim().is_empty());
        assert!(range.start == 0 || text[..range.start].ends_with('\n'));
        let rest = &text[range.end..];
        assert!(rest.is_empty() || rest.starts_with(['\r', '\n']));
    }
    assert!(found.windows(2).all(|pair| pair[0].end < pair[1].start));
});
