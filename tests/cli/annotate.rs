//! `musamma annotate`, with the scripted engine.

use std::{fs, io::Read, process::Stdio};

use serde_json::{Value, json};

use crate::util::{Workplace, annotate, fixtures, records};

fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["id"].as_str().unwrap()).collect()
}

fn error_codes(records: &[Value]) -> Vec<Option<&str>> {
    records.iter().map(|record| record["error"]["code"].as_str()).collect()
}

#[test]
fn an_article_becomes_a_record_with_offsets_in_three_units() {
    let place = Workplace::new();
    let text = "\u{feff}👍 لقاء وبطنجة، أمس مع Mounir Limouri و\u{200f}شبكة “MedCities”\r\nانضمت لليونسكو";
    place.write("a.txt", text);
    let record = place.annotate(&["a.txt"]).ends_with(0).records().remove(0);
    assert_eq!(record["schema"], "musamma/1");
    assert_eq!(record["chars"], text.chars().count());
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let mut found = Vec::new();
    for entity in record["entities"].as_array().unwrap() {
        let offset = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let slice = entity["text"].as_str().unwrap();
        let (start, end) = (offset(&entity["start"]), offset(&entity["end"]));
        assert_eq!(text.chars().skip(start).take(end - start).collect::<String>(), slice);
        assert_eq!(&text[offset(&entity["bytes"][0])..offset(&entity["bytes"][1])], slice);
        let units = &utf16[offset(&entity["utf16"][0])..offset(&entity["utf16"][1])];
        assert_eq!(String::from_utf16(units).unwrap(), slice);
        found.push((entity["label"].as_str().unwrap(), slice, entity["name"].as_str().unwrap()));
    }
    assert_eq!(
        found,
        [
            ("CITY", "طنجة", "طنجة"),
            ("DATE", "أمس", "أمس"),
            ("PER", "Mounir Limouri", "Mounir Limouri"),
            ("ORG", "MedCities", "MedCities"),
            ("ORG", "ليونسكو", "اليونسكو"),
        ]
    );
}

#[test]
fn every_record_fits_the_published_schema() {
    let place = Workplace::new();
    place.write("news/broken.txt", [0xff, 0xff]);
    place.write("news/dump.jsonl", "{\"id\":\"d\",\"text\":\"طنجة\",\"date\":\"2024-04-24\"}\nno json\n{}\n");
    let run = place.annotate(&["news", fixtures().to_str().unwrap()]).ends_with(1);
    let schema = serde_json::from_str(musamma::annotation::SCHEMA_JSON).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(run.records().len() > 20);
    for record in run.records() {
        assert!(validator.is_valid(&record), "{record}");
    }
}

#[test]
fn what_cannot_be_read_has_a_record_and_the_rest_goes_on() {
    let place = Workplace::new();
    place.write("news/1-cut.txt", &"طنجة".as_bytes()[..7]);
    place.write("news/2-binary.txt", b"PK\x03\x04\0\0");
    place.write("news/3-empty.txt", "");
    place.write("news/4-good.txt", "زيارة طنجة");
    place.write("news/5.jsonl", "{\"id\":\"x\",\"text\":\"طنجة\"}\n\n{\"id\":\n{\"id\":\"y\"}\n{\"text\":\"طنجة\"}\n");
    place.write("news/picture.png", "");
    let run = place.annotate(&["news"]).ends_with(1);
    let records = run.records();
    let files = ["1-cut.txt", "2-binary.txt", "3-empty.txt", "4-good.txt"];
    assert_eq!(ids(&records), [&files[..], &["x", "5.jsonl:3", "y", "5.jsonl:5"]].concat());
    let codes = [Some("encoding"), Some("binary"), None, None, None, Some("json"), Some("no_text"), None];
    assert_eq!(error_codes(&records), codes);
    assert_eq!(records[2]["entities"], json!([]));
    assert_eq!(records[3]["entities"][0]["text"], "طنجة");
    for said in [
        "`1-cut.txt`: not UTF-8: the byte at offset 6",
        "`5.jsonl:3`: not a JSON object",
        "8 articles (4 failed)",
        "1 file passed over",
    ] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
}

