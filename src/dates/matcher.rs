//! Runs the patterns over the tokens.

use std::ops::Range;

use super::{
    grammar::{Grammar, Node, Term},
    numeric::full_year,
    token::{Calendar, Facts, Gap, Kind, Month, Numeric, Relative, Season, Token, Unit},
};

/// Repetitions of an item in a list. A bound keeps the work at each token constant.
const MOST_REPETITIONS: usize = 12;

/// What a part of a date names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    Day(u8),
    Weekday(u8),
    /// Days from the reference date; `None` from another day.
    Deictic(Option<i8>),
    Month(Month),
    Season(Season),
    Year(u16),
    /// 1990 or, without its century, 90.
    Decade(u16),
    Unit(Unit),
    Numeric(Numeric, Kind),
    /// No noun of its own: an ordinal in a list, a direction for what stands beside it.
    None,
}

/// How a number of units leads to a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    Ago,
    Ahead,
    /// From another point than the reference date.
    Elsewhen,
}

/// How years are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    Gregorian,
    Hijri,
    BeforeChrist,
}

/// One part of a date: a day, a month, “last year”, “the third quarter”.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) noun: Noun,
    pub(super) relative: Option<Relative>,
    /// -1 is the last of its row.
    pub(super) ordinal: Option<i8>,
    pub(super) count: Option<u16>,
    pub(super) shift: Option<Shift>,
    pub(super) era: Option<Era>,
    /// The second name of a month that was written with two.
    pub(super) double: Option<Month>,
    /// A number of a year beside its noun.
    pub(super) year: Option<u16>,
    /// A word of it is also a common word.
    pub(super) weak: bool,
    /// A year, a quarter … that has its noun written: «سنة 2024».
    pub(super) headed: bool,
    /// A word of it speaks of several.
    pub(super) plural: bool,
    /// Alone it is more often “nowadays”, or how long something has lasted.
    pub(super) vague: bool,
    /// A school year.
    pub(super) school: bool,
}

impl Part {
    /// A year.
    pub(super) fn of_year(year: u16) -> Self {
        Self { noun: Noun::Year(year), ..Self::EMPTY }
    }

    fn gregorian_month(&self) -> Option<u8> {
        match self.noun {
            Noun::Month(Month { number, calendar: Calendar::Gregorian, .. }) => Some(number),
            _ => None,
        }
    }

    const EMPTY: Self = Self {
        noun: Noun::None,
        relative: None,
        ordinal: None,
        count: None,
        shift: None,
        era: None,
        double: None,
        year: None,
        weak: false,
        headed: false,
        plural: false,
        vague: false,
        school: false,
    };
}

/// A stretch of tokens that fits a pattern.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub(super) rule: usize,
    pub(super) tokens: Range<usize>,
    pub(super) parts: Vec<Part>,
}

/// For each token, the classes of all tokens from it to the next that no
/// pattern can take: what a date that begins there can be made of.
pub(super) fn reaches(tokens: &[Token]) -> Vec<u64> {
    let mut reaches = vec![0; tokens.len()];
    let mut following = 0;
    for (token, reach) in tokens.iter().zip(&mut reaches).rev() {
        let is_word = token.sign.is_none() && !token.facts.any();
        *reach = if is_word { 0 } else { following | token.facts.kinds };
        following = if token.gap == Gap::Line { 0 } else { *reach };
    }
    reaches
}

/// All whole dates that begin at a token, longest first; of two with the same
/// length, the one whose rule stands first. `reach` is that of the token.
pub(super) fn matches_at(grammar: &Grammar, tokens: &[Token], at: usize, reach: u64, found: &mut Vec<Match>) {
    found.clear();
    let Some(kinds) = tokens.get(at).map(|token| token.facts.kinds) else { return };
    let mut run = Run { grammar, tokens, parts: Vec::new(), open: false, first: at };
    for date in &grammar.dates {
        for alternative in date.alternatives.iter().filter(|alternative| alternative.may_fit(kinds, reach)) {
            run.parts.clear();
            run.open = false;
            if let Some(end) = run.node(&alternative.node, at).filter(|&end| end > at) {
                found.push(Match { rule: date.rule, tokens: at..end, parts: run.parts.clone() });
                break;
            }
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.tokens.end));
}

struct Run<'run> {
    grammar: &'run Grammar,
    tokens: &'run [Token],
    parts: Vec<Part>,
    /// Whether the last part is still being filled.
    open: bool,
    /// The token that the date begins with.
    first: usize,
}

