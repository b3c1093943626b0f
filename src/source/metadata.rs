//! What a page says of itself: headline, day of publication, language.

use dom_query::Document;
use jiff::civil::Date;
use serde_json::Value;

use super::record::{language_code, publication_day};

/// What a page says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) day: Option<Date>,
    pub(super) language: Option<String>,
}

/// Properties and names of `<meta>` with the headline, the best first.
const TITLES: [&str; 4] = ["og:title", "twitter:title", "dc.title", "dcterms.title"];

/// Those with the day of publication.
const DAYS: [&str; 14] = [
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "publishdate",
    "publish-date",
    "publication_date",
    "pubdate",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "date",
];

/// Nesting of JSON-LD that is looked into.
const JSON_DEPTH: usize = 16;

impl Metadata {
    /// The metadata of a page: JSON-LD, then `<meta>`, then elements of the page itself.
    pub(super) fn of(page: &Document) -> Self {
        let mut found = Self::default();
        for script in page.select("script[type='application/ld+json']").nodes() {
            if let Ok(json) = serde_json::from_str::<Value>(script.text().trim()) {
                found.add_json_ld(&json, JSON_DEPTH);
            }
        }
        let meta = Meta::of(page);
        let site = meta.first(&["og:site_name"]);
        found.title = found.title.or_else(|| meta.first(&TITLES)).or_else(|| text_of(page, "h1"));
        found.title = found.title.or_else(|| text_of(page, "title")).map(|title| without_site(title, site.as_deref()));
        found.day = found
            .day
            .or_else(|| DAYS.iter().find_map(|name| publication_day(&meta.first(&[name])?)))
            .or_else(|| day_of_elements(page));
        let language = attribute(page, "html", "lang").or_else(|| attribute(page, "html", "xml:lang"));
        found.language = language
            .and_then(|code| language_code(&code))
            .or_else(|| language_code(&meta.first(&["og:locale", "content-language", "language", "dc.language"])?))
            .or(found.language);
        found
    }

    /// Takes what is missing from JSON-LD: from the first object of it that is an article.
    fn add_json_ld(&mut self, json: &Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match json {
            Value::Array(items) => items.iter().for_each(|item| self.add_json_ld(item, depth)),
            Value::Object(fields) => {
                let string = |name: &str| Some(fields.get(name)?.as_str()?.trim()).filter(|text| !text.is_empty());
                if fields.get("@type").is_some_and(is_article) {
                    self.title = self.title.take().or_else(|| string("headline").map(unescape));
                    self.day = self.day.or_else(|| publication_day(string("datePublished")?));
                    self.language = self.language.take().or_else(|| language_code(string("inLanguage")?));
                }
                for name in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(inner) = fields.get(name) {
                        self.add_json_ld(inner, depth);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a type of JSON-LD is one of the kinds of article.
fn is_article(types: &Value) -> bool {
    let is_one = |name: &Value| {
        name.as_str().is_some_and(|name| {
            let name = name.rsplit(['/', ':']).next().unwrap_or_default();
            name.ends_with("Article") || matches!(name, "BlogPosting" | "LiveBlogPosting" | "Report" | "WebPage")
        })
    };
    match types {
        Value::Array(types) => types.iter().any(is_one),
        one => is_one(one),
    }
}

/// The contents of `<meta>`, by lower-case name or property.
struct Meta(Vec<(String, String)>);

impl Meta {
    fn of(page: &Document) -> Self {
        let entry = |node: &dom_query::NodeRef<'_>| {
            let content = node.attr("content")?.trim().to_owned();
            let name = ["property", "name", "itemprop", "http-equiv"].iter().find_map(|key| node.attr(key))?;
            (!content.is_empty()).then(|| (name.trim().to_ascii_lowercase(), content))
        };
        Self(page.select("meta").nodes().iter().filter_map(entry).collect())
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.0.iter().find(|(found, _)| found == name)).map(|(_, content)| content.clone())
    }
}

fn attribute(page: &Document, element: &str, name: &str) -> Option<String> {
    page.select_single(element).attr(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn text_of(page: &Document, element: &str) -> Option<String> {
    let text = page.select_single(element).text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The day in the page: what is marked as published, or the first `<time>` of the article.
fn day_of_elements(page: &Document) -> Option<Date> {
    const MARKED: [&str; 5] =
        ["[itemprop='datePublished']", "time[pubdate]", "time.published", "article time[datetime]", "time[datetime]"];
    MARKED.iter().find_map(|selector| {
        let element = page.select_single(selector);
        let written = element.attr("datetime").or_else(|| element.attr("content"))?;
        publication_day(&written)
    })
}

/// A title without the name of the site behind it.
fn without_site(title: String, site: Option<&str>) -> String {
    let cut = site.and_then(|site| {
        let rest = title.strip_suffix(site)?.trim_end();
        let rest = rest.strip_suffix(['|', '-', '–', '—', '•', ':', '«', '»'])?.trim_end();
        (!rest.is_empty()).then(|| rest.to_owned())
    });
    cut.unwrap_or(title)
}

/// Character references, which some publishers leave in JSON.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    Document::from(text).text().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn metadata(html: &str) -> Metadata {
        Metadata::of(&Document::from(html))
    }

    #[test]
    fn json_ld_is_read_in_all_its_forms() {
        for json in [
            r#"{"@type":"NewsArticle","headline":"لقاء طنجة","datePublished":"2024-04-24T09:00:00+01:00","inLanguage":"ar"}"#,
            r#"[{"@type":"Organization","name":"x"},{"@type":["Article"],"headline":"لقاء طنجة","datePublished":"2024-04-24","inLanguage":"ar-MA"}]"#,
            r#"{"@context":"https://schema.org","@graph":[{"@type":"WebPage","datePublished":"2024-04-24T08:00:00Z","inLanguage":"ar"},{"@type":"NewsArticle","headline":"لقاء طنجة"}]}"#,
        ] {
            let found = metadata(&format!("<script type='application/ld+json'>{json}</script><title>no</title>"));
            assert_eq!(found.title.as_deref(), Some("لقاء طنجة"), "{json}");
            assert_eq!((found.day, found.language.as_deref()), (Some(date(2024, 4, 24)), Some("ar")), "{json}");
        }
    }

    #[test]
    fn meta_and_elements_are_read_where_there_is_no_json_ld() {
        let found = metadata(
            "<html lang=fr-MA><meta property=og:site_name content=Journal>\
             <meta property='og:title' content='Tanger reçoit | Journal'>\
             <meta property='article:published_time' content='2024-04-24T10:00:00+00:00'><p>x",
        );
        assert_eq!(found.title.as_deref(), Some("Tanger reçoit"));
        assert_eq!((found.day, found.language.as_deref()), (Some(date(2024, 4, 24)), Some("fr")));
        let found = metadata("<title> A &amp;\n B </title><article><time datetime=2023-05-03>May</time></article>");
        assert_eq!((found.title.as_deref(), found.day), (Some("A & B"), Some(date(2023, 5, 3))));
        let found = metadata("<script type='application/ld+json'>{broken</script><html lang=xx>");
        assert_eq!(found, Metadata::default());
    }
}
