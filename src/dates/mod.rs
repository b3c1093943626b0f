//! Dates: finds them and says which day they mean, without a model.
//!
//! ```text
//! lexicons/*.toml ─ lexicon   the words of each language
//!                     │
//!   text ── fold ── lex, numeric      → tokens: words with what they can mean
//!                     │
//! patterns.txt ── grammar, matcher    → the parts of a date: “Friday”, “12”, “May”
//!                     │
//!                   guard             what looks like a date and is none
//!                     │
//!                  resolve, hijri     → value, from the article's own day
//! ```
//!
//! `README.md` in this folder says how to add a language.

mod fold;
mod grammar;
mod guard;
mod hijri;
mod language;
mod lex;
mod lexicon;
mod matcher;
mod numeric;
mod reference;
mod resolve;
mod token;
mod value;

use std::ops::Range;

use jiff::civil::Date;

use crate::article::{Article, ArticleDate, DateSource};

pub use reference::{date_in_file_name, publication_date};
pub use resolve::Conflict;
pub use value::{Point, Season, Value};

use grammar::grammar;
use guard::Verdict;
use lexicon::NumericOrder;
use matcher::Match;
use resolve::{Context, Resolution};
use token::{Gap, Kind, Token};

/// A date in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateMention {
    /// The bytes it takes: `&text[mention.range.clone()]`.
    pub range: Range<usize>,
    /// What it says, where the text and the reference date tell it.
    pub value: Option<Value>,
    /// What contradicts itself in it.
    pub conflict: Option<Conflict>,
    /// Whether it says “nowadays” more often than it says which day: «اليوم»
    /// with nothing beside it. Where a model reads the text too, it decides.
    pub vague: bool,
}

impl DateMention {
    /// The first and the last day of the value.
    pub fn interval(&self) -> Option<(Date, Date)> {
        self.value?.interval()
    }
}

/// Finds the dates of a text, in order and without overlaps.
///
/// `language` is an ISO 639-1 code; without one, the language is found out.
/// Arabic is read in texts of every language. `reference` is the day of
/// publication: without it, relative dates have no value.
///
/// ```
/// use musamma::dates::find;
///
/// let text = "استقبل العمدة أمس الثلاثاء وفدا عن المدينة، وسيزورها في ماي المقبل.";
/// let dates = find(text, Some("ar"), "2024-04-24".parse().ok());
/// let found: Vec<_> = dates.iter().map(|date| (&text[date.range.clone()], date.value.unwrap().to_string())).collect();
/// assert_eq!(found, [("أمس الثلاثاء", "2024-04-23".to_owned()), ("ماي المقبل", "2024-05".to_owned())]);
/// ```
pub fn find(text: &str, language: Option<&str>, reference: Option<Date>) -> Vec<DateMention> {
    Dates::read(text, language).mentions(reference)
}

/// The dates of a text before they are put on the calendar: a text is read
/// once, for its own day and for its dates.
#[derive(Debug)]
pub struct Dates<'text> {
    text: &'text str,
    tokens: Vec<Token>,
    found: Vec<Match>,
}

impl<'text> Dates<'text> {
    /// Finds the dates of a text; `language` is an ISO 639-1 code, and is found out without one.
    pub fn read(text: &'text str, language: Option<&str>) -> Self {
        let lexicons = language::lexicons(text, language);
        let month_first = lexicons.first().is_some_and(|lexicon| lexicon.numeric_order == NumericOrder::MonthDay);
        let tokens = lex::lex(text, &lexicons);
        let found = matches(&tokens, month_first);
        Self { text, tokens, found }
    }

