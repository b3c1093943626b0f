//! Runs the binary, one file a subcommand.

mod annotate;
mod compare;
mod config;
mod dates;
mod eval;
mod export;
mod help;
mod inputs;
mod runs;
mod util;
mod view;
