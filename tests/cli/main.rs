//! Runs the binary, one file a subcommand.

mod annotate;
mod eval;
mod help;
mod util;
