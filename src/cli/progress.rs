//! The progress bar of a run, and its closing summary.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::printer::Printer;
use crate::{model::Label, run::RunTotals};

/// Draws how far a run is, where somebody is watching.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    bytes: u64,
}

impl Progress {
    /// A bar over `bytes` bytes of input; without a length where that is not known.
    pub(super) fn new(printer: Printer, bytes: Option<u64>) -> Self {
        let bar = match bytes {
            _ if !printer.draws_progress() => ProgressBar::hidden(),
            Some(bytes) => ProgressBar::new(bytes).with_style(style("{wide_bar} {percent}%  {msg}  {eta} left")),
            None => ProgressBar::new_spinner().with_style(style("{spinner} {msg}  {elapsed}")),
        };
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, began: Instant::now(), bytes: 0 }
    }

    /// Another article of `bytes` bytes is done; `words` were annotated in all.
    pub(super) fn advance(&mut self, articles: usize, words: usize, bytes: usize) {
        self.bytes += bytes as u64;
        self.bar.set_position(self.bytes);
        self.bar.set_message(format!("{articles} articles, {:.0} words/s", self.words_per_second(words)));
    }

    /// Prints a line without the bar getting in its way.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away and says what was done.
    pub(super) fn finish(self, totals: &RunTotals, engine: &str) -> String {
        self.bar.finish_and_clear();
        let seconds = self.began.elapsed().as_secs_f64();
        let entities: usize = totals.entities.values().sum();
        let by_label: Vec<String> = Label::ALL
            .iter()
            .map(|label| format!("{label} {}", totals.entities.get(label).copied().unwrap_or(0)))
            .collect();
        let more: String = [(totals.kept, "kept"), (totals.duplicates, "repeated"), (totals.elsewhere, "elsewhere")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!(", {count} {what}"))
            .collect();
        format!(
            "{}{} article{} ({} failed){more}, {entities} entities: {}; {} words in {seconds:.1} s, {:.0} words/s ({engine})",
            if totals.interrupted { "interrupted after " } else { "" },
            totals.articles,
            if totals.articles == 1 { "" } else { "s" },
            totals.failed,
            by_label.join(", "),
            totals.words,
            self.words_per_second(totals.words),
        )
    }

    fn words_per_second(&self, words: usize) -> f64 {
        words as f64 / self.began.elapsed().as_secs_f64().max(1e-9)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
