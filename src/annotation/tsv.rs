//! One entity a line, quoted as spreadsheets and `pandas.read_csv(sep="\t")` read it.

use std::io::{self, Write};

use super::Record;

const COLUMNS: [&str; 8] = ["id", "start", "end", "label", "text", "name", "score", "value"];

pub(super) fn header(output: &mut impl Write) -> io::Result<()> {
    let mut table = table(output);
    table.write_record(COLUMNS)?;
    table.flush()
}

pub(super) fn rows(record: &Record, output: &mut impl Write) -> io::Result<()> {
    let mut table = table(output);
    for entity in record.entities.iter().flatten() {
        table.write_record([
            record.id.as_str(),
            &entity.start.to_string(),
            &entity.end.to_string(),
            entity.label.as_str(),
            &entity.text,
            &entity.name,
            &format!("{:.3}", entity.score),
            entity.value.as_deref().unwrap_or_default(),
        ])?;
    }
    table.flush()
}

fn table<W: Write>(output: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().delimiter(b'\t').from_writer(output)
}
