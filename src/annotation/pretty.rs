//! A page for people: the article with its entities marked, then its distinct names.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use super::{EntityRecord, Record};
use crate::model::Label;

/// Right-to-left isolate, first-strong isolate and their end: they keep a
/// terminal from mixing Arabic lines and Latin labels into each other.
const RIGHT_TO_LEFT: char = '\u{2067}';
const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// Writes a record's page. `text` is the article's, for the marked-up part.
pub(super) fn page(record: &Record, text: Option<&str>, colour: bool, output: &mut impl Write) -> io::Result<()> {
    let paint = |style: Style| if colour { style } else { Style::new() };
    let bold = paint(Style::new().bold());
    write!(output, "{bold}{}{bold:#}", visible(&record.id))?;
    for detail in [record.date.map(|date| date.to_string()), record.lang.clone()].into_iter().flatten() {
        write!(output, "  {detail}")?;
    }
    writeln!(output)?;
    if let Some(error) = &record.error {
        let red = paint(AnsiColor::Red.on_default());
        return writeln!(output, "{red}{}: {}{red:#}\n", error.code, visible(&error.message));
    }
    let entities = record.entities.as_deref().unwrap_or_default();
    if let Some(text) = text {
        for line in marked(text, entities, colour).split('\n') {
            writeln!(output, "{}", directed(line))?;
        }
        writeln!(output)?;
    }
    let mut names: BTreeMap<(Label, &str), usize> = BTreeMap::new();
    for entity in entities {
        *names.entry((entity.label, &entity.name)).or_default() += 1;
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|&((label, name), count)| (label, std::cmp::Reverse(count), name));
    for ((label, name), count) in names {
        let style = paint(style_of(label));
        writeln!(output, "  {style}{label:<4}{style:#}  {count:>3}  {ISOLATE}{}{END}", visible(name))?;
    }
    writeln!(output)
}

/// The text with each entity in its colour, or in brackets with its label.
fn marked(text: &str, entities: &[EntityRecord], colour: bool) -> String {
    let mut marked = String::with_capacity(text.len() + 32 * entities.len());
    let mut done = 0;
    for entity in entities {
        let [start, end] = entity.bytes;
        let (Some(before), Some(inside)) = (text.get(done..start), text.get(start..end)) else { continue };
        marked.push_str(&visible(before));
        // A style does not survive a line break in every pager.
        let inside = visible(inside).replace('\n', " ");
        if colour {
            let style = style_of(entity.label);
            marked.push_str(&format!("{style}{ISOLATE}{inside}{END}{style:#}"));
        } else {
            marked.push_str(&format!("[{ISOLATE}{inside}{END} {}]", entity.label));
        }
        done = end;
    }
    marked.push_str(&visible(text.get(done..).unwrap_or_default()));
    marked
}

/// A line whose first letter is right-to-left, isolated so that it is laid out that way.
fn directed(line: &str) -> String {
    let right_to_left = line.chars().find(|character| character.is_alphabetic()).is_some_and(
        |letter| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'),
    );
    if right_to_left { format!("{RIGHT_TO_LEFT}{line}{END}") } else { line.to_owned() }
}

/// The text without the control characters that could steer a terminal.
fn visible(text: &str) -> String {
    text.chars()
        .filter(|&character| character != '\r')
        .map(|character| {
            if character.is_control() && !matches!(character, '\n' | '\t') {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        })
        .collect()
}

fn style_of(label: Label) -> Style {
    let colour = match label {
        Label::Per => AnsiColor::Magenta,
        Label::City => AnsiColor::Green,
        Label::Loc => AnsiColor::Cyan,
        Label::Org => AnsiColor::Yellow,
        Label::Date => AnsiColor::Blue,
    };
    colour.on_default().bold()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{article::Article, decode::Entity};

    fn page_of(text: &str, mention: &str, colour: bool) -> String {
        let article = Article::new("a.txt", text);
        let start = text.find(mention).unwrap();
        let span = article.span(start..start + mention.len()).unwrap();
        let entity =
            Entity { span, label: Label::City, name: crate::decode::plain_name(mention), score: 0.9, date: None };
        let mut output = Vec::new();
        page(&Record::annotated(&article, &[entity]), Some(text), colour, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn arabic_lines_are_isolated_and_entities_marked() {
        let page = page_of("زار وفد طنجة\nModern", "طنجة", false);
        insta::assert_snapshot!(page.replace(RIGHT_TO_LEFT, "<rtl>").replace(ISOLATE, "<i>").replace(END, "</>"), @"
        a.txt
        <rtl>زار وفد [<i>طنجة</> CITY]</>
        Modern

          CITY    1  <i>طنجة</>
        ");
    }

    #[test]
    fn an_article_cannot_steer_the_terminal() {
        let page = page_of("\u{1b}[2J Tanger\u{7}", "Tanger", false);
        assert!(!page.contains('\u{1b}') && !page.contains('\u{7}'), "{page:?}");
    }
}
