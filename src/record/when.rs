//! Points in time as people type them: `2026-11-22 17:00`, `yesterday 17:00`, `fri`, `in 3d`, `24 Nov`.
//!
//! Pure: now and the zone are given. Days stay days (`24 Nov`, `3d`): which instant of the day is meant, the asker decides
//! with [`When::instant`].

use jiff::Span;
use jiff::civil::{self, Date, Weekday};
use jiff::tz::TimeZone;

use super::age::{self, Unit};
use super::time::{Day, Time};

/// A point in time as somebody typed it: an instant, or a day as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// An instant.
    Instant(Time),
    /// A day, with no time of day given.
    Day(Day),
}

/// Which way a text without a sign points: `3d`, `fri`, `24 Nov`, `17:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Back: `3d` is three days ago, `fri` the last Friday before today.
    Past,
    /// Ahead: `3d` is in three days, `fri` the next Friday after today.
    Future,
}

/// Which instant stands for a bare day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayEdge {
    /// The day's first instant.
    Start,
    /// The first instant after the day.
    End,
    /// A time of day, such as the end of the working day.
    At(civil::Time),
}

/// A text that is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// The text has none of the accepted forms.
    #[error("cannot read `{text}` as a time: write {ACCEPTED}")]
    Unreadable {
        /// What was typed.
        text: String,
    },
    /// The text names a day that the calendar does not have.
    #[error("`{text}` is not a day of the calendar")]
    NoSuchDay {
        /// What was typed.
        text: String,
    },
    /// The text names a time that the clock does not have.
    #[error("`{text}` is not a time of day: write it as 9:30, 17:00 or 5pm")]
    NoSuchTimeOfDay {
        /// The time of day that was typed.
        text: String,
    },
}

/// The accepted forms, by example.
pub const ACCEPTED: &str = "a day (2026-11-22, 24 Nov, fri, yesterday, 3 days ago, in 2w) with or without a time of day \
     (2026-11-22 17:00, friday 17:00), a time of day (17:00), a span (45m, 2h, 3d, 1w), now, or 2026-11-22T17:00:00Z";

impl When {
    /// The instant meant in `zone`; a bare day is read at the given edge.
    pub fn instant(self, zone: &TimeZone, at: DayEdge) -> Time {
        match (self, at) {
            (Self::Instant(time), _) => time,
            (Self::Day(day), DayEdge::Start) => day.start(zone),
            (Self::Day(day), DayEdge::End) => day.end(zone),
            (Self::Day(day), DayEdge::At(clock)) => at_clock(day, clock, zone).unwrap_or_else(|| day.start(zone)),
        }
    }

    /// The calendar day in `zone`.
    pub fn day(self, zone: &TimeZone) -> Day {
        match self {
            Self::Instant(time) => time.day_in(zone),
            Self::Day(day) => day,
        }
    }
}

/// Reads a point in time as people type it; `direction` decides where the text itself does not.
///
/// A weekday is never today (`today` is), a day of the year without a year may be. `last`, `next`, `ago` and `in` outrank
/// the direction. Days, weeks, months and years give a day, hours and minutes an instant. A time of day that the clock
/// change leaves out is read with the offset from before it.
///
/// # Errors
/// When the text has no accepted form, or names a day or time that does not exist.
pub fn parse_when(text: &str, now: Time, zone: &TimeZone, direction: Direction) -> Result<When, WhenError> {
    if let Some(time) = Time::parse(text.trim()) {
        return Ok(When::Instant(time));
    }
    let lower = text.trim().to_lowercase().replace(',', " ");
    let lower = split_iso(&lower);
    let mut words: Vec<&str> = lower.split_whitespace().collect();
    let unreadable = || WhenError::Unreadable { text: text.to_owned() };
    let clock = take_clock(&mut words)?;
    let reader = Reader { now, zone, today: now.day_in(zone), direction };
    if words.is_empty() {
        return clock.and_then(|clock| reader.next_clock(clock)).map(When::Instant).ok_or_else(unreadable);
    }
    let when = match reader.read(&words) {
        Read::Found(when) => when,
        Read::NoSuchDay => return Err(WhenError::NoSuchDay { text: text.to_owned() }),
        Read::Unknown => return Err(unreadable()),
    };
    match (when, clock) {
        (when, None) => Ok(when),
        (When::Day(day), Some(clock)) => at_clock(day, clock, zone).map(When::Instant).ok_or_else(unreadable),
        (When::Instant(_), Some(_)) => Err(unreadable()),
    }
}

struct Reader<'a> {
    now: Time,
    zone: &'a TimeZone,
    today: Day,
    direction: Direction,
}

enum Read {
    Found(When),
    NoSuchDay,
    Unknown,
}

