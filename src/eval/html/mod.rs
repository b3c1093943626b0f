//! Self-contained pages: a report of an evaluation, and annotated articles.
//!
//! One file, no network, no font but the reader's. Texts are laid out by their
//! own direction, paragraph by paragraph, and each entity is isolated in it.
//! What colour says is also said by label and sign; `n` and `p` go from mistake
//! to mistake.

mod curve;
mod text;

use std::fmt::Write as _;

use super::{Analysis, Comparison, Corpus, Labels, Report, errors::joined, errors::kind, table::TableStyle};
use text::Marked;
pub use text::{PageArticle, PageMention};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Articles with mistakes that a report shows in full.
const SHOWN: usize = 300;

/// A page about an evaluation: scores, where they come from, and the articles
/// with mistakes, gold beside predicted.
pub fn report_page(title: &str, report: &Report, analysis: &Analysis, corpus: &Corpus, labels: &Labels) -> String {
    let mut body = String::new();
    section(&mut body, "scores", "Scores", &report.tables(TableStyle::Html));
    let mut mistakes = analysis.tables(TableStyle::Html);
    if let Some(confidence) = &analysis.confidence {
        mistakes.push_str(&curve::svg(confidence, labels));
    }
    section(&mut body, "analysis", "Where it fails", &mistakes);
    let mut articles = String::new();
    let (mut shown, mut left_out) = (0, 0);
    for article in &corpus.articles {
        let pairs = joined(article);
        if pairs.iter().all(|&(gold, predicted)| kind(gold, predicted).is_none()) {
            continue;
        }
        let Some(text) = article.text.as_deref().filter(|_| shown < SHOWN) else {
            left_out += 1;
            continue;
        };
        shown += 1;
        let (mut gold, mut predicted) = (Vec::new(), Vec::new());
        for (of_gold, of_predicted) in pairs {
            let wrong = kind(of_gold, of_predicted);
            let marked = |mention: &super::Mention| Marked {
                start: mention.start,
                end: mention.end,
                label: labels.name(mention.label),
                hue: labels_hue(mention.label.index()),
                wrong,
            };
            gold.extend(of_gold.map(marked));
            predicted.extend(of_predicted.map(marked));
        }
        let _ = write!(articles, "<article><h3><bdi>{}</bdi></h3><div class=\"sides\">", escape(&article.id));
        for (name, marks) in [("gold", &mut gold), ("predicted", &mut predicted)] {
            marks.sort_by_key(|mark| mark.start);
            let _ = write!(articles, "<section><h4>{name}</h4>{}</section>", text::marked(text, marks));
        }
        articles.push_str("</div></article>");
    }
    if left_out > 0 {
        let _ = write!(articles, "<p>{left_out} more articles with mistakes are not shown.</p>");
    }
    if shown == 0 && left_out == 0 {
        articles.push_str("<p>No article has a mistake.</p>");
    }
    section(&mut body, "articles", "Articles with mistakes", &articles);
    let names: Vec<&str> = labels.names().iter().map(String::as_str).collect();
    page(title, &bar(&names, true), &body)
}

/// A page about a comparison: differences, and what changed.
pub fn comparison_page(title: &str, comparison: &Comparison) -> String {
    let mut body = String::new();
    section(&mut body, "scores", "Differences", &comparison.tables(TableStyle::Html));
    page(title, "", &body)
}

/// A page of annotated articles.
pub fn view_page(title: &str, articles: &[PageArticle<'_>]) -> String {
    let mut names: Vec<&str> = articles.iter().flat_map(|article| article.mentions.iter().map(|m| m.label)).collect();
    names.sort_unstable();
    names.dedup();
    let mut body = String::new();
    for article in articles {
        let hue = |label: &str| labels_hue(names.iter().position(|name| *name == label).unwrap_or_default());
        let mut marks: Vec<Marked<'_>> = article
            .mentions
            .iter()
            .map(|mention| Marked {
                start: mention.start,
                end: mention.end,
                label: mention.label,
                hue: hue(mention.label),
                wrong: None,
            })
            .collect();
        marks.sort_by_key(|mark| mark.start);
        let text = text::marked(article.text, &marks);
        let _ = write!(body, "<article><h2><bdi>{}</bdi></h2>{text}</article>", escape(article.id));
    }
    page(title, &bar(&names, false), &body)
}

/// Colours go round the circle, neighbours far apart.
fn labels_hue(index: usize) -> usize {
    (index * 137 + 265) % 360
}

fn section(body: &mut String, id: &str, title: &str, content: &str) {
    let _ = write!(body, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>{content}</section>");
}

/// Boxes that show and hide labels, and buttons that go from mistake to mistake.
fn bar(labels: &[&str], mistakes: bool) -> String {
    let mut bar = String::from("<nav class=\"bar key\" aria-label=\"Labels and mistakes\">");
    for (index, label) in labels.iter().enumerate() {
        let (label, hue) = (escape(label), labels_hue(index));
        let _ = write!(
            bar,
            "<label><input type=\"checkbox\" checked value=\"{label}\"> <mark style=\"--hue:{hue}\">{label}</mark></label>"
        );
    }
    if mistakes {
        bar.push_str(
            "<button id=\"previous\" type=\"button\">previous mistake (p)</button>\
             <button id=\"next\" type=\"button\">next mistake (n)</button>\
             <span>− missed, + spurious, ≠ wrong label, ↔ wrong boundary</span>",
        );
    }
    bar.push_str("<span id=\"status\" role=\"status\"></span></nav>");
    bar
}

fn page(title: &str, bar: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
         <header><h1><bdi>{title}</bdi></h1></header>\n{bar}\n<main id=\"main\">{body}</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

/// Text that stands in a page, or in an attribute of it.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_article_becomes_markup() {
        let mentions = vec![PageMention { start: 0, end: 8, label: "A\"B" }];
        let article = PageArticle { id: "<i>", text: "<script>alert(1)</script>&", mentions };
        let page = view_page("a & b", &[article]);
        assert_eq!(page.matches("<script>").count(), 1, "our own");
        assert!(
            page.contains("&lt;script&gt;") && page.contains("data-label=\"A&quot;B\"") && page.contains("&lt;i&gt;")
        );
    }

    #[test]
    fn a_page_needs_nothing_from_outside() {
        let page = view_page("a", &[]);
        for outside in ["http:", "https:", "src=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
