//! Digits: days, years, whole dates in digits, and everything that looks like them.

use super::{
    lex::{Raw, Shape, plain},
    lexicon::{Lexicon, NumericOrder},
    token::{Facts, Gap, Kind, Numeric, Token},
};

/// More numbers in a row than any date has.
const LONGEST_ROW: usize = 4;

/// The tokens of a row of numbers; returns where to go on.
pub(super) fn number(text: &str, raws: &[Raw], at: usize, lexicons: &[&Lexicon], tokens: &mut Vec<Token>) -> usize {
    let row = Row::read(raws, at);
    let order = lexicons.first().map_or(NumericOrder::DayMonth, |lexicon| lexicon.numeric_order);
    let joins_years = lexicons.first().is_none_or(|lexicon| lexicon.joins_years);
    let attached = attached_before(text, raws, at, lexicons);
    let after = raws.get(row.end);
    let followed = after.is_some_and(|raw| raw.gap == Gap::Joined) && row.is_continued(text, raws);
    if !attached
        && !followed
        && let Some(facts) = row.date(order, joins_years)
    {
        tokens.push(Token { end: raws[row.end - 1].end, ..plain(&raws[at], facts) });
        return row.end;
    }
    // Decimals, clock times and numbers in four or more parts are none of ours.
    if row.is_opaque() {
        for raw in &raws[at..row.end] {
            let sign = if let Shape::Sign(sign) = raw.shape { Some(sign) } else { None };
            tokens.push(Token { sign, ..plain(raw, Facts::default()) });
        }
        return row.end;
    }
    single(text, raws, at, lexicons, attached, tokens)
}

/// Numbers joined by one kind of sign: `24/04/2024`, `10:30`, `3,5`.
#[derive(Debug)]
struct Row {
    separator: Option<char>,
    /// Value and digits of each number, up to [`LONGEST_ROW`].
    numbers: Vec<(u32, usize)>,
    /// One past the last stretch.
    end: usize,
}

impl Row {
    fn read(raws: &[Raw], at: usize) -> Self {
        let joined = Self::read_with(raws, at, false);
        if joined.separator.is_some() {
            return joined;
        }
        let spaced = Self::read_with(raws, at, true);
        // Between spaces, only three numbers that end or begin with a year are a date.
        let is_date = spaced.numbers.len() == 3 && (spaced.numbers[0].1 == 4 || spaced.numbers[2].1 == 4)
            || spaced.separator == Some('/') && spaced.numbers.len() == 2 && spaced.numbers[1].1 == 4;
        if is_date { spaced } else { joined }
    }

    fn read_with(raws: &[Raw], at: usize, spaced: bool) -> Self {
        let mut row = Self { separator: None, numbers: Vec::new(), end: at };
        let allowed = if spaced { Gap::Space } else { Gap::Joined };
        while let Some(&Raw { shape: Shape::Digits(value, count), gap, .. }) = raws.get(row.end) {
            if !row.numbers.is_empty() && gap > allowed {
                // The separator before it was the end of the sentence.
                row.end -= 1;
                break;
            }
            row.numbers.push((value, count));
            row.end += 1;
            let Some(&Raw { shape: Shape::Sign(sign), gap, .. }) = raws.get(row.end) else { return row };
            let separator = match sign {
                '‐' | '‑' | '–' | '−' | '‒' => '-',
                '٫' => '.',
                '٬' | '،' => ',',
                _ => sign,
            };
            let fits = match row.separator {
                Some(known) => known == separator,
                None => matches!(separator, '/' | '-' | '.' | ',' | ':') && (!spaced || matches!(separator, '/' | '-')),
            };
            if !fits || gap > allowed || row.numbers.len() > LONGEST_ROW {
                return row;
            }
            if !matches!(raws.get(row.end + 1), Some(Raw { shape: Shape::Digits(..), gap, .. }) if *gap <= allowed) {
                return row;
            }
            row.separator = Some(separator);
            row.end += 1;
        }
        row
    }

    /// Whether what is written right behind shows that the row is no date.
    fn is_continued(&self, text: &str, raws: &[Raw]) -> bool {
        let Some(next) = raws.get(self.end) else { return false };
        match next.shape {
            // The time of an ISO date, and the eras.
            Shape::Letters => !matches!(&text[next.start..next.end], "T" | "t" | "م" | "هـ" | "ه"),
            Shape::Sign(sign) => match sign {
                '/' | '.' | ':' | ',' => {
                    matches!(raws.get(self.end + 1), Some(Raw { shape: Shape::Digits(..), gap: Gap::Joined, .. }))
                }
                '%' | '٪' => true,
                _ => false,
            },
            Shape::Digits(..) => true,
        }
    }

