//! One ticket as a person reads it: where it stands, the customer and their context, then the conversation.

use super::words::{self, Clock, away, called, named, person};
use crate::desk::Records;
use crate::record::lifecycle::open_hand_off;
use crate::record::schema::{Target, Type};
use crate::record::time::Time;
use crate::record::{Kind, Name, Record, ticket};
use crate::store::layout;

/// A ticket with its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketView {
    /// `T-7k3mqp`.
    pub id: String,
    /// What the customer needs.
    pub title: String,
    /// Where it stands, in words.
    pub status: String,
    /// What presses: an update overdue, an answer missing, an offer not accepted.
    pub pressing: Vec<String>,
    /// What is known of it: a word and its lines, in reading order.
    pub facts: Vec<(String, Vec<String>)>,
    /// The conversation in order of time.
    pub messages: Vec<MessageView>,
    /// The record has edits that are not committed.
    pub uncommitted: bool,
    /// Where its record lies.
    pub path: String,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    /// Its whole id.
    pub id: String,
    /// When it happened.
    pub at: Option<Time>,
    /// When, in words.
    pub when: String,
    /// Who did what: `Sam Rivers replied by email`.
    pub head: String,
    /// Whether the customer wrote or heard it.
    pub public: bool,
    /// The words.
    pub text: String,
    /// The parts of a hand-off that are said: name and words.
    pub parts: Vec<(&'static str, String)>,
    /// Its attachments: the path, and whether the file is there.
    pub attachments: Vec<(String, bool)>,
    /// It is not committed.
    pub uncommitted: bool,
}

/// The view of a ticket.
pub fn view(records: &Records, ticket: &Record, clock: &Clock<'_>) -> TicketView {
    let id = ticket.ticket_id();
    let messages = id.map(|id| records.messages(id)).unwrap_or_default();
    TicketView {
        id: ticket.reference(),
        title: ticket.text("title").to_owned(),
        status: words::status(records, ticket),
        pressing: pressing(records, ticket, messages, clock),
        facts: facts(records, ticket, clock),
        messages: messages.iter().map(|message| message_view(records, ticket, message, clock)).collect(),
        uncommitted: records.uncommitted.contains(&ticket.path),
        path: ticket.path.clone(),
    }
}

fn pressing(records: &Records, ticket: &Record, messages: &[Record], clock: &Clock<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if ticket::is_done(ticket.text("status")) {
        return out;
    }
    if records.is_overdue(ticket, clock.now)
        && let Some(next) = ticket.time("next-update")
    {
        out.push(format!("the customer should have heard from us {}", clock.distance(next)));
    }
    if let Some(since) = records.summary(ticket).unanswered_since {
        out.push(format!("the customer has no answer since {}, {}", clock.moment(since), clock.distance(since)));
    }
    let all: Vec<&Record> = messages.iter().collect();
    if let Some(offer) = open_hand_off(&all)
        && offer.accepted.is_none()
    {
        let to = called(records, &[Target::Of(Kind::Team), Target::Of(Kind::Person)], &offer.to);
        out.push(format!("offered to {to} {}, not accepted yet", clock.distance(offer.offered)));
    }
    out
}

fn facts(records: &Records, ticket: &Record, clock: &Clock<'_>) -> Vec<(String, Vec<String>)> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |word: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push((word.to_owned(), lines));
        }
    };
    let plain = |key: &str| -> Vec<String> {
        let ty = ticket.schema().key(key).map_or(Type::Line, |key| key.ty);
        if ticket.get(key).is_unset() { Vec::new() } else { words::value(records, ty, ticket.get(key), clock) }
    };
    add("customer", customer(records, ticket, clock));
    add("contact", plain("contact"));
    add("opened", opened(records, ticket, clock));
    add("owner", owner(records, ticket, clock));
    add("next update", plain("next-update"));
    add("severity", plain("severity"));
    add("topic", plain("topic"));
    let product = [ticket.text("product"), ticket.text("version")].join(" ").trim().to_owned();
    add("product", Some(product).filter(|text| !text.is_empty()).into_iter().collect());
    add("labels", plain("labels"));
    add("blocked by", plain("blocked-by"));
    add("blocks", tickets_that(records, ticket, |other, id| other.list("blocked-by").iter().any(|b| b == id)));
    add("follows", plain("follows"));
    add("followed by", tickets_that(records, ticket, |other, id| other.text("follows") == id));
    add("duplicates", tickets_that(records, ticket, |other, id| other.text("duplicate-of") == id));
    add("cause", plain("cause"));
    add("solved with", plain("playbooks"));
    add("links", ticket.list("links").to_vec());
    let origin = [ticket.text("origin-system"), ticket.text("origin-id"), ticket.text("origin-url")];
    let origin = origin.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    add("came from", Some(origin).filter(|text| !text.is_empty()).into_iter().collect());
    for (key, text) in &ticket.unknown {
        add(key, vec![text.clone()]);
    }
    out
}

