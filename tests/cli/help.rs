//! What the program says of itself.

use crate::util::Workplace;

#[test]
fn the_version_is_the_packages() {
    let run = Workplace::new().run(&["--version"]).ends_with(0);
    assert_eq!(run.stdout.trim(), format!("musamma {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn annotate_explains_itself() {
    insta::assert_snapshot!(Workplace::new().run(&["annotate", "-h"]).ends_with(0).stdout, @"
    Write down the entities of articles

    Usage: musamma annotate [OPTIONS] [PATH]...

    Arguments:
      [PATH]...  Files and folders of articles; `-` reads JSONL from standard input

    Options:
      -o, --output <FILE>          File to write to; `-`, the default, is standard output
      -f, --format <FORMAT>        How to write [possible values: jsonl, tsv, pretty]
          --labels <LABEL,…>       Only these labels, e.g. `PER,CITY`
          --min-score <SCORE>      Only entities with at least this score, 0 to 1 [default: 0]
          --thresholds <FILE>      File with the least score for each label, as `eval --thresholds`
                                   writes it
          --reference-date <DATE>  Day of publication of articles that tell none, e.g. 2024-04-24
          --raw                    Look for entities in page furniture too: comment forms, share lines,
                                   cookie banners
          --with-text              Put the article's text into its record
      -q, --quiet                  Print neither progress nor summary
      -h, --help                   Print help (see more with '--help')
      -V, --version                Print version

    Run:
          --force                      Annotate all articles, whatever earlier runs have done
          --ledger <FILE>              File to write what was done with each article to, as JSON
          --fail-fast                  Stop at the first article that fails
          --max-failures <N>           Stop when more than N articles have failed
          --shard <N/OF>               Only a share of the articles, e.g. `3/16`, the third of sixteen
          --near-duplicates[=<SHARE>]  Do not annotate what nearly repeats an article before it

    Input:
          --input-format <FORMAT>   How to read the input, whatever its file names say [possible values:
                                    text, markdown, html, jsonl, json, csv, tsv, warc, parquet, tar,
                                    zip]
          --encoding <NAME>         Encoding of all input, e.g. `windows-1256`; found out for each file
                                    by default
          --files-from <FILE>       File with further files and folders to read, one a line; `-` is
                                    standard input
          --glob <GLOB>             Read only files of folders that match, e.g. `*.html`, or with `!`
                                    before it do not
          --hidden                  Read hidden files and folders too
          --no-ignore               Read what `.gitignore`, `.ignore` and `.musammaignore` leave out too
          --max-article-bytes <N>   Most bytes of an article, decompressed; a larger one is an error
                                    [default: 16777216]
          --id-field <FIELD>        Field of a record, or column of a table, that holds the article's id
                                    [default: id]
          --text-field <FIELD>      Field that holds the text [default: text]
          --date-field <FIELD>      Field that holds the day of publication [default: date]
          --language-field <FIELD>  Field that holds the language, as an ISO 639-1 code [default: lang]

    Model:
          --model <NAME|DIR>          Model folder, or the name of one [default: e5-news-v2]
          --label-map <NAME=LABEL,…>  What labels of the model are here, e.g. `GPE=LOC,NORP=O`
          --engine <ENGINE>           Engine that runs the model [default: auto] [possible values: auto,
                                      onnx, rust-bert]
          --precision <PRECISION>     Numbers the engine multiplies; by default the fastest the model
                                      has [possible values: f32, int8]
          --threads <N>               Threads of the engine; one a core by default
          --device <DEVICE>           Where to compute; an error where there is no such device [default:
                                      cpu] [possible values: cpu, cuda]

    Examples:
      musamma annotate articles/ -o annotations.jsonl
      musamma annotate today.txt
      cat dump.jsonl | musamma annotate - --text-field body > annotations.jsonl
      musamma annotate articles/ -o annotations.jsonl --ledger ledger.json --max-failures 100
      musamma annotate articles/ -o part-3.jsonl --shard 3/16
      find crawl/ -newer last-run -name '*.html' | musamma annotate --files-from - -o new.jsonl

    Exit status: 0 done; 1 some articles failed; 2 wrong usage or model; 130 interrupted.
    ");
}

#[test]
fn eval_explains_itself() {
    // The options of model and input are those of `annotate`.
    let help = Workplace::new().run(&["eval", "-h"]).ends_with(0).stdout;
    let (own, shared) = help.split_once("\nScoring:").unwrap();
    assert!(shared.contains("--label-map"));
    insta::assert_snapshot!(own, @"
    Score annotations against articles labelled by hand

    Usage: musamma eval [OPTIONS] --gold <FILE> [PATH]...

    Arguments:
      [PATH]...  Annotations to score, as `annotate` writes them; `-` is standard input

    Options:
      -g, --gold <FILE>                   File with the labels made by hand, in the same form; may be
                                          given more than once
      -a, --annotate                      Annotate the articles at PATH first, then score that
          --raw                           With `--annotate`, look for entities in page furniture too, as
                                          `annotate --raw` does
          --min-score <SCORE>             With `--annotate`, only entities with at least this score, 0
                                          to 1 [default: 0]
          --by <KEY,…>                    Scores of parts of the articles beside those of all, e.g.
                                          `lang,folder` [possible values: lang, folder, file]
          --min-f1 <F1>                   Least F1 (strict, micro), 0 to 1; below it the exit status is
                                          1
          --errors <FILE>                 File to write every mistake to, one JSON object a line
          --analyse                       Also print a confusion matrix, the most frequent mistakes,
                                          scores by threshold and calibration
          --target-precision <PRECISION>  Also print, for each label, the lowest score that reaches this
                                          precision
          --thresholds <FILE>             File to write these scores to, for `annotate --thresholds`
          --as <TOOL>                     Also print the numbers that another scorer gives [possible
                                          values: seqeval, seqeval-strict, conlleval, spacy, nervaluate]
          --explain-difference            Name the entities on which that scorer and ours part
          --report <FILE>                 File to write a report to: a page with scores, analysis and
                                          the articles with mistakes, for a browser
      -q, --quiet                         Print neither progress nor summary of `--annotate`
      -h, --help                          Print help (see more with '--help')
      -V, --version                       Print version
    ");
}

#[test]
fn compare_explains_itself() {
    insta::assert_snapshot!(Workplace::new().run(&["compare", "-h"]).ends_with(0).stdout, @"
    Tell which of two sets of annotations is better, and whether that is chance

    Usage: musamma compare [OPTIONS] <FIRST> <SECOND>

    Arguments:
      <FIRST>   Annotations to compare with, as `eval` takes them
      <SECOND>  Annotations that may be better

    Options:
      -g, --gold <FILE>    File with the labels made by hand; may be given more than once
          --report <FILE>  File to write a report to, with `--gold`: a page for a browser
      -h, --help           Print help (see more with '--help')
      -V, --version        Print version

    Scoring:
          --modes <MODE,…>      What counts as right, e.g. `strict,exact,partial,type` [default:
                                strict,partial] [possible values: strict, exact, partial, type, clitic,
                                document]
          --map <NAME=LABEL,…>  Other names for labels on both sides, e.g. `CITY=LOC,MISC=O`
          --from <FORMAT>       How predictions are written; by default their names tell: `.conll`,
                                `.tsv`, folders, and JSONL for all others [possible values: jsonl,
                                conll, spacy, doccano, label-studio, brat, webanno]
          --gold-from <FORMAT>  How the gold is written, in the same way [possible values: jsonl, conll,
                                spacy, doccano, label-studio, brat, webanno]
          --bootstrap <N>       How often to draw the articles anew for the 95 % intervals; 0 for none
                                [default: 1000]
          --seed <N>            Seed of these draws; the same seed gives the same intervals [default: 1]
      -f, --format <FORMAT>     How to write the scores [default: table] [possible values: table, json,
                                markdown]

    Examples:
      musamma compare old.jsonl new.jsonl --gold gold.jsonl
      musamma compare old.jsonl new.jsonl --gold gold.jsonl --format json | jq .changes
      musamma compare annotator-1.jsonl annotator-2.jsonl

    Exit status: 0 done; 2 wrong usage, or annotations that do not fit each other.
    ");
}

#[test]
fn every_subcommand_has_examples() {
    const SUBCOMMANDS: &[&str] =
        &["annotate", "merge", "verify", "eval", "compare", "export", "view", "dates", "completions", "man"];
    for subcommand in SUBCOMMANDS {
        let help = Workplace::new().run(&[subcommand, "--help"]).ends_with(0).stdout;
        assert!(help.contains("Examples:") && help.contains("Exit status:"), "{help}");
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let place = Workplace::new();
    let help = place.run(&["--help"]).ends_with(0).stdout;
    let commands: Vec<&str> = help
        .split("Commands:\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next())
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 9 && help.contains("MUSAMMA_MODELS"), "{help}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).ends_with(0).stdout;
        assert!(
            commands.iter().all(|command| script.contains(command)) && script.contains("near-duplicates"),
            "{shell}"
        );
    }
    assert!(place.run(&["man"]).ends_with(0).stdout.starts_with(".ie"));
    place.run(&["man", "-o", "man1"]).ends_with(0);
    for command in &commands {
        let page = place.read(&format!("man1/musamma-{command}.1"));
        assert!(page.contains(&format!("musamma\\-{command}")) && page.contains("Examples:"), "{command}: {page}");
    }
    assert_eq!(std::fs::read_dir(place.path("man1")).unwrap().count(), commands.len() + 1);
}
