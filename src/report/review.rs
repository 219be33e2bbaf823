//! What a branch does to the desk, record by record, for whoever reviews it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::told;
use crate::record::event::between;
use crate::record::ticket::is_done;
use crate::record::{Kind, Record, Value};
use crate::store::layout::{Located, locate};
use crate::text;

/// One file at both ends of the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    /// The path from the desk's root.
    pub path: String,
    /// Its content where the branch parted; nothing when it was not there.
    pub before: Option<Vec<u8>>,
    /// Its content at the end of the branch.
    pub after: Option<Vec<u8>>,
}

/// What a branch does to one record; to a ticket with its messages and attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// `T-7k3mqp`, `playbook:reset-password`; the path where it is no record.
    pub reference: String,
    /// What it is called.
    pub label: String,
    /// The kind, for headings.
    pub kind: Option<Kind>,
    /// What happened, most important first.
    pub words: Vec<String>,
}

/// What the files of a branch do, tickets first; `title` gives what a ticket is called whose own file is not among them.
pub fn review(files: &[Ends], title: impl Fn(&str) -> Option<String>, zone: &TimeZone) -> Vec<Reviewed> {
    let mut found: BTreeMap<(usize, String), Reviewed> = BTreeMap::new();
    for file in files {
        let located = locate(&file.path);
        let reference = located.as_ref().map_or_else(|| file.path.clone(), Located::about);
        let kind = located.map(|located| match located {
            Located::Record(Kind::Message, _) | Located::Attachment { .. } => Kind::Ticket,
            Located::Record(kind, _) => kind,
        });
        let place = kind.and_then(|kind| Kind::ALL.iter().position(|one| *one == kind)).unwrap_or(usize::MAX);
        let place = if kind == Some(Kind::Ticket) { 0 } else { place.saturating_add(1) };
        let reviewed = found.entry((place, reference.clone())).or_insert_with(|| Reviewed {
            label: title(&reference).unwrap_or_default(),
            reference,
            kind,
            words: Vec::new(),
        });
        tell(file, reviewed, zone);
    }
    found.into_values().collect()
}

fn tell(file: &Ends, reviewed: &mut Reviewed, zone: &TimeZone) {
    let (kind, name) = match locate(&file.path) {
        Some(Located::Record(kind, name)) => (kind, name),
        Some(Located::Attachment { file: name, .. }) => {
            let verb = if file.after.is_none() { "taken away" } else { "added" };
            reviewed.words.push(format!("attachment {name} {verb}"));
            return;
        }
        None => {
            reviewed.words.push(if file.after.is_none() { "removed" } else { "changed" }.to_owned());
            return;
        }
    };
    let read =
        |bytes: &Option<Vec<u8>>| bytes.as_ref().and_then(|bytes| text::parse(kind, &name, &file.path, bytes).record);
    let (before, after) = (read(&file.before), read(&file.after));
    if file.after.is_some() && after.is_none() {
        reviewed.words.push(format!("{} cannot be read", file.path));
        return;
    }
    if kind != Kind::Message
        && let Some(record) = after.as_ref().or(before.as_ref())
    {
        reviewed.label = record.label().to_owned();
    }
    let mut words = Vec::new();
    match (&before, &after) {
        (Some(before), Some(after)) => {
            words.extend(status(before, after));
            words.extend(applied(before, after));
            // Said already, or what a move to the end brings along.
            let ends = kind == Kind::Ticket && !is_done(before.text("status")) && is_done(after.text("status"));
            let said: &[&str] = match (kind, ends) {
                (Kind::Ticket, false) => &["status", "resolution", "playbooks"],
                (Kind::Ticket, true) => {
                    &["status", "resolution", "playbooks", "waiting-on", "waiting-for", "next-update"]
                }
                _ => &["status"],
            };
            let events = between(Some(before), Some(after));
            let told = events.iter().filter_map(|event| told::event(event, Some(after), zone));
            words.extend(told.filter(|told| !said.contains(&told.key.as_str())).map(|told| told.words));
            if words.is_empty() && file.before != file.after {
                words.push("changed in comments or layout only".to_owned());
            }
        }
        // It was there before, and nobody could tell what it said.
        (None, Some(after)) if file.before.is_some() && kind == Kind::Message => {
            words.push(format!("{}, readable again", told::message_words(after)));
        }
        (None, Some(_)) if file.before.is_some() => words.push("readable again".to_owned()),
        (None, None) if file.before.is_some() => words.push(format!("{} removed, which could not be read", file.path)),
        (None, Some(after)) if kind == Kind::Message => words.push(told::message_words(after)),
        (None, Some(after)) => {
            let status = after.text_of("status").filter(|status| *status != "new");
            words.push(status.map_or("new".to_owned(), |status| format!("new, {status}")));
        }
        (Some(before), None) if kind == Kind::Message => {
            words.push(format!("{} taken away", told::message_words(before)))
        }
        (Some(_), None) => words.push("removed".to_owned()),
        (None, None) => {}
    }
    if kind == Kind::Message {
        reviewed.words.extend(words)
    } else {
        reviewed.words.splice(0..0, words);
    }
}

