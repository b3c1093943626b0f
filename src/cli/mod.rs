//! The command line: arguments, printing, progress and exit codes. No logic.

mod annotate;
mod compare;
mod completions;
mod config;
mod dates;
mod eval;
mod export;
mod man;
mod merge;
mod model_args;
mod parse;
mod printer;
mod progress;
mod scoring_args;
mod source_args;
mod verify;
mod view;

use std::{io, panic, path::PathBuf, process::ExitCode, thread};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    engine::EngineError,
    eval::EvalError,
    model::ModelError,
    source::{self, InputError},
};

/// Reads news articles and writes down the persons, cities, other places,
/// organisations and dates in them.
#[derive(Debug, Parser)]
#[command(name = "musamma", version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
#[command(after_long_help = "\
Environment:
  MUSAMMA_MODELS  Folder in which models are looked for by name
  MUSAMMA_CONFIG  File of defaults, instead of musamma.toml in the current folder
  NO_COLOR        Print no colours, if it is set to anything

Defaults: a file musamma.toml holds values of options, by their long names; those in a table with the
name of a command are for that command:
  model = \"models/ours\"
  [annotate]
  labels = [\"PER\", \"ORG\"]
  quiet = true")]
struct Cli {
    /// How to write notices, problems and summaries on standard error
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", hide_short_help = true)]
    log_format: printer::LogFormat,

    /// File with defaults for options; by default `musamma.toml` in the current folder
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Annotate(annotate::Args),
    Merge(merge::Args),
    Verify(verify::Args),
    Eval(eval::Args),
    Compare(compare::Args),
    Export(export::Args),
    View(view::Args),
    Dates(dates::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Some articles failed, or a threshold was missed.
    Partly,
    Interrupted,
}

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    silence_parsers();
    match run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Partly) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        // Whoever read our output has seen enough.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            printer::error(&error, hint(&error));
            ExitCode::from(2)
        }
    }
}

/// Leaves to the record what a parser of another crate says when it panics on an article.
fn silence_parsers() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let is_ours = panic.location().is_none_or(|place| place.file().starts_with("src"));
        if is_ours || thread::current().name() != Some(source::READER_THREAD) {
            report(panic);
        }
    }));
}

fn run() -> anyhow::Result<Outcome> {
    let command = Cli::command();
    let cli = Cli::from_arg_matches(&config::parse(&command)?)?;
    printer::set_format(cli.log_format);
    match cli.command {
        Command::Annotate(args) => annotate::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Export(args) => export::run(&args),
        Command::View(args) => view::run(&args),
        Command::Dates(args) => dates::run(&args),
        Command::Completions(args) => completions::run(&args, command),
        Command::Man(args) => man::run(&args, command),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// What to do about an error, where its type knows.
fn hint(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        let of_engine = || cause.downcast_ref::<EngineError>()?.hint();
        let of_model = || cause.downcast_ref::<ModelError>()?.hint();
        let of_evaluation = || cause.downcast_ref::<EvalError>()?.hint();
        let of_input = || match cause.downcast_ref::<InputError>()? {
            InputError::Empty { .. } => Some(
                "name a file by itself, say how to read it with `--input-format`, or read what is ignored too with `--no-ignore`",
            ),
            _ => None,
        };
        of_engine().or_else(of_model).or_else(of_evaluation).or_else(of_input)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
