//! Our own records and gold files.

use std::path::Path;

use serde_json::{Map, Value, json};

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
            more: without(object, &[start, end, "label", "score"]),
        })
    };
    objects?.as_array()?.iter().map(span).collect()
}

/// The fields of an object but for these.
fn without(object: &Value, known: &[&str]) -> Map<String, Value> {
    let unknown = |(name, _): &(&String, &Value)| !known.contains(&name.as_str());
    let fields = object.as_object().into_iter().flatten().filter(unknown);
    fields.map(|(name, value)| (name.clone(), value.clone())).collect()
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
        let more = without(&object, &["id", "text", "entities"]);
        documents.push(Document { id: id(object.get("id"), number + 1), text: text.to_owned(), spans, more });
    }
    Ok(documents)
}

pub(super) fn write(document: &Document) -> Value {
    let entity = |span: &LabelledSpan| {
        let mut entity = json!({"start": span.start, "end": span.end, "label": span.label});
        if let Some(score) = span.score {
            entity["score"] = score.into();
        }
        with(entity, &span.more)
    };
    let entities: Vec<Value> = document.spans.iter().map(entity).collect();
    let mut object = with(json!({"id": document.id}), &document.more);
    object["text"] = document.text.as_str().into();
    object["entities"] = entities.into();
    object
}

/// An object with more fields.
fn with(mut object: Value, more: &Map<String, Value>) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.extend(more.clone());
    }
    object
}
