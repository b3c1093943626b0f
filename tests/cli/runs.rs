//! Runs that stop and go on, shares and their merging, ledgers, and `verify`; with the scripted engine.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::util::{Workplace, annotate, records};

/// A JSONL dump of articles with these numbers.
fn dump(numbers: impl Iterator<Item = usize>, repeat: usize) -> String {
    let article = |number: usize| {
        let text = format!("مقال {number} {}", "لقاء منير ليموري وبطنجة مع MedCities ".repeat(repeat));
        format!("{}\n", json!({"id": format!("n{number}"), "text": text}))
    };
    numbers.map(article).collect()
}

fn statuses(place: &Workplace) -> Vec<(String, String)> {
    let ledger: Value = serde_json::from_str(&place.read("ledger.json")).unwrap();
    let field = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = ledger["articles"].as_array().unwrap();
    entries.iter().map(|entry| (field(entry, "id"), field(entry, "status"))).collect()
}

#[test]
fn a_second_run_annotates_only_what_is_new_or_changed() {
    let place = Workplace::new();
    place.write("news/a.txt", "زيارة طنجة");
    place.write("news/c.txt", "زيارة MedCities");
    place.annotate(&["news", "-o", "out.jsonl"]).ends_with(0);
    place.write("news/b.txt", "زيارة Mounir Limouri");
    place.write("news/c.txt", "زيارة MedCities وبطنجة");
    let run = place.annotate(&["news", "-o", "out.jsonl", "--ledger", "ledger.json"]).ends_with(0);
    assert!(run.stderr.contains("3 articles (0 failed), 1 kept"), "{}", run.stderr);
    let entry = |id: &str, status: &str| (id.to_owned(), status.to_owned());
    assert_eq!(statuses(&place), [entry("a.txt", "kept"), entry("b.txt", "annotated"), entry("c.txt", "annotated")]);
    let resumed = place.read("out.jsonl");
    place.annotate(&["news", "-o", "out.jsonl", "--ledger", "ledger.json", "--force"]).ends_with(0);
    assert!(statuses(&place).iter().all(|(_, status)| status == "annotated"));
    assert_eq!(place.read("out.jsonl"), resumed);
    // Other settings make other records; text in the record does not.
    place.annotate(&["news", "-o", "out.jsonl", "--labels", "CITY", "--ledger", "ledger.json"]).ends_with(0);
    assert!(statuses(&place).iter().all(|(_, status)| status == "annotated"));
    place
        .annotate(&["news", "-o", "out.jsonl", "--labels", "CITY", "--with-text", "--ledger", "ledger.json"])
        .ends_with(0);
    assert!(statuses(&place).iter().all(|(_, status)| status == "kept"));
    assert_eq!(records(&place.read("out.jsonl"))[1]["text"], "زيارة Mounir Limouri");
    // An article that is gone has no record.
    fs::remove_file(place.path("news/b.txt")).unwrap();
    place.annotate(&["news", "-o", "out.jsonl"]).ends_with(0);
    assert_eq!(records(&place.read("out.jsonl")).len(), 2);
}

#[test]
fn a_date_that_changed_is_looked_at_again() {
    let place = Workplace::new();
    let write = |day: &str| place.write("a.jsonl", format!("{}\n", json!({"id": "1", "text": "أمس", "date": day})));
    let value = || {
        place.annotate(&["a.jsonl", "-o", "out.jsonl"]).ends_with(0);
        records(&place.read("out.jsonl"))[0]["entities"][0]["value"].clone()
    };
    write("2024-04-24");
    assert_eq!(value(), "2024-04-23");
    write("2024-05-24");
    assert_eq!(value(), "2024-05-23");
}

#[test]
fn what_failed_is_tried_again() {
    let place = Workplace::new();
    place.write("news/a.txt", "طنجة");
    place.write("news/b.txt", [0xff, 0xfe, 0x00]);
    place.annotate(&["news", "-o", "out.jsonl"]).ends_with(1);
    place.write("news/b.txt", "طنجة الجديدة");
    let run = place.annotate(&["news", "-o", "out.jsonl"]).ends_with(0);
    assert!(run.stderr.contains("1 kept"), "{}", run.stderr);
}

