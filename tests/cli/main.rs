//! Runs the binary, one file a subcommand.

mod annotate;
mod compare;
mod dates;
mod eval;
mod export;
mod help;
mod inputs;
mod util;
mod view;
