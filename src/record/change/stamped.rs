//! Records named by when they were made: talks and jots.

use super::{Change, Moment, Plan};
use crate::record::{Kind, Name, Record};

/// Keeps that somebody of ours talked with a customer or team.
pub fn talked(with: &Record, via: &str, text: &str, moment: &mut Moment<'_>) -> Plan {
    let id = moment.message_id(moment.at);
    let record = Record::new(Kind::Talk, Name::Stamp(id), "")
        .with("with", with.reference())
        .with("at", moment.at)
        .with("by", moment.by.as_str())
        .with("via", via)
        .with("text", text.trim_end());
    let summary = if via.is_empty() { "talked".to_owned() } else { format!("talked, {via}") };
    let mut plan = Plan { changes: vec![Change::Create(Box::new(record))], summary, hints: Vec::new() };
    let every = with.number("talk-every-days").or_else(|| with.number("meet-every-days"));
    if let Some(days) = every.and_then(|days| i32::try_from(days).ok()).filter(|days| *days > 0) {
        let next = moment.at.day_in(&moment.zone).plus(days);
        let today = moment.at.day_in(&moment.zone);
        plan.hints.push(format!("next talk by {}", crate::record::age::short_day(next, today)));
    }
    plan
}

/// Keeps a high, a low or a story as it happens, for the next digest.
pub fn jot(kind: &str, text: &str, about: Vec<String>, moment: &mut Moment<'_>) -> Plan {
    let id = moment.message_id(moment.at);
    let record = Record::new(Kind::Jot, Name::Stamp(id), "")
        .with("kind", kind)
        .with("at", moment.at)
        .with("by", moment.by.as_str())
        .with("text", text.trim_end())
        .with("about", about);
    let first = text.lines().next().unwrap_or_default();
    Plan { changes: vec![Change::Create(Box::new(record))], summary: format!("{kind}, {first}"), hints: Vec::new() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::at;
    use super::*;
    use crate::record::slug::Slug;

    #[test]
    fn a_talk_names_whom_it_was_with_and_when_the_next_is_due() {
        let acme =
            Record::new(Kind::Customer, Name::Slug(Slug::parse("acme").unwrap()), "").with("talk-every-days", 14i64);
        at("2026-11-22T09:15:00Z", "sam", |moment| {
            let plan = talked(&acme, "call", "they grow", moment);
            assert_eq!((plan.summary.as_str(), plan.hints.join("; ").as_str()), ("talked, call", "next talk by 6 Dec"));
            let Change::Create(record) = &plan.changes[0] else { panic!("{plan:?}") };
            assert_eq!((record.text("with"), record.text("by")), ("customer:acme", "sam"));
        });
    }

    #[test]
    fn a_jot_is_kept_with_its_kind() {
        at("2026-11-22T09:15:00Z", "", |moment| {
            let plan = jot("high", "nobody waited\nall week", vec!["T-7k3mqp".to_owned()], moment);
            assert_eq!(plan.summary, "high, nobody waited");
            let Change::Create(record) = &plan.changes[0] else { panic!("{plan:?}") };
            assert!(record.get("by").is_unset());
            assert_eq!(record.list("about"), ["T-7k3mqp"]);
        });
    }
}
