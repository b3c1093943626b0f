//! The command line: arguments, printing, progress and exit codes. No logic.

mod annotate;
mod compare;
mod dates;
mod eval;
mod export;
mod model_args;
mod printer;
mod progress;
mod scoring_args;
mod source_args;
mod view;

use std::{io, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{eval::EvalError, model::ModelError, source::InputError};

/// Reads news articles and writes down the persons, cities, other places,
/// organisations and dates in them.
#[derive(Debug, Parser)]
#[command(name = "musamma", version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Annotate(annotate::Args),
    Eval(eval::Args),
    Compare(compare::Args),
    Export(export::Args),
    View(view::Args),
    Dates(dates::Args),
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
    let result = match Cli::parse().command {
        Command::Annotate(args) => annotate::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Export(args) => export::run(&args),
        Command::View(args) => view::run(&args),
        Command::Dates(args) => dates::run(&args),
    };
    match result {
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

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// What to do about an error, where its type knows.
fn hint(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        let of_model = || cause.downcast_ref::<ModelError>()?.hint();
        let of_evaluation = || cause.downcast_ref::<EvalError>()?.hint();
        let of_input = || match cause.downcast_ref::<InputError>()? {
            InputError::Empty { .. } => Some(
                "name a file by itself, say how to read it with `--input-format`, or read what is ignored too with `--no-ignore`",
            ),
            _ => None,
        };
        of_model().or_else(of_evaluation).or_else(of_input)
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
