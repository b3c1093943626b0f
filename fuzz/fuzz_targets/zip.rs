//! Any bytes as a zip archive are articles and errors.
//!
//! ```text
//! scripts/fuzz zip
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::source::InputFormat;

fuzz_target!(|bytes: &[u8]| musamma_fuzz::read(InputFormat::Zip, bytes));
