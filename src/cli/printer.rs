//! Everything that goes to standard error.

use std::{
    io::{self, IsTerminal, Write},
    sync::OnceLock,
};

use clap::ValueEnum;

/// How lines on standard error look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    Text,
    /// An object a line, with `level` and `message`
    Json,
}

/// Set once, before anything is printed.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Says how everything is printed from now on.
pub(super) fn set_format(format: LogFormat) {
    let _ = FORMAT.set(format);
}

/// Prints notices, problems and summaries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    quiet: bool,
}

impl Printer {
    /// A printer that with `quiet` prints only problems.
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether progress is drawn: somebody is watching.
    pub(super) fn draws_progress(self) -> bool {
        !self.quiet && !is_json() && io::stderr().is_terminal()
    }

    /// Something that went wrong with a part of the work.
    pub(super) fn problem(self, message: &str) {
        line("warning", "musamma: ", message);
    }

    /// Something worth knowing.
    pub(super) fn notice(self, message: &str) {
        if !self.quiet {
            line("info", "musamma: ", message);
        }
    }

    /// What was done.
    pub(super) fn summary(self, text: &str) {
        if !self.quiet {
            line("summary", "", text);
        }
    }
}

/// Prints why the program ends.
pub(super) fn error(error: &anyhow::Error, hint: Option<&str>) {
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        // Transparent errors repeat their cause.
        if causes.last() != Some(&cause) {
            causes.push(cause);
        }
    }
    line("error", "musamma: error: ", &causes.join(": "));
    if let Some(hint) = hint {
        line("hint", "hint: ", hint);
    }
}

fn is_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// A line on standard error; where that is closed there is nobody to tell.
/// Names of files and articles cannot steer the terminal.
fn line(level: &str, prefix: &str, message: &str) {
    let text = if is_json() {
        serde_json::json!({"level": level, "message": message}).to_string()
    } else {
        let shown = |character: char| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
        prefix.chars().chain(message.chars()).map(shown).collect()
    };
    let _ = writeln!(io::stderr().lock(), "{text}");
}
