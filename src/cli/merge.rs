//! `musamma merge`.

use std::{io, path::PathBuf};

use clap::Args as ClapArgs;

use super::{Outcome, printer::Printer};
use crate::run::{self, OutputFile};

/// Join the parts that several machines wrote
///
/// What comes out is what one machine writes: the records of `annotate --shard`
/// in the order of the articles, each text's repetitions marked. An article that
/// is in two parts is an error.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma merge part-*.jsonl -o annotations.jsonl
  parallel musamma annotate articles/ -o part-{}.jsonl --shard {}/4 ::: 1 2 3 4 &&
    musamma merge part-{1,2,3,4}.jsonl -o annotations.jsonl

Exit status: 0 done; 2 wrong usage, or parts that do not fit each other.")]
pub(super) struct Args {
    /// Parts, as `annotate` writes them
    #[arg(required = true, value_name = "FILE")]
    parts: Vec<PathBuf>,

    /// File to write to; `-`, the default, is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print no summary
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let merged = match args.output.as_deref().filter(|output| output.as_os_str() != "-") {
        None => run::merge(&args.parts, io::stdout().lock())?,
        Some(path) => {
            let mut file = OutputFile::create(path)?;
            let merged = run::merge(&args.parts, &mut file)?;
            file.finish()?;
            merged
        }
    };
    let parts = args.parts.len();
    Printer::new(args.quiet)
        .summary(&format!("{} articles ({} failed) of {parts} parts", merged.records, merged.failed));
    Ok(Outcome::Done)
}
