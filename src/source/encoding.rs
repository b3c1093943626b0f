//! From bytes to text, and which encoding that was.

use std::{fmt, str::FromStr};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::SourceErrorKind;

/// An encoding, by any of its names in the WHATWG Encoding Standard.
///
/// ```
/// use musamma::source::TextEncoding;
///
/// assert_eq!("CP1256".parse::<TextEncoding>().unwrap().to_string(), "windows-1256");
/// assert!("utf-9".parse::<TextEncoding>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

/// A name that no encoding has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no encoding `{0}`; known are utf-8, utf-16le, utf-16be, windows-1256, windows-1252, iso-8859-6 and the others of the WHATWG Encoding Standard"
)]
pub struct UnknownEncoding(String);

impl FromStr for TextEncoding {
    type Err = UnknownEncoding;

    fn from_str(name: &str) -> Result<Self, UnknownEncoding> {
        Self::declared(name.as_bytes()).ok_or_else(|| UnknownEncoding(name.to_owned()))
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl TextEncoding {
    /// UTF-8.
    pub(super) const UTF_8: Self = Self(UTF_8);

    /// The encoding that a page or a header names.
    pub(super) fn declared(name: &[u8]) -> Option<Self> {
        const SPELLINGS: [(&[u8], &Encoding); 2] =
            [(b"cp1256", encoding_rs::WINDOWS_1256), (b"cp1252", encoding_rs::WINDOWS_1252)];
        let also =
            || SPELLINGS.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(name)).map(|&(_, found)| found);
        // An encoding that decodes everything to one replacement is none.
        Encoding::for_label(name)
            .or_else(also)
            .filter(|&encoding| encoding != encoding_rs::REPLACEMENT && encoding != encoding_rs::X_USER_DEFINED)
            .map(Self)
    }

    /// The encoding that a byte order mark tells, and only that.
    pub(super) fn marked(bytes: &[u8]) -> Option<Self> {
        Encoding::for_bom(bytes).map(|(encoding, _)| Self(encoding))
    }

    /// Its name in the WHATWG Encoding Standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether its units are larger than bytes.
    pub(super) fn is_wide(self) -> bool {
        self.0 == UTF_16LE || self.0 == UTF_16BE
    }

    /// All of `bytes` as text; a byte order mark stays in it.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<String, SourceErrorKind> {
        let text = self.0.decode_without_bom_handling_and_without_replacement(bytes);
        let text = text
            .ok_or_else(|| SourceErrorKind::Encoding { encoding: self.name(), offset: self.first_malformed(bytes) })?;
        match text.find('\0') {
            Some(nul) if self.is_wide() => {
                Err(SourceErrorKind::Binary { offset: 2 * text[..nul].encode_utf16().count() })
            }
            Some(_) => Err(SourceErrorKind::Binary { offset: bytes.iter().position(|&byte| byte == 0).unwrap_or(0) }),
            None => Ok(text.into_owned()),
        }
    }

    /// Bytes before the first that belong to no character.
    fn first_malformed(self, bytes: &[u8]) -> usize {
        if self.0 == UTF_8 {
            return std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
        }
        let mut decoder = self.0.new_decoder_without_bom_handling();
        let mut text =
            String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
        match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
            (DecoderResult::Malformed(length, ahead), read) => {
                read.saturating_sub(usize::from(length) + usize::from(ahead))
            }
            (_, read) => read,
        }
    }

    /// A stream of text in this encoding as UTF-8; what belongs to no character becomes U+FFFD.
    pub(super) fn reader(self, stream: impl std::io::Read) -> impl std::io::Read {
        Transcoder {
            stream,
            decoder: self.0.new_decoder_without_bom_handling(),
            raw: vec![0; 1 << 13],
            filled: 0..0,
            ended: false,
            text: Vec::new(),
            given: 0,
        }
    }
}

/// A top-level domain where text is expected in Latin and in Arabic letters: what
/// the detector has for a hint. Without it, one French or Spanish text in thirty passes for Central European.
const REGION: &[u8] = b"my";

