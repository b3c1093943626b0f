//! The ONNX Runtime engine: against Python's `transformers`, against rust-bert,
//! in int8, and what it says of models it cannot run.
#![cfg(feature = "onnx")]

mod folders;

use std::{fs, path::Path};

use folders::{Copy, Reference, articles, folder};
use musamma::{
    article::Article,
    batch::Batch,
    decode::Entity,
    engine::{Device, Engine, EngineError, EngineKind, EngineOptions, OnnxEngine, Precision},
    model::{LabelMap, Model},
    pipeline::{Annotator, Settings},
};
use ndarray::{Array2, Array3, s};

/// The most a logit in f32 may differ from that of `transformers` or rust-bert;
/// logits of these models go from -5 to 6.
const TOLERANCE: f32 = 1e-4;

/// The folders with graphs, which `scripts/export-onnx` writes.
const EXPORTED: [&str; 6] = ["bert", "camembert", "distilbert", "electra", "roberta", "xlm-roberta"];

const F32: EngineKind = EngineKind::Onnx(Precision::F32);
const INT8: EngineKind = EngineKind::Onnx(Precision::Int8);

fn open(folder: &Path, kind: EngineKind) -> Model {
    Model::open(folder, kind.weights_file(), &LabelMap::new()).unwrap()
}

fn load(folder: &Path, kind: EngineKind, threads: usize) -> Result<OnnxEngine, EngineError> {
    OnnxEngine::load(&open(folder, kind), EngineOptions { threads: Some(threads), device: Device::Cpu })
}

fn annotator(folder: &Path, kind: EngineKind, threads: usize) -> Annotator {
    let model = open(folder, kind);
    let engine = kind.load(&model, EngineOptions { threads: Some(threads), device: Device::Cpu }).unwrap();
    Annotator::new(model, engine, Settings::default())
}

/// What is said of a folder in `f32`, its path left out.
fn error(copy: &Copy) -> String {
    let error = load(copy.path(), F32, 1).expect_err("the model loads");
    error.to_string().replace(&format!("{}/", copy.path().display()), "")
}

#[test]
fn logits_in_f32_are_those_of_transformers() {
    for name in EXPORTED {
        let folder = folder(name);
        let pad_id = open(&folder, F32).tokenizer.pad_id;
        let difference = Reference::of(&folder).difference(&load(&folder, F32, 2).unwrap(), &[0, 1, 2], pad_id);
        assert!(difference < TOLERANCE, "{name}: {difference}");
    }
}

/// In int8 these models of random numbers, whose layers have 16 columns, are
/// rougher than a trained one; a scale or an offset that is wrong moves logits by
/// more than 1.
#[test]
fn logits_in_int8_are_near_those_in_f32() {
    for name in EXPORTED {
        let folder = folder(name);
        let (exact, rough) = (load(&folder, F32, 1).unwrap(), load(&folder, INT8, 1).unwrap());
        let batch = Batch::new(&Reference::of(&folder).sequences(), open(&folder, F32).tokenizer.pad_id);
        let (exact, rough) = (exact.logits(&batch).unwrap(), rough.logits(&batch).unwrap());
        let differences = (&exact - &rough).mapv(f32::abs);
        let (mean, most) = (differences.mean().unwrap(), differences.fold(0.0, |most: f32, &one| most.max(one)));
        assert!(mean > 0.0 && mean < 0.03 && most < 0.3, "{name}: {mean} {most}");
    }
}

#[test]
#[cfg(feature = "rust-bert")]
fn entities_in_f32_are_those_of_rust_bert() {
    for name in EXPORTED {
        let folder = folder(name);
        let (one, other) = (annotator(&folder, EngineKind::RustBert, 1), annotator(&folder, F32, 2));
        let mut entities = 0;
        for article in articles() {
            let (one, other) = (one.annotate(&article).unwrap(), other.annotate(&article).unwrap());
            entities += one.len();
            same(&article, &one, &other, 0.001);
        }
        assert!(entities > 100, "{name}: the random model finds next to nothing");
    }
}

fn same(article: &Article, one: &[Entity], other: &[Entity], tolerance: f32) {
    assert_eq!(one.len(), other.len(), "{}", article.id);
    for (one, other) in one.iter().zip(other) {
        assert_eq!((one.span, one.label, &one.name), (other.span, other.label, &other.name), "{}", article.id);
        assert!((one.score - other.score).abs() <= tolerance, "{}: {one:?} {other:?}", article.id);
    }
}

#[test]
fn an_article_is_the_same_alone_and_in_any_batch_with_any_threads() {
    let articles = articles();
    let twice: Vec<&Article> = articles.iter().chain(articles.iter().rev()).collect();
    for (name, kind) in [("bert", F32), ("bert", INT8), ("xlm-roberta", INT8)] {
        let folder = folder(name);
        let one_thread = annotator(&folder, kind, 1);
        let alone: Vec<_> = twice.iter().map(|article| one_thread.annotate(article).unwrap()).collect();
        assert!(alone.iter().map(Vec::len).sum::<usize>() > 200, "the random model finds next to nothing");
        for annotator in [&one_thread, &annotator(&folder, kind, 3)] {
            for ((article, expected), found) in twice.iter().zip(&alone).zip(annotator.annotate_all(&twice)) {
                // Not nearly the same: the same.
                same(article, expected, &found.unwrap().entities, 0.0);
            }
        }
    }
}

