//! The article's own day, where only its text or its file's name tells it.

use jiff::civil::Date;

use super::{
    Dates, Point, Value,
    matcher::Noun,
    resolve::{Context, resolve},
    token::{Gap, Kind, Token},
};

/// Lines of an article's top that can hold its day, and of its bottom.
const TOP_LINES: usize = 8;
const BOTTOM_LINES: usize = 3;

/// Letters and digits of a line beside the date, at most, for it to be a publication line.
const MOST_BESIDE: usize = 30;

/// Tokens between the beginning of a line and a dateline's date: “RABAT, Morocco, 24 April 2024 (AP) –”.
const MOST_BEFORE: usize = 6;

/// The day of publication that a text tells of itself: a date with day, month
/// and year on a line of its own or nearly so, behind a word like “published”,
/// or in a dateline. `language` is an ISO 639-1 code.
///
/// ```
/// use musamma::dates::publication_date;
///
/// let text = "مونبلييه تستقبل وفدا من طنجة\nالأربعاء 24 أبريل 2024\nاستقبل العمدة أمس وفدا …";
/// assert_eq!(publication_date(text, Some("ar")).map(|day| day.to_string()).as_deref(), Some("2024-04-24"));
/// ```
pub fn publication_date(text: &str, language: Option<&str>) -> Option<Date> {
    Dates::read(text, language).publication_date()
}

impl Dates<'_> {
    /// The day of publication that the text tells of itself; see [`publication_date`].
    pub fn publication_date(&self) -> Option<Date> {
        let lines = lines(&self.tokens);
        let bottom = lines.len().saturating_sub(BOTTOM_LINES).max(TOP_LINES);
        let top = lines.iter().take(TOP_LINES).map(|line| (line, true));
        let bottom = lines.iter().skip(bottom).map(|line| (line, false));
        for (line, is_top) in top.chain(bottom) {
            // A date does not go on over the end of a line.
            let first = self.found.partition_point(|found| found.tokens.start < line.start);
            for found in self.found[first..].iter().take_while(|found| found.tokens.start < line.end) {
                let has_day = found.parts.iter().any(|part| matches!(part.noun, Noun::Day(_) | Noun::Numeric(..)));
                let context = Context { reference: None, future: false, spoken_of: None };
                let Some(Value::Point(Point::Day(day))) = resolve(&found.parts, context).value.filter(|_| has_day)
                else {
                    continue;
                };
                let before = &self.tokens[line.start..found.tokens.start];
                let after = &self.tokens[found.tokens.end..line.end];
                if is_published(before) || is_top && (is_alone(self.text, before, after) || is_dateline(before, after))
                {
                    return Some(day);
                }
            }
        }
        None
    }
}

