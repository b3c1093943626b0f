//! HTML: the main text of a page is an article, below its headline.

use dom_query::Document;
use dom_smoothie::{Config, Readability, TextMode};

use super::{
    ReadOptions, SourceErrorKind,
    encoding::{self, TextEncoding},
    metadata::Metadata,
};
use crate::article::{Article, ArticleDate, DateSource, detect_language};

/// Elements that may stand inside each other.
const MOST_DEPTH: usize = 512;

/// Tags times formatting elements that were open at once: how often one may be reopened.
const MOST_REOPENED: usize = 20_000_000;

/// Ampersands that begin no character reference; each costs a parser as much as all the text before it.
const MOST_AMPERSANDS: usize = 200_000;

/// Elements of a page; above it the search for the main text takes too long.
const MOST_ELEMENTS: usize = 100_000;

/// The article of a page. `charset` is what the server said of its encoding.
pub(super) fn read(
    id: &str,
    bytes: Vec<u8>,
    charset: Option<TextEncoding>,
    options: &ReadOptions,
) -> Result<Article, SourceErrorKind> {
    let declared = charset.or_else(|| declared_encoding(&bytes));
    let (html, encoding) = encoding::decode(bytes, options.encoding, declared)?;
    refuse_deep(&html)?;
    let page = Document::from(html.trim_start_matches('\u{feff}'));
    let metadata = Metadata::of(&page);
    let main = main_text(page);
    let text = match &metadata.title {
        Some(title) if !begins_with(&main, title) => format!("{title}\n\n{main}"),
        _ => main,
    };
    let mut article = Article::new(id, text);
    article.encoding = Some(encoding.name());
    article.date = metadata.day.map(|day| ArticleDate { day, source: DateSource::Metadata });
    article.language = metadata.language.filter(|language| is_plausible(language, article.text()));
    article.title = metadata.title;
    Ok(article)
}

/// The main text, or that of the whole page where there is nothing that looks like one.
fn main_text(page: Document) -> String {
    let config = Config {
        text_mode: TextMode::Formatted,
        disable_json_ld: true,
        max_elements_to_parse: MOST_ELEMENTS,
        ..Config::default()
    };
    let whole = |page: &Document| {
        page.select("head, script, style, noscript, header, footer, aside").remove();
        page.formatted_text().trim().to_owned()
    };
    // Never a part of the text, and taken for one where there is little else.
    page.select("nav, button, dialog, svg, template").remove();
    let html = page.html();
    let main = Readability::with_document(page, None, Some(config)).and_then(|mut page| page.parse());
    match main.map(|main| main.text_content.trim().to_owned()) {
        Ok(main) if !main.is_empty() => main,
        _ => whole(&Document::from(html)),
    }
}

/// Whether a text begins with its title, give or take spaces.
fn begins_with(text: &str, title: &str) -> bool {
    let mut words = text.split_whitespace();
    title.split_whitespace().all(|word| words.next() == Some(word))
}

/// Whether a text can be in the language a page declares: templates often keep
/// that of their makers. The text tells it itself, or at least its alphabet does.
fn is_plausible(language: &str, text: &str) -> bool {
    /// Languages in Arabic letters.
    const ARABIC: [&str; 8] = ["ar", "fa", "ur", "ps", "ug", "sd", "ckb", "ary"];
    if let Some(detected) = detect_language(text) {
        return detected == language;
    }
    let (mut arabic, mut other) = (0_usize, 0_usize);
    for letter in text.chars().filter(|character| character.is_alphabetic()) {
        if ('\u{600}'..='\u{6ff}').contains(&letter) { arabic += 1 } else { other += 1 }
    }
    arabic == other || ARABIC.contains(&language) == (arabic > other)
}

/// The encoding that a page declares in its first bytes.
fn declared_encoding(bytes: &[u8]) -> Option<TextEncoding> {
    const WITHIN: usize = 1024;
    let head = bytes[..bytes.len().min(WITHIN)].to_ascii_lowercase();
    let at = head.windows(7).position(|window| window == b"charset")?;
    let value = head[at + 7..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b':' | b'.'));
    TextEncoding::declared(&value[..end?])
}

