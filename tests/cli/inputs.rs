//! What `musamma annotate` reads: the files of `tests/inputs`, which `make.py` there wrote.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::util::{Run, Workplace, annotate};

const ARABIC: &str = "زار منير ليموري مدينة طنجة أمس، وأكد أن التعاون بين الجماعات قائم منذ سنوات.\r\n";
const FRENCH: &str =
    "Mounir Limouri a été reçu à l’hôtel de ville ; la cérémonie s’est achevée très tôt, à côté du théâtre.\n";

fn input(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs").join(name)
}

/// Annotates a file of `tests/inputs`, with its texts in the records.
fn read(name: &str, options: &[&str]) -> Run {
    let path = input(name);
    Workplace::new().annotate(&[&[path.to_str().unwrap(), "--with-text"], options].concat())
}

/// Id, encoding and text of the articles; the code of the error of those that failed.
fn articles(run: &Run) -> Vec<(String, String, String)> {
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let article = |record: &Value| {
        let last = if record["error"].is_null() { string(&record["text"]) } else { string(&record["error"]["code"]) };
        (string(&record["id"]), string(&record["encoding"]), last)
    };
    run.records().iter().map(article).collect()
}

fn expected(articles: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    articles.iter().map(|&(id, encoding, text)| (id.into(), encoding.into(), text.into())).collect()
}

/// The entities of a record, as label and text.
fn entities(record: &Value) -> Vec<(&str, &str)> {
    let entities = record["entities"].as_array().unwrap();
    entities.iter().map(|entity| (entity["label"].as_str().unwrap(), entity["text"].as_str().unwrap())).collect()
}

#[test]
fn text_is_decoded_and_the_record_says_from_what() {
    let marked = format!("\u{feff}{ARABIC}");
    for (name, encoding, text) in [
        ("windows-1256.txt", "windows-1256", ARABIC),
        ("iso-8859-6.txt", "ISO-8859-6", ARABIC),
        ("windows-1252.txt", "windows-1252", FRENCH),
        ("utf-16.txt", "UTF-16LE", &marked),
        ("utf-8.txt.gz", "UTF-8", ARABIC),
    ] {
        let run = read(name, &[]).ends_with(0);
        assert_eq!(articles(&run), expected(&[(name, encoding, text)]));
    }
    let run = read("windows-1256.txt", &["--encoding", "cp1252"]).ends_with(0);
    assert_eq!(articles(&run)[0].1, "windows-1252");
    let run = read("windows-1256.txt", &["--encoding", "utf-9"]).ends_with(2);
    assert!(run.stderr.contains("no encoding `utf-9`"), "{}", run.stderr);
}

#[test]
fn a_page_becomes_its_headline_and_main_text_with_what_it_says_of_itself() {
    for (name, encoding) in [("page.html", "UTF-8"), ("page-windows-1256.htm", "windows-1256")] {
        let record = read(name, &[]).ends_with(0).records().remove(0);
        let text = record["text"].as_str().unwrap();
        assert!(text.starts_with("عمدة طنجة يستقبل وفدا\n"), "{text}");
        assert!(text.contains("مونبلييه") && !text.contains("MedCities"), "{text}");
        assert_eq!(
            json!([record["encoding"], record["title"], record["date"], record["date_source"], record["lang"]]),
            json!([encoding, "عمدة طنجة يستقبل وفدا", "2024-04-24", "metadata", "ar"])
        );
        assert_eq!(entities(&record)[0], ("CITY", "طنجة"));
    }
}

#[test]
fn markdown_keeps_its_text_and_its_addresses_have_no_entities() {
    let record = read("note.md", &[]).ends_with(0).records().remove(0);
    assert_eq!(record["text"], fs::read_to_string(input("note.md")).unwrap());
    assert_eq!((&record["title"], &record["date"]), (&json!("زيارة"), &json!("2024-04-24")));
    let found: Vec<(&str, &str)> = entities(&record);
    assert_eq!(found, [("CITY", "طنجة"), ("PER", "منير ليموري"), ("DATE", "أمس")]);
    assert!(record["excluded"].as_u64().unwrap() > 80);
}

