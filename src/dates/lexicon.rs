//! The words of the languages: data files, read once, in one table a language.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

use super::{
    fold::folded,
    token::{Calendar, Facts, Kind, Month, Relative, Season, Unit},
};

/// The data files, by ISO 639-1 code.
const FILES: [(&str, &str); 9] = [
    ("ar", include_str!("lexicons/ar.toml")),
    ("de", include_str!("lexicons/de.toml")),
    ("en", include_str!("lexicons/en.toml")),
    ("es", include_str!("lexicons/es.toml")),
    ("fr", include_str!("lexicons/fr.toml")),
    ("it", include_str!("lexicons/it.toml")),
    ("nl", include_str!("lexicons/nl.toml")),
    ("pt", include_str!("lexicons/pt.toml")),
    ("tr", include_str!("lexicons/tr.toml")),
];

static LEXICONS: LazyLock<HashMap<&'static str, Lexicon>> =
    LazyLock::new(|| FILES.iter().map(|&(code, text)| (code, Lexicon::read(code, text))).collect());

/// The order of day and month in a date of digits only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum NumericOrder {
    DayMonth,
    MonthDay,
}

/// A list of forms under each key; the keys are numbers or names.
type Table = BTreeMap<String, Vec<String>>;

/// A data file as it is written; `src/dates/README.md` says what each table holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    numeric_order: Option<NumericOrder>,
    proclitics: bool,
    roman_centuries: bool,
    joins_years: Option<bool>,
    months: Table,
    months_levantine: Table,
    months_hijri: Table,
    weekdays: Table,
    seasons: Table,
    units: Table,
    counted_units: BTreeMap<String, Table>,
    deictic: Table,
    relative: Table,
    numbers: Table,
    ordinals: Table,
    decades: Table,
    quarters: Table,
    words: Table,
    weak: Vec<String>,
    plural: Vec<String>,
    vague: Vec<String>,
    /// Directions that stand only before their noun, or only behind it.
    before_noun: Vec<String>,
    after_noun: Vec<String>,
    future: Cues,
    event: Events,
}

/// How a sentence speaks of what is to come.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Cues {
    words: Vec<String>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    except: Vec<String>,
}

/// Words for what happens on a day: beside them, «اليوم» is today.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Events {
    words: Vec<String>,
    /// Verbs without the letter of their person: «فتتح» for «يفتتح», «تفتتح», «سيفتتح».
    imperfect: Vec<String>,
}

impl Events {
    fn forms(&self) -> HashSet<String> {
        let persons = ["ي", "ت", "ن", "سي", "ست", "سن"];
        let imperfect = self.imperfect.iter().flat_map(|stem| persons.map(|person| folded(&format!("{person}{stem}"))));
        let words: Vec<String> = self.words.iter().map(|word| folded(word)).chain(imperfect).collect();
        // Arabic writes “and” together with the word.
        words.iter().flat_map(|word| [format!("و{word}"), format!("ف{word}"), word.clone()]).collect()
    }
}

/// The words of one language.
#[derive(Debug)]
pub(super) struct Lexicon {
    /// The order of day and month in a date of digits only.
    pub(super) numeric_order: NumericOrder,
    /// Whether one or two letters can be written before a word (Arabic).
    pub(super) proclitics: bool,
    /// Whether a Roman numeral beside the word for century is a number.
    pub(super) roman_centuries: bool,
    /// Whether `1998-2004` is one date; otherwise it is two.
    pub(super) joins_years: bool,
    /// First word of a phrase → the phrases that begin with it, longest first.
    phrases: HashMap<String, Vec<Phrase>>,
    future_prefixes: Vec<String>,
    future_suffixes: Vec<String>,
    future_except: Vec<String>,
    events: HashSet<String>,
}

/// One or more words with a meaning.
#[derive(Debug)]
pub(super) struct Phrase {
    /// The folded words after the first.
    pub(super) rest: Vec<String>,
    pub(super) facts: Facts,
}

