//! Scores the date finder on the public suite of DateTime test cases: right
//! span and right value of the cases that the annotation guidelines count as
//! dates. `eval/dates/suite-classes.tsv` says which are left out, and why.
//!
//! ```text
//! cargo run --release --no-default-features --example dates_suite -- [--cases|--markdown] SUITE/ar.jsonl …
//! ```
//!
//! `--cases` prints the cases that are not right; `--markdown` makes `eval/reports/dates-suite.md`.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    path::Path,
};

use jiff::{ToSpan, civil::Date};
use musamma::dates::{self, DateMention};
use regex::Regex;
use serde_json::Value;

/// Words that the suite takes into its spans and the guidelines leave out.
const OUTSIDE: &str = "the on in at from between since after before until till by of for to this's le la les l' du de des en au aux depuis jusqu'au \
    el los las del desde hasta entre al a من في بين إلى ل ب منذ خلال حتى يوم هذا";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut verbose, mut markdown) = (false, false);
    let mut rows = Vec::new();
    let classes = classes(&fs::read_to_string("eval/dates/suite-classes.tsv")?)?;
    for path in std::env::args().skip(1) {
        if path == "--cases" {
            verbose = true;
            continue;
        }
        if path == "--markdown" {
            markdown = true;
            continue;
        }
        let language = Path::new(&path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let mut seen = HashSet::new();
        let (mut cases, mut right, mut spans, mut negative) = (0, 0, 0, 0);
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for (line, text) in fs::read_to_string(&path)?.lines().enumerate() {
            let case: Value = serde_json::from_str(text)?;
            let spec = case["spec"].as_str().unwrap_or_default();
            let input = case["input"].as_str().unwrap_or_default();
            if !(spec.ends_with("Parser") || spec.contains("Model")) {
                continue;
            }
            let results = case["results"].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_date = |result: &&Value| {
                matches!(
                    result["type"].as_str().map(|kind| kind.rsplit('.').next().unwrap_or(kind)),
                    Some("date" | "daterange")
                )
            };
            let expected: Vec<&Value> = results.iter().filter(is_date).collect();
            if expected.is_empty() && !results.is_empty() || !seen.insert(input.to_owned()) {
                continue;
            }
            let id = format!("{language}:{}", line + 1);
            if let Some(reason) = convention(spec, results, &expected).or_else(|| class_of(&classes, &id, &expected)) {
                *reasons.entry(reason).or_default() += 1;
                continue;
            }
            let reference = case["reference_date"].as_str().and_then(|date| date.get(..10)?.parse().ok());
            let found = dates::find(input, Some(&language), reference);
            let found = merge_ranges(input, &expected, found);
            let span_right = spans_right(input, &expected, &found);
            let values_right =
                span_right && expected.iter().zip(&found).all(|(expected, found)| value_right(expected, found));
            cases += 1;
            negative += usize::from(expected.is_empty());
            spans += usize::from(span_right);
            right += usize::from(values_right);
            if verbose && !values_right {
                let ours: Vec<String> = found
                    .iter()
                    .map(|found| {
                        format!(
                            "{} = {}",
                            &input[found.range.clone()],
                            found.value.map_or("-".into(), |value| value.to_string())
                        )
                    })
                    .collect();
                let theirs: Vec<String> = expected
                    .iter()
                    .map(|result| {
                        format!("{} = {}", result["text"].as_str().unwrap_or_default(), timexes(result).join("|"))
                    })
                    .collect();
                let mark = if span_right { "value" } else { "span " };
                println!(
                    "{id} {mark} {} | {input} | {} | ours {}",
                    case["reference_date"].as_str().unwrap_or("-").get(..10).unwrap_or("-"),
                    theirs.join(" ; "),
                    ours.join(" ; ")
                );
            }
        }
        rows.push(Row { language, cases, negative, spans, right, reasons });
    }
    if markdown {
        print_markdown(&rows);
    } else {
        for row in &rows {
            println!(
                "{}: {} cases, span {:.1} %, span and value {:.1} %; excluded {:?}",
                row.language,
                row.cases,
                row.percent(row.spans),
                row.percent(row.right),
                row.reasons
            );
        }
    }
    Ok(())
}

/// What one file of the suite came to.
struct Row {
    language: String,
    cases: usize,
    /// Cases without a date.
    negative: usize,
    spans: usize,
    right: usize,
    /// Excluded cases by reason.
    reasons: BTreeMap<String, usize>,
}

