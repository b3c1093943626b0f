//! WebAnno TSV 3.3, which INCEpTION reads too: a token a line with its offsets,
//! entities in a column, `[n]` after a label that spans several tokens, and
//! `1-2.1` for a part of a token. Offsets count UTF-16 code units.
//!
//! Sentences are the lines of the text. What stands between tokens is in the
//! sentence's `#Text=`, and what stands between sentences is white space.

use std::{collections::BTreeMap, path::Path};

use super::{Document, ExportError, LabelledSpan, conll, from_utf16, utf16_starts};
use crate::words;

const HEAD: &str = "#FORMAT=WebAnno TSV 3.3\n#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value\n\n";

pub(super) fn write(document: &Document) -> String {
    let characters: Vec<char> = document.text.chars().collect();
    let units = utf16_starts(&document.text);
    let unit = |at: usize| units.get(at).copied().unwrap_or_default();
    let slice = |from: usize, to: usize| characters.get(from..to).unwrap_or_default().iter().collect::<String>();
    let tokens = conll::covering_tokens(document);
    // Tokens are sorted and disjoint, so halving finds those of a part of the text.
    let between = |start: usize, end: usize| {
        tokens.partition_point(|token| token.end <= start)..tokens.partition_point(|token| token.start < end)
    };
    let mut output = HEAD.to_owned();
    let mut line_start = 0;
    let mut sentence = 0;
    while line_start < characters.len() {
        let mut line_end = next_line(&characters, line_start);
        // A sentence has a token, so lines of white space belong to the one before.
        loop {
            let next = next_line(&characters, line_end);
            if next == line_end || !between(line_end, next).is_empty() {
                break;
            }
            line_end = next;
        }
        sentence += 1;
        output += &format!("\n#Text={}\n", escape_text(&slice(line_start, line_end)));
        let in_line = tokens.get(between(line_start, line_end)).unwrap_or_default();
        for (number, token) in in_line.iter().enumerate() {
            let index = document.spans.partition_point(|span| span.end <= token.start);
            let entity = document.spans.get(index).filter(|span| span.start < token.end);
            let column = entity.map_or_else(
                || "_".to_owned(),
                |span| {
                    let label = escape(&span.label);
                    if between(span.start, span.end).len() > 1 { format!("{label}[{}]", index + 1) } else { label }
                },
            );
            let (start, end) = (unit(token.start), unit(token.end));
            let written = escape(&slice(token.start, token.end));
            output += &format!("{sentence}-{}\t{start}-{end}\t{written}\t{column}\t\n", number + 1);
        }
        line_start = line_end;
    }
    output
}

/// Where the line that begins at `start` ends, its line break included.
fn next_line(characters: &[char], start: usize) -> usize {
    let rest = characters.get(start..).unwrap_or_default();
    rest.iter().position(|&character| character == '\n').map_or(characters.len(), |at| start + at + 1)
}