    /// Whether the row is a number with a fraction, a clock time, the number of
    /// a law (`1083/2006`), or longer than a date.
    fn is_opaque(&self) -> bool {
        let is_law = || {
            self.separator == Some('/')
                && self.numbers.iter().filter(|number| matches!(number.0, 1300..2200)).count() == 1
        };
        matches!(self.separator, Some(',' | ':' | '.')) || self.numbers.len() > 2 || is_law()
    }

    fn date(&self, order: NumericOrder, joins_years: bool) -> Option<Facts> {
        let separator = self.separator?;
        match *self.numbers.as_slice() {
            [first, second, third] if matches!(separator, '/' | '-' | '.') => {
                three(first, second, third, order).map(|numeric| Facts { numeric, ..Facts::of(Kind::NumericDate) })
            }
            [first, second] => two(first, second, separator, order, joins_years),
            _ => None,
        }
    }
}

/// Year, month and day in the order that fits.
fn three(first: (u32, usize), second: (u32, usize), third: (u32, usize), order: NumericOrder) -> Option<Numeric> {
    let ((year, digits), one, other, order) = match (first.1, second.1, third.1) {
        (4, 1..=2, 1..=2) => (first, second.0, third.0, NumericOrder::MonthDay),
        (1..=2, 1..=2, 4 | 2) => (third, first.0, second.0, order),
        _ => return None,
    };
    let (day, month) = match order {
        NumericOrder::MonthDay if one <= 12 => (other, one),
        NumericOrder::DayMonth if other > 12 => (other, one),
        _ => (one, other),
    };
    let year = if digits == 2 { full_year(year) } else { year };
    let plausible = (1..=12).contains(&month) && (1..=31).contains(&day) && (1000..2200).contains(&year);
    plausible.then_some(Numeric { year: year as u16, month: month as u8, day: day as u8, other_year: 0 })
}

/// The year that two digits stand for: from 1950 on.
pub(super) fn full_year(short: u32) -> u32 {
    if short < 50 { 2000 + short } else { 1900 + short }
}

fn two(
    first: (u32, usize),
    second: (u32, usize),
    separator: char,
    order: NumericOrder,
    joins_years: bool,
) -> Option<Facts> {
    if !matches!(separator, '/' | '-' | '.') {
        return None;
    }
    let year = |value: u32| (1000..2200).contains(&value);
    let month = |value: u32| (1..=12).contains(&value);
    let numeric = |kind, year: u32, month: u32, day: u32, other: u32| {
        let numeric = Numeric { year: year as u16, month: month as u8, day: day as u8, other_year: other as u16 };
        Some(Facts { numeric, ..Facts::of(kind) })
    };
    match (first, second) {
        // School years in either order, and spans: 2019/2020, 2021-2020, 1998-2004.
        ((one, 4), (other, 4))
            if separator != '.'
                && year(one)
                && year(other)
                && (one.abs_diff(other) == 1 || joins_years && one < other && other - one <= 150) =>
        {
            numeric(Kind::YearPair, one, 0, 0, other)
        }
        // 2023-24; 2011-12 is a pair of years too, not a month.
        ((one, 4), (other, 2)) if separator != '.' && year(one) && other == (one + 1) % 100 => {
            numeric(Kind::YearPair, one, 0, 0, one + 1)
        }
        // 1965-71: the second is no month, and written short it cannot stand alone.
        ((one, 4), (other, 2)) if separator == '-' && year(one) && other > one % 100 && other > 12 => {
            numeric(Kind::YearPair, one, 0, 0, one / 100 * 100 + other)
        }
        ((one, 4), (other, 1..=2)) if separator != '.' && year(one) && month(other) => {
            numeric(Kind::NumericMonth, one, other, 0, 0)
        }
        ((one, 1..=2), (other, 4)) if year(other) && month(one) => numeric(Kind::NumericMonth, other, one, 0, 0),
        ((one, 1..=2), (other, 1..=2)) if separator == '/' => {
            let (day, month) = match order {
                NumericOrder::MonthDay if one <= 12 => (other, one),
                NumericOrder::DayMonth if other > 12 => (other, one),
                _ => (one, other),
            };
            let plausible = (1..=12).contains(&month) && (1..=31).contains(&day);
            // 22/04 and 4/22 look like nothing else; 9/10 and 24/7 do.
            let leading_zero = first.1 == 2 && one < 10 || second.1 == 2 && other < 10;
            let unlike_fraction = leading_zero || one.max(other) > 12 && (one, other) != (24, 7);
            if !plausible {
                return None;
            }
            let facts = numeric(Kind::NumericDay, 0, month, day, 0)?;
            Some(Facts { weak: !unlike_fraction, ..facts })
        }
        _ => None,
    }
}

