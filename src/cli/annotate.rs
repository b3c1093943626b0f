//! `musamma annotate`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use clap::{Args as ClapArgs, ValueEnum};
use jiff::civil::Date;

use super::{
    Outcome,
    model_args::ModelArgs,
    printer::Printer,
    progress::Progress,
    source_args::{SourceArgs, Warnings},
};
use crate::{
    annotation::{Format, RecordWriter},
    model::Label,
    pipeline::{Annotator, Settings},
    run::OutputFile,
    source::{self, InputError},
};

/// Write down the entities of articles
///
/// One JSON line for each article, in input order. An article that cannot be
/// read has a line with an `error`, and the rest goes on.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma annotate articles/ -o annotations.jsonl
  musamma annotate today.txt
  cat dump.jsonl | musamma annotate - --text-field body > annotations.jsonl
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
    /// Written as `FILE.partial` and renamed when it is whole.
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
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = parse_score)]
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
    source: SourceArgs,

    #[command(flatten)]
    model: ModelArgs,
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
    let inputs = args.source.find(&args.paths, output)?;
    if inputs.skipped > 0 {
        let files = if inputs.skipped == 1 { "file" } else { "files" };
        printer.notice(&format!(
            "{} {files} passed over: hidden, of an unknown ending, or no regular file",
            inputs.skipped
        ));
    }
    let options = args.source.options();
    // Before the model is loaded: a full disk or a wrong folder shows at once.
    let mut file = output.map(OutputFile::create).transpose()?;
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
        (Annotator::dates_only(settings), "rules")
    } else {
        let (annotator, engine) = args.model.load(settings, |message| printer.notice(message))?;
        (annotator, engine.as_str())
    };

    let stop = stop_on_interrupt()?;
    let stdout = io::stdout();
    let output: Box<dyn Write> = match &mut file {
        Some(file) => Box::new(file),
        None => Box::new(BufWriter::new(stdout.lock())),
    };
    let mut writer = RecordWriter::new(format, output);
    let has_stdin = inputs.files.iter().any(|input| input.path.is_none());
    let mut progress = Progress::new(printer, (!has_stdin).then_some(inputs.bytes));
    let articles = source::articles(&inputs, &options);
    let skipped_inside = articles.skipped();
    let mut warnings = Warnings::default();
    let totals = annotator.run(articles, &stop, |mut output| {
        warnings.add(output.article);
        if let Some(error) = &output.record.error {
            progress.suspend(|| printer.problem(&format!("`{}`: {}", output.record.id, error.message)));
        }
        if args.with_text {
            output.record.text = output.article.map(|article| article.text().to_owned());
        }
        progress.advance(output.totals, output.article.map_or(0, |article| article.text().len()));
        writer.write(&output.record, output.article)
    });
    let totals = totals.and_then(|totals| writer.finish().map(|_| totals)).context("cannot write the output")?;
    let summary = progress.finish(&totals, engine);
    warnings.print(printer);
    match skipped_inside.load(Ordering::Relaxed) {
        0 => {}
        count => printer.notice(&format!("{count} passed over in archives: hidden, or neither page nor text")),
    }
    if totals.articles == 0 && !totals.interrupted && !has_stdin {
        return Err(InputError::NoArticles { paths: args.paths.clone() }.into());
    }
    if let Some(file) = file
        && !totals.interrupted
    {
        file.finish()?;
    }
    printer.summary(&summary);
    Ok(match totals {
        _ if totals.interrupted => Outcome::Interrupted,
        _ if totals.failed > 0 => Outcome::Partly,
        _ => Outcome::Done,
    })
}

impl Args {
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

fn parse_score(written: &str) -> Result<f32, String> {
    written
        .parse()
        .ok()
        .filter(|score| (0.0..=1.0).contains(score))
        .ok_or_else(|| format!("expected a number from 0 to 1, found `{written}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_a_fraction() {
        assert_eq!(parse_score("0.9"), Ok(0.9));
        assert!(parse_score("90").is_err() && parse_score("NaN").is_err());
    }
}
