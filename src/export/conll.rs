//! CoNLL files: a token a line, its tag in the last of two or four columns, an
//! empty line after each sentence.
//!
//! Tokens are words, cut where entities begin and end (`و` and `طنجة`), so that
//! no entity is lost. Articles begin with `-DOCSTART-` and a comment with their
//! id. Read back, the text is the tokens with a space between them and a line
//! break after each sentence: white space of the article is not in the format.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
    path::Path,
};

use super::{Document, ExportError, LabelledSpan};
use crate::{article::Article, words};

const DOCUMENT: &str = "-DOCSTART-";
const ID: &str = "# id = ";

/// The tokens of a document, in code points.
pub(super) fn tokens(document: &Document) -> Vec<Range<usize>> {
    let article = Article::new("", document.text.as_str());
    let mut tokens = Vec::new();
    let mut cuts = document.spans.iter().flat_map(|span| [span.start, span.end]).peekable();
    for word in words::words(&document.text) {
        let Some(chars) = article.span(word.range()).map(|span| span.chars()) else { continue };
        let mut start = chars.start;
        while let Some(cut) = cuts.next_if(|&cut| cut < chars.end) {
            if cut > start {
                tokens.push(start..cut);
                start = cut;
            }
        }
        tokens.push(start..chars.end);
    }
    tokens
}

/// The tokens of a document with white space and format characters at the edges
/// of entities made tokens as well, so that every entity fills tokens.
pub(super) fn covering_tokens(document: &Document) -> Vec<Range<usize>> {
    let mut tokens = tokens(document);
    let edges = document.spans.iter().flat_map(|span| [span.start, span.end - 1]);
    let is_bare = |&edge: &usize| {
        let at = tokens.partition_point(|token| token.end <= edge);
        tokens.get(at).is_none_or(|token| token.start > edge)
    };
    let bare: BTreeSet<usize> = edges.filter(is_bare).collect();
    tokens.extend(bare.into_iter().map(|edge| edge..edge + 1));
    tokens.sort_unstable_by_key(|token| token.start);
    tokens
}

pub(super) fn write(document: &Document) -> String {
    let mut output = format!("{DOCUMENT} O\n{ID}{}\n\n", document.id.replace(['\r', '\n'], " "));
    let characters: Vec<char> = document.text.chars().collect();
    let mut spans = document.spans.iter().peekable();
    let mut end = 0;
    for token in tokens(document) {
        while spans.next_if(|span| span.end <= token.start).is_some() {}
        let between = characters.get(end..token.start).unwrap_or_default();
        // A sentence does not end within an entity: read back, it would be two.
        let goes_on = spans.peek().is_some_and(|span| span.start < end);
        if end > 0 && !goes_on && between.contains(&'\n') {
            output.push('\n');
        }
        let tag = match spans.peek().filter(|span| span.start < token.end) {
            None => "O".to_owned(),
            Some(span) => {
                // The first token of the span, which may begin with what is no token.
                let begins = span.start >= end;
                format!("{}-{}", if begins { "B" } else { "I" }, span.label)
            }
        };
        let written: String = characters.get(token.clone()).unwrap_or_default().iter().collect();
        output += &format!("{written} {tag}\n");
        end = token.end;
    }
    output.push('\n');
    output
}

/// The tags of a file as they stand there, sentence by sentence.
pub(super) fn tags(content: &str, path: &Path) -> Result<Vec<Vec<String>>, ExportError> {
    let mut sentences = vec![Vec::new()];
    for (index, line) in content.lines().enumerate() {
        match parse(line, index, path)? {
            Line::Token(_, tag) => sentences.last_mut().into_iter().for_each(|tags| tags.push(tag.to_owned())),
            Line::Comment | Line::Id(_) => {}
            Line::End | Line::Document => sentences.push(Vec::new()),
        }
    }
    sentences.retain(|tags| !tags.is_empty());
    Ok(sentences)
}

/// The entities of a file that begin with an `I-` tag, by document and span in code points.
pub(super) fn ill_formed(content: &str, path: &Path) -> Result<HashSet<(String, usize, usize)>, ExportError> {
    let documents = parsed(content, path)?;
    let of_document = |(document, ill_formed): (Document, Vec<usize>)| {
        let place = |at: usize| Some((document.id.clone(), document.spans.get(at)?.start, document.spans.get(at)?.end));
        ill_formed.into_iter().filter_map(place).collect::<Vec<_>>()
    };
    Ok(documents.into_iter().flat_map(of_document).collect())
}

/// What a line is.
enum Line<'line> {
    Token(&'line str, &'line str),
    Id(&'line str),
    Comment,
    Document,
    End,
}

