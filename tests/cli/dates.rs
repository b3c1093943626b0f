//! `musamma dates`, and the dates of `musamma annotate`.

use std::io::Write;

use serde_json::{Value, json};

use crate::util::Workplace;

fn dates(record: &Value) -> Vec<Value> {
    record["entities"].as_array().unwrap().iter().filter(|entity| entity["label"] == "DATE").cloned().collect()
}

#[test]
fn a_line_of_text_tells_its_dates() {
    let place = Workplace::new();
    let run =
        place.run(&["dates", "--reference-date", "2024-04-24", "استقبل أمس الثلاثاء وفدا في ماي المقبل"]).ends_with(0);
    assert_eq!(
        run.stdout,
        "أمس الثلاثاء\t2024-04-23\t2024-04-23\t2024-04-23\nماي المقبل\t2024-05\t2024-05-01\t2024-05-31\n"
    );
    let run = place.run(&["dates", "--language", "en", "last", "Friday"]).ends_with(0);
    assert_eq!(run.stdout, "last Friday\n");
    let run = place.run(&["dates", "Friday, 24 April 2024"]).ends_with(0);
    assert_eq!(run.stdout, "Friday, 24 April 2024\t2024-04-24\t2024-04-24\t2024-04-24\tweekday\n");
    assert_eq!(place.run(&["dates", "nothing"]).ends_with(0).stdout, "");
}

#[test]
fn lines_of_standard_input_are_read_one_by_one() {
    let place = Workplace::new();
    let mut child = place
        .command(&["dates", "--reference-date=2024-04-24", "--language=fr", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("hier\n\nle 12 mai 2020\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "hier\t2024-04-23\t2024-04-23\t2024-04-23\n12 mai 2020\t2020-05-12\t2020-05-12\t2020-05-12\n"
    );
}

#[test]
fn a_wrong_day_is_wrong_usage() {
    let run = Workplace::new().run(&["dates", "--reference-date", "24/04/2024", "hier"]).ends_with(2);
    assert!(run.stderr.contains("--reference-date"), "{}", run.stderr);
}

#[test]
fn a_language_that_is_not_read_is_wrong_usage() {
    let run = Workplace::new().run(&["dates", "--language", "zz", "12 May 2020"]).ends_with(2);
    assert!(run.stderr.contains("zz") && run.stderr.contains("ar, de, en"), "{}", run.stderr);
}

#[test]
fn dates_alone_need_no_model() {
    let place = Workplace::new();
    place.write("a.txt", "زار وفد طنجة أمس الثلاثاء");
    // No model is anywhere near.
    let run = place.run(&["annotate", "a.txt", "--labels", "DATE", "--reference-date", "2024-04-24"]).ends_with(0);
    let record = run.records().remove(0);
    assert!(record.get("model").is_none() && record.get("model_sha256").is_none());
    assert_eq!((&record["date"], &record["date_source"]), (&json!("2024-04-24"), &json!("option")));
    let found = dates(&record);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["text"], "أمس الثلاثاء");
    assert_eq!(found[0]["value"], "2024-04-23");
    assert_eq!((&found[0]["from"], &found[0]["to"]), (&json!("2024-04-23"), &json!("2024-04-23")));
}

#[test]
fn the_day_comes_from_the_field_then_the_dateline_then_the_file_name_then_the_option() {
    let place = Workplace::new();
    place.write("dump.jsonl", "{\"id\":\"r\",\"text\":\"خبر\\n20 ماي 2020\\nوقع أمس\",\"date\":\"2024-04-24\"}\n");
    place.write("2021-03-02-dateline.txt", "خبر\n20 ماي 2020\nوقع أمس");
    place.write("2021-03-02.txt", "وقع أمس");
    place.write("plain.txt", "وقع أمس");
    let paths = ["dump.jsonl", "2021-03-02-dateline.txt", "2021-03-02.txt", "plain.txt"];
    let mut arguments = vec!["annotate", "--labels", "DATE", "--reference-date", "2022-01-05"];
    arguments.extend(paths);
    let records = place.run(&arguments).ends_with(0).records();
    let told: Vec<_> = records
        .iter()
        .map(|record| {
            let yesterday = dates(record).pop().unwrap();
            (record["date_source"].as_str().unwrap().to_owned(), yesterday["value"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected =
        [("field", "2024-04-23"), ("dateline", "2020-05-19"), ("filename", "2021-03-01"), ("option", "2022-01-04")];
    assert_eq!(told, expected.map(|(source, value)| (source.to_owned(), value.to_owned())));
}

#[test]
fn a_contradiction_stands_in_the_record() {
    let place = Workplace::new();
    place.write("a.txt", "في يوم الأحد 24 أبريل 2024 وفي يناير 2020");
    let record = place.annotate(&["a.txt"]).ends_with(0).records().remove(0);
    let found = dates(&record);
    assert_eq!(found[0]["conflict"], "weekday");
    assert_eq!(found[0]["value"], "2024-04-24");
    assert!(found[1].get("conflict").is_none());
}

#[test]
fn without_a_day_a_relative_date_has_no_value() {
    let place = Workplace::new();
    place.write("a.txt", "زار أمس المدينة");
    let record = place.annotate(&["a.txt"]).ends_with(0).records().remove(0);
    let found = dates(&record);
    assert_eq!(found[0]["text"], "أمس");
    assert!(found[0].get("value").is_none() && record.get("date_source").is_none());
}
