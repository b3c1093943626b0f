//! Plain text: a file is an article.

use super::{
    ReadOptions, SourceErrorKind,
    encoding::{self, TextEncoding},
};
use crate::article::Article;

/// The article that is all of a text. `charset` is what a server said of its encoding.
pub(super) fn read(
    id: &str,
    bytes: Vec<u8>,
    charset: Option<TextEncoding>,
    options: &ReadOptions,
) -> Result<Article, SourceErrorKind> {
    let (text, encoding) = encoding::decode(bytes, options.encoding, charset)?;
    let mut article = Article::new(id, text);
    article.encoding = Some(encoding.name());
    Ok(article)
}
