//! A SQLite database.

use std::path::Path;

use rusqlite::{Connection, ToSql, params, types::ToSqlOutput};

use super::{Cell, Lines, TableError, row};

/// `article` numbers the lines: an id that comes twice has a second line that says so.
const SCHEMA: &str = "
    CREATE TABLE articles (
        article INTEGER PRIMARY KEY, id TEXT NOT NULL, sha256 TEXT, chars INTEGER, lang TEXT, date TEXT,
        date_source TEXT, model TEXT, settings TEXT, duplicate_of TEXT, text TEXT, error_code TEXT, error_message TEXT
    );
    CREATE TABLE entities (
        article INTEGER NOT NULL REFERENCES articles, label TEXT NOT NULL, text TEXT, name TEXT, score REAL,
        char_start INTEGER NOT NULL, char_end INTEGER NOT NULL, byte_start INTEGER, byte_end INTEGER,
        utf16_start INTEGER, utf16_end INTEGER, value TEXT, first_day TEXT, last_day TEXT, conflict TEXT
    );";

/// Made when all rows are there, which is quicker.
const AFTERWARDS: &str = "
    CREATE INDEX articles_id ON articles (id);
    CREATE INDEX entities_article ON entities (article);
    CREATE INDEX entities_name ON entities (label, name);
    CREATE VIEW counts AS
        SELECT label, coalesce(name, text) AS name, count(*) AS mentions, count(DISTINCT article) AS articles
        FROM entities GROUP BY label, coalesce(name, text);";

pub(super) fn write(lines: Lines, path: &Path) -> Result<(), TableError> {
    let mut database = Connection::open(path)?;
    // The file takes its place when it is whole; a journal would only be in the way.
    database.pragma_update(None, "journal_mode", "OFF")?;
    database.pragma_update(None, "synchronous", "OFF")?;
    let transaction = database.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    {
        let mut insert_article =
            transaction.prepare("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        let mut insert_entity =
            transaction.prepare("INSERT INTO entities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        for (number, article) in lines.enumerate() {
            let (number, article) = (i64::try_from(number + 1).unwrap_or(i64::MAX), article?);
            let id = article.id.to_string();
            insert_article.execute(params![
                number,
                id,
                article.sha256,
                article.chars,
                article.lang,
                article.date,
                article.date_source,
                article.model,
                article.settings,
                article.duplicate_of,
                article.text,
                article.error.as_ref().map(|error| &error.code),
                article.error.as_ref().map(|error| &error.message),
            ])?;
            for entity in article.entities.iter().flatten() {
                let cells = row(&id, &article, entity);
                // Those of the article stand in its own row.
                let own = cells.get(9..).unwrap_or_default().iter().map(|cell| cell as &dyn ToSql);
                let values: Vec<&dyn ToSql> =
                    std::iter::once(&number as &dyn ToSql).chain(own).chain([&entity.conflict as &dyn ToSql]).collect();
                insert_entity.execute(&*values)?;
            }
        }
    }
    transaction.execute_batch(AFTERWARDS)?;
    transaction.commit()?;
    Ok(database.close().map_err(|(_, error)| error)?)
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) | Self::Day(text) => text.to_sql(),
            Self::Integer(number) => number.to_sql(),
            Self::Number(number) => number.to_sql(),
        }
    }
}
