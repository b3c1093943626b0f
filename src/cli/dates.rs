//! `musamma dates`.

use std::io::{self, BufRead, Write};

use anyhow::Context;
use clap::{Args as ClapArgs, builder::PossibleValuesParser};
use jiff::civil::Date;

use super::Outcome;
use crate::dates::{DateMention, find, languages};

/// Say which day the dates in a line of text mean
///
/// One line for each date: its words, its value in ISO-TimeML, its first and
/// last day, and what contradicts itself in it, separated by tabs. No model is
/// loaded.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  musamma dates --reference-date 2024-04-24 'أمس الثلاثاء'
  musamma dates --language fr 'mardi 12 mai 2020'
  echo 'last Friday' | musamma dates -

Exit status: 0 done; 2 wrong usage.")]
pub(super) struct Args {
    /// Text to read; `-` reads lines from standard input
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,

    /// Day from which “yesterday” is seen, e.g. 2024-04-24
    ///
    /// Without it, relative dates have no value.
    #[arg(long, value_name = "DATE")]
    reference_date: Option<Date>,

    /// Language of the text, as an ISO 639-1 code; found out by default
    #[arg(long, value_name = "CODE", value_parser = PossibleValuesParser::new(languages()))]
    language: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut output = io::stdout().lock();
    if matches!(args.text.as_slice(), [only] if only == "-") {
        for line in io::stdin().lock().lines() {
            args.print(&line.context("cannot read standard input")?, &mut output)?;
        }
    } else {
        args.print(&args.text.join(" "), &mut output)?;
    }
    Ok(Outcome::Done)
}

impl Args {
    fn print(&self, text: &str, output: &mut impl Write) -> io::Result<()> {
        for date in find(text, self.language.as_deref(), self.reference_date) {
            writeln!(output, "{}", row(text, &date))?;
        }
        Ok(())
    }
}

/// The fields of a date, empty where nothing is known; the last ones left out where all are empty.
fn row(text: &str, date: &DateMention) -> String {
    let words = text[date.range.clone()].replace(['\t', '\r', '\n'], " ");
    let value = date.value.filter(|value| value.interval().is_some());
    let interval = date.interval();
    let fields = [
        words,
        value.map_or(String::new(), |value| value.to_string()),
        interval.map_or(String::new(), |(first, _)| first.to_string()),
        interval.map_or(String::new(), |(_, last)| last.to_string()),
        date.conflict.map_or(String::new(), |conflict| conflict.to_string()),
    ];
    fields.join("\t").trim_end_matches('\t').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_row() {
        let rows = |text: &str, reference: Option<Date>| -> Vec<String> {
            find(text, Some("ar"), reference).iter().map(|date| row(text, date)).collect()
        };
        let day = "2024-04-24".parse().ok();
        assert_eq!(rows("أمس الثلاثاء", day), ["أمس الثلاثاء\t2024-04-23\t2024-04-23\t2024-04-23"]);
        assert_eq!(rows("أمس", None), ["أمس"]);
        assert_eq!(
            rows("الأحد 24 أبريل 2024", day),
            ["الأحد 24 أبريل 2024\t2024-04-24\t2024-04-24\t2024-04-24\tweekday"]
        );
    }
}
