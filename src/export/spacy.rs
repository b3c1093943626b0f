//! spaCy: what `Doc.to_json` writes and `Doc.from_json` reads, a document a line,
//! and the `[text, {"entities": […]}]` pairs of training scripts. Offsets are code
//! points.

use std::path::Path;

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
        documents.push(Document { id: id(object.get("id"), number + 1), text: text.to_owned(), spans });
    }
    Ok(documents)
}

fn triple(triple: &Value) -> Option<LabelledSpan> {
    let [start, end, label, ..] = triple.as_array()?.as_slice() else { return None };
    Some(LabelledSpan {
        start: usize::try_from(start.as_u64()?).ok()?,
        end: usize::try_from(end.as_u64()?).ok()?,
        label: label.as_str()?.to_owned(),
        score: None,
    })
}

/// Tokens are words, cut where entities begin and end: spaCy keeps only
/// entities that fill tokens.
pub(super) fn write(document: &Document) -> Value {
    let ents: Vec<Value> =
        document.spans.iter().map(|span| json!({"start": span.start, "end": span.end, "label": span.label})).collect();
    let tokens: Vec<Value> = conll::covering_tokens(document)
        .into_iter()
        .enumerate()
        .map(|(id, token)| json!({"id": id, "start": token.start, "end": token.end}))
        .collect();
    json!({"id": document.id, "text": document.text, "ents": ents, "tokens": tokens})
}
