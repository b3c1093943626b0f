//! What the program says of itself.

use crate::util::Workplace;

#[test]
fn the_version_is_the_packages() {
    let run = Workplace::new().run(&["--version"]).ends_with(0);
    assert_eq!(run.stdout.trim(), format!("musamma {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn annotate_explains_itself() {
    insta::assert_snapshot!(Workplace::new().run(&["annotate", "-h"]).ends_with(0).stdout, @r#"
    Write down the entities of articles

    Usage: musamma annotate [OPTIONS] <PATH>...

    Arguments:
      <PATH>...  Files and folders of articles; `-` reads JSONL from standard input

    Options:
      -o, --output <FILE>      File to write to; `-`, the default, is standard output
      -f, --format <FORMAT>    How to write [possible values: jsonl, tsv, pretty]
          --labels <LABEL,…>   Only these labels, e.g. `PER,CITY`
          --min-score <SCORE>  Only entities with at least this score, 0 to 1 [default: 0]
          --with-text          Put the article's text into its record
      -q, --quiet              Print neither progress nor summary
      -h, --help               Print help (see more with '--help')
      -V, --version            Print version

    Input:
          --input-format <FORMAT>   How to read the input, whatever its file names say [possible values:
                                    text, jsonl]
          --id-field <FIELD>        Field of a JSONL record that holds the article's id [default: id]
          --text-field <FIELD>      Field that holds the text [default: text]
          --date-field <FIELD>      Field that holds the day of publication [default: date]
          --language-field <FIELD>  Field that holds the language, as an ISO 639-1 code [default: lang]

    Model:
          --model <NAME|DIR>          Model folder, or the name of one [default: e5-news-v0]
          --label-map <NAME=LABEL,…>  What labels of the model are here, e.g. `GPE=LOC,NORP=O`
          --engine <ENGINE>           Engine that runs the model [default: auto] [possible values: auto,
                                      rust-bert]
          --threads <N>               Threads of the engine; one a core by default
          --device <DEVICE>           Where to compute; an error where there is no such device [default:
                                      cpu] [possible values: cpu, cuda]

    Examples:
      musamma annotate articles/ -o annotations.jsonl
      musamma annotate today.txt
      cat dump.jsonl | musamma annotate - --text-field body > annotations.jsonl

    Exit status: 0 done; 1 some articles failed; 2 wrong usage or model; 130 interrupted.
    "#);
}

#[test]
fn every_subcommand_has_examples() {
    const SUBCOMMANDS: &[&str] = &["annotate"];
    for subcommand in SUBCOMMANDS {
        let help = Workplace::new().run(&[subcommand, "--help"]).ends_with(0).stdout;
        assert!(help.contains("Examples:") && help.contains("Exit status:"), "{help}");
    }
}