    /// Puts the dates on the calendar, seen from the day of publication; in
    /// order and without overlaps.
    pub fn mentions(&self, reference: Option<Date>) -> Vec<DateMention> {
        let tokens = &self.tokens;
        let mut found = self.found.clone();
        let mut mentions: Vec<DateMention> = Vec::with_capacity(found.len());
        let mut spoken_of = None;
        share_years(tokens, &mut found);
        for (at, date) in found.iter().enumerate() {
            let range = tokens[date.tokens.start].start..tokens[date.tokens.end - 1].end;
            let context = Context { reference, future: speaks_of_future(tokens, &date.tokens), spoken_of };
            let mut resolution = resolve::resolve(&date.parts, context);
            // «من 25 أكتوبر إلى 25 يناير»: the end of a span comes after its beginning.
            if let Some((before, mention)) = at.checked_sub(1).map(|before| (&found[before], &mentions[before]))
                && let Some((first, _)) = mention.interval()
                && spans(tokens, &before.tokens, &date.tokens)
                && before.month_without_year().is_some()
                && date.month_without_year().is_some()
                && resolution.value.and_then(|value| value.interval()).is_some_and(|(from, _)| from < first)
            {
                resolution = resolve::resolve(&date.parts, Context { reference: Some(first), future: true, spoken_of });
            }
            let Resolution { value, conflict } = resolution;
            if let Some((first, last)) = value.and_then(|value| value.interval())
                && first.year() == last.year()
                && first.month() == last.month()
            {
                spoken_of = Some((first.year(), first.month()));
            }
            let vague = guard::is_vague(tokens, date);
            mentions.push(DateMention { range, value, conflict, vague });
        }
        check_calendars(tokens, &found, &mut mentions);
        mentions
    }
}

/// The languages that dates are read in, as ISO 639-1 codes.
pub fn languages() -> impl Iterator<Item = &'static str> {
    lexicon::Lexicon::codes()
}

/// Whether there is a lexicon for a text. Otherwise [`find`] reads no words in
/// it, only dates in digits.
pub fn reads(text: &str, language: Option<&str>) -> bool {
    !language::lexicons(text, language).is_empty()
}

/// What a range of an article says as a date, read by itself: for a date that
/// something else than [`find`] found. `None` where most of it is none.
pub fn find_in(article: &Article, range: Range<usize>, reference: Option<Date>) -> Option<DateMention> {
    let text = article.text().get(range.clone())?;
    let found = find(text, article.language.as_deref(), reference);
    let [mention] = found.as_slice() else { return None };
    let whole = mention.range.len() * 2 > text.len();
    whole.then(|| DateMention { range, ..mention.clone() })
}

/// The day an article was published: what its input says, otherwise what its
/// text or its file's name tells, otherwise `fallback`. `dates` are those of its text.
pub fn date_of(article: &Article, dates: &Dates<'_>, fallback: Option<Date>) -> Option<ArticleDate> {
    let told = |day: Option<Date>, source| day.map(|day| ArticleDate { day, source });
    article
        .date
        .or_else(|| told(dates.publication_date(), DateSource::Dateline))
        .or_else(|| told(day_of_file(article), DateSource::Filename))
        .or_else(|| told(fallback, DateSource::Option))
}

/// The day in the name of an article's file.
pub(crate) fn day_of_file(article: &Article) -> Option<Date> {
    date_in_file_name(file_name(&article.id)?)
}

/// The name of an article's file; the id of a record in a JSONL file is none.
fn file_name(id: &str) -> Option<&str> {
    let name = id.rsplit('/').next()?;
    let (_, ending) = name.rsplit_once('.')?;
    let is_ending = matches!(ending.len(), 1..=5) && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_ending.then_some(name)
}

/// The dates among the tokens, from left to right: at each token the longest that is one.
fn matches(tokens: &[Token], month_first: bool) -> Vec<Match> {
    let grammar = grammar();
    let reaches = matcher::reaches(tokens);
    let mut dates = Vec::new();
    let mut candidates = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.facts.begins_date() {
            matcher::matches_at(grammar, tokens, at, reaches[at], &mut candidates);
            let judged = candidates.iter().enumerate().find_map(|(position, found)| {
                let verdict = guard::judge(grammar, tokens, found, month_first);
                (verdict != Verdict::NoDate).then_some((position, verdict))
            });
            if let Some((position, verdict)) = judged {
                let found = candidates.swap_remove(position);
                at = found.tokens.end;
                if verdict == Verdict::Date {
                    dates.push(found);
                }
                continue;
            }
        }
        at += 1;
    }
    dates
}

