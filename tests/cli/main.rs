//! Runs the binary, one file a subcommand.

mod annotate;
mod compare;
mod eval;
mod help;
mod util;
