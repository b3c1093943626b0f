//! `musamma compare`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::json;

use super::{
    Outcome,
    printer::Printer,
    scoring_args::{self, ScoringArgs},
};
use crate::{eval, run::OutputFile};

/// Tell which of two sets of annotations is better, and whether that is chance
///
/// With `--gold` both are scored, and the difference comes with its interval, a
/// p-value and the entities that changed. Without it the two are taken for two
/// annotators: F1 of one against the other, and Cohen's κ on words.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma compare old.jsonl new.jsonl --gold gold.jsonl
  musamma compare old.jsonl new.jsonl --gold gold.jsonl --format json | jq .changes
  musamma compare annotator-1.jsonl annotator-2.jsonl

Exit status: 0 done; 2 wrong usage, or annotations that do not fit each other.")]
pub(super) struct Args {
    /// Annotations to compare with, as `eval` takes them
    #[arg(value_name = "FIRST")]
    first: PathBuf,

    /// Annotations that may be better
    #[arg(value_name = "SECOND")]
    second: PathBuf,

    /// File with the labels made by hand; may be given more than once
    #[arg(short, long, value_name = "FILE")]
    gold: Vec<PathBuf>,

    /// File to write a report to, with `--gold`: a page for a browser
    #[arg(long, value_name = "FILE", requires = "gold")]
    report: Option<PathBuf>,

    #[command(flatten)]
    scoring: ScoringArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let printer = Printer::new(false);
    let labels = args.scoring.labels();
    // Before anything is computed: a full disk or a wrong folder shows at once.
    let page = args.report.as_deref().map(OutputFile::create).transpose()?;
    let first = scoring_args::open(std::slice::from_ref(&args.first), args.scoring.from, &labels)?;
    let second = scoring_args::open(std::slice::from_ref(&args.second), args.scoring.from, &labels)?;
    let (modes, bootstrap) = (args.scoring.modes(), args.scoring.bootstrap());
    if args.gold.is_empty() {
        let corpus = eval::align(first, second)?;
        scoring_args::name_missing(&corpus, printer);
        let agreement = eval::agreement(&corpus, &labels)?;
        let report = eval::score(&corpus, &labels, &modes)?.report(bootstrap, &[]);
        args.scoring.print(
            |style| format!("{}{agreement}\n", report.tables(style)),
            || {
                let mut json = report.json();
                let eval::Agreement { words, observed, kappa } = agreement;
                json["agreement"] = json!({"words": words, "observed": observed, "kappa": kappa});
                json
            },
        )?;
        return Ok(Outcome::Done);
    }
    let gold = scoring_args::open(&args.gold, args.scoring.gold_from, &labels)?;
    let [first, second] = [eval::align(gold.clone(), first)?, eval::align(gold, second)?];
    for corpus in [&first, &second] {
        scoring_args::name_missing(corpus, printer);
    }
    let comparison = eval::compare(&first, &second, &labels, &modes, bootstrap)?;
    if let Some(page) = page {
        let title = format!("{} against {}", args.second.display(), args.first.display());
        page.write_whole(eval::comparison_page(&title, &comparison).as_bytes())?;
    }
    args.scoring.print(|style| comparison.tables(style), || comparison.json())?;
    Ok(Outcome::Done)
}