fn lines(tokens: &[Token]) -> Vec<std::ops::Range<usize>> {
    let mut starts: Vec<usize> =
        tokens.iter().enumerate().filter(|(_, token)| token.gap == Gap::Line).map(|(at, _)| at).collect();
    starts.push(tokens.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// A word like “published” stands shortly before.
fn is_published(before: &[Token]) -> bool {
    before.iter().rev().take(3).any(|token| token.is(Kind::Published))
}

/// Little else stands on the line, and no sentence.
fn is_alone(text: &str, before: &[Token], after: &[Token]) -> bool {
    let beside = before.iter().chain(after);
    let letters: usize =
        beside.map(|token| text[token.range()].chars().filter(|letter| letter.is_alphanumeric()).count()).sum();
    let ends_as_sentence = after.last().is_some_and(|token| token.sign == Some('.'));
    letters <= MOST_BESIDE && !ends_as_sentence
}

/// A place, the date, then brackets or a dash, and the text.
fn is_dateline(before: &[Token], after: &[Token]) -> bool {
    before.len() <= MOST_BEFORE
        && before
            .iter()
            .all(|token| token.sign.is_none_or(|sign| matches!(sign, ',' | '،' | '/' | '(' | '-' | '–' | '—')))
        && after.first().is_some_and(|token| matches!(token.sign, Some('(' | '-' | '–' | '—' | '/' | ':' | ')')))
}

/// A day in a file's name: `2024-04-24-title.html`, `20240424.txt`, `24_04_2024.txt`.
///
/// ```
/// use musamma::dates::date_in_file_name;
///
/// assert_eq!(date_in_file_name("2024-04-24-tangier.txt").unwrap().to_string(), "2024-04-24");
/// assert!(date_in_file_name("report-123456789.txt").is_none());
/// ```
pub fn date_in_file_name(name: &str) -> Option<Date> {
    let bytes = name.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let number = |from: usize, digits: usize| -> Option<i16> {
        let text = name.get(from..from + digits)?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let separator = |at: usize| bytes.get(at).filter(|byte| matches!(byte, b'-' | b'_' | b'.'));
    let day = |year: i16, month: i16, day: i16| {
        if !(1900..2200).contains(&year) {
            return None;
        }
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    (0..bytes.len()).filter(|&at| is_digit(at) && (at == 0 || !is_digit(at - 1))).find_map(|at| {
        let separated = || {
            let sign = separator(at + 4)?;
            (separator(at + 7) == Some(sign) && !is_digit(at + 10))
                .then(|| day(number(at, 4)?, number(at + 5, 2)?, number(at + 8, 2)?))
                .flatten()
        };
        let joined =
            || (!is_digit(at + 8)).then(|| day(number(at, 4)?, number(at + 4, 2)?, number(at + 6, 2)?)).flatten();
        let backwards = || {
            let sign = separator(at + 2)?;
            (separator(at + 5) == Some(sign) && !is_digit(at + 10))
                .then(|| day(number(at + 6, 4)?, number(at + 3, 2)?, number(at, 2)?))
                .flatten()
        };
        separated().or_else(joined).or_else(backwards)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publication_lines_and_datelines_tell_the_day() {
        for (language, text, day) in [
            ("ar", "عنوان الخبر\n24 أبريل 2024\nنص طويل عن شيء آخر.", Some("2024-04-24")),
            ("ar", "عنوان\nنشر في: 24/04/2024 الساعة 10:30\nنص.", Some("2024-04-24")),
            (
                "ar",
                "الرباط، 24 أبريل 2024 (و م ع) - أكد الوزير أن الأمر قد تم منذ مدة طويلة وأن كل شيء بخير.",
                Some("2024-04-24"),
            ),
            ("fr", "Un titre\nLe 29 juillet 2025 à 17h44 | Modifié 29 juillet 2025\nTexte.", Some("2025-07-29")),
            ("en", "Title\nBy A. Writer\nPublished on 3 May 2023\nText goes on here.", Some("2023-05-03")),
            (
                "es",
                "Título\nTexto largo que sigue y no dice nada.\nActualizado el 3 de mayo de 2023",
                Some("2023-05-03"),
            ),
            // A date in a sentence is that of an event.
            ("fr", "Titre\nLa loi du 29 juillet 1881 reste en vigueur, a rappelé hier le tribunal de la ville.", None),
            ("ar", "عنوان\nأبريل 2024\nنص.", None),
            ("en", "", None),
        ] {
            assert_eq!(publication_date(text, Some(language)).map(|day| day.to_string()).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn file_names_tell_the_day() {
        for (name, day) in [
            ("2024-04-24-tanger.txt", Some("2024-04-24")),
            ("news_20240424_2.html", Some("2024-04-24")),
            ("24_04_2024.txt", Some("2024-04-24")),
            ("a/2024.04.24.txt", Some("2024-04-24")),
            ("2024-13-24.txt", None),
            ("12345678901.txt", None),
            ("طنجة-2024-04-24.txt", Some("2024-04-24")),
            ("article.txt", None),
            ("", None),
        ] {
            assert_eq!(date_in_file_name(name).map(|day| day.to_string()).as_deref(), day, "{name}");
        }
    }
}