impl Row {
    fn percent(&self, part: usize) -> f64 {
        100.0 * part as f64 / self.cases.max(1) as f64
    }
}

fn print_markdown(rows: &[Row]) {
    println!("# The date finder on a public test suite\n");
    println!(
        "Microsoft's Recognizers-Text (MIT) has a suite of DateTime cases; half of it is used here. Counted are the specs \
         `…Model` and `…Parser`, the types `date` and `daterange`, each sentence once. Right is a case with all its spans and \
         nothing else (prepositions, articles and «يوم» at their beginning aside, which the suite takes in and the guidelines \
         leave out; a range of two whole dates counts together), and where one of the suite's values, the past or the future \
         one, is ours.\n"
    );
    println!("Made by `eval/dates/reports`.\n");
    println!("| language | cases counted | of them without a date | left out | right spans | right spans and values |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for row in rows {
        println!(
            "| {} | {} | {} | {} | {:.1} % | {:.1} % |",
            row.language,
            row.cases,
            row.negative,
            row.reasons.values().sum::<usize>(),
            row.percent(row.spans),
            row.percent(row.right)
        );
    }
    println!("\n## What is left out, and why\n");
    println!(
        "The suite's conventions are not those of the annotation guidelines everywhere. A case is left out by its own \
         annotation, whatever we find there; `eval/dates/suite-classes.tsv` has the patterns.\n"
    );
    println!("| reason | {} |", rows.iter().map(|row| row.language.as_str()).collect::<Vec<_>>().join(" | "));
    println!("| --- |{}", " --- |".repeat(rows.len()));
    let reasons: BTreeSet<&String> = rows.iter().flat_map(|row| row.reasons.keys()).collect();
    for reason in reasons {
        let counts: Vec<String> =
            rows.iter().map(|row| row.reasons.get(reason).map_or(String::new(), ToString::to_string)).collect();
        println!("| {reason} | {} |", counts.join(" | "));
    }
}

/// A pattern for expected spans, or the number of one case, and why it is left out.
struct Class {
    span: Option<Regex>,
    case: Option<String>,
    reason: String,
}

/// Lines of `PATTERN<TAB>REASON` or `case ID<TAB>REASON`; `#` begins a comment.
fn classes(table: &str) -> Result<Vec<Class>, regex::Error> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(pattern, reason)| {
            let case = pattern.strip_prefix("case ").map(str::to_owned);
            let span = if case.is_none() { Some(Regex::new(&format!("(?i){pattern}"))?) } else { None };
            Ok(Class { span, case, reason: reason.to_owned() })
        })
        .collect()
}

fn class_of(classes: &[Class], id: &str, expected: &[&Value]) -> Option<String> {
    let fits = |class: &&Class| {
        class.case.as_deref() == Some(id)
            || class.span.as_ref().is_some_and(|span| {
                expected.iter().any(|result| span.is_match(result["text"].as_str().unwrap_or_default()))
            })
    };
    classes.iter().find(fits).map(|class| class.reason.clone())
}

/// Why a case lies outside the guidelines by its own annotation, if it does.
fn convention(spec: &str, results: &[Value], expected: &[&Value]) -> Option<String> {
    if spec.starts_with("Holiday") {
        return Some("holiday".into());
    }
    if spec.starts_with("Set")
        || spec.starts_with("Duration")
        || spec.starts_with("Time")
        || spec.starts_with("DateTimePeriod")
    {
        return Some("clock time, duration or frequency".into());
    }
    if results.len() > expected.len() {
        return Some("beside a clock time, duration or frequency".into());
    }
    for result in expected {
        let timexes = timexes(result);
        let text = serde_json::to_string(&result["values"]).unwrap_or_default();
        if text.contains("\"Mod\"") || text.contains("\"mod\"") {
            return Some("before, after, early, late: a modifier inside the span".into());
        }
        for timex in timexes {
            if timex.contains("BD") {
                return Some("business days".into());
            }
            let duration = timex.rsplit(',').next().is_some_and(|last| timex.starts_with('(') && last.starts_with('P'));
            if duration && is_count_of_units(result["text"].as_str().unwrap_or_default()) {
                return Some("a duration from or to today".into());
            }
            if timex.contains('T') && timex.starts_with('T') {
                return Some("clock time".into());
            }
        }
    }
    None
}

