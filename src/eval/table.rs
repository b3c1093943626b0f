//! Tables for people.

use std::fmt::Write as _;

use super::html::escape;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableStyle {
    /// Columns padded with spaces, for a terminal.
    Plain,
    /// A Markdown table.
    Markdown,
    /// A table of a page.
    Html,
}

/// A table with a title; the first column is text, the others are numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(name: impl Into<String>, title: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { name: name.into(), title: title.into(), columns, rows: Vec::new() }
    }

    /// Writes the table and an empty line after it.
    pub(super) fn write(&self, style: TableStyle, output: &mut String) {
        match style {
            TableStyle::Plain => self.plain(output),
            TableStyle::Markdown => self.markdown(output),
            TableStyle::Html => self.html(output),
        }
        output.push('\n');
    }

    fn plain(&self, output: &mut String) {
        let lines = || std::iter::once(&self.columns).chain(&self.rows);
        let width = |column: usize| {
            lines().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let _ = writeln!(output, "{}: {}", self.name, self.title);
        for line in lines() {
            let mut written = String::new();
            for (column, cell) in line.iter().enumerate() {
                let width = width(column);
                let _ = match column {
                    0 => write!(written, "  {cell:<width$}"),
                    _ => write!(written, "  {cell:>width$}"),
                };
            }
            let _ = writeln!(output, "{}", written.trim_end());
        }
    }

    fn html(&self, output: &mut String) {
        let (name, title) = (escape(&self.name), escape(&self.title));
        let _ = write!(
            output,
            "<div class=\"table\" tabindex=\"0\"><table><caption><b>{name}</b>: {title}</caption><thead><tr>"
        );
        for column in &self.columns {
            let _ = write!(output, "<th scope=\"col\">{}</th>", escape(column));
        }
        output.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            output.push_str("<tr>");
            for (column, cell) in row.iter().enumerate() {
                let cell = escape(cell);
                let _ = match column {
                    0 => write!(output, "<th scope=\"row\">{cell}</th>"),
                    _ => write!(output, "<td>{cell}</td>"),
                };
            }
            output.push_str("</tr>");
        }
        output.push_str("</tbody></table></div>");
    }

    fn markdown(&self, output: &mut String) {
        let _ = writeln!(output, "**{}**: {}\n", self.name, self.title);
        let mut row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
            let _ = writeln!(output, "| {} |", cells.join(" | "));
        };
        let mut rule = vec!["---:".to_owned(); self.columns.len()];
        if let Some(first) = rule.first_mut() {
            "---".clone_into(first);
        }
        for line in [&self.columns, &rule].into_iter().chain(&self.rows) {
            row(line);
        }
    }
}

impl TableStyle {
    /// A line of text that stands by itself.
    pub(super) fn line(self, line: &str) -> String {
        match self {
            Self::Plain | Self::Markdown => format!("{line}\n"),
            Self::Html => format!("<p>{}</p>\n", escape(line)),
        }
    }
}

/// A fraction in percent, with one decimal; `–` where it is undefined.
pub(super) fn percent(fraction: Option<f64>) -> String {
    fraction.map_or_else(|| "–".to_owned(), |fraction| format!("{:.1}", fraction * 100.0))
}
