//! `musamma eval`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};

use super::{
    Outcome,
    annotate::{SourceArgs, stop_on_interrupt},
    model_args::ModelArgs,
    printer::Printer,
    progress::Progress,
    scoring_args::{self, ScoringArgs},
};
use crate::{
    eval::{self, AnnotationSet, Corpus, GroupBy, Labels, Mode},
    pipeline::Settings,
    run::OutputFile,
    source,
};

/// Score annotations against articles labelled by hand
///
/// Precision, recall and F1 for each label, over all mentions (micro) and as the
/// mean of the labels (macro). Undefined scores (0/0) are `–` in tables and
/// `null` in JSON.
#[derive(Debug, ClapArgs)]
// The options that only mean something when articles are annotated.
#[command(group(ArgGroup::new("annotating").multiple(true).requires("annotate").args([
    "model", "label_map", "engine", "threads", "device",
    "input_format", "id_field", "text_field", "date_field", "language_field",
])))]
#[command(after_help = "\
Examples:
  musamma eval annotations.jsonl --gold gold.jsonl
  musamma eval --annotate articles/ --gold gold.jsonl --errors errors.jsonl
  musamma eval other-tagger.jsonl --gold gold.jsonl --map CITY=LOC,DATE=O
  musamma eval annotations.jsonl --gold gold.jsonl --format json | jq .strict.micro.f1

Exit status: 0 done; 1 some articles failed, or F1 is below `--min-f1`; 2 wrong usage, or gold and
predictions that do not fit each other; 130 interrupted.")]
pub(super) struct Args {
    /// Annotations to score, as `annotate` writes them; `-` is standard input
    ///
    /// JSONL with an article a line: `id`, and `entities` with `start`, `end`
    /// (Unicode code points, the end exclusive) and `label`. With `--annotate`,
    /// files and folders of articles.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// File with the labels made by hand, in the same form; may be given more than once
    #[arg(short, long, value_name = "FILE", required = true)]
    gold: Vec<PathBuf>,

    /// Annotate the articles at PATH first, then score that
    #[arg(short, long)]
    annotate: bool,

    /// Scores of parts of the articles beside those of all, e.g. `lang,folder`
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    by: Vec<ByArg>,

    /// Least F1 (strict, micro), 0 to 1; below it the exit status is 1
    #[arg(long, value_name = "F1", value_parser = parse_fraction)]
    min_f1: Option<f64>,

    /// File to write every mistake to, one JSON object a line
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,

    /// Print neither progress nor summary of `--annotate`
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    scoring: ScoringArgs,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ByArg {
    /// Language of the article
    Lang,
    /// Folder in the article's id
    Folder,
    /// Gold file
    File,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let printer = Printer::new(args.quiet);
    let labels = args.scoring.labels();
    let gold = AnnotationSet::open(&args.gold, &labels)?;
    // Before anything is computed: a full disk or a wrong folder shows at once.
    let errors = args.errors.as_deref().map(OutputFile::create).transpose()?;
    let (predicted, outcome) = if args.annotate {
        annotate(args, &gold, &labels, printer)?
    } else {
        (AnnotationSet::open(&args.paths, &labels)?, Outcome::Done)
    };
    if outcome == Outcome::Interrupted {
        return Ok(outcome);
    }
    let corpus = eval::align(gold, predicted)?;
    scoring_args::name_missing(&corpus, printer);
    if let Some(file) = errors {
        write_errors(&corpus, &labels, file)?;
    }
    let by: Vec<GroupBy> = args.by.iter().map(|&by| by.into()).collect();
    let report = eval::score(&corpus, &labels, &args.scoring.modes())?.report(args.scoring.bootstrap(), &by);
    args.scoring.print(|style| report.tables(style), || report.json())?;
    if let Some(least) = args.min_f1 {
        let strict = eval::score(&corpus, &labels, &[Mode::Strict])?.report(None, &[]);
        let f1 = strict.of(Mode::Strict).and_then(|strict| strict.micro.scores.f1);
        if f1.is_none_or(|f1| f1 < least) {
            let found = f1.map_or("undefined".into(), |f1| format!("{f1:.4}"));
            printer.problem(&format!("strict micro F1 is {found}, less than {least}"));
            return Ok(Outcome::Partly);
        }
    }
    Ok(outcome)
}

/// Annotates the articles at the paths. Stops at the first that is not in the gold.
fn annotate(
    args: &Args,
    gold: &AnnotationSet,
    labels: &Labels,
    printer: Printer,
) -> anyhow::Result<(AnnotationSet, Outcome)> {
    let inputs = args.source.find(&args.paths, args.errors.as_deref())?;
    let fields = args.source.fields();
    let settings = Settings { label_map: args.model.label_map(), ..Settings::default() };
    let (annotator, engine) = args.model.load(settings, |message| printer.notice(message))?;
    let stop = stop_on_interrupt()?;
    let has_stdin = inputs.files.iter().any(|input| input.path.is_none());
    let mut progress = Progress::new(printer, (!has_stdin).then_some(inputs.bytes));
    let mut predicted = AnnotationSet::default();
    let totals = annotator.run(source::articles(&inputs, &fields), &stop, |mut output| {
        let article = output.article;
        progress.advance(output.totals, article.map_or(0, |article| article.text().len()));
        output.record.text = article.map(|article| article.text().to_owned());
        predicted.add_record(&output.record, "this run", labels)?;
        // Rather than at the end of a long run.
        predicted.articles.last().map_or(Ok(()), |article| eval::check(gold, article))
    })?;
    printer.summary(&progress.finish(&totals, engine.as_str()));
    let outcome = match totals {
        _ if totals.interrupted => Outcome::Interrupted,
        _ if totals.failed > 0 => Outcome::Partly,
        _ => Outcome::Done,
    };
    Ok((predicted, outcome))
}

fn write_errors(corpus: &Corpus, labels: &Labels, mut file: OutputFile) -> anyhow::Result<()> {
    let mut write = || -> io::Result<()> {
        for case in eval::error_cases(corpus, labels) {
            serde_json::to_writer(&mut file, &case)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    };
    write().context("cannot write the errors")?;
    Ok(file.finish()?)
}

impl From<ByArg> for GroupBy {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Lang => Self::Language,
            ByArg::Folder => Self::Folder,
            ByArg::File => Self::File,
        }
    }
}

fn parse_fraction(written: &str) -> Result<f64, String> {
    written
        .parse()
        .ok()
        .filter(|fraction| (0.0..=1.0).contains(fraction))
        .ok_or_else(|| format!("expected a number from 0 to 1, found `{written}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_is_a_fraction() {
        assert_eq!(parse_fraction("0.9"), Ok(0.9));
        assert!(parse_fraction("90").unwrap_err().contains("0 to 1"));
    }
}
