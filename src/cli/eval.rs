//! `musamma eval`.

use std::{
    io::{self, Write},
    path::PathBuf,
    thread,
};

use anyhow::Context;
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};

use super::{
    Outcome,
    annotate::stop_on_interrupt,
    model_args::ModelArgs,
    parse,
    printer::Printer,
    progress::Progress,
    scoring_args::{self, ScoringArgs},
    source_args::{SourceArgs, Warnings},
};
use crate::{
    eval::{
        self, Analysis, AnnotationSet, Confidence, Corpus, GroupBy, Labels, Mode, Places, TaggedTokens, Threshold,
        Tool, ToolReport,
    },
    export,
    pipeline::Settings,
    run::{self, OutputFile, RunOptions},
};

/// Score annotations against articles labelled by hand
///
/// Precision, recall and F1 for each label, over all mentions (micro) and as the
/// mean of the labels (macro). Undefined scores (0/0) are `–` in tables and
/// `null` in JSON.
#[derive(Debug, ClapArgs)]
// The options that only mean something when articles are annotated.
#[command(group(ArgGroup::new("annotating").multiple(true).requires("annotate").args([
    "raw", "min_score", "model", "label_map", "engine", "precision", "threads", "device",
    "input_format", "encoding", "files_from", "glob", "hidden", "no_ignore", "max_article_bytes",
    "id_field", "text_field", "date_field", "language_field",
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
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// File with the labels made by hand, in the same form; may be given more than once
    #[arg(short, long, value_name = "FILE", required = true)]
    gold: Vec<PathBuf>,

    /// Annotate the articles at PATH first, then score that
    #[arg(short, long)]
    annotate: bool,

    /// With `--annotate`, look for entities in page furniture too, as `annotate --raw` does
    #[arg(long)]
    raw: bool,

    /// With `--annotate`, only entities with at least this score, 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = parse::fraction::<f32>)]
    min_score: f32,

    /// Scores of parts of the articles beside those of all, e.g. `lang,folder`
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    by: Vec<ByArg>,

    /// Least F1 (strict, micro), 0 to 1; below it the exit status is 1
    #[arg(long, value_name = "F1", value_parser = parse::fraction::<f64>)]
    min_f1: Option<f64>,

    /// File to write every mistake to, one JSON object a line
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,

    /// Also print a confusion matrix, the most frequent mistakes, scores by
    /// threshold and calibration
    #[arg(long)]
    analyse: bool,

    /// Also print, for each label, the lowest score that reaches this precision
    #[arg(long, value_name = "PRECISION", value_parser = parse::fraction::<f64>)]
    target_precision: Option<f64>,

    /// File to write these scores to, for `annotate --thresholds`
    #[arg(long, value_name = "FILE", requires = "target_precision")]
    thresholds: Option<PathBuf>,

    /// Also print the numbers that another scorer gives
    ///
    /// Tags are those of words; where both sides are CoNLL files, their own,
    /// well-formed or not.
    #[arg(long = "as", value_name = "TOOL")]
    tool: Option<ToolArg>,

    /// Name the entities on which that scorer and ours part
    ///
    /// For nervaluate by each of its four measures. CoNLL files have tags on both
    /// sides, and nothing to part on but ill-formed ones.
    #[arg(long, requires = "tool")]
    explain_difference: bool,

    /// File to write a report to: a page with scores, analysis and the articles
    /// with mistakes, for a browser
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

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
enum ToolArg {
    /// seqeval, as it is
    Seqeval,
    /// seqeval with `mode="strict", scheme=IOB2`
    SeqevalStrict,
    /// conlleval.pl of the CoNLL shared tasks
    Conlleval,
    /// spaCy's scorer
    Spacy,
    /// nervaluate, with its four measures
    Nervaluate,
}