impl Reader<'_> {
    fn read(&self, words: &[&str]) -> Read {
        let day = |day| Read::Found(When::Day(day));
        match words {
            ["now"] => return Read::Found(When::Instant(self.now)),
            ["today"] => return day(self.today),
            ["yesterday"] => return day(self.today.plus(-1)),
            ["tomorrow"] => return day(self.today.plus(1)),
            [word] | ["on", word] => {
                if let Some(weekday) = weekday(word) {
                    return day(self.weekday(weekday, self.direction));
                }
                if looks_like_iso_day(word) {
                    return Day::parse(word).map_or(Read::NoSuchDay, day);
                }
            }
            ["last", word] if weekday(word).is_some() => {
                return weekday(word).map_or(Read::Unknown, |found| day(self.weekday(found, Direction::Past)));
            }
            ["next", word] if weekday(word).is_some() => {
                return weekday(word).map_or(Read::Unknown, |found| day(self.weekday(found, Direction::Future)));
            }
            _ => {}
        }
        match self.day_of_month(words.strip_prefix(&["on"]).unwrap_or(words)) {
            Read::Unknown => self.span(words),
            found => found,
        }
    }

    /// The nearest `wanted` that is not today.
    fn weekday(&self, wanted: Weekday, direction: Direction) -> Day {
        let nth = if direction == Direction::Future { 1 } else { -1 };
        Day::from_date(self.today.date().nth_weekday(nth, wanted).unwrap_or(self.today.date()))
    }

    fn day_of_month(&self, words: &[&str]) -> Read {
        let (first, second, year) = match words {
            [first, second] => (first, second, None),
            [first, second, year] if year.len() == 4 => match year.parse::<i16>() {
                Ok(year) => (first, second, Some(year)),
                Err(_) => return Read::Unknown,
            },
            _ => return Read::Unknown,
        };
        let pair = day_number(first).zip(month(second)).or_else(|| day_number(second).zip(month(first)));
        let Some((day, month)) = pair else { return Read::Unknown };
        let today = self.today.date();
        let date = match (year, self.direction) {
            (Some(year), _) => Date::new(year, month, day).ok(),
            // The 29th of February is at most eight years away.
            (None, Direction::Future) => (0..=8)
                .filter_map(|ahead| Date::new(today.year().saturating_add(ahead), month, day).ok())
                .find(|date| *date >= today),
            (None, Direction::Past) => (0..=8)
                .filter_map(|back| Date::new(today.year().saturating_sub(back), month, day).ok())
                .find(|date| *date <= today),
        };
        date.map_or(Read::NoSuchDay, |date| Read::Found(When::Day(Day::from_date(date))))
    }

    fn span(&self, words: &[&str]) -> Read {
        let (words, direction) = match words {
            ["in", .., "ago"] => return Read::Unknown,
            ["in", rest @ ..] => (rest, Direction::Future),
            [rest @ .., "ago"] => (rest, Direction::Past),
            rest => (rest, self.direction),
        };
        let text: String = words.iter().map(|word| if matches!(*word, "a" | "an") { "1" } else { word }).collect();
        let Some(amounts) = age::parse_amounts(&text) else { return Read::Unknown };
        let when = sum(&amounts).and_then(|span| {
            let span = if direction == Direction::Past { -span } else { span };
            if amounts.iter().all(|(_, unit)| unit.is_days()) {
                return Some(When::Day(Day::from_date(self.today.date().checked_add(span).ok()?)));
            }
            let then = self.now.timestamp().to_zoned(self.zone.clone()).checked_add(span).ok()?;
            Some(When::Instant(Time::from_unix(then.timestamp().as_second())))
        });
        when.filter(|when| when.day(self.zone).date().year() > 0).map_or(Read::NoSuchDay, Read::Found)
    }

    /// The nearest instant that shows `clock`; now itself counts.
    fn next_clock(&self, clock: civil::Time) -> Option<Time> {
        let today = at_clock(self.today, clock, self.zone)?;
        match self.direction {
            Direction::Past if today > self.now => at_clock(self.today.plus(-1), clock, self.zone),
            Direction::Future if today < self.now => at_clock(self.today.plus(1), clock, self.zone),
            _ => Some(today),
        }
    }
}

fn at_clock(day: Day, clock: civil::Time, zone: &TimeZone) -> Option<Time> {
    let zoned = day.date().to_datetime(clock).to_zoned(zone.clone()).ok()?;
    Some(Time::from_unix(zoned.timestamp().as_second()))
}

