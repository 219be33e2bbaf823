//! `staple list`: tickets, who has waited longest first.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::super::asking::{SaveArgs, asks, query_error};
use super::super::error::CliError;
use super::super::open::left_to_the_system;
use super::super::shared::{ReadArgs, incomplete};
use super::super::ui::{Style, Ui};
use crate::desk::search::Choice;
use crate::desk::{Desk, Records};
use crate::query::saved::SavedQueries;
use crate::query::{Context, Query, fields};
use crate::record::Kind;
use crate::record::age::{age_words, short_day};
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::render::{json as form, table::Table};
use crate::report::ticket_list::{TicketRow, rows};

/// List tickets: the open ones, who has heard nothing for longest first
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple list\n  staple list topic:billing older:14d\n  staple list owner:@me is:overdue\n  staple list --all customer:acme sort:opened\n  staple list older:14d --save stuck\n  staple list query:stuck topic:billing\n  staple list --as-of 2026-11-01\n  staple list --template '{{ ref }} {{ title }}'"
)]
pub(crate) struct ListArgs {
    /// A query; see staple help queries
    query: Vec<String>,

    /// Done tickets too
    #[arg(short, long)]
    all: bool,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    save: SaveArgs,
}

pub(crate) fn cmd_list(ui: &mut Ui, desk: &Desk, args: &ListArgs) -> Result<(), CliError> {
    let text = args.query.join(" ");
    let query = read_query(&text, args.all, &desk.saved_for(&text)?)?;
    args.save.save(ui, desk, &text)?;
    let me = if query.needs_me() { asks(desk, &desk.kind(Kind::Person)?, &query)? } else { None };
    let (Choice { records, query, .. }, now) = args.read.choice(desk, ui, |at| desk.tickets(at, &query))?;
    let context = Context { now, zone: desk.zone(), me: me.as_deref() };
    let records = left_to_the_system(records);
    let found = rows(&records, &query, &context);
    if args.read.form.print(ui, "tickets", &found, |row| item(&records, row))? {
        return incomplete(&records);
    }
    if found.is_empty() {
        ui.status("no ticket like this");
    } else {
        show(ui, desk, &found, now);
    }
    incomplete(&records)
}

/// The query as typed; open tickets only, unless it says otherwise or all are wanted.
pub(crate) fn read_query(text: &str, all: bool, saved: &SavedQueries) -> Result<Query, CliError> {
    let read = |text: &str| Query::parse_with(text, &fields::TICKETS, saved).map_err(|error| query_error(&error, text));
    let query = read(text)?;
    if all || query.mentions("is") || query.mentions("status") || query.mentions("resolution") {
        return Ok(query);
    }
    if text.trim().is_empty() {
        read("is:open")
    } else {
        read(&format!("is:open ({text})")).or_else(|_| read(&format!("is:open {text}")))
    }
}

fn item(records: &Records, row: &TicketRow<'_>) -> Json {
    let record = TicketId::parse(&row.id).and_then(|id| records.ticket(id));
    let mut item: Map<String, Json> = record.map(form::record).unwrap_or_default();
    item.insert("silent-since".into(), json!(row.silent_since.to_string()));
    item.insert("overdue".into(), json!(row.overdue));
    item.insert("uncommitted".into(), json!(row.uncommitted));
    Json::Object(item)
}

/// The table of tickets.
pub(crate) fn show(ui: &mut Ui, desk: &Desk, found: &[TicketRow<'_>], now: Time) {
    let mut table = Table::new(&["ticket", "title", "customer", "status", "owner", "next update", "silent", "age"], 1)
        .shrinking(&[(1, 32), (2, 12), (3, 14), (1, 16)]);
    let today = now.day_in(desk.zone());
    for row in found {
        let waiting = row.waiting_on.split_once(':').map_or(row.waiting_on, |(_, name)| name);
        let status = match waiting {
            "" => row.status.into(),
            waiting => format!("{} on {waiting}", row.status).into(),
        };
        let id = match row.uncommitted {
            true => format!("{}*", row.id).into(),
            false => row.id.as_str().into(),
        };
        let next = row.next_update.map(|next| short_day(next.day_in(desk.zone()), today)).unwrap_or_default();
        let late = if row.overdue { " late" } else { "" };
        table.row::<Cow<'_, str>>([
            id,
            row.title.into(),
            row.customer.into(),
            status,
            row.owner.into(),
            format!("{next}{late}").into(),
            age_words(now.unix() - row.silent_since.unix()).into(),
            age_words(now.unix() - row.opened.unix()).into(),
        ]);
    }
    let width = ui.table_width();
    for (i, line) in table.lines(width).into_iter().enumerate() {
        let line = if i == 0 {
            ui.style(Style::Dim, &line)
        } else if found.get(i - 1).is_some_and(|row| row.overdue) {
            ui.style(Style::Red, &line)
        } else {
            line
        };
        ui.line(line);
    }
    if found.iter().any(|row| row.uncommitted) {
        ui.status("* has edits that are not committed");
    }
}
