//! The rust-bert engine against Python's `transformers`, and what it says of
//! models it cannot run.
#![cfg(feature = "rust-bert")]

mod folders;

use std::path::Path;

use folders::{Copy, Reference, all, articles, folder};
use musamma::{
    article::Article,
    batch::Batch,
    engine::{Device, Engine, EngineError, EngineKind, EngineOptions, RustBertEngine},
    model::{LabelMap, Model},
    pipeline::{Annotator, Settings},
};
use ndarray::Array2;

/// The most a logit may differ from that of `transformers`; logits of these
/// models go from -5 to 6.
const TOLERANCE: f32 = 1e-4;

fn open(folder: &Path) -> Model {
    Model::open(folder, "model.safetensors", &LabelMap::new()).unwrap()
}

fn load(folder: &Path) -> Result<RustBertEngine, EngineError> {
    RustBertEngine::load(&open(folder), EngineOptions::default())
}

/// What is said of a folder, its path left out.
fn error(copy: &Copy) -> String {
    load(copy.path()).expect_err("the model loads").to_string().replace(&format!("{}/", copy.path().display()), "")
}

#[test]
fn logits_are_those_of_transformers() {
    let mut report = Vec::new();
    for name in all() {
        let folder = folder(&name);
        let model = open(&folder);
        let engine =
            RustBertEngine::load(&model, EngineOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let reference = Reference::of(&folder);
        let pad_id = model.tokenizer.pad_id;
        let together = reference.difference(&engine, &[0, 1, 2], pad_id);
        // Neither padding nor neighbours change anything.
        let alone = (0..3).map(|row| reference.difference(&engine, &[row], pad_id)).fold(0.0, f32::max);
        report.push((name, together.max(alone)));
    }
    assert!(report.len() >= 13, "{report:?}");
    assert!(report.iter().all(|(_, difference)| *difference < TOLERANCE), "{report:#?}");
    println!("{report:#?}");
}

#[test]
fn padding_may_hold_any_id() {
    let folder = folder("bert");
    let engine = load(&folder).unwrap();
    assert!(Reference::of(&folder).difference(&engine, &[0, 1, 2], 7) < TOLERANCE);
}

#[test]
fn an_empty_batch_has_no_logits() {
    let engine = load(&folder("bert")).unwrap();
    assert_eq!(engine.logits(&Batch::new(&[], 0)).unwrap().dim(), (0, 0, 21));
}

#[test]
fn names_of_older_checkpoints_load() {
    let copy = Copy::of("bert").edit_weights(|weights| {
        for weight in weights {
            weight.name =
                weight.name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
        }
    });
    let engine = load(copy.path()).unwrap();
    assert!(Reference::of(copy.path()).difference(&engine, &[0, 1, 2], 0) < TOLERANCE);
}

#[test]
fn a_configuration_may_leave_out_defaults() {
    let copy = Copy::of("bert").edit("config.json", |config| {
        for name in ["hidden_act", "layer_norm_eps", "type_vocab_size", "hidden_dropout_prob", "initializer_range"] {
            config.as_object_mut().unwrap().shift_remove(name);
        }
        config["label2id"] = serde_json::json!({"O": "0"});
        config["output_attentions"] = true.into();
    });
    let engine = load(copy.path()).unwrap();
    assert!(Reference::of(copy.path()).difference(&engine, &[0, 1, 2], 0) < TOLERANCE);
}

#[test]
fn an_architecture_the_engine_has_not() {
    let copy = Copy::of("bert").edit("config.json", |config| config["model_type"] = "modernbert".into());
    assert_eq!(
        error(&copy),
        "the `rust-bert` engine has no architecture `modernbert`; it has albert, bert, camembert, distilbert, \
         electra, fnet, longformer, mobilebert, roberta, xlm-roberta, xlnet"
    );
}

#[test]
fn a_device_the_machine_has_not() {
    if EngineKind::RustBert
        .load(&open(&folder("bert")), EngineOptions { threads: None, device: Device::Cuda })
        .is_ok_and(|_| true)
    {
        return; // There is one.
    }
    let options = EngineOptions { threads: None, device: Device::Cuda };
    let error = RustBertEngine::load(&open(&folder("bert")), options).unwrap_err();
    assert!(matches!(error, EngineError::NoDevice), "{error}");
}

#[test]
fn weights_that_are_missing_are_named() {
    let one = Copy::of("bert")
        .edit_weights(|weights| weights.retain(|weight| weight.name != "bert.encoder.layer.1.output.dense.bias"));
    assert_eq!(
        error(&one),
        "cannot load `model.safetensors`: it lacks tensors that `bert` needs: `bert.encoder.layer.1.output.dense.bias`"
    );
    let many = Copy::of("roberta").edit_weights(|weights| weights.retain(|weight| !weight.name.contains("layer.1.")));
    let message = error(&many);
    assert!(message.contains("`roberta.encoder.layer.1.attention.output.LayerNorm.bias`"), "{message}");
    assert!(message.ends_with(" and 8 more"), "{message}");
}

#[test]
fn weights_of_another_shape_or_type() {
    let shape = Copy::of("bert").edit_weights(|weights| {
        let weight = weights.iter_mut().find(|weight| weight.name == "bert.embeddings.LayerNorm.bias").unwrap();
        weight.shape = vec![8];
        weight.bytes.truncate(32);
    });
    assert_eq!(
        error(&shape),
        "cannot load `model.safetensors`: `bert.embeddings.LayerNorm.bias` is [8], the configuration makes it [16]"
    );
    let kind = Copy::of("bert").edit_weights(|weights| {
        let weight = weights.iter_mut().find(|weight| weight.name == "bert.embeddings.LayerNorm.bias").unwrap();
        weight.dtype = safetensors::Dtype::I32;
    });
    assert_eq!(
        error(&kind),
        "cannot load `model.safetensors`: `bert.embeddings.LayerNorm.bias` has numbers of type I32"
    );
}

#[test]
fn configurations_the_engine_cannot_run() {
    let changed = |name: &str, field: &str, value: serde_json::Value| {
        error(&Copy::of(name).edit("config.json", |config| config[field] = value))
    };
    let cases = [
        (changed("bert", "hidden_act", "quick_gelu".into()), "`hidden_act` is \"quick_gelu\"; the engine has gelu, "),
        (changed("bert", "hidden_size", 1_000_000.into()), "`hidden_size` is 1000000, but no tensor"),
        (changed("bert", "hidden_size", (-4).into()), "`hidden_size` is -4, but no tensor"),
        (changed("bert", "num_hidden_layers", 4_000_000_000_u64.into()), "but the weights have 39 tensors"),
        (changed("bert", "num_attention_heads", 3.into()), "`num_attention_heads` is 3, which does not divide"),
        (changed("bert", "num_attention_heads", 0.into()), "`num_attention_heads` is 0, which does not divide"),
        (changed("bert", "type_vocab_size", "two".into()), "`type_vocab_size` is \"two\", but no tensor"),
        (changed("bert", "position_embedding_type", "relative_key".into()), "the engine has only \"absolute\""),
        (changed("bert", "max_position_embeddings", 32.into()), "position_embeddings.weight` is [64, 16]"),
        (changed("albert", "num_hidden_groups", 2.into()), "`num_hidden_groups` is 2; the engine has only 1"),
        (changed("electra", "layer_norm_eps", 1e-5.into()), "`layer_norm_eps` is 0.00001; the engine has only 1e-12"),
        (
            changed("longformer", "attention_window", serde_json::json!([])),
            "`attention_window` is [], expected an even number",
        ),
        (changed("mobilebert", "normalization_type", "batch_norm".into()), "unknown variant `batch_norm`"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "{expected:?} in {message:?}");
        assert!(message.starts_with("cannot load `"), "{message}");
    }
}

#[test]
fn a_batch_the_model_cannot_take_is_an_error_and_the_next_one_runs() {
    let folder = folder("bert");
    let engine = load(&folder).unwrap();
    let unknown_id = engine.logits(&Batch::new(&[vec![2, 5000, 3]], 0)).unwrap_err();
    assert_eq!(
        unknown_id.to_string(),
        "the engine failed on a batch of 1 windows of 3 tokens: index out of range in self"
    );
    let too_long = engine.logits(&Batch { ids: Array2::ones((2, 65)), mask: Array2::ones((2, 65)) }).unwrap_err();
    assert!(too_long.to_string().starts_with("the engine failed on a batch of 2 windows of 65 tokens: "), "{too_long}");
    assert!(Reference::of(&folder).difference(&engine, &[0, 1, 2], 0) < TOLERANCE);
}

fn annotator(folder: &Path, threads: usize) -> Annotator {
    let options = EngineOptions { threads: Some(threads), device: Device::Cpu };
    let model = open(folder);
    let engine = EngineKind::RustBert.load(&model, options).unwrap();
    Annotator::new(model, engine, Settings::default())
}

#[test]
fn batches_and_threads_change_no_entity() {
    let articles = articles();
    assert_eq!(articles.len(), 5);
    let together: Vec<&Article> = articles.iter().collect();
    let folder = folder("bert");
    let one_thread = annotator(&folder, 1);
    let alone: Vec<_> = articles.iter().map(|article| one_thread.annotate(article).unwrap()).collect();
    assert!(alone.iter().map(Vec::len).sum::<usize>() > 100, "the random model finds next to nothing");
    let batched = one_thread.annotate_all(&together);
    let two_threads = annotator(&folder, 2).annotate_all(&together);
    for others in [batched, two_threads] {
        for ((article, expected), found) in articles.iter().zip(&alone).zip(others) {
            let found = found.unwrap().entities;
            assert_eq!(found.len(), expected.len(), "{}", article.id);
            for (one, other) in expected.iter().zip(&found) {
                assert_eq!((one.span, one.label, &one.name), (other.span, other.label, &other.name), "{}", article.id);
                assert!((one.score - other.score).abs() < 0.001, "{}: {one:?} {other:?}", article.id);
            }
        }
    }
}
