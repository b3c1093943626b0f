//! What has the shape of a date and is none, by the words around it.

use super::{
    grammar::Grammar,
    matcher::{Match, Noun, Part},
    token::{Gap, Kind, Relative, Token, Unit},
};

/// Years that a number without any word for it can be.
const LIKELY_YEARS: std::ops::RangeInclusive<u16> = 1940..=2050;

/// Years that a number after a word for it (`in`, «منذ») can be.
const POSSIBLE_YEARS: std::ops::RangeInclusive<u16> = 1400..=2100;

/// What the words around a match say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Date,
    /// A shorter match may be one.
    NoDate,
    /// Neither this nor anything in it is one.
    Name,
}

/// Whether a match is a date where it stands.
///
/// `month_first`: the language writes `May 12`.
pub(super) fn judge(grammar: &Grammar, tokens: &[Token], found: &Match, month_first: bool) -> Verdict {
    let place = Place { tokens, found, month_first };
    if place.before(1).is_some_and(|token| token.is(Kind::Every))
        || place.skipped_before_is_every()
        || place.after_is_every()
        || place.is_in_name()
        || place.is_title()
    {
        return Verdict::Name;
    }
    let rule = grammar.name(found.rule);
    if place.is_date(rule) { Verdict::Date } else { Verdict::NoDate }
}

/// Whether a date is one that says “nowadays” more often: «اليوم» with nothing
/// beside it that makes it a day.
pub(super) fn is_vague(tokens: &[Token], found: &Match) -> bool {
    let place = Place { tokens, found, month_first: false };
    // «مساء اليوم» is today.
    let has_day_part = || [place.before(1), place.after()].into_iter().flatten().any(|token| token.is(Kind::DayPart));
    match found.parts.as_slice() {
        [part] => part.vague && part.relative.is_none() && !part.headed && !has_day_part() && !place.tells_of_event(),
        parts => parts.iter().any(|part| part.vague && part.shift.is_some()),
    }
}

/// A match and what stands around it.
struct Place<'place> {
    tokens: &'place [Token],
    found: &'place Match,
    month_first: bool,
}

