//! `musamma export`, and scoring what comes back from it.

use serde_json::json;

use crate::util::Workplace;

fn place() -> Workplace {
    let place = Workplace::new();
    let gold = json!({"id": "a.txt", "text": "👍 لقاء وبطنجة أمس", "lang": "ar", "entities": [
        {"start": 9, "end": 13, "label": "CITY", "name": "طنجة"}, {"start": 14, "end": 17, "label": "DATE"},
    ]});
    place.write("gold.jsonl", format!("{gold}\n"));
    place
}

#[test]
fn each_format_has_its_own_offsets() {
    let place = place();
    let export = |format: &str| place.run(&["export", "gold.jsonl", "--to", format]).ends_with(0).stdout;
    insta::assert_snapshot!(export("conll"), @"
    -DOCSTART- O
    # id = a.txt

    👍 O
    لقاء O
    وب O
    طنجة B-CITY
    أمس B-DATE
    ");
    insta::assert_snapshot!(export("spacy"), @r#"
    {"id":"a.txt","text":"👍 لقاء وبطنجة أمس","ents":[{"start":9,"end":13,"label":"CITY"},{"start":14,"end":17,"label":"DATE"}],"tokens":[{"id":0,"start":0,"end":1},{"id":1,"start":2,"end":6},{"id":2,"start":7,"end":9},{"id":3,"start":9,"end":13},{"id":4,"start":14,"end":17}]}
    "#);
    insta::assert_snapshot!(export("doccano"), @r#"
    {"id":"a.txt","text":"👍 لقاء وبطنجة أمس","label":[[9,13,"CITY"],[14,17,"DATE"]]}
    "#);
    insta::assert_snapshot!(export("label-studio"), @r#"
    [
      {
        "data": {
          "id": "a.txt",
          "text": "👍 لقاء وبطنجة أمس"
        },
        "annotations": [
          {
            "result": [
              {
                "id": "e1",
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {
                  "start": 10,
                  "end": 14,
                  "text": "طنجة",
                  "labels": [
                    "CITY"
                  ]
                }
              },
              {
                "id": "e2",
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {
                  "start": 15,
                  "end": 18,
                  "text": "أمس",
                  "labels": [
                    "DATE"
                  ]
                }
              }
            ]
          }
        ]
      }
    ]
    "#);
    place.run(&["export", "gold.jsonl", "--to", "brat", "-o", "brat"]).ends_with(0);
    insta::assert_snapshot!(place.read("brat/a.ann").replace('\t', "→"), @"
    T1→CITY 9 13→طنجة
    T2→DATE 14 17→أمس
    ");
    place.run(&["export", "gold.jsonl", "--to", "webanno", "-o", "webanno"]).ends_with(0);
    insta::assert_snapshot!(place.read("webanno/a.txt.tsv").replace('\t', "→"), @"
    #FORMAT=WebAnno TSV 3.3
    #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value


    #Text=👍 لقاء وبطنجة أمس
    1-1→0-2→👍→_→
    1-2→3-7→لقاء→_→
    1-3→8-10→وب→_→
    1-4→10-14→طنجة→CITY→
    1-5→15-18→أمس→DATE→
    ");
}

#[test]
fn what_was_exported_scores_as_the_gold() {
    let place = place();
    for (format, output) in [
        ("jsonl", "out.jsonl"),
        ("spacy", "out.jsonl"),
        ("doccano", "out.jsonl"),
        ("label-studio", "out.json"),
        ("brat", "brat"),
        ("webanno", "webanno"),
    ] {
        place.run(&["export", "gold.jsonl", "--to", format, "-o", output]).ends_with(0);
        let scored = ["eval", output, "--from", format, "--gold", "gold.jsonl", "--min-f1", "1"];
        place.run(&scored).ends_with(0);
    }
    // Tokens have no white space, so CoNLL is scored against CoNLL.
    place.run(&["export", "gold.jsonl", "--to", "conll", "-o", "out.conll"]).ends_with(0);
    place.run(&["eval", "out.conll", "--gold", "out.conll", "--min-f1", "1"]).ends_with(0);
}

#[test]
fn what_cannot_be_exported_is_an_error() {
    let place = place();
    let refused = |arguments: &[&str], said: &str| {
        let run = place.run(&[&["export"], arguments].concat()).ends_with(2);
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    };
    refused(&["gold.jsonl", "--to", "brat"], "name a folder with `--output`");
    refused(&["gold.jsonl", "--to", "parquet"], "name one with `--output`");
    refused(&["gold.jsonl", "--from", "conll", "--to", "csv", "-o", "out.csv"], "tables are made of our own JSONL");
    refused(&["nowhere.jsonl", "--to", "conll"], "cannot read `nowhere.jsonl`");
    place.write("a.jsonl", "{\"id\":\"../a\",\"text\":\"a\",\"entities\":[]}");
    refused(&["a.jsonl", "--to", "brat", "-o", "brat"], "article `../a` cannot be a file");
    place.write("a.jsonl", "\n{\"id\":\"a\",\"entities\":[]}");
    refused(&["a.jsonl", "--to", "conll"], "`a.jsonl` line 2: expected an object with a `text`");
    place.write("a.jsonl", "{\"id\":\"a\",\"text\":\"a\",\"entities\":[{\"start\":0,\"end\":2,\"label\":\"PER\"}]}");
    refused(&["a.jsonl", "--to", "conll"], "from 0 to 2, but its text has 1 code points");
}

#[test]
fn our_own_format_keeps_what_it_does_not_know() {
    let place = place();
    let exported = place.run(&["export", "gold.jsonl", "--to", "jsonl"]).ends_with(0).records().remove(0);
    let gold: serde_json::Value = serde_json::from_str(place.read("gold.jsonl").trim()).unwrap();
    assert_eq!(exported, gold);
}

#[test]
fn a_folder_appears_whole() {
    let place = place();
    let gold = place.read("gold.jsonl");
    place.write("two.jsonl", format!("{gold}{}\n", json!({"id": "a.txt/b", "text": "a", "entities": []})));
    // `a.txt` cannot be both a file and a folder.
    place.run(&["export", "two.jsonl", "--to", "brat", "-o", "brat"]).ends_with(2);
    assert!(!place.path("brat").exists() && !place.path("brat.partial").exists());
}

/// Records of two articles that were annotated, of one that failed, and of one without entities.
fn annotated() -> Workplace {
    let place = Workplace::new();
    place.write("news/a.txt", "لقاء منير ليموري وبطنجة، أمس");
    place.write("news/b.txt", "قال \"Mounir\nLimouri\" وبطنجة");
    place.write("news/c.txt", [0]);
    place.write("news/d.txt", "لا شيء");
    place.annotate(&["news", "-o", "out.jsonl", "--reference-date", "2024-04-24"]).ends_with(1);
    place
}

#[test]
fn csv_has_a_row_an_entity() {
    let place = annotated();
    place.run(&["export", "out.jsonl", "--to", "csv", "-o", "out.csv"]).ends_with(0);
    let mut table = csv::Reader::from_path(place.path("out.csv")).unwrap();
    let columns: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| {
        let column = columns.iter().position(|column| column == name).unwrap();
        rows[row][column].to_owned()
    };
    assert_eq!(rows.len(), 5);
    assert_eq!((cell(2, "label"), cell(2, "first_day")), ("DATE".into(), "2024-04-23".into()));
    assert_eq!((cell(3, "text"), cell(3, "name")), ("Mounir\nLimouri".into(), "Mounir Limouri".into()));
    assert_eq!((cell(4, "article_id"), cell(4, "char_start")), ("b.txt".into(), "23".into()));
}

#[test]
fn parquet_has_the_rows_of_csv_with_types() {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };
    let place = annotated();
    place.run(&["export", "out.jsonl", "--to", "parquet", "-o", "out.parquet"]).ends_with(0);
    let reader = SerializedFileReader::new(std::fs::File::open(place.path("out.parquet")).unwrap()).unwrap();
    let rows: Vec<parquet::record::Row> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    let cell =
        |row: usize, name: &str| rows[row].get_column_iter().find(|(column, _)| *column == name).unwrap().1.clone();
    assert_eq!(rows.len(), 5);
    assert_eq!(cell(0, "name"), Field::Str("منير ليموري".into()));
    assert!(matches!((cell(0, "score"), cell(0, "char_start")), (Field::Double(_), Field::Long(5))));
    assert_eq!((cell(0, "first_day"), cell(2, "first_day")), (Field::Null, Field::Date(19836)));
}

#[test]
fn sqlite_has_articles_entities_and_counts() {
    let place = annotated();
    place.run(&["export", "out.jsonl", "--to", "sqlite", "-o", "out.db"]).ends_with(0);
    let database = rusqlite::Connection::open(place.path("out.db")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM articles"), 4);
    assert_eq!(count("SELECT count(*) FROM articles WHERE error_code = 'binary'"), 1);
    assert_eq!(count("SELECT count(*) FROM entities JOIN articles USING (article)"), 5);
    assert_eq!(count("SELECT mentions FROM counts WHERE label = 'CITY' AND name = 'طنجة'"), 2);
    assert_eq!(count("SELECT articles FROM counts WHERE label = 'PER' AND name = 'Mounir Limouri'"), 1);
    assert!(!place.path("out.db.partial").exists() && !place.path("out.db.partial-journal").exists());
}
