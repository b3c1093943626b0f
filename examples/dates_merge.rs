//! Compares rules for joining a model's dates with those found by rule:
//! strict DATE F1, and values of the mentions that have one in the gold.
//!
//! ```text
//! musamma annotate GOLD.jsonl -o PREDICTED.jsonl        # by a version that does not find dates by rule
//! cargo run --release --no-default-features --example dates_merge -- PREDICTED.jsonl GOLD.jsonl …
//! ```

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    ops::Range,
};

use musamma::{
    article::Article,
    dates::{self, DateMention},
    decode::{Entity, merge_dates},
    model::Label,
    words::words,
};
use serde_json::Value;

type Dates = BTreeMap<(usize, usize), Option<String>>;

#[derive(Default)]
struct Counts {
    found: usize,
    right: usize,
    right_values: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    for pair in paths.chunks_exact(2) {
        let mut predicted = HashMap::new();
        for line in fs::read_to_string(&pair[0])?.lines() {
            let record: Value = serde_json::from_str(line)?;
            predicted.insert(record["id"].to_string(), record);
        }
        let mut variants: BTreeMap<&str, Counts> = BTreeMap::new();
        let (mut gold_dates, mut valued) = (0, 0);
        for line in fs::read_to_string(&pair[1])?.lines() {
            let record: Value = serde_json::from_str(line)?;
            let mut article = Article::new("", record["text"].as_str().unwrap_or_default());
            article.language = record["lang"].as_str().map(str::to_owned);
            let reference = record["date"].as_str().and_then(|date| date.get(..10)?.parse().ok());
            let reference = reference.or_else(|| dates::publication_date(article.text(), record["lang"].as_str()));
            let gold: Dates = entities(&article, &record)
                .filter(|(_, entity)| entity["label"] == "DATE")
                .map(|(span, entity)| ((span.start, span.end), entity["value"].as_str().map(str::to_owned)))
                .collect();
            gold_dates += gold.len();
            valued += gold.values().flatten().count();
            let model: Vec<Entity> = predicted
                .get(&record["id"].to_string())
                .into_iter()
                .flat_map(|record| entities(&article, record))
                .filter_map(|(span, entity)| {
                    let label: Label = entity["label"].as_str()?.parse().ok()?;
                    let score = entity["score"].as_f64().unwrap_or(1.0) as f32;
                    Some(Entity { span: article.span(span)?, label, name: String::new(), score, date: None })
                })
                .collect();
            let rules = dates::find(article.text(), record["lang"].as_str(), reference);
            let of_model =
                || model.iter().filter(|entity| entity.label == Label::Date).map(|entity| entity.span.bytes());
            let value = |date: &DateMention| date.value.map(|value| value.to_string());
            let read = |span: Range<usize>| {
                let value = dates::find_in(&article, span.clone(), reference).and_then(|date| value(&date));
                ((span.start, span.end), value)
            };
            let overlaps = |span: &Range<usize>, other: &Range<usize>| span.start < other.end && other.start < span.end;
            let by_rule = |date: &DateMention| ((date.range.start, date.range.end), value(date));
            let joined = merge_dates(&article, model.clone(), rules.clone(), &words(article.text()), reference)
                .into_iter()
                .filter(|entity| entity.label == Label::Date)
                .map(|entity| {
                    let span = entity.span.bytes();
                    ((span.start, span.end), entity.date.as_ref().and_then(value))
                });
            let model_wins = of_model().map(read).chain(
                rules
                    .iter()
                    .filter(|date| {
                        !date.vague && !model.iter().any(|entity| overlaps(&entity.span.bytes(), &date.range))
                    })
                    .map(by_rule),
            );
            let decided = |least: f32| -> Dates {
                let kept = rules.iter().filter(|date| {
                    let over = |label: fn(Label) -> bool| {
                        model.iter().any(|entity| label(entity.label) && overlaps(&entity.span.bytes(), &date.range))
                    };
                    !over(|label| label != Label::Date) && (!date.vague || over(|label| label == Label::Date))
                });
                let alone = model.iter().filter(|entity| {
                    entity.label == Label::Date
                        && entity.score >= least
                        && !rules.iter().any(|date| overlaps(&entity.span.bytes(), &date.range))
                });
                kept.map(by_rule).chain(alone.map(|entity| read(entity.span.bytes()))).collect()
            };
            let both = rules
                .iter()
                .filter(|date| {
                    model.iter().any(|entity| entity.span.bytes() == date.range && entity.label == Label::Date)
                })
                .map(by_rule);
            let all: [(&str, Dates); 10] = [
                ("rules, model from 0.90", decided(0.9)),
                ("rules, model from 0.97", decided(0.97)),
                ("rules, model from 0.99", decided(0.99)),
                ("rules, vague by model", decided(2.0)),
                ("model alone", of_model().map(read).collect()),
                ("rules alone", rules.iter().filter(|date| !date.vague).map(by_rule).collect()),
                ("rules alone, vague ones too", rules.iter().map(by_rule).collect()),
                ("rules win (merge_dates)", joined.collect()),
                ("model wins", model_wins.collect()),
                ("both agree", both.collect()),
            ];
            for (name, found) in all {
                let counts = variants.entry(name).or_default();
                counts.found += found.len();
                counts.right += gold.keys().filter(|span| found.contains_key(*span)).count();
                let right = |(span, value): &(&(usize, usize), &Option<String>)| {
                    value.is_some() && found.get(*span) == Some(*value)
                };
                counts.right_values += gold.iter().filter(right).count();
            }
        }
        println!("{}: {gold_dates} dates, {valued} with a value", pair[1]);
        for (name, counts) in variants {
            let f1 = 200.0 * counts.right as f64 / (gold_dates + counts.found).max(1) as f64;
            let values = 100.0 * counts.right_values as f64 / valued.max(1) as f64;
            println!(
                "  {name:<28} P {:5.1} R {:5.1} F1 {f1:5.1}  right values {values:5.1}",
                100.0 * counts.right as f64 / counts.found.max(1) as f64,
                100.0 * counts.right as f64 / gold_dates.max(1) as f64
            );
        }
    }
    Ok(())
}

/// The entities of a record with the bytes they take.
fn entities<'record>(
    article: &Article,
    record: &'record Value,
) -> impl Iterator<Item = (Range<usize>, &'record Value)> {
    record["entities"].as_array().into_iter().flatten().filter_map(|entity| {
        let offset = |field: &str| usize::try_from(entity[field].as_u64()?).ok();
        let span = article.span_of_chars(offset("start")?..offset("end")?)?;
        Some((span.bytes(), entity))
    })
}
