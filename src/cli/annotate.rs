//! `musamma annotate`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use clap::{Args as ClapArgs, ValueEnum};
use jiff::civil::Date;

use super::{
    Outcome,
    model_args::ModelArgs,
    parse,
    printer::Printer,
    progress::Progress,
    source_args::{SourceArgs, Warnings},
};
use crate::{
    annotation::{Format, RecordWriter},
    model::Label,
    pipeline::{Annotator, Settings},
    run::{self, Ledger, OutputFile, ResumedFile, RunDescription, RunOptions, Shard},
    source::{InputError, Inputs},
};

/// Write down the entities of articles
///
/// One JSON line for each article, in input order. An article that cannot be
/// read has a line with an `error`, and the rest goes on.
///
/// A run with `--output FILE` goes on where earlier ones stopped: articles of
/// which FILE, or what an interrupted run left of it, has a record made of the
/// same text with the same model and settings are not annotated again.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma annotate articles/ -o annotations.jsonl
  musamma annotate today.txt
  cat dump.jsonl | musamma annotate - --text-field body > annotations.jsonl
  musamma annotate articles/ -o annotations.jsonl --ledger ledger.json --max-failures 100
  musamma annotate articles/ -o part-3.jsonl --shard 3/16
  find crawl/ -newer last-run -name '*.html' | musamma annotate --files-from - -o new.jsonl

Exit status: 0 done; 1 some articles failed; 2 wrong usage or model; 130 interrupted.")]
pub(super) struct Args {
    /// Files and folders of articles; `-` reads JSONL from standard input
    ///
    /// Folders are read with all that lies under them: `.txt`, `.md` and `.html`,
    /// one article each; `.jsonl`, `.ndjson`, `.json`, `.csv`, `.tsv` and
    /// `.parquet`, an article a record; web archives (`.warc`); and archives of
    /// such files (`.zip`, `.tar`, `.tgz`). `.gz` or `.zst` may stand behind.
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// File to write to; `-`, the default, is standard output
    ///
    /// Written as `FILE.partial` and renamed when it is whole. No two runs can
    /// write to the same one.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How to write
    ///
    /// By default `pretty` on a terminal and `jsonl` everywhere else.
    #[arg(short, long, value_name = "FORMAT")]
    format: Option<FormatArg>,

    /// Only these labels, e.g. `PER,CITY`
    ///
    /// `DATE` alone needs no model: dates are then found by rule.
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    labels: Vec<Label>,

    /// Only entities with at least this score, 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = parse::fraction::<f32>)]
    min_score: f32,

    /// File with the least score for each label, as `eval --thresholds` writes it
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,

    /// Day of publication of articles that tell none, e.g. 2024-04-24
    ///
    /// Says which day “yesterday” is. An article tells its own day by a field
    /// of its record, by a dateline or publication line, or by its file's name.
    #[arg(long, value_name = "DATE")]
    reference_date: Option<Date>,

    /// Look for entities in page furniture too: comment forms, share lines, cookie banners
    ///
    /// By default such lines are left out. Offsets are the same either way.
    #[arg(long)]
    raw: bool,

    /// Put the article's text into its record
    #[arg(long)]
    with_text: bool,

    /// Print neither progress nor summary
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    model: ModelArgs,
}

/// The options of runs over many articles.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Run")]
struct RunArgs {
    /// Annotate all articles, whatever earlier runs have done
    #[arg(long)]
    force: bool,

    /// File to write what was done with each article to, as JSON
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,

    /// Stop at the first article that fails
    #[arg(long, conflicts_with = "max_failures")]
    fail_fast: bool,

    /// Stop when more than N articles have failed
    #[arg(long, value_name = "N")]
    max_failures: Option<usize>,

    /// Only a share of the articles, e.g. `3/16`, the third of sixteen
    ///
    /// Which one an article belongs to, its id says, on every machine. `merge`
    /// joins the parts.
    #[arg(long, value_name = "N/OF")]
    shard: Option<Shard>,

