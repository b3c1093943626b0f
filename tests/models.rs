//! Model folders: which open, and what is said of those that do not.

mod folders;

use std::path::Path;

use folders::{Copy, all, folder};
use musamma::{
    article::sha256_hex,
    engine::{EngineKind, EngineOptions},
    model::{LabelMap, Model, ModelError},
};

const WEIGHTS: &str = "model.safetensors";

fn open(folder: &Path) -> Result<Model, ModelError> {
    Model::open(folder, WEIGHTS, &LabelMap::new())
}

/// What is said of a folder, its path left out.
fn error(copy: &Copy) -> String {
    let error = open(copy.path()).expect_err("the model opens");
    error.to_string().replace(&format!("{}/", copy.path().display()), "")
}

#[test]
fn every_architecture_opens() {
    for name in all() {
        let model = open(&folder(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(model.name, name);
        assert_eq!(model.sha256.len(), 64);
        let special = (model.tokenizer.prefix.len(), model.tokenizer.suffix.len());
        let (special_expected, tokens) = if name == "xlnet" { ((0, 2), 512) } else { ((1, 1), 64) };
        assert_eq!((special, model.config.max_tokens), (special_expected, tokens), "{name}");
    }
}

#[test]
fn a_folder_that_is_none() {
    let error = open(Path::new("/nowhere/at/all")).unwrap_err();
    assert_eq!(error.to_string(), "`/nowhere/at/all` is not a model folder");
}

#[test]
fn missing_files() {
    for file in ["config.json", "tokenizer.json", WEIGHTS] {
        assert_eq!(error(&Copy::of("bert").remove(file)), format!("the model has no `{file}`"));
    }
    let without_weights = open(Copy::of("bert").remove(WEIGHTS).path()).unwrap_err();
    assert!(without_weights.hint().unwrap().contains("safe_serialization=True"));
}

#[test]
fn checksums() {
    let sum = sha256_hex(&std::fs::read(folder("bert").join(WEIGHTS)).unwrap());
    let right = Copy::of("bert").write("SHA256SUMS", format!("{sum}  {WEIGHTS}\n"));
    assert_eq!(open(right.path()).unwrap().sha256, sum);

    let wrong = "0".repeat(64);
    let copy = Copy::of("bert").write("SHA256SUMS", format!("{wrong} *{WEIGHTS}\n"));
    assert_eq!(error(&copy), format!("`{WEIGHTS}` is damaged: its SHA-256 is {sum}, `SHA256SUMS` says {wrong}"));
    let copy = Copy::of("bert").write("SHA256SUMS", "\nabc model.safetensors\n");
    assert_eq!(error(&copy), "`SHA256SUMS`, line 2: expected a SHA-256 and a file name");
}

#[test]
fn damaged_weights() {
    assert_eq!(
        error(&Copy::of("bert").write(WEIGHTS, "abc")),
        "`model.safetensors` is not a whole safetensors file: it is shorter than a header"
    );
    let huge_header = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    assert!(error(&Copy::of("bert").write(WEIGHTS, huge_header)).contains("its header says 18446744073709551615"));
    let no_json = [&4_u64.to_le_bytes()[..], b"{{{{"].concat();
    assert!(error(&Copy::of("bert").write(WEIGHTS, no_json)).contains("not a whole safetensors file"));

    let mut bytes = std::fs::read(folder("bert").join(WEIGHTS)).unwrap();
    let whole = bytes.len();
    bytes.truncate(whole - 100);
    assert_eq!(
        error(&Copy::of("bert").write(WEIGHTS, bytes)),
        format!("`{WEIGHTS}` is not a whole safetensors file: it should have {whole} bytes and has {}", whole - 100)
    );
}

#[test]
fn parts_that_do_not_fit_each_other() {
    let labels = Copy::of("bert").edit("config.json", |config| {
        config["id2label"].as_object_mut().unwrap().shift_remove("20");
    });
    assert_eq!(error(&labels), "`model.safetensors`: the classifier has 21 rows, `id2label` has 20 labels");

    let vocabulary = Copy::of("bert").edit("tokenizer.json", |tokenizer| {
        tokenizer["model"]["vocab"]["##new"] = 320.into();
    });
    assert_eq!(
        error(&vocabulary),
        "`model.safetensors`: the embedding has 320 rows, the tokenizer's vocabulary 321 entries"
    );

    let headless = Copy::of("bert").edit_weights(|weights| weights.retain(|weight| weight.name != "classifier.weight"));
    assert_eq!(
        error(&headless),
        "`model.safetensors` has no `classifier.weight`: is this a token-classification model?"
    );
}

#[test]
fn configurations_that_say_too_little() {
    let cases = [
        ("{}", "`config.json`: no `model_type`"),
        (r#"{"model_type":"bert"}"#, "`config.json`: no `id2label`: is this a token-classification model?"),
        (r#"{"model_type":"bert","id2label":{"1":"O"}}"#, "`config.json`: `id2label` has no label 0"),
        (
            r#"{"model_type":"roberta","id2label":{"0":"O","1":"B-PER"},"max_position_embeddings":4,"pad_token_id":1}"#,
            "`config.json`: `max_position_embeddings` is 4, too few for a window",
        ),
    ];
    for (config, expected) in cases {
        assert_eq!(error(&Copy::of("bert").write("config.json", config)), expected);
    }
    assert!(error(&Copy::of("bert").write("config.json", "{")).starts_with("`config.json`: EOF"));
    assert!(error(&Copy::of("bert").write("tokenizer.json", "{}")).starts_with("`tokenizer.json`: "));
}

#[test]
fn labels_that_are_not_known() {
    let colours = Copy::of("electra").edit("config.json", |config| {
        config["id2label"]["1"] = "B-COLOUR".into();
        config["id2label"]["2"] = "I-COLOUR".into();
    });
    assert_eq!(
        error(&colours),
        "the model has labels that are not known here: COLOUR; all of its labels: \
         O B-COLOUR I-COLOUR B-ORG I-ORG B-LOC I-LOC B-MISC I-MISC"
    );
    let model = open(&folder("electra")).unwrap();
    assert_eq!(model.tags.dropped().collect::<Vec<_>>(), ["MISC"]);
}

#[test]
#[cfg(not(feature = "rust-bert"))]
fn an_engine_the_program_was_built_without() {
    let model = open(&folder("bert")).unwrap();
    let error = EngineKind::RustBert.load(&model, EngineOptions::default()).err().unwrap();
    assert_eq!(error.to_string(), "this program was built without the `rust-bert` engine");
}

#[test]
#[cfg(feature = "rust-bert")]
fn the_engine_of_choice_runs_the_weights_there_are() {
    let copy = Copy::of("bert").remove("model.int8.onnx");
    let kind = EngineKind::auto(copy.path(), None, EngineOptions::default().device).unwrap();
    assert_eq!((kind, kind.weights_file()), (EngineKind::RustBert, WEIGHTS));
    assert!(kind.load(&open(copy.path()).unwrap(), EngineOptions::default()).is_ok());
}
