//! Defaults from `musamma.toml`, and how the program speaks on standard error.

use serde_json::Value;

use crate::util::{Workplace, annotate};

fn labels(run: &crate::util::Run) -> Vec<String> {
    let records = run.records();
    let entities = records[0]["entities"].as_array().unwrap();
    entities.iter().map(|entity| entity["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn defaults_hold_unless_the_command_line_says_otherwise() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة MedCities Mounir Limouri");
    place.write(
        "musamma.toml",
        "quiet = true\n[annotate]\nlabels = [\"PER\", \"ORG\"]\nmin-score = 0.5\n[eval]\nby = \"lang\"\n",
    );
    let run = place.annotate(&["a.txt"]).ends_with(0);
    assert_eq!(labels(&run), ["ORG", "PER"]);
    assert_eq!(run.stderr, "");
    assert_eq!(labels(&place.annotate(&["a.txt", "--labels", "CITY"]).ends_with(0)), ["CITY"]);
    place.write("other.toml", "[annotate]\nlabels = \"CITY\"\nmax-failures = 3\n");
    assert_eq!(labels(&place.annotate(&["a.txt", "--config", "other.toml"]).ends_with(0)), ["CITY"]);
    // What conflicts with the command line gives way.
    place.annotate(&["a.txt", "--config", "other.toml", "--fail-fast"]).ends_with(0);
    let output = place.command(&annotate(&["a.txt"])).env("MUSAMMA_CONFIG", "other.toml").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().matches("\"label\"").count(), 1);
}

#[test]
fn defaults_of_annotating_do_not_hinder_scoring() {
    let place = Workplace::new();
    place.write("gold.jsonl", "{\"id\":\"a\",\"text\":\"طنجة\",\"entities\":[]}\n");
    place.write("musamma.toml", "model = \"nobody\"\n");
    place.run(&["eval", "gold.jsonl", "--gold", "gold.jsonl"]).ends_with(0);
    let run = place.run(&["annotate", "gold.jsonl", "--engine", "scripted"]).ends_with(2);
    assert!(run.stderr.contains("no model named `nobody`"), "{}", run.stderr);
}

#[test]
fn wrong_defaults_are_errors() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    for (toml, said) in [
        ("labels = [\"PERSON\"]", "`labels`: invalid value 'PERSON'"),
        ("modell = \"x\"", "no command has an option `--modell`"),
        ("[annotate]\nmodes = \"strict\"", "`annotate` has no option `--modes`"),
        ("[anotate]\nquiet = true", "there is no command `anotate`"),
        ("[annotate]\nlabels = [[\"PER\"]]", "`labels`: expected text"),
        ("quiet = ", "cannot use the defaults in `musamma.toml`"),
    ] {
        place.write("musamma.toml", toml);
        let run = place.annotate(&["a.txt"]).ends_with(2);
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    let run = place.annotate(&["a.txt", "--config", "nowhere.toml"]).ends_with(2);
    assert!(run.stderr.contains("cannot read `nowhere.toml`"), "{}", run.stderr);
}

#[test]
fn standard_error_is_json_on_demand() {
    let place = Workplace::new();
    place.write("a.txt", "طنجة");
    place.write("b\n.txt", [0]);
    let lines = |arguments: &[&str]| -> Vec<Value> {
        place.run(arguments).stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let found = lines(&annotate(&["a.txt", "b\n.txt", "--log-format", "json"]));
    assert_eq!((&found[0]["level"], &found[1]["level"]), (&"warning".into(), &"summary".into()));
    assert!(found[0]["message"].as_str().unwrap().starts_with("`b\n.txt`: not text"));
    let found = lines(&["annotate", "nowhere", "--log-format=json"]);
    assert_eq!(found[0]["level"], "error");
}
