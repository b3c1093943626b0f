//! Reading gold and predictions: JSONL, an article a line.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;

use super::{EvalError, LabelId, Labels, Place};
use crate::annotation::{ErrorRecord, Record};

/// A span of an article with a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mention {
    /// First code point of the article's text.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What it is.
    pub label: LabelId,
    /// How sure the tagger was, 0 to 1, where it says so.
    pub score: Option<f32>,
}

impl Mention {
    /// How many code points two mentions share; touching ones share none.
    pub fn overlap(&self, other: &Self) -> usize {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }

    /// Whether two mentions begin and end at the same places.
    pub fn same_span(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end)
    }
}

/// An article with its mentions, sorted and disjoint.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotatedArticle {
    /// Names the article.
    pub id: String,
    /// The text, where the file holds it.
    pub text: Option<String>,
    /// SHA-256 of the text, where the file says it.
    pub sha256: Option<String>,
    /// ISO 639-1 code, where the file says it.
    pub lang: Option<String>,
    /// Sorted, never overlapping.
    pub mentions: Vec<Mention>,
    /// Why the tagger could not annotate it.
    pub failure: Option<String>,
    /// Where the record stands.
    pub place: Place,
}

/// The articles of one side, gold or predicted.
#[derive(Debug, Clone, Default)]
pub struct AnnotationSet {
    /// In the order of the files.
    pub articles: Vec<AnnotatedArticle>,
    /// The files they come from.
    pub files: Vec<String>,
    /// Place in `articles` by id.
    by_id: HashMap<String, usize>,
}

/// A line, of which all other fields are ignored. A field that may be left out
/// is a `Value`: where it is of another type it says nothing.
#[derive(Deserialize)]
#[serde(expecting = "an object with `id` and `entities`")]
struct RawRecord<'line> {
    id: Option<Value>,
    text: Option<String>,
    sha256: Option<Value>,
    chars: Option<Value>,
    lang: Option<Value>,
    #[serde(borrow)]
    entities: Option<Vec<RawEntity<'line>>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `start`, `end` and `label`")]
struct RawEntity<'line> {
    start: Value,
    end: Value,
    #[serde(borrow)]
    label: Cow<'line, str>,
    score: Option<Value>,
}

impl AnnotationSet {
    /// Reads files one after the other; `-` is standard input.
    ///
    /// # Errors
    /// [`EvalError`] with file, line and article for the first thing that is wrong.
    pub fn open<P: AsRef<Path>>(paths: &[P], labels: &Labels) -> Result<Self, EvalError> {
        let mut set = Self::default();
        for path in paths.iter().map(AsRef::as_ref) {
            if path == Path::new("-") {
                set.extend(io::stdin().lock(), "-", labels)?;
            } else {
                let file = File::open(path).map_err(|source| EvalError::Read { path: path.to_owned(), source })?;
                set.extend(BufReader::with_capacity(1 << 16, file), &path.display().to_string(), labels)?;
            }
        }
        Ok(set)
    }

    /// Reads one file's lines; `name` is what messages call it.
    ///
    /// # Errors
    /// As [`AnnotationSet::open`].
    pub fn read(lines: impl BufRead, name: &str, labels: &Labels) -> Result<Self, EvalError> {
        let mut set = Self::default();
        set.extend(lines, name, labels)?;
        Ok(set)
    }

    /// The article with this id.
    pub fn get(&self, id: &str) -> Option<&AnnotatedArticle> {
        self.by_id.get(id).and_then(|&index| self.articles.get(index))
    }

    /// Takes the article with this id out; an article can be taken once.
    pub(super) fn take(&mut self, id: &str) -> Option<AnnotatedArticle> {
        let article = self.articles.get_mut(self.by_id.remove(id)?)?;
        let empty = AnnotatedArticle {
            id: String::new(),
            text: None,
            sha256: None,
            lang: None,
            mentions: Vec::new(),
            failure: None,
            place: article.place.clone(),
        };
        Some(std::mem::replace(article, empty))
    }