#[test]
fn records_are_read_from_every_format_that_holds_them() {
    let run = read("dump.jsonl.zst", &[]).ends_with(0);
    assert_eq!(articles(&run), expected(&[("zst-1", "UTF-8", ARABIC), ("zst-2", "UTF-8", FRENCH)]));
    let run = read("part-00000.json.gz", &[]).ends_with(0);
    assert_eq!(articles(&run), expected(&[("part-1", "UTF-8", ARABIC), ("part-2", "UTF-8", FRENCH)]));
    let run = read("dump.json", &[]).ends_with(0);
    let id = "123456789012345678901234";
    assert_eq!(articles(&run), expected(&[(id, "UTF-8", ARABIC), ("b", "UTF-8", FRENCH)]));
    assert_eq!((&run.records()[0]["date"], &run.records()[1]["lang"]), (&json!("2024-04-24"), &json!("fr")));
    let run = read("rows.parquet", &[]).ends_with(1);
    assert_eq!(articles(&run), expected(&[("1", "UTF-8", ARABIC), ("2", "UTF-8", FRENCH), ("3", "", "no_text")]));
    assert_eq!((&run.records()[0]["date"], &run.records()[0]["lang"]), (&json!("2024-04-24"), &json!("ar")));
}

#[test]
fn records_in_utf16_are_read_as_they_come_from_windows() {
    let utf16 =
        |text: &str| -> Vec<u8> { format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let place = Workplace::new();
    place.write("news/a.jsonl", utf16("{\"id\":\"1\",\"text\":\"طنجة\"}\r\n{\"id\":\"2\",\"text\":\"أمس\"}\r\n"));
    place.write("news/b.json", utf16("[{\"id\":\"3\",\"text\":\"طنجة\"}]"));
    place.write("news/c.tsv", utf16("id\ttext\r\n4\tطنجة\r\n"));
    let run = place.annotate(&["news", "--with-text"]).ends_with(0);
    let found = [("1", "طنجة"), ("2", "أمس"), ("3", "طنجة"), ("4", "طنجة")];
    assert_eq!(articles(&run), expected(&found.map(|(id, text)| (id, "UTF-16LE", text))));
}

#[test]
fn tables_have_a_header_and_rows_of_its_length() {
    let run = read("table.csv", &[]).ends_with(0);
    let second = "Réunion ; \"Mounir\nLimouri\"";
    assert_eq!(articles(&run), expected(&[("csv-1", "windows-1252", FRENCH), ("csv-2", "windows-1252", second)]));
    assert_eq!(run.records()[0]["date"], "2024-04-24");
    assert!(run.stderr.contains("`csv-2`: `date` is not used: expected a date as 2024-04-24"), "{}", run.stderr);
    let run = read("table.tsv.gz", &[]).ends_with(1);
    let text = "زار الوفد طنجة";
    assert_eq!(
        articles(&run),
        expected(&[
            ("table.tsv.gz:2", "UTF-8", text),
            ("table.tsv.gz:3", "", "malformed"),
            ("table.tsv.gz:4", "UTF-8", "Mounir Limouri"),
        ])
    );
    for name in ["table.csv", "rows.parquet"] {
        let run = read(name, &["--text-field", "body"]).ends_with(1);
        assert_eq!(articles(&run), expected(&[(name, "", "no_text")]));
        assert!(run.stderr.contains("no column `body`, only `id`, "), "{}", run.stderr);
    }
}

#[test]
fn files_in_archives_are_inputs_of_their_own() {
    let run = read("archive.zip", &[]).ends_with(1);
    let found = articles(&run);
    let ids: Vec<&str> = found.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "archive.zip/inner/name.txt",
            "archive.zip/inner/windows.txt",
            "archive.zip/page.html",
            "archive.zip/dump.jsonl:1",
            "zip-2",
            "archive.zip/broken.txt",
            "archive.zip/bomb.txt",
            "archive.zip/again.zip",
        ]
    );
    assert_eq!((&*found[1].1, &*found[1].2), ("windows-1256", ARABIC));
    assert_eq!((&*found[5].2, &*found[6].2, &*found[7].2), ("binary", "too_large", "malformed"));
    assert!(run.stderr.contains("1 passed over in archives"), "{}", run.stderr);
    let run = read("archive.zip", &["--max-article-bytes", "200"]).ends_with(1);
    assert_eq!(articles(&run)[2].2, "too_large");

    let run = read("archive.tar.gz", &[]).ends_with(0);
    assert_eq!(
        articles(&run),
        expected(&[("archive.tar.gz/a/one.txt", "UTF-8", ARABIC), ("archive.tar.gz/two.txt.gz", "UTF-8", ARABIC)])
    );
}

