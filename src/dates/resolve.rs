//! From the parts of a date to its value, given the day the article was published.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::{
    hijri,
    matcher::{Era, Noun, Part, Shift},
    token::{Calendar, Kind, Month, Numeric, Relative, Unit},
    value::{Point, Value},
};

/// What contradicts itself in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conflict {
    /// The weekday written beside the date is another one.
    Weekday,
    /// The two names of a month are of two months.
    Month,
    /// The Hijri and the Gregorian date side by side lie more than a day apart.
    Hijri,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Weekday => "weekday",
            Self::Month => "month",
            Self::Hijri => "hijri",
        })
    }
}

/// What is known where a date stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// The day the article was published.
    pub(super) reference: Option<Date>,
    /// Whether the words around speak of what is to come.
    pub(super) future: bool,
    /// The month that was spoken of last.
    pub(super) spoken_of: Option<(i16, i8)>,
}

/// What the parts of a date come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Resolution {
    pub(super) value: Option<Value>,
    pub(super) conflict: Option<Conflict>,
}

impl Resolution {
    fn of(value: Option<Value>) -> Self {
        Self { value, conflict: None }
    }
}

/// A distance against the direction of the sentence counts as much as this many
/// times the same distance along it. News tells what has happened, so that the
/// past is its direction where no word speaks of what is to come; but the day
/// after tomorrow is likelier than the same day a year ago. With 12, months are
/// always past and days may lie up to four weeks ahead.
const FUTURE_WEIGHT: i64 = 12;

/// The value of a date.
pub(super) fn resolve(parts: &[Part], context: Context) -> Resolution {
    let resolver = Resolver { parts, context };
    let mut resolution = resolver.resolve();
    if resolver.months_conflict() {
        resolution.conflict = Some(Conflict::Month);
    }
    resolution
}

struct Resolver<'parts> {
    parts: &'parts [Part],
    context: Context,
}

/// The year that a date names or implies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum YearOf {
    Known(i32),
    /// A year is spoken of, but which one cannot be told.
    Untold,
    Absent,
}

