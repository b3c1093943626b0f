//! Any bytes as a table are articles and errors, whatever separates the columns.
//!
//! ```text
//! scripts/fuzz table
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;
use musamma::source::InputFormat;

fuzz_target!(|bytes: &[u8]| {
    // Without such a header everything is the same error.
    for (format, header) in [(InputFormat::Csv, &b"id;text;date\n"[..]), (InputFormat::Tsv, b"text\tlang\n")] {
        musamma_fuzz::read(format, &[header, bytes].concat());
        musamma_fuzz::read(format, bytes);
    }
});