impl Lexicon {
    /// The lexicon of a language, if there is one.
    pub(super) fn of(code: &str) -> Option<&'static Self> {
        LEXICONS.get(code)
    }

    /// The codes of the languages that have a lexicon.
    pub(super) fn codes() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|&(code, _)| code)
    }

    /// The phrases that begin with a folded word, longest first.
    pub(super) fn phrases(&self, first: &str) -> &[Phrase] {
        self.phrases.get(first).map_or(&[], Vec::as_slice)
    }

    /// Whether a word that is in no list speaks of the future by its form;
    /// `lower` keeps its diacritics, Spanish tells `será` from `para` by them.
    pub(super) fn is_future(&self, lower: &str) -> bool {
        if self.future_prefixes.is_empty() && self.future_suffixes.is_empty() {
            return false;
        }
        let long = lower.chars().take(5).count() == 5;
        let fits = self.future_prefixes.iter().any(|prefix| lower.starts_with(prefix.as_str()))
            || self.future_suffixes.iter().any(|suffix| lower.ends_with(suffix.as_str()));
        long && fits && !self.future_except.iter().any(|start| lower.starts_with(start.as_str()))
    }

    /// Whether a folded word tells of something that happens on a day.
    pub(super) fn is_event(&self, form: &str) -> bool {
        !self.events.is_empty() && self.events.contains(form)
    }

    /// A data file that cannot be read gives an empty lexicon; a test reads all of them.
    fn read(code: &str, text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|error| {
            debug_assert!(false, "lexicon {code}: {error}");
            Self::new(File::default(), Vec::new())
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let entries = file.entries()?;
        Ok(Self::new(file, entries))
    }

    fn new(file: File, entries: Vec<(String, Facts)>) -> Self {
        let split_all = |forms: &[String]| forms.iter().map(|form| split(form)).collect::<Vec<_>>();
        let (weak, plural, vague) = (split_all(&file.weak), split_all(&file.plural), split_all(&file.vague));
        let (before, after) = (split_all(&file.before_noun), split_all(&file.after_noun));
        let mut phrases: HashMap<String, Vec<Phrase>> = HashMap::new();
        for (form, mut facts) in entries {
            let words = split(&form);
            facts.weak = weak.contains(&words);
            facts.plural = plural.contains(&words);
            facts.vague = vague.contains(&words);
            if before.contains(&words) {
                facts.kinds &= !Kind::RelativeAfter.bit();
            }
            if after.contains(&words) {
                facts.kinds &= !Kind::RelativeBefore.bit();
            }
            let Some((first, rest)) = words.split_first() else { continue };
            let known = phrases.entry(first.clone()).or_default();
            match known.iter_mut().find(|phrase| phrase.rest == rest) {
                Some(phrase) => phrase.facts.merge(&facts),
                None => known.push(Phrase { rest: rest.to_vec(), facts }),
            }
        }
        for known in phrases.values_mut() {
            known.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len()));
        }
        Self {
            numeric_order: file.numeric_order.unwrap_or(NumericOrder::DayMonth),
            proclitics: file.proclitics,
            roman_centuries: file.roman_centuries,
            joins_years: file.joins_years.unwrap_or(true),
            phrases,
            future_prefixes: file.future.prefixes,
            future_suffixes: file.future.suffixes,
            future_except: file.future.except,
            events: file.event.forms(),
        }
    }
}

/// The folded words of a form. Hyphens, apostrophes and full stops only separate.
fn split(form: &str) -> Vec<String> {
    form.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '\'' | '’' | '.'))
        .map(folded)
        .filter(|word| !word.is_empty())
        .collect()
}

