//! JSON files: objects in an array, or one after the other, are articles.

use std::{fmt, io::BufRead};

use serde::de::{DeserializeSeed, Deserializer as _, SeqAccess, Visitor};
use serde_json::{Deserializer, value::RawValue};

use super::{
    ReadOptions, SourceError, SourceErrorKind,
    bytes::Meter,
    encoding::TextEncoding,
    jsonl,
    reader::{Emit, Stopped},
};

/// Reads the objects of a file one by one; the second of them has the place `FILE:2`.
pub(super) fn read(
    id: &str,
    reader: &mut dyn BufRead,
    encoding: TextEncoding,
    options: &ReadOptions,
    emit: &mut Emit<'_>,
) -> Result<(), Stopped> {
    let (mut metered, meter) = Meter::over(reader, options.max_article_bytes);
    let mut objects = Objects { id, encoding, options, emit, meter: meter.clone(), number: 0, stopped: false };
    // A byte order mark is no JSON.
    let mut bytes = std::io::BufReader::new(&mut metered);
    loop {
        let rest = match bytes.fill_buf() {
            Ok(rest) => rest,
            Err(error) => return objects.fail(SourceErrorKind::Unreadable(error)),
        };
        let blank = if objects.number == 0 && rest.starts_with("\u{feff}".as_bytes()) {
            "\u{feff}".len()
        } else {
            rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
        };
        if rest.is_empty() {
            return Ok(());
        }
        if blank > 0 {
            bytes.consume(blank);
            meter.reset();
            continue;
        }
        let is_array = rest.first() == Some(&b'[');
        let mut parser = Deserializer::from_reader(&mut bytes);
        let read =
            if is_array { parser.deserialize_seq(&mut objects) } else { (&mut objects).deserialize(&mut parser) };
        if objects.stopped {
            return Err(Stopped);
        }
        if let Err(error) = read {
            let kind = if meter.is_spent() {
                SourceErrorKind::TooLarge { limit: options.max_article_bytes }
            } else if error.is_io() {
                SourceErrorKind::Unreadable(error.into())
            } else {
                SourceErrorKind::Json(error)
            };
            // Where the next object begins is not known.
            objects.number += 1;
            return objects.fail(kind);
        }
    }
}

/// Hands each object over as soon as it was read.
struct Objects<'a, 'run> {
    id: &'a str,
    encoding: TextEncoding,
    options: &'a ReadOptions,
    emit: &'a mut Emit<'run>,
    meter: Meter,
    /// Objects so far.
    number: usize,
    stopped: bool,
}

impl Objects<'_, '_> {
    fn fail(&mut self, kind: SourceErrorKind) -> Result<(), Stopped> {
        self.emit.error(self.place(), kind)
    }

    fn place(&self) -> String {
        format!("{}:{}", self.id, self.number.max(1))
    }

    fn take(&mut self, object: &RawValue) {
        self.number += 1;
        self.meter.reset();
        let place = self.place();
        let fields = &self.options.fields;
        let article = match jsonl::record(object.get(), fields) {
            Ok(record) => record.article(fields, place, self.encoding.name()),
            Err(kind) => Err(SourceError { id: place, kind }),
        };
        self.stopped = self.emit.article(article).is_err();
    }
}

impl<'de> DeserializeSeed<'de> for &mut Objects<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let object: Box<RawValue> = serde::Deserialize::deserialize(deserializer)?;
        self.take(&object);
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Objects<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of objects")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut objects: S) -> Result<(), S::Error> {
        while !self.stopped && objects.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }
}
