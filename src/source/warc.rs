//! Web archives: a page or a text that was fetched is an article.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read},
};

use super::{
    InputFormat, ReadOptions, SourceErrorKind,
    bytes::{Line, decompressed, read_all, read_line},
    encoding::TextEncoding,
    html,
    reader::{Emit, Stopped},
    text,
};

/// The types of records that can hold an article.
const ARTICLES: [&str; 3] = ["response", "resource", "conversion"];

/// Lines of a record's header, and bytes of them.
const MOST_HEADERS: usize = 128;
const MOST_HEADER_BYTES: u64 = 1 << 16;

/// Reads records one by one. An article's id is `FILE/URI`; where a page was
/// fetched again, a number stands behind it.
pub(super) fn read(
    id: &str,
    reader: &mut dyn BufRead,
    options: &ReadOptions,
    emit: &mut Emit<'_>,
) -> Result<(), Stopped> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut number = 0_usize;
    loop {
        let place = format!("{id}:{}", number + 1);
        let malformed = |reason| SourceErrorKind::Malformed { format: "WARC", reason };
        let Next { passed_over, header } = match Next::read(reader) {
            Ok(next) => next,
            Err(error) => return emit.error(place, SourceErrorKind::Unreadable(error)),
        };
        if passed_over > 0 {
            number += 1;
            emit.error(place, malformed(format!("{passed_over} bytes where a record should begin")))?;
        }
        let place = format!("{id}:{}", number + 1);
        let header = match header {
            None => return Ok(()),
            Some(Ok(header)) => header,
            Some(Err(reason)) => {
                number += 1;
                emit.error(place, malformed(reason))?;
                continue;
            }
        };
        number += 1;
        let place = match &header.uri {
            Some(uri) if ARTICLES.contains(&&*header.kind) => {
                let times = seen.entry(uri.clone()).or_default();
                *times += 1;
                if *times == 1 { format!("{id}/{uri}") } else { format!("{id}/{uri}#{times}") }
            }
            _ => place,
        };
        let mut block = reader.take(header.length);
        let read = header.read_block(&place, &mut block, options, emit);
        // What was not looked at.
        let rest = io::copy(&mut block, &mut io::sink());
        let is_whole = block.limit() == 0;
        read?;
        if let Err(error) = rest {
            return emit.error(place, SourceErrorKind::Unreadable(error));
        }
        if !is_whole {
            return emit.error(format!("{id}:{number}"), malformed("the file ends inside a record".to_owned()));
        }
    }
}

/// What of a record's header is looked at.
#[derive(Debug, Default)]
struct Header {
    kind: String,
    uri: Option<String>,
    content_type: String,
    /// Bytes of the record's block.
    length: u64,
}

/// What was found on the way to the next record.
struct Next {
    /// Bytes that belong to no record.
    passed_over: usize,
    /// `None` at the end of the file; what is wrong with it where it cannot be read.
    header: Option<Result<Header, String>>,
}

impl Next {
    fn read(reader: &mut dyn BufRead) -> io::Result<Self> {
        let mut passed_over = 0;
        let mut lines = Vec::new();
        // Blank lines stand between records; anything else is none.
        loop {
            match read_line(reader, MOST_HEADER_BYTES)? {
                None => return Ok(Self { passed_over, header: None }),
                Some(Line::Whole(line)) if line.starts_with(b"WARC/") => break,
                Some(Line::Whole(line)) if line.trim_ascii().is_empty() => {}
                Some(Line::Whole(line)) => passed_over += line.len(),
                Some(Line::TooLong) => passed_over += MOST_HEADER_BYTES as usize,
            }
        }
        while lines.len() as u64 <= MOST_HEADER_BYTES {
            match read_line(reader, MOST_HEADER_BYTES)? {
                Some(Line::Whole(line)) if !line.trim_ascii().is_empty() => lines.extend(line),
                Some(Line::Whole(_)) | None => return Ok(Self { passed_over, header: Some(Header::parse(lines)) }),
                Some(Line::TooLong) => break,
            }
        }
        Ok(Self { passed_over, header: Some(Err("a header without end".to_owned())) })
    }
}

