//! Instants and days as records hold them.

use std::fmt;

/// An instant in whole seconds, written as RFC 3339 UTC (`2026-11-22T09:15:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The instant `seconds` after 1970-01-01T00:00:00Z; cut to the years 1 to 9999.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(-62_135_596_800, 253_402_207_200))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset; fractions of a second are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let stamp: jiff::Timestamp = text.parse().ok()?;
        Some(Self::from_unix(stamp.as_second()))
    }

    /// The same instant as a jiff timestamp.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The UTC calendar day.
    pub fn day(self) -> Day {
        Day(self.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// The calendar day in `zone`.
    pub fn day_in(self, zone: &jiff::tz::TimeZone) -> Day {
        Day(self.timestamp().to_zoned(zone.clone()).date())
    }

    /// `seconds` later (earlier when negative).
    pub fn plus(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// The compact form in file names: `20261122T091500Z`.
    pub fn compact(self) -> String {
        self.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// Reads the compact form, strictly: what is read is written the same. A leap second and a year that is cut are none.
    pub fn parse_compact(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        if b.len() != 16 || b[8] != b'T' || b[15] != b'Z' || !text.is_ascii() {
            return None;
        }
        let rfc = format!(
            "{}-{}-{}T{}:{}:{}Z",
            &text[0..4],
            &text[4..6],
            &text[6..8],
            &text[9..11],
            &text[11..13],
            &text[13..15]
        );
        let stamp: jiff::Timestamp = rfc.parse().ok()?;
        let time = Self::from_unix(stamp.as_second());
        (time.0 == stamp.as_second() && &text[13..15] != "60").then_some(time)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// A calendar day, written `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub(crate) jiff::civil::Date);

impl Day {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10 {
            return None;
        }
        text.parse().ok().map(Self)
    }

    /// The day as a jiff date.
    pub fn date(self) -> jiff::civil::Date {
        self.0
    }

    /// The day of a jiff date.
    pub fn from_date(date: jiff::civil::Date) -> Self {
        Self(date)
    }

    /// The first instant of the day in `zone`.
    pub fn start(self, zone: &jiff::tz::TimeZone) -> Time {
        match self.0.to_zoned(zone.clone()) {
            Ok(zoned) => Time::from_unix(zoned.timestamp().as_second()),
            // The first or the last day there is, begun beyond the end of the calendar.
            Err(_) => Time::from_unix(if self.0.year() > 0 { i64::MAX } else { i64::MIN }),
        }
    }

    /// The first instant after the day in `zone`.
    pub fn end(self, zone: &jiff::tz::TimeZone) -> Time {
        match self.0.tomorrow() {
            Ok(next) => Self(next).start(zone),
            Err(_) => self.start(zone).plus(86_400),
        }
    }

    /// `days` later (earlier when negative); stays within the calendar.
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The time zone of an IANA name, such as `Europe/Berlin`.
///
/// From the table in the program: the same on every machine, and no folder of zones has to be read for it.
pub fn zone(name: &str) -> Option<jiff::tz::TimeZone> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}
