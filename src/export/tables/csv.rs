//! Comma-separated values.

use std::io::Write;

use super::{COLUMNS, Cell, Lines, TableError, row};

pub(super) fn write(lines: Lines, output: impl Write) -> Result<(), TableError> {
    let mut table = csv::Writer::from_writer(output);
    let failed = |error: csv::Error| TableError::Write(error.into());
    table.write_record(COLUMNS).map_err(failed)?;
    for article in lines {
        let article = article?;
        let id = article.id.to_string();
        for entity in article.entities.iter().flatten() {
            table.write_record(row(&id, &article, entity).map(written)).map_err(failed)?;
        }
    }
    Ok(table.flush()?)
}

fn written(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text(text) | Cell::Day(text) => text.unwrap_or_default().to_owned(),
        Cell::Integer(number) => number.map_or_else(String::new, |number| number.to_string()),
        Cell::Number(number) => number.map_or_else(String::new, |number| number.to_string()),
    }
}