    fn extend(&mut self, mut lines: impl BufRead, name: &str, labels: &Labels) -> Result<(), EvalError> {
        self.files.push(name.to_owned());
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read =
                lines.read_until(b'\n', &mut line).map_err(|source| EvalError::Read { path: name.into(), source })?;
            if read == 0 {
                break;
            }
            let record = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
            if record.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let place = Place { file: name.to_owned(), line: Some(number) };
            // The parser would take an array for a record whose fields have no names.
            if record.trim_ascii_start().first() != Some(&b'{') {
                return Err(EvalError::Record { place, reason: "expected an object".into() });
            }
            let record: RawRecord<'_> = serde_json::from_slice(record).map_err(|error| EvalError::Record {
                place: place.clone(),
                // The parser counts lines too, and is always on its first.
                reason: error.to_string().replace(" at line 1 column", " at column"),
            })?;
            self.add(article(record, place, labels)?)?;
        }
        Ok(())
    }

    /// Adds a record that a run has just made; `name` is what messages call the run.
    ///
    /// # Errors
    /// As [`AnnotationSet::open`].
    pub fn add_record(&mut self, record: &Record, name: &str, labels: &Labels) -> Result<(), EvalError> {
        let mut mentions = Vec::new();
        let place = Place { file: name.to_owned(), line: None };
        for entity in record.entities.iter().flatten() {
            let unknown = || unknown_label(&place, &record.id, entity.label.as_str(), labels);
            if let Some(label) = labels.find(entity.label.as_str()).ok_or_else(unknown)? {
                let score = Some(entity.score as f32);
                mentions.push(Mention { start: entity.start, end: entity.end, label, score });
            }
        }
        self.add(AnnotatedArticle {
            id: record.id.clone(),
            text: record.text.clone(),
            sha256: record.sha256.clone(),
            lang: record.lang.clone(),
            mentions,
            failure: record.error.as_ref().map(|error| error.message.clone()),
            place,
        })
    }

    /// Adds an article of another format; `spans` are start, end, label and score, in code points.
    ///
    /// # Errors
    /// As [`AnnotationSet::open`].
    pub fn add_article<'spans>(
        &mut self,
        id: &str,
        text: String,
        spans: impl IntoIterator<Item = (usize, usize, &'spans str, Option<f64>)>,
        file: &str,
        labels: &Labels,
    ) -> Result<(), EvalError> {
        let entity = |(start, end, label, score): (usize, usize, &'spans str, Option<f64>)| RawEntity {
            start: start.into(),
            end: end.into(),
            label: label.into(),
            score: score.map(Value::from),
        };
        let record = RawRecord {
            id: Some(id.into()),
            text: Some(text),
            sha256: None,
            chars: None,
            lang: None,
            entities: Some(spans.into_iter().map(entity).collect()),
            error: None,
        };
        if !self.files.iter().any(|known| known == file) {
            self.files.push(file.to_owned());
        }
        self.add(article(record, Place { file: file.to_owned(), line: None }, labels)?)
    }

    /// Adds an article whose mentions are sorted and disjoint.
    fn add(&mut self, article: AnnotatedArticle) -> Result<(), EvalError> {
        let Some(&index) = self.by_id.get(&article.id) else {
            self.by_id.insert(article.id.clone(), self.articles.len());
            self.articles.push(article);
            return Ok(());
        };
        let first = &mut self.articles[index];
        // A run writes a failure beside the article whose id was used twice, and
        // an article that failed may have been done again later.
        if article.failure.is_none() {
            if first.failure.is_none() {
                return Err(EvalError::DuplicateArticle {
                    place: article.place,
                    id: article.id,
                    first: first.place.clone(),
                });
            }
            *first = article;
        }
        Ok(())
    }
}

/// The article of a record, checked.
fn article(record: RawRecord<'_>, place: Place, labels: &Labels) -> Result<AnnotatedArticle, EvalError> {
    let id = match record.id {
        Some(Value::String(id)) => id,
        Some(Value::Number(id)) => id.to_string(),
        // As `annotate` names an article without an id.
        _ => {
            let file =
                Path::new(&place.file).file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
            format!("{file}:{}", place.line.unwrap_or_default())
        }
    };
    let failure = record
        .error
        .filter(|error| !error.is_null())
        .map(|error| ErrorRecord::deserialize(&error).map_or_else(|_| error.to_string(), |error| error.message));
    let entities = match record.entities {
        Some(entities) => entities,
        None if failure.is_some() => Vec::new(),
        None => return Err(EvalError::NoEntities { place, id }),
    };
    let chars = record.text.as_ref().map(|text| text.chars().count()).or_else(|| number(record.chars.as_ref()?));
    let mut mentions = Vec::with_capacity(entities.len());
    for entity in &entities {
        let (start, end) = span(entity).ok_or_else(|| EvalError::Offsets {
            place: place.clone(),
            id: id.clone(),
            start: entity.start.to_string(),
            end: entity.end.to_string(),
        })?;
        if let Some(chars) = chars
            && end > chars
        {
            return Err(EvalError::OutsideText { place, id, start, end, chars });
        }
        let unknown = || unknown_label(&place, &id, &entity.label, labels);
        if let Some(label) = labels.find(&entity.label).ok_or_else(unknown)? {
            let score = entity.score.as_ref().and_then(Value::as_f64).map(|score| score as f32);
            mentions.push(Mention { start, end, label, score });
        }
    }
    mentions.sort_unstable_by_key(|mention| (mention.start, mention.end));
    for pair in mentions.windows(2) {
        let [first, second] = pair else { continue };
        if first.same_span(second) {
            return Err(EvalError::DuplicateEntity { place, id, start: first.start, end: first.end });
        }
        if second.start < first.end {
            let [first, second] = [first, second].map(|mention| (mention.start, mention.end));
            return Err(EvalError::Overlap { place, id, first, second });
        }
    }
    let [sha256, lang] =
        [record.sha256, record.lang].map(|field| field.as_ref().and_then(Value::as_str).map(str::to_owned));
    Ok(AnnotatedArticle { id, text: record.text, sha256, lang, mentions, failure, place })
}

