//! `staple show`: any record as a person reads it.

use serde_json::{Map, Value as Json, json};

use super::error::CliError;
use super::open::left_to_the_system;
use super::shared::{ReadArgs, incomplete, unreadable};
use super::ui::{Style, Ui};
use crate::desk::{Desk, Records, resolve};
use crate::record::{Kind, Name, Record};
use crate::render::json as form;
use crate::render::text::{self, Line, Tone};
use crate::report::words::Clock;
use crate::report::{record_view, ticket_view};
use crate::store::layout::locate;

/// Show records: a ticket with its customer and conversation, a playbook with what it solved
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple show 7k3\n  staple show playbook:reset-password acme\n  staple show 7k3 --as-of \"last friday\"\n  staple show 7k3 --json"
)]
pub(crate) struct ShowArgs {
    /// References: T-7k3mqp or the start of it, kind:slug, a slug that one record has, or staple.toml
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,

    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn cmd_show(ui: &mut Ui, desk: &Desk, args: &ShowArgs) -> Result<(), CliError> {
    let (records, now) = args.read.read(desk, ui, |at| desk.around(at, &args.references))?;
    let records = left_to_the_system(records);
    let found: Vec<&Record> =
        args.references.iter().map(|reference| find(&records, reference)).collect::<Result<_, _>>()?;
    if args.read.form.print(ui, "records", &found, |record| item(&records, record))? {
        return incomplete_ones(&records, &found);
    }
    let clock = Clock { now, zone: desk.zone() };
    for (i, record) in found.iter().enumerate() {
        if i > 0 {
            ui.line("");
            ui.line("");
        }
        let lines = match record.kind {
            Kind::Ticket => text::ticket(&ticket_view::view(&records, record, &clock), ui.width),
            _ => text::record(&record_view::view(&records, record, &clock), ui.width),
        };
        print(ui, &lines);
    }
    incomplete_ones(&records, &found)
}

fn find<'r>(records: &'r Records, reference: &str) -> Result<&'r Record, CliError> {
    if reference == "staple.toml"
        && let Some(settings) = records.settings()
    {
        return Ok(settings);
    }
    Ok(resolve::any(records, reference)?)
}

/// Another file that cannot be read does not make these records a part of the whole, unless it belongs to one of them.
fn incomplete_ones(records: &Records, found: &[&Record]) -> Result<(), CliError> {
    let theirs = |path: &str| {
        let ticket = locate(path).and_then(|located| located.ticket());
        found.iter().any(|record| path == record.path || (ticket.is_some() && ticket == record.ticket_id()))
    };
    if unreadable(records).any(|finding| theirs(&finding.path)) { incomplete(records) } else { Ok(()) }
}

fn item(records: &Records, record: &Record) -> Json {
    let mut item: Map<String, Json> = form::record(record);
    item.insert("uncommitted".into(), json!(records.uncommitted.contains(&record.path)));
    if let Some(id) = record.ticket_id() {
        let messages = records.messages(id).iter().map(|message| {
            let mut item = form::record(message);
            if let Name::Message(_, id) = &message.name {
                item.insert("id".into(), json!(id.to_string()));
            }
            Json::Object(item)
        });
        item.insert("messages".into(), messages.collect());
    }
    Json::Object(item)
}

/// Writes lines in the styles of the terminal.
pub(crate) fn print(ui: &mut Ui, lines: &[Line]) {
    for line in lines {
        let style = match line.tone {
            Tone::Plain => None,
            Tone::Strong => Some(Style::Bold),
            Tone::Dim => Some(Style::Dim),
            Tone::Pressing => Some(Style::Red),
            Tone::Public => Some(Style::Green),
        };
        let text = style.map_or_else(|| line.text.clone(), |style| ui.style(style, &line.text));
        ui.line(text);
    }
}
