//! Bytes of an input: decompressed where they are compressed, and never more at once than an article may have.

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Cursor, Read, Seek},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::bufread::MultiGzDecoder;
use tempfile::SpooledData;

use super::SourceErrorKind;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// What is in a stream that may be compressed with gzip or Zstandard; its first
/// bytes say it, whatever its name says. Text begins with neither, in no encoding.
pub(super) fn decompressed<'a>(mut stream: impl BufRead + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    if !stream.fill_buf()?.first().is_some_and(|first| [GZIP[0], ZSTD[0]].contains(first)) {
        return Ok(Box::new(stream));
    }
    // One byte is waited for at a time: a line may have come that is shorter than a signature.
    let mut first = Vec::new();
    while [GZIP, ZSTD].iter().any(|signature| signature.len() > first.len() && signature.starts_with(&first)) {
        let mut byte = [0];
        if stream.read(&mut byte)? == 0 {
            break;
        }
        first.push(byte[0]);
    }
    let (is_gzip, is_zstd) = (first == GZIP, first == ZSTD);
    let whole = Cursor::new(first).chain(stream);
    Ok(if is_gzip {
        Box::new(BufReader::new(MultiGzDecoder::new(whole)))
    } else if is_zstd {
        Box::new(BufReader::new(zstd::stream::read::Decoder::with_buffer(whole)?))
    } else {
        Box::new(whole)
    })
}

/// All that follows, if it is no more than an article may have.
pub(super) fn read_all(reader: &mut dyn BufRead, limit: u64) -> Result<Vec<u8>, SourceErrorKind> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(SourceErrorKind::Unreadable)?;
    if bytes.len() as u64 > limit { Err(SourceErrorKind::TooLarge { limit }) } else { Ok(bytes) }
}

/// A line that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// With its line feed, unless it is the last.
    Whole(Vec<u8>),
    /// Longer than the limit; what was too much of it is gone.
    TooLong,
}

/// The next line, or `None` at the end.
pub(super) fn read_line(reader: &mut dyn BufRead, limit: u64) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    if reader.take(limit.saturating_add(1)).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 <= limit || line.ends_with(b"\n") {
        return Ok(Some(Line::Whole(line)));
    }
    loop {
        let more = match reader.fill_buf() {
            Ok(more) => more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = more.iter().position(|&byte| byte == b'\n');
        let (seen, is_end) = (end.map_or(more.len(), |end| end + 1), end.is_some() || more.is_empty());
        reader.consume(seen);
        if is_end {
            return Ok(Some(Line::TooLong));
        }
    }
}

/// Bytes of a stream that are held in memory to be read from their end; more are held in a file without a name.
const HELD_IN_MEMORY: usize = 1 << 24;

/// The most bytes that are held.
const MOST_HELD: u64 = 1 << 30;

/// All of a stream, for formats that are read from their end.
pub(super) fn hold(stream: &mut dyn BufRead) -> Result<SpooledData, SourceErrorKind> {
    const TOO_MUCH: &str = "larger than 1 GiB, in an archive or a stream; unpack it and give it as a file";
    let mut held = tempfile::spooled_tempfile(HELD_IN_MEMORY);
    let mut copy = || {
        let bytes = io::copy(&mut stream.take(MOST_HELD + 1), &mut held)?;
        held.rewind()?;
        Ok(bytes)
    };
    match copy() {
        Ok(bytes) if bytes > MOST_HELD => Err(SourceErrorKind::Unsupported(TOO_MUCH)),
        Ok(_) => Ok(held.into_inner()),
        Err(error) => Err(SourceErrorKind::Unreadable(error)),
    }
}

/// How many more bytes may come out of an archive and those in it: what is made
/// to unpack without end stops there.
#[derive(Debug, Clone)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// For a file of so many bytes; without a limit where that is not known.
    pub(super) fn of(file_bytes: Option<u64>) -> Self {
        /// News in archives of archives is five to ten times as large. Each level counts by itself.
        const EXPANSION: u64 = 200;
        const LEAST: u64 = 1 << 31;
        Self::new(file_bytes.map_or(u64::MAX, |bytes| bytes.saturating_mul(EXPANSION).max(LEAST)))
    }

    pub(super) fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// A reader that fails when all of it is used up.
    pub(super) fn over<R>(&self, reader: R) -> Allowed<R> {
        Allowed { reader, allowance: self.clone() }
    }

    fn check(&self) -> io::Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Err(io::Error::other("far more comes out of the archive than its size; unpack it to read the rest")),
            _ => Ok(()),
        }
    }

    fn spend(&self, bytes: usize) {
        // One thread reads.
        self.0.store(self.0.load(Ordering::Relaxed).saturating_sub(bytes as u64), Ordering::Relaxed);
    }
}

