//! A person: one of us, or of a team that work crosses to.

use super::kind::Kind;
use super::schema::{Key, Schema, Target, Type, key, req};
use super::time::Day;
use super::value::Row;
use super::{Record, Value};

const AWAY: &[Key] = &[
    req("from", Type::Day, "first day away"),
    req("to", Type::Day, "last day away"),
    key("cover", Type::Ref(&[Target::Of(Kind::Person)]), "who stands in"),
];

/// The keys of a person.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("name", Type::Line, "what they are called"),
        key("team", Type::Ref(&[Target::Of(Kind::Team)]), "their team"),
        key("public", Type::Bool, "whether customers may see them on the who-is-who page"),
        key("intro", Type::Prose, "who they are, in their words"),
        key("expertise", Type::List, "what to ask them about"),
        key("languages", Type::List, "languages they speak, such as en"),
        key("reach", Type::Line, "how to reach them"),
        key("links", Type::List, "addresses of theirs"),
        key("zone", Type::Line, "their time zone, such as Europe/Berlin"),
        key("hours", Type::Line, "their working hours, such as Mon-Fri 09:00-17:00"),
        key("away", Type::Rows(AWAY), "when they are away and who covers"),
        key("available", Type::Word(&["yes", "at-limit", "no"]), "whether they can take work now"),
        key("available-until", Type::Day, "until when that holds"),
        key("improvement-hours", Type::Line, "when they are out of the queue to improve things"),
        key("emails", Type::List, "addresses their commits carry"),
        key("retired", Type::Day, "the day they left"),
    ],
    anchor: "zone",
};

/// The days a person is away now, when they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayNow {
    /// The last day away.
    pub until: Day,
    /// The slug of who stands in; "" when nobody does.
    pub cover: String,
}

/// Whether a person is away on `day`, until when, and who covers; the longest absence when several hold.
pub fn away_on(person: &Record, day: Day) -> Option<AwayNow> {
    let field = |row: &Row, name: &str| row.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let now = person.rows("away").iter().filter_map(|row| match (field(row, "from")?, field(row, "to")?) {
        (Value::Day(from), Value::Day(to)) if from <= day && day <= to => {
            let cover = field(row, "cover").map(|cover| cover.to_string()).unwrap_or_default();
            Some(AwayNow { until: to, cover })
        }
        _ => None,
    });
    now.max_by_key(|away| away.until)
}

/// What a person last said of taking work, where it still holds on `day`: yes, at-limit or no; "yes" otherwise.
pub fn available_on(person: &Record, day: Day) -> &str {
    let holds = person.day("available-until").is_none_or(|until| day <= until);
    person.text_of("available").filter(|_| holds).unwrap_or("yes")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::record::Name;
    use crate::record::slug::Slug;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn away_counts_both_days_and_availability_ends() {
        let row = |from: &str, to: &str, cover: &str| -> Row {
            vec![
                ("from".to_owned(), day(from).into()),
                ("to".to_owned(), day(to).into()),
                ("cover".to_owned(), Value::from(cover)),
            ]
        };
        let sam = Record::new(Kind::Person, Name::Slug(Slug::parse("sam").unwrap()), "")
            .with(
                "away",
                Value::Rows(vec![row("2026-12-01", "2026-12-05", "ada"), row("2026-12-04", "2026-12-09", "")]),
            )
            .with("available", "at-limit")
            .with("available-until", day("2026-12-20"));
        assert_eq!(away_on(&sam, day("2026-11-30")), None);
        assert_eq!(away_on(&sam, day("2026-12-01")).unwrap().cover, "ada");
        assert_eq!(away_on(&sam, day("2026-12-05")).unwrap().until, day("2026-12-09"));
        assert_eq!(away_on(&sam, day("2026-12-10")), None);
        assert_eq!(available_on(&sam, day("2026-12-20")), "at-limit");
        assert_eq!(available_on(&sam, day("2026-12-21")), "yes");
    }
}
