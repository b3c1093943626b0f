//! Batch runs: what outlives a single article.

mod output;

pub use output::{OutputError, OutputFile, partial_path};