impl Header {
    fn parse(mut lines: Vec<u8>) -> Result<Self, String> {
        lines.extend(b"\r\n");
        let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let headers = match httparse::parse_headers(&lines, &mut space) {
            Ok(httparse::Status::Complete((_, headers))) => headers,
            Ok(httparse::Status::Partial) => return Err("a header without end".to_owned()),
            Err(error) => return Err(format!("its header: {error}")),
        };
        let value = |name: &str| {
            let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(found.value).trim().to_owned())
        };
        let length = value("Content-Length").and_then(|length| length.parse().ok());
        Ok(Self {
            kind: value("WARC-Type").unwrap_or_default().to_ascii_lowercase(),
            // Some writers put it in angle brackets.
            uri: value("WARC-Target-URI").map(|uri| uri.trim_matches(['<', '>']).to_owned()),
            content_type: value("Content-Type").unwrap_or_default(),
            length: length.ok_or("no length in its header")?,
        })
    }

    /// Reads the article in a record, where there is one.
    fn read_block(
        &self,
        id: &str,
        block: &mut dyn BufRead,
        options: &ReadOptions,
        emit: &mut Emit<'_>,
    ) -> Result<(), Stopped> {
        if !ARTICLES.contains(&&*self.kind) {
            return Ok(());
        }
        let body = if self.content_type.to_ascii_lowercase().starts_with("application/http") {
            Response::read(block, options.max_article_bytes)
        } else if let Some((format, charset)) = media(&self.content_type) {
            read_all(block, options.max_article_bytes).map(|body| Some(Response { format, charset, body }))
        } else {
            Ok(None)
        };
        match body {
            Ok(Some(Response { format: InputFormat::Html, charset, body })) => {
                emit.outcome(id, html::read(id, body, charset, options))
            }
            Ok(Some(Response { charset, body, .. })) => emit.outcome(id, text::read(id, body, charset, options)),
            Ok(None) => {
                emit.skip();
                Ok(())
            }
            Err(kind) => emit.error(id.to_owned(), kind),
        }
    }
}

/// A page or a text that a server sent.
struct Response {
    format: InputFormat,
    charset: Option<TextEncoding>,
    body: Vec<u8>,
}

impl Response {
    /// Reads a response of HTTP; `None` where it is no page and no text, or says that there is none.
    fn read(block: &mut dyn BufRead, limit: u64) -> Result<Option<Self>, SourceErrorKind> {
        let malformed = |reason: String| SourceErrorKind::Malformed { format: "HTTP", reason };
        let mut head = Vec::new();
        loop {
            match read_line(block, MOST_HEADER_BYTES).map_err(SourceErrorKind::Unreadable)? {
                Some(Line::Whole(line)) if head.len() as u64 <= MOST_HEADER_BYTES => {
                    let is_end = line.trim_ascii().is_empty();
                    head.extend(line);
                    if is_end {
                        break;
                    }
                }
                _ => return Err(malformed("a header without end".to_owned())),
            }
        }
        let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut space);
        httparse::ParserConfig::default()
            .ignore_invalid_headers_in_responses(true)
            .parse_response(&mut response, &head)
            .map_err(|error| malformed(format!("its header: {error}")))?;
        let value = |name: &str| {
            let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(found.value).trim().to_ascii_lowercase())
        };
        let (Some(200), Some((format, charset))) = (response.code, media(&value("Content-Type").unwrap_or_default()))
        else {
            return Ok(None);
        };
        // Archives hold bodies as they were sent, or decoded under the headers they were sent with.
        let mut body = read_all(block, limit)?;
        if value("Transfer-Encoding").is_some_and(|coding| coding.contains("chunked")) {
            body = joined_chunks(&body).unwrap_or(body);
        }
        let body = match value("Content-Encoding").as_deref() {
            Some("br") => decoded_brotli(body, limit)?,
            Some("deflate") => {
                let inflated = read_all(&mut BufReader::new(flate2::read::ZlibDecoder::new(&body[..])), limit);
                match inflated {
                    Err(SourceErrorKind::Unreadable(_)) => body,
                    other => other?,
                }
            }
            // What gzip and Zstandard made shows in its first bytes.
            _ => decompressed(&body[..])
                .map_err(SourceErrorKind::Unreadable)
                .and_then(|mut stream| read_all(&mut stream, limit))?,
        };
        Ok(Some(Self { format, charset, body }))
    }
}

/// What Brotli made, or the bytes as they are where it did not.
fn decoded_brotli(body: Vec<u8>, limit: u64) -> Result<Vec<u8>, SourceErrorKind> {
    const BUFFER: usize = 1 << 12;
    match read_all(&mut BufReader::new(brotli::Decompressor::new(&body[..], BUFFER)), limit) {
        Err(SourceErrorKind::Unreadable(_)) => Ok(body),
        other => other,
    }
}

/// The body that was sent in chunks; `None` where it was not.
fn joined_chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(bytes.len());
    loop {
        let Ok(httparse::Status::Complete((begin, length))) = httparse::parse_chunk_size(bytes) else { return None };
        let length = usize::try_from(length).ok()?;
        if length == 0 {
            return Some(whole);
        }
        let end = begin.checked_add(length)?;
        whole.extend(bytes.get(begin..end)?);
        bytes = bytes.get(end..)?.strip_prefix(b"\r\n")?;
    }
}

/// What a media type says of an article in it, and of its encoding.
fn media(content_type: &str) -> Option<(InputFormat, Option<TextEncoding>)> {
    let content_type = content_type.to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let format = match parts.next()? {
        "text/html" | "application/xhtml+xml" => InputFormat::Html,
        "text/plain" => InputFormat::Text,
        _ => return None,
    };
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    Some((format, charset.and_then(|name| TextEncoding::declared(name.trim_matches('"').as_bytes()))))
}
