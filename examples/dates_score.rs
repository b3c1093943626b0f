//! Scores the date finder on gold files: strict spans, and values of the
//! mentions that have one.
//!
//! ```text
//! cargo run --release --no-default-features --example dates_score -- [--errors|--markdown] GOLD.jsonl …
//! ```
//!
//! `--markdown` makes `eval/reports/dates-values.md`.

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use musamma::{article::Article, dates};
use serde_json::Value;

/// What one file came to.
#[derive(Default)]
struct Counts {
    articles: usize,
    /// Articles whose day is known, from the file or from their own text.
    dated: usize,
    /// Mentions with a value in such articles, and right ones among them.
    dated_valued: usize,
    dated_right_values: usize,
    gold: usize,
    found: usize,
    right: usize,
    valued: usize,
    right_values: usize,
    found_valued: usize,
    right_values_found: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut errors, mut markdown) = (false, false);
    let mut rows = Vec::new();
    let mut bytes = 0;
    let mut seconds = 0.0;
    for path in std::env::args().skip(1) {
        if path == "--errors" {
            errors = true;
            continue;
        }
        if path == "--markdown" {
            markdown = true;
            continue;
        }
        let mut counts = Counts::default();
        for line in fs::read_to_string(&path)?.lines() {
            let record: Value = serde_json::from_str(line)?;
            let article = Article::new("", record["text"].as_str().unwrap_or_default());
            let reference = record["date"].as_str().and_then(|date| date.get(..10)?.parse().ok());
            let start = Instant::now();
            let reference = reference.or_else(|| dates::publication_date(article.text(), record["lang"].as_str()));
            let found = dates::find(article.text(), record["lang"].as_str(), reference);
            counts.articles += 1;
            counts.dated += usize::from(reference.is_some());
            seconds += start.elapsed().as_secs_f64();
            bytes += article.text().len();
            let mut gold = BTreeMap::new();
            for entity in record["entities"].as_array().into_iter().flatten().filter(|entity| entity["label"] == "DATE")
            {
                let offset = |field: &str| entity[field].as_u64().unwrap_or_default() as usize;
                let Some(span) = article.span_of_chars(offset("start")..offset("end")) else { continue };
                gold.insert((span.bytes().start, span.bytes().end), entity["value"].as_str().map(str::to_owned));
            }
            let found: BTreeMap<_, _> = found
                .iter()
                .filter(|mention| !mention.vague)
                .map(|mention| ((mention.range.start, mention.range.end), mention.value.map(|value| value.to_string())))
                .collect();
            counts.gold += gold.len();
            counts.found += found.len();
            counts.right += gold.keys().filter(|span| found.contains_key(*span)).count();
            for (span, value) in gold.iter().filter_map(|(span, value)| Some((span, value.as_ref()?))) {
                let right = found.get(span).is_some_and(|found| found.as_ref() == Some(value));
                counts.valued += 1;
                counts.right_values += usize::from(right);
                counts.found_valued += usize::from(found.contains_key(span));
                counts.right_values_found += usize::from(right);
                counts.dated_valued += usize::from(reference.is_some());
                counts.dated_right_values += usize::from(right && reference.is_some());
            }
            if errors {
                show(&article, &gold, &found, reference.map(|date: jiff::civil::Date| date.to_string()));
            }
        }
        rows.push((path, counts));
    }
    if markdown {
        print_markdown(&rows);
    } else {
        rows.iter().for_each(|(path, counts)| report(path, counts));
        println!("{:.1} MB/s", bytes as f64 / 1e6 / seconds);
    }
    Ok(())
}

type Spans = BTreeMap<(usize, usize), Option<String>>;

fn show(article: &Article, gold: &Spans, found: &Spans, reference: Option<String>) {
    let text = article.text();
    let context = |(start, end): (usize, usize)| {
        let before = text[..start].char_indices().rev().nth(35).map_or(0, |(byte, _)| byte);
        let after = text[end..].char_indices().nth(30).map_or(text.len(), |(byte, _)| end + byte);
        format!("{}[{}]{}", &text[before..start], &text[start..end], &text[end..after]).replace(['\n', '\r'], "⏎")
    };
    for (&span, value) in gold {
        match found.get(&span) {
            None => println!("- missed  {}", context(span)),
            Some(other) if value.is_some() && value != other => {
                println!("~ value   {value:?} not {other:?} at {reference:?}  {}", context(span));
            }
            Some(_) => {}
        }
    }
    for &span in found.keys().filter(|span| !gold.contains_key(*span)) {
        println!("+ spurious {}", context(span));
    }
}

fn print_markdown(rows: &[(String, Counts)]) {
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let share = |part: usize, whole: usize| {
        if whole == 0 { "–".to_owned() } else { format!("{:.1} %", percent(part, whole)) }
    };
    println!("# The date finder on labelled news, without a model\n");
    println!(
        "Strict spans of DATE, and values: right is a mention with the right span and exactly the value of the gold. Many values \
         follow from the day of publication; the last column has only the articles whose day stands in the file or in the text \
         itself. In the others the annotators worked some days out from what the article tells; the finder gives no value there.\n"
    );
    println!("Made by `eval/dates/reports`.\n");
    println!(
        "| file | articles | with a day | dates | precision | recall | F1 | with a value | right | in articles with a day | right |"
    );
    println!("| --- |{}", " --- |".repeat(10));
    for (path, counts) in rows {
        let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
        println!(
            "| {stem} | {} | {} | {} | {:.1} | {:.1} | {:.1} | {} | {} | {} | {} |",
            counts.articles,
            counts.dated,
            counts.gold,
            percent(counts.right, counts.found),
            percent(counts.right, counts.gold),
            200.0 * counts.right as f64 / (counts.gold + counts.found).max(1) as f64,
            counts.valued,
            share(counts.right_values, counts.valued),
            counts.dated_valued,
            share(counts.dated_right_values, counts.dated_valued),
        );
    }
    let sum = |field: fn(&Counts) -> usize| rows.iter().map(|(_, counts)| field(counts)).sum::<usize>();
    println!(
        "\nAll files: {:.1} % of {} values; {:.1} % of the {} in articles with a day.",
        percent(sum(|counts| counts.right_values), sum(|counts| counts.valued)),
        sum(|counts| counts.valued),
        percent(sum(|counts| counts.dated_right_values), sum(|counts| counts.dated_valued)),
        sum(|counts| counts.dated_valued),
    );
}

fn report(path: &str, counts: &Counts) {
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let (precision, recall) = (percent(counts.right, counts.found), percent(counts.right, counts.gold));
    let f1 = 200.0 * counts.right as f64 / (counts.gold + counts.found).max(1) as f64;
    println!(
        "{path}: P {precision:.1} R {recall:.1} F1 {f1:.1} ({} gold, {} found); values {:.1} of {} with one, {:.1} where the span is right",
        counts.gold,
        counts.found,
        percent(counts.right_values, counts.valued),
        counts.valued,
        percent(counts.right_values_found, counts.found_valued),
    );
}
