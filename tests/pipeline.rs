//! Articles in, records out: order, failures, interrupts and long articles, with the scripted engine.

use std::{
    convert::Infallible,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use musamma::{
    annotation::Record,
    article::Article,
    batch::Batch,
    engine::{Engine, EngineError, EngineKind, EngineOptions, ScriptedEngine},
    model::{LabelMap, Model},
    pipeline::{Annotator, Intake, Settings},
};
use ndarray::Array3;

fn model() -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models/scripted");
    Model::open(&folder, EngineKind::Scripted.weights_file(), &LabelMap::new()).unwrap()
}

fn annotator() -> Annotator {
    let model = model();
    let engine = EngineKind::Scripted.load(&model, EngineOptions::default()).unwrap();
    Annotator::new(model, engine, Settings::default())
}

/// The records of a run over these texts, whose ids are their numbers.
fn run(annotator: &Annotator, texts: &[String], stop: &AtomicBool) -> Vec<Record> {
    let articles = texts.iter().enumerate().map(|(number, text)| Ok(Article::new(number.to_string(), text.as_str())));
    let mut records = Vec::new();
    let Ok(totals) = annotator.run(articles, stop, |output| {
        records.push(output.record);
        Ok::<(), Infallible>(())
    });
    assert_eq!(totals.articles, records.len());
    records
}

/// An engine that fails on its second batch.
struct Failing {
    engine: ScriptedEngine,
    batches: AtomicUsize,
}

impl Engine for Failing {
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        if self.batches.fetch_add(1, Ordering::Relaxed) == 1 {
            let (rows, tokens) = batch.ids.dim();
            return Err(EngineError::Run { rows, tokens, reason: "out of memory".into() });
        }
        self.engine.logits(batch)
    }
}

#[test]
fn records_come_in_input_order_whatever_the_lengths() {
    let texts: Vec<String> = (0..400).map(|number| "زار وفد طنجة ".repeat(1 + number * 37 % 90)).collect();
    let records = run(&annotator(), &texts, &AtomicBool::new(false));
    for (number, (record, text)) in records.iter().zip(&texts).enumerate() {
        assert_eq!(record.id, number.to_string());
        assert_eq!(record.entities.as_ref().unwrap().len(), text.matches("طنجة").count());
    }
    assert_eq!(records.len(), texts.len());
}

#[test]
fn a_long_article_keeps_every_entity_and_its_offsets() {
    let text = format!("{}منير ليموري {}", "قال وفد ".repeat(2000), "ثم وبطنجة 👍 ".repeat(3000));
    let record = run(&annotator(), std::slice::from_ref(&text), &AtomicBool::new(false)).remove(0);
    let entities = record.entities.unwrap();
    assert_eq!(entities.len(), 3001);
    for entity in &entities {
        assert_eq!(text[entity.bytes[0]..entity.bytes[1]], entity.text);
    }
    assert_eq!((entities[0].text.as_str(), entities[3000].text.as_str()), ("منير ليموري", "طنجة"));
}

#[test]
fn an_article_is_annotated_alone_as_among_others() {
    let annotator = annotator();
    let articles: Vec<Article> =
        (1..60).map(|count| Article::new("a", "لقاء منير ليموري وبطنجة أمس ".repeat(count))).collect();
    let together = annotator.annotate_all(&articles.iter().collect::<Vec<_>>());
    for (article, entities) in articles.iter().zip(together) {
        assert_eq!(annotator.annotate(article).unwrap(), entities.unwrap().entities);
    }
}

#[test]
fn a_batch_that_fails_costs_its_articles_and_no_others() {
    let model = model();
    let engine = ScriptedEngine::load(&model).unwrap();
    let failing = Failing { engine, batches: AtomicUsize::new(0) };
    let annotator = Annotator::new(model, Box::new(failing), Settings::default());
    // Two batches: windows of 190 tokens, and the short ones.
    let texts: Vec<String> = [vec!["طنجة ".repeat(185); 10], vec!["طنجة".to_owned(); 3]].concat();
    let records = run(&annotator, &texts, &AtomicBool::new(false));
    let failed: Vec<&str> =
        records.iter().filter(|record| record.error.is_some()).map(|record| record.id.as_str()).collect();
    assert_eq!(failed, ["10", "11", "12"]);
    let error = records[10].error.as_ref().unwrap();
    assert_eq!(error.code, "engine");
    assert!(error.message.contains("3 windows") && error.message.contains("out of memory"), "{}", error.message);
}

#[test]
fn a_run_that_is_asked_to_stop_ends_after_whole_records() {
    let annotator = annotator();
    let stop = AtomicBool::new(false);
    let articles = (0..2000).map(|number| Ok(Article::new(number.to_string(), "زار وفد طنجة ".repeat(40))));
    let mut records = 0;
    let Ok(totals) = annotator.run(articles, &stop, |_| {
        records += 1;
        stop.store(true, Ordering::Relaxed);
        Ok::<(), Infallible>(())
    });
    assert!(totals.interrupted && totals.articles == records && (1..2000).contains(&records), "{totals:?}");
}

/// An engine during whose second batch the run is asked to stop.
struct Stopping {
    engine: ScriptedEngine,
    batches: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Engine for Stopping {
    fn logits(&self, batch: &Batch) -> Result<Array3<f32>, EngineError> {
        if self.batches.fetch_add(1, Ordering::Relaxed) == 1 {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.engine.logits(batch)
    }
}

#[test]
fn a_long_article_is_not_computed_to_its_end_once_the_run_is_asked_to_stop() {
    let model = model();
    let engine = ScriptedEngine::load(&model).unwrap();
    let (batches, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let stopping = Stopping { engine, batches: Arc::clone(&batches), stop: Arc::clone(&stop) };
    let annotator = Annotator::new(model, Box::new(stopping), Settings::default());
    let article = Ok(Article::new("long", "زار وفد طنجة ".repeat(20_000)));
    let Ok(totals) = annotator.run([article], &stop, |_| Ok::<(), Infallible>(()));
    assert!(totals.interrupted && totals.articles == 0, "{totals:?}");
    assert_eq!(batches.load(Ordering::Relaxed), 2);
}

#[test]
fn what_was_taken_in_comes_out_before_a_source_keeps_waiting() {
    let annotator = annotator();
    let (taken, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let intake = (0..6).map(|number| {
        if number % 2 == 1 {
            return Intake::Flush;
        }
        // All that was taken in before the last flush is out.
        assert_eq!(written.load(Ordering::Relaxed), taken.load(Ordering::Relaxed));
        taken.fetch_add(1, Ordering::Relaxed);
        Intake::Article(Ok(Article::new(number.to_string(), "زار وفد طنجة")))
    });
    let Ok(totals) = annotator.run_intake(intake, &AtomicBool::new(false), |output| {
        written.fetch_add(1, Ordering::Relaxed);
        assert_eq!((output.effort.words, output.effort.windows, output.effort.covered_words), (3, 1, 3));
        Ok::<(), Infallible>(())
    });
    assert_eq!((totals.articles, totals.interrupted), (3, false));
}
