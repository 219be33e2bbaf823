//! `staple playbook new --from`, `publish`, `unpublish` and `flag`.

use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs};
use super::super::ui::Ui;
use super::new::{NewArgs, Start, make};
use super::{Playbook, change_of};
use crate::desk::{Desk, Draft, WriteError, resolve};
use crate::record::change::playbook as verbs;
use crate::record::change::ticket::Case;
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record, Value};

#[derive(Debug, clap::Args)]
pub(crate) struct PlaybookNewArgs {
    #[command(flatten)]
    new: NewArgs<Playbook>,

    /// Take problem and cause from a ticket, without the customer's details
    #[arg(long, value_name = "ID")]
    from: Option<String>,
}

pub(crate) fn cmd_new(ui: &mut Ui, desk: &Desk, args: &PlaybookNewArgs) -> Result<(), CliError> {
    let options = args.new.write.options(desk, "playbook new")?;
    make(ui, desk, &options, Kind::Playbook, &args.new.given, |draft| {
        let mut start = match &args.from {
            Some(ticket) => from_ticket(draft, ticket)?,
            None => Start::default(),
        };
        start.values.push(("status", "draft".into()));
        Ok(start)
    })
}

fn from_ticket(draft: &Draft<'_>, ticket: &str) -> Result<Start, WriteError> {
    let ticket = draft.ticket(resolve::ticket_in(draft, ticket)?)?;
    let messages = draft.messages(&ticket)?;
    let messages: Vec<&Record> = messages.iter().collect();
    let customer = match Slug::parse(ticket.text("customer")) {
        Some(slug) => match draft.record(Kind::Customer, &Name::Slug(slug)) {
            Ok(customer) => Some(customer),
            Err(WriteError::NoRecord { .. }) => None,
            // The names to take out stand in it.
            Err(error) => return Err(error),
        },
        None => None,
    };
    let taken = verbs::from_ticket(Case { ticket: &ticket, messages: &messages }, customer.as_ref());
    let topics: Vec<String> = Some(taken.topic).filter(|topic| !topic.is_empty()).into_iter().collect();
    let values: Vec<(&'static str, Value)> = vec![
        ("title", super::words::sentence(&taken.title).into()),
        ("problem", taken.problem.into()),
        ("cause", taken.cause.into()),
        ("topics", topics.into()),
    ];
    let id = ticket.reference();
    let hint = format!(
        "read it once more: addresses, numbers and known names of {id} are out, what else tells who it was is not"
    );
    Ok(Start { values, hints: vec![hint] })
}

/// Let customers see a playbook; it must have an answer for them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple playbook publish reset-password")]
pub(crate) struct PublishArgs {
    /// The playbook
    playbook: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_publish(ui: &mut Ui, desk: &Desk, args: &PublishArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "playbook publish")?;
    change_of(ui, desk, &options, Kind::Playbook, &args.playbook, |_, playbook, _| Ok(verbs::publish(playbook)?))
}

/// Take a playbook out of customers' sight; the team may still use it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple playbook unpublish reset-password --why \"the menu moved in v2.5\"")]
pub(crate) struct UnpublishArgs {
    /// The playbook
    playbook: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_unpublish(ui: &mut Ui, desk: &Desk, args: &UnpublishArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "playbook unpublish")?;
    change_of(ui, desk, &options, Kind::Playbook, &args.playbook, |_, playbook, _| Ok(verbs::unpublish(playbook)?))
}

/// Say what is wrong with a playbook, so that whoever keeps it true sees it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple playbook flag reset-password \"the menu moved in v2.5\"")]
pub(crate) struct FlagArgs {
    /// The playbook
    playbook: String,

    /// What is wrong, in a line
    #[arg(value_name = "TEXT")]
    what: Option<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_flag(ui: &mut Ui, desk: &Desk, args: &FlagArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "playbook flag")?;
    let text = args.text.given(args.what.as_deref())?.unwrap_or_default();
    change_of(ui, desk, &options, Kind::Playbook, &args.playbook, |_, playbook, _| Ok(verbs::flag(playbook, &text)?))
}
