//! `musamma export`.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::Args as ClapArgs;

use super::{Outcome, scoring_args::ForeignArg};
use crate::{
    export::{Files, ForeignFormat},
    run::OutputFile,
};

/// Write annotations in the format of another program
///
/// Offsets are converted to the unit of the program. Articles need their text:
/// `annotate --with-text` writes it into the records, gold files have it.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma export gold.jsonl --to conll -o gold.conll
  musamma export annotations.jsonl --to label-studio -o tasks.json
  musamma export annotations.jsonl --to brat -o brat/
  musamma export corrected/ --from brat --to jsonl -o corrected.jsonl

Exit status: 0 done; 2 wrong usage, or annotations that cannot be written so.")]
pub(super) struct Args {
    /// Annotations to write: a file, or a folder of brat or WebAnno files
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// Format to write
    #[arg(long, value_name = "FORMAT")]
    to: ForeignArg,

    /// Format to read; by default the name tells: `.conll`, `.tsv`, folders, and
    /// JSONL for all others
    #[arg(long, value_name = "FORMAT")]
    from: Option<ForeignArg>,

    /// File to write to, instead of standard output; a folder for brat and WebAnno
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let from = args.from.map_or_else(|| ForeignFormat::of(&args.path), ForeignFormat::from);
    let documents = from.read(&args.path)?;
    match (ForeignFormat::from(args.to).write(&documents)?, &args.output) {
        (Files::One(content), None) => {
            io::stdout().lock().write_all(content.as_bytes()).context("cannot write the output")?;
        }
        (Files::One(content), Some(path)) => {
            OutputFile::create(path)?.write_whole(content.as_bytes())?;
        }
        (Files::Many(_), None) => anyhow::bail!("this format has a file an article; name a folder with `--output`"),
        (Files::Many(files), Some(folder)) => {
            for (path, content) in files {
                let path = folder.join(path);
                let write = || {
                    path.parent().map_or(Ok(()), fs::create_dir_all)?;
                    fs::write(&path, content)
                };
                write().with_context(|| format!("cannot write `{}`", path.display()))?;
            }
        }
    }
    Ok(Outcome::Done)
}
