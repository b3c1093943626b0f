//! Any bytes are text in some encoding, or an error.
//!
//! ```text
//! scripts/fuzz encoding
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::source::InputFormat;

fuzz_target!(|bytes: &[u8]| musamma_fuzz::read(InputFormat::Text, bytes));
