//! One sentence through every stage, with the shapes of what travels between them.
//!
//! `cargo run --no-default-features --example stages`; `ARCHITECTURE.md` shows what it prints.

use std::{error::Error, path::Path};

use musamma::{
    annotation::Record,
    article::Article,
    batch::Batch,
    decode::{self, WordScores},
    engine::{EngineKind, EngineOptions},
    furniture,
    model::{LabelMap, Model},
    window::{WindowShape, windows},
    words::words,
};
use ndarray::s;

fn main() -> Result<(), Box<dyn Error>> {
    // The model of the tests: a word-level tokenizer, and a table for an engine.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models/scripted");
    let kind = EngineKind::Scripted;
    let model = Model::open(&folder, kind.weights_file(), &LabelMap::new())?;
    let engine = kind.load(&model, EngineOptions::default())?;

    let mut article = Article::new("letter.txt", "زار منير ليموري مونبلييه؛ انضمت لليونسكو أمس.\nاترك رد");
    println!("article   {} code points, {} bytes", article.char_count(), article.text().len());

    furniture::mark(&mut article);
    for range in article.excluded() {
        println!("furniture {} is no part of the article", &article.text()[range.clone()]);
    }

    let mut words = words(article.text());
    words.retain(|word| !article.is_excluded(word.range()));
    let slices: Vec<&str> = words.iter().map(|word| &article.text()[word.range()]).collect();
    println!("words     {} words: {}", words.len(), slices.join(" | "));

    let tokens = model.tokenizer.encode(article.text())?;
    println!("model     {} tokens, ids {:?}", tokens.len(), tokens.iter().map(|token| token.id).collect::<Vec<_>>());

    // A window this short shows the overlap; the bundled model's have 254 tokens.
    let windows = windows(&tokens, &words, WindowShape { tokens: 6, stride: 4 });
    for window in &windows {
        let read: Vec<String> =
            window.words.iter().map(|word| format!("{} {:.2}", slices[word.word], word.weight)).collect();
        println!("window    tokens {:?}: {}", window.tokens, read.join(" | "));
    }

    let tokenizer = &model.tokenizer;
    let sequences: Vec<Vec<u32>> = windows
        .iter()
        .map(|window| {
            let content = tokens[window.tokens.clone()].iter().map(|token| token.id).collect();
            [tokenizer.prefix.clone(), content, tokenizer.suffix.clone()].concat()
        })
        .collect();
    let batch = Batch::new(&sequences, tokenizer.pad_id);
    println!("batch     ids {:?}, mask {:?}", batch.ids.shape(), batch.mask.shape());

    let logits = engine.logits(&batch)?;
    println!("engine    logits {:?}", logits.shape());

    let mut scores = WordScores::new(words.len(), model.tags.len());
    for (row, window) in windows.iter().enumerate() {
        for word in &window.words {
            let token = tokenizer.prefix.len() + word.token;
            scores.add(word.word, logits.slice(s![row, token, ..]), word.weight);
        }
    }
    let entities = decode::entities(&article, &words, &scores, &model.tags);
    for entity in &entities {
        let text = article.slice(entity.span);
        println!("decode    {} {text} ({}) at {:?}", entity.label, entity.name, entity.span.chars());
    }

    let record = serde_json::to_string(&Record::annotated(&article, &entities[1..2]))?;
    println!("record    {record}");
    Ok(())
}
