//! Finding articles and reading them: files, folders, standard input.

mod error;
mod inputs;
mod jsonl;
mod text;

use std::collections::HashSet;

pub use error::{InputError, SourceError, SourceErrorKind};
pub use inputs::{Input, InputFormat, Inputs};
pub use jsonl::Fields;

use crate::article::Article;

/// Reads all inputs in order. An article that cannot be read, or whose id was
/// seen before, is an error in its place; the others follow.
pub fn articles<'inputs>(
    inputs: &'inputs Inputs,
    fields: &'inputs Fields,
) -> impl Iterator<Item = Result<Article, SourceError>> + 'inputs {
    let mut seen = HashSet::new();
    inputs.files.iter().flat_map(move |input| read(input, fields)).map(move |article| {
        let article = article?;
        if seen.insert(article.id.clone()) {
            Ok(article)
        } else {
            Err(SourceError { id: article.id, kind: SourceErrorKind::DuplicateId })
        }
    })
}

fn read<'inputs>(
    input: &'inputs Input,
    fields: &'inputs Fields,
) -> Box<dyn Iterator<Item = Result<Article, SourceError>> + 'inputs> {
    match input.format {
        InputFormat::Text => Box::new(std::iter::once(text::read(input))),
        InputFormat::Jsonl => Box::new(jsonl::read(input, fields)),
    }
}
