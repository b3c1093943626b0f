//! Parquet: a row is an article.

use std::sync::Arc;

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit},
    file::reader::{ChunkReader, FileReader, SerializedFileReader},
    record::{Field, reader::RowIter},
    schema::types::Type,
};

use super::{
    ReadOptions, SourceErrorKind,
    reader::{Emit, Stopped},
    record::{Cell, Record, day_of_seconds},
};

/// Rows that are decoded together.
const BATCH_ROWS: usize = 64;

/// Reads rows one by one; the first has the place `FILE:1`. Only the columns that are looked at are decoded.
pub(super) fn read(
    id: &str,
    file: impl ChunkReader + 'static,
    options: &ReadOptions,
    emit: &mut Emit<'_>,
) -> Result<(), Stopped> {
    let malformed = |error: parquet::errors::ParquetError| SourceErrorKind::Malformed {
        format: "Parquet",
        reason: error.to_string(),
    };
    let reader = match SerializedFileReader::new(file) {
        Ok(reader) => reader,
        Err(error) => return emit.error(id.to_owned(), malformed(error)),
    };
    let fields = &options.fields;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema_ptr();
    let columns: Vec<&str> = schema.get_fields().iter().map(|column| column.name()).collect();
    if !columns.contains(&fields.text.as_str()) {
        let columns = columns.into_iter().map(str::to_owned).collect();
        return emit.error(id.to_owned(), SourceErrorKind::NoColumn { field: fields.text.clone(), columns });
    }
    let wanted = [&fields.text, &fields.id, &fields.date, &fields.language];
    let is_wanted = |column: &Arc<Type>| is_read(column) && wanted.iter().any(|name| *name == column.name());
    let kept: Vec<Arc<Type>> = schema.get_fields().iter().filter(|column| is_wanted(column)).cloned().collect();
    let nanoseconds = kept.iter().find(|column| column.name() == fields.date).is_some_and(|column| {
        matches!(
            column.get_basic_info().logical_type_ref(),
            Some(LogicalType::Timestamp(stamp)) if stamp.unit == TimeUnit::NANOS
        )
    });
    let rows = Type::group_type_builder(schema.name())
        .with_fields(kept)
        .build()
        .and_then(|projection| RowIter::from_file_into(Box::new(reader)).project(Some(projection)));
    let rows = match rows {
        Ok(rows) => rows.with_batch_size(BATCH_ROWS),
        Err(error) => return emit.error(id.to_owned(), malformed(error)),
    };
    for (number, row) in (1_usize..).zip(rows) {
        let place = format!("{id}:{number}");
        let row = match row {
            Ok(row) => row,
            // Where the next row begins is not known.
            Err(error) => return emit.error(place, malformed(error)),
        };
        let mut record = Record::default();
        for (name, field) in row.into_columns() {
            let unit = if nanoseconds && name == fields.date { 1_000_000_000 } else { 0 };
            let cell = cell(field, unit);
            record.set(fields, &name, || cell.clone());
        }
        if matches!(&record.text, Cell::Text(text) if text.len() as u64 > options.max_article_bytes) {
            emit.error(place, SourceErrorKind::TooLarge { limit: options.max_article_bytes })?;
        } else {
            emit.article(record.article(fields, place, "UTF-8"))?;
        }
    }
    Ok(())
}

/// Whether a column can hold an id, a text, a day or a language; of the types
/// that cannot, the crate refuses some by a panic.
fn is_read(column: &Type) -> bool {
    use ConvertedType as Kind;
    column.is_primitive()
        && !matches!(
            column.get_basic_info().converted_type(),
            Kind::TIME_MILLIS | Kind::TIME_MICROS | Kind::INTERVAL | Kind::DECIMAL | Kind::LIST | Kind::MAP
        )
}

/// A value; whole numbers are times where `units_a_second` is not 0.
fn cell(field: Field, units_a_second: i64) -> Cell {
    let day = |seconds: i64| day_of_seconds(seconds).map_or(Cell::Other(seconds.to_string()), Cell::Day);
    match field {
        Field::Null => Cell::Missing,
        Field::Str(text) => Cell::Text(text),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(_) => Cell::Other(format!("{} bytes", bytes.len())),
        },
        Field::Date(days) => day(i64::from(days) * 86400),
        Field::TimestampMillis(time) => day(time.div_euclid(1000)),
        Field::TimestampMicros(time) => day(time.div_euclid(1_000_000)),
        Field::Long(time) if units_a_second > 0 => day(time.div_euclid(units_a_second)),
        Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_) => Cell::Number(field.to_string()),
        other => Cell::Other(other.to_string()),
    }
}
