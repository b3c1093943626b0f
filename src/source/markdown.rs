//! Markdown: a file is an article. Its text is the file's, so that offsets point
//! into the file; code, addresses and tags are no part of the article.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use crate::article::{Article, ArticleDate, DateSource};

use super::record::{language_code, publication_day};

/// Marks what is markup, and takes date, language and title from the front matter.
pub(super) fn marked(mut article: Article) -> Article {
    let text = article.text().to_owned();
    let mut excluded = Vec::new();
    let body = front_matter(&text);
    if let Some(fields) = text.get(..body).filter(|fields| !fields.is_empty()) {
        read_front_matter(&mut article, fields);
        excluded.push(0..body);
    }
    excluded.extend(markup(&text[body..]).into_iter().map(|range| range.start + body..range.end + body));
    article.exclude(excluded);
    article
}

/// Where the front matter ends: `---`, fields, `---` at the very beginning.
fn front_matter(text: &str) -> usize {
    let after_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = text.len() - after_mark.len();
    for (number, line) in after_mark.split_inclusive('\n').enumerate() {
        let is_fence = matches!(line.trim_end(), "---") || number > 0 && line.trim_end() == "...";
        at += line.len();
        match (number, is_fence) {
            (0, false) => return 0,
            (1.., true) => return at,
            _ => {}
        }
    }
    0
}

/// The fields of a front matter that say something of the article: `key: value` at the beginning of a line.
fn read_front_matter(article: &mut Article, fields: &str) {
    for (key, value) in fields.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim().trim_matches(['"', '\'']);
        match key.to_ascii_lowercase().as_str() {
            "title" if !value.is_empty() => article.title = Some(value.to_owned()),
            "date" | "published" | "pubdate" | "publishdate" if article.date.is_none() => {
                article.date = publication_day(value).map(|day| ArticleDate { day, source: DateSource::Metadata });
            }
            "lang" | "language" => article.language = language_code(value),
            _ => {}
        }
    }
}

/// The byte ranges of a text that are code, HTML, or the address and title of a link or a picture.
fn markup(text: &str) -> Vec<Range<usize>> {
    let mut excluded = Vec::new();
    // Ends of the texts inside the links that are open.
    let mut links: Vec<(Range<usize>, usize)> = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) | Event::Html(_) | Event::InlineHtml(_) => {
                excluded.push(range.clone());
            }
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                excluded.push(range.clone());
                links.push((range.clone(), range.end));
                continue;
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                links.push((range.clone(), range.start + 1));
                continue;
            }
            _ => {}
        }
        if let Event::End(pulldown_cmark::TagEnd::Link | pulldown_cmark::TagEnd::Image) = event {
            if let Some((link, text_end)) = links.pop() {
                excluded.push(text_end.min(link.end)..link.end);
                if let Some((_, outer)) = links.last_mut() {
                    *outer = (*outer).max(link.end);
                }
            }
        } else if let Some((link, text_end)) = links.last_mut() {
            *text_end = (*text_end).max(range.end.min(link.end));
        }
    }
    excluded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Article {
        marked(Article::new("a.md", text))
    }

    /// What is left of a text.
    fn rest(text: &str) -> String {
        let article = read(text);
        let mut rest = String::new();
        let mut at = 0;
        for range in article.excluded() {
            rest += &text[at..range.start];
            at = range.end;
        }
        rest + &text[at..]
    }

    #[test]
    fn addresses_and_code_are_left_out_and_offsets_stay() {
        assert_eq!(rest("زار [طنجة](https://x.ma/Tanger \"Rabat\") أمس"), "زار [طنجة أمس");
        assert_eq!(rest("![صورة من الرباط](a.jpg) نص"), "![صورة من الرباط نص");
        assert_eq!(rest("[![logo](a.png)](https://x.ma) نص"), "[![logo نص");
        assert_eq!(rest("a `b` c <https://x.ma> d"), "a  c  d");
        assert_eq!(rest("```\ncode\n```\nنص"), "\nنص");
        assert_eq!(rest("نص <b>غليظ</b>"), "نص غليظ");
        assert_eq!(rest("# **عنوان**\n\nنص\n"), "# **عنوان**\n\nنص\n");
    }

    #[test]
    fn the_front_matter_tells_date_language_and_title() {
        let text = "---\ntitle: \"لقاء طنجة\"\ndate: 2024-04-24T10:00:00Z\nlang: ar-MA\n---\nزار الوفد طنجة";
        let article = read(text);
        assert_eq!(article.title.as_deref(), Some("لقاء طنجة"));
        assert_eq!(article.date.unwrap().day, jiff::civil::date(2024, 4, 24));
        assert_eq!(article.language.as_deref(), Some("ar"));
        assert_eq!(rest(text), "زار الوفد طنجة");
        assert_eq!(rest("---\nno end of it"), "---\nno end of it");
        assert_eq!(rest("text\n---\nmore\n---\n"), "text\n---\nmore\n---\n");
    }
}
