//! What a date says, in the notation of the annotation guidelines (ISO-TimeML).

use std::fmt;

use jiff::{ToSpan, civil::Date, civil::ISOWeekDate, civil::Weekday};

pub use super::token::Season;

/// The value of a date, at the grain that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// A day, a month or a year.
    Point(Point),
    /// The first and the last of several days, months or years.
    Span(Point, Point),
    /// An ISO week, Monday first: its week-numbering year, and its number.
    Week(i16, i8),
    /// The Saturday and Sunday of an ISO week.
    Weekend(i16, i8),
    /// A quarter of a year, from 1.
    Quarter(i16, u8),
    /// A half of a year, from 1.
    Half(i16, u8),
    /// A season; a winter has the year of its December.
    Season(i16, Season),
    /// A decade by its first year.
    Decade(i16),
    /// A century by its number: the 19th began in 1801.
    Century(i16),
}

/// A day, a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// A day.
    Day(Date),
    /// A year and a month of it, from 1.
    Month(i16, i8),
    /// A year.
    Year(i16),
}

impl Value {
    /// A day.
    pub(super) fn day(day: Date) -> Self {
        Self::Point(Point::Day(day))
    }

    /// The value of one or more points: the first to the last of them.
    pub(super) fn of_points(points: &[Point]) -> Option<Self> {
        let (first, last) = (*points.iter().min()?, *points.iter().max()?);
        Some(if first == last { Self::Point(first) } else { Self::Span(first, last) })
    }

    /// The first and the last day; `None` only at the ends of the calendar.
    pub fn interval(&self) -> Option<(Date, Date)> {
        match *self {
            Self::Point(point) => Some((point.first()?, point.last()?)),
            Self::Span(first, last) => Some((first.first()?, last.last()?)),
            Self::Week(year, week) => {
                let monday = ISOWeekDate::new(year, week, Weekday::Monday).ok()?.date();
                Some((monday, monday.checked_add(6.days()).ok()?))
            }
            Self::Weekend(year, week) => {
                let saturday = ISOWeekDate::new(year, week, Weekday::Saturday).ok()?.date();
                Some((saturday, saturday.tomorrow().ok()?))
            }
            Self::Quarter(year, quarter) => {
                months(year, (quarter.checked_sub(1)?.checked_mul(3)?.checked_add(1)?) as i8, 3)
            }
            Self::Half(year, half) => months(year, (half.checked_sub(1)?.checked_mul(6)?.checked_add(1)?) as i8, 6),
            Self::Season(year, Season::Spring) => months(year, 3, 3),
            Self::Season(year, Season::Summer) => months(year, 6, 3),
            Self::Season(year, Season::Autumn) => months(year, 9, 3),
            Self::Season(year, Season::Winter) => months(year, 12, 3),
            Self::Decade(year) => years(year, 10),
            Self::Century(number) => years(number.checked_sub(1)?.checked_mul(100)?.checked_add(1)?, 100),
        }
    }
}

/// The interval of some months from the first of one.
fn months(year: i16, month: i8, count: i32) -> Option<(Date, Date)> {
    let first = Date::new(year, month, 1).ok()?;
    Some((first, first.checked_add(count.months()).ok()?.yesterday().ok()?))
}

fn years(year: i16, count: i32) -> Option<(Date, Date)> {
    let first = Date::new(year, 1, 1).ok()?;
    Some((first, first.checked_add(count.years()).ok()?.yesterday().ok()?))
}

impl Point {
    /// Its first day.
    pub fn first(&self) -> Option<Date> {
        match *self {
            Self::Day(day) => Some(day),
            Self::Month(year, month) => Date::new(year, month, 1).ok(),
            Self::Year(year) => Date::new(year, 1, 1).ok(),
        }
    }

    /// Its last day.
    pub fn last(&self) -> Option<Date> {
        match *self {
            Self::Day(day) => Some(day),
            Self::Month(year, month) => Some(Date::new(year, month, 1).ok()?.last_of_month()),
            Self::Year(year) => Date::new(year, 12, 31).ok(),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(formatter, "{day}"),
            Self::Month(year, month) => write!(formatter, "{year:04}-{month:02}"),
            Self::Year(year) => write!(formatter, "{year:04}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(point) => write!(formatter, "{point}"),
            Self::Span(first, last) => write!(formatter, "{first}/{last}"),
            Self::Week(year, week) => write!(formatter, "{year:04}-W{week:02}"),
            Self::Weekend(year, week) => write!(formatter, "{year:04}-W{week:02}-WE"),
            Self::Quarter(year, quarter) => write!(formatter, "{year:04}-Q{quarter}"),
            Self::Half(year, half) => write!(formatter, "{year:04}-H{half}"),
            Self::Season(year, season) => {
                let season = match season {
                    Season::Spring => "SP",
                    Season::Summer => "SU",
                    Season::Autumn => "AU",
                    Season::Winter => "WI",
                };
                write!(formatter, "{year:04}-{season}")
            }
            Self::Decade(year) => write!(formatter, "{:03}X", year / 10),
            Self::Century(number) => write!(formatter, "{:02}XX", number - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn values_are_written_as_the_guidelines_say_and_have_their_days() {
        let day = |year, month, day| Point::Day(date(year, month, day));
        for (value, written, from, to) in [
            (Value::Point(day(2024, 4, 23)), "2024-04-23", "2024-04-23", "2024-04-23"),
            (Value::Point(Point::Month(2024, 2)), "2024-02", "2024-02-01", "2024-02-29"),
            (Value::Point(Point::Year(2024)), "2024", "2024-01-01", "2024-12-31"),
            (Value::Week(2024, 16), "2024-W16", "2024-04-15", "2024-04-21"),
            (Value::Weekend(2024, 16), "2024-W16-WE", "2024-04-20", "2024-04-21"),
            (Value::Quarter(2018, 1), "2018-Q1", "2018-01-01", "2018-03-31"),
            (Value::Half(2018, 2), "2018-H2", "2018-07-01", "2018-12-31"),
            (Value::Season(2023, Season::Summer), "2023-SU", "2023-06-01", "2023-08-31"),
            (Value::Season(2023, Season::Winter), "2023-WI", "2023-12-01", "2024-02-29"),
            (Value::Decade(1990), "199X", "1990-01-01", "1999-12-31"),
            (Value::Century(19), "18XX", "1801-01-01", "1900-12-31"),
            (Value::Span(day(2019, 6, 25), day(2019, 6, 26)), "2019-06-25/2019-06-26", "2019-06-25", "2019-06-26"),
            (Value::Span(Point::Year(2019), Point::Year(2020)), "2019/2020", "2019-01-01", "2020-12-31"),
        ] {
            assert_eq!(value.to_string(), written);
            let (first, last) = value.interval().unwrap();
            assert_eq!((first.to_string().as_str(), last.to_string().as_str()), (from, to), "{written}");
        }
    }

    #[test]
    fn what_lies_outside_the_calendar_has_no_interval() {
        assert!(Value::Week(2023, 53).interval().is_none());
        assert!(Value::Century(i16::MAX).interval().is_none());
        assert!(Value::Quarter(2023, 0).interval().is_none());
    }
}
