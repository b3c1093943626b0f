//! The Islamic calendar as it is used in print: Umm al-Qura, from ICU4X.

use icu_calendar::cal::{Gregorian, Hijri, hijri::UmmAlQura};
use jiff::civil::Date;

type HijriDate = icu_calendar::Date<Hijri<UmmAlQura>>;

/// The Gregorian day of a Hijri date; `None` where there is no such day.
pub(super) fn day(year: i32, month: u8, day: u8) -> Option<Date> {
    // The library counts far beyond any year that is written.
    if !(1..=2000).contains(&year) {
        return None;
    }
    let date = HijriDate::try_new_hijri_with_calendar(year, month, day, Hijri::new_umm_al_qura()).ok()?;
    let date = date.to_calendar(Gregorian);
    let year = i16::try_from(date.year().extended_year()).ok()?;
    Date::new(year, i8::try_from(date.month().ordinal).ok()?, i8::try_from(date.day_of_month().0).ok()?).ok()
}

/// The first and last Gregorian day of a Hijri month.
pub(super) fn month(year: i32, month: u8) -> Option<(Date, Date)> {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Some((day(year, month, 1)?, day(next_year, next_month, 1)?.yesterday().ok()?))
}

/// The first and last Gregorian day of a Hijri year.
pub(super) fn year(year: i32) -> Option<(Date, Date)> {
    Some((day(year, 1, 1)?, day(year + 1, 1, 1)?.yesterday().ok()?))
}

/// The Hijri year that a Gregorian day lies in.
pub(super) fn year_of(day: Date) -> Option<i32> {
    let gregorian =
        icu_calendar::Date::try_new_gregorian(i32::from(day.year()), day.month() as u8, day.day() as u8).ok()?;
    Some(gregorian.to_calendar(Hijri::new_umm_al_qura()).year().extended_year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn published_days_of_the_umm_al_qura_calendar() {
        // First days of Ramadan and of the year as Saudi Arabia's calendar has them.
        assert_eq!(day(1445, 9, 1), Some(date(2024, 3, 11)));
        assert_eq!(day(1446, 9, 1), Some(date(2025, 3, 1)));
        assert_eq!(day(1446, 7, 15), Some(date(2025, 1, 15)));
        assert_eq!(day(1446, 1, 1), Some(date(2024, 7, 7)));
        assert_eq!(month(1445, 9), Some((date(2024, 3, 11), date(2024, 4, 9))));
        assert_eq!(year_of(date(2024, 7, 7)), Some(1446));
        assert_eq!(year_of(date(2024, 7, 6)), Some(1445));
    }

    #[test]
    fn days_that_do_not_exist_have_no_value() {
        assert_eq!(day(1446, 13, 1), None);
        assert_eq!(day(1446, 1, 31), None);
        assert_eq!(day(-5, 1, 1), None);
        assert_eq!(day(i32::MAX, 1, 1), None);
    }
}
