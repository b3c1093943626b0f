//! Reads inputs one after the other, each by its format.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead, BufReader, Cursor},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tempfile::SpooledData;

use super::{
    Fields, Input, InputFormat, Inputs, SourceError, SourceErrorKind, TextEncoding, archive,
    bytes::{Allowance, decompressed, hold, read_all},
    html, json, jsonl, markdown, parquet, table, text, warc,
};
use crate::article::Article;

/// Articles that are read ahead.
const AHEAD: usize = 16;

/// Bytes that are read from a file at once. Those of a table decide its encoding.
const BUFFER_BYTES: usize = 1 << 16;

/// The reader's stack. Some parsers call themselves for elements inside elements; only what is used takes memory.
const STACK_BYTES: usize = 1 << 28;

/// The name of the thread that reads. A panic in it is an error of the article
/// that it was reading.
pub(crate) const READER_THREAD: &str = "musamma-reader";

/// How articles are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which fields of records hold what.
    pub fields: Fields,
    /// The encoding of all inputs; found out for each of them where it is `None`.
    pub encoding: Option<TextEncoding>,
    /// The most bytes an article may have, decompressed. What is larger is an error.
    pub max_article_bytes: u64,
}

impl ReadOptions {
    /// 16 MiB: a hundred times a long article, and still read within seconds.
    pub const MAX_ARTICLE_BYTES: u64 = 1 << 24;
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { fields: Fields::default(), encoding: None, max_article_bytes: Self::MAX_ARTICLE_BYTES }
    }
}

/// Reads all inputs in order. An article that cannot be read, or whose id was
/// seen before, is an error in its place; the others follow.
pub fn articles(inputs: &Inputs, options: &ReadOptions) -> Articles {
    let (sender, receiver) = sync_channel(AHEAD);
    let skipped = Arc::new(AtomicUsize::new(0));
    let mut emit = Emit { skipped: Arc::clone(&skipped), ..Emit::new(sender.clone()) };
    let (files, options) = (inputs.files.clone(), options.clone());
    let reader = thread::Builder::new().name(READER_THREAD.into()).stack_size(STACK_BYTES).spawn(move || {
        for (number, input) in files.iter().enumerate() {
            emit.begin(number, size_of_file(input));
            if guarded(&input.id, &mut emit, |emit| read_input(input, &options, emit)).is_err() {
                return;
            }
        }
    });
    if let Err(error) = reader {
        // There is room for it: nothing else was sent.
        let id = inputs.files.first().map(|input| input.id.clone()).unwrap_or_default();
        let _ = sender.send((0, Err(SourceError { id, kind: SourceErrorKind::Unreadable(error) })));
    }
    Articles { receiver, seen: HashSet::new(), skipped }
}

/// The bytes of an input; a pipe does not tell.
fn size_of_file(input: &Input) -> Option<u64> {
    let file = input.path.as_ref()?.metadata().ok()?;
    file.is_file().then_some(file.len())
}

/// Reads the articles in the bytes of one file, as if they stood in one with this id.
///
/// ```
/// use musamma::source::{InputFormat, ReadOptions, read_bytes};
///
/// let page = "<title>Tangier</title><p>The mayor of the city received a delegation.";
/// let articles = read_bytes("page.html", InputFormat::Html, page.into(), &ReadOptions::default());
/// let article = articles[0].as_ref().unwrap();
/// assert_eq!(article.text(), "Tangier\n\nThe mayor of the city received a delegation.");
/// ```
pub fn read_bytes(
    id: &str,
    format: InputFormat,
    bytes: Vec<u8>,
    options: &ReadOptions,
) -> Vec<Result<Article, SourceError>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let mut emit = Emit::new(sender.clone());
    emit.begin(0, Some(bytes.len() as u64));
    thread::scope(|scope| {
        let reader =
            thread::Builder::new().name(READER_THREAD.into()).stack_size(STACK_BYTES).spawn_scoped(scope, move || {
                let read = |emit: &mut Emit| match format {
                    InputFormat::Zip => archive::read_zip(id, Cursor::new(bytes), options, emit),
                    InputFormat::Parquet => parquet::read(id, bytes::Bytes::from(bytes), options, emit),
                    _ => read_stream(id, format, &mut &bytes[..], options, emit),
                };
                // All articles are taken.
                let _ = guarded(id, &mut emit, read);
            });
        if let Err(error) = reader {
            let _ = sender.send((0, Err(SourceError { id: id.to_owned(), kind: SourceErrorKind::Unreadable(error) })));
        }
        drop(sender);
        receiver.iter().map(|(_, article)| article).collect()
    })
}

/// Reads a file by `read`. A parser that panics on it costs this file only, and
/// what it said is the reason.
pub(super) fn guarded(
    id: &str,
    emit: &mut Emit,
    read: impl FnOnce(&mut Emit) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    catch_unwind(AssertUnwindSafe(|| read(emit))).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let reason = said.unwrap_or("its parser gave up").to_owned();
        emit.error(id.to_owned(), SourceErrorKind::Malformed { format: "readable", reason })
    })
}

