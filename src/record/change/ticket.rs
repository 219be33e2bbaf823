//! The verbs of a ticket, each from the ticket as it stands to the changes of one commit.

use super::{Change, Moment, Plan, Refusal, set};
use crate::record::id::{MessageId, TicketId};
use crate::record::lifecycle::{self, may_move, refused_move};
use crate::record::shell::shell_word;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record, Value, message, ticket};

/// A ticket and its messages, loose and bound, in order of time.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The ticket.
    pub ticket: &'a Record,
    /// Its messages.
    pub messages: &'a [&'a Record],
}

impl Case<'_> {
    fn id(&self) -> TicketId {
        match &self.ticket.name {
            Name::Ticket(id) | Name::Message(id, _) => *id,
            _ => unreachable!("a case is made from a ticket"),
        }
    }

    fn status(&self) -> &str {
        self.ticket.text("status")
    }

    fn require_open(&self, to: &str) -> Result<(), Refusal> {
        if self.status() == to && ticket::is_done(to) {
            let id = self.id();
            return Err(Refusal::new(format!("{id} is {to} already"), format!("see it: staple show {id}")));
        }
        if ticket::is_done(self.status()) { Err(refused_move(self.ticket, self.status(), to)) } else { Ok(()) }
    }

    fn require_move(&self, to: &str) -> Result<(), Refusal> {
        if may_move(Kind::Ticket, self.status(), to) {
            Ok(())
        } else {
            Err(refused_move(self.ticket, self.status(), to))
        }
    }
}

/// An attachment to come with a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Its plain file name.
    pub file: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The words of a message and what comes with them.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The text.
    pub text: String,
    /// Who exactly it is from.
    pub from: String,
    /// To whom exactly.
    pub to: String,
    /// The way it came or went.
    pub channel: String,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// The mail's Message-ID.
    pub message_id: String,
    /// The mail it answers.
    pub in_reply_to: String,
    /// Whether the customer was upset.
    pub upset: bool,
    /// When it was said, where that is not the moment of the command.
    pub at: Option<Time>,
}

