//! The verbs of a playbook, and how one begins from a ticket without saying whose ticket it was.

use super::strip::Stripper;
use super::ticket::Case;
use super::{Plan, Refusal, set};
use crate::record::lifecycle::{may_move, refused_move};
use crate::record::{Kind, Record, Value};

/// Lets customers see a playbook.
///
/// # Errors
/// When it is retired, or has no answer for customers.
pub fn publish(playbook: &Record) -> Result<Plan, Refusal> {
    let reference = playbook.reference();
    let from = playbook.text("status");
    if !may_move(Kind::Playbook, from, "published") {
        return Err(refused_move(playbook, from, "published"));
    }
    if playbook.text_of("answer").is_none() {
        return Err(Refusal::new(
            format!("{reference} cannot be published without an answer for customers"),
            format!("staple set {reference} answer=\"what the customer should read\""),
        ));
    }
    let mut plan = Plan { summary: "published".to_owned(), ..Plan::default() };
    plan.changes.push(set(playbook, vec![("status", "published".into())]));
    match playbook.list("flags") {
        [] => {}
        flags => plan.hints.push(format!("someone found wrong with it: {}", flags.join("; "))),
    }
    Ok(plan)
}

/// Takes a playbook out of customers' sight; the team may still use it.
///
/// # Errors
/// When it is not published.
pub fn unpublish(playbook: &Record) -> Result<Plan, Refusal> {
    let reference = playbook.reference();
    let status = playbook.text("status");
    if status != "published" {
        let message = format!("{reference} is {status}, so there is nothing to unpublish");
        return Err(Refusal::new(message, format!("see it: staple show {reference}")));
    }
    let sets = vec![("status", Value::from("internal"))];
    Ok(Plan { changes: vec![set(playbook, sets)], summary: "unpublished".to_owned(), hints: Vec::new() })
}

/// Keeps what someone found wrong with a playbook.
///
/// # Errors
/// When nothing is said, or the playbook is retired.
pub fn flag(playbook: &Record, text: &str) -> Result<Plan, Refusal> {
    let reference = playbook.reference();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        let message = format!("{reference} cannot be flagged without saying what is wrong");
        return Err(Refusal::new(message, format!("staple playbook flag {reference} \"what is wrong\"")));
    }
    if playbook.text("status") == "retired" {
        let hint = format!("take it back first: staple set {reference} status=internal");
        return Err(Refusal::new(format!("{reference} is retired, so nobody follows it"), hint));
    }
    let mut flags = playbook.list("flags").to_vec();
    flags.push(line.clone());
    flags.sort();
    flags.dedup();
    let mut plan = Plan { summary: format!("flagged, {line}"), ..Plan::default() };
    plan.changes.push(set(playbook, vec![("flags", flags.into())]));
    if playbook.text("status") == "published" {
        plan.hints.push(format!("customers see it; if it would mislead them: staple playbook unpublish {reference}"));
    }
    Ok(plan)
}

/// What a playbook takes from a ticket: title, problem, cause and topic, without the customer's details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromTicket {
    /// The problem in a line.
    pub title: String,
    /// The problem in the customer's words.
    pub problem: String,
    /// Why it arose; "" when the ticket does not say.
    pub cause: String,
    /// The topic's slug; "" when the ticket has none.
    pub topic: String,
}

