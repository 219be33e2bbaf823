//! The sample company's year: its days, its working hours and its holidays.

use jiff::tz::TimeZone;

use crate::record::time::{Day, Time};

const OPENS: i64 = 9 * 60;
const CLOSES: i64 = 17 * 60 + 30;
/// Months and days nobody works, besides weekends.
const HOLIDAYS: &[(i8, i8)] = &[(1, 1), (3, 17), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)];

/// The days of the history, counted from the Monday of the week it ends in.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    pub(super) zone: TimeZone,
    /// The Monday of the week the history ends in.
    pub(super) monday: Day,
    /// Nothing happens after this.
    pub(super) end: Time,
}

impl Calendar {
    pub(super) fn new(zone: TimeZone, now: Time) -> Self {
        let end = Time::from_unix(now.unix() - now.unix().rem_euclid(3600));
        let monday = crate::record::week::Week::of(end.day_in(&zone)).monday();
        Self { zone, monday, end }
    }

    /// The day `offset` days after the Monday.
    pub(super) fn day(&self, offset: i32) -> Day {
        self.monday.plus(offset)
    }

    /// A time of a day, in minutes after midnight.
    pub(super) fn at(&self, offset: i32, minute: i64) -> Time {
        self.day(offset).start(&self.zone).plus(minute * 60)
    }

    /// How many days after the Monday a time falls.
    pub(super) fn offset(&self, time: Time) -> i32 {
        let days = time.day_in(&self.zone).date() - self.monday.date();
        days.get_days()
    }

    pub(super) fn is_off(&self, day: Day) -> bool {
        let date = day.date();
        date.weekday().to_monday_zero_offset() >= 5 || HOLIDAYS.contains(&(date.month(), date.day()))
    }

    /// How busy customers are on a day, in percent of an ordinary working day.
    pub(super) fn busy(&self, day: Day) -> i64 {
        let date = day.date();
        let quiet_time = (date.month() == 12 && date.day() >= 22) || (date.month() == 1 && date.day() <= 2);
        if date.weekday().to_monday_zero_offset() >= 5 {
            14
        } else if self.is_off(day) || quiet_time {
            25
        } else {
            match date.weekday().to_monday_zero_offset() {
                0 => 130,
                4 => 80,
                _ => 100,
            }
        }
    }

    fn minute_of_day(&self, time: Time) -> i64 {
        (time.unix() - time.day_in(&self.zone).start(&self.zone).unix()) / 60
    }

    pub(super) fn is_open(&self, time: Time) -> bool {
        !self.is_off(time.day_in(&self.zone)) && (OPENS..CLOSES).contains(&self.minute_of_day(time))
    }

    /// The time when `minutes` of working time have passed since `from`.
    pub(super) fn work(&self, from: Time, minutes: i64) -> Time {
        let (mut day, mut left) = (from.day_in(&self.zone), minutes.max(0));
        let mut minute = self.minute_of_day(from);
        loop {
            if !self.is_off(day) && minute < CLOSES {
                let begin = minute.max(OPENS);
                if begin + left < CLOSES {
                    let seconds = if begin == minute { from.unix().rem_euclid(60) } else { 17 };
                    return day.start(&self.zone).plus((begin + left) * 60 + seconds);
                }
                left -= CLOSES - begin;
            }
            day = day.plus(1);
            minute = 0;
        }
    }

    /// The end of office hours `days` working days later: what a customer is promised.
    pub(super) fn promise(&self, from: Time, days: i64) -> Time {
        let mut day = from.day_in(&self.zone);
        let mut left = days.max(1);
        while left > 0 {
            day = day.plus(1);
            if !self.is_off(day) {
                left -= 1;
            }
        }
        day.start(&self.zone).plus(17 * 3600)
    }

    /// `Tuesday`.
    pub(super) fn weekday(&self, time: Time) -> String {
        time.day_in(&self.zone).date().strftime("%A").to_string()
    }

    /// `March`, the month before the one of `time`: what people speak of when they speak of a month.
    pub(super) fn last_month(&self, time: Time) -> String {
        let month = crate::record::week::Month::of(time.day_in(&self.zone)).previous();
        month.first_day().date().strftime("%B").to_string()
    }
}
