//! Batch runs: what outlives a single article.
//!
//! [`annotate()`] goes through many articles and leaves out what is done
//! ([`ResumedFile`]), what repeats, and what other machines do ([`Shard`]). A
//! [`Ledger`] tells what was done; [`merge()`] joins the parts of several machines,
//! and [`verify()`] holds records against their articles.

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
