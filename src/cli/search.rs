//! `staple search`: words in every record, the best answer first.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};
use unicode_width::UnicodeWidthStr;

use super::asking::{SaveArgs, asks, query_error, tell};
use super::error::CliError;
use super::open::left_to_the_system;
use super::shared::{ReadArgs, incomplete, now_at, warn_unreadable};
use super::ui::{Style, Ui};
use crate::desk::{At, Desk, Records, resolve};
use crate::query::document::kinds;
use crate::query::kinds::{self as many, KindQueries};
use crate::query::words::Term;
use crate::query::{Context, Query};
use crate::record::Kind;
use crate::record::nearest::nearest;
use crate::render::json as form;
use crate::render::plain::{clean_line, wrap};
use crate::report::search::{Hit, Marked, hits};
use crate::report::words::Clock;

/// Search all records for words: tickets with their messages, playbooks, people and the rest, the best answer first
///
/// Words are found from their start, whatever their case and accents; words in quotes are found as they stand there. A word
/// that nothing has is replaced by the nearest that something has, which is said. Terms of the query language narrow the
/// search to the kinds that have such fields.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple search cannot log in\n  staple search '\"white page\"' is:open\n  staple search invoice customer:acme opened:2026-11-01..\n  staple search export --kind playbook --kind proposal\n  staple search refund sort:-opened --limit 50\n  staple search invoice --json"
)]
pub(crate) struct SearchArgs {
    /// Words and other terms of a query; see staple help queries
    #[arg(required = true, value_name = "TEXT")]
    query: Vec<String>,

    /// Only records of this kind; may be given several times
    #[arg(short, long, value_name = "KIND", value_parser = kind_of)]
    kind: Vec<Kind>,

    /// How many to show
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
    limit: usize,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    save: SaveArgs,
}

/// The kind of a word; singular or plural.
fn kind_of(text: &str) -> Result<Kind, String> {
    let found = Kind::from_word(&text.to_lowercase()).filter(|kind| kinds().any(|known| known == *kind));
    found.ok_or_else(|| {
        let words: Vec<&str> = kinds().map(Kind::word).collect();
        let near = nearest(text, words.iter().copied());
        if near.is_empty() {
            format!("the kinds are {}", words.join(", "))
        } else {
            format!("did you mean {}?", near.join(" or "))
        }
    })
}

pub(crate) fn cmd_search(ui: &mut Ui, desk: &Desk, args: &SearchArgs) -> Result<(), CliError> {
    let text = args.query.join(" ");
    let asked = kinds().filter(|kind| args.kind.is_empty() || args.kind.contains(kind));
    let queries = many::parse(&text, asked, &desk.saved_for(&text)?).map_err(|error| query_error(&error, &text))?;
    args.save.save(ui, desk, &text)?;
    // A field that names people in one kind may hold other words in another.
    let about_me = queries.iter().map(|(_, query)| query).find(|query| query.needs_me());
    let me = match about_me {
        Some(query) => asks(desk, &desk.kind(Kind::Person)?, query)?,
        None => None,
    };
    let at = args.read.at(desk)?;
    let now = now_at(desk, &at)?;
    let context = Context { now, zone: desk.zone(), me: me.as_deref() };
    let answer = left_to_the_system(desk.search(&at, &queries, args.limit, &context)?);
    let (queries, corrections) = (&answer.queries, &answer.corrections);
    tell(ui, corrections);
    let (records, all, found) = (&answer.records, answer.all, answer.found());
    warn_unreadable(ui, records);
    let terms = all_terms(queries);
    let clock = Clock { now, zone: desk.zone() };
    let hits = hits(records, &found, &terms, &clock, ui.width.saturating_sub(INDENT.len()));
    if !args.read.form.print(ui, "hits", &hits, |hit| item(records, hit))? {
        hits.iter().enumerate().for_each(|(i, hit)| show(ui, hit, i == 0));
    }
    if all == 0 {
        nothing(ui, desk, &at, queries, corrections.iter().any(|correction| correction.by.is_empty()))?;
    } else if all > found.len() {
        ui.status(format!("{} more: --limit {all}", all - found.len()));
    }
    if hits.iter().any(|hit| hit.uncommitted) {
        ui.status("* has edits that are not committed");
    }
    incomplete(records)
}

const INDENT: &str = "    ";

