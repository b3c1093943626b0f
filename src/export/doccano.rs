//! doccano's JSONL for sequence labelling: `label` as `[start, end, name]`, or the
//! `entities` of its newer exports. Offsets are code points.

use std::path::Path;

use serde_json::{Value, json};

use super::{Document, ExportError, LabelledSpan, id, jsonl, objects};

pub(super) fn read(content: &str, path: &Path) -> Result<Vec<Document>, ExportError> {
    let mut documents = Vec::new();
    for (number, (line, object)) in objects(content, path)?.into_iter().enumerate() {
        let wrong = |reason: &str| ExportError::Format { path: path.to_owned(), line, reason: reason.into() };
        let text =
            object.get("text").and_then(Value::as_str).ok_or_else(|| wrong("expected an object with a `text`"))?;
        let triples = object.get("label").or_else(|| object.get("labels"));
        let spans = match triples {
            Some(triples) => triples.as_array().and_then(|triples| triples.iter().map(span).collect()),
            None => jsonl::spans(object.get("entities"), ["start_offset", "end_offset"]),
        };
        let spans = spans.ok_or_else(|| wrong("expected `label` with `[start, end, name]` for each entity"))?;
        documents.push(Document {
            id: id(object.get("id"), number + 1),
            text: text.to_owned(),
            spans,
            ..Document::default()
        });
    }
    Ok(documents)
}

fn span(triple: &Value) -> Option<LabelledSpan> {
    let [start, end, label] = triple.as_array()?.as_slice() else { return None };
    Some(LabelledSpan {
        start: usize::try_from(start.as_u64()?).ok()?,
        end: usize::try_from(end.as_u64()?).ok()?,
        label: label.as_str()?.to_owned(),
        ..LabelledSpan::default()
    })
}

pub(super) fn write(document: &Document) -> Value {
    let label: Vec<Value> = document.spans.iter().map(|span| json!([span.start, span.end, span.label])).collect();
    json!({"id": document.id, "text": document.text, "label": label})
}