/// `working to resolved`.
fn status(before: &Record, after: &Record) -> Option<String> {
    let (from, to) = (before.text("status"), after.text("status"));
    let how = after.text_of("resolution").map(|how| format!(", {how}")).unwrap_or_default();
    (from != to).then(|| format!("{} to {to}{how}", if from.is_empty() { "nothing" } else { from }))
}

/// `playbook reset-password applied`.
fn applied(before: &Record, after: &Record) -> Option<String> {
    let list = |record: &Record| match record.get("playbooks") {
        Value::List(items) => items.clone(),
        _ => Vec::new(),
    };
    if after.kind != Kind::Ticket {
        return None;
    }
    let (old, new) = (list(before), list(after));
    let came: Vec<String> = new.iter().filter(|one| !old.contains(one)).cloned().collect();
    let went: Vec<String> = old.iter().filter(|one| !new.contains(one)).cloned().collect();
    let words = |items: &[String], verb: &str| {
        let noun = if items.len() == 1 { "playbook" } else { "playbooks" };
        (!items.is_empty()).then(|| format!("{noun} {} {verb}", items.join(", ")))
    };
    let all: Vec<String> = [words(&came, "applied"), words(&went, "no longer applied")].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &[&str]) {
        let bytes = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_vec());
        let path = "tickets/2026-11/7k3mqp.toml".to_owned();
        let files = [Ends { path, before: bytes(before), after: bytes(after) }];
        let found = review(&files, |_| None, &TimeZone::UTC);
        assert_eq!(found.iter().flat_map(|one| &one.words).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_move_is_said_once_and_first() {
        check(
            "status = \"waiting\"\nseverity = \"stuck\"\nwaiting-on = \"customer\"\n",
            "status = \"resolved\"\nseverity = \"question\"\nresolution = \"answered\"\nplaybooks = [\"login\"]\n",
            &["waiting to resolved, answered", "playbook login applied", "severity from stuck to question"],
        );
        check("status = \"resolved\"\nresolution = \"fixed\"\n", "status = \"working\"\n", &["resolved to working"]);
    }

    #[test]
    fn what_comes_goes_or_keeps_its_words_is_said() {
        check("", "title = \"x\"\nstatus = \"new\"\n", &["new"]);
        check("title = \"x\"\n", "", &["removed"]);
        check("title = \"x\"\n", "# why\ntitle = \"x\"\n", &["changed in comments or layout only"]);
        check("title = \"x\"\n", "title = \n", &["tickets/2026-11/7k3mqp.toml cannot be read"]);
        check("title = \n", "title = \"x\"\nstatus = \"new\"\n", &["readable again"]);
        check("title = \n", "", &["tickets/2026-11/7k3mqp.toml removed, which could not be read"]);
    }
}