    /// Do not annotate what nearly repeats an article before it
    ///
    /// Such an article has `duplicate_of` instead of entities. SHARE, 0 to 1, is
    /// how much of its runs of three words it must have in common with the
    /// other. What repeats it word for word always has the other's entities.
    #[arg(long, value_name = "SHARE", value_parser = parse::fraction::<f64>, num_args = 0..=1,
          require_equals = true, default_missing_value = "0.8")]
    near_duplicates: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// One record a line
    Jsonl,
    /// One entity a line
    Tsv,
    /// The article with its entities marked
    Pretty,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let printer = Printer::new(args.quiet);
    let output = args.output.as_deref().filter(|output| output.as_os_str() != "-");
    let inputs = args.source.find(&args.paths, output.into_iter().chain(args.run.ledger.as_deref()))?;
    if inputs.skipped > 0 {
        let files = if inputs.skipped == 1 { "file" } else { "files" };
        printer.notice(&format!(
            "{} {files} passed over: hidden, of an unknown ending, or no regular file",
            inputs.skipped
        ));
    }
    let reading = args.source.options();
    // Before the model is loaded: a full disk or a wrong folder shows at once.
    let mut file = output.map(|output| OutputTo::open(output, args)).transpose()?;
    let ledger = args.run.ledger.as_deref().map(OutputFile::create).transpose()?;
    let format = args.format(file.is_none() && io::stdout().is_terminal());
    let settings = Settings {
        labels: (!args.labels.is_empty()).then(|| args.labels.iter().copied().collect::<BTreeSet<_>>()),
        min_score: args.min_score,
        thresholds: args.thresholds.as_deref().map(read_thresholds).transpose()?.unwrap_or_default(),
        label_map: args.model.label_map(),
        reference_date: args.reference_date,
        raw: args.raw,
    };
    // Dates need no model.
    let (annotator, engine) = if settings.labels.as_ref().is_some_and(|labels| labels.iter().eq([&Label::Date])) {
        (Annotator::dates_only(settings), "rules".to_owned())
    } else {
        let (annotator, engine) = args.model.load(settings, |message| printer.notice(message))?;
        (annotator, engine.to_string())
    };
    let description = args.describe(&annotator, &inputs, &engine);

    let stop = stop_on_interrupt()?;
    let (resumed, output): (_, Box<dyn Write + '_>) = match &mut file {
        Some(OutputTo::Resumed(file)) => (Some(&*file), Box::new(Shared(file))),
        Some(OutputTo::Plain(file)) => (None, Box::new(file)),
        // Ends a line with each record, and has it out at once.
        None => (None, Box::new(io::stdout().lock())),
    };
    let mut writer = RecordWriter::new(format, output);
    let mut ledger = ledger.map(Ledger::new).transpose().context("cannot write the ledger")?;
    let has_stdin = inputs.files.iter().any(|input| input.path.is_none());
    let mut progress = Progress::new(printer, (!has_stdin).then_some(inputs.bytes));
    let mut warnings = Warnings::default();
    let options = args.run.options(args.with_text);
    let totals = run::annotate(&annotator, &inputs, &reading, &options, resumed, &stop, |written| {
        warnings.add(written.article);
        if let Some(error) = &written.record.error {
            progress.suspend(|| printer.problem(&format!("`{}`: {}", written.record.id, error.message)));
        }
        let totals = written.totals;
        progress.advance(totals.articles, totals.words, written.article.map_or(0, |article| article.text().len()));
        writer.write(written.record, written.article).context("cannot write the output")?;
        match &mut ledger {
            Some(ledger) => ledger.enter(&written).context("cannot write the ledger"),
            None => Ok(()),
        }
    })?;
    writer.finish().context("cannot write the output")?;
    let summary = progress.finish(&totals, &engine);
    warnings.print(printer);
    match totals.passed_over {
        0 => {}
        count => printer.notice(&format!("{count} passed over in archives: hidden, or neither page nor text")),
    }
    if totals.articles + totals.elsewhere == 0 && !totals.interrupted && !has_stdin {
        return Err(InputError::NoArticles { paths: args.paths.clone() }.into());
    }
    if let Some(ledger) = ledger {
        ledger.finish(&description, &totals).context("cannot write the ledger")?.finish()?;
    }
    let is_whole = !totals.interrupted && !totals.gave_up;
    match file {
        Some(file) if is_whole => file.finish()?,
        _ => {}
    }
    if totals.gave_up {
        let most = options.max_failures.unwrap_or_default();
        printer.problem(&format!("stopped: more than {most} of {} articles failed", totals.articles));
    }
    printer.summary(&summary);
    Ok(match totals {
        _ if totals.interrupted => Outcome::Interrupted,
        _ if totals.failed > 0 => Outcome::Partly,
        _ => Outcome::Done,
    })
}

