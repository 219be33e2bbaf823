//! Which moves the lifecycles of tickets, playbooks, proposals and hand-offs allow, and what each state needs.
//!
//! The rules are rules of commands. For an imported ticket, whose past was lived elsewhere, `check` reports a broken rule as a
//! note.

use super::change::Refusal;
use super::finding::{Finding, Severity};
use super::id::MessageId;
use super::time::Time;
use super::{Kind, Name, Record, message, ticket};

/// Whether a record of `kind` may move from one status to another. Staying is always allowed.
pub fn may_move(kind: Kind, from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    match next(kind, from) {
        Some(next) => next.contains(&to),
        None => kind.schema().key("status").is_none(),
    }
}

/// Where a record of `kind` may go from a status; nothing when the kind has no such status.
fn next(kind: Kind, from: &str) -> Option<&'static [&'static str]> {
    Some(match (kind, from) {
        (Kind::Ticket, "new" | "working" | "waiting") => {
            &["new", "working", "waiting", "resolved", "dropped", "duplicate"]
        }
        (Kind::Ticket, "resolved" | "dropped" | "duplicate") => &["new", "working"],
        (Kind::Playbook, "draft") => &["internal", "published", "retired"],
        (Kind::Playbook, "internal") => &["draft", "published", "retired"],
        (Kind::Playbook, "published") => &["internal", "retired"],
        (Kind::Playbook, "retired") => &["internal"],
        (Kind::Proposal, "proposed") => {
            &["heard", "trial", "adopted", "declined", "deferred", "withdrawn", "superseded"]
        }
        (Kind::Proposal, "heard") => &["trial", "adopted", "declined", "deferred", "withdrawn", "superseded"],
        (Kind::Proposal, "trial") => &["adopted", "reverted", "withdrawn", "superseded"],
        (Kind::Proposal, "deferred") => &["heard", "trial", "adopted", "declined", "withdrawn", "superseded"],
        (Kind::Proposal, "adopted") => &["reverted", "superseded"],
        (Kind::Proposal, "declined" | "reverted" | "withdrawn") => &["heard", "superseded"],
        _ => return None,
    })
}

/// Why a move is refused, with the way that is open.
pub fn refused_move(record: &Record, from: &str, to: &str) -> Refusal {
    let reference = record.reference();
    let message = format!("{reference} cannot move from {from} to {to}");
    let hint = match (record.kind, from) {
        (Kind::Ticket, "resolved" | "dropped" | "duplicate") => {
            format!("reopen it first: staple ticket reopen {reference} --why \"what came back\"")
        }
        (Kind::Playbook, "retired") => format!("take it back first: staple set {reference} status=internal"),
        (Kind::Proposal, "declined" | "reverted" | "withdrawn") => {
            format!("hear it again first: staple proposal hear {reference} --answer \"what is new\"")
        }
        (Kind::Proposal, "superseded") => "work on the proposal that stands for it now".to_owned(),
        _ => match next(record.kind, from).unwrap_or_default() {
            [] => "see staple help lifecycles".to_owned(),
            open => format!("from {from} it can be {}", open.join(", ").replace("trial", "put on trial")),
        },
    };
    Refusal::new(message, hint)
}

/// What the rules say against a record as it stands; `messages` are those of a ticket, loose and bound.
pub fn findings(record: &Record, messages: &[&Record]) -> Vec<Finding> {
    let mut out = Rules { record, out: Vec::new() };
    match record.kind {
        Kind::Ticket => out.ticket(messages),
        Kind::Playbook => out.playbook(),
        Kind::Proposal => out.proposal(),
        Kind::Person => out.person(),
        _ => {}
    }
    if record.kind == Kind::Ticket && record.text_of("origin-system").is_some() {
        out.out.iter_mut().for_each(|finding| finding.severity = Severity::Note);
    }
    out.out
}

struct Rules<'a> {
    record: &'a Record,
    out: Vec<Finding>,
}