impl Resolver<'_> {
    fn resolve(&self) -> Resolution {
        if let Some((numeric, kind)) = self.numeric() {
            return self.resolve_numeric(numeric, kind);
        }
        if self.parts.iter().any(|part| part.shift.is_some()) {
            return Resolution::of(self.shifted());
        }
        if let Some(part) =
            self.parts.iter().find(|part| part.ordinal.is_some() && matches!(part.noun, Noun::Weekday(_)))
        {
            return Resolution::of(self.nth_weekday(part));
        }
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Decade(_)))
            && !self.parts.iter().any(|part| part.ordinal.is_some() && part.noun != Noun::Unit(Unit::Century))
        {
            return Resolution::of(self.decades());
        }
        if let Some(part) =
            self.parts.iter().find(|part| part.ordinal.is_some() && matches!(part.noun, Noun::Unit(_) | Noun::None))
        {
            return Resolution::of(self.nth_unit(part));
        }
        if let [Part { noun: Noun::Unit(Unit::Week), relative: None, .. }, rest @ ..] = self.parts
            && rest.iter().any(|part| matches!(part.noun, Noun::Day(_)))
        {
            return Resolution::of(self.week_of(rest));
        }
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Day(_))) {
            return self.days();
        }
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Deictic(_))) {
            return self.deictic();
        }
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Weekday(_))) {
            return Resolution::of(self.weekdays());
        }
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Month(_))) {
            return Resolution::of(self.months());
        }
        if let Some(part) = self.parts.iter().find(|part| matches!(part.noun, Noun::Season(_))) {
            return Resolution::of(self.season(part));
        }
        Resolution::of(self.units())
    }

    /// The week of 10 April; `week 27 of last year`.
    fn week_of(&self, rest: &[Part]) -> Option<Value> {
        let of = Resolver { parts: rest, context: self.context };
        if let ([Part { noun: Noun::Day(number), .. }], YearOf::Known(year)) = (&rest[..1], of.year())
            && of.month_names().next().is_none()
        {
            let first = Date::new(i16::try_from(year).ok()?, 1, 4).ok()?;
            return week(first.checked_add((i32::from(*number) - 1).weeks()).ok()?);
        }
        week(of.days().value?.interval()?.0)
    }

    fn numeric(&self) -> Option<(Numeric, Kind)> {
        self.parts.iter().find_map(|part| match part.noun {
            Noun::Numeric(numeric, kind) if kind != Kind::YearPair => Some((numeric, kind)),
            _ => None,
        })
    }

    fn era(&self) -> Option<Era> {
        self.parts.iter().find_map(|part| part.era)
    }

    /// The direction that any part gives, those of years and units aside.
    fn relative(&self) -> Option<Relative> {
        self.parts
            .iter()
            .filter(|part| !matches!(part.noun, Noun::Unit(_) | Noun::Year(_)))
            .find_map(|part| part.relative)
    }

    fn year(&self) -> YearOf {
        if self.era() == Some(Era::BeforeChrist) {
            return YearOf::Untold;
        }
        if let Some(year) = self.parts.iter().find_map(|part| match part.noun {
            Noun::Year(year) => Some(year),
            _ => None,
        }) {
            return YearOf::Known(i32::from(year));
        }
        let Some(part) = self.parts.iter().find(|part| part.noun == Noun::Unit(Unit::Year)) else {
            return YearOf::Absent;
        };
        let Some(reference) = self.context.reference else { return YearOf::Untold };
        let spoken_of = self.context.spoken_of.map(|(year, _)| i32::from(year));
        match part.relative {
            Some(Relative::Same) => spoken_of.map_or(YearOf::Untold, YearOf::Known),
            Some(Relative::Elsewhen) => YearOf::Untold,
            relative => {
                YearOf::Known(i32::from(reference.year()) + i32::from(offset(relative.unwrap_or(Relative::This))))
            }
        }
    }

    fn months_conflict(&self) -> bool {
        self.parts.iter().any(|part| match (part.noun, part.double) {
            (Noun::Month(first), Some(second)) => first.number != second.number,
            _ => false,
        })
    }

    fn resolve_numeric(&self, numeric: Numeric, kind: Kind) -> Resolution {
        if kind == Kind::NumericMonth {
            let point = Point::Month(numeric.year as i16, numeric.month as i8);
            return Resolution::of(Some(Value::Point(point)));
        }
        if kind == Kind::NumericDay {
            let month = Month { number: numeric.month, calendar: Calendar::Gregorian, levantine: false };
            return self.dated(&[(numeric.day, month)], self.year());
        }
        let hijri = self.era() == Some(Era::Hijri) || self.era().is_none() && is_hijri_year(numeric.year);
        let day = if hijri {
            hijri::day(i32::from(numeric.year), numeric.month, numeric.day)
        } else {
            Date::new(numeric.year as i16, numeric.month as i8, numeric.day as i8).ok()
        };
        self.checked(day)
    }

    /// A day, and whether the weekday beside it is its own.
    fn checked(&self, day: Option<Date>) -> Resolution {
        let Some(day) = day else { return Resolution::default() };
        let conflict = self.weekday_conflict(&[day]);
        Resolution { value: Some(Value::day(day)), conflict }
    }

    fn weekday_conflict(&self, days: &[Date]) -> Option<Conflict> {
        let written: Vec<u8> = self.written_weekdays().collect();
        // As many weekdays as days: they go in pairs. Otherwise each must be one of them.
        let fits = if written.len() == days.len() {
            written.iter().zip(days).all(|(&weekday, day)| is_weekday(*day, weekday))
        } else {
            written.iter().all(|&weekday| days.iter().any(|day| is_weekday(*day, weekday)))
        };
        (!fits).then_some(Conflict::Weekday)
    }

    fn written_weekdays(&self) -> impl Iterator<Item = u8> {
        self.parts.iter().filter_map(|part| if let Noun::Weekday(weekday) = part.noun { Some(weekday) } else { None })
    }

    /// «قبل سنتين», `three months ago`: at the grain of the unit, the smallest of several.
    fn shifted(&self) -> Option<Value> {
        let reference = self.context.reference?;
        let sign = match self.parts.iter().find_map(|part| part.shift)? {
            Shift::Ago => -1,
            Shift::Ahead => 1,
            Shift::Elsewhen => return None,
        };
        let mut span = jiff::Span::new();
        let mut grain = Unit::Century;
        for part in self.parts {
            let Noun::Unit(unit) = part.noun else { return None };
            let count = sign * i64::from(part.count?);
            span = match unit {
                Unit::Day => span.try_days(count).ok()?,
                Unit::Week => span.try_weeks(count).ok()?,
                Unit::Month => span.try_months(count).ok()?,
                Unit::Year => span.try_years(count).ok()?,
                Unit::Decade => span.try_years(count * 10).ok()?,
                Unit::Century => span.try_years(count * 100).ok()?,
                _ => return None,
            };
            grain = grain.min(unit);
        }
        let day = reference.checked_add(span).ok()?;
        match grain {
            Unit::Day => Some(Value::day(day)),
            Unit::Week => week(day),
            Unit::Month => Some(Value::Point(Point::Month(day.year(), day.month()))),
            Unit::Year => year_value(i32::from(day.year())),
            Unit::Decade => decade(i32::from(day.year())),
            _ => century(century_of(day)),
        }
    }

    /// The first Friday of July.
    fn nth_weekday(&self, part: &Part) -> Option<Value> {
        let Noun::Weekday(weekday) = part.noun else { return None };
        let ordinal = part.ordinal?;
        let Point::Month(year, month) = self.month_point()? else { return None };
        let weekday = Weekday::from_monday_one_offset(weekday as i8).ok()?;
        let day = Date::new(year, month, 1).ok()?.nth_weekday_of_month(ordinal, weekday).ok()?;
        Some(Value::day(day))
    }

    /// The month that the parts name, by its name or as a unit.
    fn month_point(&self) -> Option<Point> {
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Month(_))) {
            return match self.months()? {
                Value::Point(point @ Point::Month(..)) => Some(point),
                _ => None,
            };
        }
        let part = self.parts.iter().find(|part| part.noun == Noun::Unit(Unit::Month) && part.ordinal.is_none())?;
        self.unit_month(part).map(|(year, month)| Point::Month(year, month))
    }

    fn unit_month(&self, part: &Part) -> Option<(i16, i8)> {
        let month = match part.relative {
            Some(Relative::Same) => self.context.spoken_of?,
            Some(Relative::Elsewhen) => return None,
            relative => {
                let reference = self.context.reference?;
                let months = i32::from(offset(relative.unwrap_or(Relative::This)));
                let day = reference.first_of_month().checked_add(months.months()).ok()?;
                (day.year(), day.month())
            }
        };
        // «الشهر نفسه من العام الماضي»
        match self.year() {
            YearOf::Known(year) => Some((i16::try_from(year).ok()?, month.1)),
            YearOf::Untold => None,
            YearOf::Absent => Some(month),
        }
    }

    /// The third quarter of 2020, the last week of May, the 19th century.
    fn nth_unit(&self, part: &Part) -> Option<Value> {
        let ordinal = part.ordinal?;
        let unit = match part.noun {
            Noun::Unit(unit) => unit,
            // The centuries of a list after the first have only their number.
            _ => Unit::Century,
        };
        if unit == Unit::Century {
            if self.era().is_some_and(|era| era != Era::Gregorian) {
                return None;
            }
            // A part of a century has no notation.
            if self.parts.first().is_some_and(|first| first.noun != Noun::Unit(Unit::Century)) {
                return None;
            }
            let numbers: Vec<i8> = self.parts.iter().filter_map(|part| part.ordinal).collect();
            let (&first, &last) = (numbers.iter().min()?, numbers.iter().max()?);
            return if first == last && first > 0 {
                century(i32::from(first))
            } else {
                let from = Value::Century(i16::from(first)).interval()?.0.year();
                let to = Value::Century(i16::from(last)).interval()?.1.year();
                Some(Value::Span(Point::Year(from), Point::Year(to)))
            };
        }
        if self.parts.iter().any(|part| part.noun == Noun::Unit(Unit::Century)) {
            return None;
        }
        let year = match self.year() {
            YearOf::Known(year) => i16::try_from(year).ok(),
            YearOf::Untold => return None,
            YearOf::Absent => None,
        };
        let nth = |most: i8| {
            let nth = if ordinal == -1 { most } else { ordinal };
            (1..=most).contains(&nth).then_some(nth)
        };
        match unit {
            Unit::Quarter => Some(Value::Quarter(year?, nth(4)? as u8)),
            Unit::Half => Some(Value::Half(year?, nth(2)? as u8)),
            Unit::Month => Some(Value::Point(Point::Month(year?, nth(12)?))),
            Unit::Week | Unit::Weekend | Unit::Day => {
                let (first, last) = match self.month_point() {
                    Some(month) => (month.first()?, month.last()?),
                    None => {
                        let year = Point::Year(year?);
                        (year.first()?, year.last()?)
                    }
                };
                let day = match (unit, ordinal) {
                    (Unit::Day, -1) => return Some(Value::day(last)),
                    (Unit::Day, nth) => return Some(Value::day(first.checked_add((i32::from(nth) - 1).days()).ok()?)),
                    // A week belongs to the year, and to the month, of its Thursday.
                    (_, -1) => monday(last.checked_sub(3.days()).ok()?)?,
                    (_, nth) => {
                        monday(first.checked_add(3.days()).ok()?.checked_add((i32::from(nth) - 1).weeks()).ok()?)?
                    }
                };
                if unit == Unit::Week { week(day) } else { weekend(day) }
            }
            _ => None,
        }
    }

    /// Days of a month, with or without weekdays and a year.
    fn days(&self) -> Resolution {
        let days: Vec<u8> = self
            .parts
            .iter()
            .filter_map(|part| if let Noun::Day(day) = part.noun { Some(day) } else { None })
            .collect();
        let months: Vec<Month> = self.month_names().collect();
        let Some(&last_month) = months.last() else { return self.days_without_month_name(&days) };
        // Each day has the first month that stands behind it, or, where months come first, before it.
        let mut dated = Vec::new();
        let mut latest = None;
        for (at, part) in self.parts.iter().enumerate() {
            match part.noun {
                Noun::Month(month) => latest = Some(month),
                Noun::Day(day) => {
                    let behind = self.parts[at..].iter().find_map(|part| match part.noun {
                        Noun::Month(month) => Some(month),
                        _ => None,
                    });
                    let month = if self.month_comes_first() { latest.or(behind) } else { behind.or(latest) };
                    dated.push((day, month.unwrap_or(last_month)));
                }
                _ => {}
            }
        }
        self.dated(&dated, self.year())
    }

    fn month_comes_first(&self) -> bool {
        self.parts
            .iter()
            .find_map(|part| match part.noun {
                Noun::Month(_) => Some(true),
                Noun::Day(_) => Some(false),
                _ => None,
            })
            .unwrap_or(false)
    }

    fn month_names(&self) -> impl Iterator<Item = Month> {
        self.parts.iter().filter_map(|part| if let Noun::Month(month) = part.noun { Some(month) } else { None })
    }

    fn days_without_month_name(&self, days: &[u8]) -> Resolution {
        if let Some(part) = self.parts.iter().find(|part| part.noun == Noun::Unit(Unit::Month)) {
            let Some((year, month)) = self.unit_month(part) else { return Resolution::default() };
            let dates: Option<Vec<Date>> = days.iter().map(|&day| Date::new(year, month, day as i8).ok()).collect();
            return self.of_days(dates);
        }
        let Some(reference) = self.context.reference else { return Resolution::default() };
        // «3 الجاري»: of this month.
        if self.relative() == Some(Relative::This) && self.written_weekdays().next().is_none() {
            let dates =
                days.iter().map(|&day| Date::new(reference.year(), reference.month(), day as i8).ok()).collect();
            return self.of_days(dates);
        }
        // `Friday the 15th`: the nearest 15th that is a Friday; «يوم 27»: the nearest 27th.
        let [day] = days else { return Resolution::default() };
        let weekday = self.written_weekdays().next();
        let first = reference.first_of_month();
        let candidates = (-12..=12).filter_map(|months: i32| {
            let month = first.checked_add(months.months()).ok()?;
            let day = Date::new(month.year(), month.month(), *day as i8).ok()?;
            weekday.is_none_or(|weekday| is_weekday(day, weekday)).then_some(day)
        });
        Resolution::of(self.nearest(candidates, |day| days_between(reference, *day)).map(Value::day))
    }

    fn of_days(&self, days: Option<Vec<Date>>) -> Resolution {
        let Some(days) = days else { return Resolution::default() };
        let points: Vec<Point> = days.iter().map(|&day| Point::Day(day)).collect();
        Resolution { value: Value::of_points(&points), conflict: self.weekday_conflict(&days) }
    }

    /// Days with their months, in a year that is written or the nearest one that fits.
    fn dated(&self, dated: &[(u8, Month)], year: YearOf) -> Resolution {
        let Some(&(_, month)) = dated.last() else { return Resolution::default() };
        let hijri = month.calendar == Calendar::Hijri;
        let in_year = |year: i32| -> Option<Vec<Date>> {
            let days: Vec<Date> = dated
                .iter()
                .map(|&(day, month)| match month.calendar {
                    Calendar::Hijri => hijri::day(year, month.number, day),
                    Calendar::Gregorian => Date::new(i16::try_from(year).ok()?, month.number as i8, day as i8).ok(),
                })
                .collect::<Option<_>>()?;
            Some(days)
        };
        match year {
            YearOf::Untold => Resolution::default(),
            YearOf::Known(year) => {
                let mut days = in_year(year);
                // 28 December to 3 January 2025: the year is that of the end.
                if let (Some(known), [first, .., last]) = (&mut days, dated)
                    && first.1.number > last.1.number
                    && let Some(earlier) = in_year(year - 1)
                {
                    known.iter_mut().zip(&earlier).zip(dated).for_each(|((day, &before), (_, month))| {
                        if month.number == first.1.number {
                            *day = before;
                        }
                    });
                }
                self.of_days(days)
            }
            YearOf::Absent => {
                let Some(reference) = self.context.reference else { return Resolution::default() };
                let this_year = if hijri { hijri::year_of(reference) } else { Some(i32::from(reference.year())) };
                let Some(this_year) = this_year else { return Resolution::default() };
                // 29 February comes every four years, eight around 1900.
                let candidates: Vec<Vec<Date>> = (this_year - 8..=this_year + 8).filter_map(in_year).collect();
                let distance = |days: &Vec<Date>| days.first().map_or(i64::MAX, |&day| days_between(reference, day));
                let agreeing = candidates.iter().filter(|days| {
                    self.weekday_conflict(days).is_none()
                        && (distance(days).abs() < 400)
                        && self.direction_allows(distance(days))
                });
                let found = self
                    .nearest(agreeing.cloned(), distance)
                    .or_else(|| self.nearest(candidates.iter().cloned(), distance));
                self.of_days(found)
            }
        }
    }

    fn direction_allows(&self, distance: i64) -> bool {
        match self.relative() {
            Some(Relative::Last) => distance < 0,
            Some(Relative::Next) => distance > 0,
            _ => true,
        }
    }

    /// The candidate that fits how the date and the sentence speak; `distance`
    /// is negative for what lies before the reference date.
    fn nearest<T>(&self, candidates: impl Iterator<Item = T>, distance: impl Fn(&T) -> i64) -> Option<T> {
        let relative = self.relative();
        let deictic = self.parts.iter().any(|part| matches!(part.noun, Noun::Deictic(_)));
        candidates
            .filter(|candidate| match relative {
                Some(Relative::Last) => distance(candidate) < 0,
                Some(Relative::Next | Relative::AfterNext) => distance(candidate) > 0,
                _ => true,
            })
            .min_by_key(|candidate| {
                let distance = distance(candidate);
                let weight = match relative {
                    Some(Relative::Last | Relative::Next | Relative::AfterNext | Relative::This) => 1,
                    _ if deictic || distance == 0 => 1,
                    _ if self.context.future == (distance > 0) => 1,
                    _ => FUTURE_WEIGHT,
                };
                distance.saturating_abs().saturating_mul(weight)
            })
    }

    /// Yesterday, today, tomorrow, with the weekday that may stand beside it.
    fn deictic(&self) -> Resolution {
        let offset =
            self.parts.iter().find_map(|part| if let Noun::Deictic(offset) = part.noun { offset } else { None });
        let (Some(reference), Some(offset)) = (self.context.reference, offset) else { return Resolution::default() };
        let Ok(day) = reference.checked_add(i32::from(offset).days()) else { return Resolution::default() };
        let Some(weekday) = self.written_weekdays().next() else { return Resolution::of(Some(Value::day(day))) };
        if is_weekday(day, weekday) {
            return Resolution::of(Some(Value::day(day)));
        }
        // Written a day or two before it was published: the weekday knows better, and the conflict is told.
        let near =
            (-3..=3i32).filter_map(|days| day.checked_add(days.days()).ok()).find(|day| is_weekday(*day, weekday));
        Resolution { value: near.map(Value::day), conflict: Some(Conflict::Weekday) }
    }

    fn weekdays(&self) -> Option<Value> {
        let reference = self.context.reference?;
        // «الجمعة من الأسبوع الماضي»
        if let Some(part) = self.parts.iter().find(|part| part.noun == Noun::Unit(Unit::Week)) {
            let relative = part.relative.filter(|relative| !matches!(relative, Relative::Same | Relative::Elsewhen))?;
            let monday = monday(reference)?.checked_add(i32::from(offset(relative)).weeks()).ok()?;
            let points: Option<Vec<Point>> = self
                .written_weekdays()
                .map(|weekday| Some(Point::Day(monday.checked_add((i32::from(weekday) - 1).days()).ok()?)))
                .collect();
            return Value::of_points(&points?);
        }
        if self.parts.iter().any(|part| matches!(part.noun, Noun::Unit(_))) {
            return None;
        }
        let relative = self.relative();
        if matches!(relative, Some(Relative::Same | Relative::Elsewhen)) {
            return None;
        }
        let points: Option<Vec<Point>> = self
            .written_weekdays()
            .map(|weekday| {
                let step = match relative {
                    Some(Relative::Last) => -1,
                    Some(Relative::Next | Relative::AfterNext) => 1,
                    _ if self.context.future => 1,
                    _ => -1,
                };
                // The article's own day is neither the last nor the next of its kind.
                let first = i32::from(matches!(relative, Some(Relative::Last | Relative::Next | Relative::AfterNext)));
                (first..first + 7)
                    .filter_map(|days| reference.checked_add((days * step).days()).ok())
                    .find(|day| is_weekday(*day, weekday))
                    .map(Point::Day)
            })
            .collect();
        Value::of_points(&points?)
    }

    /// Months by their names.
    fn months(&self) -> Option<Value> {
        let names: Vec<Month> = self.month_names().collect();
        let last = names.last()?;
        if last.calendar == Calendar::Hijri {
            return self.hijri_months(&names);
        }
        let in_year = |year: i32| -> Option<Vec<Point>> {
            names
                .iter()
                .map(|name| {
                    // November to February 2017: the year is that of the end.
                    let year = if name.number > last.number { year - 1 } else { year };
                    Some(Point::Month(i16::try_from(year).ok()?, name.number as i8))
                })
                .collect()
        };
        match self.year() {
            YearOf::Known(year) => Value::of_points(&in_year(year)?),
            YearOf::Untold => None,
            YearOf::Absent => {
                let reference = self.context.reference?;
                if matches!(self.relative(), Some(Relative::Same | Relative::Elsewhen)) {
                    return None;
                }
                let year = i32::from(reference.year());
                let now = i64::from(reference.year()) * 12 + i64::from(reference.month());
                let distance = |points: &Vec<Point>| match points.first() {
                    Some(&Point::Month(year, month)) => i64::from(year) * 12 + i64::from(month) - now,
                    _ => i64::MAX,
                };
                let candidates = (year - 2..=year + 2).filter_map(in_year);
                Value::of_points(&self.nearest(candidates, distance)?)
            }
        }
    }

    /// Hijri months have no notation of their own: their Gregorian days.
    fn hijri_months(&self, names: &[Month]) -> Option<Value> {
        let in_year = |year: i32| -> Option<(Date, Date)> {
            let first = hijri::month(year, names.first()?.number)?.0;
            let last = hijri::month(year, names.last()?.number)?.1;
            Some((first, last))
        };
        let (first, last) = match self.year() {
            YearOf::Known(year) if year < 1600 => in_year(year)?,
            // «رمضان 2023»: the one that begins in that year.
            YearOf::Known(gregorian) => {
                let about = hijri::year_of(Date::new(i16::try_from(gregorian).ok()?, 7, 1).ok()?)?;
                (about - 1..=about + 1).filter_map(in_year).find(|(first, _)| i32::from(first.year()) == gregorian)?
            }
            YearOf::Untold => return None,
            YearOf::Absent => {
                let reference = self.context.reference?;
                let year = hijri::year_of(reference)?;
                self.nearest((year - 2..=year + 2).filter_map(in_year), |(first, last)| {
                    if *first <= reference && reference <= *last { 0 } else { days_between(reference, *first) }
                })?
            }
        };
        Some(Value::Span(Point::Day(first), Point::Day(last)))
    }

    fn season(&self, part: &Part) -> Option<Value> {
        let Noun::Season(season) = part.noun else { return None };
        let year = match self.year() {
            YearOf::Known(year) => i16::try_from(year).ok()?,
            YearOf::Untold => return None,
            YearOf::Absent => {
                let reference = self.context.reference?;
                if matches!(part.relative, Some(Relative::Same | Relative::Elsewhen)) {
                    return None;
                }
                let candidates = (-2..=2).filter_map(|years| {
                    let year = reference.year().checked_add(years)?;
                    Some((year, Value::Season(year, season).interval()?))
                });
                // While it lasts, it is neither the last nor the next.
                self.nearest(candidates, |(_, (first, last))| {
                    if *first <= reference && reference <= *last { 0 } else { days_between(reference, *first) }
                })?
                .0
            }
        };
        Some(Value::Season(year, season))
    }

    fn decades(&self) -> Option<Value> {
        let hundreds = match self.parts.iter().find(|part| part.noun == Noun::Unit(Unit::Century)) {
            None => 1900,
            Some(part) => match (part.ordinal, part.relative) {
                (Some(number), _) => (i32::from(number) - 1) * 100,
                (None, Some(relative @ (Relative::Last | Relative::This | Relative::Next))) => {
                    (century_of(self.context.reference?) + i32::from(offset(relative)) - 1) * 100
                }
                _ => return None,
            },
        };
        let starts: Vec<i32> = self
            .parts
            .iter()
            .filter_map(|part| match part.noun {
                Noun::Decade(short) if short < 100 => Some(hundreds + i32::from(short)),
                Noun::Decade(year) => Some(i32::from(year)),
                _ => None,
            })
            .collect();
        let (&first, &last) = (starts.iter().min()?, starts.iter().max()?);
        if first == last {
            decade(first)
        } else {
            let point = |year: i32| Some(Point::Year(i16::try_from(year).ok()?));
            Some(Value::Span(point(first)?, point(last + 9)?))
        }
    }

    /// Years, and units seen from the reference date.
    fn units(&self) -> Option<Value> {
        if let Some(numeric) = self.parts.iter().find_map(|part| match part.noun {
            Noun::Numeric(numeric, Kind::YearPair) => Some(numeric),
            _ => None,
        }) {
            // In lines from right to left the later year may stand first.
            return Value::of_points(&[Point::Year(numeric.year as i16), Point::Year(numeric.other_year as i16)]);
        }
        let years: Vec<u16> = self
            .parts
            .iter()
            .filter_map(|part| if let Noun::Year(year) = part.noun { Some(year) } else { None })
            .collect();
        if let (Some(&first), Some(&last)) = (years.iter().min(), years.iter().max()) {
            return match self.era() {
                Some(Era::BeforeChrist) => None,
                Some(Era::Hijri) => {
                    let (from, to) = (hijri::year(i32::from(first))?.0, hijri::year(i32::from(last))?.1);
                    Some(Value::Span(Point::Day(from), Point::Day(to)))
                }
                _ => Value::of_points(&[Point::Year(first as i16), Point::Year(last as i16)]),
            };
        }
        let reference = self.context.reference?;
        let part = self.parts.iter().find(|part| matches!(part.noun, Noun::Unit(_)))?;
        let Noun::Unit(unit) = part.noun else { return None };
        let relative = part.relative?;
        if unit == Unit::Month {
            return self.unit_month(part).map(|(year, month)| Value::Point(Point::Month(year, month)));
        }
        if unit == Unit::Year {
            if part.school && !matches!(relative, Relative::Same | Relative::Elsewhen) {
                // School years begin in September.
                let first = reference.year() - i16::from(reference.month() < 9) + i16::from(offset(relative));
                return Some(Value::Span(Point::Year(first), Point::Year(first + 1)));
            }
            return match self.year() {
                YearOf::Known(year) => year_value(year),
                _ => None,
            };
        }
        if matches!(relative, Relative::Same | Relative::Elsewhen) {
            return None;
        }
        let steps = i32::from(offset(relative));
        match unit {
            Unit::Day => Some(Value::day(reference.checked_add(steps.days()).ok()?)),
            Unit::Week => week(reference.checked_add(steps.weeks()).ok()?),
            Unit::Weekend => {
                // On Monday, “this weekend” is the one that just was, unless it is to come.
                let just_over = relative == Relative::This && !self.context.future && weekday_of(reference) <= 2;
                weekend(reference.checked_add((steps - i32::from(just_over)).weeks()).ok()?)
            }
            Unit::Quarter => {
                let day = reference.first_of_month().checked_add((steps * 3).months()).ok()?;
                Some(Value::Quarter(day.year(), (day.month() as u8 - 1) / 3 + 1))
            }
            Unit::Half => {
                let day = reference.first_of_month().checked_add((steps * 6).months()).ok()?;
                Some(Value::Half(day.year(), (day.month() as u8 - 1) / 6 + 1))
            }
            Unit::Decade => decade(i32::from(reference.year()) + steps * 10),
            Unit::Century => century(century_of(reference) + steps),
            _ => None,
        }
    }
}