/// `the last three weeks`, «الأيام القليلة الماضية»: how long, not when.
fn is_count_of_units(text: &str) -> bool {
    const UNITS: [&str; 26] = [
        "days",
        "weeks",
        "months",
        "years",
        "decades",
        "jours",
        "semaines",
        "mois",
        "ans",
        "années",
        "annees",
        "días",
        "dias",
        "semanas",
        "meses",
        "años",
        "décadas",
        "decadas",
        "أيام",
        "الأيام",
        "أسابيع",
        "أشهر",
        "سنوات",
        "أسبوعين",
        "اسبوعين",
        "rest",
    ];
    let text = text.to_lowercase();
    text.split(|letter: char| !letter.is_alphanumeric()).any(|word| UNITS.contains(&word))
}

fn timexes(result: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(&result["values"], &mut |key, value| {
        if key.eq_ignore_ascii_case("timex") {
            found.push(value.to_owned());
        }
    });
    found
}

/// Calls `visit` with every string of a JSON value and its key.
fn collect(value: &Value, visit: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) => visit(key, text),
                    _ => collect(value, visit),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, visit)),
        _ => {}
    }
}

/// The same dates, the words of [`OUTSIDE`] at their beginning aside.
fn spans_right(input: &str, expected: &[&Value], found: &[DateMention]) -> bool {
    expected.len() == found.len()
        && expected.iter().zip(found).all(|(expected, found)| {
            let theirs = core(expected["text"].as_str().unwrap_or_default());
            let ours = core(&input[found.range.clone()]);
            theirs == ours
        })
}

/// A range of two complete dates is one result in the suite and two dates by
/// the guidelines: both together count as the range.
fn merge_ranges(input: &str, expected: &[&Value], found: Vec<DateMention>) -> Vec<DateMention> {
    let mut merged: Vec<DateMention> = Vec::new();
    for mention in found {
        let previous = merged.last().cloned();
        if let Some(previous) = previous
            && let (Some((first, _)), Some((last_from, last))) = (previous.interval(), mention.interval())
        {
            let range = previous.range.start..mention.range.end;
            let between = input[previous.range.end..mention.range.start].to_lowercase();
            let is_range = expected
                .iter()
                .any(|result| core(result["text"].as_str().unwrap_or_default()) == core(&input[range.clone()]))
                && between.chars().count() <= 12
                && first < last_from;
            if is_range {
                merged.pop();
                let value = Some(dates::Value::Span(dates::Point::Day(first), dates::Point::Day(last)));
                merged.push(DateMention { range, value, ..previous });
                continue;
            }
        }
        merged.push(mention);
    }
    merged
}

/// A span in lower case without what stands outside by the guidelines.
fn core(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut text = lower.trim();
    loop {
        let before = text;
        for word in OUTSIDE.split_whitespace() {
            if let Some(rest) = text.strip_prefix(word)
                && (word.ends_with('\'') || rest.starts_with(' '))
            {
                text = rest.trim_start();
            }
        }
        if text == before {
            return text.trim_end_matches(['.', '\'']).trim_start_matches('\'').to_owned();
        }
    }
}

/// Whether our interval is one of theirs, the past or the future one.
fn value_right(expected: &Value, found: &DateMention) -> bool {
    let mut days = Vec::new();
    let mut starts = Vec::new();
    let mut ends = Vec::new();
    let mut unresolved = false;
    collect(&expected["values"], &mut |key, value| {
        let date = value.get(..10).and_then(|date| date.parse::<Date>().ok()).filter(|date| date.year() > 1);
        match key {
            "date" | "value" => match date {
                Some(date) => days.push(date),
                None => unresolved = true,
            },
            "startDate" | "start" => starts.extend(date),
            "endDate" | "end" => ends.extend(date),
            _ => {}
        }
    });
    let Some((from, to)) = found.interval() else { return days.is_empty() && starts.is_empty() };
    let value = found.value.map(|value| value.to_string()).unwrap_or_default();
    if days.is_empty() && starts.is_empty() {
        return timexes(expected).iter().any(|timex| {
            *timex == value
                || timex.trim_start_matches(['F', 'S', 'Y']) == value
                || timex.len() <= 2 && value.ends_with(timex.as_str())
        });
    }
    // Their date for a month or a year from now is a day of it.
    let day_right = days.iter().any(|&day| from <= day && day <= to);
    let span_right = starts.iter().zip(&ends).any(|(&start, &end)| {
        let last = to.checked_add(1.days()).is_ok_and(|after| after == end) || to == end || (from < end && end <= to);
        start == from && last
    });
    day_right || span_right
}