impl Rules<'_> {
    fn need(&mut self, rule: &'static str, key: &str, because: &str, hint: String) {
        if self.record.get(key).is_unset() {
            let reference = self.record.reference();
            self.broken(rule, format!("{reference} {because} and needs `{key}`"), hint);
        }
    }

    fn broken(&mut self, rule: &'static str, message: String, hint: String) {
        self.out.push(Finding::error(rule, &self.record.path, message).hint(hint));
    }

    fn ticket(&mut self, messages: &[&Record]) {
        let id = self.record.reference();
        match self.record.text("status") {
            "working" => self.need("one-owner", "owner", "is worked on", format!("staple ticket take {id}")),
            "waiting" => {
                let hint = format!("staple ticket wait {id} ON \"FOR\" --next-update WHEN");
                self.need("one-owner", "owner", "is waiting", format!("staple ticket take {id}"));
                for key in ["waiting-on", "waiting-for", "next-update"] {
                    self.need("waiting-says-why", key, "is waiting", hint.clone());
                }
            }
            "resolved" => {
                let hint = format!("staple ticket resolve {id} answered");
                self.need("resolution", "resolution", "is resolved", hint);
                self.resolution_of(ticket::RESOLVED);
                if !messages.iter().any(|m| message::is_public(m.text("kind"))) {
                    let message = format!("{id} is resolved but the customer was never told anything");
                    let hint = format!("staple ticket reply {id} -m \"what you did\" --resolve answered");
                    self.broken("resolved-needs-reply", message, hint);
                }
            }
            "dropped" => {
                self.need("resolution", "resolution", "is dropped", format!("staple ticket drop {id} mistake"));
                self.resolution_of(ticket::DROPPED);
            }
            "duplicate" => self.need(
                "duplicate-of",
                "duplicate-of",
                "is a duplicate",
                format!("staple ticket duplicate {id} --of T-.."),
            ),
            _ => {}
        }
        self.ticket_leftovers(&id);
        if let Some(update) = self.record.time("next-update")
            && let Some(opened) = self.record.time("opened")
            && update < opened
        {
            let message = format!("{id} has its next update before it was opened");
            self.broken("time-order", message, format!("staple set {id} next-update=WHEN"));
        }
    }

    fn resolution_of(&mut self, allowed: &[&str]) {
        let resolution = self.record.text("resolution");
        if !resolution.is_empty() && !allowed.contains(&resolution) {
            let status = self.record.text("status");
            let message = format!("{} is {status}, which does not go with {resolution}", self.record.reference());
            self.broken("resolution", message, format!("one of {}", allowed.join(", ")));
        }
    }

    /// Keys that belong to another state.
    fn ticket_leftovers(&mut self, id: &str) {
        let status = self.record.text("status");
        if status != "waiting" && (self.record.text_of("waiting-on").or(self.record.text_of("waiting-for"))).is_some() {
            let message = format!("{id} is {status} but still says what it waits on");
            let hint = format!("staple set {id} waiting-on= waiting-for=");
            self.broken("waiting-leftover", message, hint);
        }
        if !ticket::is_done(status) && self.record.text_of("resolution").is_some() {
            let message = format!("{id} is {status} but has a resolution");
            self.broken("resolution-leftover", message, format!("staple set {id} resolution="));
        }
        if status != "duplicate" && self.record.text_of("duplicate-of").is_some() {
            let message = format!("{id} names a ticket it is a duplicate of but is {status}");
            self.broken("duplicate-leftover", message, format!("staple set {id} duplicate-of="));
        }
        if self.record.text("duplicate-of") == id {
            let message = format!("{id} is a duplicate of itself");
            self.broken("duplicate-of", message, format!("staple ticket reopen {id}"));
        }
    }

    fn playbook(&mut self) {
        let reference = self.record.reference();
        if self.record.text("status") == "published" {
            let hint = format!("staple set {reference} answer=\"what the customer should read\"");
            self.need("published-needs-answer", "answer", "is published", hint);
        }
    }

    fn proposal(&mut self) {
        let p = self.record.reference();
        match self.record.text("status") {
            "heard" => {
                let hint = format!("staple proposal hear {p} --answer \"what was said\"");
                self.need("heard-needs-answer", "answer", "was heard", hint);
            }
            "trial" => {
                let hint = format!("staple proposal trial {p} --until DAY");
                for key in ["trial-from", "trial-until"] {
                    self.need("trial-needs-days", key, "is on trial", hint.clone());
                }
            }
            status @ ("adopted" | "reverted") => {
                let verb = if status == "adopted" { "adopt" } else { "revert" };
                let hint = format!("staple proposal {verb} {p} --what-happened \"what it brought\"");
                self.need("say-what-happened", "what-happened", &format!("is {status}"), hint);
            }
            "declined" => {
                let hint = format!("staple proposal decline {p} --reason \"why\" --would-reopen-if \"what\"");
                for key in ["reason", "would-reopen-if"] {
                    self.need("honest-decline", key, "is declined", hint.clone());
                }
            }
            "deferred" => {
                let hint = format!("staple proposal defer {p} --revisit DAY");
                self.need("deferred-needs-revisit", "revisit", "is deferred", hint);
            }
            "superseded" => {
                let hint = format!("staple proposal supersede {p} --by proposal:SLUG");
                self.need("superseded-by", "superseded-by", "is superseded", hint);
            }
            _ => {}
        }
        if let (Some(from), Some(until)) = (self.record.day("trial-from"), self.record.day("trial-until"))
            && until < from
        {
            let message = format!("{p} has a trial that ends before it begins");
            self.broken("time-order", message, format!("staple set {p} trial-until=DAY"));
        }
    }

    fn person(&mut self) {
        for row in self.record.rows("away") {
            let day = |field: &str| row.iter().find(|(name, _)| name == field).map(|(_, value)| value.to_string());
            if let (Some(from), Some(to)) = (day("from"), day("to"))
                && to < from
            {
                let message = format!("{} is away from {from} to {to}, which ends first", self.record.reference());
                self.broken("time-order", message, "swap the two days".to_owned());
            }
        }
    }
}

/// Where the last hand-off of a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOff {
    /// The hand-off's message id.
    pub id: MessageId,
    /// To whom: `team:S` or `person:S`.
    pub to: String,
    /// When it was offered.
    pub offered: Time,
    /// When it was accepted.
    pub accepted: Option<Time>,
    /// When it came back.
    pub returned: Option<Time>,
}

/// The last hand-off that has not come back; nothing when there is none. `messages` in order of time.
pub fn open_hand_off(messages: &[&Record]) -> Option<HandOff> {
    let mut open: Option<HandOff> = None;
    for message in messages {
        let (Name::Message(_, id), Some(at)) = (&message.name, message.time("at")) else { continue };
        match message.text("kind") {
            "hand-off" => {
                let to = message.text("to").to_owned();
                open = Some(HandOff { id: *id, to, offered: at, accepted: None, returned: None });
            }
            kind @ ("accepted" | "handed-back") => {
                let Some(hand_off) = open.as_mut() else { continue };
                let answers = message.text("hand-off");
                if !answers.is_empty() && answers != hand_off.id.to_string() {
                    continue;
                }
                if kind == "accepted" {
                    hand_off.accepted = Some(at);
                } else {
                    open = None;
                }
            }
            _ => {}
        }
    }
    open
}
