//! The options that say what is read, and how.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::printer::Printer;
use crate::{
    article::Article,
    run::{ResumedFile, partial_path},
    source::{self, Fields, InputFormat, Inputs, ReadOptions, Search, TextEncoding},
};

/// The options that say how articles are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct SourceArgs {
    /// How to read the input, whatever its file names say
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<InputFormatArg>,

    /// Encoding of all input, e.g. `windows-1256`; found out for each file by default
    ///
    /// The records say in `encoding` what was decided. Lines of JSON are UTF-8
    /// unless this says otherwise.
    #[arg(long, value_name = "NAME")]
    encoding: Option<TextEncoding>,

    /// File with further files and folders to read, one a line; `-` is standard input
    ///
    /// Or each with a NUL behind it, as `find -print0` writes them. A path in the
    /// list is the article's id as it stands there.
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,

    /// Read only files of folders that match, e.g. `*.html`, or with `!` before it do not
    ///
    /// As in `.gitignore`; may be given more than once.
    #[arg(long, value_name = "GLOB")]
    glob: Vec<String>,

    /// Read hidden files and folders too
    #[arg(long)]
    hidden: bool,

    /// Read what `.gitignore`, `.ignore` and `.musammaignore` leave out too
    #[arg(long)]
    no_ignore: bool,

    /// Most bytes of an article, decompressed; a larger one is an error
    #[arg(long, value_name = "N", default_value_t = ReadOptions::MAX_ARTICLE_BYTES)]
    max_article_bytes: u64,

    /// Field of a record, or column of a table, that holds the article's id
    #[arg(long, value_name = "FIELD", default_value = "id")]
    id_field: String,

    /// Field that holds the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    text_field: String,

    /// Field that holds the day of publication
    #[arg(long, value_name = "FIELD", default_value = "date")]
    date_field: String,

    /// Field that holds the language, as an ISO 639-1 code
    #[arg(long, value_name = "FIELD", default_value = "lang")]
    language_field: String,
}

impl SourceArgs {
    /// Finds the inputs behind `paths`, leaving out the run's own `outputs`.
    pub(super) fn find<'path>(
        &self,
        paths: &[PathBuf],
        outputs: impl IntoIterator<Item = &'path Path>,
    ) -> anyhow::Result<Inputs> {
        let files = |output: &Path| [output.to_owned(), partial_path(output), ResumedFile::earlier_path(output)];
        let own: Vec<PathBuf> = outputs.into_iter().flat_map(files).collect();
        Ok(Inputs::find(&Search {
            paths: paths.to_vec(),
            listed: self.files_from.as_deref().map(|list| read_list(list, paths)).transpose()?.unwrap_or_default(),
            format: self.input_format.map(InputFormat::from),
            excluded: own,
            globs: self.glob.clone(),
            hidden: self.hidden,
            no_ignore: self.no_ignore,
        })?)
    }

    /// How the inputs are read.
    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            fields: Fields {
                id: self.id_field.clone(),
                text: self.text_field.clone(),
                date: self.date_field.clone(),
                language: self.language_field.clone(),
            },
            encoding: self.encoding,
            max_article_bytes: self.max_article_bytes,
        }
    }
}

/// The paths in a list.
fn read_list(list: &Path, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let what = || format!("cannot read the list `{}`", list.display());
    if list.as_os_str() != "-" {
        let file = std::fs::File::open(list).with_context(what)?;
        return source::read_list(io::BufReader::new(file)).with_context(what);
    }
    anyhow::ensure!(
        paths.iter().all(|path| path.as_os_str() != "-"),
        "`-` is both an input and the list of `--files-from`; standard input can be read once"
    );
    source::read_list(io::stdin().lock()).with_context(what)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InputFormatArg {
    /// A file is an article
    Text,
    /// A file is an article, with markup
    Markdown,
    /// A file is a page; its main text is an article
    Html,
    /// A line is an article
    Jsonl,
    /// Objects in an array, or one after the other, are articles
    Json,
    /// A row is an article
    Csv,
    /// A row is an article
    Tsv,
    /// A page or text that was fetched is an article
    Warc,
    /// A row is an article
    Parquet,
    /// Its files are inputs
    Tar,
    /// Its files are inputs
    Zip,
}

impl From<InputFormatArg> for InputFormat {
    fn from(format: InputFormatArg) -> Self {
        match format {
            InputFormatArg::Text => Self::Text,
            InputFormatArg::Markdown => Self::Markdown,
            InputFormatArg::Html => Self::Html,
            InputFormatArg::Jsonl => Self::Jsonl,
            InputFormatArg::Json => Self::Json,
            InputFormatArg::Csv => Self::Csv,
            InputFormatArg::Tsv => Self::Tsv,
            InputFormatArg::Warc => Self::Warc,
            InputFormatArg::Parquet => Self::Parquet,
            InputFormatArg::Tar => Self::Tar,
            InputFormatArg::Zip => Self::Zip,
        }
    }
}

/// What the inputs said that could not be used: how often, and the first case of each field.
#[derive(Debug, Default)]
pub(super) struct Warnings(BTreeMap<String, (usize, String)>);

impl Warnings {
    pub(super) fn add(&mut self, article: Option<&Article>) {
        let Some(article) = article else { return };
        for warning in &article.warnings {
            let field = warning.split(':').next().unwrap_or_default().to_owned();
            let first = || (0, format!("`{}`: {warning}", article.id));
            self.0.entry(field).or_insert_with(first).0 += 1;
        }
    }

    pub(super) fn print(&self, printer: Printer) {
        for (count, first) in self.0.values() {
            let more = if *count == 1 { String::new() } else { format!(" (and {} more such articles)", count - 1) };
            printer.problem(&format!("{first}{more}"));
        }
    }
}
