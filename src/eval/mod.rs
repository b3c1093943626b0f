//! Evaluation: how well predicted entities agree with those labelled by hand.
//!
//! ```text
//! gold, predicted   read     JSONL → articles with their mentions, checked
//!       │           align    each gold article with its prediction, texts compared
//!       │           matching one-to-one pairs of overlapping mentions, optimal
//!       ▼           score    counts per article and label → precision, recall, F1
//!     report        errors   what was missed, spurious, mislabelled, misbounded
//! ```
//!
//! Counts are added over all articles and scores derived once, from the sums.
//! What each mode counts as right is defined in [`Mode`], with examples in
//! `eval/README.md`.
//!
//! ```
//! use musamma::eval::{self, AnnotationSet, Labels, Mode};
//!
//! # fn main() -> Result<(), eval::EvalError> {
//! let labels = Labels::default();
//! let gold = r#"{"id":"1","text":"منير في طنجة","entities":[{"start":8,"end":12,"label":"CITY"}]}"#;
//! let predicted = r#"{"id":"1","entities":[{"start":5,"end":12,"label":"CITY"}]}"#;
//! let gold = AnnotationSet::read(gold.as_bytes(), "gold.jsonl", &labels)?;
//! let predicted = AnnotationSet::read(predicted.as_bytes(), "predicted.jsonl", &labels)?;
//!
//! let corpus = eval::align(gold, predicted)?;
//! let report = eval::score(&corpus, &labels, &[Mode::Strict, Mode::Partial])?.report(None, &[]);
//! assert_eq!(report.of(Mode::Strict).unwrap().micro.scores.f1, Some(0.0));
//! assert_eq!(report.of(Mode::Partial).unwrap().micro.scores.f1, Some(0.5));
//! # Ok(())
//! # }
//! ```

mod agreement;
mod align;
mod analysis;
mod bootstrap;
mod compare;
mod compat;
mod confidence;
mod confusion;
mod counts;
mod error;
mod errors;
mod explain;
mod frequent;
mod group;
mod html;
mod labels;
mod lenient;
mod matching;
mod mode;
mod nervaluate;
mod read;
mod report;
mod score;
mod table;

pub use agreement::{Agreement, agreement};
pub use align::{AlignedArticle, Corpus, Failure, align, check};
pub use analysis::Analysis;
pub use bootstrap::{Bootstrap, Interval, LEVEL};
pub use compare::{Change, ChangedEntity, Comparison, Difference, ModeComparison, ScoreDifferences, compare};
pub use compat::{TaggedTokens, Tool, ToolReport, ToolScores, ToolSection, score_as, score_tags_as};
pub use confidence::{BandPoint, CalibrationBin, Confidence, CurvePoint, Threshold, threshold_json, threshold_tables};
pub use confusion::Confusion;
pub use counts::{Counts, Scores};
pub use error::{EvalError, Place};
pub use errors::{Boundary, ErrorCase, ErrorKind, ErrorMention, error_cases};
pub use explain::{Disagreement, Places, Reason, Side, disagreement_table, explain_difference};
pub use frequent::{Context, ErrorGroup, SurfaceForm, frequent_errors};
pub use group::GroupBy;
pub use html::{PageArticle, PageMention, comparison_page, report_page, view_page};
pub use labels::{LabelId, Labels};
pub use mode::Mode;
pub use read::{AnnotatedArticle, AnnotationSet, Mention};
pub use report::{Group, Grouping, Intervals, ModeReport, Report, Row};
pub use score::{Evaluation, score};
pub use table::TableStyle;

#[cfg(test)]
mod properties;
