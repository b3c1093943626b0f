//! `musamma export`.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args as ClapArgs, ValueEnum, builder::PossibleValue};

use super::{Outcome, scoring_args::ForeignArg};
use crate::{
    export::{Files, ForeignFormat, TableFormat},
    run::{OutputFile, partial_path},
};

/// Write annotations in the format of another program
///
/// Annotation formats have offsets in the unit of the program, and need the
/// articles' texts: `annotate --with-text` writes them into the records, gold
/// files have them. Tables (`csv`, `parquet`, `sqlite`) hold offsets in all units,
/// and need no texts.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma export gold.jsonl --to conll -o gold.conll
  musamma export annotations.jsonl --to label-studio -o tasks.json
  musamma export annotations.jsonl --to brat -o brat/
  musamma export annotations.jsonl --to parquet -o entities.parquet
  musamma export annotations.jsonl --to sqlite -o annotations.db
  musamma export corrected/ --from brat --to jsonl -o corrected.jsonl

Exit status: 0 done; 2 wrong usage, or annotations that cannot be written so.")]
pub(super) struct Args {
    /// Annotations to write: a file, or a folder of brat or WebAnno files
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// Format to write
    #[arg(long, value_name = "FORMAT")]
    to: ToArg,

    /// Format to read; by default the name tells: `.conll`, `.tsv`, folders, and
    /// JSONL for all others
    #[arg(long, value_name = "FORMAT")]
    from: Option<ForeignArg>,

    /// File to write to, instead of standard output; a folder for brat and WebAnno
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// What is written: annotations of other programs, or tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ToArg {
    Annotations(ForeignArg),
    Table(TableFormat),
}

impl ValueEnum for ToArg {
    fn value_variants<'a>() -> &'a [Self] {
        use ForeignArg::{Brat, Conll, Doccano, Jsonl, LabelStudio, Spacy, Webanno};
        const {
            &[
                Self::Annotations(Jsonl),
                Self::Annotations(Conll),
                Self::Annotations(Spacy),
                Self::Annotations(Doccano),
                Self::Annotations(LabelStudio),
                Self::Annotations(Brat),
                Self::Annotations(Webanno),
                Self::Table(TableFormat::Csv),
                Self::Table(TableFormat::Parquet),
                Self::Table(TableFormat::Sqlite),
            ]
        }
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Annotations(format) => format.to_possible_value(),
            Self::Table(TableFormat::Csv) => Some(PossibleValue::new("csv").help("Table with a row an entity")),
            Self::Table(TableFormat::Parquet) => {
                Some(PossibleValue::new("parquet").help("The same, with types, for pandas, polars, DuckDB, Spark"))
            }
            Self::Table(TableFormat::Sqlite) => {
                Some(PossibleValue::new("sqlite").help("Database of articles and entities, with counts of names"))
            }
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let to = match args.to {
        ToArg::Annotations(format) => ForeignFormat::from(format),
        ToArg::Table(format) => return write_table(args, format),
    };
    let from = args.from.map_or_else(|| ForeignFormat::of(&args.path), ForeignFormat::from);
    let documents = from.read(&args.path)?;
    match (to.write(&documents)?, &args.output) {
        (Files::One(content), None) => {
            io::stdout().lock().write_all(content.as_bytes()).context("cannot write the output")?;
        }
        (Files::One(content), Some(path)) => {
            OutputFile::create(path)?.write_whole(content.as_bytes())?;
        }
        (Files::Many(_), None) => anyhow::bail!("this format has a file an article; name a folder with `--output`"),
        (Files::Many(files), Some(folder)) => write_folder(folder, &files)?,
    }
    Ok(Outcome::Done)
}

/// Writes a table of our own records, to standard output where that is text.
fn write_table(args: &Args, format: TableFormat) -> anyhow::Result<Outcome> {
    let from = args.from.map_or_else(|| ForeignFormat::of(&args.path), ForeignFormat::from);
    anyhow::ensure!(from == ForeignFormat::Jsonl, "tables are made of our own JSONL; export to that first");
    let output = match &args.output {
        Some(output) => output.as_path(),
        None => anyhow::bail!("a table is written to a file; name one with `--output`"),
    };
    format.write(&args.path, OutputFile::create(output)?)?;
    Ok(Outcome::Done)
}

/// Writes the files of a folder: all of them, or the folder is not there. Into
/// one that is there, each file is written whole.
fn write_folder(folder: &Path, files: &[(PathBuf, String)]) -> anyhow::Result<()> {
    let is_new = !folder.exists();
    let place = if is_new { partial_path(folder) } else { folder.to_owned() };
    anyhow::ensure!(!is_new || !place.exists(), "`{}` is in the way; remove or rename it", place.display());
    let written = files.iter().try_for_each(|(path, content)| {
        let path = place.join(path);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .with_context(|| format!("cannot create the folder of `{}`", path.display()))?;
        Ok(OutputFile::create(&path)?.write_whole(content.as_bytes())?)
    });
    if is_new {
        let moved = written.and_then(|()| {
            fs::create_dir_all(&place)
                .and_then(|()| fs::rename(&place, folder))
                .with_context(|| format!("cannot create `{}`", folder.display()))
        });
        if moved.is_err() {
            let _ = fs::remove_dir_all(&place);
        }
        return moved;
    }
    written
}
