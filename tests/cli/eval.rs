//! `musamma eval`, on small files and with the scripted engine.

use serde_json::{Value, json};

use crate::util::{Run, Workplace, annotate, records};

const TEXT: &str = "زار منير ليموري جماعة طنجة وفاس أمس";

/// A record of the mentions in a text, which may be given as `label mention`.
fn record(id: &str, text: &str, mentions: &[(&str, &str)]) -> Value {
    let entities: Vec<Value> = mentions
        .iter()
        .map(|(label, mention)| {
            let start = text[..text.find(mention).unwrap()].chars().count();
            json!({"start": start, "end": start + mention.chars().count(), "label": label})
        })
        .collect();
    json!({"id": id, "text": text, "entities": entities})
}

/// A folder with the gold of two articles, and predictions with a mistake of each kind.
fn place() -> Workplace {
    let place = Workplace::new();
    let gold = [
        record("a", TEXT, &[("PER", "منير ليموري"), ("ORG", "جماعة طنجة"), ("CITY", "فاس"), ("DATE", "أمس")]),
        record("b", "Mounir à Tanger, Fès", &[("PER", "Mounir"), ("CITY", "Tanger"), ("CITY", "Fès")]),
    ];
    let predicted = [
        record("b", "Mounir à Tanger, Fès", &[("CITY", "Fès"), ("LOC", "Tanger")]),
        record("a", TEXT, &[("PER", "منير"), ("CITY", "طنجة"), ("CITY", "فاس"), ("LOC", "زار")]),
    ];
    for (name, records) in [("gold.jsonl", gold), ("predicted.jsonl", predicted)] {
        place.write(name, records.map(|record| format!("{record}\n")).concat());
    }
    place
}

fn eval(place: &Workplace, arguments: &[&str]) -> Run {
    place.run(&[&["eval", "predicted.jsonl", "--gold", "gold.jsonl", "--bootstrap", "0"], arguments].concat())
}

fn refused(place: &Workplace, arguments: &[&str], said: &str) {
    let run = eval(place, arguments).ends_with(2);
    assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{said}: {}", run.stderr);
}