/// How the words between two dates join them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// `to`, «إلى», a dash.
    Span,
    /// `and`.
    List,
}

/// What joins two dates, where nothing else stands between them in their line.
fn joins(between: &[Token]) -> Option<Joining> {
    let mut joining = None;
    if between.len() > 3 {
        return None;
    }
    for token in between {
        if token.gap == Gap::Line {
            return None;
        }
        if token.is(Kind::To) || matches!(token.sign, Some('-' | '–')) {
            joining = Some(Joining::Span);
        } else if token.is(Kind::And) {
            joining = joining.or(Some(Joining::List));
        } else if !token.is(Kind::The) && !token.is(Kind::On) {
            return None;
        }
    }
    joining
}

/// Whether two dates are the first and the last of a span: `from … to …`, `between … and …`.
fn spans(tokens: &[Token], first: &Range<usize>, second: &Range<usize>) -> bool {
    let between = || tokens[first.start.saturating_sub(2)..first.start].iter().any(|token| token.is(Kind::Between));
    match joins(&tokens[first.end..second.start]) {
        Some(Joining::Span) => true,
        Some(Joining::List) => between(),
        None => false,
    }
}

/// «من 26 يونيو إلى 28 يوليوز 2020»: the year behind the second date is that
/// of the first too, or the one before where the months turn the year.
fn share_years(tokens: &[Token], found: &mut [Match]) {
    for at in 1..found.len() {
        let (before, after) = found.split_at_mut(at);
        let (Some(first), Some(second)) = (before.last_mut(), after.first()) else { continue };
        if let Some(month) = first.month_without_year()
            && let Some((year, last_month)) = second.month_and_year()
            && joins(&tokens[first.tokens.end..second.tokens.start]).is_some()
        {
            let turned = month > last_month;
            first.parts.push(matcher::Part::of_year(year - u16::from(turned)));
        }
    }
}

/// Whether the words near a date speak of what is to come; only those of its sentence count.
fn speaks_of_future(tokens: &[Token], date: &Range<usize>) -> bool {
    const BEFORE: usize = 14;
    const AFTER: usize = 6;
    let before =
        tokens[date.start.saturating_sub(BEFORE)..date.start].iter().rev().take_while(|token| !ends_sentence(token));
    let after =
        tokens[date.end..].iter().take(AFTER).take_while(|token| !ends_sentence(token) && token.gap < Gap::Line);
    // A line break before the date's own line ends the sentence too.
    let mut in_line = tokens[date.start].gap < Gap::Line;
    before
        .take_while(|token| {
            let seen = in_line;
            in_line &= token.gap < Gap::Line;
            seen
        })
        .chain(after)
        .any(|token| token.is(Kind::Future))
}

fn ends_sentence(token: &Token) -> bool {
    matches!(token.sign, Some('.' | '!' | '?' | '؟' | '…' | ';' | '؛'))
}

/// A Hijri and a Gregorian day side by side must be the same; the sighting of
/// the moon can move a Hijri date by one day.
fn check_calendars(tokens: &[Token], found: &[Match], mentions: &mut [DateMention]) {
    for (at, pair) in found.windows(2).enumerate() {
        let (first, second) = (&pair[0], &pair[1]);
        let between = &tokens[first.tokens.end..second.tokens.start];
        let beside = between.len() <= 3
            && between.iter().all(|token| {
                token.is(Kind::Equals)
                    || token.is(Kind::On)
                    || matches!(token.sign, Some('(' | '/' | '-' | '–' | ',' | '،' | '='))
            });
        if !beside || first.is_hijri() == second.is_hijri() {
            continue;
        }
        if let (Some(Value::Point(Point::Day(one))), Some(Value::Point(Point::Day(other)))) =
            (mentions[at].value, mentions[at + 1].value)
            && one.until(other).is_ok_and(|span| span.get_days().abs() > 1)
        {
            mentions[at].conflict = Some(Conflict::Hijri);
            mentions[at + 1].conflict = Some(Conflict::Hijri);
        }
    }
}

#[cfg(test)]
mod tests;