impl Run<'_> {
    /// One past the last token that a node takes, or `None` where it does not fit;
    /// then the parts are as they were.
    fn node(&mut self, node: &Node, at: usize) -> Option<usize> {
        match node {
            Node::Term(term) => self.term(*term, at),
            Node::Rule(rule) => self.node(self.grammar.rules.get(*rule)?, at),
            Node::Sequence(nodes) => {
                let saved = self.save();
                let mut end = at;
                for node in nodes {
                    match self.node(node, end) {
                        Some(next) => end = next,
                        None => {
                            self.restore(saved);
                            return None;
                        }
                    }
                }
                Some(end)
            }
            Node::Choice(nodes) => nodes.iter().find_map(|node| self.node(node, at)),
            Node::Optional(node) => Some(self.node(node, at).unwrap_or(at)),
            Node::Repeated(node) => {
                let mut end = at;
                for _ in 0..MOST_REPETITIONS {
                    match self.node(node, end) {
                        Some(next) if next > end => end = next,
                        _ => break,
                    }
                }
                Some(end)
            }
            Node::Part(node) => {
                let saved = self.save();
                self.parts.push(Part::EMPTY);
                self.open = true;
                let end = self.node(node, at);
                self.open = false;
                if end.is_none() {
                    self.restore(saved);
                }
                end
            }
            Node::Not(node) => {
                let saved = self.save();
                let found = self.node(node, at);
                self.restore(saved);
                if found.is_some() { None } else { Some(at) }
            }
            Node::Joined(node) => {
                if self.tokens.get(at)?.gap == Gap::Joined {
                    self.node(node, at)
                } else {
                    None
                }
            }
        }
    }

    fn save(&self) -> (usize, Option<Part>, bool) {
        (self.parts.len(), self.parts.last().copied(), self.open)
    }

    fn restore(&mut self, (length, last, open): (usize, Option<Part>, bool)) {
        self.parts.truncate(length);
        if let (Some(part), Some(last)) = (self.parts.last_mut(), last) {
            *part = last;
        }
        self.open = open;
    }

    fn term(&mut self, term: Term, at: usize) -> Option<usize> {
        let token = self.tokens.get(at)?;
        // A date does not go on over the end of a line: the next one is another headline.
        if token.gap == Gap::Line && at > self.first {
            return None;
        }
        if let Term::Sign(sign) = term {
            return (token.sign == Some(sign)).then_some(at + 1);
        }
        if term == Term::Word {
            let is_word = token.sign.is_none() && (!token.facts.any() || token.is(Kind::Quantity));
            return is_word.then_some(at + 1);
        }
        if term == Term::Apostrophe {
            return matches!(token.sign, Some('\'' | '’' | '‘')).then_some(at + 1);
        }
        if !fits(term, &token.facts, self.parts.last()) {
            return None;
        }
        if self.open
            && let Some(part) = self.parts.last_mut()
        {
            fill(part, term, &token.facts);
        }
        Some(at + 1)
    }
}