#[test]
fn an_id_that_was_seen_is_an_error_and_overwrites_nothing() {
    let place = Workplace::new();
    place.write("a.jsonl", "{\"id\":\"1\",\"text\":\"طنجة\"}\n{\"id\":1,\"text\":\"other\"}\n");
    let records = place.annotate(&["a.jsonl"]).ends_with(1).records();
    assert_eq!(error_codes(&records), [None, Some("duplicate_id")]);
    assert_eq!(ids(&records), ["1", "1"]);
}

#[test]
fn folders_of_the_same_name_keep_all_their_articles() {
    let place = Workplace::new();
    place.write("x/news/a.txt", "طنجة");
    place.write("y/news/a.txt", "MedCities");
    let records = place.annotate(&["x/news", "y/news"]).ends_with(0).records();
    assert_eq!(ids(&records), ["x/news/a.txt", "y/news/a.txt"]);
}

#[test]
fn standard_input_is_jsonl_and_its_own_entities_are_ignored() {
    let place = Workplace::new();
    let input =
        "{\"nr\":7,\"body\":\"طنجة\",\"entities\":[{\"start\":0}],\"published\":\"2024-04-24T08:00:00+01:00\"}\n";
    let fields = ["-", "--id-field", "nr", "--text-field", "body", "--date-field", "published"];
    let record = place.annotate_stdin(&fields, input).ends_with(0).records().remove(0);
    assert_eq!(record["id"], "7");
    assert_eq!((&record["date"], &record["date_source"]), (&json!("2024-04-24"), &json!("field")));
    assert_eq!(record["entities"].as_array().unwrap().len(), 1);
    let records = place.annotate_stdin(&["-", "--input-format", "text"], "طنجة\nطنجة").ends_with(0).records();
    assert_eq!(ids(&records), ["-"]);
}

#[test]
fn an_output_file_appears_whole() {
    let place = Workplace::new();
    place.write("news/a.txt", "طنجة");
    assert_eq!(place.annotate(&["news", "-o", "-"]).ends_with(0).records().len(), 1);
    let run = place.annotate(&["news", "-o", "news/out.jsonl"]).ends_with(0);
    assert_eq!(run.stdout, "");
    let first = place.read("news/out.jsonl");
    assert_eq!(records(&first).len(), 1);
    assert!(!place.path("news/out.jsonl.partial").exists());
    // A second run does not read what the first one wrote.
    place.annotate(&["news", "-o", "news/out.jsonl"]).ends_with(0);
    assert_eq!(place.read("news/out.jsonl"), first);
}

#[test]
fn what_cannot_begin_says_so_before_the_model_is_loaded() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    fs::create_dir(place.path("empty")).unwrap();
    let refused = |arguments: &[&str], said: &str| {
        let run = place.run(&[&["annotate", "--model", "./nowhere"], arguments].concat()).ends_with(2);
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    };
    refused(&["nowhere.txt"], "error: cannot open `nowhere.txt`: No such file or directory (os error 2)\n");
    refused(&["a.txt", "-o", "a.txt"], "`a.txt` is both read and written");
    refused(&["empty"], "no articles in `empty`");
    refused(&["a.txt", "-o", "no/out.jsonl"], "cannot create `no/out.jsonl.partial`");
    refused(&["a.txt", "-o", "empty"], "cannot write to `empty`");
    refused(&["a.txt", "--min-score", "90"], "0 to 1");
    refused(&["a.txt", "--labels", "PERSON"], "PER, CITY, LOC, ORG, DATE");
    assert_eq!(place.read("a.txt"), "طنجة");
    let run = place.run(&["annotate", "a.txt", "--engine", "scripted", "--model", "nobody"]).ends_with(2);
    assert!(run.stderr.contains("no model named `nobody`") && run.stderr.contains("MUSAMMA_MODELS"), "{}", run.stderr);
}

#[test]
fn labels_and_scores_choose_entities_and_change_the_settings() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة MedCities Mounir Limouri");
    let labels = |arguments: &[&str]| {
        let record = place.annotate(&[&["a.txt"], arguments].concat()).ends_with(0).records().remove(0);
        let entities = record["entities"].as_array().unwrap();
        let labels: Vec<String> = entities.iter().map(|entity| entity["label"].as_str().unwrap().to_owned()).collect();
        (labels, record["settings"].clone())
    };
    let (all, settings) = labels(&[]);
    assert_eq!(all, ["CITY", "ORG", "PER"]);
    let (some, other_settings) = labels(&["--labels", "per,ORG"]);
    assert_eq!(some, ["ORG", "PER"]);
    assert_ne!(settings, other_settings);
    assert!(labels(&["--min-score", "0.999"]).0.is_empty());
    assert_eq!(labels(&["--quiet"]).1, settings);
}

