//! Other programs' annotation formats, read and written.
//!
//! Everything passes through [`Document`]: a text and labelled spans in code
//! points. Each format has a file here, which converts to the offset unit of
//! the program behind it:
//!
//! | format | offsets | files |
//! | --- | --- | --- |
//! | JSONL (gold, `musamma/1`) | code points | one |
//! | CoNLL, IOB2 | tokens | one |
//! | spaCy (`Doc.to_json`) | code points | one |
//! | doccano | code points | one |
//! | Label Studio | UTF-16 code units | one |
//! | brat | code points | a text and an `.ann` an article |
//! | WebAnno TSV 3 | UTF-16 code units | one an article |
//!
//! Tables, which are only written, hold records in another form: see [`TableFormat`].

mod brat;
mod conll;
mod doccano;
mod error;
mod jsonl;
mod label_studio;
mod spacy;
mod tables;
mod webanno;

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use walkdir::WalkDir;

pub use error::ExportError;
pub use tables::{TableError, TableFormat};

/// A text with labelled spans, in whatever scheme.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Names it.
    pub id: String,
    /// What the spans point into.
    pub text: String,
    /// Sorted by place.
    pub spans: Vec<LabelledSpan>,
    /// What else our own format says of it; no other has room for it.
    pub more: Map<String, Value>,
}

/// A part of a text with a label.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LabelledSpan {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// Whatever the file says it is.
    pub label: String,
    /// How sure the tagger was, where it says so.
    pub score: Option<f64>,
    /// What else our own format says of it.
    pub more: Map<String, Value>,
}

/// The formats there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForeignFormat {
    /// Our own: an article a line.
    Jsonl,
    /// A token a line, its tag in the last column.
    Conll,
    /// `Doc.to_json` of spaCy, an article a line.
    Spacy,
    /// doccano's JSONL.
    Doccano,
    /// Label Studio's JSON.
    LabelStudio,
    /// brat's standoff files, in a folder.
    Brat,
    /// WebAnno and INCEpTION TSV 3, in a folder.
    Webanno,
}

/// What a format is written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// One file with all articles.
    One(String),
    /// Files of a folder: relative path and content.
    Many(Vec<(PathBuf, String)>),
}