/// Whether a token belongs to a class.
fn fits(term: Term, facts: &Facts, part: Option<&Part>) -> bool {
    let day = |number: u16| (1..=31).contains(&number);
    match term {
        Term::Day => facts.is(Kind::ShortNumber) && day(facts.number),
        Term::OrdinalDay => facts.is(Kind::ShortNumber) && facts.is(Kind::Ordinal) && day(facts.number),
        Term::DayInOrdinal => facts.is(Kind::Ordinal) && (1..=31).contains(&facts.ordinal),
        Term::DayInWords => facts.is(Kind::NumberWord) && (2..=31).contains(&facts.number),
        Term::Year => facts.is(Kind::Year),
        Term::ThreeDigitYear => facts.is(Kind::ThreeDigits),
        // Up to 31 it could be a day.
        Term::TwoDigitYear => facts.is(Kind::ShortNumber) && facts.number > 31,
        Term::Month => facts.is(Kind::Month),
        Term::DoubleMonth => facts.month.is_some_and(|second| {
            let first = part.and_then(|part| if let Noun::Month(month) = part.noun { Some(month) } else { None });
            first.is_some_and(|first| {
                first.calendar == Calendar::Gregorian
                    && second.calendar == Calendar::Gregorian
                    && (first.levantine != second.levantine || first.number == second.number)
            })
        }),
        Term::Weekday => facts.is(Kind::Weekday),
        Term::Season => facts.is(Kind::Season),
        Term::Deictic => facts.is(Kind::Deictic),
        Term::Relative => facts.is(Kind::RelativeBefore),
        Term::RelativeAfter => facts.is(Kind::RelativeAfter),
        Term::Direction => facts.is(Kind::RelativeAfter) && facts.relative != Some(Relative::Elsewhen),
        Term::Ordinal => facts.is(Kind::Ordinal),
        Term::Number => facts.is(Kind::ShortNumber) && (1..=53).contains(&facts.number),
        Term::Roman => facts.is(Kind::Roman),
        Term::Count => {
            facts.is(Kind::NumberWord)
                || facts.is(Kind::ThreeDigits)
                || facts.is(Kind::ShortNumber) && !facts.is(Kind::Ordinal)
        }
        Term::Unit(unit) => facts.is(Kind::Unit) && unit.is_none_or(|unit| facts.unit == Some(unit)),
        Term::Plural(unit) => facts.is(Kind::Unit) && facts.plural && facts.unit == Some(unit),
        Term::WeekOrWeekend => facts.is(Kind::Unit) && matches!(facts.unit, Some(Unit::Week | Unit::Weekend)),
        Term::CountedUnit => facts.is(Kind::CountedUnit),
        Term::Decade => facts.is(Kind::Decade),
        Term::DecadeNumber => {
            (facts.is(Kind::Year) || facts.is(Kind::ShortNumber) && facts.number >= 20)
                && facts.number.is_multiple_of(10)
                || facts.is(Kind::Decade)
        }
        Term::DecadeHead => facts.is(Kind::DecadeHead),
        Term::NumberedUnit => facts.is(Kind::NumberedUnit),
        Term::NumericDate => facts.is(Kind::NumericDate),
        Term::NumericDay => facts.is(Kind::NumericDay),
        Term::NumericMonth => facts.is(Kind::NumericMonth),
        Term::YearPair => facts.is(Kind::YearPair),
        Term::EraGregorian => facts.is(Kind::EraGregorian),
        Term::EraHijri => facts.is(Kind::EraHijri),
        Term::EraBefore => facts.is(Kind::EraBefore),
        Term::YearKind => facts.is(Kind::SchoolOrFiscal),
        Term::AgoBefore => facts.is(Kind::AgoBefore),
        Term::AgoAfter => facts.is(Kind::AgoAfter),
        Term::AheadBefore => facts.is(Kind::AheadBefore),
        Term::AheadAfter => facts.is(Kind::AheadAfter),
        Term::After => facts.is(Kind::After),
        Term::Since => facts.is(Kind::Since),
        Term::Article => facts.is(Kind::Article),
        Term::Starting => facts.is(Kind::Starting),
        Term::CountableUnit => {
            facts.is(Kind::Unit) && !matches!(facts.unit, Some(Unit::Year | Unit::Century | Unit::Season))
        }
        Term::DayPart => facts.is(Kind::DayPart),
        Term::Elsewhen => facts.is(Kind::Elsewhen),
        Term::Approximate => facts.is(Kind::Approximate),
        Term::Of => facts.is(Kind::Of),
        Term::And => facts.is(Kind::And),
        Term::Or => facts.is(Kind::Or),
        Term::To => facts.is(Kind::To),
        Term::The => facts.is(Kind::The),
        Term::On => facts.is(Kind::On),
        Term::Apostrophe | Term::Word | Term::Sign(_) => false,
    }
}

