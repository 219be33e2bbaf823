//! What is wrong with a desk as a whole: one file a rule, each with its documentation and tests.
//!
//! Pure: records and what the timeline says of clocks go in, findings come out. What reading a single file finds is among
//! them; how findings look, and what `--fix` does about them, is decided in the program.

mod blocked_cycle;
mod clock_ahead;
pub mod commits;
pub mod cross_edit;
mod crowded_month;
mod dangling_reference;
mod duplicate_chain;
mod empty_role;
mod format_version;
mod lifecycles;
mod message_elsewhere;
mod message_twice;
mod missing_attachment;
mod month_folder;
mod orphan_message;
mod personal_data;
mod reading;
mod retired_owner;
mod same_email;
mod same_path;
mod same_was;
mod saved_query;
pub mod secret;
mod stranger;
#[cfg(test)]
mod testing;
mod unnamed_attachment;
mod unsorted_list;

use std::collections::BTreeSet;

use crate::desk::Records;
use crate::record::finding::Finding;
use crate::record::schema::Type;
use crate::record::time::{Day, Time};
use crate::record::{Kind, Record, Value};

/// A rule and its documentation.
#[derive(Debug)]
pub struct Rule {
    /// The name in findings.
    pub name: &'static str,
    /// What it finds, a line.
    pub what: &'static str,
    /// Why that is a problem.
    pub why: &'static str,
    /// What it looks like.
    pub example: &'static str,
    /// How to mend it.
    pub cure: &'static str,
}

/// A rule in the order of its documentation, for the tables of rules.
const fn rule(
    name: &'static str,
    what: &'static str,
    why: &'static str,
    example: &'static str,
    cure: &'static str,
) -> Rule {
    Rule { name, what, why, example, cure }
}

/// The rule of commits whose clocks were ahead; its findings are about history, not about a file.
pub const CLOCK_RULE: &str = clock_ahead::RULE.name;

/// A commit whose clock was ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// The commit, abbreviated.
    pub commit: String,
    /// The date it carries.
    pub recorded: Time,
    /// The date that counts instead.
    pub cut_to: Time,
}

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The desk.
    pub records: &'a Records,
    /// What the timeline says of clocks.
    pub clocks: &'a [Clock],
    /// The day of the check.
    pub today: Day,
}

/// A finding about words that must not get into history.
pub(crate) struct Held {
    /// The finding, which does not repeat them.
    pub(crate) finding: Finding,
    /// The words, to tell those that are there already from others of their kind. They are shown to nobody.
    pub(crate) what: BTreeSet<String>,
}

/// What a write must not bring into history: secrets, and personal data where the desk keeps it out.
pub(crate) fn what_history_would_keep(records: &Records, today: Day) -> Vec<Held> {
    let input = Input { records, clocks: &[], today };
    let mut out = secret::held(&input);
    out.extend(personal_data::held(&input));
    out
}

/// As [`what_history_would_keep`], of words that are in no record: the findings' message begins with `place`.
pub(crate) fn what_words_hold(records: &Records, today: Day, (path, place): (&str, &str), words: &str) -> Vec<Held> {
    let input = Input { records, clocks: &[], today };
    let secrets = secret::secrets(words).into_iter().map(|found| (&secret::RULE, found));
    let personal = personal_data::in_text(&input, words).map(|found| (&personal_data::RULE, found));
    let held = |(rule, (kind, what)): (&Rule, (&str, BTreeSet<String>))| {
        let finding = Finding::error(rule.name, path, format!("{place} holds {kind}")).hint(rule.cure);
        Held { finding, what }
    };
    secrets.chain(personal).map(held).collect()
}

/// The addresses of a person that others have too, for a write that would claim them.
pub(crate) fn addresses_taken<'r>(person: &Record, others: impl Iterator<Item = &'r Record>) -> Vec<Finding> {
    let mut out = Vec::new();
    for other in others.filter(|other| other.name != person.name) {
        let same = |email: &&String| other.list("emails").iter().any(|theirs| theirs.eq_ignore_ascii_case(email));
        out.extend(
            person.list("emails").iter().filter(same).map(|email| same_email::taken(person, email, other.slug())),
        );
    }
    out
}