#[test]
fn archives_in_archives_are_inputs_too_up_to_the_fourth() {
    let run = read("nested.zip", &[]).ends_with(1);
    assert_eq!(
        articles(&run),
        expected(&[
            ("nested.zip/inner.tar.gz/name.txt", "UTF-8", ARABIC),
            ("inner-csv", "UTF-8", FRENCH),
            ("nested.zip/inner.tar.gz/inner.zip/one.txt", "UTF-8", ARABIC),
            ("inner-jsonl", "UTF-8", FRENCH),
            ("nested.zip/crawl.warc.gz/https://example.com/4", "UTF-8", FRENCH),
            ("1", "UTF-8", ARABIC),
            ("2", "UTF-8", FRENCH),
            ("3", "", "no_text"),
            ("nested.zip/1.zip/2.tar/3.zip/two.txt", "UTF-8", ARABIC),
            ("nested.zip/1.zip/2.tar/3.zip/4.zip", "", "unsupported"),
        ])
    );
    assert!(run.stderr.contains("4.zip`: an archive inside four others, which is not read; unpack"), "{}", run.stderr);
    // The bound on an article holds in all of them.
    let run = read("nested.zip", &["--max-article-bytes", "100"]).ends_with(1);
    let texts: Vec<String> = articles(&run).into_iter().map(|(.., text)| text).collect();
    assert_eq!(texts.iter().filter(|text| *text == "too_large").count(), 8, "{texts:?}");
}

#[test]
fn a_web_archive_gives_its_pages_and_texts() {
    let run = read("crawl.warc.gz", &[]).ends_with(1);
    let found = articles(&run);
    let place = |path: &str| format!("crawl.warc.gz/https://example.com/{path}");
    assert_eq!(found[0].0, place("1"));
    assert!(found[0].2.starts_with("عمدة طنجة يستقبل وفدا\n"), "{}", found[0].2);
    assert_eq!(
        found[1..],
        expected(&[
            (&place("2"), "windows-1256", ARABIC),
            (&place("2#2"), "windows-1256", ARABIC),
            (&place("bad"), "", "malformed"),
            (&place("3"), "UTF-8", FRENCH),
        ])
    );
    assert!(run.stderr.contains("2 passed over in archives"), "{}", run.stderr);
}

