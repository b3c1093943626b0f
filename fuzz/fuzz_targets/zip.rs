//! Any bytes as a zip archive are articles and errors.
//!
//! ```text
//! cargo +nightly fuzz run zip -- -max_total_time=600 -detect_leaks=0
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::source::InputFormat;

fuzz_target!(|bytes: &[u8]| musamma_fuzz::read(InputFormat::Zip, bytes));
