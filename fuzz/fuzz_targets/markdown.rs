//! Any text is an article in Markdown.
//!
//! ```text
//! scripts/fuzz markdown
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::source::InputFormat;

fuzz_target!(|bytes: &[u8]| musamma_fuzz::read(InputFormat::Markdown, bytes));
