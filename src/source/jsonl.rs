//! JSONL: a line is an article.

use std::{collections::HashMap, io::BufRead};

use serde_json::value::RawValue;

use super::{
    Fields, ReadOptions, SourceError, SourceErrorKind,
    bytes::{Line, read_line},
    encoding::TextEncoding,
    reader::{Emit, Stopped},
    record::{Cell, Record},
};
use crate::article::Article;

/// Reads records line by line. Blank lines are none.
pub(super) fn read(
    id: &str,
    reader: &mut dyn BufRead,
    encoding: TextEncoding,
    options: &ReadOptions,
    emit: &mut Emit<'_>,
) -> Result<(), Stopped> {
    for number in 1_usize.. {
        let place = || format!("{id}:{number}");
        let line = match read_line(reader, options.max_article_bytes) {
            Ok(None) => break,
            Ok(Some(Line::Whole(line))) => line,
            Ok(Some(Line::TooLong)) => {
                emit.error(place(), SourceErrorKind::TooLarge { limit: options.max_article_bytes })?;
                continue;
            }
            // What follows an error cannot be trusted to begin on a line.
            Err(error) => return emit.error(place(), SourceErrorKind::Unreadable(error)),
        };
        if !line.iter().all(u8::is_ascii_whitespace) {
            emit.article(article(&line, encoding, &options.fields, place()))?;
        }
    }
    Ok(())
}

/// The article of a line; `place` is its id where the record has none.
fn article(line: &[u8], encoding: TextEncoding, fields: &Fields, place: String) -> Result<Article, SourceError> {
    const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    // A stream of wider units has been decoded on its way here.
    let of_line = if encoding.is_wide() { TextEncoding::UTF_8 } else { encoding };
    let record = of_line.decode(line).and_then(|line| record(&line, fields));
    match record {
        Ok(record) => record.article(fields, place, encoding.name()),
        Err(kind) => Err(SourceError { id: place, kind }),
    }
}

/// The fields of a JSON object.
pub(super) fn record(json: &str, fields: &Fields) -> Result<Record, SourceErrorKind> {
    let found: HashMap<String, &RawValue> = serde_json::from_str(json).map_err(SourceErrorKind::Json)?;
    let mut record = Record::default();
    for name in [&fields.text, &fields.id, &fields.date, &fields.language] {
        if let Some(value) = found.get(name) {
            let cell = cell(value).map_err(SourceErrorKind::Json)?;
            record.set(fields, name, || cell.clone());
        }
    }
    Ok(record)
}

/// A JSON value, with the digits of a number as they are written.
fn cell(value: &RawValue) -> Result<Cell, serde_json::Error> {
    let written = value.get();
    Ok(match written.as_bytes().first() {
        Some(b'"') => Cell::Text(serde_json::from_str(written)?),
        Some(b'-' | b'0'..=b'9') => Cell::Number(written.to_owned()),
        Some(b'n') => Cell::Missing,
        _ => Cell::Other(written.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn parse(line: &str) -> Result<Article, SourceError> {
        article(line.as_bytes(), TextEncoding::UTF_8, &Fields::default(), "f.jsonl:3".into())
    }

    /// The id and the code of a line's error.
    fn failure(line: &[u8]) -> (String, &'static str) {
        let error = article(line, TextEncoding::UTF_8, &Fields::default(), "f.jsonl:3".into()).unwrap_err();
        (error.id, error.kind.code())
    }

    #[test]
    fn a_record_has_its_own_id_or_its_place() {
        assert_eq!(parse(r#"{"id":"a","text":"x"}"#).unwrap().id, "a");
        assert_eq!(parse(r#"{"id":17,"text":"x"}"#).unwrap().id, "17");
        assert_eq!(parse(r#"{"text":"x","entities":[1]}"#).unwrap().id, "f.jsonl:3");
        assert_eq!(parse(r#"{"id":null,"text":"x"}"#).unwrap().id, "f.jsonl:3");
    }

    #[test]
    fn the_digits_of_an_id_stay_as_they_are_written() {
        for digits in ["123456789012345678901234567890", "18446744073709551616", "1.10", "1e5", "-0"] {
            assert_eq!(parse(&format!(r#"{{"id":{digits},"text":"x"}}"#)).unwrap().id, digits);
        }
    }

    #[test]
    fn date_and_language_are_taken_where_they_can_be_read() {
        let article = parse(r#"{"text":"x","date":"2024-04-24T10:00:00Z","lang":"AR"}"#).unwrap();
        assert_eq!(article.date.unwrap().day, date(2024, 4, 24));
        assert_eq!(article.language.as_deref(), Some("ar"));
        let article = parse(r#"{"text":"x","date":20240424,"lang":"klingonese"}"#).unwrap();
        assert_eq!(article.date.unwrap().day, date(2024, 4, 24));
        assert_eq!((article.language, article.warnings.len()), (None, 1));
        let article = parse(r#"{"text":"x","date":"","lang":null}"#).unwrap();
        assert!(article.date.is_none() && article.warnings.is_empty());
    }

    #[test]
    fn what_is_no_article_says_why_and_which_it_is() {
        let place = || "f.jsonl:3".to_owned();
        assert_eq!(failure(b"{"), (place(), "json"));
        assert_eq!(failure(b"[1]"), (place(), "json"));
        assert_eq!(failure(br#"{"text":"\ud800"}"#), (place(), "json"));
        assert_eq!(failure(br#"{"id":"a"}"#), ("a".to_owned(), "no_text"));
        assert_eq!(failure(br#"{"text":7}"#), (place(), "no_text"));
        assert_eq!(failure(br#"{"id":"a","text":"x\u0000y"}"#), ("a".to_owned(), "binary"));
        assert_eq!(failure(&[br#"{"text":""#.as_slice(), &[0xff], br#""}"#].concat()), (place(), "encoding"));
    }
}