fn tickets_that(records: &Records, ticket: &Record, holds: impl Fn(&Record, &str) -> bool) -> Vec<String> {
    let id = ticket.reference();
    let found = records.tickets().filter(|other| holds(other, &id));
    found.map(|other| named(records, &[Target::Ticket], &other.reference())).collect()
}

fn opened(records: &Records, ticket: &Record, clock: &Clock<'_>) -> Vec<String> {
    let Some(opened) = ticket.time("opened") else { return Vec::new() };
    let by = ticket.text_of("channel").map(|slug| format!(", by {slug}")).unwrap_or_default();
    let told = records.summary(ticket).last_public;
    let told = told.map(|at| format!("; they last heard from us {}", clock.distance(at))).unwrap_or_default();
    vec![format!("{}, {}{by}{told}", clock.moment(opened), clock.distance(opened))]
}

fn owner(records: &Records, ticket: &Record, clock: &Clock<'_>) -> Vec<String> {
    let Some(slug) = ticket.text_of("owner") else {
        let open = !ticket::is_done(ticket.text("status"));
        return if open { vec!["nobody yet".to_owned()] } else { Vec::new() };
    };
    let mut line = named(records, &[Target::Of(Kind::Person)], slug);
    if let Some((until, cover)) = records.slug(Kind::Person, slug).and_then(|person| away(person, clock.today())) {
        line.push_str(&format!(", away until {}", clock.day(until)));
        if !cover.is_empty() {
            line.push_str(&format!("; {} stands in", person(records, &cover)));
        }
    }
    vec![line]
}

