//! What a word can mean in a date: the classes that patterns are made of.

use std::ops::Range;

/// A class of tokens; patterns name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Month,
    Weekday,
    Season,
    Unit,
    /// A unit with its number in one word: «يومين», `fortnight`.
    CountedUnit,
    /// A day seen from today: yesterday, today, tomorrow.
    Deictic,
    /// Last, this, next and the like, where they stand before their noun.
    RelativeBefore,
    /// The same behind their noun.
    RelativeAfter,
    /// A number in words.
    NumberWord,
    /// An ordinal, in words or digits; `last` in its sense of the end of a row.
    Ordinal,
    /// A decade in one word or with its sign: «الثمانينيات», `1990s`.
    Decade,
    /// A part of a year with its number: `Q3`, `H1`.
    NumberedUnit,
    /// One or two digits.
    ShortNumber,
    /// Three digits.
    ThreeDigits,
    /// Four digits that can be a year.
    Year,
    /// A whole date in digits: `24/04/2024`.
    NumericDate,
    /// Day and month in digits: `24/04`.
    NumericDay,
    /// Month and year in digits: `4/2024`.
    NumericMonth,
    /// Two years in digits: `2019/2020`, `2023-24`.
    YearPair,
    /// A Roman numeral.
    Roman,
    /// Of: `de`, «من».
    Of,
    And,
    Or,
    To,
    The,
    /// In or on, where it stands inside or right before a date.
    On,
    /// Says that the following is a year: `in`, `since`.
    InYear,
    /// Before a number of units: `il y a`, «قبل».
    AgoBefore,
    /// After a number of units: `ago`.
    AgoAfter,
    /// Before a number of units that are to come: `dans`.
    AheadBefore,
    /// After: begins what [`Kind::AheadAfter`] ends, «بعد … من الآن».
    After,
    /// After it: `from now`.
    AheadAfter,
    /// After a number of units counted from another point: `later`, `earlier`.
    Elsewhen,
    /// The Gregorian era.
    EraGregorian,
    /// The Hijri era.
    EraHijri,
    /// Before Christ.
    EraBefore,
    /// Before two dates: from the one to the other.
    Between,
    /// What kind of year: school, fiscal.
    SchoolOrFiscal,
    /// A year that begins in autumn: the school year.
    School,
    /// A part of the day, which stays outside.
    DayPart,
    /// Speaks of the future.
    Future,
    /// Before it, no day is meant: every, each.
    Every,
    /// After a number, it is a quantity; before it, a reference.
    Quantity,
    /// Before a number: law, article, number.
    Reference,
    /// Before a date: what is dated is a name.
    Name,
    /// Head of a decade in digits: `années`, `los años`.
    DecadeHead,
    /// A word that makes a number approximate: `about`, «نحو».
    Approximate,
    /// Corresponding to: «الموافق».
    Equals,
    /// The Arabic article by itself, which is part of its word: «الـ16».
    Article,
    /// Before one period, it says when; before several, how long: «منذ».
    Since,
    /// Looks like a date and is a name: `Black Friday`.
    NotDate,
    /// Right behind a number: `st`, `er`.
    OrdinalSuffix,
    /// Before a date: the article's own.
    Published,
    /// `week beginning on`.
    Starting,
    /// Right behind a number: the `s` of `1990s`.
    DecadeSuffix,
}

impl Kind {
    /// The class of a table of plain words in a data file.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "of" => Self::Of,
            "and" => Self::And,
            "or" => Self::Or,
            "to" => Self::To,
            "the" => Self::The,
            "on" => Self::On,
            "in_year" => Self::InYear,
            "ago_before" => Self::AgoBefore,
            "ago_after" => Self::AgoAfter,
            "ahead_before" => Self::AheadBefore,
            "ahead_after" => Self::AheadAfter,
            "after" => Self::After,
            "article" => Self::Article,
            "since" => Self::Since,
            "published" => Self::Published,
            "starting" => Self::Starting,
            "not_date" => Self::NotDate,
            "elsewhen" => Self::Elsewhen,
            "era_gregorian" => Self::EraGregorian,
            "era_hijri" => Self::EraHijri,
            "era_before" => Self::EraBefore,
            "year_kind" => Self::SchoolOrFiscal,
            "school" => Self::School,
            "between" => Self::Between,
            "day_part" => Self::DayPart,
            "every" => Self::Every,
            "quantity" => Self::Quantity,
            "reference" => Self::Reference,
            "name" => Self::Name,
            "decade_head" => Self::DecadeHead,
            "approximate" => Self::Approximate,
            "equals" => Self::Equals,
            "ordinal_suffix" => Self::OrdinalSuffix,
            "decade_suffix" => Self::DecadeSuffix,
            _ => return None,
        })
    }

    pub(super) const fn bit(self) -> u64 {
        1 << self as u32
    }
}

/// A stretch of the calendar that has a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Day,
    Weekend,
    Week,
    Month,
    Season,
    Quarter,
    Half,
    Year,
    Decade,
    Century,
}

impl Unit {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "day" => Self::Day,
            "weekend" => Self::Weekend,
            "week" => Self::Week,
            "month" => Self::Month,
            "season" => Self::Season,
            "quarter" => Self::Quarter,
            "half" => Self::Half,
            "year" => Self::Year,
            "decade" => Self::Decade,
            "century" => Self::Century,
            _ => return None,
        })
    }
}

/// Spring, summer, autumn, winter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Season {
    /// March to May.
    Spring,
    /// June to August.
    Summer,
    /// September to November.
    Autumn,
    /// December to the next February.
    Winter,
}