fn sum(amounts: &[(i64, Unit)]) -> Option<Span> {
    let (mut minutes, mut hours, mut days, mut months) = (0i64, 0i64, 0i64, 0i64);
    for (count, unit) in amounts {
        let (slot, each) = match unit {
            Unit::Minute => (&mut minutes, 1),
            Unit::Hour => (&mut hours, 1),
            Unit::Day => (&mut days, 1),
            Unit::Week => (&mut days, 7),
            Unit::Month => (&mut months, 1),
            Unit::Year => (&mut months, 12),
        };
        *slot = slot.checked_add(count.checked_mul(each)?)?;
    }
    Span::new().try_minutes(minutes).ok()?.try_hours(hours).ok()?.try_days(days).ok()?.try_months(months).ok()
}

/// Sets `2026-11-22t17:00` apart into day and time of day.
fn split_iso(lower: &str) -> String {
    match (lower.get(..10), lower.get(10..)) {
        (Some(day), Some(rest)) if looks_like_iso_day(day) && rest.starts_with('t') => format!("{day} {}", &rest[1..]),
        _ => lower.to_owned(),
    }
}

fn looks_like_iso_day(word: &str) -> bool {
    word.len() == 10
        && word.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
}

/// Takes a time of day off the end: `17:00`, `9:30:15`, `5pm`, `5:30 pm`, each with or without `at`.
fn take_clock(words: &mut Vec<&str>) -> Result<Option<civil::Time>, WhenError> {
    let (taken, text) = match words.as_slice() {
        [.., number, half @ ("am" | "pm")] => (2, format!("{number}{half}")),
        [.., word] => (1, (*word).to_owned()),
        [] => return Ok(None),
    };
    let (digits, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (text.as_str(), None),
    };
    let shaped = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b':')
        && (half.is_some() || digits.contains(':'));
    if !shaped {
        return Ok(None);
    }
    let clock = read_clock(digits, half).ok_or_else(|| WhenError::NoSuchTimeOfDay { text: text.clone() })?;
    words.truncate(words.len() - taken);
    if words.last() == Some(&"at") {
        words.pop();
    }
    Ok(Some(clock))
}

fn read_clock(digits: &str, half: Option<i8>) -> Option<civil::Time> {
    let mut parts = digits.split(':');
    let mut hour: i8 = parts.next()?.parse().ok()?;
    let mut rest = [0i8; 2];
    for slot in &mut rest {
        if let Some(part) = parts.next() {
            if part.len() != 2 {
                return None;
            }
            *slot = part.parse().ok()?;
        }
    }
    if parts.next().is_some() {
        return None;
    }
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    civil::Time::new(hour, rest[0], rest[1], 0).ok()
}

fn weekday(word: &str) -> Option<Weekday> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let found = NAMES.iter().find(|(name, _)| name.starts_with(word))?;
    (word.len() >= 3).then_some(found.1)
}

fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.');
    let found = NAMES.iter().position(|name| name.starts_with(word))?;
    (word.len() >= 3).then_some(i8::try_from(found + 1).ok()?)
}