/// Steps from the current one.
fn offset(relative: Relative) -> i8 {
    match relative {
        Relative::Last => -1,
        Relative::Next => 1,
        Relative::AfterNext => 2,
        Relative::This | Relative::Same | Relative::Elsewhen => 0,
    }
}

/// Whether a year in digits can only be one of the Hijri calendar in news.
fn is_hijri_year(year: u16) -> bool {
    (1340..=1500).contains(&year)
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(i32::MAX, |span| span.get_days()))
}

/// 1 for Monday.
fn weekday_of(day: Date) -> u8 {
    day.weekday().to_monday_one_offset() as u8
}

fn is_weekday(day: Date, weekday: u8) -> bool {
    weekday_of(day) == weekday
}

fn monday(day: Date) -> Option<Date> {
    day.checked_sub((i32::from(weekday_of(day)) - 1).days()).ok()
}

fn week(day: Date) -> Option<Value> {
    let week = day.iso_week_date();
    Some(Value::Week(week.year(), week.week()))
}

fn weekend(day: Date) -> Option<Value> {
    let week = day.iso_week_date();
    Some(Value::Weekend(week.year(), week.week()))
}

fn year_value(year: i32) -> Option<Value> {
    Some(Value::Point(Point::Year(i16::try_from(year).ok()?)))
}

fn decade(year: i32) -> Option<Value> {
    Some(Value::Decade(i16::try_from(year / 10 * 10).ok()?))
}

fn century(number: i32) -> Option<Value> {
    Some(Value::Century(i16::try_from(number).ok()?))
}

/// The number of the century that a day lies in.
fn century_of(day: Date) -> i32 {
    (i32::from(day.year()) - 1) / 100 + 1
}