fn parse<'line>(line: &'line str, index: usize, path: &Path) -> Result<Line<'line>, ExportError> {
    let line = line.trim_end_matches('\r').trim_start_matches('\u{feff}');
    if let Some(id) = line.strip_prefix(ID) {
        return Ok(Line::Id(id.trim()));
    }
    if line.trim().is_empty() {
        return Ok(Line::End);
    }
    if line.starts_with(DOCUMENT) {
        return Ok(Line::Document);
    }
    let mut columns = line.split([' ', '\t']).filter(|column| !column.is_empty());
    let (token, tag) = (columns.next(), columns.next_back());
    let is_tag = |tag: &&str| *tag == "O" || tag.starts_with("B-") || tag.starts_with("I-");
    match (token, tag.filter(is_tag)) {
        (Some(token), Some(tag)) => Ok(Line::Token(token, tag)),
        _ if line.starts_with('#') => Ok(Line::Comment),
        _ => {
            let reason = "expected a token and, in the last column, `O`, `B-…` or `I-…`".into();
            Err(ExportError::Format { path: path.to_owned(), line: index + 1, reason })
        }
    }
}

pub(super) fn read(content: &str, path: &Path) -> Result<Vec<Document>, ExportError> {
    Ok(parsed(content, path)?.into_iter().map(|(document, _)| document).collect())
}

/// The documents, each with the indexes of the spans that begin with an `I-` tag.
fn parsed(content: &str, path: &Path) -> Result<Vec<(Document, Vec<usize>)>, ExportError> {
    let mut documents = Vec::new();
    let mut open = Open::default();
    for (index, line) in content.lines().enumerate() {
        match parse(line, index, path)? {
            Line::Token(token, tag) => open.add(token, tag),
            Line::Id(id) => open.id = Some(id.to_owned()),
            Line::Comment => {}
            Line::Document => open.finish(&mut documents),
            Line::End => open.end_sentence(),
        }
    }
    open.finish(&mut documents);
    Ok(documents)
}

/// A document that is being read.
#[derive(Default)]
struct Open {
    id: Option<String>,
    text: String,
    chars: usize,
    spans: Vec<LabelledSpan>,
    /// Which of them begin with an `I-` tag.
    ill_formed: Vec<usize>,
    /// The label of the entity that the last token belongs to.
    within: Option<String>,
    sentence_ended: bool,
}

impl Open {
    fn add(&mut self, token: &str, tag: &str) {
        if self.chars > 0 {
            self.text.push(if self.sentence_ended { '\n' } else { ' ' });
            self.chars += 1;
        }
        if std::mem::take(&mut self.sentence_ended) {
            self.within = None;
        }
        let start = self.chars;
        self.text.push_str(token);
        self.chars += token.chars().count();
        let label = tag.split_once('-').map(|(_, label)| label.to_owned());
        match self.spans.last_mut() {
            Some(span) if tag.starts_with('I') && self.within == label => span.end = self.chars,
            _ => {
                // An I- after something else begins an entity, as conlleval has it.
                if tag.starts_with('I') {
                    self.ill_formed.push(self.spans.len());
                }
                let span = label.clone().map(|label| LabelledSpan {
                    start,
                    end: self.chars,
                    label,
                    score: None,
                    ..LabelledSpan::default()
                });
                self.spans.extend(span);
            }
        }
        self.within = label;
    }

    fn end_sentence(&mut self) {
        self.sentence_ended = true;
    }

    fn finish(&mut self, documents: &mut Vec<(Document, Vec<usize>)>) {
        let Self { id, text, spans, ill_formed, .. } = std::mem::take(self);
        if id.is_some() || !text.is_empty() {
            let id = id.unwrap_or_else(|| (documents.len() + 1).to_string());
            documents.push((Document { id, text, spans, ..Document::default() }, ill_formed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(content: &str) -> Vec<(usize, usize, String)> {
        let documents = read(content, Path::new("a.conll")).unwrap();
        let all = documents.into_iter().flat_map(|document| document.spans);
        all.map(|span| (span.start, span.end, span.label)).collect()
    }

    #[test]
    fn two_and_four_columns_are_read() {
        let found = vec![(0, 14, "PER".to_owned()), (18, 24, "CITY".to_owned())];
        assert_eq!(spans("Mounir B-PER\nLimouri I-PER\nin O\nTanger B-CITY\n"), found);
        assert_eq!(spans("Mounir\tN\t_\tB-PER\nLimouri\tN\t_\tI-PER\nin\tP\t_\tO\nTanger\tN\t_\tI-CITY\n"), found);
    }

    #[test]
    fn labels_change_and_sentences_end_entities() {
        assert_eq!(spans("a B-X\nb I-Y\n\nc I-Y\n").len(), 3);
        assert_eq!(spans("a B-X\nb B-X\n").len(), 2);
    }

    #[test]
    fn what_is_no_tag_is_an_error_with_its_line() {
        let error = read("a O\nb PER\n", Path::new("a.conll")).unwrap_err();
        assert!(error.to_string().starts_with("`a.conll` line 2: expected a token"), "{error}");
    }
}