impl Words {
    /// Words and nothing else.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// The record of a new message of `kind`, and its attachments. Its path is filled in where it is written.
pub fn new_message(ticket: TicketId, kind: &str, words: &Words, moment: &mut Moment<'_>) -> (Record, Vec<Change>) {
    let at = words.at.unwrap_or(moment.at);
    let id = moment.message_id(at);
    let by = if kind == "received" { "customer" } else { moment.by.as_str() };
    let files: Vec<String> = words.attachments.iter().map(|a| a.file.clone()).collect();
    let mut record = Record::new(Kind::Message, Name::Message(ticket, id), "")
        .with("kind", kind)
        .with("at", at)
        .with("by", by)
        .with("text", words.text.trim_end())
        .with("attachments", files);
    let more = [
        ("from", &words.from),
        ("to", &words.to),
        ("channel", &words.channel),
        ("message-id", &words.message_id),
        ("in-reply-to", &words.in_reply_to),
    ];
    for (key, text) in more {
        if message::writes(kind, key) {
            record.set(key, text.as_str());
        }
    }
    if words.upset && kind == "received" {
        record.set("upset", true);
    }
    let attach = words
        .attachments
        .iter()
        .map(|a| Change::Attach { ticket, message: id, file: a.file.clone(), bytes: a.bytes.clone() })
        .collect();
    (record, attach)
}

fn say(plan: &mut Plan, ticket: TicketId, kind: &str, words: &Words, moment: &mut Moment<'_>) -> MessageId {
    let (record, attach) = new_message(ticket, kind, words, moment);
    let Name::Message(_, id) = record.name else { unreachable!("a message has a message's name") };
    plan.changes.push(Change::Create(Box::new(record)));
    plan.changes.extend(attach);
    id
}

/// Opens a ticket. `first` is what the customer said, where known.
pub fn new(record: Record, first: Option<&Words>, moment: &mut Moment<'_>) -> Plan {
    let mut plan = Plan { summary: format!("new, {}", record.text("title")), ..Plan::default() };
    let id = record.ticket_id();
    plan.changes.push(Change::Create(Box::new(record)));
    if let (Some(words), Some(id)) = (first, id) {
        say(&mut plan, id, "received", words, moment);
    }
    plan
}

/// Makes `person` the one owner and sets a new ticket working.
///
/// # Errors
/// When the ticket is done.
pub fn take(case: Case<'_>, person: &str) -> Result<Plan, Refusal> {
    case.require_open("working")?;
    let mut sets = vec![("owner", Value::from(person))];
    if case.status() == "new" {
        sets.push(("status", "working".into()));
    }
    let summary = format!("taken by {person}");
    Ok(Plan { changes: vec![set(case.ticket, sets)], summary, hints: Vec::new() })
}

/// Records what the customer said. A ticket that waited on the customer goes on; a done one is named in a hint.
pub fn received(case: Case<'_>, words: &Words, moment: &mut Moment<'_>) -> Plan {
    let mut plan = Plan { summary: "customer wrote".to_owned(), ..Plan::default() };
    if words.upset {
        plan.summary.push_str(", upset");
        plan.hints.push("what in the product may have caused it? note it: staple note or cause".to_owned());
    }
    if case.status() == "waiting" && case.ticket.text("waiting-on") == "customer" {
        plan.changes.push(set(case.ticket, to_working(case.ticket)));
        plan.summary.push_str(", working again");
    } else if ticket::is_done(case.status()) {
        plan.hints.push(format!(
            "{id} is {status}; if it is not over: staple ticket reopen {id}",
            id = case.id(),
            status = case.status()
        ));
    }
    say(&mut plan, case.id(), "received", words, moment);
    plan
}

fn to_working(ticket: &Record) -> Vec<(&'static str, Value)> {
    let status = if ticket.text_of("owner").is_some() { "working" } else { "new" };
    vec![("status", status.into()), ("waiting-on", Value::Unset), ("waiting-for", Value::Unset)]
}

/// What a reply does besides.
#[derive(Debug, Clone, Default)]
pub struct AfterReply {
    /// Waits afterwards.
    pub wait: Option<Wait>,
    /// Resolves with it.
    pub resolve: Option<Resolve>,
    /// When the customer hears next, without waiting.
    pub next_update: Option<Time>,
}

/// Records a reply to the customer. A ticket nobody owns is taken by who replies.
///
/// # Errors
/// When what comes after it is refused.
pub fn reply(case: Case<'_>, words: &Words, after: &AfterReply, moment: &mut Moment<'_>) -> Result<Plan, Refusal> {
    let mut plan = Plan { summary: "reply".to_owned(), ..Plan::default() };
    let mut sets: Vec<(&'static str, Value)> = Vec::new();
    if case.ticket.text_of("owner").is_none() && !ticket::is_done(case.status()) && !moment.by.is_empty() {
        sets.push(("owner", moment.by.as_str().into()));
        if case.status() == "new" {
            sets.push(("status", "working".into()));
        }
        plan.summary.push_str(&format!(", taken by {}", moment.by));
    }
    let mut now = case.ticket.clone();
    for (key, value) in &sets {
        now.set(key, value.clone());
    }
    say(&mut plan, case.id(), "reply", words, moment);
    let said: Vec<Record> = created_messages(&plan);
    let messages: Vec<&Record> = case.messages.iter().copied().chain(said.iter()).collect();
    let then = Case { ticket: &now, messages: &messages };
    let more = match (&after.wait, &after.resolve) {
        (Some(wait_for), _) => Some(wait(then, wait_for, moment)?),
        (None, Some(how)) => Some(resolve(then, how, moment)?),
        (None, None) => None,
    };
    if let Some(more) = more {
        plan.summary.push_str(&format!(", {}", more.summary));
        plan.hints.extend(more.hints);
        for change in more.changes {
            match change {
                Change::Set { sets: other, .. } => {
                    sets.retain(|(key, _)| !other.iter().any(|(name, _)| name == key));
                    sets.extend(other);
                }
                other => plan.changes.push(other),
            }
        }
    } else if let Some(next) = after.next_update {
        sets.push(("next-update", next.into()));
        plan.summary.push_str(&format!(", next update {}", moment.day_words(next)));
    } else if case.status() == "waiting" {
        if let Some(next) = case.ticket.time("next-update") {
            plan.hints.push(format!("the customer hears again on {}", moment.day_words(next)));
        }
    } else {
        // The promise is kept by this reply; a ticket that waits keeps its date.
        sets.push(("next-update", Value::Unset));
    }
    if !sets.is_empty() {
        plan.changes.insert(0, set(case.ticket, sets));
    }
    Ok(plan)
}

fn created_messages(plan: &Plan) -> Vec<Record> {
    plan.changes
        .iter()
        .filter_map(|change| match change {
            Change::Create(record) if record.kind == Kind::Message => Some((**record).clone()),
            _ => None,
        })
        .collect()
}

/// What a ticket waits for.
#[derive(Debug, Clone, Default)]
pub struct Wait {
    /// On whom: `customer`, `team:S`, `vendor:S`, `release:TAG`.
    pub on: String,
    /// For what, in plain words.
    pub what: String,
    /// When the customer hears from us again.
    pub next_update: Option<Time>,
}

/// Sets a ticket waiting.
///
/// # Errors
/// When the ticket is done, nobody owns it, or something of the wait is not said.
pub fn wait(case: Case<'_>, wait: &Wait, moment: &Moment<'_>) -> Result<Plan, Refusal> {
    case.require_move("waiting")?;
    let id = case.id();
    if wait.what.trim().is_empty() {
        return Err(Refusal::new(
            format!("{id} cannot wait without saying for what"),
            format!("staple ticket wait {id} {} \"what for, in plain words\" --next-update 3d", shell_word(&wait.on)),
        ));
    }
    let next = wait.next_update.or_else(|| case.ticket.time("next-update").filter(|next| *next > moment.at));
    let Some(next) = next else {
        return Err(Refusal::new(
            format!("{id} cannot wait without a time when the customer hears from us again"),
            format!("staple ticket wait {id} {} {} --next-update 3d", shell_word(&wait.on), shell_word(&wait.what)),
        ));
    };
    let mut sets: Vec<(&'static str, Value)> = vec![("status", "waiting".into())];
    sets.extend(owner_if_missing(case, moment)?);
    sets.push(("waiting-on", wait.on.as_str().into()));
    sets.push(("waiting-for", wait.what.trim().into()));
    sets.push(("next-update", next.into()));
    let on = wait.on.split_once(':').map_or(wait.on.as_str(), |(_, name)| name);
    let on = if on == "customer" { "the customer" } else { on };
    let summary = format!("waiting on {on}, next update {}", moment.day_words(next));
    Ok(Plan { changes: vec![set(case.ticket, sets)], summary, hints: Vec::new() })
}

fn owner_if_missing(case: Case<'_>, moment: &Moment<'_>) -> Result<Option<(&'static str, Value)>, Refusal> {
    if case.ticket.text_of("owner").is_some() {
        return Ok(None);
    }
    if moment.by.is_empty() {
        let id = case.id();
        return Err(Refusal::new(
            format!("{id} needs an owner"),
            format!("staple ticket take {id} --for PERSON, or staple setup to make yourself known"),
        ));
    }
    Ok(Some(("owner", moment.by.as_str().into())))
}

/// What a hand-off carries.
#[derive(Debug, Clone, Default)]
pub struct HandOffWords {
    /// To whom: `team:S` or `person:S`.
    pub to: String,
    /// What is the matter now.
    pub situation: String,
    /// How it came to this.
    pub background: String,
    /// What we think it is.
    pub assessment: String,
    /// What we ask of them.
    pub request: String,
    /// Logs, steps, links.
    pub evidence: String,
    /// Anything else.
    pub text: String,
    /// Whether it goes to a team that is not ours, so that the ticket waits on it.
    pub outside: bool,
    /// When the customer hears from us again.
    pub next_update: Option<Time>,
}

/// Offers a ticket to a person or team. The owner stays until somebody of ours accepts; another team is waited on.
///
/// # Errors
/// When the ticket is done, an earlier offer is open, or the request is not said.
pub fn hand_off(case: Case<'_>, words: &HandOffWords, moment: &mut Moment<'_>) -> Result<Plan, Refusal> {
    let id = case.id();
    case.require_open("waiting")?;
    if let Some(open) = lifecycle::open_hand_off(case.messages)
        && open.accepted.is_none()
    {
        return Err(Refusal::new(
            format!("{id} is already offered to {}", open.to),
            format!("take it back first: staple ticket hand-back {id} not-ours -m \"why\""),
        ));
    }
    if words.request.trim().is_empty() {
        return Err(Refusal::new(
            format!("a hand-off of {id} must say what you ask of them"),
            format!("staple ticket hand-off {id} {} --situation \"..\" --request \"..\"", words.to),
        ));
    }
    let name = words.to.split_once(':').map_or(words.to.as_str(), |(_, name)| name);
    let mut plan = Plan { summary: format!("offered to {name}"), ..Plan::default() };
    let mut sets: Vec<(&'static str, Value)> = Vec::new();
    if words.outside {
        let what = words.request.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
        let wait_for = Wait { on: words.to.clone(), what, next_update: words.next_update };
        let waiting = wait(case, &wait_for, moment)?;
        plan.summary = format!("offered to {name}, {}", waiting.summary);
        plan.changes.extend(waiting.changes);
    } else {
        sets.extend(owner_if_missing(case, moment)?);
        if case.status() == "new" {
            sets.push(("status", "working".into()));
        }
        if let Some(next) = words.next_update {
            sets.push(("next-update", next.into()));
        }
    }
    if !sets.is_empty() {
        plan.changes.push(set(case.ticket, sets));
    }
    let message_words = Words { text: words.text.clone(), to: words.to.clone(), ..Words::default() };
    let (mut record, _) = new_message(id, "hand-off", &message_words, moment);
    let parts = [
        ("situation", &words.situation),
        ("background", &words.background),
        ("assessment", &words.assessment),
        ("request", &words.request),
        ("evidence", &words.evidence),
    ];
    for (key, text) in parts {
        record.set(key, text.trim_end());
    }
    plan.changes.push(Change::Create(Box::new(record)));
    Ok(plan)
}

/// Accepts the open hand-off. `ours` says whether who accepts is of the desk's own teams and so becomes the owner.
///
/// # Errors
/// When nothing is offered.
pub fn accept(case: Case<'_>, ours: bool, text: &str, moment: &mut Moment<'_>) -> Result<Plan, Refusal> {
    let id = case.id();
    case.require_open("working")?;
    let offer = lifecycle::open_hand_off(case.messages).filter(|offer| offer.accepted.is_none());
    let Some(offer) = offer else {
        return Err(Refusal::new(format!("{id} is offered to nobody"), format!("to own it: staple ticket take {id}")));
    };
    let by = moment.by.clone();
    let mut plan = Plan { summary: format!("accepted by {by}"), ..Plan::default() };
    if ours && !by.is_empty() {
        let mut sets = if case.status() == "waiting" && case.ticket.text("waiting-on") == offer.to {
            to_working(case.ticket)
        } else {
            Vec::new()
        };
        sets.push(("owner", by.into()));
        plan.changes.push(set(case.ticket, sets));
    }
    let (mut record, _) = new_message(id, "accepted", &Words::plain(text), moment);
    record.set("hand-off", offer.id.to_string());
    plan.changes.push(Change::Create(Box::new(record)));
    Ok(plan)
}

/// Hands an offered or accepted ticket back with how it ended.
///
/// # Errors
/// When nothing is handed off, or no reason is said.
pub fn hand_back(case: Case<'_>, outcome: &str, text: &str, moment: &mut Moment<'_>) -> Result<Plan, Refusal> {
    let id = case.id();
    let Some(offer) = lifecycle::open_hand_off(case.messages) else {
        return Err(Refusal::new(format!("{id} is not handed off"), format!("see what happened: staple show {id}")));
    };
    if text.trim().is_empty() {
        let message = format!("{id} cannot be handed back without a reason");
        return Err(Refusal::new(message, format!("staple ticket hand-back {id} {outcome} -m \"why\"")));
    }
    let mut plan = Plan { summary: format!("handed back, {}", outcome.replace('-', " ")), ..Plan::default() };
    if case.status() == "waiting" && case.ticket.text("waiting-on") == offer.to {
        plan.changes.push(set(case.ticket, to_working(case.ticket)));
    }
    let (mut record, _) = new_message(id, "handed-back", &Words::plain(text), moment);
    record.set("hand-off", offer.id.to_string());
    record.set("outcome", outcome);
    plan.changes.push(Change::Create(Box::new(record)));
    Ok(plan)
}

/// Records that whom the ticket waits on was reminded.
///
/// # Errors
/// When it waits on nobody and none is named.
pub fn nudge(
    case: Case<'_>,
    words: &Words,
    next_update: Option<Time>,
    moment: &mut Moment<'_>,
) -> Result<Plan, Refusal> {
    let id = case.id();
    case.require_open("waiting")?;
    let to = if words.to.is_empty() { case.ticket.text("waiting-on").to_owned() } else { words.to.clone() };
    if to.is_empty() {
        let message = format!("{id} waits on nobody, so there is nobody to nudge");
        return Err(Refusal::new(message, format!("staple ticket wait {id} ON \"FOR\" --next-update 3d")));
    }
    let name = to.split_once(':').map_or(to.as_str(), |(_, name)| name).to_owned();
    let mut plan = Plan { summary: format!("nudged {name}"), ..Plan::default() };
    if let Some(next) = next_update {
        plan.changes.push(set(case.ticket, vec![("next-update", next.into())]));
        plan.summary.push_str(&format!(", next update {}", moment.day_words(next)));
    }
    say(&mut plan, id, "nudge", &Words { to, ..words.clone() }, moment);
    Ok(plan)
}

/// Records that the customer was told of a release that has what they asked for. A ticket that waits on it is worked on again.
pub fn told(case: Case<'_>, release: &str, words: &Words, moment: &mut Moment<'_>) -> Plan {
    let reference = format!("release:{release}");
    let mut plan = Plan { summary: format!("told of {release}"), ..Plan::default() };
    if case.status() == "waiting" && case.ticket.text("waiting-on") == reference {
        plan.changes.push(set(case.ticket, to_working(case.ticket)));
        plan.summary.push_str(", working again");
    }
    let (mut record, attach) = new_message(case.id(), "told", words, moment);
    record.set("release", reference);
    plan.changes.push(Change::Create(Box::new(record)));
    plan.changes.extend(attach);
    if !ticket::is_done(case.status()) {
        plan.hints.push(format!("if that ends it: staple resolve {} fixed", case.id()));
    }
    plan
}

/// Adds links to a ticket, or takes them away.
///
/// # Errors
/// When nothing would change.
pub fn link(case: Case<'_>, links: &[String], remove: bool) -> Result<Plan, Refusal> {
    let before = case.ticket.list("links");
    let mut after: Vec<String> = before.to_vec();
    after.retain(|link| !links.contains(link));
    if !remove {
        after.extend(links.iter().cloned());
        after.sort();
        after.dedup();
    }
    if after == before {
        let words = if remove { "names nothing like that" } else { "names that already" };
        let id = case.id();
        return Err(Refusal::new(format!("{id} {words}"), format!("see what it names: staple show {id}")));
    }
    let words = if remove { "no longer linked to" } else { "linked to" };
    let summary = format!("{words} {}", links.join(", "));
    Ok(Plan { summary, changes: vec![set(case.ticket, vec![("links", after.into())])], ..Plan::default() })
}

/// How a ticket was resolved.
#[derive(Debug, Clone, Default)]
pub struct Resolve {
    /// answered, workaround, fixed or declined.
    pub resolution: String,
    /// The playbook that solved it.
    pub playbook: Option<String>,
    /// Why the problem arose.
    pub cause: Option<String>,
}

/// Resolves a ticket; the customer must have been told something at or before it.
///
/// # Errors
/// When the ticket is done, or no public reply stands at or before the moment.
pub fn resolve(case: Case<'_>, how: &Resolve, moment: &Moment<'_>) -> Result<Plan, Refusal> {
    let id = case.id();
    case.require_open("resolved")?;
    let told = case
        .messages
        .iter()
        .any(|m| message::is_public(m.text("kind")) && m.time("at").is_some_and(|at| at <= moment.at));
    if !told {
        return Err(Refusal::new(
            format!("{id} cannot be resolved before the customer has had a reply"),
            format!("staple ticket reply {id} -m \"what you did\" --resolve {}", how.resolution),
        ));
    }
    let mut sets: Vec<(&'static str, Value)> = vec![("status", "resolved".into())];
    sets.extend(owner_if_missing(case, moment).unwrap_or_default());
    sets.extend(cleared());
    sets.push(("resolution", how.resolution.as_str().into()));
    if let Some(cause) = &how.cause {
        sets.push(("cause", cause.as_str().into()));
    }
    let mut summary = format!("resolved, {}", how.resolution);
    if let Some(playbook) = &how.playbook {
        let mut playbooks = case.ticket.list("playbooks").to_vec();
        playbooks.push(playbook.clone());
        playbooks.sort();
        playbooks.dedup();
        sets.push(("playbooks", playbooks.into()));
        summary.push_str(&format!(" with {playbook}"));
    }
    Ok(Plan { changes: vec![set(case.ticket, sets)], summary, hints: Vec::new() })
}

fn cleared() -> [(&'static str, Value); 3] {
    [("waiting-on", Value::Unset), ("waiting-for", Value::Unset), ("next-update", Value::Unset)]
}

/// Opens a done ticket again; it goes on with its owner, or is new when it has none.
///
/// # Errors
/// When the ticket is not done.
pub fn reopen(case: Case<'_>) -> Result<Plan, Refusal> {
    let id = case.id();
    if !ticket::is_done(case.status()) {
        let message = format!("{id} is {}, so there is nothing to reopen", case.status());
        return Err(Refusal::new(message, format!("see it: staple show {id}")));
    }
    let status = if case.ticket.text_of("owner").is_some() { "working" } else { "new" };
    let sets = vec![("status", Value::from(status)), ("resolution", Value::Unset), ("duplicate-of", Value::Unset)];
    Ok(Plan { changes: vec![set(case.ticket, sets)], summary: "reopened".to_owned(), hints: Vec::new() })
}

/// Ends a ticket that needs no answer.
///
/// # Errors
/// When the ticket is done.
pub fn drop(case: Case<'_>, why: &str) -> Result<Plan, Refusal> {
    case.require_open("dropped")?;
    let mut sets: Vec<(&'static str, Value)> = vec![("status", "dropped".into()), ("resolution", why.into())];
    sets.extend(cleared());
    let summary = format!("dropped, {}", why.replace('-', " "));
    Ok(Plan { changes: vec![set(case.ticket, sets)], summary, hints: Vec::new() })
}

/// Ends a ticket as a duplicate of another; `further` is what the other is a duplicate of itself.
///
/// # Errors
/// When the ticket is done, is the other one, or the other does not stand for itself.
pub fn duplicate(case: Case<'_>, of: TicketId, further: Option<&str>) -> Result<Plan, Refusal> {
    let id = case.id();
    if id == of {
        let message = format!("{id} cannot be a duplicate of itself");
        return Err(Refusal::new(message, format!("staple ticket duplicate {id} --of T-..")));
    }
    if let Some(further) = further {
        let message = format!("{of} is itself a duplicate of {further}");
        let hint = match TicketId::parse(further) {
            Some(further) if further != id => format!("name that one: staple ticket duplicate {id} --of {further}"),
            _ => format!("{of} ends with {id}; see staple show {of}"),
        };
        return Err(Refusal::new(message, hint));
    }
    case.require_open("duplicate")?;
    let mut sets: Vec<(&'static str, Value)> =
        vec![("status", "duplicate".into()), ("duplicate-of", of.to_string().into())];
    sets.extend(cleared());
    Ok(Plan { changes: vec![set(case.ticket, sets)], summary: format!("duplicate of {of}"), hints: Vec::new() })
}

/// Adds a note inside.
pub fn note(case: Case<'_>, words: &Words, moment: &mut Moment<'_>) -> Plan {
    let mut plan = Plan { summary: "note".to_owned(), ..Plan::default() };
    say(&mut plan, case.id(), "note", words, moment);
    plan
}
