//! brat's standoff format: the text in one file, `T1<tab>CITY 8 12<tab>Tanger` in
//! the `.ann` beside it. Offsets are code points.

use std::path::Path;

use super::{Document, ExportError, LabelledSpan};

pub(super) fn read(annotations: &str, text: String, id: String, path: &Path) -> Result<Document, ExportError> {
    let mut spans = Vec::new();
    for (index, line) in annotations.lines().enumerate().filter(|(_, line)| line.starts_with('T')) {
        let span = || {
            let (label, offsets) = line.split('\t').nth(1)?.split_once(' ')?;
            let (start, end) = offsets.split_once(' ')?;
            Some(LabelledSpan {
                start: start.parse().ok()?,
                end: end.parse().ok()?,
                label: label.into(),
                score: None,
                ..LabelledSpan::default()
            })
        };
        let reason = "expected `T1`, a label with one start and end, and the text, with tabs between";
        let wrong = || ExportError::Format { path: path.to_owned(), line: index + 1, reason: reason.into() };
        spans.push(span().ok_or_else(wrong)?);
    }
    Ok(Document { id, text, spans, ..Document::default() })
}

pub(super) fn write(document: &Document) -> String {
    let characters: Vec<char> = document.text.chars().collect();
    let line = |(number, span): (usize, &LabelledSpan)| {
        let LabelledSpan { start, end, label, .. } = span;
        let text: String = characters.get(*start..*end).unwrap_or_default().iter().collect();
        format!("T{}\t{label} {start} {end}\t{}\n", number + 1, text.replace(['\r', '\n', '\t'], " "))
    };
    document.spans.iter().enumerate().map(line).collect()
}
