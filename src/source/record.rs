//! Records with fields, of whatever format, and the articles in them.

use isolang::Language;
use jiff::{Timestamp, civil::Date, fmt::rfc2822, tz::Offset};

use super::{SourceError, SourceErrorKind};
use crate::article::{Article, ArticleDate, DateSource};

/// Which fields of a record, or columns of a table, hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The article's id: a string, or a number.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its day of publication: a date, or a date and time, as in ISO 8601 or RFC 2822.
    pub date: String,
    /// Its language: a code of ISO 639, with or without a region, or an English name.
    pub language: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { id: "id".into(), text: "text".into(), date: "date".into(), language: "lang".into() }
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Cell {
    /// No such field, or nothing in it.
    #[default]
    Missing,
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// A day, where the format has such a type.
    Day(Date),
    /// Something else, as it is written.
    Other(String),
}

/// The fields of a record that are looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) id: Cell,
    pub(super) text: Cell,
    pub(super) date: Cell,
    pub(super) language: Cell,
}

impl Record {
    /// A place for the field `name`, where it is one that is looked at.
    pub(super) fn set(&mut self, fields: &Fields, name: &str, cell: impl Fn() -> Cell) {
        // The text first: it may also be asked for as something else.
        for (field, place) in [
            (&fields.text, &mut self.text),
            (&fields.id, &mut self.id),
            (&fields.date, &mut self.date),
            (&fields.language, &mut self.language),
        ] {
            if field == name {
                *place = cell();
            }
        }
    }

    /// The article; `place` is its id where the record has none.
    pub(super) fn article(
        self,
        fields: &Fields,
        place: String,
        encoding: &'static str,
    ) -> Result<Article, SourceError> {
        let mut warnings = Vec::new();
        let id = match self.id {
            Cell::Text(id) | Cell::Number(id) if !id.is_empty() => id,
            Cell::Other(id) => {
                warnings.push(unusable(&fields.id, &id, "a string or a number"));
                place
            }
            _ => place,
        };
        let text = match self.text {
            Cell::Text(text) => text,
            _ => return Err(SourceError { id, kind: SourceErrorKind::NoText { field: fields.text.clone() } }),
        };
        if let Some(offset) = text.find('\0') {
            return Err(SourceError { id, kind: SourceErrorKind::Binary { offset } });
        }
        let mut article = Article::new(id, text);
        article.encoding = Some(encoding);
        let day = match self.date {
            Cell::Day(day) => Some(day),
            Cell::Text(written) | Cell::Number(written) | Cell::Other(written) if !written.trim().is_empty() => {
                let day = publication_day(&written);
                if day.is_none() {
                    warnings.push(unusable(&fields.date, &written, "a date as 2024-04-24"));
                }
                day
            }
            _ => None,
        };
        article.date = day.map(|day| ArticleDate { day, source: DateSource::Field });
        if let Cell::Text(written) | Cell::Number(written) | Cell::Other(written) = self.language
            && !written.trim().is_empty()
        {
            article.language = language_code(&written);
            if article.language.is_none() {
                warnings.push(unusable(&fields.language, &written, "a language code as `ar`"));
            }
        }
        article.warnings = warnings;
        Ok(article)
    }
}

fn unusable(field: &str, written: &str, expected: &str) -> String {
    const MOST: usize = 60;
    let shown: String = written.chars().take(MOST).collect();
    let more = if shown.len() < written.len() { "…" } else { "" };
    format!("`{field}` is not used: expected {expected}, found `{shown}{more}`")
}

/// The day of a date, or date and time, as it is written there (no time zone is
/// applied): ISO 8601 with `-`, `/` or nothing between its parts, or RFC 2822.
pub(super) fn publication_day(written: &str) -> Option<Date> {
    let written = written.trim();
    let separated = || {
        let date = written.get(..10)?;
        let rest_is_a_time = written[10..].chars().next().is_none_or(|next| matches!(next, 'T' | 't' | ' '));
        if rest_is_a_time { date.replace('/', "-").parse().ok() } else { None }
    };
    let joined = || {
        let is_day = written.len() == 8 && written.bytes().all(|byte| byte.is_ascii_digit());
        if is_day { written.parse().ok() } else { None }
    };
    let by_mail = || rfc2822::parse(written).ok().map(|time| time.date());
    separated().or_else(joined).or_else(by_mail)
}

/// The day of a number of seconds since 1970, in UTC.
pub(super) fn day_of_seconds(seconds: i64) -> Option<Date> {
    Timestamp::from_second(seconds).ok().map(|time| Offset::UTC.to_datetime(time).date())
}

/// The ISO 639-1 code (639-3 where there is none) of a language: from such a
/// code, with a region behind it or not, or from its English name.
pub(super) fn language_code(written: &str) -> Option<String> {
    let written = written.trim().to_ascii_lowercase();
    let code = written.split(['-', '_']).next()?;
    let language = match code.len() {
        2 => Language::from_639_1(code),
        3 => Language::from_639_3(code),
        _ => {
            let mut name = written.clone();
            name.get_mut(..1)?.make_ascii_uppercase();
            Language::from_name(&name)
        }
    }?;
    Some(language.to_639_1().unwrap_or_else(|| language.to_639_3()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    fn article(record: Record) -> Result<Article, SourceError> {
        record.article(&Fields::default(), "f.csv:3".into(), "UTF-8")
    }

    #[test]
    fn days_and_languages_are_read_in_the_forms_dumps_have() {
        for written in [
            "2024-04-24",
            " 2024-04-24T10:00:00Z",
            "2024-04-24 10:00",
            "2024/04/24",
            "20240424",
            "Wed, 24 Apr 2024 23:30:00 -0500",
        ] {
            assert_eq!(publication_day(written), Some(date(2024, 4, 24)), "{written}");
        }
        for written in ["", "24/04/2024", "2024-04", "2024-04-24x", "1713916800", "2024-13-01", "\u{664}-"] {
            assert_eq!(publication_day(written), None, "{written}");
        }
        for (written, code) in [("AR", "ar"), ("ar-MA", "ar"), ("fr_FR", "fr"), ("ara", "ar"), ("Arabic", "ar")] {
            assert_eq!(language_code(written).as_deref(), Some(code));
        }
        assert!(language_code("xx").is_none() && language_code("").is_none() && language_code("عربية").is_none());
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let record = Record {
            id: Cell::Other("[1]".into()),
            text: text("x"),
            date: text("24 avril 2024"),
            language: Cell::Number("7".into()),
        };
        let article = article(record).unwrap();
        assert_eq!(article.id, "f.csv:3");
        assert!(article.date.is_none() && article.language.is_none());
        assert_eq!(
            article.warnings,
            [
                "`id` is not used: expected a string or a number, found `[1]`",
                "`date` is not used: expected a date as 2024-04-24, found `24 avril 2024`",
                "`lang` is not used: expected a language code as `ar`, found `7`",
            ]
        );
    }

    #[test]
    fn a_record_without_text_or_with_a_nul_is_none() {
        let error = |record| article(record).unwrap_err().kind.code();
        assert_eq!(error(Record::default()), "no_text");
        assert_eq!(error(Record { text: Cell::Number("7".into()), ..Record::default() }), "no_text");
        assert_eq!(error(Record { text: text("a\0b"), ..Record::default() }), "binary");
        assert!(article(Record { text: text(""), ..Record::default() }).is_ok());
    }
}
