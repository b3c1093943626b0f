//! Our own records and gold files.

use std::path::Path;

use serde_json::{Value, json};

use super::{Document, ExportError, LabelledSpan, id, objects};

/// The spans of objects with these fields.
pub(super) fn spans(objects: Option<&Value>, [start, end]: [&str; 2]) -> Option<Vec<LabelledSpan>> {
    let offset = |object: &Value, field: &str| object.get(field)?.as_u64().and_then(|at| usize::try_from(at).ok());
    let span = |object: &Value| {
        Some(LabelledSpan {
            start: offset(object, start)?,
            end: offset(object, end)?,
            label: object.get("label")?.as_str()?.to_owned(),
            score: object.get("score").and_then(Value::as_f64),
        })
    };
    objects?.as_array()?.iter().map(span).collect()
}

pub(super) fn read(content: &str, path: &Path) -> Result<Vec<Document>, ExportError> {
    let mut documents = Vec::new();
    for (number, (line, object)) in objects(content, path)?.into_iter().enumerate() {
        if object.get("error").is_some_and(|error| !error.is_null()) {
            continue;
        }
        let wrong = |reason: &str| ExportError::Format { path: path.to_owned(), line, reason: reason.into() };
        let text = object
            .get("text")
            .and_then(Value::as_str)
            .ok_or_else(|| wrong("expected an object with a `text`; `annotate --with-text` writes it"))?;
        let spans = spans(object.get("entities"), ["start", "end"])
            .ok_or_else(|| wrong("expected `entities`, each with `start`, `end` and `label`"))?;
        documents.push(Document { id: id(object.get("id"), number + 1), text: text.to_owned(), spans });
    }
    Ok(documents)
}

pub(super) fn write(document: &Document) -> Value {
    let entity = |span: &LabelledSpan| {
        let mut entity = json!({"start": span.start, "end": span.end, "label": span.label});
        if let Some(score) = span.score {
            entity["score"] = score.into();
        }
        entity
    };
    let entities: Vec<Value> = document.spans.iter().map(entity).collect();
    json!({"id": document.id, "text": document.text, "entities": entities})
}
