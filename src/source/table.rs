//! CSV and TSV: a row is an article, and the first row names the columns.

use std::{
    io::{self, BufRead, Cursor, Read},
    ops::ControlFlow,
};

use csv::{ByteRecord, ReaderBuilder};

use super::{
    ReadOptions, SourceError, SourceErrorKind,
    bytes::TOO_LARGE,
    encoding::{self, TextEncoding},
    reader::{Emit, Stopped},
    record::{Cell, Record},
};
use crate::article::Article;

/// Reads rows one by one; the second line has the place `FILE:2`. `separator`
/// is found out from the first line where it is `None`.
pub(super) fn read(
    id: &str,
    reader: &mut dyn BufRead,
    separator: Option<u8>,
    decoded: Option<TextEncoding>,
    options: &ReadOptions,
    emit: &mut Emit,
) -> Result<(), Stopped> {
    let sample = match beginning(reader, options.max_article_bytes) {
        Ok(sample) => sample,
        Err(error) => return emit.error(id.to_owned(), SourceErrorKind::Unreadable(error)),
    };
    let separator = separator.unwrap_or_else(|| guess_separator(&sample));
    // That of the stream, or what all of its beginning is in; otherwise each row is looked at by itself.
    let known = decoded.or(options.encoding).or_else(|| of_beginning(&sample));
    let mut replay = Replay::over(Cursor::new(sample).chain(reader), options.max_article_bytes);
    let mut table = Table { separator, columns: Vec::new(), known, is_decoded: decoded.is_some(), options };
    while table.read_rows(id, &mut replay, emit)?.is_continue() {}
    Ok(())
}

/// What has come of a table so far, and at least its first line: what separates
/// its columns shows there, and often its encoding. A row that has come waits for no other.
fn beginning(reader: &mut dyn BufRead, limit: u64) -> io::Result<Vec<u8>> {
    let mut sample = reader.fill_buf()?.to_vec();
    reader.consume(sample.len());
    if !sample.contains(&b'\n') {
        reader.take(limit).read_until(b'\n', &mut sample)?;
    }
    Ok(sample)
}

/// A table.
struct Table<'a> {
    separator: u8,
    /// Empty until its header was read.
    columns: Vec<String>,
    known: Option<TextEncoding>,
    /// Whether the bytes are UTF-8 now, whatever they were.
    is_decoded: bool,
    options: &'a ReadOptions,
}