#[test]
fn a_broken_file_costs_only_what_is_broken_in_it() {
    let place = Workplace::new();
    let cut = |name: &str, from: &str, keep: usize| {
        let bytes = fs::read(input(from)).unwrap();
        place.write(&format!("news/{name}"), &bytes[..bytes.len() * keep / 100]);
    };
    cut("a.txt.gz", "utf-8.txt.gz", 60);
    cut("b.jsonl.zst", "dump.jsonl.zst", 60);
    cut("c.zip", "archive.zip", 90);
    cut("d.tar.gz", "archive.tar.gz", 60);
    cut("e.parquet", "rows.parquet", 90);
    cut("f.warc.gz", "crawl.warc.gz", 90);
    cut("g.json", "dump.json", 80);
    place.write("news/h.json", "{\"text\":\"طنجة\"} [{\"text\":\"MedCities\"}, 7] nonsense");
    place.write("news/i.csv", "text\n\"never closed");
    place.write("news/j.warc", "no archive\n");
    place.write("news/k.html.gz", "<p>زار الوفد طنجة");
    place.write("news/z.txt", "طنجة");
    let run = place.annotate(&["news"]).ends_with(1);
    let found = articles(&run);
    for file in ["a.txt.gz", "b.jsonl.zst", "c.zip", "d.tar.gz", "e.parquet", "f.warc.gz", "g.json"] {
        assert!(
            found.iter().any(|(id, _, code)| id.starts_with(file) && !code.is_empty() && !code.contains(' ')),
            "{file}: {found:?}"
        );
    }
    let of = |file: &str| -> Vec<(&str, &str)> {
        found.iter().filter(|(id, ..)| id.starts_with(file)).map(|(id, _, code)| (&**id, &**code)).collect()
    };
    assert_eq!(of("h.json"), [("h.json:1", ""), ("h.json:2", ""), ("h.json:3", "json"), ("h.json:4", "json")]);
    assert_eq!(of("g.json").len(), 1, "the first record has an id of its own");
    assert_eq!(of("i.csv"), [("i.csv:2", "malformed")]);
    assert_eq!(of("j.warc"), [("j.warc:1", "malformed")]);
    assert_eq!(of("k.html.gz"), [("k.html.gz", "")]);
    assert_eq!(found.last().unwrap().0, "z.txt");
}

