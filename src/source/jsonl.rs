//! JSONL: a line is an article.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{Input, SourceError, SourceErrorKind};
use crate::article::{Article, ArticleDate, DateSource};

/// Which fields of a record hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The article's id: a string, or a number.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its day of publication: a date, or a date and time, as in ISO 8601.
    pub date: String,
    /// Its language: an ISO 639-1 code.
    pub language: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { id: "id".into(), text: "text".into(), date: "date".into(), language: "lang".into() }
    }
}

/// Reads a file's records one by one. Blank lines are none.
pub(super) fn read<'input>(
    input: &'input Input,
    fields: &'input Fields,
) -> impl Iterator<Item = Result<Article, SourceError>> + 'input {
    let mut reader: Result<Box<dyn BufRead>, Option<io::Error>> = match &input.path {
        None => Ok(Box::new(io::stdin().lock())),
        Some(path) => File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>).map_err(Some),
    };
    let mut number = 0;
    std::iter::from_fn(move || {
        loop {
            let lines = match &mut reader {
                Ok(lines) => lines,
                Err(error) => {
                    let kind = SourceErrorKind::Unreadable(error.take()?);
                    return Some(Err(SourceError { id: input.id.clone(), kind }));
                }
            };
            let mut line = Vec::new();
            number += 1;
            let place = || format!("{}:{number}", input.id);
            match lines.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                // What follows an error cannot be trusted to begin on a line.
                Err(error) => {
                    reader = Err(None);
                    return Some(Err(SourceError { id: place(), kind: SourceErrorKind::Unreadable(error) }));
                }
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Some(article(&line, fields, place()).map_err(|kind| SourceError { id: place(), kind }));
            }
        }
    })
}

/// The article of a line; `place` is its id where the record has none.
fn article(line: &[u8], fields: &Fields, place: String) -> Result<Article, SourceErrorKind> {
    const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    if let Err(error) = std::str::from_utf8(line) {
        return Err(SourceErrorKind::Encoding { offset: error.valid_up_to() });
    }
    let mut record: Map<String, Value> = serde_json::from_slice(line).map_err(SourceErrorKind::Json)?;
    let Some(Value::String(text)) = record.remove(&fields.text) else {
        return Err(SourceErrorKind::NoText { field: fields.text.clone() });
    };
    let id = match record.get(&fields.id) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => place,
    };
    let string = |field: &str| record.get(field).and_then(Value::as_str);
    let mut article = Article::new(id, text);
    article.date = string(&fields.date).and_then(day).map(|day| ArticleDate { day, source: DateSource::Field });
    article.language = string(&fields.language).filter(|code| is_language_code(code)).map(str::to_ascii_lowercase);
    Ok(article)
}

/// The day of an ISO 8601 date or date and time, as it is written there (no time zone is applied).
fn day(written: &str) -> Option<Date> {
    let written = written.trim();
    let date = written.get(..10)?;
    let rest_is_a_time = written[10..].chars().next().is_none_or(|next| matches!(next, 'T' | 't' | ' '));
    if rest_is_a_time { date.parse().ok() } else { None }
}

fn is_language_code(code: &str) -> bool {
    matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn parse(line: &str) -> Result<Article, SourceErrorKind> {
        article(line.as_bytes(), &Fields::default(), "f.jsonl:3".into())
    }

    #[test]
    fn a_record_has_its_own_id_or_its_place() {
        assert_eq!(parse(r#"{"id":"a","text":"x"}"#).unwrap().id, "a");
        assert_eq!(parse(r#"{"id":17,"text":"x"}"#).unwrap().id, "17");
        assert_eq!(parse(r#"{"text":"x","entities":[1]}"#).unwrap().id, "f.jsonl:3");
    }

    #[test]
    fn date_and_language_are_taken_where_they_can_be_read() {
        let article = parse(r#"{"text":"x","date":"2024-04-24T10:00:00Z","lang":"AR"}"#).unwrap();
        assert_eq!(article.date.unwrap().day, date(2024, 4, 24));
        assert_eq!(article.language.as_deref(), Some("ar"));
        let article = parse(r#"{"text":"x","date":"24 avril 2024","lang":"arabic"}"#).unwrap();
        assert!(article.date.is_none() && article.language.is_none());
    }

    #[test]
    fn what_is_no_article_says_why() {
        assert_eq!(parse("{").unwrap_err().code(), "json");
        assert_eq!(parse("[1]").unwrap_err().code(), "json");
        assert_eq!(parse(r#"{"id":"a"}"#).unwrap_err().code(), "no_text");
        assert_eq!(parse(r#"{"text":"\ud800"}"#).unwrap_err().code(), "json");
        let bytes = [br#"{"text":""#.as_slice(), &[0xff], br#""}"#].concat();
        assert_eq!(article(&bytes, &Fields::default(), String::new()).unwrap_err().code(), "encoding");
    }
}