#[test]
fn the_tables_hold_strict_and_partial_scores() {
    let run = eval(&place(), &[]).ends_with(0);
    assert_eq!(run.stderr, "");
    insta::assert_snapshot!(run.stdout, @"
    strict: same span, same label
      label  precision  recall    F1  tp  fp  fn  support
      PER          0.0     0.0   0.0   0   1   2        2
      CITY        66.7    66.7  66.7   2   1   1        3
      LOC          0.0       –   0.0   0   2   0        0
      ORG            –     0.0   0.0   0   0   1        1
      DATE           –     0.0   0.0   0   0   1        1
      micro       33.3    28.6  30.8   2   4   5        7
      macro       22.2    16.7  13.3

    partial: overlapping span counts half, any label
      label  precision  recall     F1   tp   fp   fn  support
      PER         50.0    25.0   33.3  0.5  0.5  1.5        2
      CITY       100.0   100.0  100.0    3    0    0        3
      LOC          0.0       –    0.0    0    1    0        0
      ORG         50.0    50.0   50.0  0.5  0.5  0.5        1
      DATE           –     0.0    0.0    0    0    1        1
      micro       66.7    57.1   61.5    4    2    3        7
      macro       50.0    43.8   36.7

    2 articles
    ");
}

#[test]
fn scores_have_intervals_that_follow_the_seed() {
    let place = place();
    let run = place.run(&["eval", "predicted.jsonl", "--gold", "gold.jsonl", "--modes", "strict"]).ends_with(0);
    insta::assert_snapshot!(run.stdout, @"
    strict: same span, same label
      label          precision             recall                F1  tp  fp  fn  support
      PER        0.0 [0.0–0.0]      0.0 [0.0–0.0]     0.0 [0.0–0.0]   0   1   2        2
      CITY   66.7 [50.0–100.0]  66.7 [50.0–100.0]  66.7 [66.7–66.7]   2   1   1        3
      LOC        0.0 [0.0–0.0]                  –     0.0 [0.0–0.0]   0   2   0        0
      ORG                    –      0.0 [0.0–0.0]     0.0 [0.0–0.0]   0   0   1        1
      DATE                   –      0.0 [0.0–0.0]     0.0 [0.0–0.0]   0   0   1        1
      micro   33.3 [25.0–50.0]   28.6 [25.0–33.3]  30.8 [25.0–40.0]   2   4   5        7
      macro   22.2 [16.7–50.0]   16.7 [16.7–25.0]  13.3 [13.3–22.2]

    2 articles; in brackets 95 % intervals, from 1000 bootstrap samples of the articles
    ");
    let json = |arguments: &[&str]| {
        let paths = ["eval", "predicted.jsonl", "--gold", "gold.jsonl", "--format", "json"];
        let run = place.run(&[&paths, arguments].concat()).ends_with(0);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let first = json(&["--bootstrap", "50"]);
    assert_eq!(first["bootstrap"], json!({"samples": 50, "seed": 1, "level": 0.95}));
    assert_eq!(first["strict"]["micro"]["intervals"]["f1"].as_array().unwrap().len(), 2);
    assert_eq!(first["strict"]["labels"]["ORG"]["intervals"]["precision"], Value::Null);
    assert_eq!(first, json(&["--bootstrap", "50", "--seed", "1"]));
    assert!(json(&["--bootstrap", "0"])["strict"]["micro"].get("intervals").is_none());
}

#[test]
fn parts_of_the_articles_are_scored_by_themselves() {
    let place = place();
    for name in ["gold.jsonl", "predicted.jsonl"] {
        let records = place.read(name).replace(r#""id":"a""#, r#""id":"x/y/a","lang":"ar""#);
        place.write(name, records);
    }
    let run = eval(&place, &["--by", "lang,folder,file", "--modes", "strict"]).ends_with(0);
    let (_, groups) = run.stdout.split_once("\n\n").unwrap();
    insta::assert_snapshot!(groups, @"
    strict by lang: same span, same label, micro
      lang  precision  recall    F1  support  articles
      ar         25.0    25.0  25.0        4         1
      –          50.0    33.3  40.0        3         1

    strict by folder: same span, same label, micro
      folder  precision  recall    F1  support  articles
      x/y          25.0    25.0  25.0        4         1
      –            50.0    33.3  40.0        3         1

    strict by file: same span, same label, micro
      file        precision  recall    F1  support  articles
      gold.jsonl       33.3    28.6  30.8        7         2

    2 articles
    ");
    let run = eval(&place, &["--by", "folder", "--format", "json"]).ends_with(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["by"]["folder"]["x/y"]["strict"]["labels"]["CITY"]["tp"], 1);
    assert_eq!(report["by"]["folder"]["x/y"]["articles"], 1);
}

#[test]
fn clitics_may_be_forgiven_and_names_counted_once_an_article() {
    let place = Workplace::new();
    let text = "وفاس ثم فاس وطنجة وفاس";
    let entity = |start: usize, end: usize| json!({"start": start, "end": end, "label": "CITY"});
    let gold =
        json!({"id": "a", "text": text, "entities": [entity(1, 4), entity(8, 11), entity(13, 17), entity(19, 22)]});
    let predicted = json!({"id": "a", "entities": [entity(0, 4), entity(8, 11), entity(12, 17)]});
    place.write("gold.jsonl", gold.to_string());
    place.write("predicted.jsonl", predicted.to_string());
    let run = eval(&place, &["--modes", "strict,clitic,document", "--format", "json"]).ends_with(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let counts = |mode: &str| ["tp", "fp", "fn"].map(|count| report[mode]["micro"][count].as_u64().unwrap());
    assert_eq!(counts("strict"), [1, 2, 3]);
    assert_eq!(counts("clitic"), [3, 0, 1]);
    // فاس is found; وفاس and وطنجة are no names of the gold, and طنجة is missed.
    assert_eq!(counts("document"), [1, 2, 1]);
    place.write("gold.jsonl", json!({"id": "a", "entities": []}).to_string());
    refused(&place, &["--modes", "clitic"], "mode `clitic` needs the text of article `a`");
}

#[test]
fn markdown_holds_the_same() {
    let run = eval(&place(), &["--format", "markdown", "--modes", "type"]).ends_with(0);
    insta::assert_snapshot!(run.stdout, @"
    **type**: overlapping span, same label

    | label | precision | recall | F1 | tp | fp | fn | support |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | PER | 100.0 | 50.0 | 66.7 | 1 | 0 | 1 | 2 |
    | CITY | 66.7 | 66.7 | 66.7 | 2 | 1 | 1 | 3 |
    | LOC | 0.0 | – | 0.0 | 0 | 2 | 0 | 0 |
    | ORG | – | 0.0 | 0.0 | 0 | 0 | 1 | 1 |
    | DATE | – | 0.0 | 0.0 | 0 | 0 | 1 | 1 |
    | micro | 50.0 | 42.9 | 46.2 | 3 | 3 | 4 | 7 |
    | macro | 55.6 | 29.2 | 26.7 |  |  |  |  |

    2 articles
    ");
}

#[test]
fn json_has_fractions_null_for_what_is_undefined_and_all_counts() {
    let run = eval(&place(), &["--format", "json", "--modes", "strict,exact,partial,type"]).ends_with(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let strict =
        json!({"precision": 2.0 / 6.0, "recall": 2.0 / 7.0, "f1": 4.0 / 13.0, "tp": 2, "fp": 4, "fn": 5, "support": 7});
    assert_eq!(report["strict"]["micro"], strict);
    let date = json!({"precision": null, "recall": 0.0, "f1": 0.0, "tp": 0, "fp": 0, "fn": 1, "support": 1});
    assert_eq!(report["strict"]["labels"]["DATE"], date);
    assert_eq!(report["strict"]["labels"]["LOC"]["recall"], Value::Null);
    assert_eq!(report["exact"]["micro"]["tp"], 3);
    assert_eq!(report["partial"]["micro"]["tp"], 4.0);
    assert_eq!(report["type"]["micro"]["tp"], 3);
    assert_eq!(report["articles"], 2);
    assert_eq!(report["missing"], json!([]));
}

#[test]
fn every_mistake_is_written_with_its_text() {
    let place = place();
    eval(&place, &["--errors", "errors.jsonl"]).ends_with(0);
    let errors = records(&place.read("errors.jsonl"));
    let kinds: Vec<&str> = errors.iter().map(|error| error["kind"].as_str().unwrap()).collect();
    let in_a = ["spurious", "misbounded", "mislabelled_and_misbounded", "missed"];
    assert_eq!(kinds, [&in_a[..], &["missed", "mislabelled"]].concat());
    assert_eq!(
        errors[1],
        json!({
            "id": "a", "kind": "misbounded", "boundary": "too_short",
            "gold": {"start": 4, "end": 15, "label": "PER", "text": "منير ليموري"},
            "predicted": {"start": 4, "end": 8, "label": "PER", "text": "منير"},
            "before": "زار ", "after": " جماعة طنجة وفاس أمس",
        })
    );
    assert!(!place.path("errors.jsonl.partial").exists());
}

#[test]
fn labels_are_joined_and_dropped_on_both_sides() {
    let place = place();
    let run = eval(&place, &["--format", "json", "--map", "CITY=PLACE,LOC=PLACE", "--map", "DATE=O"]).ends_with(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let labels: Vec<&String> = report["strict"]["labels"].as_object().unwrap().keys().collect();
    assert_eq!(labels, ["PER", "ORG", "PLACE"]);
    assert_eq!(report["strict"]["labels"]["PLACE"]["tp"], 3);
}

#[test]
fn a_missing_article_is_named_and_counts_as_missed() {
    let place = place();
    let failed = json!({"id": "b", "error": {"code": "encoding", "message": "not UTF-8"}});
    place.write("predicted.jsonl", failed.to_string());
    let run = eval(&place, &["--format", "json"]).ends_with(0);
    assert!(run.stderr.contains("no prediction for `a`") && run.stderr.contains("`b` was not annotated: not UTF-8"));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["missing"], json!(["a", "b"]));
    assert_eq!(report["strict"]["micro"]["fn"], 7);
    assert_eq!(report["strict"]["micro"]["precision"], Value::Null);
}

#[test]
fn the_exit_status_tells_whether_f1_is_reached() {
    let place = place();
    eval(&place, &["--min-f1", "0.3"]).ends_with(0);
    let run = eval(&place, &["--min-f1", "0.31", "--modes", "partial"]).ends_with(1);
    assert!(run.stderr.contains("strict micro F1 is 0.3077, less than 0.31"), "{}", run.stderr);
    assert!(run.stdout.starts_with("partial:"));
}

#[test]
fn what_cannot_be_scored_is_an_error_with_its_place() {
    let place = place();
    refused(&place, &["--min-f1", "90"], "0 to 1");
    refused(&place, &["--map", "CITY"], "NAME=LABEL");
    refused(&place, &["--errors", "no/errors.jsonl"], "cannot create `no/errors.jsonl.partial`");
    refused(&place, &["--threads", "2"], "--annotate");
    refused(
        &place,
        &["--gold", "gold.jsonl"],
        "`gold.jsonl` line 1: a second article `a`; the first is in `gold.jsonl` line 1",
    );
    refused(&place, &["--gold", "nowhere.jsonl"], "cannot read `nowhere.jsonl`");
    for (line, said) in [
        (r#"{"id":"c","entities":[]}"#, "`predicted.jsonl` line 1: article `c` is not in the gold\nhint: "),
        (
            r#"{"id":"a","entities":[{"start":4,"end":8,"label":"PERSON"}]}"#,
            "line 1: article `a` has the unknown label `PERSON`; known are PER, CITY, LOC, ORG, DATE\nhint: say what it is with `--map",
        ),
        (
            r#"{"id":"a","entities":[{"start":4,"end":99,"label":"PER"}]}"#,
            "its text ends at 35\nhint: offsets count Unicode",
        ),
        (r#"{"id":"a","text":"other","entities":[]}"#, "`a` has another text than in the gold (`gold.jsonl` line 1)"),
        (r#"{"id":"a","sha256":"00","entities":[]}"#, "compared by SHA-256\nhint: annotate the text of the gold"),
        ("[]", "line 1: not a record of entities: expected an object\nhint: "),
    ] {
        place.write("predicted.jsonl", line);
        refused(&place, &[], said);
    }
    place.write("predicted.jsonl", "");
    place.write("gold.jsonl", "\n");
    refused(&place, &[], "no articles in the gold: `gold.jsonl`");
}

#[test]
fn predictions_may_come_from_standard_input_and_gold_from_several_files() {
    let place = place();
    let gold = place.read("gold.jsonl");
    let (first, second) = gold.split_once('\n').unwrap();
    place.write("first.jsonl", first);
    place.write("second.jsonl", second);
    let expected = eval(&place, &[]).ends_with(0).stdout;
    let input = std::fs::File::open(place.path("predicted.jsonl")).unwrap();
    let output = place
        .command(&["eval", "-", "--bootstrap", "0", "--gold", "first.jsonl", "--gold", "second.jsonl"])
        .stdin(input)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn annotating_first_gives_the_scores_of_the_annotations() {
    let place = place();
    place.write("news/a", TEXT);
    place.write("news/b.jsonl", json!({"id": "b", "text": "Mounir à Tanger, Fès"}).to_string());
    let model = &annotate(&[])[1..];
    let paths = ["news/a", "news/b.jsonl"];
    let first = place
        .run(&[&["eval", "--annotate", "--gold", "gold.jsonl", "--bootstrap", "0"], &paths[..], model].concat())
        .ends_with(0);
    assert!(first.stderr.contains("2 articles (0 failed)"), "{}", first.stderr);
    place.annotate(&[&paths[..], &["-o", "predicted.jsonl"]].concat()).ends_with(0);
    assert_eq!(first.stdout, eval(&place, &[]).ends_with(0).stdout);
    assert!(first.stdout.contains("PER        100.0   100.0  100.0   2   0   0        2"), "{}", first.stdout);

    place.write("news/b.jsonl", "no json");
    let failed = place
        .run(&[&["eval", "--annotate", "--gold", "gold.jsonl", "--bootstrap", "0"], &paths[..], model].concat())
        .ends_with(1);
    assert!(failed.stderr.contains("`b.jsonl:1` was not annotated") && failed.stderr.contains("no prediction for `b`"));
    place.write("news/c.txt", "Tanger");
    let extra =
        place.run(&[&["eval", "--annotate", "news/c.txt", "--gold", "gold.jsonl"], model].concat()).ends_with(2);
    assert!(extra.stderr.contains("article `c.txt` is not in the gold"), "{}", extra.stderr);
}

#[test]
fn annotating_first_takes_what_changes_the_entities() {
    let place = Workplace::new();
    let text = "طنجة\nاترك رد\nنستخدم ملفات تعريف الارتباط MedCities\n";
    place.write("a.txt", text);
    place.write("gold.jsonl", record("a.txt", text, &[("CITY", "طنجة"), ("ORG", "MedCities")]).to_string());
    let model = &annotate(&[])[1..];
    let counts = |options: &[&str]| {
        let scored = ["eval", "--annotate", "a.txt", "--gold", "gold.jsonl", "--format", "json"];
        let run = place.run(&[&scored, options, model].concat()).ends_with(0);
        let micro = &serde_json::from_str::<Value>(&run.stdout).unwrap()["strict"]["micro"];
        ["tp", "fp", "fn"].map(|count| micro[count].as_f64().unwrap())
    };
    assert_eq!(counts(&[]), [1.0, 0.0, 1.0], "a cookie banner has no entities");
    assert_eq!(counts(&["--raw"]), [2.0, 0.0, 0.0]);
    assert_eq!(counts(&["--raw", "--min-score", "1"]), [0.0, 0.0, 2.0], "no model is as sure as that");
    place.write("predicted.jsonl", "");
    refused(&place, &["--raw"], "--annotate");
    refused(&place, &["--min-score", "0.5"], "--annotate");
}

/// Predictions with scores: right ones from 0.9 down, wrong ones among them.
fn scored() -> Workplace {
    let place = place();
    let text = "طنجة فاس منير أمس وطنجة";
    let entity = |start: usize, end: usize, label: &str, score: f64| json!({"start": start, "end": end, "label": label, "score": score});
    let city = |start, end| entity(start, end, "CITY", 1.0);
    let gold = json!({"id": "c", "text": text, "entities": [city(0, 4), city(5, 8), city(19, 23)]});
    let predicted = json!({"id": "c", "entities": [
        entity(0, 4, "CITY", 0.95), entity(5, 8, "CITY", 0.81), entity(9, 13, "CITY", 0.41), entity(14, 17, "PER", 0.7),
        entity(18, 23, "CITY", 0.61),
    ]});
    place.write("gold.jsonl", gold.to_string());
    place.write("predicted.jsonl", predicted.to_string());
    place
}

#[test]
fn the_analysis_shows_where_it_fails() {
    let run = eval(&scored(), &["--analyse", "--modes", "strict"]).ends_with(0);
    insta::assert_snapshot!(run.stdout.replace(['\u{2068}', '\u{2069}'], ""), @"
    confusion: gold by row, predicted by column, boundaries aside
      gold  PER  CITY  LOC  ORG  DATE  O
      PER     ·     ·    ·    ·     ·  ·
      CITY    ·     3    ·    ·     ·  ·
      LOC     ·     ·    ·    ·     ·  ·
      ORG     ·     ·    ·    ·     ·  ·
      DATE    ·     ·    ·    ·     ·  ·
      O       1     1    ·    ·     ·  ·

    errors: most frequent first
      kind                 times         gold     predicted     most often in
      spurious                 1                CITY منير     فاس … أمس
      spurious                 1                  PER أمس  منير … وطنجة
      misbounded (clitic)      1  CITY طنجة  CITY وطنجة        أمس … 

    thresholds: strict, micro, of entities with at least this score
      score  precision  recall    F1
      0.0         40.0    66.7  50.0
      0.1         40.0    66.7  50.0
      0.2         40.0    66.7  50.0
      0.3         40.0    66.7  50.0
      0.4         40.0    66.7  50.0
      0.5         50.0    66.7  57.1
      0.6         50.0    66.7  57.1
      0.7         66.7    66.7  66.7
      0.8        100.0    66.7  80.0
      0.9        100.0    33.3  50.0
      1.0            –     0.0   0.0

    calibration: share of right entities (strict) by score; expected calibration error 39.2
      score    entities  mean score  precision
      0.0–0.1         0           –          –
      0.1–0.2         0           –          –
      0.2–0.3         0           –          –
      0.3–0.4         0           –          –
      0.4–0.5         1        41.0        0.0
      0.5–0.6         0           –          –
      0.6–0.7         2        65.5        0.0
      0.7–0.8         0           –          –
      0.8–0.9         1        81.0      100.0
      0.9–1.0         1        95.0      100.0

    strict: same span, same label
      label  precision  recall    F1  tp  fp  fn  support
      PER          0.0       –   0.0   0   1   0        0
      CITY        50.0    66.7  57.1   2   2   1        3
      LOC            –       –     –   0   0   0        0
      ORG            –       –     –   0   0   0        0
      DATE           –       –     –   0   0   0        0
      micro       40.0    66.7  50.0   2   3   1        3
      macro       25.0    66.7  28.6

    1 article
    ");
    let run = eval(&scored(), &["--analyse", "--format", "json"]).ends_with(0);
    let analysis = &serde_json::from_str::<Value>(&run.stdout).unwrap()["analysis"];
    assert_eq!(analysis["confusion"]["CITY"]["CITY"], 3);
    assert_eq!(analysis["curve"]["labels"]["CITY"][80]["precision"], 1.0);
    assert_eq!(analysis["errors"][0]["contexts"], json!([{"times": 1, "before": "فاس", "after": "أمس"}]));
    // Without scores there is neither curve nor calibration.
    let run = eval(&place(), &["--analyse", "--format", "json"]).ends_with(0);
    assert!(!run.stdout.contains("calibration"));
}

#[test]
fn a_target_precision_gives_thresholds_that_annotate_takes() {
    let place = scored();
    let run = eval(&place, &["--target-precision", "0.9", "--thresholds", "t.json", "--modes", "strict"]).ends_with(0);
    assert!(run.stderr.contains("no score reaches precision 0.9 for PER"), "{}", run.stderr);
    insta::assert_snapshot!(run.stdout.split("strict:").next().unwrap(), @"
    target: lowest score that reaches precision 90.0 (strict), and the recall it costs
      label   score  precision  recall  precision without  recall without
      PER         –          –       –                0.0               –
      CITY   0.7100      100.0    66.7               50.0            66.7
      LOC         –          –       –                  –               –
      ORG         –          –       –                  –               –
      DATE        –          –       –                  –               –
    ");
    insta::assert_snapshot!(place.read("t.json"), @r#"
    {
      "CITY": 0.71
    }
    "#);
    refused(&place, &["--thresholds", "t.json"], "--target-precision");

    place.write("a.txt", "زيارة طنجة مع منير");
    let labels = |thresholds: &str| -> Vec<String> {
        place.write("t.json", thresholds);
        let record = place.annotate(&["a.txt", "--thresholds", "t.json"]).ends_with(0).records().remove(0);
        let label = |entity: &Value| entity["label"].as_str().unwrap().to_owned();
        record["entities"].as_array().unwrap().iter().map(label).collect()
    };
    assert_eq!(labels(r#"{"CITY": 0.5}"#), ["CITY", "PER"]);
    assert_eq!(labels(r#"{"CITY": 1.0}"#), ["PER"]);
    for wrong in ["{", r#"{"GPE": 0.5}"#, r#"{"CITY": 5}"#] {
        place.write("t.json", wrong);
        let run = place.annotate(&["a.txt", "--thresholds", "t.json"]).ends_with(2);
        assert!(run.stderr.contains("cannot use the thresholds in `t.json`"), "{}", run.stderr);
    }
    let without = json!({"id": "c", "entities": [{"start": 0, "end": 1, "label": "PER"}]});
    place.write("predicted.jsonl", without.to_string());
    refused(&place, &["--target-precision", "0.9"], "`score`");
}

/// Compares numbers wherever `expected` has one.
fn agrees(expected: &Value, found: &Value, at: &str) {
    match expected {
        Value::Object(fields) => {
            for (name, expected) in fields {
                agrees(expected, &found[name], &format!("{at}.{name}"));
            }
        }
        _ => {
            let (expected, found) = (expected.as_f64().unwrap(), found.as_f64().unwrap_or(f64::NAN));
            assert!((expected - found).abs() < 1e-12, "{at}: {expected} expected, {found} found");
        }
    }
}

#[test]
fn other_tools_numbers_are_theirs() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compat");
    let (gold, predicted) = (format!("{folder}/gold.conll"), format!("{folder}/predicted.conll"));
    let expected = std::fs::read_to_string(format!("{folder}/expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    for (tool, expected) in expected.as_object().unwrap() {
        let run = Workplace::new().run(&["eval", &predicted, "--gold", &gold, "--as", tool, "--format", "json"]);
        let report: Value = serde_json::from_str(&run.ends_with(0).stdout).unwrap();
        agrees(expected, &report["as"], tool);
        let labels = |report: &Value| {
            let report = if tool == "nervaluate" { &report["strict"] } else { report };
            report["labels"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(labels(expected), labels(&report["as"]));
    }
}

#[test]
fn other_tools_count_words_where_there_are_no_tags() {
    let place = place();
    let run = eval(&place, &["--as", "seqeval", "--modes", "strict"]).ends_with(0);
    insta::assert_snapshot!(run.stdout.split("\n\n").next().unwrap(), @"
    seqeval: as that tool counts
      label     precision  recall    F1  support
      CITY           66.7    66.7  66.7        3
      DATE            0.0     0.0   0.0        1
      LOC             0.0     0.0   0.0        0
      ORG             0.0     0.0   0.0        1
      PER             0.0     0.0   0.0        2
      micro          33.3    28.6  30.8        7
      macro          13.3    13.3  13.3        7
      weighted       28.6    28.6  28.6        7
    ");
    place.write("predicted.conll", "a B-PER\nb O\n");
    place.write("gold.conll", "a B-PER\n\nb O\n");
    let run = place.run(&["eval", "predicted.conll", "--gold", "gold.conll", "--as", "seqeval"]).ends_with(2);
    assert!(run.stderr.contains("another text"), "{}", run.stderr);
}

#[test]
fn the_difference_to_another_tool_is_explained() {
    let place = Workplace::new();
    let entity = |start: usize, end: usize| json!({"start": start, "end": end, "label": "CITY"});
    place.write("gold.jsonl", json!({"id": "a", "text": "زار وطنجة", "entities": [entity(5, 9)]}).to_string());
    place.write("predicted.jsonl", json!({"id": "a", "entities": [entity(4, 9)]}).to_string());
    let run = eval(&place, &["--as", "seqeval", "--explain-difference", "--modes", "strict"]).ends_with(0);
    let (explained, _) = run.stdout.split_once("strict:").unwrap();
    insta::assert_snapshot!(explained.replace(['\u{2068}', '\u{2069}'], ""), @"
    seqeval: as that tool counts
      label     precision  recall     F1  support
      CITY          100.0   100.0  100.0        1
      micro         100.0   100.0  100.0        1
      macro         100.0   100.0  100.0        1
      weighted      100.0   100.0  100.0        1

    difference: entities that we and that scorer judge otherwise
      because                                measure       side  label     text  article
      same words, other span: more for tags   strict       gold   CITY   طنجة        a
      same words, other span: more for tags   strict  predicted   CITY  وطنجة        a
    ");
    let differences = |arguments: &[&str]| {
        let run = eval(&place, &[arguments, &["--explain-difference", "--format", "json"]].concat()).ends_with(0);
        serde_json::from_str::<Value>(&run.stdout).unwrap()["as"]["differences"].as_array().unwrap().clone()
    };
    // By strict, exact and partial on both sides; by type, nervaluate and we agree.
    let measures: Vec<Value> =
        differences(&["--as", "nervaluate"]).iter().map(|found| found["measure"].clone()).collect();
    assert_eq!(measures, ["strict", "strict", "exact", "exact", "partial", "partial"].map(Value::from));
    let run = eval(&place, &["--as", "spacy", "--explain-difference", "--format", "json"]).ends_with(0);
    assert!(run.stdout.contains("\"differences\": []"));
    refused(&place, &["--explain-difference"], "--as");
}

#[test]
fn tags_that_are_ill_formed_are_named() {
    let place = Workplace::new();
    place.write("gold.conll", "Mounir B-PER\nin O\nTanger I-CITY\n");
    place.write("predicted.conll", "Mounir I-PER\nin O\nTanger B-CITY\n");
    let found = |tool: &str| {
        let arguments = [
            "eval",
            "predicted.conll",
            "--gold",
            "gold.conll",
            "--as",
            tool,
            "--explain-difference",
            "--format",
            "json",
        ];
        let run = place.run(&arguments).ends_with(0);
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        let places = |found: &Value| (found["side"].clone(), found["text"].clone(), found["because"].clone());
        json["as"]["differences"].as_array().unwrap().iter().map(places).collect::<Vec<_>>()
    };
    let ill_formed = |side: &str, text: &str| (side.into(), text.into(), "ill_formed".into());
    assert_eq!(found("seqeval-strict"), [ill_formed("gold", "Tanger"), ill_formed("predicted", "Mounir")]);
    assert_eq!(found("conlleval"), []);
}
