//! The words of a commit: a subject that reads well in `git log --oneline`, why, and lines for machines.

use super::{Draft, WriteOptions};
use crate::record::plain::{clean, clean_line};
use crate::record::{Kind, Name};

/// How many records a commit names in lines of their own; a larger one is read from its diff.
const NAMED: usize = 20;

/// The first line: one record's own words, or how many had the same.
pub(crate) fn subject(summaries: &[(String, String)]) -> String {
    match summaries {
        [] => "desk changed".to_owned(),
        [(reference, words)] if reference.is_empty() => words.clone(),
        [(reference, words)] => format!("{reference}: {words}"),
        [(first, words), rest @ ..] if rest.iter().all(|(_, other)| other == words) => {
            let what = if first.starts_with("T-") { "tickets" } else { "records" };
            format!("{} {what}: {words}", summaries.len())
        }
        [(first, words), rest @ ..] => format!("{first}: {words}; and {} more", rest.len()),
    }
}

/// The whole message. git shows it as it is, so it holds nothing that a terminal acts on: titles come from mails too.
pub(crate) fn message(draft: &Draft<'_>, options: &WriteOptions, op_id: Option<&str>) -> String {
    let mut out = clip(&subject(draft.summaries()));
    out.push('\n');
    let why = clean(&options.why);
    let why = why.trim();
    if !why.is_empty() {
        out.push_str(&format!("\n{why}\n"));
    }
    out.push('\n');
    if !options.action.is_empty() {
        out.push_str(&format!("Action: {}\n", options.action));
    }
    let mut references: Vec<String> =
        draft.touched().iter().filter_map(|(kind, name)| reference(*kind, name)).collect();
    references.dedup();
    if references.len() <= NAMED {
        references.iter().for_each(|reference| out.push_str(&format!("Record: {reference}\n")));
    } else {
        out.push_str(&format!("Records: {}\n", references.len()));
    }
    for (key, value) in &options.trailers {
        out.push_str(&format!("{key}: {}\n", clean_line(value)));
    }
    if let Some(op_id) = op_id {
        out.push_str(&format!("Op-Id: {op_id}\n"));
    }
    out
}

fn reference(kind: Kind, name: &Name) -> Option<String> {
    match name {
        Name::Ticket(id) => Some(id.to_string()),
        // The ticket's own file may not change when something is said.
        Name::Message(ticket, id) => Some(format!("{ticket} {id}")),
        Name::Slug(slug) => Some(format!("{}:{slug}", kind.word())),
        Name::Stamp(id) => Some(format!("{}:{id}", kind.word())),
        Name::Desk => Some("staple.toml".to_owned()),
    }
}

/// A subject of at most about 100 characters on one line.
fn clip(text: &str) -> String {
    let line = clean_line(text.lines().next().unwrap_or_default());
    if line.chars().count() <= 100 {
        return line;
    }
    let short: String = line.chars().take(97).collect();
    format!("{}...", short.trim_end())
}
