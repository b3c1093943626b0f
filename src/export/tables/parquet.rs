//! Apache Parquet, by way of Arrow.

use std::{io::Write, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Date32Builder, Float64Builder, Int64Builder, StringBuilder},
};
use arrow_schema::{DataType, Field, Schema};
use jiff::civil::{Date, date};
use parquet::{arrow::ArrowWriter, basic::Compression, errors::ParquetError, file::properties::WriterProperties};

use super::{ArticleLine, COLUMNS, Cell, EntityLine, Lines, TableError, row};

/// Rows that are in memory at once.
const ROWS: usize = 1 << 16;

pub(super) fn write(lines: Lines, output: impl Write + Send) -> Result<(), TableError> {
    let mut columns = columns();
    let fields = COLUMNS.iter().zip(&columns).map(|(name, column)| Field::new(*name, column.data_type(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties))?;
    let mut rows = 0;
    let mut batch = |columns: &mut [Column]| -> Result<(), ParquetError> {
        let arrays = columns.iter_mut().map(Column::finish).collect();
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), arrays)?)
    };
    for article in lines {
        let article = article?;
        let id = article.id.to_string();
        for entity in article.entities.iter().flatten() {
            for (column, cell) in columns.iter_mut().zip(row(&id, &article, entity)) {
                column.push(cell);
            }
            rows += 1;
            if rows % ROWS == 0 {
                batch(&mut columns)?;
            }
        }
    }
    batch(&mut columns)?;
    writer.close()?;
    Ok(())
}

/// A column under construction.
enum Column {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Day(Date32Builder),
}

/// An empty column for each of [`COLUMNS`].
fn columns() -> Vec<Column> {
    let entity = EntityLine {
        start: 0,
        end: 0,
        bytes: None,
        utf16: None,
        label: String::new(),
        text: None,
        name: None,
        score: None,
        value: None,
        from: None,
        to: None,
        conflict: None,
    };
    let column = |cell| match cell {
        Cell::Text(_) => Column::Text(StringBuilder::new()),
        Cell::Integer(_) => Column::Integer(Int64Builder::new()),
        Cell::Number(_) => Column::Number(Float64Builder::new()),
        Cell::Day(_) => Column::Day(Date32Builder::new()),
    };
    row("", &ArticleLine::default(), &entity).map(column).into()
}

impl Column {
    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Integer(_) => DataType::Int64,
            Self::Number(_) => DataType::Float64,
            Self::Day(_) => DataType::Date32,
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(column), Cell::Text(text)) => column.append_option(text),
            (Self::Integer(column), Cell::Integer(number)) => column.append_option(number),
            (Self::Number(column), Cell::Number(number)) => column.append_option(number),
            (Self::Day(column), Cell::Day(day)) => column.append_option(day.and_then(days_since_1970)),
            // Each column was made for the cells of its place.
            (Self::Text(column), _) => column.append_null(),
            (Self::Integer(column), _) => column.append_null(),
            (Self::Number(column), _) => column.append_null(),
            (Self::Day(column), _) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Integer(column) => Arc::new(column.finish()),
            Self::Number(column) => Arc::new(column.finish()),
            Self::Day(column) => Arc::new(column.finish()),
        }
    }
}

/// A day as Parquet counts it; `None` for what is no day.
fn days_since_1970(day: &str) -> Option<i32> {
    let day: Date = day.parse().ok()?;
    Some(date(1970, 1, 1).until(day).ok()?.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(days_since_1970("1970-01-01"), Some(0));
        assert_eq!(days_since_1970("2024-04-24"), Some(19837));
        assert_eq!(days_since_1970("1956-03-02"), Some(-5053));
        assert_eq!(days_since_1970("yesterday"), None);
    }
}
