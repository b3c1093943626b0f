//! What counts as right.

use std::fmt;

use super::{Mention, lenient::differ_by_clitics};
use crate::article::Article;

/// When a predicted mention is right.
///
/// The first four are those of SemEval-2013 task 9.1 (Segura-Bedmar, Martínez and
/// Herrero-Zazo 2013, “SemEval-2013 Task 9”, section 4). `eval/README.md` works
/// an example through all modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Span and label are those of the gold.
    Strict,
    /// The span is that of the gold, whatever the label.
    Exact,
    /// It overlaps the gold, whatever the label; half right where the spans differ.
    Partial,
    /// It overlaps the gold and has its label.
    Type,
    /// As strict, but attached clitics and elisions at the beginning of the span
    /// may be in it or not.
    Clitic,
    /// Not mentions but names: each distinct name of an article counts once, by
    /// label and spelling.
    Document,
}

/// Half of a right mention, the unit that matches are counted in.
pub(super) const WHOLE: u32 = 2;

impl Mode {
    /// The name, as in `--modes` and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Exact => "exact",
            Self::Partial => "partial",
            Self::Type => "type",
            Self::Clitic => "clitic",
            Self::Document => "document",
        }
    }

    /// The mode in a few words, for the head of a table.
    pub fn description(self) -> &'static str {
        match self {
            Self::Strict => "same span, same label",
            Self::Exact => "same span, any label",
            Self::Partial => "overlapping span counts half, any label",
            Self::Type => "overlapping span, same label",
            Self::Clitic => "same span but for attached clitics, same label",
            Self::Document => "distinct names of each article, same label",
        }
    }

    /// Whether the mode looks at the text.
    pub fn needs_text(self) -> bool {
        matches!(self, Self::Clitic | Self::Document)
    }

    /// What a pair of mentions is worth, in halves; 0 where it may not be
    /// matched. `text` is that of the article, for modes that look at it.
    pub(super) fn credit(self, gold: &Mention, predicted: &Mention, text: Option<&Article>) -> u32 {
        let same_span = gold.same_span(predicted);
        let same_label = gold.label == predicted.label;
        let right = match self {
            Self::Strict | Self::Document => same_span && same_label,
            Self::Exact => same_span,
            Self::Type => same_label && gold.overlap(predicted) > 0,
            Self::Clitic => {
                let lenient = || text.is_some_and(|text| differ_by_clitics(text, gold, predicted));
                same_label && (same_span || lenient())
            }
            Self::Partial if !same_span => return u32::from(gold.overlap(predicted) > 0),
            Self::Partial => true,
        };
        if right { WHOLE } else { 0 }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
