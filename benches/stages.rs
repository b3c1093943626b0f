//! Each stage but the engine by itself, on the articles of `eval/gold`: furniture, words, tokens, windows, batches,
//! decoding, dates, records. The engine's share of a run is in `eval/reports/speed.md`.
//!
//! ```text
//! cargo bench --no-default-features --bench stages
//! ```

use std::{error::Error, fs, hint::black_box, path::Path};

use criterion::{Criterion, Throughput};
use musamma::{
    annotation::Record,
    article::Article,
    batch::{self, Batch, TOKEN_BUDGET},
    dates::Dates,
    decode::{self, WordScores},
    furniture,
    model::{LabelMap, Model},
    source::{self, InputFormat, ReadOptions},
    window::{WindowShape, windows},
    words::words,
};
use ndarray::Array1;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = Model::open(&root.join("models/e5-news-v2"), "model.int8.onnx", &LabelMap::new())?;
    let mut articles = Vec::new();
    for file in ["articles.jsonl", "more.jsonl"] {
        let read = source::read_bytes(
            file,
            InputFormat::Jsonl,
            fs::read(root.join("eval/gold").join(file))?,
            &ReadOptions::default(),
        );
        articles.extend(read.into_iter().collect::<Result<Vec<Article>, _>>()?);
    }
    let bytes: usize = articles.iter().map(|article| article.text().len()).sum();

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Bytes(bytes as u64));

    group.bench_function("furniture", |bencher| {
        bencher.iter(|| {
            for article in &mut articles {
                furniture::mark(black_box(article));
            }
        });
    });

    group.bench_function("words", |bencher| {
        bencher.iter(|| articles.iter().map(|article| words(black_box(article.text())).len()).sum::<usize>());
    });

    let tokenizer = &model.tokenizer;
    group.bench_function("tokens", |bencher| {
        bencher.iter(|| {
            let count =
                |article: &Article| tokenizer.encode(black_box(article.text())).map_or(0, |tokens| tokens.len());
            articles.iter().map(count).sum::<usize>()
        });
    });

    let shape = WindowShape::for_encoder(model.config.max_tokens, tokenizer.prefix.len() + tokenizer.suffix.len());
    let mut read = Vec::new();
    for article in &articles {
        read.push((words(article.text()), tokenizer.encode(article.text())?));
    }
    group.bench_function("windows", |bencher| {
        bencher
            .iter(|| read.iter().map(|(words, tokens)| windows(black_box(tokens), words, shape).len()).sum::<usize>());
    });

    let mut sequences: Vec<Vec<u32>> = Vec::new();
    for (words, tokens) in &read {
        for window in windows(tokens, words, shape) {
            let content = tokens[window.tokens].iter().map(|token| token.id).collect();
            sequences.push([tokenizer.prefix.clone(), content, tokenizer.suffix.clone()].concat());
        }
    }
    let lengths: Vec<usize> = sequences.iter().map(Vec::len).collect();
    group.bench_function("batches", |bencher| {
        bencher.iter(|| {
            let (order, groups) = batch::group(black_box(&lengths), TOKEN_BUDGET);
            for group in groups {
                let rows: Vec<Vec<u32>> = order[group].iter().map(|&row| sequences[row].clone()).collect();
                black_box(Batch::new(&rows, tokenizer.pad_id));
            }
        });
    });

    let (order, groups) = batch::group(&lengths, TOKEN_BUDGET);
    let padded: usize = groups.iter().map(|group| group.len() * lengths[order[group.start]]).sum();
    let tokens: usize = lengths.iter().sum();
    println!(
        "{} windows; padding is {:.1} % of the batches",
        lengths.len(),
        100.0 * (1.0 - tokens as f64 / padded as f64)
    );

    // What the engine would say: of some words a name, of most of them nothing.
    let labels = model.tags.len();
    let mut random = fastrand::Rng::with_seed(1);
    let logits: Vec<Vec<Array1<f32>>> = read
        .iter()
        .map(|(words, _)| {
            let row = |_: &_| {
                let best = if random.usize(..6) == 0 { random.usize(..labels) } else { 0 };
                Array1::from_shape_fn(labels, |label| if label == best { 8.0 } else { random.f32() })
            };
            words.iter().map(row).collect()
        })
        .collect();
    let decode = |article: &Article, words: &[_], logits: &[Array1<f32>]| {
        let mut scores = WordScores::new(words.len(), labels);
        for (word, row) in logits.iter().enumerate() {
            scores.add(word, row.view(), 0.5);
        }
        decode::entities(article, words, &scores, &model.tags)
    };
    group.bench_function("decoding", |bencher| {
        bencher.iter(|| {
            let each = articles.iter().zip(&read).zip(&logits);
            each.map(|((article, (words, _)), logits)| decode(black_box(article), words, logits).len()).sum::<usize>()
        });
    });

    group.bench_function("dates", |bencher| {
        bencher.iter(|| {
            let find = |article: &Article| {
                Dates::read(black_box(article.text()), article.language.as_deref()).mentions(None).len()
            };
            articles.iter().map(find).sum::<usize>()
        });
    });

    let found: Vec<_> = articles
        .iter()
        .zip(&read)
        .zip(&logits)
        .map(|((article, (words, _)), logits)| decode(article, words, logits))
        .collect();
    group.bench_function("records", |bencher| {
        bencher.iter(|| {
            let mut line = Vec::new();
            for (article, entities) in articles.iter().zip(&found) {
                line.clear();
                serde_json::to_writer(&mut line, &Record::annotated(black_box(article), entities))
                    .expect("a record is JSON");
                black_box(&line);
            }
        });
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}