/// The number of an input, and what was read from it.
type Read = (usize, Result<Article, SourceError>);

/// The articles of a run.
#[derive(Debug)]
pub struct Articles {
    receiver: Receiver<Read>,
    seen: HashSet<String>,
    skipped: Arc<AtomicUsize>,
}

impl Articles {
    /// Counts what was passed over so far inside of archives: files of unknown
    /// endings, and what is neither page nor text on the web.
    pub fn skipped(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.skipped)
    }

    /// The next article, if it is there in time, and the number of its input.
    /// Unlike as an iterator, this lets ids come twice.
    pub(crate) fn receive(&self, patience: Duration) -> Result<Read, RecvTimeoutError> {
        self.receiver.recv_timeout(patience)
    }
}

impl Iterator for Articles {
    type Item = Result<Article, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, article) = self.receiver.recv().ok()?;
        Some(match article {
            Ok(article) if !self.seen.insert(article.id.clone()) => {
                Err(SourceError { id: article.id, kind: SourceErrorKind::DuplicateId })
            }
            other => other,
        })
    }
}

/// Nobody wants further articles.
#[derive(Debug)]
pub(super) struct Stopped;

/// Where articles go.
pub(super) struct Emit {
    sender: SyncSender<Read>,
    /// The input that is being read.
    input: usize,
    skipped: Arc<AtomicUsize>,
    /// The archives that are open, each inside the one before.
    pub(super) depth: usize,
    /// What may come out of them.
    allowance: Allowance,
}

impl Emit {
    pub(super) fn new(sender: SyncSender<Read>) -> Self {
        Self { sender, input: 0, skipped: Arc::default(), depth: 0, allowance: Allowance::of(None) }
    }

    /// Another input is read, of so many bytes where that is known.
    fn begin(&mut self, input: usize, bytes: Option<u64>) {
        (self.input, self.depth, self.allowance) = (input, 0, Allowance::of(bytes));
    }

    /// So many bytes may come out of archives.
    #[cfg(test)]
    pub(super) fn allow(&mut self, bytes: u64) {
        self.allowance = Allowance::new(bytes);
    }

    pub(super) fn article(&mut self, article: Result<Article, SourceError>) -> Result<(), Stopped> {
        self.sender.send((self.input, article)).map_err(|_| Stopped)
    }

    pub(super) fn error(&mut self, id: String, kind: SourceErrorKind) -> Result<(), Stopped> {
        self.article(Err(SourceError { id, kind }))
    }

    pub(super) fn outcome(&mut self, id: &str, outcome: Result<Article, SourceErrorKind>) -> Result<(), Stopped> {
        self.article(outcome.map_err(|kind| SourceError { id: id.to_owned(), kind }))
    }

    /// Something was passed over.
    pub(super) fn skip(&mut self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }
}

fn read_input(input: &Input, options: &ReadOptions, emit: &mut Emit) -> Result<(), Stopped> {
    let unreadable = |error| SourceErrorKind::Unreadable(error);
    let id = input.id.as_str();
    match (&input.path, input.format) {
        (None, format) => read_stream(id, format, &mut io::stdin().lock(), options, emit),
        (Some(path), InputFormat::Zip) => match archive::open(path) {
            Ok(file) => archive::read_zip(id, file, options, emit),
            Err(error) => emit.error(id.to_owned(), unreadable(error)),
        },
        (Some(path), InputFormat::Parquet) => match File::open(path) {
            Ok(file) => parquet::read(id, file, options, emit),
            Err(error) => emit.error(id.to_owned(), unreadable(error)),
        },
        (Some(path), format) => match File::open(path) {
            Ok(file) => read_stream(id, format, &mut BufReader::with_capacity(BUFFER_BYTES, file), options, emit),
            Err(error) => emit.error(id.to_owned(), unreadable(error)),
        },
    }
}

