//! Mistakes grouped by what is written there, most frequent first.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Serialize;

use super::{Boundary, Corpus, ErrorCase, ErrorKind, ErrorMention, Labels, error_cases, table::Table};

/// Groups that tables list; programs get all of them.
const LISTED: usize = 20;

/// Contexts that are kept of a group.
const CONTEXTS: usize = 5;

/// Mistakes of one kind on the same words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorGroup {
    /// How often it was made.
    pub times: usize,
    /// What is wrong.
    pub kind: ErrorKind,
    /// How the spans differ, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Boundary>,
    /// What should have been predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gold: Option<SurfaceForm>,
    /// What was predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicted: Option<SurfaceForm>,
    /// Where it was made, the most frequent places first.
    pub contexts: Vec<Context>,
}

/// A label and the words that have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SurfaceForm {
    /// The label.
    pub label: String,
    /// What is written there, with single spaces; empty where the text is not known.
    pub text: String,
}

/// The words around a mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Context {
    /// How often it was made there.
    pub times: usize,
    /// The word before.
    pub before: String,
    /// The word after.
    pub after: String,
}

/// What makes mistakes the same, and then the contexts they were made in.
type Key = (ErrorKind, Option<Boundary>, Option<SurfaceForm>, Option<SurfaceForm>);

/// All mistakes of a corpus in groups, most frequent first.
pub fn frequent_errors(corpus: &Corpus, labels: &Labels) -> Vec<ErrorGroup> {
    let mut groups: BTreeMap<Key, BTreeMap<(String, String), usize>> = BTreeMap::new();
    for ErrorCase { kind, boundary, gold, predicted, before, after, .. } in error_cases(corpus, labels) {
        let key = (kind, boundary, gold.as_ref().map(form), predicted.as_ref().map(form));
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        let before = word(before.as_deref().and_then(|text| text.split_whitespace().next_back()));
        let after = word(after.as_deref().and_then(|text| text.split_whitespace().next()));
        *groups.entry(key).or_default().entry((before, after)).or_default() += 1;
    }
    let group = |((kind, boundary, gold, predicted), contexts): (Key, BTreeMap<(String, String), usize>)| {
        let times = contexts.values().sum();
        let mut contexts: Vec<Context> =
            contexts.into_iter().map(|((before, after), times)| Context { times, before, after }).collect();
        contexts.sort_by_key(|context| Reverse(context.times));
        contexts.truncate(CONTEXTS);
        ErrorGroup { times, kind, boundary, gold, predicted, contexts }
    };
    let mut groups: Vec<ErrorGroup> = groups.into_iter().map(group).collect();
    groups.sort_by_key(|group| Reverse(group.times));
    groups
}

fn form(mention: &ErrorMention<'_>) -> SurfaceForm {
    let text = mention.text.as_deref().unwrap_or_default();
    SurfaceForm { label: mention.label.to_owned(), text: text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

/// The table of the most frequent groups.
pub(super) fn table(groups: &[ErrorGroup]) -> Table {
    let title = match groups.len().saturating_sub(LISTED) {
        0 => "most frequent first".to_owned(),
        more => format!("most frequent first; {more} more groups in `--format json`"),
    };
    let mut table = Table::new("errors", title, &["kind", "times", "gold", "predicted", "most often in"]);
    for group in groups.iter().take(LISTED) {
        let kind = match group.boundary {
            Some(boundary) => format!("{} ({})", group.kind, boundary),
            None => group.kind.to_string(),
        };
        let form = |form: &Option<SurfaceForm>| {
            form.as_ref().map_or_else(String::new, |form| format!("{} \u{2068}{}\u{2069}", form.label, form.text))
        };
        let context = group.contexts.first().map_or_else(String::new, |context| {
            format!("\u{2068}{}\u{2069} … \u{2068}{}\u{2069}", context.before, context.after)
        });
        table.rows.push(vec![kind, group.times.to_string(), form(&group.gold), form(&group.predicted), context]);
    }
    table
}