/// The file of `--output`.
enum OutputTo {
    /// Records, which the next run finds again.
    Resumed(Mutex<ResumedFile>),
    Plain(OutputFile),
}

impl OutputTo {
    fn open(path: &Path, args: &Args) -> anyhow::Result<Self> {
        if args.format(false) == Format::Jsonl
            && let Some(file) = ResumedFile::open(path, args.run.force)?
        {
            return Ok(Self::Resumed(Mutex::new(file)));
        }
        Ok(Self::Plain(OutputFile::create(path)?))
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Resumed(file) => file.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?,
            Self::Plain(file) => file.finish()?,
        }
        Ok(())
    }
}

/// A file that is read while it is written.
struct Shared<'file>(&'file Mutex<ResumedFile>);

impl Write for Shared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl RunArgs {
    fn options(&self, with_text: bool) -> RunOptions {
        RunOptions {
            with_text,
            shard: self.shard,
            near_duplicates: self.near_duplicates,
            max_failures: if self.fail_fast { Some(0) } else { self.max_failures },
        }
    }
}

impl Args {
    /// What the ledger says of the run.
    fn describe(&self, annotator: &Annotator, inputs: &Inputs, engine: &str) -> RunDescription {
        RunDescription {
            inputs: self.paths.iter().map(|path| path.display().to_string()).collect(),
            output: self.output.as_ref().map(|output| output.display().to_string()),
            engine: engine.to_owned(),
            shard: self.run.shard.map(|shard| shard.to_string()),
            files_passed_over: inputs.skipped,
            ..RunDescription::of(annotator)
        }
    }

    /// The format that was asked for, or the usual one of where the output goes.
    fn format(&self, to_terminal: bool) -> Format {
        let colour = to_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        match self.format {
            Some(FormatArg::Jsonl) => Format::Jsonl,
            Some(FormatArg::Tsv) => Format::Tsv,
            Some(FormatArg::Pretty) => Format::Pretty { colour },
            None if to_terminal => Format::Pretty { colour },
            None => Format::Jsonl,
        }
    }
}

/// A flag that the first interrupt sets; the second ends the program.
pub(super) fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        Printer::new(false).problem("stopping after the current batch; interrupt again to stop at once");
    })?;
    Ok(stop)
}

/// A JSON object of labels and their least scores.
fn read_thresholds(path: &Path) -> anyhow::Result<BTreeMap<Label, f32>> {
    let what = || format!("cannot use the thresholds in `{}`", path.display());
    let json = std::fs::read(path).with_context(what)?;
    let thresholds: BTreeMap<Label, f32> = serde_json::from_slice(&json).with_context(what)?;
    match thresholds.iter().find(|(_, score)| !(0.0..=1.0).contains(*score)) {
        Some((label, score)) => {
            Err(anyhow::anyhow!("{label} is {score}, expected a number from 0 to 1")).with_context(what)
        }
        None => Ok(thresholds),
    }
}
