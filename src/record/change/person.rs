//! When a person is away and whether they can take work.

use super::{Moment, Plan, Refusal, set};
use crate::record::age::short_day;
use crate::record::time::Day;
use crate::record::{Record, Value};

/// Days away, both in it, and who stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The slug of who stands in; "" when nobody does.
    pub cover: String,
}

/// Keeps that a person is away; the same days said again change who covers.
///
/// # Errors
/// When the days are the wrong way round, or the person would cover for themselves.
pub fn away(person: &Record, away: &Away, moment: &Moment<'_>) -> Result<Plan, Refusal> {
    let (slug, Away { from, to, cover }) = (person.slug(), away);
    if to < from {
        let message = format!("{} cannot be away from {from} to {to}, which ends before it begins", person.reference());
        return Err(Refusal::new(message, format!("staple person away {to} {from} {slug}")));
    }
    if cover == slug {
        let message = format!("{} cannot cover for themselves", person.reference());
        return Err(Refusal::new(message, format!("staple person away {from} {to} {slug} --cover SOMEBODY")));
    }
    let day_of = |row: &crate::record::value::Row, field: &str| {
        row.iter().find(|(name, _)| name == field).map(|(_, value)| value.to_string()).unwrap_or_default()
    };
    let mut rows = person.rows("away").to_vec();
    rows.retain(|row| day_of(row, "from") != from.to_string() || day_of(row, "to") != to.to_string());
    rows.push(vec![
        ("from".to_owned(), (*from).into()),
        ("to".to_owned(), (*to).into()),
        ("cover".to_owned(), if cover.is_empty() { Value::Unset } else { cover.as_str().into() }),
    ]);
    rows.sort_by_key(|row| day_of(row, "from"));
    let today = moment.at.day_in(&moment.zone);
    let mut summary = format!("away {} to {}", short_day(*from, today), short_day(*to, today));
    let mut plan = Plan::default();
    if cover.is_empty() {
        plan.hints.push(format!("say who stands in: staple person away {from} {to} {slug} --cover SOMEBODY"));
    } else {
        summary.push_str(&format!(", {cover} covers"));
    }
    plan.hints.push(format!("what they own meanwhile: staple list owner:{slug}"));
    plan.changes.push(set(person, vec![("away", Value::Rows(rows))]));
    plan.summary = summary;
    Ok(plan)
}

/// Says whether a person can take work now, and until when that holds.
///
/// # Errors
/// When the day has passed.
pub fn available(person: &Record, word: &str, until: Option<Day>, moment: &Moment<'_>) -> Result<Plan, Refusal> {
    let today = moment.at.day_in(&moment.zone);
    if let Some(until) = until.filter(|until| *until < today) {
        let message = format!("{} cannot be {word} until {until}, which has passed", person.reference());
        return Err(Refusal::new(message, format!("staple person available {word} {} --until 3d", person.slug())));
    }
    let words = match word {
        "yes" => "available",
        "no" => "not available",
        other => other,
    };
    let until_words = until.map(|until| format!(" until {}", short_day(until, today))).unwrap_or_default();
    let sets = vec![("available", Value::from(word)), ("available-until", until.into())];
    let summary = format!("{}{until_words}", words.replace('-', " "));
    Ok(Plan { changes: vec![set(person, sets)], summary, hints: Vec::new() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::{at, done};
    use super::*;
    use crate::record::slug::Slug;
    use crate::record::{Kind, Name};

    fn sam() -> Record {
        Record::new(Kind::Person, Name::Slug(Slug::parse("sam").unwrap()), "").with("name", "Sam Rivers")
    }

    fn days(from: &str, to: &str, cover: &str) -> Away {
        Away { from: Day::parse(from).unwrap(), to: Day::parse(to).unwrap(), cover: cover.to_owned() }
    }

    #[test]
    fn the_same_days_said_again_change_who_covers() {
        at("2026-11-22T09:15:00Z", "sam", |moment| {
            let later = away(&sam(), &days("2026-12-24", "2027-01-02", ""), moment).unwrap();
            assert_eq!(later.summary, "away 24 Dec to 2 Jan 2027");
            let person = done(&sam(), later);
            let person = done(&person, away(&person, &days("2026-12-01", "2026-12-02", "ada"), moment).unwrap());
            let plan = away(&person, &days("2026-12-24", "2027-01-02", "ada"), moment).unwrap();
            assert_eq!(plan.summary, "away 24 Dec to 2 Jan 2027, ada covers");
            assert_eq!(
                done(&person, plan).get("away").to_string(),
                "from 2026-12-01, to 2026-12-02, cover ada; from 2026-12-24, to 2027-01-02, cover ada"
            );
        });
    }

    #[test]
    fn days_the_wrong_way_round_and_covering_for_oneself_are_refused() {
        at("2026-11-22T09:15:00Z", "sam", |moment| {
            let refusal = away(&sam(), &days("2026-12-02", "2026-12-01", ""), moment).unwrap_err();
            assert_eq!(refusal.hint, "staple person away 2026-12-01 2026-12-02 sam");
            assert!(away(&sam(), &days("2026-12-01", "2026-12-02", "sam"), moment).is_err());
        });
    }

    #[test]
    fn availability_holds_until_a_day() {
        at("2026-11-22T09:15:00Z", "sam", |moment| {
            let plan = available(&sam(), "at-limit", Day::parse("2026-11-25"), moment).unwrap();
            assert_eq!(plan.summary, "at limit until 25 Nov");
            let person = done(&sam(), plan);
            let person = done(&person, available(&person, "yes", None, moment).unwrap());
            assert_eq!((person.text("available"), person.day("available-until")), ("yes", None));
            assert!(available(&person, "no", Day::parse("2026-11-21"), moment).is_err());
        });
    }
}