impl ForeignFormat {
    /// The format that a file's ending, or a folder's files, speak of; JSONL
    /// where they say nothing.
    pub fn of(path: &Path) -> Self {
        if path.is_dir() {
            return if files(path).any(|file| ends_in(&file, "ann")) { Self::Brat } else { Self::Webanno };
        }
        let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("conll" | "iob" | "iob2" | "bio") => Self::Conll,
            Some("tsv") => Self::Webanno,
            _ => Self::Jsonl,
        }
    }

    /// Reads all documents of a file or folder, in order.
    ///
    /// # Errors
    /// [`ExportError`] with file and line for the first thing that is not of the format.
    pub fn read(self, path: &Path) -> Result<Vec<Document>, ExportError> {
        let text = |path: &Path| {
            fs::read_to_string(path).map_err(|source| ExportError::Read { path: path.to_owned(), source })
        };
        let mut documents = match self {
            Self::Jsonl => jsonl::read(&text(path)?, path)?,
            Self::Conll => conll::read(&text(path)?, path)?,
            Self::Spacy => spacy::read(&text(path)?, path)?,
            Self::Doccano => doccano::read(&text(path)?, path)?,
            Self::LabelStudio => label_studio::read(&text(path)?, path)?,
            Self::Brat => {
                let mut documents = Vec::new();
                for file in files_or_self(path).filter(|file| ends_in(file, "ann")) {
                    let of_text = file.with_extension("txt");
                    let id = name(&of_text, path);
                    documents.push(brat::read(&text(&file)?, text(&of_text)?, id, &file)?);
                }
                documents
            }
            Self::Webanno => {
                let mut documents = Vec::new();
                for file in files_or_self(path).filter(|file| ends_in(file, "tsv")) {
                    let id = name(&file.with_extension(""), path);
                    documents.push(webanno::read(&text(&file)?, id, &file)?);
                }
                documents
            }
        };
        if documents.is_empty() && path.is_dir() {
            return Err(ExportError::Empty { path: path.to_owned() });
        }
        for document in &mut documents {
            document.spans.sort_by_key(|span| (span.start, span.end));
        }
        Ok(documents)
    }

    /// Writes documents in this format.
    ///
    /// # Errors
    /// [`ExportError::UnsafeId`] for an id that is no file name in formats that
    /// have a file an article, [`ExportError::SameFile`] for two of one file,
    /// [`ExportError::Span`] for a span outside its text, [`ExportError::Overlap`]
    /// for overlapping spans in formats that have one label a token.
    pub fn write(self, documents: &[Document]) -> Result<Files, ExportError> {
        for document in documents {
            let chars = document.text.chars().count();
            for &LabelledSpan { start, end, .. } in &document.spans {
                if start >= end || end > chars {
                    return Err(ExportError::Span { id: document.id.clone(), start, end, chars });
                }
            }
            if matches!(self, Self::Conll | Self::Webanno) {
                refuse_overlap(document)?;
            }
        }
        let lines = |line: fn(&Document) -> Value| {
            Files::One(documents.iter().map(|document| format!("{}\n", line(document))).collect())
        };
        Ok(match self {
            Self::Jsonl => lines(jsonl::write),
            Self::Spacy => lines(spacy::write),
            Self::Doccano => lines(doccano::write),
            Self::Conll => Files::One(documents.iter().map(conll::write).collect()),
            Self::LabelStudio => Files::One(label_studio::write(documents)),
            Self::Brat => {
                let (mut files, mut taken) = (Vec::new(), HashSet::new());
                for document in documents {
                    let path = file_name(&document.id)?;
                    let path = if document.id.ends_with(".txt") { path } else { with_ending(&path, "txt") };
                    if !taken.insert(path.clone()) {
                        return Err(ExportError::SameFile { id: document.id.clone(), path });
                    }
                    files.push((path.with_extension("ann"), brat::write(document)));
                    files.push((path, document.text.clone()));
                }
                Files::Many(files)
            }
            Self::Webanno => {
                let mut taken = HashSet::new();
                let file = |document: &Document| {
                    let path = with_ending(&file_name(&document.id)?, "tsv");
                    if taken.insert(path.clone()) {
                        Ok((path, webanno::write(document)))
                    } else {
                        Err(ExportError::SameFile { id: document.id.clone(), path })
                    }
                };
                Files::Many(documents.iter().map(file).collect::<Result<_, ExportError>>()?)
            }
        })
    }
}

/// The tags of a CoNLL file as they stand there, well-formed or not, sentence by sentence.
///
/// # Errors
/// [`ExportError`] for a line without a tag.
pub fn conll_tags(path: &Path) -> Result<Vec<Vec<String>>, ExportError> {
    let content = fs::read_to_string(path).map_err(|source| ExportError::Read { path: path.to_owned(), source })?;
    conll::tags(&content, path)
}

/// The entities of a CoNLL file that begin with an `I-` tag, by article and span
/// in code points: strict IOB2 has none there.
///
/// # Errors
/// [`ExportError`] for a line without a tag.
pub fn conll_ill_formed(path: &Path) -> Result<HashSet<(String, usize, usize)>, ExportError> {
    let content = fs::read_to_string(path).map_err(|source| ExportError::Read { path: path.to_owned(), source })?;
    conll::ill_formed(&content, path)
}

/// Whether a file's name ends in `.ending`, in letters of any case.
fn ends_in(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn refuse_overlap(document: &Document) -> Result<(), ExportError> {
    let mut spans: Vec<(usize, usize)> = document.spans.iter().map(|span| (span.start, span.end)).collect();
    spans.sort_unstable();
    match spans.windows(2).find(|pair| pair[1].0 < pair[0].1) {
        Some(pair) => Err(ExportError::Overlap { id: document.id.clone(), first: pair[0], second: pair[1] }),
        None => Ok(()),
    }
}

/// The files under a folder, sorted.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
}

