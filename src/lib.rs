//! Musamma («مسمّى», “named”) reads news articles and writes down the persons,
//! cities, other places, organisations and dates in them, each with its exact
//! offsets. Arabic comes first, then French, English, Spanish and whatever else
//! a model's encoder reads.
//!
//! # The pipeline, which is the order of the modules
//!
//! ```text
//!       article          id, text, date, language; offsets in three units
//!         │  source      find and read articles: files, archives, stdin    → Article
//!         │  furniture   what on a page is not the article                 → ranges without entities
//!         │  words       word boundaries and clitics                       → Word
//!         │  dates       finds dates and says which day they mean          → DateMention
//!         ▼
//!       model            folder on disk: config, labels, tokenizer, checksums
//!         │  window      stretches of the article that fit the encoder     → Window
//!         │  batch       windows of like length under a token budget       → Batch
//!         ▼
//!       engine           ids and mask in, logits out                       → [batch, tokens, labels]
//!         │  decode      one tag a word, legal sequences only; clitics;
//!         │              the model's dates and those found without it      → Entity
//!         ▼
//!       annotation       the record, its JSON schema, writing it
//!         │  pipeline    the stages joined: order, memory, failures
//!         ▼
//!       run              resume, duplicates, shares, ledger; output files
//!       eval             match, score, compare, errors
//!       export           other formats, both ways
//! ```
//!
//! A module uses what stands above it in this picture and nothing below; a test
//! checks it. `cli` holds argument parsing, printing and progress.
//!
//! # Example
//!
//! ```no_run
//! use musamma::{
//!     article::Article,
//!     engine::{Device, EngineKind, EngineOptions},
//!     model::{self, Model},
//!     pipeline::{Annotator, Settings},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = model::find(model::DEFAULT_MODEL)?;
//! let kind = EngineKind::auto(&folder, None, Device::Cpu)?;
//! let model = Model::open(&folder, kind.weights_file(), &Default::default())?;
//! let engine = kind.load(&model, EngineOptions::default())?;
//! let annotator = Annotator::new(model, engine, Settings::default());
//!
//! let article = Article::new("1", "استقبل عمدة طنجة منير ليموري وفدا عن مدينة مونبلييه.");
//! for entity in annotator.annotate(&article)? {
//!     println!("{} {} {:.2}", entity.label, article.slice(entity.span), entity.score);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `rust-bert` (default): the libtorch engine, for any checkpoint of an
//!   architecture rust-bert has.
//! - `onnx` (default): the ONNX Runtime engine, for models with a `.onnx` file,
//!   in `f32` or several times faster in `int8`. The library is loaded when a
//!   model is, from `$MUSAMMA_ONNXRUNTIME`, from beside the program or from
//!   `native/` of the checkout.
//!
//! Without either only the scripted engine of the tests is there; everything but
//! inference works.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

pub mod article;
pub mod source;
pub mod furniture;
pub mod words;
pub mod dates;

pub mod model;
pub mod window;
pub mod batch;

pub mod engine;
pub mod decode;

pub mod annotation;
pub mod pipeline;

pub mod run;
pub mod eval;
pub mod export;

pub mod cli;
