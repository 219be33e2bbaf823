//! The sample company's people: who is there on a day, and who stands in.

use super::calendar::Calendar;
use super::chance::Chance;
use crate::record::time::Time;

/// The person whose eyes the desk is tried with.
pub const ME: (&str, &str, &str) = ("sam", "Sam Okafor", "sam@example.com");

/// Slug, name, share of the queue, and the day they came.
const EVERYBODY: &[(&str, &str, i64, i32)] = &[
    ("sam", "Sam Okafor", 10, -400),
    ("ada", "Ada Lindqvist", 10, -400),
    ("noor", "Noor Haddad", 9, -400),
    ("theo", "Theo Marsh", 8, -400),
    ("june", "June Adeyemi", 3, -400),
    ("mika", "Mika Saari", 7, MIKA_CAME + 7),
    ("ivo", "Ivo Brandt", 0, -400),
    ("priya", "Priya Raman", 0, -400),
    ("lena", "Lena Kowalska", 0, -400),
];

/// The day Mika came; the first week is for learning.
pub(super) const MIKA_CAME: i32 = -154;

/// Who is away, from when to when, and who stands in.
pub(super) const AWAY: &[(&str, i32, i32, &str)] = &[
    ("june", -301, -291, "ada"),
    ("sam", -245, -232, "noor"),
    ("lena", -217, -208, ""),
    ("ada", -196, -183, "theo"),
    ("theo", -161, -148, "noor"),
    ("ivo", -140, -127, "priya"),
    ("noor", -105, -92, "sam"),
    ("priya", -84, -74, "ivo"),
    ("june", -56, -46, "ada"),
    ("lena", -42, -33, ""),
    ("mika", -7, -4, "sam"),
    ("theo", -3, 4, "noor"),
    ("ada", 9, 20, "noor"),
];

/// The name of a person.
pub(super) fn name(slug: &str) -> &'static str {
    EVERYBODY.iter().find(|person| person.0 == slug).map_or("", |person| person.1)
}

/// What people are called by.
pub(super) fn first_name(slug: &str) -> &'static str {
    name(slug).split(' ').next().unwrap_or("")
}

pub(super) fn is_here(slug: &str, day: i32) -> bool {
    let came = EVERYBODY.iter().find(|person| person.0 == slug).is_some_and(|person| day >= person.3);
    came && !AWAY.iter().any(|(who, from, to, _)| *who == slug && (*from..=*to).contains(&day))
}

/// Somebody of support who is there.
pub(super) fn of_support(calendar: &Calendar, chance: &mut Chance, at: Time) -> &'static str {
    let day = calendar.offset(at);
    let weights: Vec<i64> = EVERYBODY.iter().map(|person| if is_here(person.0, day) { person.2 } else { 0 }).collect();
    EVERYBODY[chance.weighted(&weights)].0
}

/// The person, or whoever stands in for them.
pub(super) fn or_cover(calendar: &Calendar, slug: &'static str, at: Time) -> &'static str {
    let day = calendar.offset(at);
    if is_here(slug, day) {
        return slug;
    }
    let away = AWAY.iter().find(|(who, from, to, _)| *who == slug && (*from..=*to).contains(&day));
    away.map(|(_, _, _, cover)| *cover).filter(|cover| !cover.is_empty() && is_here(cover, day)).unwrap_or(slug)
}

/// Who answers for another team, and when they are there at or after `at`.
pub(super) fn of_team(calendar: &Calendar, team: &str, product: &str, at: Time) -> (&'static str, Time) {
    let person = match (team, product) {
        ("billing", _) => "lena",
        (_, "Roster") => "priya",
        _ => "ivo",
    };
    let person = or_cover(calendar, person, at);
    let mut at = at;
    while !is_here(person, calendar.offset(at)) {
        at = calendar.work(calendar.at(calendar.offset(at) + 1, 0), 40);
    }
    (person, at)
}
