//! Ending a record without breaking what refers to it.

use super::{Plan, Refusal, set};
use crate::record::lifecycle::{may_move, refused_move};
use crate::record::time::Day;
use crate::record::{Kind, Record};

/// Ends a record on a day; a playbook has a status for it.
///
/// # Errors
/// When records of the kind end in another way.
pub fn retire(record: &Record, on: Day) -> Result<Plan, Refusal> {
    let reference = record.reference();
    let mut plan = Plan { summary: "retired".to_owned(), ..Plan::default() };
    if record.kind == Kind::Playbook {
        let status = record.text("status");
        if !may_move(Kind::Playbook, status, "retired") {
            return Err(refused_move(record, status, "retired"));
        }
        plan.changes.push(set(record, vec![("status", "retired".into())]));
        if record.text_of("replaced-by").is_none() {
            plan.hints.push(format!("if another takes its place: staple set {reference} replaced-by=SLUG"));
        }
        return Ok(plan);
    }
    if !record.kind.can_retire() {
        let word = record.kind.word();
        return Err(Refusal::new(format!("{reference} is a {word}, which is not retired"), other_end(record)));
    }
    plan.summary = format!("retired on {on}");
    plan.changes.push(set(record, vec![("retired", on.into())]));
    match record.kind {
        Kind::Person => plan.hints.push(format!(
            "hand on what they own and hold: staple list owner:{slug}; staple role list holders:{slug}",
            slug = record.slug()
        )),
        Kind::Customer => plan.hints.push(format!("what is still open: staple list customer:{}", record.slug())),
        _ => {}
    }
    Ok(plan)
}

/// How a record ends that is not retired.
fn other_end(record: &Record) -> String {
    let reference = record.reference();
    let status = record.text("status");
    match record.kind {
        Kind::Ticket if crate::record::ticket::is_done(status) => format!("it has ended: it is {status}"),
        Kind::Proposal if !may_move(Kind::Proposal, status, "withdrawn") => format!("it has ended: it is {status}"),
        Kind::Ticket => {
            format!("staple ticket resolve {reference} answered, or staple ticket drop {reference} no-longer-needed")
        }
        Kind::Proposal => format!("staple proposal withdraw {reference}"),
        Kind::Settings => "change what it says: staple edit staple.toml".to_owned(),
        _ => format!("it stays as it happened; see it: staple show {reference}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::done;
    use super::*;
    use crate::record::Name;
    use crate::record::id::TicketId;
    use crate::record::slug::Slug;

    fn record(kind: Kind) -> Record {
        Record::new(kind, Name::Slug(Slug::parse("a").unwrap()), "")
    }

    #[test]
    fn a_day_ends_most_kinds_and_a_status_a_playbook() {
        let on = Day::parse("2026-11-22").unwrap();
        for kind in [Kind::Person, Kind::Role, Kind::Team, Kind::Customer, Kind::Channel, Kind::Topic, Kind::Plan] {
            assert_eq!(done(&record(kind), retire(&record(kind), on).unwrap()).day("retired"), Some(on), "{kind:?}");
        }
        let playbook = record(Kind::Playbook).with("status", "published");
        assert_eq!(done(&playbook, retire(&playbook, on).unwrap()).text("status"), "retired");
    }

    #[test]
    fn what_ends_in_another_way_says_how() {
        let on = Day::parse("2026-11-22").unwrap();
        let adopted = record(Kind::Proposal).with("status", "adopted");
        assert_eq!(retire(&adopted, on).unwrap_err().hint, "it has ended: it is adopted");
        let proposal = record(Kind::Proposal).with("status", "heard");
        assert_eq!(retire(&proposal, on).unwrap_err().hint, "staple proposal withdraw proposal:a");
        let ticket = Record::new(Kind::Ticket, Name::Ticket(TicketId::parse("7k3mqp").unwrap()), "");
        assert!(retire(&ticket, on).unwrap_err().hint.contains("staple ticket drop T-7k3mqp"));
    }
}
