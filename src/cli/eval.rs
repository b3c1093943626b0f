//! `musamma eval`.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
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
};
use crate::{
    eval::{self, AnnotationSet, Bootstrap, Corpus, GroupBy, Labels, Mode, TableStyle},
    pipeline::Settings,
    run::OutputFile,
    source,
};

/// Missing articles that are named one by one on standard error.
const NAMED: usize = 20;

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

    /// What counts as right, e.g. `strict,exact,partial,type`
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_value = "strict,partial")]
    modes: Vec<ModeArg>,

    /// Other names for labels on both sides, e.g. `CITY=LOC,MISC=O`
    ///
    /// Joins labels that one of the sides does not tell apart, or says what the
    /// names of another scheme are here; `O` drops a label. What is mapped to is
    /// scored, whether Musamma has such a label or not.
    #[arg(long, value_name = "NAME=LABEL,…", value_delimiter = ',', value_parser = parse_mapping)]
    map: Vec<(String, Option<String>)>,

    /// Scores of parts of the articles beside those of all, e.g. `lang,folder`
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    by: Vec<ByArg>,

    /// How often to draw the articles anew for the 95 % intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,

    /// Seed of these draws; the same seed gives the same intervals
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// How to write the scores
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    format: FormatArg,

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
    source: SourceArgs,

    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    /// Same span and same label
    Strict,
    /// Same span, any label
    Exact,
    /// Overlapping spans count half, any label
    Partial,
    /// Overlapping span, same label
    Type,
    /// Same span but for attached Arabic clitics and French elisions, same label
    Clitic,
    /// Distinct names of each article instead of mentions, same label
    Document,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// For people; scores in percent
    Table,
    /// For programs; scores as fractions
    Json,
    /// For documents; scores in percent
    Markdown,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let printer = Printer::new(args.quiet);
    let labels = Labels::new(args.map.iter().cloned());
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
    name_missing(&corpus, printer);
    if let Some(file) = errors {
        write_errors(&corpus, &labels, file)?;
    }
    let modes: Vec<Mode> = args.modes.iter().map(|&mode| mode.into()).collect();
    let by: Vec<GroupBy> = args.by.iter().map(|&by| by.into()).collect();
    let bootstrap = NonZeroUsize::new(args.bootstrap).map(|samples| Bootstrap { samples, seed: args.seed });
    let report = eval::score(&corpus, &labels, &modes)?.report(bootstrap, &by);
    let written = match args.format {
        FormatArg::Table => report.tables(TableStyle::Plain),
        FormatArg::Markdown => report.tables(TableStyle::Markdown),
        FormatArg::Json => format!("{:#}\n", report.json()),
    };
    io::stdout().lock().write_all(written.as_bytes()).context("cannot write the scores")?;
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

/// Says which articles count as missed, and why where that is known.
fn name_missing(corpus: &Corpus, printer: Printer) {
    for failure in &corpus.failures {
        printer.problem(&format!("`{}` was not annotated: {}", failure.id, failure.message));
    }
    let silent = |id: &&String| !corpus.failures.iter().any(|failure| failure.id == **id);
    let missing: Vec<&String> = corpus.missing.iter().filter(silent).collect();
    for id in missing.iter().take(NAMED) {
        printer.problem(&format!("no prediction for `{id}`: all its entities count as missed"));
    }
    if missing.len() > NAMED {
        printer
            .problem(&format!("no prediction for {} more articles; `--format json` lists them", missing.len() - NAMED));
    }
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

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Strict => Self::Strict,
            ModeArg::Exact => Self::Exact,
            ModeArg::Partial => Self::Partial,
            ModeArg::Type => Self::Type,
            ModeArg::Clitic => Self::Clitic,
            ModeArg::Document => Self::Document,
        }
    }
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

/// One `NAME=LABEL`; `NAME=O` and `NAME=` drop the label.
fn parse_mapping(written: &str) -> Result<(String, Option<String>), String> {
    let (name, label) = written.split_once('=').ok_or_else(|| format!("expected NAME=LABEL, found `{written}`"))?;
    if name.is_empty() {
        return Err(format!("no name before `=` in `{written}`"));
    }
    Ok((name.to_owned(), Some(label).filter(|label| !matches!(*label, "" | "O")).map(str::to_owned)))
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
    fn a_mapping_renames_or_drops() {
        assert_eq!(parse_mapping("CITY=LOC"), Ok(("CITY".into(), Some("LOC".into()))));
        assert_eq!(parse_mapping("MISC=O"), Ok(("MISC".into(), None)));
        assert!(parse_mapping("CITY").is_err() && parse_mapping("=LOC").is_err());
    }

    #[test]
    fn f1_is_a_fraction() {
        assert_eq!(parse_fraction("0.9"), Ok(0.9));
        assert!(parse_fraction("90").unwrap_err().contains("0 to 1"));
    }
}