pub(super) fn read(content: &str, id: String, path: &Path) -> Result<Document, ExportError> {
    let wrong = |index: usize, reason: &str| ExportError::Format {
        path: path.to_owned(),
        line: index + 1,
        reason: reason.into(),
    };
    let mut text = String::new();
    let mut units = 0;
    let mut sentence: Option<String> = None;
    // Which of the columns after the token holds the entity's label, from the head of the file.
    let (mut value_column, mut columns_before) = (None, 0);
    // Start, end and label of each entity, by its number or its line; UTF-16.
    let mut entities: BTreeMap<(bool, usize), (usize, usize, String)> = BTreeMap::new();
    for (index, line) in content.lines().enumerate() {
        if let Some(more) = line.strip_prefix("#Text=") {
            // A sentence that begins before its first token; its place is known from that.
            sentence = Some(sentence.take().unwrap_or_default() + &unescape(more));
            continue;
        }
        if line.is_empty() {
            if let Some(rest) = sentence.take() {
                units += rest.encode_utf16().count();
                text += &rest;
            }
            continue;
        }
        if let Some(layer) = line.strip_prefix("#T_SP=") {
            let mut features = layer.split('|');
            let is_entity = features.next().is_some_and(|name| name.ends_with("NamedEntity"));
            let features: Vec<&str> = features.collect();
            let value = features.iter().position(|feature| *feature == "value").filter(|_| is_entity);
            value_column = value_column.or(value.map(|value| columns_before + value));
            columns_before += features.len();
        }
        if line.starts_with('#') {
            continue;
        }
        let mut columns = line.split('\t').skip(1);
        let offsets = columns.next();
        let value = columns.nth(1 + value_column.unwrap_or(0));
        let (Some(offsets), Some(value)) = (offsets, value) else {
            return Err(wrong(index, "expected number, offsets, token and label, with tabs between"));
        };
        let offsets = offsets.split_once('-').and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
        let Some((start, end)) = offsets else { return Err(wrong(index, "expected offsets like `8-12`")) };
        // White space that is not written down is filled in below; no file leaves out more than it holds.
        if start > units + content.len() {
            return Err(wrong(index, "the offsets lie beyond what the file can hold"));
        }
        if let Some(begun) = sentence.take() {
            // Other programs' sentences begin with a token, and the white space
            // before it is not written down; ours may begin with white space.
            let begins_with_word = words::words(&begun).first().is_some_and(|word| word.start == 0);
            while begins_with_word && units < start {
                text.push(' ');
                units += 1;
            }
            units += begun.encode_utf16().count();
            text += &begun;
        }
        // Stacked labels: the first one counts.
        let value = value.split('|').next().unwrap_or_default();
        if value == "_" || value == "*" || value.is_empty() {
            continue;
        }
        let number = value.strip_suffix(']').and_then(|value| value.rsplit_once('['));
        let numbered = number.and_then(|(label, number)| Some((label, number.parse::<usize>().ok()?)));
        let (key, label) = match numbered {
            Some((label, number)) => ((true, number), label),
            None => ((false, index), value),
        };
        let entity = entities.entry(key).or_insert_with(|| (start, end, unescape(label)));
        entity.1 = end;
    }
    if let Some(rest) = sentence {
        text += &rest;
    }
    let starts = utf16_starts(&text);
    let mut spans = Vec::new();
    for (start, end, label) in entities.into_values() {
        let Some((start, end)) = from_utf16(&starts, start, end) else {
            return Err(wrong(0, &format!("an entity from {start} to {end} is none of the text")));
        };
        spans.push(LabelledSpan { start, end, label, score: None, ..LabelledSpan::default() });
    }
    Ok(Document { id, text, spans, ..Document::default() })
}

/// Characters with a meaning of their own, as the format's description lists them.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\\' | '[' | ']' | '|' | '_' | '*' | ';' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn escape_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('t') => plain.push('\t'),
                Some('n') => plain.push('\n'),
                Some('r') => plain.push('\r'),
                other => plain.extend(other),
            },
            (character, false) => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_read() {
        let content = "#FORMAT=WebAnno TSV 3.2\n\
            #T_SP=webanno.custom.Other|kind\n\
            #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value\n\n\n\
            #Text=👍 In Tangiers, Mounir Limouri.\n\
            1-1\t0-2\t👍\t_\t_\t_\t\n\
            1-2\t3-5\tIn\tx\t_\t_\t\n\
            1-3\t6-14\tTangiers\t_\t_\t_\t\n\
            1-3.1\t6-12\tTangie\t_\t*\tCITY\t\n\
            1-4\t16-22\tMounir\t_\t*[1]\tPER[1]\t\n\
            1-5\t23-30\tLimouri\t_\t*[1]\tPER[1]|ORG[2]\t\n\n\
            #Text=Later.\n\
            2-1\t33-38\tLater\t_\t_\tDATE\t\n";
        let document = read(content, "a".into(), Path::new("a.tsv")).unwrap();
        let slice = |span: &LabelledSpan| {
            let text: String = document.text.chars().skip(span.start).take(span.end - span.start).collect();
            format!("{} {text}", span.label)
        };
        let mut found: Vec<String> = document.spans.iter().map(slice).collect();
        found.sort();
        assert_eq!(found, ["CITY Tangie", "DATE Later", "PER Mounir Limouri"]);
    }
}
