//! `staple KIND list`: one command for all kinds, a table for each.

use std::marker::PhantomData;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value as Json, json};

use super::super::asking::{SaveArgs, asks, query_error};
use super::super::error::CliError;
use super::super::shared::{ReadArgs, incomplete};
use super::super::ui::{Style, Ui};
use super::{Noun, words};
use crate::desk::search::Choice;
use crate::desk::{Desk, Records};
use crate::query::fields::{FieldTable, of_kind};
use crate::query::{Context, Query};
use crate::record::Kind;
use crate::record::age::{age_words, short_day};
use crate::record::time::{Day, Time};
use crate::render::{json as form, table::Table};
use crate::report::kind_list::{Facts, KindRow, rows};

/// What `staple KIND list` was given.
#[derive(Debug, Clone)]
pub(crate) struct ListArgs<K: Noun> {
    options: ListOptions,
    kind: PhantomData<K>,
}

#[derive(Debug, Clone, clap::Args)]
struct ListOptions {
    /// A query; see staple help queries
    query: Vec<String>,

    #[arg(short, long)]
    all: bool,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    save: SaveArgs,
}

impl<K: Noun> Args for ListArgs<K> {
    fn augment_args(command: Command) -> Command {
        let kind = K::KIND;
        ListOptions::augment_args(command)
            .mut_arg("all", |arg| arg.help(words::all_help(kind)))
            .about(words::list_about(kind))
            .after_help(words::list_examples(kind))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<K: Noun> FromArgMatches for ListArgs<K> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { options: ListOptions::from_arg_matches(matches)?, kind: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub(crate) fn cmd_list<K: Noun>(ui: &mut Ui, desk: &Desk, args: &ListArgs<K>) -> Result<(), CliError> {
    list(ui, desk, K::KIND, &args.options)
}

fn list(ui: &mut Ui, desk: &Desk, kind: Kind, args: &ListOptions) -> Result<(), CliError> {
    let text = args.query.join(" ");
    let fields = of_kind(kind);
    let query = Query::parse_with(&text, &FieldTable::new(&fields), &desk.saved_for(&text)?)
        .map_err(|error| query_error(&error, &text))?;
    args.save.save(ui, desk, &text)?;
    let me = if query.needs_me() { asks(desk, &desk.kind(Kind::Person)?, &query)? } else { None };
    let (Choice { records, query, .. }, now) = args.read.choice(desk, ui, |at| desk.all_of(at, kind, &query))?;
    let all = args.all || ["is", "status", "retired"].iter().any(|field| query.mentions(field));
    let context = Context { now, zone: desk.zone(), me: me.as_deref() };
    let found = rows(&records, kind, &query, all, &context);
    if args.read.form.print(ui, kind.plural(), &found, |row| item(&records, kind, row))? {
        return incomplete(&records);
    }
    if found.is_empty() {
        nothing(ui, kind, &records, &text, all);
    } else {
        show(ui, kind, &found, now, now.day_in(desk.zone()));
    }
    incomplete(&records)
}

/// Says why there is nothing to show, and how there would be.
fn nothing(ui: &mut Ui, kind: Kind, records: &Records, query: &str, all: bool) {
    let word = kind.word();
    if records.of(kind).next().is_none() {
        ui.status(format!("no {word} yet"));
        let label = words::label_key(kind);
        let rest = match kind {
            Kind::Proposal => " --benefit \"what customers gain\"",
            Kind::Channel => " --kind mail",
            Kind::Query => " --query \"is:open older:14d\"",
            _ => "",
        };
        ui.hint(format!("make the first: staple {word} new \"its {label}\"{rest}"));
    } else if query.trim().is_empty() && !all {
        ui.status(format!("every {word} has come to its end"));
        ui.hint(format!("see them: staple {word} list --all"));
    } else {
        ui.status(format!("no {word} like this"));
    }
}

fn item(records: &Records, kind: Kind, row: &KindRow) -> Json {
    let mut item: Map<String, Json> = records.slug(kind, &row.slug).map(form::record).unwrap_or_default();
    let time = |time: &Option<Time>| json!(time.map(|time| time.to_string()));
    let mut add = |name: &str, value: Json| {
        item.insert(name.to_owned(), value);
    };
    add("slug", json!(row.slug));
    match &row.facts {
        Facts::Playbook { solved, last, .. } => {
            add("solved", json!(solved));
            add("last-solved", time(last));
        }
        Facts::Proposal { age_days, .. } => add("age-days", json!(age_days)),
        Facts::Person { available, away, .. } => {
            add("available-now", json!(away.is_none() && available == "yes"));
            add("away-until", json!(away.as_ref().map(|away| away.until.to_string())));
        }
        Facts::Role { holders, .. } => add("unheld", json!(holders.is_empty())),
        Facts::Customer { last_contact, open, .. } => {
            add("last-contact", time(last_contact));
            add("open-tickets", json!(open));
        }
        Facts::Topic { open, .. } => add("open-tickets", json!(open)),
        Facts::Team { .. } | Facts::Channel { .. } | Facts::Query { .. } => {}
    }
    add("uncommitted", json!(row.uncommitted));
    Json::Object(item)
}

/// The headings of a kind's table; the second column gives way when the rows are too wide.
fn heads(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Playbook => &["playbook", "title", "status", "topics", "solved", "last", "flags"],
        Kind::Proposal => &["proposal", "title", "about", "status", "raised", "age", "owner"],
        Kind::Person => &["person", "name", "team", "today", "reach"],
        Kind::Role => &["role", "title", "holders", "backups"],
        Kind::Team => &["team", "name", "whose", "purpose"],
        Kind::Customer => &["customer", "name", "segment", "last contact", "open"],
        Kind::Channel => &["channel", "address", "kind", "hours", "job"],
        Kind::Query => &["query", "title", "stands for"],
        _ => &["topic", "title", "demand", "open", "best asked by"],
    }
}

fn show(ui: &mut Ui, kind: Kind, found: &[KindRow], now: Time, today: Day) {
    let shrink = match kind {
        Kind::Team => 3,
        Kind::Channel => 4,
        _ => 1,
    };
    let mut table = Table::new(heads(kind), shrink);
    for row in found {
        let mark = if row.uncommitted { "*" } else { "" };
        let mut cells = vec![format!("{}{mark}", row.slug), row.label.clone()];
        cells.extend(cells_of(&row.facts, now, today));
        // Retired ones show only when they were asked for; a playbook's status says it already.
        if row.ended && !matches!(row.facts, Facts::Playbook { .. } | Facts::Proposal { .. }) {
            cells[1].push_str(" (retired)");
        }
        table.row(cells);
    }
    let width = ui.table_width();
    for (i, line) in table.lines(width).into_iter().enumerate() {
        let row = i.checked_sub(1).and_then(|i| found.get(i));
        let style = match row {
            None => Some(Style::Dim),
            Some(row) if row.ended => Some(Style::Dim),
            Some(KindRow { facts: Facts::Role { holders, .. }, .. }) if holders.is_empty() => Some(Style::Yellow),
            Some(_) => None,
        };
        ui.line(style.map_or_else(|| line.clone(), |style| ui.style(style, &line)));
    }
    if found.iter().any(|row| row.uncommitted) {
        ui.status("* has edits that are not committed");
    }
}

fn cells_of(facts: &Facts, now: Time, today: Day) -> Vec<String> {
    let count = |count: usize| if count == 0 { String::new() } else { count.to_string() };
    let ago = |time: &Option<Time>| time.map(|time| format!("{} ago", age_words(now.unix() - time.unix())));
    match facts {
        Facts::Playbook { status, topics, solved, last, flags } => {
            vec![status.clone(), topics.join(", "), count(*solved), ago(last).unwrap_or_default(), count(*flags)]
        }
        Facts::Proposal { about, status, raised, age_days, owner } => vec![
            about.clone(),
            status.clone(),
            raised.map(|raised| short_day(raised, today)).unwrap_or_default(),
            match age_days {
                Some(0) => "today".to_owned(),
                Some(days) => age_words(days * 86_400),
                None => String::new(),
            },
            owner.clone(),
        ],
        Facts::Person { team, available, available_until, away, reach } => {
            let until = available_until.map(|until| format!(" until {}", short_day(until, today))).unwrap_or_default();
            let today_words = match (away, available.as_str()) {
                (Some(away), _) if away.cover.is_empty() => format!("away until {}", short_day(away.until, today)),
                (Some(away), _) => format!("away until {}, {} covers", short_day(away.until, today), away.cover),
                (None, "yes") => "available".to_owned(),
                (None, "no") => format!("not available{until}"),
                (None, other) => format!("{}{until}", other.replace('-', " ")),
            };
            vec![team.clone(), today_words, reach.clone()]
        }
        Facts::Role { holders, backups } => {
            let held = if holders.is_empty() { "unheld".to_owned() } else { holders.join(", ") };
            vec![held, backups.join(", ")]
        }
        Facts::Team { ours, purpose } => {
            vec![if *ours { "ours" } else { "another" }.to_owned(), purpose.clone()]
        }
        Facts::Customer { segment, last_contact, open } => {
            vec![segment.clone(), ago(last_contact).unwrap_or_else(|| "never".to_owned()), count(*open)]
        }
        Facts::Channel { what, hours, job } => vec![what.clone(), hours.clone(), job.clone()],
        Facts::Query { query } => vec![query.clone()],
        Facts::Topic { demand, open, channel } => vec![demand.clone(), count(*open), channel.clone()],
    }
}