/// Whole records, of which the last may be cut off only where the program was killed.
fn whole_lines(partial: &str) -> Vec<Value> {
    let whole = partial.rfind('\n').map_or("", |end| &partial[..=end]);
    records(whole)
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_a_run_loses_and_doubles_nothing() {
    let place = Workplace::new();
    place.write("news/b.jsonl", dump(0..500, 3));
    place.annotate(&["news", "-o", "whole.jsonl", "-q"]).ends_with(0);
    let whole = place.read("whole.jsonl");
    let expected = records(&whole);
    assert_eq!(expected.len(), 500);
    let command = || {
        let mut command = place.command(&annotate(&["news", "-o", "out.jsonl", "-q"]));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // How long a run takes here, so that the moments are spread over all of it.
    let began = Instant::now();
    assert!(command().wait().unwrap().success());
    let took = began.elapsed();
    fs::remove_file(place.path("out.jsonl")).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let (mut most, mut kills) = (0, 0);
    for _ in 0..15 {
        let mut child = command();
        thread::sleep(took.mul_f64(random.f64()));
        let killed = child.kill().is_ok() && !child.wait().unwrap().success();
        kills += usize::from(killed);
        if place.path("out.jsonl").exists() {
            assert_eq!(place.read("out.jsonl"), whole, "a finished output is whole");
            fs::remove_file(place.path("out.jsonl")).unwrap();
            most = 0;
            continue;
        }
        let partial = fs::read_to_string(place.path("out.jsonl.partial")).unwrap_or_default();
        let found = whole_lines(&partial);
        assert_eq!(found, expected[..found.len()], "a beginning of the whole");
        assert!(found.len() >= most, "{} records, there were {most}", found.len());
        most = found.len();
    }
    assert!(kills > 5, "only {kills} runs were killed");
    place.annotate(&["news", "-o", "out.jsonl", "-q"]).ends_with(0);
    assert_eq!(place.read("out.jsonl"), whole);
    assert!(!place.path("out.jsonl.partial").exists() && !place.path("out.jsonl.earlier").exists());
}

#[cfg(unix)]
#[test]
fn articles_that_come_between_lose_no_records_of_killed_runs() {
    let place = Workplace::new();
    let mut random = fastrand::Rng::with_seed(11);
    let mut known = std::collections::HashSet::new();
    for round in 0..12 {
        // New articles before those that are there.
        place.write(&format!("news/{:02}.jsonl", 50 - round), dump(round * 40..(round + 1) * 40, 3));
        let mut child = place
            .command(&annotate(&["news", "-o", "out.jsonl", "-q"]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(random.u64(0..700)));
        let _ = child.kill();
        child.wait().unwrap();
        let mut now = std::collections::HashSet::new();
        for file in ["out.jsonl", "out.jsonl.partial", "out.jsonl.earlier"] {
            let text = fs::read_to_string(place.path(file)).unwrap_or_default();
            now.extend(whole_lines(&text).iter().map(|record| record["id"].as_str().unwrap().to_owned()));
        }
        assert!(now.is_superset(&known), "round {round}: {} of {} are there", now.len(), known.len());
        known = now;
    }
    let kept = known.len();
    let run = place.annotate(&["news", "-o", "out.jsonl"]).ends_with(0);
    assert!(kept == 0 || run.stderr.contains(&format!("{kept} kept")), "{kept}: {}", run.stderr);
    place.annotate(&["news", "-o", "whole.jsonl", "-q"]).ends_with(0);
    assert_eq!(place.read("out.jsonl"), place.read("whole.jsonl"));
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_whole_records_stay_and_the_next_run_goes_on() {
    let place = Workplace::new();
    place.write("a.jsonl", dump(0..60, 5));
    let arguments = annotate(&["a.jsonl", "-o", "out.jsonl", "-q"]);
    // A file may not grow beyond 16 or 8 KiB, as the shell counts, and the signal that says so is ignored.
    let program = place.command(&[]).get_program().to_owned();
    let run = place.command(&[]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"]).arg(program).args(&arguments);
    shell.current_dir(run.get_current_dir().unwrap()).env_clear();
    let output = shell.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("cannot write the output"), "{stderr}");
    let partial = place.read("out.jsonl.partial");
    assert!(partial.ends_with('\n') && !records(&partial).is_empty() && partial.len() <= 16 * 1024);
    let kept = records(&partial).len();
    let run = place.annotate(&["a.jsonl", "-o", "out.jsonl"]).ends_with(0);
    assert!(run.stderr.contains(&format!("60 articles (0 failed), {kept} kept")), "{}", run.stderr);
    place.annotate(&["a.jsonl", "-o", "whole.jsonl"]).ends_with(0);
    assert_eq!(place.read("out.jsonl"), place.read("whole.jsonl"));
}

#[test]
fn two_runs_on_one_output_are_refused() {
    let place = Workplace::new();
    let mut first = place.command(&annotate(&["-", "-o", "out.jsonl", "-q"])).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    input.write_all(dump(0..1, 1).as_bytes()).unwrap();
    let began = Instant::now();
    while fs::metadata(place.path("out.jsonl.partial")).map_or(0, |metadata| metadata.len()) == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "the record does not come out");
        thread::sleep(Duration::from_millis(10));
    }
    place.write("a.txt", "طنجة");
    let second = place.annotate(&["a.txt", "-o", "out.jsonl"]).ends_with(2);
    assert!(second.stderr.contains("`out.jsonl` is being written by another run"), "{}", second.stderr);
    drop(input);
    assert!(first.wait().unwrap().success());
    assert_eq!(records(&place.read("out.jsonl"))[0]["id"], "n0");
    place.annotate(&["a.txt", "-o", "out.jsonl"]).ends_with(0);
}

#[test]
fn a_record_comes_out_before_the_input_ends() {
    let place = Workplace::new();
    let mut child =
        place.command(&annotate(&["-", "-o", "-", "-q"])).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for number in 0..5 {
        // The next article is only written when the record of this one is there.
        input.write_all(dump(number..number + 1, 1).as_bytes()).unwrap();
        let record: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(record["id"], format!("n{number}"));
    }
    drop(input);
    assert!(lines.next().is_none() && child.wait().unwrap().success());
}

#[test]
fn a_text_that_was_there_before_is_annotated_once() {
    let place = Workplace::new();
    place.write("a.txt", "زيارة طنجة");
    place.write("b.txt", "زيارة طنجة");
    place.write("c.txt", "");
    place.write("d.txt", "");
    let run = place.annotate(&["a.txt", "b.txt", "c.txt", "d.txt", "--ledger", "ledger.json"]).ends_with(0);
    let records = run.records();
    let of: Vec<Option<&str>> = records.iter().map(|record| record["duplicate_of"].as_str()).collect();
    assert_eq!(of, [None, Some("a.txt"), None, None]);
    assert_eq!(records[0]["entities"], records[1]["entities"]);
    assert_eq!(records[1]["entities"][0]["text"], "طنجة");
    assert_eq!(statuses(&place)[1].1, "duplicate");
    // Yesterday is another day there, so its dates are its own.
    let lines = [("1", "2024-04-24"), ("2", "2024-05-24")];
    let dump: String =
        lines.iter().map(|(id, day)| format!("{}\n", json!({"id": id, "text": "أمس", "date": day}))).collect();
    let records = place.annotate_stdin(&["-"], &dump).ends_with(0).records();
    assert_eq!(records[1]["duplicate_of"], "1");
    assert_eq!(records[1]["entities"][0]["value"], "2024-05-23");
}

#[test]
fn wire_copy_is_told_on_demand() {
    let place = Workplace::new();
    let body: Vec<String> = (0..120).map(|number| format!("word{number}")).collect();
    place.write("a.txt", format!("AFP {}", body.join(" ")));
    place.write("b.txt", format!("Reuters {}", body.join(" ")));
    let records = place.annotate(&["a.txt", "b.txt"]).ends_with(0).records();
    assert!(records[1]["entities"].is_array() && records[1].get("duplicate_of").is_none());
    let records = place.annotate(&["a.txt", "b.txt", "--near-duplicates"]).ends_with(0).records();
    assert_eq!(records[1]["duplicate_of"], "a.txt");
    assert!(records[1].get("entities").is_none());
    // 98 of 138 runs of three words in common.
    place.write("c.txt", format!("{} {}", "other ".repeat(20), body[20..].join(" ")));
    let near = |share: &str| {
        let records = place.annotate(&["a.txt", "c.txt", share]).ends_with(0).records();
        records[1]["duplicate_of"] == "a.txt"
    };
    assert!(near("--near-duplicates=0.5") && !near("--near-duplicates=0.95"));
}

#[test]
fn a_run_gives_up_after_so_many_failures() {
    let place = Workplace::new();
    for number in 0..6 {
        place.write(&format!("news/{number}.txt"), if number % 2 == 0 { &b"\0"[..] } else { "طنجة".as_bytes() });
    }
    let run = place.annotate(&["news", "-o", "out.jsonl", "--fail-fast", "--ledger", "ledger.json"]).ends_with(1);
    assert!(run.stderr.contains("stopped: more than 0 of 1 articles failed"), "{}", run.stderr);
    assert!(!place.path("out.jsonl").exists(), "the output is not whole");
    let ledger: Value = serde_json::from_str(&place.read("ledger.json")).unwrap();
    assert_eq!(ledger["run"]["gave_up"], true);
    place.annotate(&["news", "-o", "out.jsonl", "--max-failures", "1"]).ends_with(1);
    assert_eq!(records(&place.read("out.jsonl.partial")).len(), 3);
    place.annotate(&["news", "-o", "out.jsonl", "--max-failures", "3"]).ends_with(1);
    assert_eq!(records(&place.read("out.jsonl")).len(), 6);
}

#[test]
fn the_ledger_answers_for_every_article() {
    let place = Workplace::new();
    place.write("news/a.txt", "زيارة طنجة");
    place.write("news/b.txt", [0]);
    place.write("news/c.jsonl", "{\"id\":\"x\",\"text\":\"زيارة MedCities\"}\nnothing\n");
    place.annotate(&["news", "-o", "out.jsonl", "--ledger", "ledger.json"]).ends_with(1);
    let mut ledger: Value = serde_json::from_str(&place.read("ledger.json")).unwrap();
    for entry in ledger["articles"].as_array_mut().unwrap() {
        if let Some(seconds) = entry.get_mut("seconds") {
            assert!((0.0..60.0).contains(&seconds.as_f64().unwrap()));
            *seconds = json!(0);
        }
    }
    for measured in ["seconds", "words_per_second"] {
        assert!(ledger["run"][measured].as_f64().unwrap() > 0.0);
        ledger["run"][measured] = json!(0);
    }
    assert_eq!(ledger["run"]["musamma"], env!("CARGO_PKG_VERSION"));
    ledger["run"]["musamma"] = json!("VERSION");
    insta::assert_json_snapshot!(ledger);
    let written = records(&place.read("out.jsonl"));
    assert_eq!(ledger["run"]["settings"], written[0]["settings"]);
    assert_eq!(ledger["run"]["model_sha256"], written[0]["model_sha256"]);
}

#[test]
fn shares_join_into_what_one_machine_writes() {
    let place = Workplace::new();
    place.write("news/a.jsonl", dump(0..30, 2));
    place.write("news/b.jsonl", dump(20..50, 2));
    place.write("news/c.txt", "زيارة طنجة");
    place.write("news/d.txt", "زيارة طنجة");
    place.write("news/e.txt", [0]);
    place.annotate(&["news", "-o", "whole.jsonl"]).ends_with(1);
    let parts = ["1", "2", "3"].map(|number| format!("part-{number}.jsonl"));
    let mut counts = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        place.annotate(&["news", "-o", part, "--shard", &format!("{}/3", number + 1)]);
        counts.push(records(&place.read(part)).len());
    }
    assert!(counts.iter().all(|&count| count > 5) && counts.iter().sum::<usize>() == 63, "{counts:?}");
    let run = place.run(&["merge", &parts[2], &parts[0], &parts[1], "-o", "merged.jsonl"]).ends_with(0);
    assert!(run.stderr.contains("63 articles (11 failed) of 3 parts"), "{}", run.stderr);
    assert_eq!(place.read("merged.jsonl"), place.read("whole.jsonl"));
    let twice = place.run(&["merge", &parts[0], &parts[0], "-o", "twice.jsonl"]).ends_with(2);
    assert!(twice.stderr.contains("give each part once"), "{}", twice.stderr);
    assert!(!place.path("twice.jsonl").exists());
    place.run(&["verify", &parts[1], "--articles", "news", "--shard", "2/3"]).ends_with(0);
    place.annotate(&["news", "--shard", "4/3"]).ends_with(2);
}

#[test]
fn verify_finds_what_is_wrong() {
    let place = Workplace::new();
    place.write("news/a.txt", "\u{feff}👍 لقاء وبطنجة، أمس مع Mounir Limouri");
    place.write("news/b.txt", "زيارة طنجة");
    place.write("news/c.txt", [0]);
    place.write("news/d.jsonl", "{\"id\":\"x\",\"text\":\"طنجة\"}\n{\"id\":\"x\",\"text\":\"فاس\"}\n");
    place.annotate(&["news", "-o", "out.jsonl"]).ends_with(1);
    let run = place.run(&["verify", "out.jsonl", "--articles", "news"]).ends_with(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("5 records (2 failed), 5 entities in three units: all right"), "{}", run.stderr);

    let good = place.read("out.jsonl");
    let verify = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut changed = records(&good);
        change(&mut changed);
        let lines: String = changed.iter().map(|record| format!("{record}\n")).collect();
        place.write("changed.jsonl", lines);
        place.run(&["verify", "changed.jsonl", "--articles", "news", "-q"]).ends_with(1).stdout
    };
    let codes = |said: &str| said.lines().map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    for (unit, change) in [
        ("code points", json!({"start": 0})),
        ("bytes", json!({"bytes": [0, 3]})),
        ("UTF-16 units", json!({"utf16": [0, 4]})),
    ] {
        let said = verify(&|records| {
            for (field, value) in change.as_object().unwrap() {
                records[0]["entities"][0][field] = value.clone();
            }
        });
        assert!(said.contains(unit) && codes(&said).contains(&"slice".to_owned()), "{said}");
    }
    assert_eq!(codes(&verify(&|records| records[0]["sha256"] = "0".repeat(64).into())), ["hash"]);
    assert_eq!(codes(&verify(&|records| records[0]["chars"] = 3.into())), ["chars"]);
    assert_eq!(codes(&verify(&|records| drop(records.remove(1)))), ["missing"]);
    assert_eq!(codes(&verify(&|records| records[1]["id"] = "other.txt".into())), ["missing", "no_article"]);
    assert_eq!(codes(&verify(&|records| records.push(records[0].clone()))), ["same_id"]);
    assert_eq!(codes(&verify(&|records| records[0]["entities"].as_array_mut().unwrap().swap(0, 1))), ["order"]);
    assert_eq!(
        codes(&verify(&|records| records[1] = json!({"schema": "musamma/1", "id": "b.txt",
            "error": {"code": "encoding", "message": "?"}}))),
        ["readable"]
    );
}

#[test]
fn a_run_does_not_read_what_it_writes() {
    let place = Workplace::new();
    place.write("news/a.txt", "طنجة");
    let run = |times: usize| {
        for _ in 0..times {
            place.annotate(&["news", "-o", "news/out.jsonl", "--ledger", "news/ledger.jsonl"]).ends_with(0);
        }
        records(&place.read("news/out.jsonl")).len()
    };
    assert_eq!(run(2), 1);
}
