//! The record: what is written for each article, schema `musamma/1`.

mod pretty;
mod schema;
mod tsv;
mod write;

pub use schema::{EntityRecord, ErrorRecord, Record, SCHEMA, SCHEMA_JSON};
pub use write::{Format, RecordWriter};