impl Season {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "spring" => Self::Spring,
            "summer" => Self::Summer,
            "autumn" => Self::Autumn,
            "winter" => Self::Winter,
            _ => return None,
        })
    }
}

/// Where a date lies, seen from the reference date or from another point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relative {
    /// The last one before.
    Last,
    /// The current one.
    This,
    /// The first one after.
    Next,
    /// The one after the next.
    AfterNext,
    /// The one that was spoken of.
    Same,
    /// The one before or after one that was spoken of.
    Elsewhen,
}

impl Relative {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "last" => Self::Last,
            "this" => Self::This,
            "next" => Self::Next,
            "after_next" => Self::AfterNext,
            "same" => Self::Same,
            "other" => Self::Elsewhen,
            _ => return None,
        })
    }
}

/// A calendar that months are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    Gregorian,
    Hijri,
}

/// A month by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month {
    pub(super) number: u8,
    pub(super) calendar: Calendar,
    /// One of the names of the Levant and Iraq, which are written beside the others.
    pub(super) levantine: bool,
}

/// A date, or two thirds of one, in digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Numeric {
    /// As many digits as were written; 0 where none was.
    pub(super) year: u16,
    pub(super) month: u8,
    pub(super) day: u8,
    /// The second year of a pair.
    pub(super) other_year: u16,
}

/// Everything that a token can mean. Only the fields of its [`Kind`]s are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts {
    pub(super) kinds: u64,
    pub(super) month: Option<Month>,
    pub(super) weekday: u8,
    pub(super) season: Option<Season>,
    pub(super) unit: Option<Unit>,
    pub(super) unit_count: u8,
    /// Days from today; `None` where it is counted from another day.
    pub(super) deictic: Option<i8>,
    pub(super) relative: Option<Relative>,
    /// The number in words or digits.
    pub(super) number: u16,
    pub(super) ordinal: i8,
    /// The first year of a decade: 1990, or 90 where no century is said.
    pub(super) decade: u16,
    pub(super) numeric: Numeric,
    /// Also a common word: alone it is no date.
    pub(super) weak: bool,
    /// Speaks of several: «السنوات», `weeks`.
    pub(super) plural: bool,
    /// Alone it is more often “nowadays”: «اليوم».
    pub(super) vague: bool,
}

impl Facts {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kinds: kind.bit(), ..Self::default() }
    }

    pub(super) fn unit(unit: Unit, count: u8) -> Self {
        let kind = if count == 0 { Kind::Unit } else { Kind::CountedUnit };
        Self { unit: Some(unit), unit_count: count, ..Self::of(kind) }
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kinds & kind.bit() != 0
    }

    pub(super) fn is_relative(&self) -> bool {
        self.is(Kind::RelativeBefore) || self.is(Kind::RelativeAfter)
    }

    /// Whether a date can begin here: not with the words between its parts.
    pub(super) fn begins_date(&self) -> bool {
        const BEGIN: u64 = Kind::Month.bit()
            | Kind::Weekday.bit()
            | Kind::Season.bit()
            | Kind::Unit.bit()
            | Kind::CountedUnit.bit()
            | Kind::Deictic.bit()
            | Kind::RelativeBefore.bit()
            | Kind::NumberWord.bit()
            | Kind::Ordinal.bit()
            | Kind::Decade.bit()
            | Kind::NumberedUnit.bit()
            | Kind::ShortNumber.bit()
            | Kind::ThreeDigits.bit()
            | Kind::Year.bit()
            | Kind::NumericDate.bit()
            | Kind::NumericDay.bit()
            | Kind::NumericMonth.bit()
            | Kind::YearPair.bit()
            | Kind::Roman.bit()
            | Kind::AgoBefore.bit()
            | Kind::AheadBefore.bit()
            | Kind::After.bit()
            | Kind::Since.bit()
            | Kind::SchoolOrFiscal.bit()
            | Kind::Article.bit()
            | Kind::DecadeHead.bit();
        self.kinds & BEGIN != 0
    }

    /// Whether the token means anything here.
    pub(super) fn any(&self) -> bool {
        self.kinds != 0
    }

    /// Adds the meanings of another entry of the same form.
    pub(super) fn merge(&mut self, other: &Self) {
        self.kinds |= other.kinds;
        self.month = self.month.or(other.month);
        self.weekday = self.weekday.max(other.weekday);
        self.season = self.season.or(other.season);
        self.unit = self.unit.or(other.unit);
        self.unit_count = self.unit_count.max(other.unit_count);
        self.deictic = self.deictic.or(other.deictic);
        self.relative = self.relative.or(other.relative);
        self.number = self.number.max(other.number);
        self.ordinal = if self.ordinal == 0 { other.ordinal } else { self.ordinal };
        self.decade = self.decade.max(other.decade);
        self.weak |= other.weak;
        self.plural |= other.plural;
        self.vague |= other.vague;
    }
}

/// What stands between a token and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    Joined,
    /// Spaces.
    Space,
    /// The end of a line.
    Line,
}

/// A word, a phrase of the lexicon, a number or a sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// First byte; after the proclitics, where the word is known only without them.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) gap: Gap,
    pub(super) facts: Facts,
    /// The sign, where it is one.
    pub(super) sign: Option<char>,
    /// Whether letters were cut off before it.
    pub(super) clitic: bool,
    /// Whether it begins with a capital letter.
    pub(super) capital: bool,
    /// Whether it begins with a small letter; Arabic has neither.
    pub(super) small: bool,
    /// Whether it tells of something that happens on a day: «أعلن», «مباراة».
    pub(super) event: bool,
}

impl Token {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.facts.is(kind)
    }
}