/// Takes the problem and its cause from a ticket: title, first message received, cause. Addresses, numbers and the names of
/// `customer`, the contact and who wrote are replaced; what else tells who it was, only a reader sees.
pub fn from_ticket(case: Case<'_>, customer: Option<&Record>) -> FromTicket {
    let first = case.messages.iter().find(|message| message.text("kind") == "received");
    let mut stripper = Stripper::default();
    stripper.address(case.ticket.text("contact"));
    stripper.address(first.map_or("", |message| message.text("from")));
    if let Some(customer) = customer {
        stripper.company(customer.text("name"));
        stripper.company(customer.slug());
        customer.list("contacts").iter().for_each(|contact| stripper.address(contact));
        customer.list("mail-domains").iter().for_each(|domain| stripper.company(domain));
    }
    let title = stripper.strip(case.ticket.text("title"));
    let words = first.map(|message| stripper.strip(message.text("text"))).filter(|text| !text.trim().is_empty());
    FromTicket {
        problem: words.unwrap_or_else(|| title.clone()),
        cause: stripper.strip(case.ticket.text("cause")),
        topic: case.ticket.text("topic").to_owned(),
        title,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::done;
    use super::*;
    use crate::record::Name;
    use crate::record::id::{MessageId, TicketId};
    use crate::record::slug::Slug;
    use crate::record::time::Time;

    fn playbook(status: &str) -> Record {
        Record::new(Kind::Playbook, Name::Slug(Slug::parse("reset-password").unwrap()), "")
            .with("title", "Reset a password")
            .with("status", status)
            .with("problem", "I cannot log in")
    }

    #[test]
    fn publishing_needs_an_answer() {
        let draft = playbook("draft");
        let refusal = publish(&draft).unwrap_err();
        assert_eq!(refusal.hint, "staple set playbook:reset-password answer=\"what the customer should read\"");
        let ready = draft.with("answer", "Press the button").with("flags", vec!["old picture".to_owned()]);
        let plan = publish(&ready).unwrap();
        assert_eq!(plan.hints, ["someone found wrong with it: old picture"]);
        let published = done(&ready, plan);
        assert_eq!(done(&published, unpublish(&published).unwrap()).text("status"), "internal");
    }

    #[test]
    fn what_is_not_published_cannot_be_unpublished_and_what_is_retired_not_published() {
        assert!(unpublish(&playbook("draft")).unwrap_err().message.contains("nothing to unpublish"));
        let retired = playbook("retired").with("answer", "x");
        assert!(publish(&retired).unwrap_err().hint.contains("status=internal"));
        assert!(flag(&retired, "x").is_err());
    }

    #[test]
    fn flags_are_kept_once_and_in_order() {
        let published = playbook("published");
        let once = done(&published, flag(&published, "the menu\nmoved").unwrap());
        let again = done(&once, flag(&once, "the menu moved").unwrap());
        let more = done(&again, flag(&again, "a step is missing").unwrap());
        assert_eq!(more.list("flags"), ["a step is missing", "the menu moved"]);
        assert!(flag(&published, "x").unwrap().hints[0].contains("unpublish"));
        assert!(flag(&published, " ").unwrap_err().hint.contains("playbook flag"));
    }

    #[test]
    fn a_playbook_from_a_ticket_does_not_say_whose_it_was() {
        let id = TicketId::parse("7k3mqp").unwrap();
        let at = Time::parse("2026-11-22T09:15:00Z").unwrap();
        let ticket = Record::new(Kind::Ticket, Name::Ticket(id), "")
            .with("title", "Acme cannot export")
            .with("contact", "ada@acme.example")
            .with("topic", "export")
            .with("cause", "a 32-bit length, seen at Acme GmbH first");
        let note = Record::new(Kind::Message, Name::Message(id, MessageId::new(at, 1)), "")
            .with("kind", "note")
            .with("text", "rang them");
        let message = Record::new(Kind::Message, Name::Message(id, MessageId::new(at, 2)), "")
            .with("kind", "received")
            .with("from", "Ada Jones <ada@acme.example>")
            .with("text", "The export stops at 2 GB.\nCall me on +49 30 1234567.\nAda Jones, Acme GmbH");
        let customer = Record::new(Kind::Customer, Name::Slug(Slug::parse("acme").unwrap()), "")
            .with("name", "Acme GmbH")
            .with("mail-domains", vec!["acme.example".to_owned()]);
        let messages = [&note, &message];
        let taken = from_ticket(Case { ticket: &ticket, messages: &messages }, Some(&customer));
        assert_eq!(taken.title, "the customer cannot export");
        assert_eq!(taken.problem, "The export stops at 2 GB.\nCall me on [number].\n[name], the customer");
        assert_eq!(taken.cause, "a 32-bit length, seen at the customer first");
        assert_eq!(taken.topic, "export");
        let silent = from_ticket(Case { ticket: &ticket, messages: &[] }, None);
        assert_eq!(silent.problem, "Acme cannot export", "without messages the title is the problem");
    }
}
