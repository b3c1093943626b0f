//! Compares rules for joining a model's dates with those found by rule:
//! strict DATE F1, and values of the mentions that have one in the gold.
//!
//! ```text
//! cargo run --release --example dates_merge -- MODEL GOLD.jsonl …
//! ```
//!
//! Prints the report `eval/reports/dates-merge.md`. `MODEL` is a name or a folder; needs an engine.

use std::{collections::BTreeMap, fs, ops::Range, path::Path};

use musamma::{
    article::Article,
    batch::Batch,
    dates::{self, DateMention},
    decode::{self, Entity, WordScores, merge_dates},
    engine::{Device, Engine, EngineKind, EngineOptions},
    model::{self, Label, LabelMap, Model},
    window::{WindowShape, windows},
    words::words,
};
use ndarray::s;
use serde_json::Value;

type Dates = BTreeMap<(usize, usize), Option<String>>;

/// Windows that are computed together.
const BATCH: usize = 8;

#[derive(Default)]
struct Counts {
    found: usize,
    right: usize,
    right_values: usize,
}

/// What the model alone finds in an article: the pipeline's stages without the dates found by rule.
fn model_alone(
    model: &Model,
    engine: &dyn Engine,
    article: &Article,
) -> Result<Vec<Entity>, Box<dyn std::error::Error>> {
    let words = words(article.text());
    let tokenizer = &model.tokenizer;
    let tokens = tokenizer.encode(article.text())?;
    let special = tokenizer.prefix.len() + tokenizer.suffix.len();
    let windows = windows(&tokens, &words, WindowShape::for_encoder(model.config.max_tokens, special));
    let mut scores = WordScores::new(words.len(), model.tags.len());
    for windows in windows.chunks(BATCH) {
        let sequences: Vec<Vec<u32>> = windows
            .iter()
            .map(|window| {
                let content = tokens[window.tokens.clone()].iter().map(|token| token.id).collect();
                [tokenizer.prefix.clone(), content, tokenizer.suffix.clone()].concat()
            })
            .collect();
        let logits = engine.logits(&Batch::new(&sequences, tokenizer.pad_id))?;
        for (row, window) in windows.iter().enumerate() {
            for word in &window.words {
                let token = tokenizer.prefix.len() + word.token;
                scores.add(word.word, logits.slice(s![row, token, ..]), word.weight);
            }
        }
    }
    Ok(decode::entities(article, &words, &scores, &model.tags))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let (name, golds) = paths.split_first().ok_or("expected a model and gold files")?;
    let folder = model::find(name)?;
    let kind = EngineKind::auto(&folder, None, Device::Cpu)?;
    let model = Model::open(&folder, kind.weights_file(), &LabelMap::new())?;
    let engine = kind.load(&model, EngineOptions::default())?;
    println!("# Joining the model's dates with those found by rule\n");
    println!(
        "DATE entities of the labelled news, strict spans; *values* is the share of the mentions with a value in the gold that \
         have the right span and the right value. Model: `{name}`. Made by `eval/dates/reports`.\n"
    );
    for gold_path in golds {
        let mut variants: BTreeMap<(usize, &str), Counts> = BTreeMap::new();
        let (mut gold_dates, mut valued) = (0, 0);
        for line in fs::read_to_string(gold_path)?.lines() {
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
            let model: Vec<Entity> = model_alone(&model, engine.as_ref(), &article)?;
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
                ("the model alone", of_model().map(read).collect()),
                ("the rules alone", rules.iter().filter(|date| !date.vague).map(by_rule).collect()),
                ("the rules alone, vague ones too", rules.iter().map(by_rule).collect()),
                ("both, the model wins", model_wins.collect()),
                ("only what both have", both.collect()),
                ("both, the rules win; the model's own from a score of 0.9", decided(0.9)),
                ("the same, from 0.97", decided(0.97)),
                ("the same, from 0.99", decided(0.99)),
                ("the same, none of the model's own", decided(2.0)),
                ("**what `annotate` does** (`decode::merge_dates`)", joined.collect()),
            ];
            for (at, (name, found)) in all.into_iter().enumerate() {
                let counts = variants.entry((at, name)).or_default();
                counts.found += found.len();
                counts.right += gold.keys().filter(|span| found.contains_key(*span)).count();
                let right = |(span, value): &(&(usize, usize), &Option<String>)| {
                    value.is_some() && found.get(*span) == Some(*value)
                };
                counts.right_values += gold.iter().filter(right).count();
            }
        }
        let stem = Path::new(gold_path).file_stem().unwrap_or_default().to_string_lossy();
        println!("## {stem}: {gold_dates} dates, {valued} with a value\n");
        println!("| rule | precision | recall | F1 | values |\n| --- | --- | --- | --- | --- |");
        for ((_, name), counts) in variants {
            let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
            println!(
                "| {name} | {:.1} | {:.1} | {:.1} | {:.1} |",
                percent(counts.right, counts.found),
                percent(counts.right, gold_dates),
                200.0 * counts.right as f64 / (gold_dates + counts.found).max(1) as f64,
                percent(counts.right_values, valued)
            );
        }
        println!();
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