/// Reads the articles of a stream, compressed or not. Formats that are read from their end are held first.
pub(super) fn read_stream(
    id: &str,
    format: InputFormat,
    stream: &mut dyn BufRead,
    options: &ReadOptions,
    emit: &mut Emit,
) -> Result<(), Stopped> {
    let mut stream = match decompressed(stream) {
        Ok(stream) => stream,
        Err(error) => return emit.error(id.to_owned(), SourceErrorKind::Unreadable(error)),
    };
    let mut allowed;
    let stream: &mut dyn BufRead = if emit.depth > 0 || format == InputFormat::Tar {
        allowed = emit.allowance.over(stream);
        &mut allowed
    } else {
        &mut *stream
    };
    match format {
        InputFormat::Text | InputFormat::Markdown | InputFormat::Html => {
            let article = read_all(stream, options.max_article_bytes).and_then(|bytes| match format {
                InputFormat::Html => html::read(id, bytes, None, options),
                InputFormat::Markdown => text::read(id, bytes, None, options).map(markdown::marked),
                _ => text::read(id, bytes, None, options),
            });
            emit.outcome(id, article)
        }
        InputFormat::Warc => warc::read(id, stream, options, emit),
        InputFormat::Tar => archive::read_tar(id, stream, options, emit),
        InputFormat::Jsonl | InputFormat::Json | InputFormat::Csv | InputFormat::Tsv => {
            read_records(id, format, stream, options, emit)
        }
        InputFormat::Zip => match hold(stream) {
            Ok(SpooledData::InMemory(bytes)) => archive::read_zip(id, bytes, options, emit),
            Ok(SpooledData::OnDisk(file)) => archive::read_zip(id, BufReader::new(file), options, emit),
            Err(kind) => emit.error(id.to_owned(), kind),
        },
        InputFormat::Parquet => match hold(stream) {
            Ok(SpooledData::InMemory(bytes)) => {
                parquet::read(id, bytes::Bytes::from(bytes.into_inner()), options, emit)
            }
            Ok(SpooledData::OnDisk(file)) => parquet::read(id, file, options, emit),
            Err(kind) => emit.error(id.to_owned(), kind),
        },
    }
}

/// Reads a stream of records. What is not in UTF-8 or said to be is only decoded
/// here where its units are wider than bytes, because there lines cannot be told apart before.
fn read_records(
    id: &str,
    format: InputFormat,
    stream: &mut dyn BufRead,
    options: &ReadOptions,
    emit: &mut Emit,
) -> Result<(), Stopped> {
    let mark = match byte_order_mark(stream) {
        Ok(mark) => mark,
        Err(error) => return emit.error(id.to_owned(), SourceErrorKind::Unreadable(error)),
    };
    let encoding = options.encoding.or(mark);
    let wide = encoding.filter(|encoding| encoding.is_wide());
    let decoded: Option<TextEncoding> = wide.or(if format == InputFormat::Json { encoding } else { None });
    let mut decoder;
    let stream: &mut dyn BufRead = match decoded {
        Some(encoding) => {
            decoder = BufReader::new(encoding.reader(stream));
            &mut decoder
        }
        None => stream,
    };
    let encoding = encoding.unwrap_or(TextEncoding::UTF_8);
    match format {
        InputFormat::Json => json::read(id, stream, encoding, options, emit),
        InputFormat::Csv => table::read(id, stream, None, decoded, options, emit),
        InputFormat::Tsv => table::read(id, stream, Some(b'\t'), decoded, options, emit),
        _ => jsonl::read(id, stream, encoding, options, emit),
    }
}

/// The encoding that a byte order mark at the beginning of a stream tells.
fn byte_order_mark(stream: &mut dyn BufRead) -> io::Result<Option<TextEncoding>> {
    Ok(TextEncoding::marked(stream.fill_buf()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, time::Duration};

    #[test]
    fn what_has_come_waits_for_nothing_else() {
        const PATIENCE: Duration = Duration::from_secs(60);
        for (format, begin, more) in [
            (InputFormat::Jsonl, "{\"text\":\"a\"}\n", "{\"text\":\"b\"}\n"),
            (InputFormat::Json, "[{\"text\":\"a\"}", ",{\"text\":\"b\"}"),
            (InputFormat::Csv, "text,id\na,1\n", "b,2\n"),
        ] {
            let (reader, mut writer) = io::pipe().unwrap();
            let (sender, receiver) = sync_channel(AHEAD);
            thread::spawn(move || {
                let mut emit = Emit::new(sender);
                read_stream("-", format, &mut BufReader::new(reader), &ReadOptions::default(), &mut emit).is_ok()
            });
            for (written, text) in [(begin, "a"), (more, "b")] {
                writer.write_all(written.as_bytes()).unwrap();
                let article = receiver.recv_timeout(PATIENCE).unwrap().1.unwrap();
                assert_eq!(article.text(), text, "{format:?}");
            }
        }
    }

    #[test]
    fn a_parser_that_panics_costs_its_input_only() {
        let (sender, receiver) = sync_channel(AHEAD);
        let mut emit = Emit::new(sender);
        assert!(guarded("a", &mut emit, |_| panic!("on purpose")).is_ok());
        assert_eq!(receiver.recv().unwrap().1.unwrap_err().kind.code(), "malformed");
    }

    #[test]
    fn nobody_waits_for_a_reader_whose_articles_are_not_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "{\"text\":\"a\"}\n".repeat(1000)).unwrap();
        let inputs = Inputs::find(&super::super::Search { paths: vec![path], ..Default::default() }).unwrap();
        let mut articles = articles(&inputs, &ReadOptions::default());
        assert_eq!(articles.next().unwrap().unwrap().id, "a.jsonl:1");
        assert_eq!(articles.count(), 999);
    }
}
