//! Everything that goes to standard error.

use std::io::{self, IsTerminal, Write};

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
        !self.quiet && io::stderr().is_terminal()
    }

    /// Something that went wrong with a part of the work.
    pub(super) fn problem(self, message: &str) {
        line(&format!("musamma: {message}"));
    }

    /// Something worth knowing.
    pub(super) fn notice(self, message: &str) {
        if !self.quiet {
            line(&format!("musamma: {message}"));
        }
    }

    /// What was done.
    pub(super) fn summary(self, text: &str) {
        if !self.quiet {
            line(text);
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
    line(&format!("musamma: error: {}", causes.join(": ")));
    if let Some(hint) = hint {
        line(&format!("hint: {hint}"));
    }
}

/// A line on standard error; where that is closed there is nobody to tell.
fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
