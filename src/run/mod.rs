//! Batch runs: what outlives a single article.

mod annotate;
mod claim;
mod duplicates;
mod ledger;
mod merge;
mod output;
mod reader;
mod resume;
mod shard;
mod verify;

pub use annotate::{RunOptions, RunTotals, Status, Written, annotate};
pub use claim::{OutputError, partial_path};
pub use ledger::{LEDGER_SCHEMA, Ledger, RunDescription};
pub use merge::{MergeError, Merged, merge};
pub use output::OutputFile;
pub use resume::ResumedFile;
pub use shard::Shard;
pub use verify::{Problem, Verified, VerifyError, check, verify};
