//! Carries out what happened in the year, in order of time, each event one commit.

use super::calendar::Calendar;
use super::chance::Chance;
use super::{Made, people};
use crate::desk::bulk::{BulkChange, BulkDesk, BulkFailure};
use crate::desk::{Desk, Draft, WriteError, WriteOptions, attributes};
use crate::record::change::ticket::{self as verbs, AfterReply, Case, HandOffWords, Resolve, Words};
use crate::record::change::{self, Change, Moment, Plan, Refusal};
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record, Value};
use crate::store::Signature;

/// The file that stands for the sample company's code.
const CHANGES: &str = "CHANGES.txt";

/// Who makes a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Person(&'static str),
    /// The mailbox records what comes in by itself.
    Mailbox,
    /// Somebody who does not want to be known.
    Nobody,
}

/// Something that happened.
pub(super) struct Event {
    pub(super) at: Time,
    pub(super) who: Who,
    /// The command in few words.
    pub(super) action: &'static str,
    pub(super) why: String,
    pub(super) act: Act,
}

/// New values of a record's keys.
pub(super) type Sets = (Kind, Name, Vec<(&'static str, Value)>);

/// A change of a record, worked out from the record as it stands then.
pub(super) type Step = Box<dyn Fn(&Record, &mut Moment<'_>) -> Result<Plan, Refusal>>;

/// What was done.
pub(super) enum Act {
    /// Records were made and changed.
    Records { create: Vec<Record>, sets: Vec<Sets>, about: String, words: String },
    /// Something was done to a record that is there; `about` stands in the commit's first line.
    Step { kind: Kind, name: Name, about: String, step: Step },
    /// Something was said that stands for itself.
    Said(Box<dyn Fn(&mut Moment<'_>) -> Plan>),
    /// Something was done to a ticket.
    Ticket(TicketId, Box<Verb>),
    /// Code changed; `line` is what the list of changes says of it.
    Code { message: String, line: String },
    /// A release came out.
    Release { tag: &'static str, notes: &'static str },
}

/// What was done to a ticket.
pub(super) enum Verb {
    New(Box<Record>, Words),
    /// Taken, and sorted by topic where one is given.
    Take {
        topic: &'static str,
        severity: &'static str,
    },
    Received(Words),
    Reply(Words, AfterReply),
    HandOff(HandOffWords),
    Accept {
        ours: bool,
        text: String,
    },
    HandBack(&'static str, String),
    Nudge(Words, Option<Time>),
    Note(Words),
    Reopen,
    Drop(&'static str),
    Duplicate(TicketId),
    /// Told that the release is out that it waited on.
    Told {
        tag: &'static str,
        text: String,
        cause: String,
    },
}

/// Writes the events up to the calendar's end and lands them.
pub(super) fn write(desk: &Desk, calendar: &Calendar, seed: u64, mut events: Vec<Event>) -> Result<Made, BulkFailure> {
    events.retain(|event| event.at <= calendar.end);
    events.sort_by_key(|event| event.at);
    let mut chance = Chance::new(seed ^ 0x5EED);
    let mut bulk = BulkDesk::start(desk, "demo")?;
    let mut last = None;
    let mut releases = 0;
    let mut changes = "Changes, the latest last\n\n".to_owned();
    for event in &events {
        if let Act::Release { tag, notes } = &event.act {
            if let Some(mark) = last {
                bulk.tag(tag, mark, &signature(calendar, event), notes)?;
                releases += 1;
            }
            continue;
        }
        if let Act::Code { message, line } = &event.act {
            changes.push_str(line);
            let by = signature(calendar, event);
            last = Some(bulk.beside((by.clone(), by), message, CHANGES, changes.as_bytes())?);
            continue;
        }
        let options =
            WriteOptions { action: event.action.to_owned(), why: event.why.clone(), ..WriteOptions::default() };
        let by = signature(calendar, event);
        let change = BulkChange { author: by.clone(), committer: by, options: &options, even_if_empty: false };
        let mark = bulk.change(&change, |draft| carry_out(draft, event, calendar, &mut chance))?;
        last = mark.or(last);
    }
    let look = bulk.look();
    let count = |kind| look.slugs(kind).map(|slugs| slugs.len());
    let mut made = Made {
        tickets: look.ticket_ids()?.len(),
        commits: bulk.commits(),
        customers: count(Kind::Customer)?,
        playbooks: count(Kind::Playbook)?,
        proposals: count(Kind::Proposal)?,
        releases,
        outcome: crate::store::Outcome::Nothing,
    };
    made.outcome = bulk.land("staple: demo")?;
    Ok(made)
}

fn signature(calendar: &Calendar, event: &Event) -> Signature {
    let (name, email) = match event.who {
        Who::Person(slug) => (people::name(slug).to_owned(), format!("{slug}@example.com")),
        Who::Mailbox => ("Larkspur mailbox".to_owned(), "support@example.com".to_owned()),
        Who::Nobody => ("anonymous".to_owned(), "anonymous@desk.invalid".to_owned()),
    };
    let offset_seconds = match event.who {
        Who::Nobody => 0,
        _ => calendar.zone.to_offset(event.at.timestamp()).seconds(),
    };
    Signature { name, email, time: event.at, offset_seconds }
}

fn carry_out(draft: &mut Draft<'_>, event: &Event, calendar: &Calendar, chance: &mut Chance) -> Result<(), WriteError> {
    let by = match event.who {
        Who::Person(slug) => slug.to_owned(),
        Who::Mailbox | Who::Nobody => String::new(),
    };
    let mut bits = || chance.bits();
    let mut moment = Moment { at: event.at, by, zone: calendar.zone.clone(), random: &mut bits };
    match &event.act {
        Act::Records { create, sets, about, words } => {
            for record in create {
                draft.apply(Change::Create(Box::new(record.clone())))?;
                if record.kind == Kind::Settings {
                    attributes::put(draft)?;
                }
            }
            for (kind, name, sets) in sets {
                draft.set(*kind, name, sets)?;
            }
            draft.summary(about.as_str(), words.as_str());
            Ok(())
        }
        Act::Step { kind, name, about, step } => {
            let plan = step(&draft.record(*kind, name)?, &mut moment)?;
            draft.carry_out(about, plan)
        }
        Act::Said(said) => draft.carry_out("jot", said(&mut moment)),
        Act::Ticket(id, verb) => {
            let plan = match &**verb {
                Verb::New(record, words) => verbs::new((**record).clone(), Some(words), &mut moment),
                verb => {
                    let ticket = draft.ticket(*id)?;
                    let messages = draft.messages(&ticket)?;
                    let messages: Vec<&Record> = messages.iter().collect();
                    plan(Case { ticket: &ticket, messages: &messages }, *id, verb, &mut moment)?
                }
            };
            draft.carry_out(&id.to_string(), plan)
        }
        Act::Code { .. } | Act::Release { .. } => Ok(()),
    }
}

fn plan(case: Case<'_>, id: TicketId, verb: &Verb, moment: &mut Moment<'_>) -> Result<Plan, Refusal> {
    match verb {
        Verb::New(record, words) => Ok(verbs::new((**record).clone(), Some(words), moment)),
        Verb::Take { topic, severity } => {
            let person = moment.by.clone();
            let mut plan = verbs::take(case, &person)?;
            if !topic.is_empty() {
                let sorted = vec![("topic", Value::from(*topic)), ("severity", Value::from(*severity))];
                plan.changes.push(change::set(case.ticket, sorted));
                plan.summary.push_str(&format!(", {topic}"));
            }
            Ok(plan)
        }
        Verb::Received(words) => Ok(verbs::received(case, words, moment)),
        Verb::Reply(words, after) => verbs::reply(case, words, after, moment),
        Verb::HandOff(words) => verbs::hand_off(case, words, moment),
        Verb::Accept { ours, text } => verbs::accept(case, *ours, text, moment),
        Verb::HandBack(outcome, text) => verbs::hand_back(case, outcome, text, moment),
        Verb::Nudge(words, next) => verbs::nudge(case, words, *next, moment),
        Verb::Note(words) => Ok(verbs::note(case, words, moment)),
        Verb::Reopen => verbs::reopen(case),
        Verb::Drop(why) => verbs::drop(case, why),
        Verb::Duplicate(of) => verbs::duplicate(case, *of, None),
        Verb::Told { tag, text, cause } => told(case, id, tag, text, cause, moment),
    }
}

/// The customer hears that the release is out, which resolves the ticket.
fn told(
    case: Case<'_>,
    id: TicketId,
    tag: &str,
    text: &str,
    cause: &str,
    moment: &mut Moment<'_>,
) -> Result<Plan, Refusal> {
    let words = Words { channel: "email".to_owned(), ..Words::plain(text) };
    let (mut message, _) = verbs::new_message(id, "told", &words, moment);
    message.set("release", format!("release:{tag}"));
    let messages: Vec<&Record> = case.messages.iter().copied().chain([&message]).collect();
    let how = Resolve { resolution: "fixed".to_owned(), cause: Some(cause.to_owned()), playbook: None };
    let mut plan = verbs::resolve(Case { ticket: case.ticket, messages: &messages }, &how, moment)?;
    plan.changes.push(Change::Create(Box::new(message)));
    plan.summary = format!("told that {tag} is out, {}", plan.summary);
    Ok(plan)
}
