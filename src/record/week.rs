//! Weeks and months as windows of time: ISO weeks (`2026-W47`, ISO 8601) and calendar months (`2026-11`).
//!
//! Windows are half-open: they hold their first instant and not their last, so that neighbours share no instant.

use std::fmt;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;

use super::time::{Day, Time};

/// A text that names no week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read `{text}` as a week: write its number, such as 47, or 2026-W47, or last")]
pub struct WeekError {
    /// What was typed.
    pub text: String,
}

/// An ISO week: Monday to Sunday, in the year that holds its Thursday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    year: i16,
    week: i8,
}

impl Week {
    /// The week `week` (1 to 52 or 53) of `year`, if the year has it.
    pub fn new(year: i16, week: i8) -> Option<Self> {
        // A week the calendar begins but does not finish would have no end.
        if !(1..=9998).contains(&year) {
            return None;
        }
        ISOWeekDate::new(year, week, Weekday::Monday).ok().map(|_| Self { year, week })
    }

    /// Reads `2026-W47`, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, week) = text.split_once('-')?;
        let week = week.strip_prefix(['W', 'w'])?;
        Self::new(number(year, 4)?, i8::try_from(number(week, 2)?).ok()?)
    }

    /// Reads what people give to `--week`: `47` or `W47` (the latest such week that has begun), `2026-W47`, `last` (the last
    /// complete week) or `this`.
    ///
    /// # Errors
    /// When the text is none of these, or the year has no such week.
    pub fn parse_choice(text: &str, now: Time, zone: &TimeZone) -> Result<Self, WeekError> {
        let lower = text.trim().to_lowercase();
        let current = Self::of(now.day_in(zone));
        let found = match lower.as_str() {
            "last" => Some(Self::last_complete(now, zone)),
            "this" => Some(current),
            _ => Self::parse(&lower).or_else(|| {
                let digits = lower.strip_prefix('w').unwrap_or(&lower);
                let week = i8::try_from(number(digits, digits.len().clamp(1, 2))?).ok()?;
                // Years with a week 53 lie at most seven apart.
                (0..=7).filter_map(|back| Self::new(current.year - back, week)).find(|week| *week <= current)
            }),
        };
        found.ok_or_else(|| WeekError { text: text.to_owned() })
    }

    /// The week that holds `day`.
    pub fn of(day: Day) -> Self {
        let date = day.date().iso_week_date();
        Self { year: date.year(), week: date.week() }
    }

    /// The last week that ended at or before `now`.
    pub fn last_complete(now: Time, zone: &TimeZone) -> Self {
        Self::of(now.day_in(zone)).previous()
    }

    /// The week before.
    pub fn previous(self) -> Self {
        Self::of(self.monday().plus(-7))
    }

    /// The week after.
    pub fn next(self) -> Self {
        Self::of(self.monday().plus(7))
    }

    /// The year that holds the week's Thursday.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The number of the week in its year, 1 to 53.
    pub fn week(self) -> i8 {
        self.week
    }

    /// The first day of the week.
    pub fn monday(self) -> Day {
        let monday = ISOWeekDate::new(self.year, self.week, Weekday::Monday);
        Day::from_date(monday.map_or(Date::MIN, ISOWeekDate::date))
    }

    /// The last day of the week.
    pub fn sunday(self) -> Day {
        self.monday().plus(6)
    }

    /// From the week's first instant in `zone` up to, not including, the next week's.
    pub fn window(self, zone: &TimeZone) -> (Time, Time) {
        (self.monday().start(zone), self.sunday().end(zone))
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month `month` (1 to 12) of `year`.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// Reads `2026-11`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        Self::new(number(year, 4)?, i8::try_from(number(month, 2)?).ok()?)
    }

    /// The month that holds `day`.
    pub fn of(day: Day) -> Self {
        Self { year: day.date().year(), month: day.date().month() }
    }

    /// The last month that ended at or before `now`.
    pub fn last_complete(now: Time, zone: &TimeZone) -> Self {
        Self::of(now.day_in(zone)).previous()
    }

    /// The month before.
    pub fn previous(self) -> Self {
        Self::of(self.first_day().plus(-1))
    }

    /// The month after.
    pub fn next(self) -> Self {
        Self::of(self.last_day().plus(1))
    }

    /// The first day of the month.
    pub fn first_day(self) -> Day {
        Day::from_date(Date::new(self.year, self.month, 1).unwrap_or(Date::MIN))
    }

    /// The last day of the month.
    pub fn last_day(self) -> Day {
        Day::from_date(self.first_day().date().last_of_month())
    }

    /// From the month's first instant in `zone` up to, not including, the next month's.
    pub fn window(self, zone: &TimeZone) -> (Time, Time) {
        (self.first_day().start(zone), self.last_day().end(zone))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Exactly `digits` ASCII digits as a number.
fn number(text: &str, digits: usize) -> Option<i16> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn weeks_follow_iso_8601_at_the_turn_of_the_year() {
        for (day, expected) in [
            ("2026-11-22", "2026-W47"),
            ("2026-11-23", "2026-W48"),
            ("2027-01-03", "2026-W53"),
            ("2027-01-04", "2027-W01"),
            ("2024-12-30", "2025-W01"),
            ("2021-01-03", "2020-W53"),
        ] {
            assert_eq!(Week::of(Day::parse(day).unwrap()).to_string(), expected);
        }
    }

    #[test]
    fn weeks_read_back() {
        assert_eq!(Week::parse("2026-W47"), Week::new(2026, 47));
        assert_eq!(Week::parse("2026-w53"), Week::new(2026, 53));
        for text in ["2026-W54", "2025-W53", "2026-W00", "2026W47", "2026-47", "26-W47", "2026-W7", "", "9999-W52"] {
            assert_eq!(Week::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_week_runs_from_monday_to_monday_in_the_zone() {
        let (from, until) = Week::new(2026, 47).unwrap().window(&berlin());
        assert_eq!((from, until), (time("2026-11-15T23:00:00Z"), time("2026-11-22T23:00:00Z")));
        // The week the clocks go back is an hour longer.
        let (from, until) = Week::new(2026, 43).unwrap().window(&berlin());
        assert_eq!(until.unix() - from.unix(), 7 * 86_400 + 3_600);
    }

    #[test]
    fn neighbouring_weeks_share_no_instant_and_leave_none_out() {
        let mut week = Week::new(2026, 1).unwrap();
        for _ in 0..120 {
            assert_eq!(week.window(&berlin()).1, week.next().window(&berlin()).0);
            assert_eq!(week.next().previous(), week);
            week = week.next();
        }
    }

    #[test]
    fn the_choice_of_a_week_never_lies_ahead_unless_its_year_is_named() {
        let check = |text, now, expected: &str| {
            assert_eq!(Week::parse_choice(text, time(now), &berlin()).unwrap().to_string(), expected, "{text}");
        };
        check("last", "2026-11-22T12:00:00Z", "2026-W46");
        check("last", "2026-11-22T22:59:59Z", "2026-W46");
        check("last", "2026-11-22T23:00:00Z", "2026-W47");
        check("this", "2026-11-22T12:00:00Z", "2026-W47");
        check("47", "2026-11-22T12:00:00Z", "2026-W47");
        check("W47", "2026-11-22T12:00:00Z", "2026-W47");
        check("5", "2026-11-22T12:00:00Z", "2026-W05");
        check("48", "2026-11-22T12:00:00Z", "2025-W48");
        check("53", "2026-11-22T12:00:00Z", "2020-W53");
        check("2027-W02", "2026-11-22T12:00:00Z", "2027-W02");
        for text in ["54", "0", "", "w", "soon", "-1", "147"] {
            let error = Week::parse_choice(text, time("2026-11-22T12:00:00Z"), &berlin()).unwrap_err();
            assert!(error.to_string().contains("2026-W47"));
        }
    }

    #[test]
    fn months_are_windows_too() {
        let month = Month::parse("2026-02").unwrap();
        assert_eq!(month.window(&TimeZone::UTC), (time("2026-02-01T00:00:00Z"), time("2026-03-01T00:00:00Z")));
        assert_eq!(month.previous().previous().to_string(), "2025-12");
        assert_eq!(Month::new(2026, 12).unwrap().next().to_string(), "2027-01");
        assert_eq!(Month::last_complete(time("2026-11-30T23:00:00Z"), &berlin()).to_string(), "2026-11");
        for text in ["2026-13", "2026-00", "2026-1", "2026", "2026-11-01"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
