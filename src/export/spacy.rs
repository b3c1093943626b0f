//! spaCy: what `Doc.to_json` writes and `Doc.from_json` reads, a document a line,
//! and the `[text, {"entities": […]}]` pairs of training scripts. Offsets are code
//! points.

use std::{ops::Range, path::Path};

use serde_json::{Value, json};

use super::{Document, ExportError, LabelledSpan, conll, id, jsonl, objects};

pub(super) fn read(content: &str, path: &Path) -> Result<Vec<Document>, ExportError> {
    let mut documents = Vec::new();
    for (number, (line, object)) in objects(content, path)?.into_iter().enumerate() {
        let wrong = |reason: &str| ExportError::Format { path: path.to_owned(), line, reason: reason.into() };
        let (text, spans) = match object.as_array().map(Vec::as_slice) {
            Some([text, annotations]) => {
                let triples = annotations.get("entities").and_then(Value::as_array);
                let spans = triples.and_then(|triples| triples.iter().map(triple).collect::<Option<Vec<_>>>());
                (text.as_str(), spans)
            }
            _ => (object.get("text").and_then(Value::as_str), jsonl::spans(object.get("ents"), ["start", "end"])),
        };
        let (Some(text), Some(spans)) = (text, spans) else {
            return Err(wrong("expected `text` and `ents`, each with `start`, `end` and `label`"));
        };
        documents.push(Document {
            id: id(object.get("id"), number + 1),
            text: text.to_owned(),
            spans,
            ..Document::default()
        });
    }
    Ok(documents)
}

fn triple(triple: &Value) -> Option<LabelledSpan> {
    let [start, end, label, ..] = triple.as_array()?.as_slice() else { return None };
    Some(LabelledSpan {
        start: usize::try_from(start.as_u64()?).ok()?,
        end: usize::try_from(end.as_u64()?).ok()?,
        label: label.as_str()?.to_owned(),
        ..LabelledSpan::default()
    })
}

pub(super) fn write(document: &Document) -> Value {
    let ents: Vec<Value> =
        document.spans.iter().map(|span| json!({"start": span.start, "end": span.end, "label": span.label})).collect();
    let tokens: Vec<Value> = tokens(document)
        .into_iter()
        .enumerate()
        .map(|(id, token)| json!({"id": id, "start": token.start, "end": token.end}))
        .collect();
    json!({"id": document.id, "text": document.text, "ents": ents, "tokens": tokens})
}

/// The tokens as spaCy wants them: words, cut where entities begin and end, and
/// everything between them. One space after a token belongs to it and is not in
/// its text; more white space is a token of its own.
fn tokens(document: &Document) -> Vec<Range<usize>> {
    let characters: Vec<char> = document.text.chars().collect();
    let is_space = |at: usize| characters.get(at).is_some_and(|character| character.is_whitespace());
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    for word in conll::tokens(document).into_iter().map(Some).chain([None]) {
        let next = word.as_ref().map_or(characters.len(), |word| word.start);
        while end < next {
            let start = end;
            while end < next && is_space(end) == is_space(start) {
                end += 1;
            }
            let owned = is_space(start) && characters.get(start) == Some(&' ') && !tokens.is_empty();
            let start = start + usize::from(owned);
            if start < end {
                tokens.push(start..end);
            }
        }
        if let Some(word) = word {
            end = word.end;
            tokens.push(word);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens_of(text: &str) -> Vec<String> {
        let document = Document { text: text.into(), ..Document::default() };
        let slice = |token: Range<usize>| text.chars().skip(token.start).take(token.len()).collect();
        tokens(&document).into_iter().map(slice).collect()
    }

    #[test]
    fn tokens_are_those_spacy_rebuilds_from_the_text() {
        // As spaCy 3.8 has it in `get_words_and_spaces`.
        assert_eq!(
            tokens_of("\u{feff} a  b\n\nc \u{200f}d. "),
            ["\u{feff}", "a", " ", "b", "\n\n", "c", "\u{200f}", "d", "."]
        );
        assert_eq!(tokens_of(" a"), [" ", "a"]);
        assert_eq!(tokens_of("a \n"), ["a", "\n"]);
    }
}
