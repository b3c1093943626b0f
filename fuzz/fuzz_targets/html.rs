//! Any page is an article, or an error.
//!
//! ```text
//! scripts/fuzz html
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::source::InputFormat;

fuzz_target!(|bytes: &[u8]| musamma_fuzz::read(InputFormat::Html, bytes));
