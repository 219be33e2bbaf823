//! `staple set`: new values for keys of any records.

use std::io::BufRead;

use super::asking::asks;
use super::environment::Environment;
use super::error::CliError;
use super::shared::{WriteArgs, report};
use super::ticket::list::read_query;
use super::ui::Ui;
use crate::desk::{At, Desk, Draft, WriteError, resolve};
use crate::query::Context;
use crate::record::change::assign::Assignment;
use crate::record::{Kind, Name, Value};
use crate::report::ticket_list::rows;
use crate::report::words::Clock;

/// Set keys of any records: KEY=VALUE, KEY+=ITEM, KEY-=ITEM; KEY= unsets
///
/// Times and days are read as you say them (3d, friday 17:00), references by slug or the start of an id. The rules of the
/// verbs hold here too.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple set 7k3 owner=sam labels+=urgent\n  staple set 7k3 next-update=\"friday 15:00\"\n  staple set acme language=de zone=Europe/Berlin\n  staple set 7k3 topic=\n  staple set --query \"is:open topic:billing\" labels+=invoices --why \"new invoice layout\""
)]
pub(crate) struct SetArgs {
    /// References, then what to set
    #[arg(required = true, value_name = "REF... KEY=VALUE")]
    words: Vec<String>,

    /// All tickets that staple list QUERY shows, in one commit
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,

    /// Do not ask before many are changed
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_set(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &SetArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "set")?;
    let (assignments, references) = sort_words(&args.words);
    if assignments.is_empty() {
        let hint = "write KEY=VALUE after the reference: staple set 7k3 owner=sam";
        return Err(CliError::usage("nothing says what to set", hint));
    }
    let mut found: Vec<(Kind, Name)> = Vec::new();
    match &args.query {
        None if references.is_empty() => {
            return Err(CliError::usage("nothing says which record", "name it: staple set REF KEY=VALUE"));
        }
        None => {}
        Some(_) if !references.is_empty() => {
            let message = format!("`{}` is no KEY=VALUE, and the query says which records", references[0]);
            return Err(CliError::usage(message, "give references or --query, not both"));
        }
        Some(query) => {
            found = tickets(desk, query)?;
            if found.is_empty() {
                ui.status("no ticket like this; nothing was changed");
                return Ok(());
            }
            if found.len() > 1 && !args.yes && !args.write.dry_run {
                confirm(ui, environment, found.len(), &assignments)?;
            }
        }
    }
    let done = desk.write(&options, |draft| {
        let mut names = found.clone();
        for reference in &references {
            let name = resolve::any_in(draft, reference)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for (kind, name) in &names {
            assign(desk, draft, *kind, name, &assignments)?;
        }
        Ok(())
    })?;
    report(ui, desk, &done)
}

/// Assignments and references, each in the order typed.
fn sort_words(words: &[String]) -> (Vec<Assignment>, Vec<&String>) {
    let mut assignments = Vec::new();
    let mut references = Vec::new();
    for word in words {
        match Assignment::parse(word) {
            Some(assignment) => assignments.push(assignment),
            None => references.push(word),
        }
    }
    (assignments, references)
}

fn tickets(desk: &Desk, query: &str) -> Result<Vec<(Kind, Name)>, CliError> {
    let query = read_query(query, false, &desk.saved_for(query)?)?;
    // Words are taken as they are typed: what is guessed may be looked at, and not changed.
    let records = desk.tickets(&At::Now, &query)?.records;
    let me = if query.needs_me() { asks(desk, &desk.kind(Kind::Person)?, &query)? } else { None };
    let context = Context { now: desk.now(), zone: desk.zone(), me: me.as_deref() };
    let ids = rows(&records, &query, &context).into_iter();
    Ok(ids.filter_map(|row| crate::record::reference::parse_any(&row.id)).collect())
}

fn confirm(ui: &mut Ui, environment: &Environment, many: usize, what: &[Assignment]) -> Result<(), CliError> {
    if !environment.input_is_terminal {
        let message = format!("the query finds {many} tickets, and nothing was changed");
        return Err(CliError::refused(message, "look at them with staple list QUERY, then add --yes"));
    }
    let keys: Vec<&str> = what.iter().map(|assignment| assignment.key.as_str()).collect();
    ui.status(format!("set {} of {many} tickets? y/N", keys.join(", ")));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(CliError::refused("nothing was changed", "see what would change: add --dry-run"))
}

fn assign(
    desk: &Desk,
    draft: &mut Draft<'_>,
    kind: Kind,
    name: &Name,
    assignments: &[Assignment],
) -> Result<(), WriteError> {
    let mut record = draft.record(kind, name)?;
    let mut sets: Vec<(&str, Value)> = Vec::new();
    let mut words = Vec::new();
    let clock = Clock { now: desk.now(), zone: desk.zone() };
    for assignment in assignments {
        let key = assignment.key_of(kind).map_err(|refused| WriteError::usage(refused.message, refused.hint))?;
        let typed = desk.typed(draft, key, assignment)?;
        let value = assignment.apply(&record, key, typed.clone())?;
        let said = match &typed {
            Value::Time(time) => clock.moment(*time),
            Value::Day(day) => clock.day(*day),
            other => other.to_string(),
        };
        words.push(assignment.words(&said));
        // A key may be named twice: labels+=a labels-=b.
        record.set(key.name, value.clone());
        sets.retain(|(other, _)| *other != key.name);
        sets.push((key.name, value));
    }
    draft.set(kind, name, &sets)?;
    let all = words.join(", ");
    let words = if all.chars().count() <= 60 { all } else { format!("{} keys set", sets.len()) };
    draft.summary(record.reference(), words);
    Ok(())
}
