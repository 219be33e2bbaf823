//! When tickets are opened, and which of them are still open at the end.

use staple::record::time::{Day, Time};

use super::chance::Chance;

/// The times when `tickets` tickets are opened, in order: as many in each of the `months` before `end`, mostly on working days and
/// in working hours.
pub(super) fn openings(tickets: usize, months: usize, end: Time, chance: &mut Chance) -> Vec<Time> {
    let mut out = Vec::with_capacity(tickets);
    for month in 0..months {
        let (from, until) = (month_start(end, months - month), month_start(end, months - month - 1));
        let count = tickets * (month + 1) / months - tickets * month / months;
        out.extend((0..count).map(|_| moment(from, until, chance)));
    }
    out.sort();
    out
}

/// The day of `end`, `back` months earlier.
pub(super) fn month_start(end: Time, back: usize) -> Time {
    let date = end.day().date().saturating_sub(jiff::Span::new().months(back as i64));
    Day::from_date(date).start(&jiff::tz::TimeZone::UTC)
}

fn moment(from: Time, until: Time, chance: &mut Chance) -> Time {
    let days = (until.unix() - from.unix()) / 86_400;
    let mut day = chance.between(0, days - 1);
    let weekend = |day: i64| from.plus(day * 86_400).day().date().weekday().to_monday_zero_offset() >= 5;
    if weekend(day) && chance.percent(80) {
        day = chance.between(0, days - 1);
    }
    let hour = if chance.percent(85) { chance.between(7, 17) } else { chance.between(0, 23) };
    from.plus(day * 86_400 + hour * 3600 + chance.between(0, 3599))
}

/// Exactly `open` of the tickets opened at `opened`, true where one is not done at the end: the younger the likelier, some of
/// them years old.
pub(super) fn left_open(opened: &[Time], open: usize, end: Time, chance: &mut Chance) -> Vec<bool> {
    let Some(first) = opened.first() else { return Vec::new() };
    let span = (end.unix() - first.unix()).max(1) as f64;
    let mut scores: Vec<(f64, usize)> = opened
        .iter()
        .enumerate()
        .map(|(place, at)| (chance.share() * (0.05 + (end.unix() - at.unix()) as f64 / span), place))
        .collect();
    scores.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut out = vec![false; opened.len()];
    scores.iter().take(open).for_each(|(_, place)| out[*place] = true);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end() -> Time {
        Time::parse(super::super::END).expect("a time")
    }

    #[test]
    fn every_month_gets_its_share_and_nothing_is_opened_outside() {
        let opened = openings(100, 12, end(), &mut Chance::new(1));
        assert_eq!(opened.len(), 100);
        assert!(opened.is_sorted());
        for back in 1..=12 {
            let (from, until) = (month_start(end(), back), month_start(end(), back - 1));
            let count = opened.iter().filter(|at| **at >= from && **at < until).count();
            assert!((8..=9).contains(&count), "{count} tickets {back} months before the end");
        }
    }

    #[test]
    fn exactly_as_many_stay_open_as_asked_and_most_of_them_young() {
        let mut chance = Chance::new(2);
        let opened = openings(2_000, 12, end(), &mut chance);
        let open = left_open(&opened, 100, end(), &mut chance);
        assert_eq!(open.iter().filter(|open| **open).count(), 100);
        let young = open.iter().skip(1_000).filter(|open| **open).count();
        assert!((60..100).contains(&young), "{young} of 100 are from the younger half");
    }
}