/// The customer and the context that changes how one writes to them.
fn customer(records: &Records, ticket: &Record, clock: &Clock<'_>) -> Vec<String> {
    let Some(slug) = ticket.text_of("customer") else { return vec!["not known".to_owned()] };
    let mut out = vec![named(records, &[Target::Of(Kind::Customer)], slug)];
    let Some(customer) = records.slug(Kind::Customer, slug) else { return out };
    let known: Vec<String> = [
        customer.text_of("segment").map(str::to_owned),
        customer.text_of("zone").map(|zone| format!("in {zone}{}", their_time(zone, clock))),
        customer.text_of("language").map(|language| format!("writes {language}")),
        customer.text_of("prefers").map(|prefers| format!("prefers {prefers}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !known.is_empty() {
        out.push(known.join(", "));
    }
    out.extend(last_contact(records, slug, clock));
    let others = records.tickets().filter(|other| {
        other.text("customer") == slug && other.name != ticket.name && !ticket::is_done(other.text("status"))
    });
    match others.count() {
        0 => {}
        1 => out.push(format!("1 other open ticket: staple list customer:{slug}")),
        many => out.push(format!("{many} other open tickets: staple list customer:{slug}")),
    }
    out
}

fn their_time(zone: &str, clock: &Clock<'_>) -> String {
    match crate::record::time::zone(zone) {
        Some(zone) if zone != *clock.zone => {
            format!(" ({} there now)", clock.now.timestamp().to_zoned(zone).strftime("%H:%M"))
        }
        _ => String::new(),
    }
}

/// The last talk or message with a customer, over all their tickets: `last contact 20 Nov with Robin (call)`.
pub fn last_contact(records: &Records, customer: &str, clock: &Clock<'_>) -> Option<String> {
    let mut last: Option<(Time, String)> = None;
    let mut offer = |at: Option<Time>, words: String| {
        if let Some(at) = at
            && at <= clock.now
            && last.as_ref().is_none_or(|(before, _)| at > *before)
        {
            last = Some((at, words));
        }
    };
    for talk in records.of(Kind::Talk) {
        if talk.text("with").strip_prefix("customer:") == Some(customer) {
            let via = talk.text_of("via").map(|via| format!(" ({via})")).unwrap_or_default();
            offer(talk.time("at"), with_whom(records, talk.text("by"), &via));
        }
    }
    let theirs = records.tickets().filter(|ticket| ticket.text("customer") == customer);
    for (id, message) in
        theirs.filter_map(Record::ticket_id).flat_map(|id| records.messages(id).iter().map(move |m| (id, m)))
    {
        match message.text("kind") {
            "received" => offer(message.time("at"), format!(": they wrote ({id})")),
            "reply" | "told" => {
                offer(message.time("at"), with_whom(records, message.text("by"), &format!(" ({id})")));
            }
            _ => {}
        }
    }
    last.map(|(at, words)| format!("last contact {}{words}", clock.moment(at)))
}

fn with_whom(records: &Records, by: &str, how: &str) -> String {
    if by.is_empty() { how.to_owned() } else { format!(" with {}{how}", person(records, by)) }
}

fn message_view(records: &Records, ticket: &Record, message: &Record, clock: &Clock<'_>) -> MessageView {
    let kind = message.text("kind");
    let at = message.time("at");
    let Name::Message(id, message_id) = &message.name else { unreachable!("a message has a message's name") };
    let parts = ["situation", "background", "assessment", "request", "evidence"];
    let parts = parts.into_iter().filter_map(|part| Some((part, message.text_of(part)?.to_owned())));
    let attachments = message.list("attachments").iter().map(|file| {
        let there = records.attachments().any(|(t, m, f)| t == id && m == message_id && f == file);
        (layout::attachment_path(&ticket.path, *message_id, file), there)
    });
    MessageView {
        id: message_id.to_string(),
        at,
        when: at.map(|at| clock.moment(at)).unwrap_or_default(),
        head: head(records, ticket, message),
        public: matches!(kind, "received" | "reply" | "told"),
        text: message.text("text").to_owned(),
        parts: parts.collect(),
        attachments: attachments.collect(),
        uncommitted: message.path != ticket.path && records.uncommitted.contains(&message.path),
    }
}

/// Who did what to whom, in a line.
fn head(records: &Records, ticket: &Record, message: &Record) -> String {
    const TO: &[Target] =
        &[Target::Of(Kind::Team), Target::Of(Kind::Person), Target::Vendor, Target::Release, Target::TheCustomer];
    let by = message.text("by");
    let who = match by {
        "customer" => match records.label(Kind::Customer, ticket.text("customer")) {
            "" => "the customer".to_owned(),
            name => name.to_owned(),
        },
        "" => "somebody".to_owned(),
        slug => person(records, slug).to_owned(),
    };
    let to = called(records, TO, message.text("to"));
    let verb = match message.text("kind") {
        "received" => "wrote".to_owned(),
        "reply" => "replied".to_owned(),
        "note" => "noted".to_owned(),
        "hand-off" => format!("handed off to {to}"),
        "accepted" => "accepted".to_owned(),
        "handed-back" => format!("handed back, {}", message.text("outcome").replace('-', " ")),
        "nudge" => format!("nudged {to}"),
        "told" => format!("told the customer of {}", called(records, TO, message.text("release"))),
        "applied" => format!("tried {}", named(records, &[Target::Of(Kind::Playbook)], message.text("playbook"))),
        other => other.to_owned(),
    };
    let mut out = format!("{who} {verb}");
    if let Some(from) = message.text_of("from").filter(|from| *from != who) {
        out.push_str(&format!(" (from {from})"));
    }
    if matches!(message.text("kind"), "reply" | "told" | "received")
        && let Some(to) = message.text_of("to")
    {
        out.push_str(&format!(" to {to}"));
    }
    if let Some(channel) = message.text_of("channel") {
        out.push_str(&format!(" by {channel}"));
    }
    if message.flag("upset") {
        out.push_str(", upset");
    }
    out
}