#[test]
fn a_window_has_the_same_logits_beside_any_other() {
    let folder = folder("bert");
    for kind in [F32, INT8] {
        let engine = load(&folder, kind, 2).unwrap();
        let sequences = Reference::of(&folder).sequences();
        // An embedding far from all others would widen a scale that they share.
        let wide: Vec<u32> = std::iter::repeat_n(4, 60).collect();
        let together = engine.logits(&Batch::new(&[sequences.clone(), vec![wide]].concat(), 0)).unwrap();
        for (row, sequence) in sequences.iter().enumerate() {
            let alone = engine.logits(&Batch::new(std::slice::from_ref(sequence), 9)).unwrap();
            assert_eq!(alone.slice(s![0, .., ..]), together.slice(s![row, ..sequence.len(), ..]), "{kind}");
        }
    }
}

#[test]
fn an_empty_batch_has_no_logits() {
    let engine = load(&folder("bert"), INT8, 1).unwrap();
    assert_eq!(engine.logits(&Batch::new(&[], 0)).unwrap(), Array3::<f32>::zeros((0, 0, 21)));
    assert_eq!(engine.logits(&Batch::new(&[vec![]], 0)).unwrap().dim(), (1, 0, 21));
}

#[test]
fn a_batch_the_model_cannot_take_is_an_error_and_the_next_one_runs() {
    let folder = folder("bert");
    for kind in [F32, INT8] {
        let engine = load(&folder, kind, 2).unwrap();
        let unknown_id = engine.logits(&Batch::new(&[vec![2, 5000, 3]], 0)).unwrap_err().to_string();
        assert!(
            unknown_id.starts_with("the engine failed on a batch of 1 windows of 3 tokens: indices element out of"),
            "{unknown_id}"
        );
        let too_long = Batch { ids: Array2::ones((2, 65)), mask: Array2::ones((2, 65)) };
        assert!(matches!(engine.logits(&too_long), Err(EngineError::Run { rows: 2, tokens: 65, .. })));
        assert!(engine.logits(&Batch::new(&[vec![2, 50, 3]], 0)).is_ok());
    }
}

#[test]
fn files_that_are_no_graph_or_the_graph_of_another_model() {
    let damaged = Copy::of("bert").write("model.onnx", "abc");
    assert!(error(&damaged).starts_with("cannot load `model.onnx`: "), "{}", error(&damaged));

    let mut half = fs::read(folder("bert").join("model.onnx")).unwrap();
    half.truncate(half.len() / 2);
    let message = error(&Copy::of("bert").write("model.onnx", half));
    assert!(message.starts_with("cannot load `model.onnx`: "), "{message}");

    let other = fs::read(folder("roberta").join("model.onnx")).unwrap();
    assert_eq!(
        error(&Copy::of("bert").write("model.onnx", other)),
        "cannot load `model.onnx`: the graph gives 9 labels, `id2label` has 21"
    );
}

#[test]
fn a_device_the_engine_has_not() {
    let options = EngineOptions { threads: None, device: Device::Cuda };
    let error = OnnxEngine::load(&open(&folder("bert"), F32), options).unwrap_err();
    assert_eq!(error.to_string(), "the `onnx` engine computes on the CPU only");
}

#[test]
fn int8_is_the_engine_of_choice_where_the_model_has_it() {
    let auto = |folder: &Path, precision| EngineKind::auto(folder, precision, Device::Cpu).unwrap();
    assert_eq!(auto(&folder("bert"), None), INT8);
    let without = Copy::of("bert").remove("model.int8.onnx");
    let slower = if cfg!(feature = "rust-bert") { EngineKind::RustBert } else { F32 };
    assert_eq!(auto(without.path(), None), slower);
    assert_eq!(auto(&folder("bert"), Some(Precision::F32)), slower);
    let only = Copy::of("bert").remove("model.int8.onnx").remove("model.safetensors");
    assert_eq!(auto(only.path(), None), F32);
    // An engine that was named is never another.
    assert_eq!(INT8.named(without.path(), None).unwrap(), F32);
    assert_eq!(INT8.named(without.path(), Some(Precision::Int8)).unwrap(), INT8);
}

#[test]
fn every_session_works_at_the_same_time() {
    let folder = folder("bert");
    let engine = load(&folder, INT8, 3).unwrap();
    assert_eq!(engine.callers(), 3);
    let batch = Batch::new(&Reference::of(&folder).sequences(), 0);
    let expected = engine.logits(&batch).unwrap();
    std::thread::scope(|scope| {
        // More callers than sessions: some wait.
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| engine.logits(&batch).unwrap())).collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap(), expected);
        }
    });
}