/// The crate that reads Parquet panics where a file's footer says that a column
/// lies before its beginning; `negative.parquet` was found by `fuzz/`.
#[test]
fn a_parser_that_panics_costs_its_file_and_is_not_heard() {
    let place = Workplace::new();
    place.write("news/a.parquet", fs::read(input("negative.parquet")).unwrap());
    place.write("news/z.txt", "طنجة");
    let run = place.annotate(&["news"]).ends_with(1);
    let found: Vec<(String, String)> = articles(&run).into_iter().map(|(id, _, code)| (id, code)).collect();
    assert_eq!(found, [("a.parquet".into(), "malformed".into()), ("z.txt".into(), String::new())]);
    assert!(run.stderr.contains("column start and length should not be negative"), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

#[test]
fn what_is_too_large_is_passed_over_in_every_format() {
    let place = Workplace::new();
    let long = "طنجة ".repeat(50_000);
    place.write("news/a.txt", &long);
    place.write("news/b.jsonl", format!("{{\"text\":\"{long}\"}}\n{{\"text\":\"طنجة\"}}\n"));
    place.write("news/c.json", format!("[{{\"text\":\"طنجة\"}},{{\"text\":\"{long}\"}}]"));
    place.write("news/d.csv", format!("text\nطنجة\n{long}\nطنجة\n"));
    let run = place.annotate(&["news", "--max-article-bytes", "1000"]).ends_with(1);
    let codes: Vec<(String, String)> = articles(&run).into_iter().map(|(id, _, code)| (id, code)).collect();
    let expected = [
        ("a.txt", "too_large"),
        ("b.jsonl:1", "too_large"),
        ("b.jsonl:2", ""),
        ("c.json:1", ""),
        ("c.json:2", "too_large"),
        ("d.csv:2", ""),
        ("d.csv:3", "too_large"),
        ("d.csv:4", ""),
    ];
    assert_eq!(codes, expected.map(|(id, code)| (id.to_owned(), code.to_owned())));
}

#[test]
fn lists_globs_and_ignore_files_choose_what_is_read() {
    let place = Workplace::new();
    for name in ["news/a.txt", "news/b.txt", "news/old/c.txt", "d.txt"] {
        place.write(name, "طنجة");
    }
    place.write("news/.ignore", "b.txt\n");
    place.write("list", "news/old\n./d.txt\ngone.txt\n");
    let ids = |run: &Run| articles(run).into_iter().map(|(id, ..)| id).collect::<Vec<_>>();
    assert_eq!(ids(&place.annotate(&["news"]).ends_with(0)), ["a.txt", "old/c.txt"]);
    assert_eq!(ids(&place.annotate(&["news", "--no-ignore"]).ends_with(0)), ["a.txt", "b.txt", "old/c.txt"]);
    assert_eq!(ids(&place.annotate(&["news", "--glob", "!old"]).ends_with(0)), ["a.txt"]);
    let listed = ["news/old/c.txt", "d.txt", "gone.txt"];
    let run = place.annotate(&["--files-from", "list"]).ends_with(1);
    assert_eq!(ids(&run), listed);
    assert_eq!(articles(&run)[2].2, "unreadable");
    let run = place.annotate_stdin(&["--files-from", "-"], "news/old\0d.txt\0gone.txt\0").ends_with(1);
    assert_eq!(ids(&run), listed);
    place.annotate_stdin(&["-", "--files-from", "-"], "").ends_with(2);
    place.annotate(&["--files-from", "nowhere"]).ends_with(2);
    place.annotate(&["news", "--glob", "a{"]).ends_with(2);
}

#[test]
fn standard_input_is_read_in_the_format_that_is_named() {
    let place = Workplace::new();
    for (format, input, ids) in [
        ("csv", "id,text\n1,طنجة\n", vec!["1"]),
        ("html", "<p>طنجة", vec!["-"]),
        ("json", "[{\"text\":\"طنجة\"}]", vec!["-:1"]),
        ("markdown", "# طنجة", vec!["-"]),
    ] {
        let run = place.annotate_stdin(&["-", "--input-format", format], input).ends_with(0);
        assert_eq!(articles(&run).into_iter().map(|(id, ..)| id).collect::<Vec<_>>(), ids);
        assert_eq!(entities(&run.records()[0]), [("CITY", "طنجة")]);
    }
    let run = place.annotate_stdin(&["-", "--input-format", "zip"], "PK").ends_with(1);
    assert_eq!(articles(&run), expected(&[("-", "", "malformed")]));
    for (format, name, id) in [("parquet", "rows.parquet", "1"), ("zip", "archive.zip", "-/inner/name.txt")] {
        let arguments = annotate(&["-", "--input-format", format, "-q"]);
        let stdin = fs::File::open(input(name)).unwrap();
        let output = place.command(&arguments).stdin(stdin).output().unwrap();
        let records = crate::util::records(std::str::from_utf8(&output.stdout).unwrap());
        assert_eq!(records[0]["id"], id);
    }
}

#[test]
fn inputs_without_an_article_are_an_error_and_an_empty_stream_is_none() {
    let place = Workplace::new();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("empty.jsonl", "");
    place.write("blank.csv", "\n");
    place.write("header.csv", "id,text\n");
    for input in ["empty", "empty.jsonl", "blank.csv", "header.csv"] {
        let run = place.annotate(&[input, "-o", "out.jsonl"]).ends_with(2);
        assert!(run.stderr.contains(&format!("no articles in `{input}`")), "{}", run.stderr);
        assert!(!place.path("out.jsonl").exists());
    }
    assert!(place.annotate_stdin(&["-"], "").ends_with(0).records().is_empty());
}

#[test]
fn furniture_has_no_entities_unless_it_is_asked_for() {
    let place = Workplace::new();
    place
        .write("a.txt", "طنجة\r\n0 57\r\n\r\nMounir\r\nاترك رد\r\nLimouri\r\nنستخدم ملفات تعريف الارتباط MedCities\r\n");
    let run = |options: &[&str]| place.annotate(&[&["a.txt"], options].concat()).ends_with(0).records().remove(0);
    let record = run(&[]);
    assert_eq!(entities(&record), [("CITY", "طنجة"), ("PER", "Mounir")], "no name reaches across a form");
    let excluded = ["0 57", "اترك رد", "نستخدم ملفات تعريف الارتباط MedCities"];
    assert_eq!(record["excluded"], excluded.map(|line| line.chars().count()).iter().sum::<usize>());
    let raw = run(&["--raw"]);
    assert_eq!(entities(&raw).last(), Some(&("ORG", "MedCities")));
    assert!(raw["excluded"].is_null());
    assert_eq!(raw["sha256"], record["sha256"]);
    assert_ne!(raw["settings"], record["settings"]);
}
