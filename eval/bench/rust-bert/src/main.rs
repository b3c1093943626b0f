//! rust-bert's token-classification pipeline: ARTICLES OUTPUT MODEL BATCH_SIZE.
//!
//! With a tokenizer of Hugging Face's it takes offsets in bytes for such in characters and panics, after the forward pass,
//! on articles with other letters than ASCII's. So each article is given to it by itself, and those are counted.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
};

use anyhow::{Context, Result};
use rust_bert::{
    pipelines::{
        common::{ModelResource, ModelType, TokenizerOption},
        token_classification::{LabelAggregationOption, TokenClassificationConfig, TokenClassificationModel},
    },
    resources::LocalResource,
};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [source, output, model, batch_size] = arguments.as_slice() else {
        anyhow::bail!("usage: rust-bert-pipeline ARTICLES OUTPUT MODEL BATCH_SIZE");
    };
    let folder = PathBuf::from(model);
    let resource = |name: &str| Box::new(LocalResource { local_path: folder.join(name) });
    let mut config = TokenClassificationConfig::new(
        ModelType::Bert,
        ModelResource::Torch(resource("model.safetensors")),
        *resource("config.json"),
        *resource("tokenizer.json"),
        None::<LocalResource>,
        false,
        None,
        None,
        LabelAggregationOption::First,
    );
    config.batch_size = batch_size.parse()?;
    let tokenizer =
        TokenizerOption::from_hf_tokenizer_file(folder.join("tokenizer.json"), folder.join("special_tokens_map.json"))?;
    let tagger = TokenClassificationModel::new_with_tokenizer(config, tokenizer)?;

    let lines = BufReader::new(File::open(source)?).lines();
    let records: Vec<Value> =
        lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<_>>().context("articles")?;
    let texts: Vec<&str> = records.iter().map(|record| record["text"].as_str().unwrap_or_default()).collect();
    panic::set_hook(Box::new(|_| {}));
    let mut lost = 0;
    let mut found = Vec::new();
    for text in &texts {
        let tokens = panic::catch_unwind(AssertUnwindSafe(|| tagger.predict(&[*text], true, true)));
        lost += usize::from(tokens.is_err());
        found.push(tokens.unwrap_or_default().into_iter().next().unwrap_or_default());
    }
    eprintln!("{lost} of {} articles ended in a panic", texts.len());
    let mut writer = BufWriter::new(File::create(output)?);
    for ((record, text), tokens) in records.iter().zip(&texts).zip(found) {
        let entities: Vec<Value> = tokens
            .iter()
            .filter(|token| token.label != "O")
            .filter_map(|token| token.offset.as_ref().map(|at| json!({"start": at.begin, "end": at.end, "label": token.label})))
            .collect();
        writeln!(writer, "{}", json!({"id": record["id"], "text": text, "entities": entities}))?;
    }
    Ok(())
}