/// The words that were looked for in any kind, each once.
fn all_terms(queries: &KindQueries) -> Vec<&Term> {
    let mut terms: Vec<&Term> = Vec::new();
    for term in queries.iter().flat_map(|(_, query)| query.terms()) {
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// Says that there is nothing, and what each word alone would have found.
fn nothing(ui: &mut Ui, desk: &Desk, at: &At, queries: &KindQueries, said: bool) -> Result<(), CliError> {
    let terms = queries.first().map(|(_, query)| Query::terms(query)).unwrap_or_default();
    let found = desk.having(at, &terms)?;
    if !said {
        ui.status("nothing like this");
    }
    if found.iter().any(|count| *count > 0) && (terms.len() > 1 || !said) {
        let number = |count: u64| if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        let alone: Vec<String> = terms
            .iter()
            .zip(found)
            .map(|(term, count)| format!("\"{}\" is in {}", term.words.join(" "), number(count)))
            .collect();
        ui.hint(alone.join(", "));
    }
    Ok(())
}

fn show(ui: &mut Ui, hit: &Hit, first: bool) {
    if !first {
        ui.line("");
    }
    let mark = if hit.uncommitted { "*" } else { "" };
    let reference = ui.style(Style::Bold, &clean_line(&hit.reference));
    let start = format!("{}{mark}  ", hit.reference);
    for (i, line) in marked_lines(ui, &hit.label, ui.width.saturating_sub(start.len()).max(20)).into_iter().enumerate()
    {
        let before = if i == 0 { format!("{reference}{mark}  ") } else { " ".repeat(start.len()) };
        ui.line(format!("{before}{line}").trim_end());
    }
    let about: Vec<&str> = std::iter::once(hit.kind).chain(hit.standing.iter().map(String::as_str)).collect();
    for line in wrap(&clean_line(&about.join(", ")), ui.width.saturating_sub(INDENT.len())) {
        ui.line(format!("{INDENT}{}", ui.style(Style::Dim, &line)));
    }
    for excerpt in &hit.excerpts {
        let place = ui.style(Style::Dim, &format!("{}:", excerpt.place));
        let line = marked(ui, &excerpt.text, 0..excerpt.text.text.len());
        if INDENT.len() + excerpt.place.width() + 2 + excerpt.text.text.width() <= ui.width {
            ui.line(format!("{INDENT}{place} {line}"));
        } else {
            ui.line(format!("{INDENT}{place}"));
            ui.line(format!("{INDENT}  {line}"));
        }
    }
}

/// A marked text in lines no wider than `width`, where words allow.
fn marked_lines(ui: &Ui, text: &Marked, width: usize) -> Vec<String> {
    let mut at = 0;
    let lines = wrap(&text.text, width);
    let mut out = Vec::new();
    for line in lines {
        // Lines are parts of the text in order, with the space between two left out.
        let start = text.text[at..].find(line.as_str()).map_or(at, |found| at + found);
        let end = (start + line.len()).min(text.text.len());
        out.push(marked(ui, text, start..end));
        at = end;
    }
    out
}

/// A part of a text with its marks in bold.
fn marked(ui: &Ui, text: &Marked, part: Range<usize>) -> String {
    let mut out = String::new();
    let mut at = part.start;
    for mark in &text.marks {
        let (start, end) = (mark.start.max(part.start), mark.end.min(part.end));
        if start < end {
            out.push_str(&clean_line(&text.text[at..start]));
            out.push_str(&ui.style(Style::Bold, &clean_line(&text.text[start..end])));
            at = end;
        }
    }
    out + &clean_line(&text.text[at..part.end])
}

fn item(records: &Records, hit: &Hit) -> Json {
    let record = resolve::any(records, &hit.reference).ok();
    let mut item: Map<String, Json> = record.map(form::record).unwrap_or_default();
    let name = if hit.label.marks.is_empty() { None } else { Some(found("label", &hit.label)) };
    let excerpts = hit.excerpts.iter().map(|excerpt| found(&excerpt.place, &excerpt.text));
    item.insert("label".into(), json!(hit.label.text));
    item.insert("rank".into(), json!(hit.rank));
    item.insert("found".into(), name.into_iter().chain(excerpts).collect());
    item.insert("uncommitted".into(), json!(hit.uncommitted));
    Json::Object(item)
}

/// Words that were found, where they stand, and the letters to mark: from and to, counted from 0.
fn found(place: &str, text: &Marked) -> Json {
    let letters = |end: usize| text.text[..end].chars().count();
    let marks: Vec<[usize; 2]> = text.marks.iter().map(|mark| [letters(mark.start), letters(mark.end)]).collect();
    json!({ "in": place, "text": text.text, "marks": marks })
}
