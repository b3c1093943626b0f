//! Label Studio's JSON: tasks with `annotations` (or `predictions`) of
//! type `labels`. Offsets count UTF-16 code units, as its browser part does.

use std::path::Path;

use serde_json::{Value, json};

use super::{Document, ExportError, LabelledSpan, from_utf16, id, objects, utf16_starts};

pub(super) fn read(content: &str, path: &Path) -> Result<Vec<Document>, ExportError> {
    let mut documents = Vec::new();
    for (number, (line, task)) in objects(content, path)?.into_iter().enumerate() {
        let wrong = |reason: String| ExportError::Format { path: path.to_owned(), line, reason };
        let text = task.pointer("/data/text").and_then(Value::as_str);
        let text = text.ok_or_else(|| wrong(format!("task {} has no `data.text`", number + 1)))?;
        let first = |field: &str| task.get(field)?.as_array()?.first()?.get("result")?.as_array();
        let results = first("annotations").or_else(|| first("predictions"));
        let starts = utf16_starts(text);
        let mut spans = Vec::new();
        for result in results.into_iter().flatten().filter(|result| result["type"] == "labels") {
            let span = || {
                let value = result.get("value")?;
                let offset = |field: &str| value.get(field)?.as_u64().and_then(|at| usize::try_from(at).ok());
                let (start, end) = from_utf16(&starts, offset("start")?, offset("end")?)?;
                let label = value.get("labels")?.as_array()?.first()?.as_str()?.to_owned();
                let score = result.get("score").and_then(Value::as_f64);
                Some(LabelledSpan { start, end, label, score, ..LabelledSpan::default() })
            };
            let reason = || wrong(format!("task {} has a result that is no labelled part of its text", number + 1));
            spans.push(span().ok_or_else(reason)?);
        }
        let own = task.pointer("/data/id").or_else(|| task.get("id"));
        documents.push(Document { id: id(own, number + 1), text: text.to_owned(), spans, ..Document::default() });
    }
    Ok(documents)
}

pub(super) fn write(documents: &[Document]) -> String {
    let task = |document: &Document| {
        let units = utf16_starts(&document.text);
        let characters: Vec<char> = document.text.chars().collect();
        let result = |(number, span): (usize, &LabelledSpan)| {
            let text: String = characters.get(span.start..span.end).unwrap_or_default().iter().collect();
            let (start, end) = (units.get(span.start), units.get(span.end));
            let mut result = json!({
                "id": format!("e{}", number + 1), "from_name": "label", "to_name": "text", "type": "labels",
                "value": {"start": start, "end": end, "text": text, "labels": [span.label]},
            });
            if let Some(score) = span.score {
                result["score"] = score.into();
            }
            result
        };
        let results: Vec<Value> = document.spans.iter().enumerate().map(result).collect();
        json!({"data": {"id": document.id, "text": document.text}, "annotations": [{"result": results}]})
    };
    format!("{:#}\n", Value::Array(documents.iter().map(task).collect()))
}