/// The span of an entity, unless it is none.
fn span(entity: &RawEntity<'_>) -> Option<(usize, usize)> {
    let (start, end) = (number(&entity.start)?, number(&entity.end)?);
    (start < end).then_some((start, end))
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|number| usize::try_from(number).ok())
}

fn unknown_label(place: &Place, id: &str, label: &str, labels: &Labels) -> EvalError {
    EvalError::UnknownLabel {
        place: place.clone(),
        id: id.to_owned(),
        label: label.to_owned(),
        known: labels.names().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<AnnotationSet, EvalError> {
        AnnotationSet::read(lines.as_bytes(), "a.jsonl", &Labels::default())
    }

    fn message(lines: &str) -> String {
        read(lines).unwrap_err().to_string()
    }

    #[test]
    fn mentions_are_sorted_and_other_fields_ignored() {
        let set = read(
            "\u{feff}{\"id\":7,\"text\":\"منير في طنجة\",\"topic\":{\"a\":[1]},\"entities\":[\
             {\"start\":8,\"end\":12,\"label\":\"CITY\",\"value\":null},{\"start\":0,\"end\":4,\"label\":\"PER\",\"score\":0.5}]}\n\n",
        )
        .unwrap();
        let article = set.get("7").unwrap();
        assert_eq!(article.mentions.iter().map(|mention| mention.start).collect::<Vec<_>>(), [0, 8]);
        assert_eq!(article.mentions[0].score, Some(0.5));
    }

    #[test]
    fn an_article_without_id_is_named_by_its_place() {
        let set = AnnotationSet::read("\n{\"entities\":[]}".as_bytes(), "in/a.jsonl", &Labels::default()).unwrap();
        assert_eq!(set.articles[0].id, "a.jsonl:2");
    }

    #[test]
    fn what_is_wrong_is_named_with_file_line_and_article() {
        let one = |entities: &str| format!("\n{{\"id\":\"x\",\"text\":\"طنجة\",\"entities\":[{entities}]}}");
        let entity =
            |start: &str, end: &str, label: &str| format!("{{\"start\":{start},\"end\":{end},\"label\":\"{label}\"}}");
        insta::assert_snapshot!(
            [
                message("{"),
                message("[1]"),
                message(r#"{"id":"x"}"#),
                message(&one(&entity("2", "2", "PER"))),
                message(&one(&entity("-1", "2", "PER"))),
                message(&one(&entity("0.5", "\"2\"", "PER"))),
                message(&one(&entity("0", "5", "PER"))),
                message(&one(&entity("0", "4", "GPE"))),
                message(&one(&format!("{},{}", entity("0", "2", "PER"), entity("0", "2", "ORG")))),
                message(&one(&format!("{},{}", entity("1", "4", "PER"), entity("0", "2", "ORG")))),
                message("{\"id\":\"x\",\"entities\":[]}\n{\"id\":\"x\",\"entities\":[]}"),
                message(&one("{\"start\":0}")),
            ]
            .join("\n"),
            @r#"
            `a.jsonl` line 1: not a record of entities: EOF while parsing an object at column 1
            `a.jsonl` line 1: not a record of entities: expected an object
            `a.jsonl` line 1: article `x` has no `entities`
            `a.jsonl` line 2: article `x` has an entity from 2 to 2; expected whole numbers, the first one smaller
            `a.jsonl` line 2: article `x` has an entity from -1 to 2; expected whole numbers, the first one smaller
            `a.jsonl` line 2: article `x` has an entity from 0.5 to "2"; expected whole numbers, the first one smaller
            `a.jsonl` line 2: article `x` has an entity from 0 to 5, but its text ends at 4
            `a.jsonl` line 2: article `x` has the unknown label `GPE`; known are PER, CITY, LOC, ORG, DATE
            `a.jsonl` line 2: article `x` has two entities from 0 to 2
            `a.jsonl` line 2: article `x` has overlapping entities, 0–2 and 1–4
            `a.jsonl` line 2: a second article `x`; the first is in `a.jsonl` line 1
            `a.jsonl` line 2: not a record of entities: missing field `end` at column 51
            "#
        );
    }

    #[test]
    fn touching_mentions_do_not_overlap_and_length_may_come_from_the_record() {
        let touching =
            r#"{"id":"x","chars":4,"entities":[{"start":0,"end":2,"label":"PER"},{"start":2,"end":4,"label":"ORG"}]}"#;
        assert_eq!(read(touching).unwrap().articles[0].mentions.len(), 2);
        assert!(message(&touching.replace("\"chars\":4", "\"chars\":3")).contains("ends at 3"));
    }

    #[test]
    fn failures_are_kept_and_give_way_to_the_article_itself() {
        let failed = r#"{"id":"x","error":{"code":"encoding","message":"not UTF-8"}}"#;
        let done = r#"{"id":"x","entities":[]}"#;
        assert_eq!(read(failed).unwrap().articles[0].failure.as_deref(), Some("not UTF-8"));
        for lines in [format!("{failed}\n{done}"), format!("{done}\n{failed}")] {
            let set = read(&lines).unwrap();
            assert_eq!((set.articles.len(), &set.articles[0].failure), (1, &None));
        }
    }
}