/// A day of the month: `24`, `24.` or `24th`.
fn day_number(word: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th", "."].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    (digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A Sunday, 16:15 in Berlin.
    const NOW: &str = "2026-11-22T15:15:00Z";

    fn read(text: &str, direction: Direction) -> String {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        match parse_when(text, Time::parse(NOW).unwrap(), &zone, direction) {
            Ok(When::Instant(time)) => time.to_string(),
            Ok(When::Day(day)) => day.to_string(),
            Err(WhenError::Unreadable { .. }) => "unreadable".to_owned(),
            Err(WhenError::NoSuchDay { .. }) => "no such day".to_owned(),
            Err(WhenError::NoSuchTimeOfDay { .. }) => "no such time".to_owned(),
        }
    }

    fn check(text: &str, past: &str, future: &str) {
        assert_eq!(read(text, Direction::Past), past, "{text}, past");
        assert_eq!(read(text, Direction::Future), future, "{text}, future");
    }

    fn same(text: &str, expected: &str) {
        check(text, expected, expected);
    }

    #[test]
    fn exact_instants_and_days() {
        same("2026-11-22T09:15:00Z", "2026-11-22T09:15:00Z");
        same("2026-11-22T09:15:00.75+01:00", "2026-11-22T08:15:00Z");
        same("2026-11-22", "2026-11-22");
        same(" 2026-11-22 17:00 ", "2026-11-22T16:00:00Z");
        same("2026-11-22T17:00", "2026-11-22T16:00:00Z");
        same("2026-07-22 17:00:05", "2026-07-22T15:00:05Z");
        same("2026-11-22 at 5pm", "2026-11-22T16:00:00Z");
    }

    #[test]
    fn words_for_days() {
        same("now", NOW);
        same("today", "2026-11-22");
        same("Yesterday", "2026-11-21");
        same("tomorrow", "2026-11-23");
        same("yesterday 17:00", "2026-11-21T16:00:00Z");
        same("today 9:30", "2026-11-22T08:30:00Z");
        same("tomorrow at 12 am", "2026-11-22T23:00:00Z");
        same("tomorrow 12:30 pm", "2026-11-23T11:30:00Z");
    }

    #[test]
    fn weekdays_follow_the_direction_and_are_never_today() {
        check("fri", "2026-11-20", "2026-11-27");
        check("Friday 17:00", "2026-11-20T16:00:00Z", "2026-11-27T16:00:00Z");
        check("sunday", "2026-11-15", "2026-11-29");
        check("on thurs", "2026-11-19", "2026-11-26");
        same("last fri", "2026-11-20");
        same("next friday", "2026-11-27");
    }

    #[test]
    fn spans_follow_the_direction_unless_they_say() {
        check("3d", "2026-11-19", "2026-11-25");
        check("2h", "2026-11-22T13:15:00Z", "2026-11-22T17:15:00Z");
        check("45m", "2026-11-22T14:30:00Z", "2026-11-22T16:00:00Z");
        check("1w", "2026-11-15", "2026-11-29");
        check("2 weeks", "2026-11-08", "2026-12-06");
        check("1mo", "2026-10-22", "2026-12-22");
        same("3 days ago", "2026-11-19");
        same("3 days ago 17:00", "2026-11-19T16:00:00Z");
        same("in 3d", "2026-11-25");
        same("in 1h30m", "2026-11-22T16:45:00Z");
        same("an hour ago", "2026-11-22T14:15:00Z");
        same("a week ago", "2026-11-15");
    }

    #[test]
    fn days_of_the_year() {
        check("24 Nov", "2025-11-24", "2026-11-24");
        check("Nov 24", "2025-11-24", "2026-11-24");
        check("22 nov", "2026-11-22", "2026-11-22");
        check("29 Feb", "2024-02-29", "2028-02-29");
        same("24 Nov 2026", "2026-11-24");
        same("Nov 24, 2026", "2026-11-24");
        same("24th of may 2026", "unreadable");
        same("24th September 2026", "2026-09-24");
        check("Sept. 3 9:00", "2026-09-03T07:00:00Z", "2027-09-03T07:00:00Z");
    }

    #[test]
    fn a_time_of_day_alone() {
        check("17:00", "2026-11-21T16:00:00Z", "2026-11-22T16:00:00Z");
        check("9:30", "2026-11-22T08:30:00Z", "2026-11-23T08:30:00Z");
        check("16:15", "2026-11-22T15:15:00Z", "2026-11-22T15:15:00Z");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in
            ["", "soon", "fr", "3", "2026", "3x", "in", "ago", "in 3d ago", "now 17:00", "2h 17:00", "24 Nov 26"]
        {
            same(text, "unreadable");
        }
        for text in ["2026-02-30", "31 Apr", "30 Feb 2026", "2026-13-01", "9999y", "9999999999999y"] {
            same(text, "no such day");
        }
        for text in ["25:00", "today 9:60", "13pm", "0am", "9:5", "1:00:00:00", "999:00"] {
            same(text, "no such time");
        }
    }

    #[test]
    fn the_refusal_shows_the_accepted_forms() {
        let error = parse_when("soonish", Time::from_unix(0), &TimeZone::UTC, Direction::Past).unwrap_err();
        for form in ["soonish", "2026-11-22 17:00", "friday 17:00", "3 days ago", "24 Nov"] {
            assert!(error.to_string().contains(form), "{error}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_panic() {
        for unix in [i64::MIN, i64::MAX] {
            for text in ["tomorrow", "yesterday", "fri", "3d", "in 5h", "24 Nov", "17:00", "1y ago", "29 feb"] {
                for direction in [Direction::Past, Direction::Future] {
                    let zone = TimeZone::get("Europe/Berlin").unwrap();
                    let _ = parse_when(text, Time::from_unix(unix), &zone, direction);
                }
            }
        }
    }

    #[test]
    fn a_bare_day_becomes_the_instant_the_asker_wants() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let day = When::Day(Day::parse("2026-11-24").unwrap());
        let check = |at, expected: &str| assert_eq!(day.instant(&zone, at).to_string(), expected);
        check(DayEdge::Start, "2026-11-23T23:00:00Z");
        check(DayEdge::End, "2026-11-24T23:00:00Z");
        check(DayEdge::At(civil::time(17, 0, 0, 0)), "2026-11-24T16:00:00Z");
        let instant = When::Instant(Time::from_unix(0));
        assert_eq!(instant.instant(&zone, DayEdge::End), Time::from_unix(0));
    }

    #[test]
    fn a_time_the_clock_change_leaves_out_is_read_an_hour_later() {
        same("2026-03-29 02:30", "2026-03-29T01:30:00Z");
        same("2026-10-25 02:30", "2026-10-25T00:30:00Z");
    }
}