/// A reader with an [`Allowance`].
#[derive(Debug)]
pub(super) struct Allowed<R> {
    reader: R,
    allowance: Allowance,
}

impl<R: Read> Read for Allowed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.allowance.check()?;
        self.reader.read(buffer).inspect(|&bytes| self.allowance.spend(bytes))
    }
}

impl<R: BufRead> BufRead for Allowed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.allowance.check()?;
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.allowance.spend(bytes);
        self.reader.consume(bytes);
    }
}

/// How many bytes a [`Metered`] reader may still give before somebody says that the next article begins.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    left: Rc<Cell<u64>>,
    limit: u64,
}

/// Text that a parser should have turned into an article by now.
pub(super) const TOO_LARGE: &str = "larger than an article may be";

impl Meter {
    /// A reader that fails where a parser takes more than `limit` bytes in for one article.
    pub(super) fn over<R: Read>(reader: R, limit: u64) -> (Metered<R>, Self) {
        // What a parser reads ahead belongs to the next article.
        let limit = limit.saturating_add(1 << 16);
        let meter = Self { left: Rc::new(Cell::new(limit)), limit };
        (Metered { reader, meter: meter.clone() }, meter)
    }

    /// An article is whole.
    pub(super) fn reset(&self) {
        self.left.set(self.limit);
    }

    /// Whether the reader failed.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

/// A reader with a [`Meter`].
#[derive(Debug)]
pub(super) struct Metered<R> {
    reader: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.meter.left.get();
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 && !buffer.is_empty() {
            return Err(io::Error::other(TOO_LARGE));
        }
        let read = self.reader.read(&mut buffer[..most])?;
        self.meter.left.set(left - read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        decompressed(bytes)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn what_is_compressed_shows_in_its_first_bytes() {
        assert_eq!(read(&gzip(b"tangier")).unwrap(), b"tangier");
        assert_eq!(read(&[gzip(b"tan"), gzip(b"gier")].concat()).unwrap(), b"tangier");
        assert_eq!(read(&zstd::encode_all(&b"tangier"[..], 1).unwrap()).unwrap(), b"tangier");
        for plain in [&b""[..], b"(", b"(a", b"\x1f", b"{}", b"\x28\xb5\x2f"] {
            assert_eq!(read(plain).unwrap(), plain);
        }
        let whole = gzip(b"tangier");
        assert!(read(&whole[..whole.len() - 4]).is_err());
    }

    #[test]
    fn long_lines_are_passed_over_and_the_next_is_read() {
        let mut reader = &b"short\nmuch too long\nend"[..];
        let mut next = || read_line(&mut reader, 6).unwrap();
        assert_eq!(next(), Some(Line::Whole(b"short\n".to_vec())));
        assert_eq!(next(), Some(Line::TooLong));
        assert_eq!(next(), Some(Line::Whole(b"end".to_vec())));
        assert_eq!(next(), None);
    }

    #[test]
    fn an_article_has_only_so_many_bytes() {
        assert!(read_all(&mut &b"1234"[..], 4).is_ok());
        assert!(matches!(read_all(&mut &b"12345"[..], 4), Err(SourceErrorKind::TooLarge { limit: 4 })));
        let endless = io::repeat(b'a');
        let (mut metered, meter) = Meter::over(endless, 0);
        let mut buffer = vec![0; 1 << 16];
        metered.read_exact(&mut buffer).unwrap();
        meter.reset();
        metered.read_exact(&mut buffer).unwrap();
        assert!(metered.read(&mut buffer).is_err() && meter.is_spent());
    }

    #[test]
    fn what_is_held_can_be_read_from_its_end() {
        assert!(
            matches!(hold(&mut &b"tangier"[..]), Ok(SpooledData::InMemory(bytes)) if bytes.get_ref() == b"tangier")
        );
        let large = vec![b'a'; HELD_IN_MEMORY + 1];
        let Ok(SpooledData::OnDisk(mut file)) = hold(&mut &large[..]) else { panic!("in a file") };
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read.len(), large.len());
    }

    #[test]
    fn all_readers_of_an_archive_share_what_may_come_out_of_it() {
        let allowance = Allowance::new(10);
        let mut outer = allowance.over(&b"0123456789"[..]);
        outer.read_exact(&mut [0; 4]).unwrap();
        let mut inner = allowance.over(&b"0123456789"[..]);
        let mut line = Vec::new();
        assert!(inner.read_until(b'\n', &mut line).is_err(), "the end of its text is not seen");
        assert!(outer.read(&mut [0; 1]).is_err());
        assert_eq!(Allowance::of(Some(1 << 40)).0.load(Ordering::Relaxed), 200 << 40);
        assert!(Allowance::of(Some(0)).check().is_ok() && Allowance::of(None).check().is_ok());
    }
}
