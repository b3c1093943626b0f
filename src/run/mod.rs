//! Batch runs: what outlives a single article.

mod annotate;
mod claim;
mod duplicates;
mod ledger;
mod output;
mod reader;
mod resume;
mod shard;

pub use annotate::{RunOptions, RunTotals, Status, Written, annotate};
pub use claim::{OutputError, partial_path};
pub use ledger::{LEDGER_SCHEMA, Ledger, RunDescription};
pub use output::OutputFile;
pub use resume::ResumedFile;
pub use shard::Shard;