/// The text of a file's bytes, and the encoding they are in.
///
/// `forced` is not doubted. Otherwise a byte order mark decides, then whether the
/// bytes are UTF-8 as they stand, then what the file itself declares, then
/// chardetng (Firefox's detector), which knows Windows-1256, ISO-8859-6 and
/// Windows-1252 by the letters of the languages written in them. UTF-8 with a
/// broken byte in it is an error and not taken for something else.
pub(super) fn decode(
    bytes: Vec<u8>,
    forced: Option<TextEncoding>,
    declared: Option<TextEncoding>,
) -> Result<(String, TextEncoding), SourceErrorKind> {
    if let Some(encoding) = forced.or_else(|| TextEncoding::marked(&bytes)) {
        return Ok((encoding.decode(&bytes)?, encoding));
    }
    let nul = bytes.iter().position(|&byte| byte == 0);
    let bytes = match (String::from_utf8(bytes), nul) {
        (Ok(text), None) => return Ok((text, TextEncoding::UTF_8)),
        (Ok(text), Some(_)) => text.into_bytes(),
        (Err(error), _) => error.into_bytes(),
    };
    if let Some(offset) = nul {
        return wide(&bytes).ok_or(SourceErrorKind::Binary { offset });
    }
    if let Some(declared) = declared.filter(|declared| declared.0 != UTF_8 && !declared.is_wide())
        && let Ok(text) = declared.decode(&bytes)
    {
        return Ok((text, declared));
    }
    if is_broken_utf8(&bytes) {
        let offset = TextEncoding::UTF_8.first_malformed(&bytes);
        return Err(SourceErrorKind::Encoding { encoding: UTF_8.name(), offset });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes, true);
    let encoding = TextEncoding(detector.guess(Some(REGION), Utf8Detection::Deny));
    let text = encoding.decode(&bytes)?;
    // Bytes that are no text still have a likeliest encoding.
    if let Some(offset) = first_control(&text) {
        return Err(SourceErrorKind::Binary { offset });
    }
    Ok((text, encoding))
}

/// Whether most of what is not ASCII is whole characters of UTF-8: by chance, letters of another encoding hardly ever are.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
        invalid += chunk.invalid().len();
    }
    valid >= 4 * invalid
}

/// UTF-16 without a byte order mark: letters of few alphabets, almost all of them below U+0800.
fn wide(bytes: &[u8]) -> Option<(String, TextEncoding)> {
    let decoded = |encoding: &'static Encoding| {
        let encoding = TextEncoding(encoding);
        let text = encoding.decode(bytes).ok()?;
        let low = text.chars().filter(|&character| character < '\u{800}' && !is_control(character)).count();
        (low * 10 >= text.chars().count() * 9).then_some((text, encoding))
    };
    decoded(UTF_16LE).or_else(|| decoded(UTF_16BE))
}

/// Where the first control character stands, in a text that has too many of them to be one.
fn first_control(text: &str) -> Option<usize> {
    let controls = text.chars().filter(|&character| is_control(character)).count();
    (controls * 100 > text.chars().count()).then(|| text.chars().position(is_control)).flatten()
}

fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}')
}

/// Turns a stream into UTF-8 as it comes.
struct Transcoder<R> {
    stream: R,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    /// What of `raw` is yet to be decoded.
    filled: std::ops::Range<usize>,
    ended: bool,
    text: Vec<u8>,
    /// Bytes of `text` that were given out.
    given: usize,
}