/// The files under a folder, or the file itself.
fn files_or_self(path: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
    if path.is_dir() { Box::new(files(path)) } else { Box::new(std::iter::once(path.to_owned())) }
}

/// A file's path within `root`, with `/` between folders.
fn name(file: &Path, root: &Path) -> String {
    let within = file.strip_prefix(root).ok().filter(|within| within.components().next().is_some());
    let parts = within.or_else(|| file.file_name().map(Path::new)).unwrap_or(file).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The relative path an id stands for, which never leaves the folder it is in.
fn file_name(id: &str) -> Result<PathBuf, ExportError> {
    let path = Path::new(id);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if inside && !id.is_empty() && !id.ends_with('/') {
        Ok(path.to_owned())
    } else {
        Err(ExportError::UnsafeId { id: id.to_owned() })
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The id of a JSON value: a string or a number; otherwise its number in the file.
fn id(value: Option<&Value>, number: usize) -> String {
    match value {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => number.to_string(),
    }
}

/// The values of a file and the lines they begin in: one a line, or all in one array.
///
/// An array whose first item is a string is one value: the pair of a text and
/// its annotations.
fn objects(content: &str, path: &Path) -> Result<Vec<(usize, Value)>, ExportError> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let wrong = |line: usize, reason: String| ExportError::Format { path: path.to_owned(), line, reason };
    if content.trim_start().starts_with('[') {
        let whole = serde_json::from_str::<Vec<Value>>(content);
        let first = content.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        match whole {
            Ok(items) if items.first().is_some_and(Value::is_string) => return Ok(vec![(1, items.into())]),
            Ok(items) => {
                let mut lines = item_lines(content).into_iter();
                return Ok(items.into_iter().map(|item| (lines.next().unwrap_or(1), item)).collect());
            }
            // A line that is whole by itself is one of several pairs.
            Err(error) if serde_json::from_str::<Value>(first).is_err() => {
                return Err(wrong(error.line(), without_line(&error)));
            }
            Err(_) => {}
        }
    }
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            let value = serde_json::from_str(line).map_err(|error| wrong(index + 1, without_line(&error)))?;
            Ok((index + 1, value))
        })
        .collect()
}

/// The lines in which the items of an array begin that can be read.
fn item_lines(array: &str) -> Vec<usize> {
    let breaks = |text: &str| text.matches('\n').count();
    let mut lines = Vec::new();
    let Some(start) = array.find('[') else { return lines };
    let (mut at, mut line) = (start + 1, 1 + breaks(&array[..start]));
    loop {
        let rest = array[at..].trim_start_matches(|sign: char| sign.is_whitespace() || sign == ',');
        let begins = array.len() - rest.len();
        line += breaks(&array[at..begins]);
        let mut items = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        if !matches!(items.next(), Some(Ok(_))) {
            return lines;
        }
        lines.push(line);
        at = begins + items.byte_offset();
        line += breaks(&array[begins..at]);
    }
}

/// What the parser says, without the line, which is told beside it.
fn without_line(error: &serde_json::Error) -> String {
    error.to_string().replace(&format!(" at line {} column", error.line()), " at column")
}

/// Where each code point of a text begins in UTF-16 code units, and where the text ends.
fn utf16_starts(text: &str) -> Vec<usize> {
    let mut end = 0;
    let ends = text.chars().map(|character| {
        end += character.len_utf16();
        end
    });
    std::iter::once(0).chain(ends).collect()
}

