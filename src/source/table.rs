//! CSV and TSV: a row is an article, and the first row names the columns.

use std::io::{self, BufRead, Cursor, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::{
    ReadOptions, SourceError, SourceErrorKind,
    bytes::Meter,
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
    emit: &mut Emit<'_>,
) -> Result<(), Stopped> {
    let sample = match beginning(reader, options.max_article_bytes) {
        Ok(sample) => sample,
        Err(error) => return emit.error(id.to_owned(), SourceErrorKind::Unreadable(error)),
    };
    let separator = separator.unwrap_or_else(|| guess_separator(&sample));
    // That of the stream, or what all of its beginning is in; otherwise each row is looked at by itself.
    let known = decoded.or(options.encoding).or_else(|| of_beginning(&sample));
    let (metered, meter) = Meter::over(Cursor::new(sample).chain(reader), options.max_article_bytes);
    let mut rows = ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(metered);

    let mut table = Table { columns: Vec::new(), known, is_decoded: decoded.is_some(), options };
    let mut row = ByteRecord::new();
    loop {
        meter.reset();
        match rows.read_byte_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            // An open quotation mark swallows the rest of the file.
            Err(_) if meter.is_spent() => {
                let place = format!("{id}:{}", rows.position().line());
                return emit.error(place, SourceErrorKind::TooLarge { limit: options.max_article_bytes });
            }
            Err(error) => {
                let place = format!("{id}:{}", rows.position().line());
                return emit.error(place, SourceErrorKind::Unreadable(error.into()));
            }
        }
        let line = row.position().map_or(0, csv::Position::line);
        if table.columns.is_empty() {
            // A blank file, or blank lines before the header.
            if row.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            if let Err(kind) = table.read_header(&row) {
                return emit.error(id.to_owned(), kind);
            }
        } else {
            emit.article(table.article(&row, format!("{id}:{line}")))?;
        }
    }
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

/// A table whose header was read.
struct Table<'a> {
    columns: Vec<String>,
    known: Option<TextEncoding>,
    /// Whether the bytes are UTF-8 now, whatever they were.
    is_decoded: bool,
    options: &'a ReadOptions,
}

impl Table<'_> {
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

    fn article(&self, row: &ByteRecord, place: String) -> Result<Article, SourceError> {
        let fields = &self.options.fields;
        let cells = self.decode(row).and_then(|(cells, encoding)| {
            if cells.len() == self.columns.len() {
                return Ok((cells, encoding));
            }
            let reason = format!("a row of {} fields under {} columns", cells.len(), self.columns.len());
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

    #[test]
    fn what_separates_columns_shows_in_the_first_line() {
        assert_eq!(guess_separator(b"id,text\n1;2;3;4,5"), b',');
        assert_eq!(guess_separator(b"id;\"a,b,c\";text\n"), b';');
        assert_eq!(guess_separator(b"id\ttext\n"), b'\t');
        assert_eq!(guess_separator(b"text\n"), b',');
    }
}