impl File {
    /// Every form with what it means.
    fn entries(&self) -> Result<Vec<(String, Facts)>, String> {
        let mut entries: Vec<(String, Facts)> = Vec::new();
        let mut add = |forms: &[String], facts: Facts| {
            entries.extend(forms.iter().map(|form| (form.clone(), facts)));
        };
        for (table, calendar, levantine) in [
            (&self.months, Calendar::Gregorian, false),
            (&self.months_levantine, Calendar::Gregorian, true),
            (&self.months_hijri, Calendar::Hijri, false),
        ] {
            for (number, forms) in table {
                let month = Month { number: parse(number)?, calendar, levantine };
                add(forms, Facts { month: Some(month), ..Facts::of(Kind::Month) });
            }
        }
        for (number, forms) in &self.weekdays {
            add(forms, Facts { weekday: parse(number)?, ..Facts::of(Kind::Weekday) });
        }
        for (name, forms) in &self.seasons {
            let season = Season::from_name(name).ok_or_else(|| format!("no season `{name}`"))?;
            add(forms, Facts { season: Some(season), ..Facts::of(Kind::Season) });
        }
        for (name, forms) in &self.units {
            add(forms, Facts::unit(unit(name)?, 0));
        }
        for (count, table) in &self.counted_units {
            for (name, forms) in table {
                add(forms, Facts::unit(unit(name)?, parse(count)?));
            }
        }
        for (offset, forms) in &self.deictic {
            let deictic = if offset == "other" { None } else { Some(parse(offset)?) };
            add(forms, Facts { deictic, ..Facts::of(Kind::Deictic) });
        }
        for (name, forms) in &self.relative {
            let relative = Relative::from_name(name).ok_or_else(|| format!("no direction `{name}`"))?;
            let mut facts = Facts { relative: Some(relative), ..Facts::of(Kind::RelativeBefore) };
            facts.kinds |= Kind::RelativeAfter.bit();
            add(forms, facts);
        }
        for (value, forms) in &self.numbers {
            add(forms, Facts { number: parse(value)?, ..Facts::of(Kind::NumberWord) });
        }
        for (value, forms) in &self.ordinals {
            let ordinal = if value == "last" { -1 } else { parse(value)? };
            add(forms, Facts { ordinal, ..Facts::of(Kind::Ordinal) });
        }
        for (value, forms) in &self.decades {
            add(forms, Facts { decade: parse(value)?, ..Facts::of(Kind::Decade) });
        }
        for (name, forms) in &self.quarters {
            let (unit, ordinal) = match name.split_at_checked(1) {
                Some(("q", number)) => (Unit::Quarter, parse(number)?),
                Some(("h", number)) => (Unit::Half, parse(number)?),
                _ => return Err(format!("no part of a year `{name}`")),
            };
            add(forms, Facts { unit: Some(unit), ordinal, ..Facts::of(Kind::NumberedUnit) });
        }
        for (name, forms) in &self.words {
            let kind = Kind::from_name(name).ok_or_else(|| format!("no class of words `{name}`"))?;
            let mut facts = Facts::of(kind);
            if kind == Kind::School {
                facts.kinds |= Kind::SchoolOrFiscal.bit();
            }
            add(forms, facts);
        }
        add(&self.future.words, Facts::of(Kind::Future));
        Ok(entries)
    }
}

fn parse<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is no number that fits here"))
}

fn unit(name: &str) -> Result<Unit, String> {
    Unit::from_name(name).ok_or_else(|| format!("no unit `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_can_be_read() {
        for (code, text) in FILES {
            let lexicon = Lexicon::parse(text).unwrap_or_else(|error| panic!("{code}: {error}"));
            assert!(!lexicon.phrases.is_empty(), "{code}");
        }
    }

    #[test]
    fn every_language_has_all_months_weekdays_seasons_and_units() {
        for (code, text) in FILES {
            let file: File = toml::from_str(text).unwrap();
            assert_eq!(file.months.len(), 12, "{code}");
            assert_eq!(file.weekdays.len(), 7, "{code}");
            assert_eq!(file.seasons.len(), 4, "{code}");
            for unit in ["day", "week", "month", "year", "decade", "century", "quarter"] {
                assert!(file.units.contains_key(unit), "{code}: {unit}");
            }
            for direction in ["last", "this", "next"] {
                assert!(file.relative.contains_key(direction), "{code}: {direction}");
            }
            assert!(file.weekdays.keys().all(|key| ("1"..="7").contains(&key.as_str())), "{code}");
        }
    }

    #[test]
    fn a_mistake_in_a_data_file_says_what_is_wrong() {
        for (text, message) in [
            ("[words]\nnonsense = ['x']", "no class of words `nonsense`"),
            ("[months]\nx = ['y']", "`x` is no number"),
            ("[units]\nminute = ['m']", "no unit `minute`"),
            ("[weekday]\n1 = ['m']", "unknown field"),
        ] {
            let error = Lexicon::parse(text).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
