//! Plain text: a file is an article.

use std::{
    fs,
    io::{self, Read},
};

use super::{Input, SourceError, SourceErrorKind};
use crate::article::Article;

pub(super) fn read(input: &Input) -> Result<Article, SourceError> {
    let bytes = match &input.path {
        Some(path) => fs::read(path),
        None => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        }
    };
    bytes
        .map_err(SourceErrorKind::Unreadable)
        .and_then(decode)
        .map(|text| Article::new(&*input.id, text))
        .map_err(|kind| SourceError { id: input.id.clone(), kind })
}

/// The text of a file's bytes.
fn decode(bytes: Vec<u8>) -> Result<String, SourceErrorKind> {
    let nul = bytes.iter().position(|&byte| byte == 0);
    let text = String::from_utf8(bytes)
        .map_err(|error| SourceErrorKind::Encoding { offset: error.utf8_error().valid_up_to() })?;
    match nul {
        Some(offset) => Err(SourceErrorKind::Binary { offset }),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_line_ends_stay_in_the_text() {
        let text = decode("\u{feff}طنجة\r\n".into()).unwrap();
        assert_eq!(text, "\u{feff}طنجة\r\n");
    }

    #[test]
    fn other_encodings_and_binary_files_are_refused_with_the_place() {
        let windows_1256 = [b"a ".as_slice(), &[0xd8, 0xe4]].concat();
        assert!(matches!(decode(windows_1256), Err(SourceErrorKind::Encoding { offset: 2 })));
        assert!(matches!(decode(b"ab\0c".to_vec()), Err(SourceErrorKind::Binary { offset: 2 })));
    }
}