impl<R: std::io::Read> std::io::Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.text.len() {
            if self.ended && self.filled.is_empty() {
                return Ok(0);
            }
            if self.filled.is_empty() {
                let read = self.stream.read(&mut self.raw)?;
                (self.filled, self.ended) = (0..read, read == 0);
            }
            self.text.resize(self.raw.len() * 3, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.filled.clone()], &mut self.text, self.ended);
            self.filled.start += read;
            self.text.truncate(written);
            self.given = 0;
            if self.ended && result == CoderResult::InputEmpty && written == 0 {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.text.len() - self.given);
        buffer[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{ISO_8859_6, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1256};
    use std::io::Read;

    const ARABIC: &str = "استقبل رئيس المجلس الجماعي وفدا من المدينة، وأكد أن التعاون بين الجماعات قائم منذ سنوات.";
    const FRENCH: &str =
        "Le maire a été reçu à l’hôtel de ville ; la cérémonie s’est achevée très tôt, à côté du théâtre.";
    const SPANISH: &str =
        "El alcalde recibió ayer a una delegación en la ciudad; la reunión terminó a mediodía, según señaló.";

    fn encode(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        if encoding == UTF_16LE {
            return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        if encoding == UTF_16BE {
            return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        }
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{text}");
        bytes.into_owned()
    }

    fn detected(bytes: Vec<u8>) -> Result<(String, &'static str), SourceErrorKind> {
        decode(bytes, None, None).map(|(text, encoding)| (text, encoding.name()))
    }

    #[test]
    fn text_in_the_encodings_of_the_press_comes_back_as_it_was() {
        for (text, encoding) in [
            (ARABIC, WINDOWS_1256),
            ("طنجة اليوم", WINDOWS_1256),
            ("استقبل عمدة طنجة وفدا من مدينة مونبلييه", WINDOWS_1256),
            ("وقال الوزير «إن المغرب» بلد كبير", WINDOWS_1256),
            (ARABIC, ISO_8859_6),
            ("استقبل عمدة طنجة وفدا من مدينة مونبلييه", ISO_8859_6),
            (FRENCH, WINDOWS_1252),
            ("Réunion à Tanger", WINDOWS_1252),
            (SPANISH, WINDOWS_1252),
            (ARABIC, UTF_16LE),
            (ARABIC, UTF_16BE),
            (FRENCH, UTF_16LE),
            (ARABIC, UTF_8),
            // What the hint does not speak of is still told by its letters.
            ("Мэр города принял вчера делегацию и подписал с ней соглашение.", WINDOWS_1251),
            ("Ο δήμαρχος υποδέχθηκε χθες μια αντιπροσωπεία στην πόλη.", WINDOWS_1253),
        ] {
            let text = text.to_owned() + "\r\n";
            assert_eq!(detected(encode(&text, encoding)).unwrap(), (text, encoding.name()));
        }
    }

    #[test]
    fn a_byte_order_mark_decides_and_stays_in_the_text() {
        for encoding in [UTF_8, UTF_16LE, UTF_16BE] {
            let text = format!("\u{feff}{ARABIC}\r\n");
            assert_eq!(detected(encode(&text, encoding)).unwrap(), (text, encoding.name()));
        }
    }

    #[test]
    fn broken_utf8_is_not_taken_for_something_else() {
        let mut bytes = ARABIC.as_bytes().to_vec();
        bytes.truncate(bytes.len() - 2);
        assert!(
            matches!(detected(bytes), Err(SourceErrorKind::Encoding { encoding: "UTF-8", offset }) if offset > 100)
        );
        let broken = [ARABIC.as_bytes(), &[0xff], FRENCH.as_bytes()].concat();
        let offset = ARABIC.len();
        assert!(matches!(detected(broken), Err(SourceErrorKind::Encoding { offset: found, .. }) if found == offset));
    }

    #[test]
    fn what_is_no_text_is_refused_with_the_place() {
        assert!(matches!(detected(b"ab\0c".to_vec()), Err(SourceErrorKind::Binary { offset: 2 })));
        let noise: Vec<u8> = (0..2000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
        assert!(detected(noise).is_err());
        let wide = encode("ab\0c", UTF_16LE);
        assert!(matches!(decode(wide, "utf-16".parse().ok(), None), Err(SourceErrorKind::Binary { offset: 4 })));
    }

    #[test]
    fn an_encoding_that_was_named_is_not_doubted() {
        let forced = "iso-8859-6".parse().ok();
        let bytes = encode(ARABIC, ISO_8859_6);
        assert_eq!(decode(bytes, forced, None).unwrap().0, ARABIC);
        // 0xA1 is nothing in ISO-8859-6.
        let wrong = decode(vec![b'a', 0xc7, 0xa1], forced, None);
        assert!(matches!(wrong, Err(SourceErrorKind::Encoding { encoding: "ISO-8859-6", offset: 2 })));
        assert!("utf-7".parse::<TextEncoding>().is_err());
    }

    #[test]
    fn a_declaration_counts_where_the_bytes_are_not_utf8() {
        let declared = TextEncoding::declared(b"windows-1252");
        assert_eq!(decode(ARABIC.into(), None, declared).unwrap().1, TextEncoding::UTF_8);
        let bytes = encode("à", WINDOWS_1252);
        assert_eq!(decode(bytes, None, declared).unwrap(), ("à".to_owned(), TextEncoding(WINDOWS_1252)));
    }

    #[test]
    fn a_stream_is_decoded_as_it_comes() {
        for text in ["", "a", ARABIC, &ARABIC.repeat(400)] {
            let bytes = encode(text, UTF_16LE);
            let mut out = String::new();
            TextEncoding(UTF_16LE).reader(&bytes[..]).read_to_string(&mut out).unwrap();
            assert_eq!(out, text);
        }
    }
}
