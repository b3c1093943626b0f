//! `musamma view`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Outcome, scoring_args::ForeignArg};
use crate::{
    eval::{self, PageArticle, PageMention},
    export::ForeignFormat,
    run::OutputFile,
};

/// Make a page of annotated articles, for a browser
///
/// One file that needs no network. Articles need their text: `annotate
/// --with-text` writes it into the records.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma annotate articles/ --with-text -o annotations.jsonl
  musamma view annotations.jsonl -o view.html

Exit status: 0 done; 2 wrong usage, or annotations that cannot be read.")]
pub(super) struct Args {
    /// Annotations to show: a file, or a folder of brat or WebAnno files
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// File to write the page to
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Format to read; by default the name tells: `.conll`, `.tsv`, folders, and
    /// JSONL for all others
    #[arg(long, value_name = "FORMAT")]
    from: Option<ForeignArg>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let page = OutputFile::create(&args.output)?;
    let from = args.from.map_or_else(|| ForeignFormat::of(&args.path), ForeignFormat::from);
    let documents = from.read(&args.path)?;
    let articles: Vec<PageArticle<'_>> = documents
        .iter()
        .map(|document| {
            let mentions = document
                .spans
                .iter()
                .map(|span| PageMention { start: span.start, end: span.end, label: &span.label })
                .collect();
            PageArticle { id: &document.id, text: &document.text, mentions }
        })
        .collect();
    page.write_whole(eval::view_page(&args.path.display().to_string(), &articles).as_bytes())?;
    Ok(Outcome::Done)
}