impl Table<'_> {
    /// Reads rows to the end of the table, or up to one that is broken; those below it are then to be read anew.
    fn read_rows(
        &mut self,
        id: &str,
        replay: &mut Replay<impl Read>,
        emit: &mut Emit,
    ) -> Result<ControlFlow<()>, Stopped> {
        let limit = self.options.max_article_bytes;
        let mut rows =
            ReaderBuilder::new().delimiter(self.separator).has_headers(false).flexible(true).from_reader(&mut *replay);
        let mut row = ByteRecord::new();
        let place = loop {
            let start = rows.position().byte();
            let outcome = rows.read_byte_record(&mut row);
            let length = usize::try_from(rows.position().byte() - start).unwrap_or(usize::MAX);
            let replay = rows.get_mut();
            let (line, last_line) = (replay.line(), replay.last_line(length));
            let place = format!("{id}:{line}");
            match outcome {
                Ok(false) => return Ok(ControlFlow::Break(())),
                // The end of the table is an end of a row too, even where a quote is open.
                Ok(true) if replay.ends_after(length) && replay.open_quote(self.separator).is_some() => break place,
                Ok(true) => {
                    let swallows = last_line > line && replay.breaks_quote(length, self.separator);
                    replay.forget(length);
                    if !self.columns.is_empty() {
                        let mut article = if length as u64 > limit {
                            Err(SourceError { id: place, kind: SourceErrorKind::TooLarge { limit } })
                        } else {
                            self.article(&row, place, line, last_line)
                        };
                        if swallows && let Ok(article) = &mut article {
                            article.warnings.push(format!(
                                "a quote stands inside of a field: lines {line} to {last_line} were read as one row; double \
                                 the quotes that are part of a text, and close the others"
                            ));
                        }
                        emit.article(article)?;
                    } else if row.iter().any(|cell| !cell.trim_ascii().is_empty())
                        && let Err(kind) = self.read_header(&row)
                    {
                        emit.error(id.to_owned(), kind)?;
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Err(_) if replay.is_spent() => break place,
                Err(error) => {
                    emit.error(place, SourceErrorKind::Unreadable(error.into()))?;
                    return Ok(ControlFlow::Break(()));
                }
            }
        };
        // Where a quote is open, the line it stands on is what is lost. It may have been
        // opened by mistake, and nothing that follows can tell.
        let (is_spent, quote) = (replay.is_spent(), replay.open_quote(self.separator));
        let quote = quote.filter(|quote| !is_spent || quote.next_line.is_some());
        let kind = match &quote {
            Some(quote) => SourceErrorKind::OpenQuote { line: quote.line, limit: is_spent.then_some(limit) },
            None => SourceErrorKind::TooLarge { limit },
        };
        if self.columns.is_empty() {
            // Nothing is known of a table without its header.
            emit.error(id.to_owned(), kind)?;
            return Ok(ControlFlow::Break(()));
        }
        emit.error(place.clone(), kind)?;
        let passed = match quote {
            Some(OpenQuote { next_line: Some(length), .. }) => {
                replay.rewind(length);
                Ok(())
            }
            _ => replay.pass_line(),
        };
        match passed {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(error) => {
                emit.error(place, SourceErrorKind::Unreadable(error))?;
                Ok(ControlFlow::Break(()))
            }
        }
    }

    fn read_header(&mut self, row: &ByteRecord) -> Result<(), SourceErrorKind> {
        let (cells, _) = self.decode(row)?;
        self.columns = cells.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let field = &self.options.fields.text;
        if self.columns.contains(field) {
            Ok(())
        } else {
            Err(SourceErrorKind::NoColumn { field: field.clone(), columns: self.columns.clone() })
        }
    }

    fn article(&self, row: &ByteRecord, place: String, line: u64, last_line: u64) -> Result<Article, SourceError> {
        let fields = &self.options.fields;
        let cells = self.decode(row).and_then(|(cells, encoding)| {
            if cells.len() == self.columns.len() {
                return Ok((cells, encoding));
            }
            let hint = if last_line > line {
                format!(", on lines {line} to {last_line}: a quote may be open there that should be closed or doubled")
            } else {
                String::new()
            };
            let reason = format!("a row of {} fields under {} columns{hint}", cells.len(), self.columns.len());
            Err(SourceErrorKind::Malformed { format: "a table", reason })
        });
        let (cells, encoding) = match cells {
            Ok(cells) => cells,
            Err(kind) => return Err(SourceError { id: place, kind }),
        };
        let mut record = Record::default();
        // Of columns with the same name the first counts.
        for (name, cell) in self.columns.iter().zip(&cells).rev() {
            record.set(fields, name, || Cell::Text(cell.clone()));
        }
        record.article(fields, place, encoding.name())
    }

    /// The fields of a row as text.
    fn decode(&self, row: &ByteRecord) -> Result<(Vec<String>, TextEncoding), SourceErrorKind> {
        if let Some(encoding) = self.known {
            let of_bytes = if self.is_decoded { TextEncoding::UTF_8 } else { encoding };
            let cells: Result<Vec<String>, _> = row.iter().map(|cell| of_bytes.decode(cell)).collect();
            return Ok((cells?, encoding));
        }
        let (_, encoding) = encoding::decode(row.as_slice().to_vec(), None, None)?;
        let cells: Result<Vec<String>, _> = row.iter().map(|cell| encoding.decode(cell)).collect();
        Ok((cells?, encoding))
    }
}

/// A reader that keeps the bytes of the row that is being parsed, so that those that
/// a quote without end has swallowed can be parsed again.
struct Replay<R> {
    reader: R,
    kept: Vec<u8>,
    /// Where the row begins in what is kept.
    row: usize,
    /// Up to where the parser has it.
    given: usize,
    /// The line on which the row begins, from 1.
    line: u64,
    /// Whether nothing follows what is kept.
    at_end: bool,
    limit: u64,
}

/// Where a quote was opened that is still open.
#[derive(Debug, PartialEq, Eq)]
struct OpenQuote {
    /// The line of the file, from 1.
    line: u64,
    /// From the beginning of the row to that of the next line, where there is one.
    next_line: Option<usize>,
}

impl<R: Read> Replay<R> {
    /// Fails where the parser takes more than `limit` bytes in for one row.
    fn over(reader: R, limit: u64) -> Self {
        // What a parser reads ahead belongs to the next row.
        let limit = limit.saturating_add(1 << 16);
        Self { reader, kept: Vec::new(), row: 0, given: 0, line: 1, at_end: false, limit }
    }

    /// The first bytes of the row.
    fn first(&self, length: usize) -> &[u8] {
        let row = &self.kept[self.row..];
        &row[..length.min(row.len())]
    }

    /// The line on which the row begins; blank ones before it are passed over.
    fn line(&self) -> u64 {
        let row = &self.kept[self.row..];
        self.line + line_feeds(&row[..row.iter().take_while(|&&byte| is_line_end(byte)).count()])
    }

    /// The line on which these bytes of the row end.
    fn last_line(&self, length: usize) -> u64 {
        let row = self.first(length);
        let line_ends = row.iter().rev().take_while(|&&byte| is_line_end(byte)).count();
        self.line + line_feeds(&row[..row.len() - line_ends])
    }

    /// Whether a field of these bytes of the row goes on behind the quote that should end it, below the
    /// line where it began. The quote may begin a field of another row.
    fn breaks_quote(&self, length: usize, separator: u8) -> bool {
        quotes(self.first(length), separator).1
    }

    /// Whether the parser has taken in more than an article may have.
    fn is_spent(&self) -> bool {
        (self.given - self.row) as u64 > self.limit
    }

    /// Whether the table ends with these bytes of the row.
    fn ends_after(&self, length: usize) -> bool {
        self.at_end && length == self.kept.len() - self.row
    }

    /// The quote that is open where the parser is.
    fn open_quote(&self, separator: u8) -> Option<OpenQuote> {
        let row = &self.kept[self.row..self.given];
        let at = quotes(row, separator).0?;
        let line_end = |end| row[at..].iter().position(|&byte| byte == end);
        // A table from an old Macintosh has no line feeds.
        let next_line = line_end(b'\n').or_else(|| line_end(b'\r')).map(|length| at + length + 1);
        Some(OpenQuote { line: self.line + line_feeds(&row[..at]), next_line })
    }

    /// These bytes of the row are done with.
    fn forget(&mut self, length: usize) {
        let bytes = self.first(length);
        let (length, line_feeds) = (bytes.len(), line_feeds(bytes));
        self.row += length;
        self.line += line_feeds;
    }

    /// As [`forget`](Self::forget); what follows is given to a parser anew.
    fn rewind(&mut self, length: usize) {
        self.forget(length);
        self.given = self.row;
    }

    /// Passes over the row and what is left of the line where the parser is.
    fn pass_line(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.kept[self.given..];
            if let Some(end) = rest.iter().position(|&byte| is_line_end(byte)) {
                self.rewind(self.given - self.row + end + 1);
                return Ok(());
            }
            self.rewind(self.kept.len() - self.row);
            if self.at_end {
                return Ok(());
            }
            self.fill(1 << 16)?;
        }
    }

    /// Reads at most so many bytes more.
    fn fill(&mut self, most: usize) -> io::Result<()> {
        self.kept.drain(..self.row);
        self.given -= self.row;
        self.row = 0;
        let before = self.kept.len();
        self.kept.resize(before + most, 0);
        let outcome = self.reader.read(&mut self.kept[before..]);
        let read = *outcome.as_ref().unwrap_or(&0);
        self.kept.truncate(before + read);
        self.at_end |= outcome.is_ok() && read == 0;
        outcome.map(|_| ())
    }
}

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_spent() {
            return Err(io::Error::other(TOO_LARGE));
        }
        if self.given == self.kept.len() && !self.at_end {
            self.fill(buffer.len())?;
        }
        let read = (&self.kept[self.given..]).read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

