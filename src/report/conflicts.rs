//! What a merge left for a person, record by record and key by key.

use super::words::Clock;
use crate::desk::conflicts::{Contest, Reason, Standing, State, name_of};
use crate::record::{Kind, Record, Value};
use crate::store::layout::{Located, locate};
use crate::text::merge::{Conflict, Contested, Side};

/// An unmerged record in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictView {
    /// The record; the path when it is none.
    pub reference: String,
    /// What it is called.
    pub label: String,
    /// The file, from the repository's root.
    pub path: String,
    /// What is to be decided: `keys`, `one side`, `by hand` or `nothing`.
    pub what: &'static str,
    /// The side that has the file, where only one has.
    pub has: Option<&'static str>,
    /// Why it is `by hand`: `no record`, `attachment`, `not sound` or `own marks`.
    pub why: Option<&'static str>,
    /// The version that the work tree still has, so that nobody has worked on it: `base`, `ours`, `theirs` or `nothing`.
    pub stands: Option<&'static str>,
    /// The keys to decide.
    pub keys: Vec<KeyConflict>,
}

/// A key that both sides changed, not to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyConflict {
    /// The key, as it is named to decide it.
    pub name: String,
    /// What it was; "" when it was unset.
    pub before: String,
    /// What our side says.
    pub ours: String,
    /// What their side says.
    pub theirs: String,
    /// Only comments contradict.
    pub only_comment: bool,
    /// Both can stand, one after the other.
    pub can_hold_both: bool,
}

/// Unmerged files in words.
pub fn views(contests: &[Contest], clock: &Clock<'_>) -> Vec<ConflictView> {
    contests.iter().map(|contest| view(contest, clock)).collect()
}

fn view(contest: &Contest, clock: &Clock<'_>) -> ConflictView {
    let versions = contest.versions();
    let any = versions.iter().rev().flatten().next();
    let (what, has) = match &contest.state {
        State::Keys(_) => ("keys", None),
        State::Settled | State::Misnamed(_) => ("nothing", None),
        State::OneSided(Side::Ours) => ("one side", Some("ours")),
        State::OneSided(_) => ("one side", Some("theirs")),
        State::ByHand(_) => ("by hand", None),
    };
    let why = match &contest.state {
        State::ByHand(Reason::NoRecord) => Some("no record"),
        State::ByHand(Reason::Attachment) => Some("attachment"),
        State::ByHand(Reason::NotSound) => Some("not sound"),
        State::ByHand(Reason::NoFile) => Some("no file"),
        State::ByHand(Reason::OwnMarks) => Some("own marks"),
        _ => None,
    };
    let stands = contest.standing().map(|standing| match standing {
        Standing::Base => "base",
        Standing::Ours => "ours",
        Standing::Theirs => "theirs",
        Standing::Nothing => "nothing",
    });
    let conflicts = match &contest.state {
        State::Keys(conflicts) => conflicts.as_slice(),
        _ => &[],
    };
    let reference = match locate(&contest.desk_path) {
        Some(attachment @ Located::Attachment { .. }) => attachment.about(),
        _ => any.map_or_else(|| contest.desk_path.clone(), Record::reference),
    };
    let label = if contest.is_attachment() { "an attachment" } else { any.map(Record::label).unwrap_or_default() };
    ConflictView {
        reference,
        label: label.to_owned(),
        path: contest.path.clone(),
        what,
        has,
        why,
        stands,
        keys: conflicts.iter().map(|conflict| key(&versions, conflict, clock)).collect(),
    }
}

fn key(versions: &[Option<Record>; 3], conflict: &Conflict, clock: &Clock<'_>) -> KeyConflict {
    let [before, ours, theirs] = versions.each_ref().map(|record| said(record.as_ref(), conflict, clock));
    KeyConflict {
        name: name_of(conflict),
        before,
        ours,
        theirs,
        only_comment: conflict.what == Contested::Comment,
        can_hold_both: conflict.can_hold_both,
    }
}

/// What a version says of a key.
fn said(record: Option<&Record>, conflict: &Conflict, clock: &Clock<'_>) -> String {
    let Some(record) = record else { return String::new() };
    let found = match &conflict.message {
        None => Some(record),
        Some(id) => record
            .messages
            .iter()
            .find(|message| matches!(&message.name, crate::record::Name::Message(_, name) if name.to_string() == *id)),
    };
    let Some(found) = found else { return String::new() };
    if conflict.key.is_empty() {
        return found.text("text").to_owned();
    }
    let schema = if conflict.message.is_some() { Kind::Message.schema() } else { record.kind.schema() };
    if schema.key(&conflict.key).is_none() {
        let own = found.unknown.iter().find(|(name, _)| *name == conflict.key);
        return own.map(|(_, text)| text.clone()).unwrap_or_default();
    }
    match found.get(&conflict.key) {
        Value::Time(time) => clock.moment(*time),
        Value::List(items) => items.join("\n"),
        other => other.to_string(),
    }
}
