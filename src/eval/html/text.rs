//! An article with its entities marked.

use super::escape;
use crate::{article::Article, eval::ErrorKind};

/// An article of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageArticle<'page> {
    /// Names it.
    pub id: &'page str,
    /// What is shown.
    pub text: &'page str,
    /// Disjoint parts of it, in code points; what is not is left out.
    pub mentions: Vec<PageMention<'page>>,
}

/// A marked part of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMention<'page> {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What it is.
    pub label: &'page str,
}

/// A mention with its looks.
pub(super) struct Marked<'page> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: &'page str,
    pub(super) hue: usize,
    pub(super) wrong: Option<ErrorKind>,
}

/// The text with `marks`, which are sorted. Each is isolated from the direction
/// of what surrounds it; its label and sign stand behind it.
pub(super) fn marked(text: &str, marks: &[Marked<'_>]) -> String {
    let article = Article::new("", text);
    let mut html = String::from("<div class=\"text\" dir=\"auto\">");
    let mut done = 0;
    for mark in marks {
        let Some(bytes) = article.span_of_chars(mark.start..mark.end).map(|span| span.bytes()) else { continue };
        if bytes.start < done {
            continue;
        }
        // Isolated, letters would no longer join: «ب» and «طنجة» in «بطنجة». What
        // is written together has one direction anyway.
        let attached = text[..bytes.start].chars().next_back().is_some_and(char::is_alphabetic);
        html.push_str(&escape(&text[done..bytes.start]));
        done = bytes.end;
        let (label, hue, slice) = (escape(mark.label), mark.hue, escape(&text[bytes]));
        let inside = if attached { slice } else { format!("<bdi>{slice}</bdi>") };
        let (attributes, sign, spoken) = match mark.wrong {
            None => (String::new(), "", String::new()),
            Some(kind) => {
                let name = kind.to_string();
                (format!(" class=\"wrong\" data-kind=\"{name}\" tabindex=\"0\""), sign(kind), format!(", {name}"))
            }
        };
        html.push_str(&format!(
            "<mark{attributes} data-label=\"{label}\" style=\"--hue:{hue}\">{inside}<small aria-hidden=\"true\" dir=\"ltr\">{label}{sign}</small><span class=\"sr\" lang=\"en\" dir=\"ltr\"> ({label}{spoken}) </span></mark>"
        ));
    }
    html.push_str(&escape(&text[done..]));
    html.push_str("</div>");
    html
}

/// What a mistake looks like without colour.
fn sign(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Missed => " −",
        ErrorKind::Spurious => " +",
        ErrorKind::Mislabelled => " ≠",
        ErrorKind::Misbounded => " ↔",
        ErrorKind::MislabelledAndMisbounded => " ≠↔",
    }
}