/// Whether a number belongs to what stands right before it: `G20`, `covid-19`, `$2000`, `+212`.
fn attached_before(text: &str, raws: &[Raw], at: usize, lexicons: &[&Lexicon]) -> bool {
    if raws[at].gap != Gap::Joined {
        return false;
    }
    let Some(before) = at.checked_sub(1).map(|before| &raws[before]) else { return false };
    match before.shape {
        Shape::Letters => {
            let written = &text[before.start..before.end];
            written.is_ascii() && !has_kind(lexicons, written, Kind::Month)
        }
        Shape::Sign('$' | '€' | '£' | '¥' | '+' | '#' | '@' | '_' | '=' | '&' | '²') => true,
        Shape::Sign('-' | '.' | ',' | '/' | ':' | '،') => {
            let previous = at.checked_sub(2).map(|previous| &raws[previous]).filter(|_| before.gap == Gap::Joined);
            match (previous.map(|raw| raw.shape), before.shape) {
                // A row that was too long, or of mixed signs.
                (Some(Shape::Digits(..)), Shape::Sign('.' | ',' | ':')) => true,
                (Some(Shape::Letters), Shape::Sign('-')) => {
                    previous.is_some_and(|raw| text[raw.start..raw.end].is_ascii() && raw.end - raw.start != 3)
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// A number by itself.
fn single(
    text: &str,
    raws: &[Raw],
    at: usize,
    lexicons: &[&Lexicon],
    attached: bool,
    tokens: &mut Vec<Token>,
) -> usize {
    let raw = &raws[at];
    let Shape::Digits(value, digits) = raw.shape else { return at + 1 };
    let mut token = plain(raw, Facts::default());
    if attached {
        tokens.push(token);
        return at + 1;
    }
    let mut facts = match digits {
        1 | 2 => Facts::of(Kind::ShortNumber),
        3 => Facts::of(Kind::ThreeDigits),
        4 if (1000..2200).contains(&value) => Facts::of(Kind::Year),
        _ => Facts::default(),
    };
    facts.number = u16::try_from(value).unwrap_or(0);
    let mut end = at + 1;
    // An apostrophe before a decade: 1990's, 70's.
    let apostrophe = matches!(raws.get(end), Some(Raw { shape: Shape::Sign('\'' | '’'), gap: Gap::Joined, .. }));
    let suffix = end + usize::from(apostrophe);
    // Spanish writes 1.º
    let full_stop = matches!(raws.get(end), Some(Raw { shape: Shape::Sign('.'), gap: Gap::Joined, .. }));
    if let Some(raw) = raws.get(suffix).filter(|raw| raw.gap == Gap::Joined) {
        let after = &text[raw.start..raw.end];
        match raw.shape {
            Shape::Letters if !has_kind(lexicons, after, Kind::OrdinalSuffix) || apostrophe => {
                if has_kind(lexicons, after, Kind::DecadeSuffix) && value % 10 == 0 && matches!(digits, 2 | 4) {
                    facts = Facts { decade: facts.number, ..Facts::of(Kind::Decade) };
                    end = suffix + 1;
                } else if !apostrophe
                    && after.is_ascii()
                    && !knows(lexicons, after)
                    && !is_numbered_unit(raws, suffix, after, lexicons)
                {
                    // 4x4, 20km, 14h.
                    facts = Facts::default();
                }
            }
            Shape::Letters if digits <= 2 => {
                facts = Facts { ordinal: value as i8, ..facts };
                facts.merge(&Facts::of(Kind::Ordinal));
                end = suffix + 1;
            }
            Shape::Sign('°') if digits <= 2 => {
                facts = Facts { ordinal: value as i8, ..facts };
                facts.merge(&Facts::of(Kind::Ordinal));
                end = suffix + 1;
            }
            Shape::Sign('%' | '٪' | '$' | '€' | '£' | '²' | '³') => facts = Facts::default(),
            _ => {}
        }
    } else if let Some(Raw { shape: Shape::Sign('%' | '٪' | '$' | '€' | '£' | '°'), .. }) = raws.get(end) {
        facts = Facts::default();
    }
    if full_stop
        && digits <= 2
        && let Some(raw) = raws.get(end + 1).filter(|raw| raw.gap == Gap::Joined && raw.shape == Shape::Letters)
        && matches!(&text[raw.start..raw.end], "º" | "ª")
    {
        facts = Facts { ordinal: value as i8, ..facts };
        facts.merge(&Facts::of(Kind::Ordinal));
        end += 2;
    }
    token.facts = facts;
    token.end = raws[end - 1].end;
    tokens.push(token);
    end
}

/// `2016H2`: a part of the year, written together with it.
fn is_numbered_unit(raws: &[Raw], at: usize, letters: &str, lexicons: &[&Lexicon]) -> bool {
    match raws.get(at + 1) {
        Some(&Raw { shape: Shape::Digits(value, 1), gap: Gap::Joined, .. }) => {
            has_kind(lexicons, &format!("{letters}{value}"), Kind::NumberedUnit)
        }
        _ => false,
    }
}

fn has_kind(lexicons: &[&Lexicon], word: &str, kind: Kind) -> bool {
    let form = super::fold::folded(word);
    lexicons
        .iter()
        .any(|lexicon| lexicon.phrases(&form).iter().any(|phrase| phrase.rest.is_empty() && phrase.facts.is(kind)))
}

fn knows(lexicons: &[&Lexicon], word: &str) -> bool {
    let form = super::fold::folded(word);
    form.len() > 1 && lexicons.iter().any(|lexicon| lexicon.phrases(&form).iter().any(|phrase| phrase.rest.is_empty()))
}

/// A Roman numeral up to 30, with or without its ordinal ending: `XIX`, `XIXe`, `XXème`.
pub(super) fn roman(written: &str) -> Option<Facts> {
    let letters = written.trim_end_matches(|letter: char| !matches!(letter, 'I' | 'V' | 'X'));
    if letters.is_empty()
        || letters.len() > 6
        || !matches!(&written[letters.len()..], "" | "e" | "è" | "er" | "ème" | "eme")
    {
        return None;
    }
    let digit = |letter| match letter {
        b'I' => 1,
        b'V' => 5,
        _ => 10,
    };
    if !letters.bytes().all(|letter| matches!(letter, b'I' | b'V' | b'X')) {
        return None;
    }
    let bytes = letters.as_bytes();
    let value: i32 = bytes
        .iter()
        .enumerate()
        .map(|(at, &letter)| {
            let subtract = bytes.get(at + 1).is_some_and(|&next| digit(next) > digit(letter));
            if subtract { -digit(letter) } else { digit(letter) }
        })
        .sum();
    let ordinal = i8::try_from(value).ok().filter(|value| (1..=30).contains(value))?;
    Some(Facts { ordinal, ..Facts::of(Kind::Roman) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::lex::lex;

    fn numeric(language: &str, text: &str) -> Option<(u16, u8, u8, u16)> {
        let tokens = lex(text, &[Lexicon::of(language).unwrap()]);
        let found = tokens.iter().find(|token| token.facts.numeric != Numeric::default())?;
        let Numeric { year, month, day, other_year } = found.facts.numeric;
        Some((year, month, day, other_year))
    }

    #[test]
    fn dates_in_digits_of_all_orders() {
        for (language, text, expected) in [
            ("fr", "24/04/2024", (2024, 4, 24, 0)),
            ("fr", "24.04.2024", (2024, 4, 24, 0)),
            ("ar", "٢٤/٠٤/٢٠٢٤", (2024, 4, 24, 0)),
            ("ar", "27 - 10 - 2018", (2018, 10, 27, 0)),
            ("ar", "2024/4/24", (2024, 4, 24, 0)),
            ("en", "2024-04-24T10:30:00Z", (2024, 4, 24, 0)),
            ("en", "4/24/2024", (2024, 4, 24, 0)),
            ("en", "24/4/2024", (2024, 4, 24, 0)),
            ("en", "3/7/2017", (2017, 3, 7, 0)),
            ("es", "3/7/2017", (2017, 7, 3, 0)),
            ("es", "15.05.99", (1999, 5, 15, 0)),
            ("fr", "4/2024", (2024, 4, 0, 0)),
            ("fr", "2019/2020", (2019, 0, 0, 2020)),
            ("en", "2023-24", (2023, 0, 0, 2024)),
            ("ar", "2021-2020", (2021, 0, 0, 2020)),
        ] {
            assert_eq!(numeric(language, text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for text in ["10:30", "3.14", "1,500", "192.168.1.1", "06-12-34-56-78", "99/99/2024", "2-1", "12/04/2024/7"] {
            assert_eq!(numeric("en", text), None, "{text}");
        }
    }

    #[test]
    fn roman_numerals_have_values() {
        for (written, value) in [("XIX", 19), ("XXe", 20), ("IV", 4), ("XVIII", 18)] {
            assert_eq!(roman(written).map(|facts| facts.ordinal), Some(value));
        }
        assert!(roman("Xavier").is_none() && roman("mix").is_none() && roman("").is_none());
    }
}