/// Refuses pages whose tree would be far larger than their text, or take far longer than it. A parser of
/// HTML reopens formatting elements in every block, and looks through all open
/// elements at most tags.
fn refuse_deep(html: &str) -> Result<(), SourceErrorKind> {
    /// Elements without an end, or whose end is seldom written.
    const FLAT: [&str; 30] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "optgroup", "html", "head",
        "body", "path",
    ];
    const FORMATTING: [&str; 14] =
        ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
    let is_one_of = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let (mut open, mut deepest) = ([0_usize; 2], [0_usize; 2]);
    let mut tags = 0_usize;
    for tag in html.split('<').skip(1) {
        let (is_end, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let end = name.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = &name[..end.min(16)];
        tags += 1;
        if name.is_empty() || is_one_of(&FLAT, name) {
            continue;
        }
        let kind = usize::from(is_one_of(&FORMATTING, name));
        open[kind] = if is_end { open[kind].saturating_sub(1) } else { open[kind] + 1 };
        deepest[kind] = deepest[kind].max(open[kind]);
    }
    let begins_reference = |rest: &str| rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '#');
    if html.split('&').skip(1).filter(|rest| !begins_reference(rest)).count() > MOST_AMPERSANDS {
        let reason = format!("more than {MOST_AMPERSANDS} ampersands");
        return Err(SourceErrorKind::Malformed { format: "HTML", reason });
    }
    if deepest.iter().sum::<usize>() > MOST_DEPTH || deepest[1].saturating_mul(tags) > MOST_REOPENED {
        let reason = format!("{} elements are open inside each other", deepest.iter().sum::<usize>());
        return Err(SourceErrorKind::Malformed { format: "HTML", reason });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Article {
        super::read("a.html", html.as_bytes().to_vec(), None, &ReadOptions::default()).unwrap()
    }

    #[test]
    fn the_main_text_stands_below_the_headline_and_furniture_is_gone() {
        let paragraph = "استقبل عمدة طنجة وفدا رسميا عن مدينة مونبلييه الفرنسية، وذلك في إطار التعاون اللامركزي. ";
        let article = read(&format!(
            "<html lang=ar><head><title>لقاء في طنجة</title></head><body><nav><a href=/>الرئيسية</a></nav>\
             <article><h1>لقاء في طنجة</h1><p>{0}</p><p>{0}</p><p>{0}</p></article>\
             <form>اترك رد</form><footer>جميع الحقوق محفوظة</footer></body></html>",
            paragraph.repeat(3)
        ));
        assert!(article.text().starts_with("لقاء في طنجة\n"), "{}", article.text());
        assert!(article.text().contains("مونبلييه") && !article.text().contains("الرئيسية"), "{}", article.text());
        assert!(!article.text().contains("اترك رد") && !article.text().contains("الحقوق"), "{}", article.text());
        assert_eq!(article.text().matches("لقاء في طنجة").count(), 1);
        assert_eq!(article.title.as_deref(), Some("لقاء في طنجة"));
    }

    #[test]
    fn a_page_without_main_text_is_read_whole() {
        assert_eq!(read("<p>زار وفد طنجة").text(), "زار وفد طنجة");
        assert_eq!(read("<nav>x</nav>زار وفد <b>طنجة</b>").text(), "زار وفد طنجة");
        assert_eq!(read("").text(), "");
    }

    #[test]
    fn the_text_counts_more_than_what_the_template_says() {
        let text = "<p>استقبل عمدة طنجة وفدا رسميا عن مدينة مونبلييه الفرنسية يوم الأربعاء";
        assert_eq!(read(&format!("<html lang=en>{text}")).language, None);
        let french = "<p>La maire de la ville a reçu mercredi une délégation venue de Montpellier pour un accord.";
        assert_eq!(read(&format!("<html lang=en-US>{french}")).language, None);
        assert_eq!(read("<html lang=es><p>Tanger").language.as_deref(), Some("es"));
        assert_eq!(read(&format!("<html lang=ar>{text}")).language.as_deref(), Some("ar"));
        assert_eq!(
            read("<html lang=fr-FR><p>Le maire de la ville a reçu une délégation").language.as_deref(),
            Some("fr")
        );
    }

    #[test]
    fn the_declared_encoding_counts() {
        assert_eq!(declared_encoding(b"<meta charset=windows-1256>").unwrap().name(), "windows-1256");
        assert_eq!(
            declared_encoding(b"<META content='text/html; CHARSET = \"CP1252\"'>").unwrap().name(),
            "windows-1252"
        );
        assert!(declared_encoding(b"<meta charset=").is_none() && declared_encoding(b"").is_none());
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode("<meta charset=iso-8859-1><p>Réunion");
        let article = super::read("a", bytes.into_owned(), None, &ReadOptions::default()).unwrap();
        assert_eq!((article.text(), article.encoding), ("Réunion", Some("windows-1252")));
    }

    #[test]
    fn deep_pages_are_refused_before_they_are_parsed() {
        let reopened = "<b>".repeat(450) + &"<p>x".repeat(100_000);
        for html in ["<div>".repeat(1_000_000), reopened, "&".repeat(1_000_000)] {
            let read = super::read("a", html.into_bytes(), None, &ReadOptions::default());
            assert_eq!(read.unwrap_err().code(), "malformed");
        }
        assert!(read(&("<div>".repeat(500) + "text")).text().contains("text"));
        assert!(read(&"<p>x<li>y<br>".repeat(20_000)).text().contains('x'));
    }
}
