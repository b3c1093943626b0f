//! `musamma compare`.

use serde_json::{Value, json};

use crate::util::{Run, Workplace};

const TEXT: &str = "لقاء في طنجة وفاس مع منير";

/// A record with entities at the places of these words.
fn record(id: &str, mentions: &[(&str, &str)]) -> String {
    let entity = |&(label, mention): &(&str, &str)| {
        let start = TEXT[..TEXT.find(mention).unwrap()].chars().count();
        json!({"start": start, "end": start + mention.chars().count(), "label": label})
    };
    let entities: Vec<Value> = mentions.iter().map(entity).collect();
    format!("{}\n", json!({"id": id, "text": TEXT, "entities": entities}))
}

/// Twenty articles; the second finds more cities, and once takes a word for a person.
fn place() -> Workplace {
    let place = Workplace::new();
    let all = [("CITY", "طنجة"), ("CITY", "فاس"), ("PER", "منير")];
    let (mut gold, mut first, mut second) = (String::new(), String::new(), String::new());
    for number in 0..20 {
        let id = number.to_string();
        gold += &record(&id, &all);
        first += &record(&id, if number % 2 == 0 { &all[..1] } else { &all[1..] });
        second += &record(&id, if number == 0 { &[("PER", "لقاء"), ("CITY", "فاس")] } else { &all[..2] });
    }
    place.write("gold.jsonl", gold);
    place.write("first.jsonl", first);
    place.write("second.jsonl", second);
    place
}

fn compare(place: &Workplace, arguments: &[&str]) -> Run {
    place.run(&[&["compare", "first.jsonl", "second.jsonl"], arguments].concat())
}

#[test]
fn the_tables_tell_what_is_better_and_what_changed() {
    let run = compare(&place(), &["--gold", "gold.jsonl", "--modes", "strict"]).ends_with(0);
    insta::assert_snapshot!(run.stdout.replace(['\u{2068}', '\u{2069}'], ""), @"
    strict: F1, same span, same label
      label  first  second            difference      p
      PER     66.7     0.0  -66.7 [-82.4, -46.0]  0.001
      CITY    66.7    98.7  +32.1 [+29.4, +33.3]  0.001
      LOC        –       –                     –      –
      ORG        –       –                     –      –
      DATE       –       –                     –      –
      micro   66.7    78.0   +11.3 [+5.0, +17.9]  0.003
      macro   66.7    49.4   -17.3 [-25.1, -6.4]  0.004

    changes: of the gold now found (fixed) and lost (broken); wrong ones gone (removed) and new (added)
      label  fixed  broken  removed  added
      PER        0      10        0      1
      CITY      20       1        0      0
      LOC        0       0        0      0
      ORG        0       0        0      0
      DATE       0       0        0      0
      all       20      11        0      1

    entities: most frequent first
      change  label  times    text
      fixed    CITY     10  طنجة
      fixed    CITY     10   فاس
      broken    PER     10  منير
      broken   CITY      1  طنجة
      added     PER      1  لقاء

    20 articles; 95 % intervals and two-sided p from 1000 paired bootstrap samples of the articles
    ");
}

#[test]
fn json_has_all_scores_and_all_entities() {
    let run = compare(&place(), &["--gold", "gold.jsonl", "--format", "json"]).ends_with(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let per = &report["strict"]["labels"]["PER"];
    assert_eq!((&per["recall"]["first"], &per["recall"]["second"]), (&json!(0.5), &json!(0.0)));
    assert_eq!(per["recall"]["difference"], -0.5);
    assert_eq!(report["changes"]["CITY"], json!({"fixed": 20, "broken": 1, "removed": 0, "added": 0}));
    assert_eq!(report["changes"]["PER"], json!({"fixed": 0, "broken": 10, "removed": 0, "added": 1}));
    assert_eq!(report["entities"].as_array().unwrap().len(), 32);
    let first = json!({"id": "0", "change": "added", "start": 0, "end": 4, "label": "PER", "text": "لقاء"});
    assert_eq!(report["entities"][0], first);
    assert_eq!(run.stdout, compare(&place(), &["--gold", "gold.jsonl", "--format", "json"]).stdout);
}

#[test]
fn what_is_compared_with_itself_does_not_differ() {
    let place = place();
    let run = place.run(&["compare", "first.jsonl", "first.jsonl", "--gold", "gold.jsonl", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.ends_with(0).stdout).unwrap();
    let f1 = &report["strict"]["micro"]["f1"];
    assert_eq!((&f1["difference"], &f1["p"], &f1["interval"]), (&json!(0.0), &json!(1.0), &json!([0.0, 0.0])));
    assert_eq!(report["entities"], json!([]));
}

#[test]
fn two_annotators_agree_so_far() {
    let place = place();
    let run = compare(&place, &["--bootstrap", "0", "--modes", "strict"]).ends_with(0);
    // 88 of 120 words agree; chance would bring (20 · 39 + 10 · 1 + 90 · 80) / 120² = 0.555.
    let last = run.stdout.lines().last().unwrap();
    assert_eq!(last, "Cohen's κ 0.401 on 120 words, of which 73.3 % have the same label");
    let run = compare(&place, &["--format", "json"]).ends_with(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["agreement"]["words"], 120);
}
