//! The formats articles come in, and what file names say of them.

use std::{ffi::OsStr, path::Path};

/// How articles lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// The whole file is one article.
    Text,
    /// The whole file is one article, with markup between its words.
    Markdown,
    /// The main text of a page is an article.
    Html,
    /// Each line is a JSON object with an article in it.
    Jsonl,
    /// JSON objects with an article each, in an array or one after the other.
    Json,
    /// A table with a row an article, columns separated by commas or semicolons.
    Csv,
    /// A table with a row an article, columns separated by tabs.
    Tsv,
    /// A web archive; its pages and texts are articles.
    Warc,
    /// A table with a row an article.
    Parquet,
    /// An archive of files in other formats.
    Tar,
    /// An archive of files in other formats.
    Zip,
}

impl InputFormat {
    /// File name endings that are read in folders.
    pub const ENDINGS: [&'static str; 16] = [
        ".txt",
        ".md",
        ".markdown",
        ".html",
        ".htm",
        ".xhtml",
        ".jsonl",
        ".ndjson",
        ".json",
        ".csv",
        ".tsv",
        ".warc",
        ".parquet",
        ".zip",
        ".tar",
        ".tgz",
    ];

    /// The format a file's ending speaks of; behind it, `.gz` or `.zst` may say that it is compressed.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name().and_then(OsStr::to_str)?.to_ascii_lowercase();
        let inner = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst"));
        let (stem, ending) = inner.unwrap_or(&name).rsplit_once('.')?;
        let format = match ending {
            "txt" => Self::Text,
            "md" | "markdown" => Self::Markdown,
            "html" | "htm" | "xhtml" => Self::Html,
            "jsonl" | "ndjson" => Self::Jsonl,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "warc" => Self::Warc,
            "tar" | "tgz" => Self::Tar,
            // These are read from their end, which a compressed stream does not allow.
            "parquet" if inner.is_none() => Self::Parquet,
            "zip" if inner.is_none() => Self::Zip,
            _ => return None,
        };
        (!stem.is_empty()).then_some(format)
    }

    /// Whether a run may have written such a file itself.
    pub(super) fn is_written(self) -> bool {
        matches!(self, Self::Jsonl | Self::Json | Self::Csv | Self::Tsv | Self::Parquet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_say_the_format_and_compression_stands_behind_it() {
        for (name, format) in [
            ("a.txt", Some(InputFormat::Text)),
            ("news/A.TXT.GZ", Some(InputFormat::Text)),
            ("a.b.html.zst", Some(InputFormat::Html)),
            ("part-0000.json.gz", Some(InputFormat::Json)),
            ("crawl.warc.gz", Some(InputFormat::Warc)),
            ("a.tgz", Some(InputFormat::Tar)),
            ("a.tar.zst", Some(InputFormat::Tar)),
            ("a.zip", Some(InputFormat::Zip)),
            ("a.zip.gz", None),
            ("a.parquet.gz", None),
            ("a.gz", None),
            (".txt", None),
            ("txt", None),
            ("a.png", None),
        ] {
            assert_eq!(InputFormat::of(Path::new(name)), format, "{name}");
        }
        for ending in InputFormat::ENDINGS {
            assert!(InputFormat::of(Path::new(&format!("a{ending}"))).is_some(), "{ending}");
        }
    }
}
