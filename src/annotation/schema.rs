//! The fields of a record. `schema.json` beside this file says the same for
//! other programs; a test holds the two together.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    article::{Article, DateSource, detect_language},
    dates::Conflict,
    decode::Entity,
    model::Label,
};

/// The schema's name and version. Fields are only ever added to it.
pub const SCHEMA: &str = "musamma/1";

/// The schema as JSON Schema (draft 2020-12).
pub const SCHEMA_JSON: &str = include_str!("schema.json");

/// One article's annotations, or why there are none. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The article.
    pub id: String,
    /// SHA-256 of the UTF-8 text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Code points of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chars: Option<usize>,
    /// The encoding its bytes were in, by its name in the WHATWG Encoding Standard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Code points of the text in which no entity was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<usize>,
    /// The headline, where the input tells it apart from the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// ISO 639-1 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The day of publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// How that day is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_source: Option<DateSource>,
    /// The model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// SHA-256 of the weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
    /// A short hash of all options that can change the entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// The article's text, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The id of an article read before that has this text, or nearly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// The article's place in the whole input, where this run has only a share of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Sorted, never overlapping; none where the text is only nearly that of another article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<Vec<EntityRecord>>,
    /// Why there are no entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorRecord>,
}

impl Record {
    /// The record of an article that was annotated; model, settings and text
    /// are filled in by who knows them.
    pub fn annotated(article: &Article, entities: &[Entity]) -> Self {
        Self {
            sha256: Some(article.sha256()),
            chars: Some(article.char_count()),
            encoding: article.encoding.map(str::to_owned),
            excluded: Some(article.excluded_char_count()).filter(|&count| count > 0),
            title: article.title.clone(),
            lang: article.language.clone().or_else(|| detect_language(article.text()).map(str::to_owned)),
            date: article.date.map(|date| date.day),
            date_source: article.date.map(|date| date.source),
            entities: Some(entities.iter().map(|entity| EntityRecord::new(article, entity)).collect()),
            ..Self::empty(article.id.clone())
        }
    }

    /// The record of an input that could not be annotated.
    pub fn failed(id: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error: Some(ErrorRecord { code: code.into(), message: message.into() }), ..Self::empty(id.into()) }
    }

    fn empty(id: String) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            id,
            sha256: None,
            chars: None,
            encoding: None,
            excluded: None,
            title: None,
            lang: None,
            date: None,
            date_source: None,
            model: None,
            model_sha256: None,
            settings: None,
            text: None,
            duplicate_of: None,
            index: None,
            entities: None,
            error: None,
        }
    }
}

/// An entity as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityRecord {
    /// First code point: Python's `text[start:end]`.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The same in bytes of the UTF-8 text.
    pub bytes: [usize; 2],
    /// The same in UTF-16 code units.
    pub utf16: [usize; 2],
    /// What it is.
    pub label: Label,
    /// The exact slice of the article.
    pub text: String,
    /// The name as one would file it.
    pub name: String,
    /// 0 to 1, three decimals.
    #[serde(serialize_with = "three_decimals")]
    pub score: f64,
    /// What a date says, in ISO-TimeML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// What contradicts itself in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
}

impl EntityRecord {
    fn new(article: &Article, entity: &Entity) -> Self {
        let date = entity.date.as_ref();
        let value = date.and_then(|date| date.value);
        // A value that leaves the calendar has no days, and is of no use to anybody.
        let interval = value.and_then(|value| value.interval());
        let [chars, bytes, utf16] = [entity.span.chars(), entity.span.bytes(), entity.span.utf16()];
        Self {
            start: chars.start,
            end: chars.end,
            bytes: [bytes.start, bytes.end],
            utf16: [utf16.start, utf16.end],
            label: entity.label,
            text: article.slice(entity.span).to_owned(),
            name: entity.name.clone(),
            score: f64::from(entity.score),
            value: value.filter(|_| interval.is_some()).map(|value| value.to_string()),
            from: interval.map(|(first, _)| first),
            to: interval.map(|(_, last)| last),
            conflict: date.and_then(|date| date.conflict),
        }
    }
}

/// Why an input could not be annotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRecord {
    /// For programs; the codes are listed in `schema.json`.
    pub code: String,
    /// For people.
    pub message: String,
}

fn three_decimals<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Label;

    fn example() -> Article {
        let mut article = Article::new("a.txt", "زار وفد طنجة 🇲🇦 ثم فاس");
        article.language = Some("ar".into());
        article
    }

    fn record() -> Record {
        let article = example();
        let start = article.text().find("فاس").unwrap();
        let span = article.span(start..start + "فاس".len()).unwrap();
        Record::annotated(
            &article,
            &[Entity { span, label: Label::City, name: "فاس".into(), score: 0.98765, date: None }],
        )
    }

    #[test]
    fn a_record_reads_back_and_leaves_out_what_is_not_known() {
        let json = serde_json::to_string(&record()).unwrap();
        assert!(!json.contains("null") && !json.contains("date") && json.contains("\"score\":0.988"), "{json}");
        let back: Record = serde_json::from_str(&json).unwrap();
        assert_eq!(back.id, "a.txt");
    }

    #[test]
    fn records_fit_the_published_schema() {
        let schema = serde_json::from_str(SCHEMA_JSON).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut full = record();
        full.date = Some(jiff::civil::date(2024, 4, 24));
        full.date_source = Some(DateSource::Field);
        full.index = Some(7);
        full.duplicate_of = Some("a.txt".into());
        let near = Record { entities: None, ..full.clone() };
        for record in [record(), full, near, Record::failed("b.txt", "encoding", "not UTF-8")] {
            let value = serde_json::to_value(&record).unwrap();
            assert!(validator.is_valid(&value), "{value}");
        }
        let mut wrong = serde_json::to_value(record()).unwrap();
        wrong["entities"][0]["label"] = "GPE".into();
        assert!(!validator.is_valid(&wrong));
    }
}
