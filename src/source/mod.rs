//! Finding articles and reading them: files, folders, archives, standard input.
//!
//! A thread of its own reads one input after the other and hands over each
//! article as soon as it is there, so that a line of a stream waits for no other.
//! What is read at once is bounded by [`ReadOptions::max_article_bytes`].

mod archive;
mod bytes;
mod encoding;
mod error;
mod format;
mod html;
mod inputs;
mod json;
mod jsonl;
mod markdown;
mod metadata;
mod parquet;
mod reader;
mod record;
mod table;
mod text;
mod warc;

pub use encoding::{TextEncoding, UnknownEncoding};
pub use error::{InputError, SourceError, SourceErrorKind};
pub use format::InputFormat;
pub use inputs::{Input, Inputs, Search, read_list};
pub(crate) use reader::READER_THREAD;
pub use reader::{Articles, ReadOptions, articles, read_bytes};
pub use record::Fields;