/// A span of UTF-16 code units in code points; `None` where it is none of the
/// text, or empty. `starts` are those of [`utf16_starts`].
fn from_utf16(starts: &[usize], start: usize, end: usize) -> Option<(usize, usize)> {
    let chars = |unit: usize| starts.binary_search(&unit).ok();
    Some((chars(start)?, chars(end)?)).filter(|(start, end)| start < end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;
    use proptest::prelude::*;

    const FORMATS: [ForeignFormat; 7] = [
        ForeignFormat::Jsonl,
        ForeignFormat::Conll,
        ForeignFormat::Spacy,
        ForeignFormat::Doccano,
        ForeignFormat::LabelStudio,
        ForeignFormat::Brat,
        ForeignFormat::Webanno,
    ];

    #[test]
    fn what_a_format_cannot_hold_or_a_folder_does_not_is_an_error() {
        let span =
            |start, end| LabelledSpan { start, end, label: "ORG".into(), score: None, ..LabelledSpan::default() };
        let nested = Document {
            id: "a".into(),
            text: "جماعة طنجة".into(),
            spans: vec![span(0, 10), span(6, 10)],
            ..Document::default()
        };
        for (format, holds) in
            [(ForeignFormat::Conll, false), (ForeignFormat::Webanno, false), (ForeignFormat::Brat, true)]
        {
            assert_eq!(format.write(std::slice::from_ref(&nested)).is_ok(), holds, "{format:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("article.txt"), "طنجة").unwrap();
        assert!(matches!(ForeignFormat::Webanno.read(folder.path()), Err(ExportError::Empty { .. })));
        let far = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.NamedEntity|value\n\n#Text=a\n1-1\t900000000-900000001\ta\tORG\n";
        fs::write(folder.path().join("far.TSV"), far).unwrap();
        let error = ForeignFormat::of(folder.path()).read(folder.path()).unwrap_err();
        assert!(error.to_string().contains("beyond"), "{error}");
    }

    #[test]
    fn json_is_read_by_lines_as_an_array_and_as_one_pair_and_errors_have_their_line() {
        let read = |content: &str| objects(content, Path::new("a.json"));
        let lines = |content: &str| read(content).unwrap().into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines("{\"a\":1}\n\n{\"a\":2}\n"), [1, 3]);
        assert_eq!(lines("[\n  {\"a\": \"[,\\n\"},\n  {\"a\":\n 2}, {}\n]"), [2, 3, 4]);
        assert_eq!(lines("[\"a\", {\"entities\": []}]"), [1]);
        assert_eq!(lines("[\"a\", {}]\n[\"b\", {}]"), [1, 2]);
        assert_eq!(lines("[]"), [0; 0]);
        let error = |content: &str| read(content).unwrap_err().to_string();
        assert!(
            error("[\n{\"a\": 1},\n{\"a\" 2}\n]").starts_with("`a.json` line 3: expected `:` at column"),
            "broken array"
        );
        assert!(error("{\"a\": 1}\n{\"a\" 2}").starts_with("`a.json` line 2: expected `:` at column"), "broken line");
        assert!(error("[\"a\", {}]\n[\"b\"").starts_with("`a.json` line 2: EOF"), "broken pair");
        let pair = "[\"طنجة\", {\"entities\": [[0, 4, \"CITY\"]]}]";
        assert_eq!(spacy::read(pair, Path::new("a.json")).unwrap()[0].spans.len(), 1);
    }

    fn round_trip(format: ForeignFormat, documents: &[Document]) -> Vec<Document> {
        let folder = tempfile::tempdir().unwrap();
        match format.write(documents).unwrap() {
            Files::One(content) => {
                let path = folder.path().join("all");
                fs::write(&path, content).unwrap();
                format.read(&path).unwrap()
            }
            Files::Many(files) => {
                for (path, content) in files {
                    let path = folder.path().join(path);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, content).unwrap();
                }
                format.read(folder.path()).unwrap()
            }
        }
    }

    fn slices(document: &Document) -> Vec<(String, String)> {
        let slice = |span: &LabelledSpan| {
            let text: String = document.text.chars().skip(span.start).take(span.end - span.start).collect();
            (span.label.clone(), text.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        document.spans.iter().map(slice).collect()
    }

    /// A document of the mentions in a text.
    fn document(id: &str, text: &str, mentions: &[(&str, &str)]) -> Document {
        let article = Article::new(id, text);
        let span = |&(label, mention): &(&str, &str)| {
            let start = text.find(mention).unwrap();
            let chars = article.span(start..start + mention.len()).unwrap().chars();
            LabelledSpan {
                start: chars.start,
                end: chars.end,
                label: label.into(),
                score: None,
                ..LabelledSpan::default()
            }
        };
        Document { id: id.into(), text: text.into(), spans: mentions.iter().map(span).collect(), ..Document::default() }
    }

    #[test]
    fn articles_come_back_with_ids_texts_and_spans() {
        let documents = [
            document(
                "a/1.txt",
                "👍 لقاء وبطنجة، أمس\nمع \"Mounir\tLimouri\" [sic]\n\nفاس",
                &[("CITY", "طنجة"), ("DATE", "أمس"), ("PER", "Mounir\tLimouri"), ("CITY", "فاس")],
            ),
            document(
                "b.txt",
                "\u{feff}L’Algérie_2|3; a*b->c\r\nOn Tuesday",
                &[("LOC", "Algérie"), ("DATE", "Tuesday")],
            ),
            document("c.txt", "nothing", &[]),
        ];
        for format in FORMATS {
            let back = round_trip(format, &documents);
            let expected_ids = ["a/1.txt", "b.txt", "c.txt"];
            assert_eq!(
                back.iter().map(|document| document.id.as_str()).collect::<Vec<_>>(),
                expected_ids,
                "{format:?}"
            );
            for (document, back) in documents.iter().zip(&back) {
                assert_eq!(slices(document), slices(back), "{format:?}");
                // CoNLL files hold tokens, not the text.
                if format != ForeignFormat::Conll {
                    assert_eq!((&document.text, &document.spans), (&back.text, &back.spans), "{format:?}");
                }
            }
        }
    }

    #[test]
    fn an_id_never_leaves_the_folder() {
        for id in ["../a", "/a", "a/../b", "", "a/"] {
            let document = Document { id: id.into(), text: "a".into(), ..Document::default() };
            let refused = ForeignFormat::Brat.write(&[document]);
            assert!(matches!(refused, Err(ExportError::UnsafeId { .. })), "{id}");
        }
    }

    #[test]
    fn two_articles_never_share_a_file() {
        let documents = ["a", "a.txt"].map(|id| Document { id: id.into(), text: "a".into(), ..Document::default() });
        assert!(matches!(ForeignFormat::Brat.write(&documents), Err(ExportError::SameFile { .. })));
        assert!(ForeignFormat::Webanno.write(&documents).is_ok());
    }

    #[test]
    fn utf16_offsets_become_code_points() {
        let starts = utf16_starts("👍 ab");
        assert_eq!(from_utf16(&starts, 3, 5), Some((2, 4)));
        assert_eq!(from_utf16(&starts, 1, 5), None, "inside a surrogate pair");
        assert_eq!(from_utf16(&starts, 3, 6), None, "past the end");
    }

    proptest! {
        #[test]
        fn any_text_comes_back(
            text in "[a-z👍طﻻ\u{64e}\u{200f}\\\\|\\[\\]_\\*.;#\"'\t\r\n -]{1,40}",
            cuts in prop::collection::btree_set(0..40_usize, 2..8),
        ) {
            let chars = text.chars().count();
            let cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut <= chars).collect();
            let visible = |start: usize, end: usize| !crate::words::words(&text.chars().skip(start).take(end - start).collect::<String>()).is_empty();
            let spans = cuts.chunks_exact(2).filter(|cut| visible(cut[0], cut[1])).map(|cut| LabelledSpan {
                start: cut[0], end: cut[1], label: "A-B_c".into(), ..LabelledSpan::default()
            });
            let document = Document { id: "a.txt".into(), text: text.clone(), spans: spans.collect(), ..Document::default() };
            for format in FORMATS {
                let back = round_trip(format, std::slice::from_ref(&document)).remove(0);
                match format {
                    ForeignFormat::Conll => prop_assert_eq!(back.spans.len(), document.spans.len()),
                    // A line cannot hold what ends it, nor a token white space at its edges.
                    ForeignFormat::Webanno => prop_assert_eq!(&back.text, &document.text),
                    _ => prop_assert_eq!(&back, &document, "{:?}", format),
                }
            }
        }
    }
}
