//! Runs the binary, one file a subcommand.

mod annotate;
mod help;
mod util;
