//! `staple ticket`: the verbs of tickets. The noun may be left out.

mod hand_off;
pub(crate) mod list;
mod new;
mod post;
mod reply;
mod resolve;
mod take;
mod told;
mod wait;

use super::environment::Environment;
use super::error::CliError;
use super::later::Later;
use super::open::{self, Globals};
use super::shared::{TextArgs, report};
use super::ui::Ui;
use crate::desk::{At, Desk, Draft, WriteError, WriteOptions, resolve as names};
use crate::record::Record;
use crate::record::change::ticket::Case;
use crate::record::change::{Moment, Plan};

/// Tickets: what customers need, from first contact to the answer
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TicketCommand {
    New(Later<new::NewArgs>),
    List(Later<list::ListArgs>),
    Take(Later<take::TakeArgs>),
    Received(Later<reply::ReceivedArgs>),
    Reply(Later<reply::ReplyArgs>),
    Wait(Later<wait::WaitArgs>),
    HandOff(Later<hand_off::HandOffArgs>),
    Accept(Later<hand_off::AcceptArgs>),
    HandBack(Later<hand_off::HandBackArgs>),
    Nudge(Later<wait::NudgeArgs>),
    Resolve(Later<resolve::ResolveArgs>),
    Reopen(Later<resolve::ReopenArgs>),
    Drop(Later<resolve::DropArgs>),
    Duplicate(Later<resolve::DuplicateArgs>),
    Told(Later<told::ToldArgs>),
    Link(Later<told::LinkArgs>),
    #[command(hide = true)]
    Close(Later<resolve::CloseArgs>),
}

pub(crate) fn cmd_ticket(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &TicketCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        TicketCommand::New(Later(args)) => new::cmd_new(ui, environment, &desk, args),
        TicketCommand::List(Later(args)) => list::cmd_list(ui, &desk, args),
        TicketCommand::Take(Later(args)) => take::cmd_take(ui, &desk, args),
        TicketCommand::Received(Later(args)) => reply::cmd_received(ui, environment, &desk, args),
        TicketCommand::Reply(Later(args)) => reply::cmd_reply(ui, environment, &desk, args),
        TicketCommand::Wait(Later(args)) => wait::cmd_wait(ui, &desk, args),
        TicketCommand::HandOff(Later(args)) => hand_off::cmd_hand_off(ui, &desk, args),
        TicketCommand::Accept(Later(args)) => hand_off::cmd_accept(ui, &desk, args),
        TicketCommand::HandBack(Later(args)) => hand_off::cmd_hand_back(ui, &desk, args),
        TicketCommand::Nudge(Later(args)) => wait::cmd_nudge(ui, &desk, args),
        TicketCommand::Resolve(Later(args)) => resolve::cmd_resolve(ui, &desk, args),
        TicketCommand::Reopen(Later(args)) => resolve::cmd_reopen(ui, &desk, args),
        TicketCommand::Drop(Later(args)) => resolve::cmd_drop(ui, &desk, args),
        TicketCommand::Duplicate(Later(args)) => resolve::cmd_duplicate(ui, &desk, args),
        TicketCommand::Told(Later(args)) => told::cmd_told(ui, environment, &desk, args),
        TicketCommand::Link(Later(args)) => told::cmd_link(ui, environment, &desk, args),
        TicketCommand::Close(Later(args)) => resolve::cmd_close(args),
    }
}

/// Changes one ticket: `verb` says how, from the ticket as the transaction sees it.
pub(crate) fn change(
    ui: &mut Ui,
    desk: &Desk,
    options: &WriteOptions,
    id: &str,
    mut verb: impl FnMut(&Draft<'_>, Case<'_>, &mut Moment<'_>) -> Result<Plan, WriteError>,
) -> Result<(), CliError> {
    let done = desk.write(options, |draft| {
        let id = names::ticket_in(draft, id)?;
        let ticket = draft.ticket(id)?;
        refuse_before_opening(&ticket, options)?;
        let messages = draft.messages(&ticket)?;
        let messages: Vec<&Record> = messages.iter().collect();
        let me = desk.me_in(draft)?;
        let case = Case { ticket: &ticket, messages: &messages };
        let plan = desk.at_moment(options.at, me, |moment| verb(draft, case, moment))?;
        draft.carry_out(&ticket.reference(), plan)
    })?;
    report(ui, desk, &done)
}

/// Nothing can have happened to a ticket before its customer first reached us.
fn refuse_before_opening(ticket: &Record, options: &WriteOptions) -> Result<(), WriteError> {
    match (options.at, ticket.time("opened")) {
        (Some(at), Some(opened)) if at < opened => {
            let id = ticket.reference();
            let message = format!("{id} was opened at {opened}, so nothing happened to it at {at}");
            Err(WriteError::usage(message, format!("if it was opened earlier: staple set {id} opened=WHEN")))
        }
        _ => Ok(()),
    }
}

/// Checks the ticket's name where a text is about to be asked for: a slip must not cost the words.
pub(crate) fn check_before_asking(desk: &Desk, text: &TextArgs, words: Option<&str>, id: &str) -> Result<(), CliError> {
    if !text.is_given(words) {
        names::ticket(&desk.records(&At::Now)?, id)?;
    }
    Ok(())
}
