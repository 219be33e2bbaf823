//! Lengths of time as people type and read them: `14d`, `2 weeks`, `3 h`.
//!
//! Pure: text in, seconds out, and back. A month counts as 30 days and a year as 365 here; where the calendar matters
//! (`in 1 month`), [`super::when`] reckons with real months.

use super::time::Day;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
const MONTH: i64 = 30 * DAY;
const YEAR: i64 = 365 * DAY;

/// A text that is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read `{text}` as a length of time: write a number and m, h, d, w, mo or y, such as 45m, 2h, 14d or 2w")]
pub struct AgeError {
    /// What was typed.
    pub text: String,
}

/// A unit of a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "m" | "min" | "mins" | "minute" | "minutes" => Self::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hour,
            "d" | "day" | "days" => Self::Day,
            "w" | "wk" | "wks" | "week" | "weeks" => Self::Week,
            "mo" | "month" | "months" => Self::Month,
            "y" | "yr" | "yrs" | "year" | "years" => Self::Year,
            _ => return None,
        })
    }

    fn seconds(self) -> i64 {
        match self {
            Self::Minute => MINUTE,
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => WEEK,
            Self::Month => MONTH,
            Self::Year => YEAR,
        }
    }

    /// Whether the unit is made of whole days.
    pub(crate) fn is_days(self) -> bool {
        !matches!(self, Self::Minute | Self::Hour)
    }
}

/// Reads `14d`, `2 weeks` or `1h30m` and returns seconds.
///
/// # Errors
/// When the text is no number and unit, or the length does not fit.
pub fn parse_age(text: &str) -> Result<i64, AgeError> {
    let amounts = parse_amounts(&text.to_lowercase());
    amounts
        .and_then(|amounts| {
            amounts.into_iter().try_fold(0i64, |sum, (count, unit)| sum.checked_add(count.checked_mul(unit.seconds())?))
        })
        .ok_or_else(|| AgeError { text: text.to_owned() })
}

/// Reads lower-case pairs of number and unit; spaces do not count.
pub(crate) fn parse_amounts(text: &str) -> Option<Vec<(i64, Unit)>> {
    let packed: String = text.split_whitespace().collect();
    let mut rest = packed.as_str();
    let mut amounts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (word, after) = tail.split_at(letters);
        amounts.push((number.parse().ok()?, Unit::parse(word)?));
        rest = after;
    }
    (!amounts.is_empty()).then_some(amounts)
}

/// A length of time in one short unit for columns, rounded down: `4 min`, `3 h`, `5 d`, `3 w`, `4 mo`, `2 y`.
///
/// A negative length reads as its magnitude: which side of now it lies on is for the column's heading to say.
pub fn age_words(seconds: i64) -> String {
    let (count, unit) = largest(seconds);
    let word = match unit {
        Unit::Minute => "min",
        Unit::Hour => "h",
        Unit::Day => "d",
        Unit::Week => "w",
        Unit::Month => "mo",
        Unit::Year => "y",
    };
    format!("{count} {word}")
}

/// A length of time in plain words for sentences, rounded down: `4 minutes`, `1 hour`, `5 days`, `2 weeks`.
pub fn age_long_words(seconds: i64) -> String {
    let (count, unit) = largest(seconds);
    let word = match unit {
        Unit::Minute => "minute",
        Unit::Hour => "hour",
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    };
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// A day for people: `24 Nov`, with the year when it is not the year of `today`.
pub fn short_day(day: Day, today: Day) -> String {
    let form = if day.date().year() == today.date().year() { "%-d %b" } else { "%-d %b %Y" };
    day.date().strftime(form).to_string()
}

/// The whole count of the unit people would choose: days up to two weeks, weeks up to nine, months up to two years.
fn largest(seconds: i64) -> (i64, Unit) {
    let seconds = seconds.saturating_abs();
    let unit = match seconds {
        ..HOUR => Unit::Minute,
        HOUR..DAY => Unit::Hour,
        _ if seconds < 2 * WEEK => Unit::Day,
        _ if seconds < 9 * WEEK => Unit::Week,
        _ if seconds < 2 * YEAR => Unit::Month,
        _ => Unit::Year,
    };
    (seconds / unit.seconds(), unit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_as_seconds() {
        for (text, expected) in [
            ("45m", 45 * 60),
            ("2h", 7_200),
            ("14d", 14 * 86_400),
            ("14 days", 14 * 86_400),
            ("2W", 14 * 86_400),
            ("1mo", 30 * 86_400),
            ("1y", 365 * 86_400),
            ("1h30m", 5_400),
            ("1 week 2 days", 9 * 86_400),
            ("0d", 0),
        ] {
            assert_eq!(parse_age(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_examples() {
        for text in ["", "14", "d", "14x", "-3d", "1.5h", "99999999999999999999d", "9223372036854775807y", "３d"] {
            assert!(parse_age(text).is_err(), "{text}");
        }
        assert!(parse_age("soon").unwrap_err().to_string().contains("14d"));
    }

    #[test]
    fn ages_print_in_the_unit_people_choose() {
        for (seconds, short, long) in [
            (0, "0 min", "0 minutes"),
            (59, "0 min", "0 minutes"),
            (60, "1 min", "1 minute"),
            (3_599, "59 min", "59 minutes"),
            (3_600, "1 h", "1 hour"),
            (86_399, "23 h", "23 hours"),
            (86_400, "1 d", "1 day"),
            (13 * DAY, "13 d", "13 days"),
            (14 * DAY, "2 w", "2 weeks"),
            (62 * DAY, "8 w", "8 weeks"),
            (63 * DAY, "2 mo", "2 months"),
            (729 * DAY, "24 mo", "24 months"),
            (730 * DAY, "2 y", "2 years"),
            (-3 * DAY, "3 d", "3 days"),
        ] {
            assert_eq!(age_words(seconds), short);
            assert_eq!(age_long_words(seconds), long);
        }
        assert!(!age_words(i64::MIN).starts_with('-'));
    }

    #[test]
    fn short_ages_read_back() {
        for text in ["4 min", "3 h", "5 d", "2 w", "4 mo", "2 y"] {
            assert_eq!(age_words(parse_age(text).unwrap()), text);
        }
    }

    #[test]
    fn a_day_shows_its_year_when_it_is_another() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(short_day(day("2026-11-24"), day("2026-01-01")), "24 Nov");
        assert_eq!(short_day(day("2025-03-04"), day("2026-01-01")), "4 Mar 2025");
    }
}