#[test]
fn other_formats_hold_the_same_entities() {
    let place = Workplace::new();
    place.write("a.txt", "قال Mounir\nLimouri");
    let tsv = place.annotate(&["a.txt", "--format", "tsv"]).ends_with(0).stdout;
    insta::assert_snapshot!(tsv, @r#"
    id	start	end	label	text	name	score	value
    a.txt	4	18	PER	"Mounir
    Limouri"	Mounir Limouri	0.997
    "#);
    let pretty = place.annotate(&["a.txt", "--format", "pretty"]).ends_with(0).stdout;
    assert!(pretty.contains("Mounir Limouri\u{2069} PER]") && !pretty.contains('\u{1b}'), "{pretty:?}");
    let record = place.annotate(&["a.txt", "--with-text"]).ends_with(0).records().remove(0);
    assert_eq!(record["text"], "قال Mounir\nLimouri");
}

#[test]
fn quiet_prints_only_problems() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    assert_eq!(place.annotate(&["a.txt", "-q"]).ends_with(0).stderr, "");
    place.write("b.txt", [0]);
    let stderr = place.annotate(&["a.txt", "b.txt", "-q"]).ends_with(1).stderr;
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = Workplace::new();
    place.write("a.jsonl", "{\"text\":\"طنجة طنجة طنجة\"}\n".repeat(5000));
    let mut command = place.command(&annotate(&["a.jsonl", "-q"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(not(feature = "rust-bert"))]
#[test]
fn an_engine_that_is_not_there_is_an_error() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    let run = place.run(&["annotate", "a.txt", "--engine", "rust-bert"]).ends_with(2);
    assert!(run.stderr.contains("built without the `rust-bert` engine"), "{}", run.stderr);
}

#[cfg(feature = "onnx")]
#[test]
fn a_native_library_that_is_not_there_is_an_error_with_the_way_out() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    place.write("no-library.so", "abc");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/bert");
    let annotate = |library: &str| {
        let arguments = ["annotate", "a.txt", "--model", model, "--engine", "onnx"];
        let run = place.command(&arguments).env("MUSAMMA_ONNXRUNTIME", place.path(library)).output().unwrap();
        assert_eq!((run.status.code(), run.stdout.len()), (Some(2), 0));
        String::from_utf8(run.stderr).unwrap()
    };
    let missing = annotate("nowhere.so");
    assert!(missing.contains("needs the ONNX Runtime library, 1.24 or newer: it is not in `"), "{missing}");
    assert!(missing.contains("\nhint: run `scripts/native onnxruntime`"), "{missing}");
    let no_library = annotate("no-library.so");
    assert!(no_library.contains("cannot use `") && no_library.contains("\nhint: "), "{no_library}");
}

#[cfg(feature = "onnx")]
#[test]
fn a_model_without_the_precision_that_was_named_is_an_error() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/albert");
    let run = place.run(&["annotate", "a.txt", "--model", model, "--engine", "onnx"]).ends_with(2);
    assert!(run.stderr.contains("model.int8.onnx`\nhint: make it with `scripts/export-onnx"), "{}", run.stderr);
    let run = place.run(&["annotate", "a.txt", "--model", model, "--engine", "scripted", "--precision", "int8"]);
    assert!(run.ends_with(2).stderr.contains("the `scripted` engine does not compute in int8"));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_passed_over() {
    let place = Workplace::new();
    place.write("news/a.txt", "طنجة");
    let made = std::process::Command::new("mkfifo").arg(place.path("news/pipe.txt")).status();
    if made.is_ok_and(|status| status.success()) {
        let run = place.annotate(&["news"]).ends_with(0);
        assert_eq!(ids(&run.records()), ["a.txt"]);
        assert!(run.stderr.contains("1 file passed over"), "{}", run.stderr);
    }
}