type Find = fn(&Input<'_>) -> Vec<Finding>;

/// Rules of a single finder.
const FINDERS: &[(&Rule, Find)] = &[
    (&blocked_cycle::RULE, blocked_cycle::find),
    (&clock_ahead::RULE, clock_ahead::find),
    (&crowded_month::RULE, crowded_month::find),
    (&dangling_reference::RULE, dangling_reference::find),
    (&duplicate_chain::RULE, duplicate_chain::find),
    (&empty_role::RULE, empty_role::find),
    (&format_version::RULE, format_version::find),
    (&message_elsewhere::RULE, message_elsewhere::find),
    (&message_twice::RULE, message_twice::find),
    (&missing_attachment::RULE, missing_attachment::find),
    (&month_folder::RULE, month_folder::find),
    (&orphan_message::RULE, orphan_message::find),
    (&personal_data::RULE, personal_data::find),
    (&retired_owner::RULE, retired_owner::find),
    (&same_email::RULE, same_email::find),
    (&same_path::RULE, same_path::find),
    (&same_was::RULE, same_was::find),
    (&saved_query::RULE, saved_query::find),
    (&secret::RULE, secret::find),
    (&stranger::RULE, stranger::find),
    (&unnamed_attachment::RULE, unnamed_attachment::find),
    (&unsorted_list::RULE, unsorted_list::find),
];

/// Every rule, by name.
pub fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> = FINDERS.iter().map(|(rule, _)| *rule).collect();
    rules.extend(reading::RULES.iter().chain(lifecycles::RULES).chain(&commits::RULES));
    rules.push(&cross_edit::RULE);
    rules.sort_by_key(|rule| rule.name);
    rules
}

/// Everything that is wrong, by path and place.
pub fn findings(input: &Input<'_>) -> Vec<Finding> {
    let mut out = input.records.findings.clone();
    out.extend(lifecycles::find(input));
    for (_, find) in FINDERS {
        out.extend(find(input));
    }
    out.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.rule, &a.message).cmp(&(&b.path, b.line, b.column, b.rule, &b.message))
    });
    out.dedup();
    out
}

/// Every record, messages among them: loose and bound, each once.
fn everything(records: &Records) -> impl Iterator<Item = &Record> {
    records.all().chain(messages(records))
}

/// Every message, loose and bound, each once.
fn messages(records: &Records) -> impl Iterator<Item = &Record> {
    records.tickets_with_messages().flat_map(|ticket| records.messages(ticket))
}

/// The texts of a record by key, items of lists among them.
fn texts(record: &Record) -> Vec<(&'static str, &str)> {
    let mut out = Vec::new();
    for key in record.schema().keys {
        match record.get(key.name) {
            Value::Text(text) if matches!(key.ty, Type::Line | Type::Prose) => out.push((key.name, text.as_str())),
            Value::List(items) => out.extend(items.iter().map(|item| (key.name, item.as_str()))),
            Value::Rows(rows) => {
                let cells = rows.iter().flatten().filter_map(|(_, value)| match value {
                    Value::Text(text) => Some((key.name, text.as_str())),
                    _ => None,
                });
                out.extend(cells);
            }
            _ => {}
        }
    }
    out
}

/// What people call a record in a finding: its reference, of a message also that it is one.
fn called(record: &Record) -> String {
    match record.kind {
        Kind::Message => format!("message {}", record.reference()),
        _ => record.reference(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_once() {
        let names: Vec<&str> = rules().iter().map(|rule| rule.name).collect();
        let mut once = names.clone();
        once.dedup();
        assert_eq!(names, once);
        for rule in rules() {
            let all = [rule.what, rule.why, rule.example, rule.cure];
            assert!(all.iter().all(|text| !text.is_empty()), "{}", rule.name);
        }
    }
}