/// Gives to a part what a token says in its class.
fn fill(part: &mut Part, term: Term, facts: &Facts) {
    match term {
        Term::Day | Term::OrdinalDay | Term::DayInWords => part.noun = Noun::Day(facts.number as u8),
        Term::DayInOrdinal => part.noun = Noun::Day(facts.ordinal as u8),
        Term::Year | Term::ThreeDigitYear => {
            // «العام الماضي 2024»: the number says the same in digits.
            part.headed = part.noun != Noun::None;
            part.noun = Noun::Year(facts.number);
        }
        Term::TwoDigitYear => part.noun = Noun::Year(full_year(u32::from(facts.number)) as u16),
        Term::Month => {
            if let Some(month) = facts.month {
                part.headed = part.noun != Noun::None;
                part.noun = Noun::Month(month);
                part.weak |= facts.weak;
            }
        }
        Term::DoubleMonth => part.double = facts.month,
        Term::Weekday => {
            part.headed = part.noun != Noun::None;
            part.noun = Noun::Weekday(facts.weekday);
            part.weak |= facts.weak;
        }
        Term::Season => {
            if let Some(season) = facts.season {
                part.headed = part.noun != Noun::None;
                part.noun = Noun::Season(season);
                part.weak |= facts.weak;
            }
        }
        Term::Deictic => {
            part.headed = part.noun != Noun::None;
            part.noun = Noun::Deictic(facts.deictic);
            part.weak |= facts.weak;
            part.vague |= facts.vague;
        }
        Term::Relative | Term::RelativeAfter | Term::Direction => {
            // «هذه السنة المقبلة», `este próximo mes`: the direction that says more.
            part.relative = part.relative.filter(|&known| known != Relative::This).or(facts.relative);
            part.plural |= facts.plural;
        }
        Term::Ordinal | Term::Roman => part.ordinal = Some(facts.ordinal),
        Term::Number => part.ordinal = Some(facts.number as i8),
        Term::Count => part.count = Some(facts.number),
        Term::Unit(_) | Term::CountableUnit | Term::Plural(_) | Term::WeekOrWeekend => {
            if let Some(unit) = facts.unit {
                part.noun = Noun::Unit(unit);
                part.plural |= facts.plural;
                part.weak |= facts.weak;
            }
        }
        Term::CountedUnit => {
            if let Some(unit) = facts.unit {
                part.noun = Noun::Unit(unit);
                part.count = Some(u16::from(facts.unit_count));
            }
        }
        Term::NumberedUnit => {
            if let Some(unit) = facts.unit {
                part.noun = Noun::Unit(unit);
                part.ordinal = Some(facts.ordinal);
            }
        }
        Term::Decade => part.noun = Noun::Decade(facts.decade),
        Term::DecadeNumber => {
            part.noun = Noun::Decade(if facts.is(Kind::Decade) { facts.decade } else { facts.number });
        }
        Term::NumericDate => part.noun = Noun::Numeric(facts.numeric, Kind::NumericDate),
        Term::NumericDay => part.noun = Noun::Numeric(facts.numeric, Kind::NumericDay),
        Term::NumericMonth => part.noun = Noun::Numeric(facts.numeric, Kind::NumericMonth),
        Term::YearPair => {
            part.headed = part.noun != Noun::None;
            part.noun = Noun::Numeric(facts.numeric, Kind::YearPair);
        }
        Term::EraGregorian => part.era = Some(Era::Gregorian),
        Term::EraHijri => part.era = Some(Era::Hijri),
        Term::EraBefore => part.era = Some(Era::BeforeChrist),
        Term::AgoBefore | Term::AgoAfter => part.shift = Some(Shift::Ago),
        Term::Since => {
            part.shift = Some(Shift::Ago);
            part.vague = true;
        }
        Term::AheadBefore | Term::AheadAfter | Term::After => part.shift = Some(Shift::Ahead),
        Term::Elsewhen => {
            part.shift = Some(Shift::Elsewhen);
            part.vague |= facts.vague;
        }
        Term::YearKind => part.school |= facts.is(Kind::School),
        Term::DecadeHead
        | Term::Approximate
        | Term::Of
        | Term::And
        | Term::Or
        | Term::To
        | Term::The
        | Term::On
        | Term::DayPart
        | Term::Article
        | Term::Starting
        | Term::Apostrophe
        | Term::Word
        | Term::Sign(_) => {}
    }
}

impl Match {
    /// The month of a date that names one and says nothing of its year.
    pub(super) fn month_without_year(&self) -> Option<u8> {
        if let [Part { noun: Noun::Numeric(numeric, Kind::NumericDay), .. }] = self.parts.as_slice() {
            return Some(numeric.month);
        }
        let yearless = self.parts.iter().all(|part| {
            part.relative.is_none()
                && !matches!(part.noun, Noun::Year(_) | Noun::Unit(_) | Noun::Numeric(..) | Noun::Deictic(_))
        });
        self.parts.iter().rev().find_map(Part::gregorian_month).filter(|_| yearless)
    }

    /// The year of a date that has a month and a year, and that month.
    pub(super) fn month_and_year(&self) -> Option<(u16, u8)> {
        if let [Part { noun: Noun::Numeric(numeric, Kind::NumericDate), .. }] = self.parts.as_slice() {
            return Some((numeric.year, numeric.month)).filter(|_| !self.is_hijri());
        }
        let year =
            self.parts.iter().find_map(|part| if let Noun::Year(year) = part.noun { Some(year) } else { None })?;
        Some((year, self.parts.iter().find_map(Part::gregorian_month)?))
    }

    /// Whether the date is one of the Hijri calendar.
    pub(super) fn is_hijri(&self) -> bool {
        self.parts.iter().any(|part| {
            part.era == Some(Era::Hijri)
                || matches!(part.noun, Noun::Month(Month { calendar: Calendar::Hijri, .. }))
                || matches!(part.noun, Noun::Numeric(numeric, _) if (1340..=1500).contains(&numeric.year) && part.era.is_none())
        })
    }
}
