//! `musamma verify`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args as ClapArgs;

use super::{Outcome, printer::Printer, source_args::SourceArgs};
use crate::{
    run::{self, Shard},
    source,
};

/// Check annotations against the articles they were made from
///
/// Reads the articles again and checks every record: id, hash and length of the
/// text, and each entity's slice in code points, bytes and UTF-16 units. Prints
/// what is wrong, a line each: id, what, and details, with tabs between.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma verify annotations.jsonl --articles articles/
  musamma verify part-3.jsonl --articles articles/ --shard 3/16

Exit status: 0 all is right; 1 something is wrong; 2 wrong usage.")]
pub(super) struct Args {
    /// Annotations, as `annotate` writes them
    #[arg(value_name = "FILE")]
    annotations: PathBuf,

    /// Files and folders of articles, as they were given to `annotate`
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    articles: Vec<PathBuf>,

    /// The share of the articles that was annotated
    #[arg(long, value_name = "N/OF")]
    shard: Option<Shard>,

    /// Print no summary
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    source: SourceArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let inputs = args.source.find(&args.articles, Some(args.annotations.as_path()))?;
    let options = args.source.options();
    let mut output = io::stdout().lock();
    let mut written = Ok(());
    let verified = run::verify(&args.annotations, source::articles(&inputs, &options), args.shard, |id, problem| {
        let details = problem.to_string().replace(['\t', '\r', '\n'], " ");
        let id = id.replace(['\t', '\r', '\n'], " ");
        if written.is_ok() {
            written = writeln!(output, "{id}\t{}\t{details}", problem.code());
        }
    })?;
    written?;
    Printer::new(args.quiet).summary(&format!(
        "{} records ({} failed), {} entities in three units: {}",
        verified.records,
        verified.failed,
        verified.entities,
        match verified.problems {
            0 => "all right".to_owned(),
            1 => "1 problem".to_owned(),
            problems => format!("{problems} problems"),
        }
    ));
    Ok(if verified.problems == 0 { Outcome::Done } else { Outcome::Partly })
}