/// Where the quote stands that is open at the end of these bytes, which begin a row; and whether a
/// quoted field of several lines goes on behind the quote that should end it.
fn quotes(row: &[u8], separator: u8) -> (Option<usize>, bool) {
    enum State {
        FieldBegins,
        Quoted,
        /// Behind a quote that ends the field, unless another follows.
        QuotedOnce,
        Unquoted,
    }
    let mark = if row.starts_with("\u{feff}".as_bytes()) { "\u{feff}".len() } else { 0 };
    let (mut state, mut opened, mut goes_on) = (State::FieldBegins, 0, false);
    for (at, &byte) in row.iter().enumerate().skip(mark) {
        state = match (state, byte) {
            (State::Quoted, b'"') => State::QuotedOnce,
            (State::Quoted, _) | (State::QuotedOnce, b'"') => State::Quoted,
            (State::FieldBegins, b'"') => {
                opened = at;
                State::Quoted
            }
            _ if byte == separator || is_line_end(byte) => State::FieldBegins,
            (State::QuotedOnce, _) => {
                goes_on |= row[opened..at].contains(&b'\n');
                State::Unquoted
            }
            _ => State::Unquoted,
        };
    }
    (matches!(state, State::Quoted).then_some(opened), goes_on)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// The encoding of a file that begins with these bytes, where it is another than UTF-8.
fn of_beginning(sample: &[u8]) -> Option<TextEncoding> {
    // A character may be cut at the end.
    let whole = match std::str::from_utf8(sample) {
        Ok(_) => return None,
        Err(error) if error.error_len().is_none() => return None,
        Err(_) => sample.to_vec(),
    };
    encoding::decode(whole, None, None).ok().map(|(_, encoding)| encoding)
}

/// What stands most often between the fields of the first line: a comma, a semicolon or a tab.
fn guess_separator(sample: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for &byte in sample {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ => {}
        }
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(separator, _)| *separator == byte) {
            *count += 1;
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |&(separator, _)| separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{InputFormat, read_bytes};

    #[test]
    fn what_separates_columns_shows_in_the_first_line() {
        assert_eq!(guess_separator(b"id,text\n1;2;3;4,5"), b',');
        assert_eq!(guess_separator(b"id;\"a,b,c\";text\n"), b';');
        assert_eq!(guess_separator(b"id\ttext\n"), b'\t');
        assert_eq!(guess_separator(b"text\n"), b',');
    }

    #[test]
    fn a_quote_is_open_as_the_parser_sees_it() {
        for (row, open) in [
            ("a,\"b", Some(2)),
            ("\"a\nb\",\"c\n", Some(6)),
            ("\"a\"\"\n", Some(0)),
            ("\u{feff}\"a", Some(3)),
            ("a,\"b\"", None),
            ("\"a\"\"\"\n", None),
            // A quote inside of a field is one of its characters.
            ("a\"b,c\n", None),
            ("\"a\"b\"c\n", None),
        ] {
            assert_eq!(quotes(row.as_bytes(), b','), (open, false), "{row}");
            // The parser ends a row at the end of a line, unless a quote is open there.
            let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(row.as_bytes());
            let mut found = ByteRecord::new();
            rows.read_byte_record(&mut found).unwrap();
            let followed = format!("{}\nz", row.trim_end_matches('\n'));
            let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(followed.as_bytes());
            rows.read_byte_record(&mut found).unwrap();
            assert_eq!(found[found.len() - 1].ends_with(b"\nz"), open.is_some(), "{row}");
        }
    }

    /// Ids of the articles of a table with their texts, or errors.
    fn read_table(table: &str, max_article_bytes: u64) -> Vec<(String, String)> {
        let options = ReadOptions { max_article_bytes, ..ReadOptions::default() };
        let found = |article: Result<Article, SourceError>| match article {
            Ok(article) => (article.id.clone(), article.text().to_owned()),
            Err(error) => (error.id, error.kind.to_string()),
        };
        read_bytes("t", InputFormat::Csv, table.into(), &options).into_iter().map(found).collect()
    }

    fn at(line: usize, text: &str) -> (String, String) {
        (format!("t:{line}"), text.to_owned())
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_line_only() {
        const MANY: u64 = 1 << 20;
        let open = |line: usize| {
            format!(
                "the quote opened on line {line} is not closed; close it, or double it where it is part of the text; \
                 what stands below that line is read as rows"
            )
        };
        let table = "n,text\n1,first\n2,\"never closed\n3,third\n\n4,a \"\"fourth\"\"\n5,last";
        let expected = [at(2, "first"), at(3, &open(3)), at(4, "third"), at(6, "a \"\"fourth\"\""), at(7, "last")];
        assert_eq!(read_table(table, MANY), expected);
        assert_eq!(read_table(&table.replace('\n', "\r\n"), MANY), expected);
        // A field of several lines goes before it.
        let table = "n,text\n\"1\n2\",\"a\n,b\nc,d";
        assert_eq!(read_table(table, MANY), [at(2, &open(3)), at(4, "b"), at(5, "d")]);
        assert_eq!(read_table("text\n\"never closed", MANY), [at(2, &open(2))]);
        assert_eq!(read_table("text\n\"closed\nat the end\"", MANY), [at(2, "closed\nat the end")]);
        // Nothing is known of rows without a header.
        let [(id, error)] = &read_table("n,\"text\n1,first\n", MANY)[..] else { panic!("one error") };
        assert_eq!((id.as_str(), error), ("t", &open(1)));
    }

    #[test]
    fn rows_that_a_quote_may_have_joined_are_told() {
        let warnings = |table: &str| -> Vec<String> {
            let articles = read_bytes("t", InputFormat::Csv, table.into(), &ReadOptions::default());
            articles.into_iter().flat_map(|article| article.unwrap().warnings).collect()
        };
        let [warning] = &warnings("n,text\n1,one\n2,\"two\n3,\"three\"\n4,\"four\"\n")[..] else { panic!("one") };
        assert!(
            warning.starts_with("a quote stands inside of a field: lines 3 to 4 were read as one row"),
            "{warning}"
        );
        // As they should be, and where no line can have been swallowed.
        assert!(warnings("n,text\n1,\"a\n\"\"b\"\"\n\"\n2,\"c\"d\"\n").is_empty());
        let [_, (id, error), _] = &read_table("n,text\n1,2\n\"3\n4,\"\n5\"\n", 1 << 20)[..] else { panic!("three") };
        assert_eq!(id, "t:3");
        assert!(error.contains("a row of 1 fields under 2 columns, on lines 3 to 4: a quote may be open"), "{error}");
    }

    #[test]
    fn a_row_that_is_too_long_costs_itself_only() {
        // More than a parser may read ahead.
        let long = "x".repeat(1 << 18);
        let table = format!("text\nfirst\n{long}\nthird\n");
        let too_long = "larger than 1000 bytes; raise `--max-article-bytes` if it is an article";
        assert_eq!(read_table(&table, 1000), [at(2, "first"), at(3, too_long), at(4, "third")]);
        // What fits into what is read ahead.
        let table = format!("text\n{}\nsecond\n", &long[..2000]);
        assert_eq!(read_table(&table, 1000), [at(2, too_long), at(3, "second")]);
        // In quotes, on one line, and as the last one.
        let table = format!("text\n\"{long}\"\nsecond\n{long}");
        assert_eq!(read_table(&table, 1000), [at(2, too_long), at(3, "second"), at(4, too_long)]);
    }

    #[test]
    fn a_quote_that_is_open_for_too_long_is_taken_for_a_mistake() {
        let rows = (0..40_000).map(|row| format!("{row},row {row}\n"));
        let table = format!("n,text\n1,first\n2,\"never closed\n{}z,\"last\"\n", rows.collect::<String>());
        assert!(table.len() > 1 << 19);
        let found = read_table(&table, 1000);
        assert_eq!(found.len(), 40_003);
        assert_eq!(found[0], at(2, "first"));
        let (id, error) = &found[1];
        assert_eq!(id, "t:3");
        assert!(error.starts_with("the quote opened on line 3 is not closed within 1000 bytes; close it"), "{error}");
        assert!(error.contains("raise `--max-article-bytes`"), "{error}");
        assert_eq!(
            (&found[2], &found[40_001], &found[40_002]),
            (&at(4, "row 0"), &at(40_003, "row 39999"), &at(40_004, "last"))
        );
    }
}