impl From<ToolArg> for Tool {
    fn from(tool: ToolArg) -> Self {
        match tool {
            ToolArg::Seqeval => Self::Seqeval,
            ToolArg::SeqevalStrict => Self::SeqevalStrict,
            ToolArg::Conlleval => Self::Conlleval,
            ToolArg::Spacy => Self::Spacy,
            ToolArg::Nervaluate => Self::Nervaluate,
        }
    }
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
    // Before anything is computed: a full disk or a wrong folder shows at once.
    let open = |path: &Option<PathBuf>| path.as_deref().map(OutputFile::create).transpose();
    let (errors, page, limits) = (open(&args.errors)?, open(&args.report)?, open(&args.thresholds)?);
    let open_gold = || scoring_args::open(&args.gold, args.scoring.gold_from, &labels);
    let (gold, predicted, outcome) = if args.annotate {
        let gold = open_gold()?;
        let (predicted, outcome) = annotate(args, &gold, &labels, printer)?;
        (gold, predicted, outcome)
    } else {
        // Reading is most of the work where there is much to score.
        let (gold, predicted) = thread::scope(|scope| {
            let gold = scope.spawn(open_gold);
            let predicted = scoring_args::open(&args.paths, args.scoring.from, &labels);
            (gold.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), predicted)
        });
        (gold?, predicted?, Outcome::Done)
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
    let analysis = args.analyse.then(|| Analysis::of(&corpus, &labels, args.scoring.bootstrap()));
    let target = match args.target_precision {
        Some(target) => Some((target, thresholds(&corpus, &labels, target, printer)?)),
        None => None,
    };
    if let Some(page) = page {
        let analysis = analysis.clone().unwrap_or_else(|| Analysis::of(&corpus, &labels, args.scoring.bootstrap()));
        let names: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        let title = format!("{} against gold", names.join(", "));
        page.write_whole(eval::report_page(&title, &report, &analysis, &corpus, &labels).as_bytes())?;
    }
    let tool = args.tool.map(|tool| score_as(tool.into(), args, &corpus, &labels)).transpose()?;
    let difference = match args.tool {
        Some(tool) if args.explain_difference => {
            let ill_formed = if are_conll(args) {
                [ill_formed(&args.gold)?, ill_formed(&args.paths)?]
            } else {
                <[Places; 2]>::default()
            };
            Some(eval::explain_difference(tool.into(), &corpus, &labels, &ill_formed)?)
        }
        _ => None,
    };
    if let (Some((_, thresholds)), Some(limits)) = (&target, limits) {
        limits.write_whole(threshold_file(thresholds).as_bytes())?;
    }
    args.scoring.print(
        |style| {
            let more = analysis.as_ref().map_or_else(String::new, |analysis| analysis.tables(style));
            let target =
                target.as_ref().map_or_else(String::new, |(at, found)| eval::threshold_tables(*at, found, style));
            let tool = tool.as_ref().map_or_else(String::new, |tool| tool.table(style));
            let difference =
                difference.as_ref().map_or_else(String::new, |found| eval::disagreement_table(found, style));
            tool + &difference + &more + &target + &report.tables(style)
        },
        || {
            let mut json = report.json();
            if let Some(analysis) = &analysis {
                json["analysis"] = analysis.json(&labels);
            }
            if let Some(tool) = &tool {
                json["as"] = tool.json();
                if let Some(found) = &difference {
                    json["as"]["differences"] = serde_json::json!(found);
                }
            }
            if let Some((at, found)) = &target {
                json["thresholds"] = eval::threshold_json(*at, found);
            }
            json
        },
    )?;
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
    let outputs = [&args.errors, &args.report, &args.thresholds];
    let inputs = args.source.find(&args.paths, outputs.into_iter().flatten().map(PathBuf::as_path))?;
    let reading = args.source.options();
    let settings =
        Settings { label_map: args.model.label_map(), min_score: args.min_score, raw: args.raw, ..Settings::default() };
    let (annotator, engine) = args.model.load(settings, |message| printer.notice(message))?;
    let stop = stop_on_interrupt()?;
    let has_stdin = inputs.files.iter().any(|input| input.path.is_none());
    let mut progress = Progress::new(printer, (!has_stdin).then_some(inputs.bytes));
    let mut predicted = AnnotationSet::default();
    let mut warnings = Warnings::default();
    let options = RunOptions { with_text: true, ..RunOptions::default() };
    let totals = run::annotate(&annotator, &inputs, &reading, &options, None, &stop, |written| {
        let totals = written.totals;
        warnings.add(written.article);
        progress.advance(totals.articles, totals.words, written.article.map_or(0, |article| article.text().len()));
        predicted.add_record(written.record, "this run", labels)?;
        // Rather than at the end of a long run.
        predicted.articles.last().map_or(Ok(()), |article| eval::check(gold, article))
    })?;
    warnings.print(printer);
    printer.summary(&progress.finish(&totals, &engine.to_string()));
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

/// Whether both sides are CoNLL files.
fn are_conll(args: &Args) -> bool {
    let scoring = &args.scoring;
    !args.annotate
        && scoring_args::are_conll(&args.paths, scoring.from)
        && scoring_args::are_conll(&args.gold, scoring.gold_from)
}

/// The entities of CoNLL files that begin with an `I-` tag.
fn ill_formed(paths: &[PathBuf]) -> anyhow::Result<Places> {
    let mut places = Places::new();
    for path in paths {
        places.extend(export::conll_ill_formed(path)?);
    }
    Ok(places)
}

/// Scores as a tool would: the tags of CoNLL files where both sides are such, otherwise those of words.
fn score_as(tool: Tool, args: &Args, corpus: &Corpus, labels: &Labels) -> anyhow::Result<ToolReport> {
    if !are_conll(args) || tool == Tool::Spacy {
        return Ok(eval::score_as(tool, corpus, labels)?);
    }
    let read = |paths: &[PathBuf]| -> anyhow::Result<Vec<Vec<String>>> {
        let files: Result<Vec<_>, _> = paths.iter().map(|path| export::conll_tags(path)).collect();
        Ok(files?.concat())
    };
    let (gold, predicted) = (read(&args.gold)?, read(&args.paths)?);
    let lengths = |sentences: &[Vec<String>]| sentences.iter().map(Vec::len).collect::<Vec<_>>();
    anyhow::ensure!(lengths(&gold) == lengths(&predicted), "gold and predictions have other sentences or tokens");
    let tokens: Vec<TaggedTokens> =
        gold.into_iter().zip(predicted).map(|(gold, predicted)| TaggedTokens { gold, predicted }).collect();
    Ok(eval::score_tags_as(tool, &tokens))
}

/// The thresholds that reach a precision. Says for which labels none does.
fn thresholds(corpus: &Corpus, labels: &Labels, target: f64, printer: Printer) -> anyhow::Result<Vec<Threshold>> {
    let confidence = Confidence::of(corpus, labels, None)
        .context("`--target-precision` needs predictions with a `score` in every entity")?;
    let thresholds = confidence.thresholds(target);
    for threshold in thresholds.iter().filter(|found| found.threshold.is_none() && found.without.precision.is_some()) {
        printer.problem(&format!("no score reaches precision {target} for {}; it has no threshold", threshold.label));
    }
    Ok(thresholds)
}

/// What `annotate --thresholds` reads.
fn threshold_file(thresholds: &[Threshold]) -> String {
    let found: serde_json::Map<String, serde_json::Value> = thresholds
        .iter()
        .filter_map(|threshold| Some((threshold.label.clone(), threshold.threshold?.into())))
        .collect();
    format!("{:#}\n", serde_json::Value::Object(found))
}