impl Place<'_> {
    fn is_date(&self, rule: &str) -> bool {
        let (place, found) = (self, self.found);
        // `number eight in December`, `City of Culture year in 2025`; but `28 June in 2020`.
        let is_in = |pair: &[Token]| {
            pair[0].is(Kind::Of) && pair[0].is(Kind::AheadBefore) && (rule != "DayMonth" || pair[1].is(Kind::Month))
        };
        if matches!(rule, "Year" | "DayMonth" | "MonthPair") && self.tokens[found.tokens.clone()].windows(2).any(is_in)
        {
            return false;
        }
        match (rule, found.parts.as_slice()) {
            ("Year", [Part { noun: Noun::Year(year), headed: false, era: None, .. }]) => place.is_year(*year),
            (
                "Year",
                [Part { noun: Noun::Year(_), headed: false, .. }, Part { noun: Noun::Year(_), headed: false, .. }],
            ) => place.is_pair_of_years(),
            ("Year", [Part { headed: false, noun: Noun::Numeric(..), .. }]) => !place.is_reference(),
            ("NumericMonth" | "Numeric", _) => !place.is_reference(),
            ("NumericDay", _) => place.is_numeric_day(),
            ("YearSpan", _) => place.is_pair_of_years(),
            ("YearFirst", _) => {
                let weak = found.parts.iter().any(|part| part.weak && matches!(part.noun, Noun::Month(_)));
                !place.is_reference() && (!weak || found.parts.len() > 2)
            }
            ("DayNumber", _) => place.is_day_number(),
            // «في 4 الجاري»; «الـ3 المقبلة» are three to come.
            ("DayThis", parts) => {
                parts.iter().any(|part| part.relative == Some(Relative::This))
                    && place.before(1).is_some_and(|token| token.is(Kind::On) || token.is(Kind::InYear))
            }
            // “Sunday Sunday 19 July”
            ("Weekdays", [one, other]) if one.noun == other.noun => false,
            ("Weekdays", [_, _, ..]) if place.is_from_day_to_day() => {
                place.before(1).is_some_and(|token| token.is(Kind::DayPart))
            }
            // «أول القرن الرابع عشر»: its beginning.
            ("Century", [Part { ordinal: Some(1), .. }])
                if place.first().is(Kind::Ordinal) && place.after().is_some_and(|token| token.is(Kind::Ordinal)) =>
            {
                false
            }
            ("Month", [part]) => place.is_lone_month(part),
            ("Weekday", [part, ..]) => !(part.plural || part.weak && (part.headed || found.tokens.len() == 1)),
            ("NthWeekday", parts) => parts.iter().all(|part| part.ordinal.is_none_or(|nth| nth <= 5)),
            // «الأحد الثاني» is a second Sunday, «الأحد السادس عشر» the 16th.
            ("WeekdayDay", [_, Part { noun: Noun::Day(1..=5), .. }])
                if self.tokens[self.found.tokens.end - 1].is(Kind::Ordinal)
                    && !self.tokens[self.found.tokens.end - 1].is(Kind::ShortNumber)
                    && self.found.tokens.len() == 2 =>
            {
                false
            }
            ("WeekdayDay", _) => !place.after().is_some_and(|token| {
                Self::is_word(token)
                    || token.is(Kind::Quantity)
                    || token.is(Kind::Unit)
                    || token.is(Kind::CountedUnit)
                    || token.gap == Gap::Joined && matches!(token.sign, Some('-' | '/' | ':' | '–'))
            }),
            ("DayOfMonth", parts) => {
                !parts.iter().any(|part| part.plural && matches!(part.noun, Noun::Unit(Unit::Month)))
            }
            ("NthUnit", [part, ..]) => !part.plural,
            ("Decade", [part]) => place.is_lone_decade(part),
            ("Season", [part]) => place.is_lone_season(part),
            ("Deictic", [part]) => place.is_lone_deictic(part),
            ("Span" | "MonthPair", [part, ..]) => {
                !part.plural && !part.weak && !matches!(part.noun, Noun::Unit(Unit::Day)) && !place.follows_number()
            }
            ("Year", [part]) if matches!(part.noun, Noun::Unit(_)) => !part.plural && !place.follows_number(),
            ("MonthDay", _) => place.is_month_day(),
            ("DayMonth" | "RelDay", _) => place.is_day_month(),
            ("Ahead", _) => place.is_ahead(),
            _ => true,
        }
    }
    /// The `count`th token before the match in its line.
    fn before(&self, count: usize) -> Option<&Token> {
        let at = self.found.tokens.start.checked_sub(count)?;
        let joined = self.tokens[at + 1..=self.found.tokens.start].iter().all(|token| token.gap < Gap::Line);
        joined.then(|| &self.tokens[at])
    }

    /// The token after the match in its line.
    fn after(&self) -> Option<&Token> {
        self.tokens.get(self.found.tokens.end).filter(|token| token.gap < Gap::Line)
    }

    fn first(&self) -> &Token {
        &self.tokens[self.found.tokens.start]
    }

    /// `every other Monday`, «كل يوم جمعة», `tous les lundis`.
    fn skipped_before_is_every(&self) -> bool {
        let skipped =
            self.before(1).is_some_and(|token| token.is(Kind::The) || token.is(Kind::Of) || token.is(Kind::Unit));
        skipped && self.before(2).is_some_and(|token| token.is(Kind::Every))
    }

    fn is_reference(&self) -> bool {
        // «قانون المالية 2020» has the year's name.
        if self.before(1).is_some_and(|token| token.is(Kind::SchoolOrFiscal)) {
            return false;
        }
        (1..=2).any(|count| self.before(count).is_some_and(|token| token.is(Kind::Reference)))
    }

    fn is_quantity(&self) -> bool {
        self.after().is_some_and(|token| token.is(Kind::Quantity))
            || self.before(1).is_some_and(|token| token.is(Kind::Approximate))
    }

    /// «أعلن الوزير اليوم», «مباراة اليوم»: a word before it in its sentence tells of what happens on a day.
    fn tells_of_event(&self) -> bool {
        const NEAR: usize = 6;
        let deictic = self.first().is(Kind::Deictic);
        // «اليوم الأول», «اليوم نفسه», «حتى اليوم», «عالم اليوم»
        let counted = self.after().is_some_and(|token| token.is(Kind::Ordinal) || token.facts.is_relative());
        let until = self.before(1).is_some_and(|token| token.is(Kind::To) || token.is(Kind::On) || token.is(Kind::Of));
        deictic
            && !counted
            && !until
            && (1..=NEAR)
                .map_while(|count| self.before(count))
                .take_while(|token| !matches!(token.sign, Some(sign) if sign != ','  && sign != '،' && sign != ')'))
                .any(|token| token.event || token.is(Kind::Published))
    }

    /// A name of a month, a day or a season alone in quotation marks is the title of a newspaper.
    fn is_title(&self) -> bool {
        let [Part { noun: Noun::Month(_) | Noun::Weekday(_) | Noun::Deictic(_) | Noun::Season(_), .. }] =
            self.found.parts.as_slice()
        else {
            return false;
        };
        let opens = self.before(1).is_some_and(|token| matches!(token.sign, Some('«' | '“' | '"' | '”' | '‘')));
        opens && self.after().is_some_and(|token| matches!(token.sign, Some('»' | '”' | '"' | '“' | '’')))
    }

    /// A word that is in no lexicon.
    fn is_word(token: &Token) -> bool {
        token.sign.is_none() && !token.facts.any()
    }

    /// «الخمسين سنة الماضية»: the number belongs to the unit; in `only 3 next week` it does not.
    fn follows_number(&self) -> bool {
        let unit_first = self.first().is(Kind::Unit);
        unit_first
            && self.before(1).is_some_and(|token| {
                token.is(Kind::ShortNumber) || token.is(Kind::ThreeDigits) || token.is(Kind::NumberWord)
            })
    }

    /// A number by itself.
    fn is_year(&self, year: u16) -> bool {
        if self.is_reference() || self.is_quantity() {
            return false;
        }
        // 1930-2012
        let end = self.found.tokens.end;
        let goes_on = self.after().is_some_and(|token| matches!(token.sign, Some('-' | '–')))
            && self.tokens.get(end + 1).is_some_and(|token| token.is(Kind::Year) && token.facts.number > year);
        let cue = self.before(1).is_some_and(|token| token.is(Kind::InYear));
        // A list goes on as it began: 2012, 2014 and 2016.
        let after_year = self.before(1).is_some_and(|token| token.sign.is_some() || token.is(Kind::And))
            && self.before(2).is_some_and(|token| token.is(Kind::Year));
        let round = year.is_multiple_of(100) && year != 2000 && year != 1900;
        let followed_by_word = self.after().is_some_and(Self::is_word);
        if cue || after_year || goes_on {
            POSSIBLE_YEARS.contains(&year) && !((round || year < 1800) && followed_by_word)
        } else {
            LIKELY_YEARS.contains(&year) && !(year.is_multiple_of(500) && followed_by_word)
        }
    }

    fn is_pair_of_years(&self) -> bool {
        let years: Vec<u16> = self
            .found
            .parts
            .iter()
            .filter_map(|part| if let Noun::Year(year) = part.noun { Some(year) } else { None })
            .collect();
        match years.as_slice() {
            [first, second] => first.abs_diff(*second) == 1 && !self.is_reference() && !self.is_quantity(),
            _ => true,
        }
    }

    /// Day and month in digits look like fractions and results.
    fn is_numeric_day(&self) -> bool {
        let has_weak = self.tokens[self.found.tokens.clone()].iter().any(|token| token.facts.weak);
        let alone = self.before(1).is_none() && self.after().is_none();
        let joins = |token: &Token| {
            token.is(Kind::On)
                || token.is(Kind::The)
                || token.is(Kind::To)
                || token.is(Kind::And)
                || token.is(Kind::InYear)
        };
        // 10/1-11/2/2017
        let end = self.found.tokens.end;
        let range = matches!(self.after().and_then(|token| token.sign), Some('-' | '–'))
            && self.tokens.get(end + 1).is_some_and(|token| token.is(Kind::NumericDate) || token.is(Kind::NumericDay))
            || matches!(self.before(1).and_then(|token| token.sign), Some('-' | '–'))
                && self.before(2).is_some_and(|token| token.is(Kind::NumericDay));
        !self.is_reference()
            && (!has_weak || alone || range || self.found.tokens.len() > 1 || self.before(1).is_some_and(joins))
    }

    /// «يوم 27», «el día 18».
    fn is_day_number(&self) -> bool {
        !self
            .after()
            .is_some_and(|token| token.is(Kind::Unit) || token.is(Kind::Quantity) || token.is(Kind::CountedUnit))
    }

    fn is_lone_month(&self, part: &Part) -> bool {
        // English writes months with a capital: “this may” is no month.
        if part.weak && self.month_first && !self.tokens[self.found.tokens.end - 1].capital && part.relative.is_some() {
            return false;
        }
        // “Julio Cortázar”: such languages write months small.
        let bare = !part.headed && part.relative.is_none() && self.found.tokens.len() == 1;
        if bare
            && !self.month_first
            && self.first().capital
            && self.after().is_some_and(|token| token.capital && Self::is_word(token) && token.gap == Gap::Space)
        {
            return false;
        }
        if !part.weak || part.headed || part.relative.is_some() {
            return true;
        }
        // `les sept derniers jours`
        if self.first().is(Kind::NumberWord)
            && self.after().is_some_and(|token| token.facts.is_relative() || token.is(Kind::Unit))
        {
            return false;
        }
        let cue = self.before(1).is_some_and(|token| {
            !token.clitic
                && (token.is(Kind::InYear) || token.is(Kind::On) || token.is(Kind::Of))
                && !token.is(Kind::The)
        });
        cue && (self.first().capital || !self.after().is_some_and(Self::is_word))
    }

    /// Decades without their century: `the 90s`, but not `hit five fifties`.
    fn is_lone_decade(&self, part: &Part) -> bool {
        let short = matches!(part.noun, Noun::Decade(decade) if decade < 100);
        let in_digits = self.first().facts.decade > 0 && self.first().facts.number > 0;
        let determined = self.before(1).is_some_and(|token| {
            token.is(Kind::The)
                || token.is(Kind::Of)
                || token.is(Kind::On)
                || token.is(Kind::InYear)
                || matches!(token.sign, Some('\'' | '’' | '‘'))
        });
        !short || self.found.tokens.len() > 1 || determined || !self.first().facts.weak && !in_digits
    }

    /// “In two weeks” is a day to come only where the words before it speak of the future.
    fn is_ahead(&self) -> bool {
        if !self.first().is(Kind::On) && !self.first().is(Kind::Of) {
            return true;
        }
        (1..=8)
            .map_while(|count| self.before(count))
            .take_while(|token| token.sign.is_none())
            .any(|token| token.is(Kind::Future))
    }

    /// «أبريل من كل سنة»: each year's.
    fn after_is_every(&self) -> bool {
        let end = self.found.tokens.end;
        let is_every =
            |at: usize| self.tokens.get(at).is_some_and(|token| token.gap < Gap::Line && token.is(Kind::Every));
        is_every(end) || self.after().is_some_and(|token| token.is(Kind::Of)) && is_every(end + 1)
    }

    /// «حركة 20 فبراير», «صلاة الجمعة», «الأمين العام الحالي».
    /// With its year, it says when.
    fn is_in_name(&self) -> bool {
        // «ثورة 1979» is that of the year.
        let is_year =
            matches!(self.found.parts.as_slice(), [Part { noun: Noun::Year(_) | Noun::Unit(Unit::Month), .. }]);
        self.before(1).is_some_and(|token| token.is(Kind::Name))
            && !is_year
            && !self.found.parts.iter().any(|part| matches!(part.noun, Noun::Year(_)) && self.found.parts.len() > 1)
    }

    /// «ليل الخميس والجمعة»: without a direction or a week, two days are two dates unless one night joins them.
    fn is_from_day_to_day(&self) -> bool {
        self.found
            .parts
            .iter()
            .all(|part| matches!(part.noun, Noun::Weekday(_)) && part.relative.is_none() && !part.headed)
            && self.tokens[self.found.tokens.clone()].iter().any(|token| token.is(Kind::And) || token.is(Kind::To))
    }

    fn is_lone_season(&self, part: &Part) -> bool {
        // “The winter weather”, “My Summer of Love”.
        let alone = part.relative.is_none() && !part.headed;
        if self.month_first
            && alone
            && (self
                .after()
                .is_some_and(|token| Self::is_word(token) && token.gap == Gap::Space && token.end - token.start > 4)
                || self.first().capital && self.before(1).is_some_and(|token| token.capital))
        {
            return false;
        }
        let determined =
            || self.before(1).is_some_and(|token| token.is(Kind::The) || token.is(Kind::InYear) && token.is(Kind::On));
        part.relative.is_some_and(|relative| relative != Relative::Same || !part.weak)
            || part.headed
            || !part.weak
            || determined()
    }

    fn is_lone_deictic(&self, part: &Part) -> bool {
        if part.relative == Some(Relative::Same)
            || self.after().is_some_and(|token| token.facts.relative == Some(Relative::Same))
        {
            return false;
        }
        // `day-today`; «la veille de» is the day before something.
        let attached = self.first().gap == Gap::Joined && self.before(1).is_some_and(|token| token.sign == Some('-'));
        let of_something = part.noun == Noun::Deictic(None) && self.after().is_some_and(|token| token.is(Kind::Of));
        if attached || of_something {
            return false;
        }
        if !part.weak {
            return true;
        }
        // «mañana» is also the morning, “Morgen” too.
        let determined = self.before(1).is_some_and(|token| {
            token.is(Kind::The) || token.is(Kind::Of) || token.facts.is_relative() || token.is(Kind::On)
        });
        part.relative.is_none() && !determined && !(self.first().capital && self.before(1).is_some())
    }

    fn is_month_day(&self) -> bool {
        let weak = self.found.parts.iter().any(|part| part.weak && matches!(part.noun, Noun::Month(_)));
        // «صفر-1» is a result.
        let has_sign = self.tokens[self.found.tokens.clone()].iter().any(|token| token.sign.is_some());
        if weak && has_sign && self.found.tokens.len() == 3 && !self.first().capital {
            return false;
        }
        let whole = self.found.tokens.len() > 2;
        (!weak || self.first().capital || whole)
            && (whole
                || !self
                    .after()
                    .is_some_and(|token| token.is(Kind::Quantity) || Self::is_word(token) && !self.month_first))
    }

    fn is_day_month(&self) -> bool {
        // “one may”, “two march”: a number in words before a common word.
        let words = self.found.parts.iter().any(|part| part.weak && matches!(part.noun, Noun::Month(_)))
            && self.tokens[self.found.tokens.clone()]
                .iter()
                .any(|token| token.is(Kind::NumberWord) || token.is(Kind::Ordinal) && !token.is(Kind::ShortNumber))
            && !self.tokens[self.found.tokens.clone()].iter().any(|token| token.is(Kind::Month) && !token.small);
        // «2 - صفر» is a result, not the second of a month.
        let weak = self.found.parts.iter().any(|part| part.weak && part.double.is_none());
        let has_year = self.found.parts.iter().any(|part| matches!(part.noun, Noun::Year(_)));
        let has_sign = self.tokens[self.found.tokens.clone()].iter().any(|token| token.sign.is_some());
        has_year || !(words || weak && has_sign && !self.first().capital)
    }
}
