//! The kinds that have slugs: `staple playbook`, `proposal`, `person`, `role`, `team`, `customer`, `channel`, `topic`, `query`.
//!
//! `new` and `list` are made from the table of the kind's keys; verbs of one kind have a file of their own.

pub(crate) mod jot;
mod list;
mod new;
mod person;
mod playbook;
mod proposal;
pub(crate) mod retire;
mod talked;
mod words;

pub(super) use words::words_of;

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::shared::report;
use super::ui::Ui;
use crate::desk::{Desk, Draft, WriteError, WriteOptions, resolve};
use crate::record::change::{Moment, Plan};
use crate::record::{Kind, Record};

use list::ListArgs;
use new::NewArgs;

/// A kind as a type, so that the parser of arguments can be made from its table.
pub(crate) trait Noun: std::fmt::Debug + Clone + Send + Sync + 'static {
    /// The kind.
    const KIND: Kind;
}

macro_rules! nouns {
    ($($noun:ident),*) => {$(
        #[derive(Debug, Clone)]
        pub(crate) struct $noun;

        impl Noun for $noun {
            const KIND: Kind = Kind::$noun;
        }
    )*};
}

nouns!(Playbook, Proposal, Person, Role, Team, Customer, Channel, Topic, Query);

/// The commands of a kind without verbs of its own.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum PlainCommand<K: Noun> {
    New(NewArgs<K>),
    List(ListArgs<K>),
}

pub(crate) fn cmd_plain<K: Noun>(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &PlainCommand<K>,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        PlainCommand::New(args) => new::cmd_new(ui, &desk, args),
        PlainCommand::List(args) => list::cmd_list(ui, &desk, args),
    }
}

/// Playbooks: problems solved once
#[derive(Debug, clap::Subcommand)]
pub(crate) enum PlaybookCommand {
    New(playbook::PlaybookNewArgs),
    List(ListArgs<Playbook>),
    Publish(playbook::PublishArgs),
    Unpublish(playbook::UnpublishArgs),
    Flag(playbook::FlagArgs),
}

pub(crate) fn cmd_playbook(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &PlaybookCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        PlaybookCommand::New(args) => playbook::cmd_new(ui, &desk, args),
        PlaybookCommand::List(args) => list::cmd_list(ui, &desk, args),
        PlaybookCommand::Publish(args) => playbook::cmd_publish(ui, &desk, args),
        PlaybookCommand::Unpublish(args) => playbook::cmd_unpublish(ui, &desk, args),
        PlaybookCommand::Flag(args) => playbook::cmd_flag(ui, &desk, args),
    }
}

/// Proposals: wishes to change how we work, each followed to its end
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ProposalCommand {
    New(proposal::ProposalNewArgs),
    List(ListArgs<Proposal>),
    Hear(proposal::HearArgs),
    Trial(proposal::TrialArgs),
    Adopt(proposal::AdoptArgs),
    Revert(proposal::RevertArgs),
    Decline(proposal::DeclineArgs),
    Defer(proposal::DeferArgs),
    Withdraw(proposal::WithdrawArgs),
    Supersede(proposal::SupersedeArgs),
}

pub(crate) fn cmd_proposal(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &ProposalCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        ProposalCommand::New(args) => proposal::cmd_new(ui, &desk, args),
        ProposalCommand::List(args) => list::cmd_list(ui, &desk, args),
        ProposalCommand::Hear(args) => proposal::cmd_hear(ui, &desk, args),
        ProposalCommand::Trial(args) => proposal::cmd_trial(ui, &desk, args),
        ProposalCommand::Adopt(args) => proposal::cmd_adopt(ui, &desk, args),
        ProposalCommand::Revert(args) => proposal::cmd_revert(ui, &desk, args),
        ProposalCommand::Decline(args) => proposal::cmd_decline(ui, &desk, args),
        ProposalCommand::Defer(args) => proposal::cmd_defer(ui, &desk, args),
        ProposalCommand::Withdraw(args) => proposal::cmd_withdraw(ui, &desk, args),
        ProposalCommand::Supersede(args) => proposal::cmd_supersede(ui, &desk, args),
    }
}

/// People: of ours, and of teams that work crosses to
#[derive(Debug, clap::Subcommand)]
pub(crate) enum PersonCommand {
    New(NewArgs<Person>),
    List(ListArgs<Person>),
    Away(person::AwayArgs),
    Available(person::AvailableArgs),
}

pub(crate) fn cmd_person(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &PersonCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        PersonCommand::New(args) => new::cmd_new(ui, &desk, args),
        PersonCommand::List(args) => list::cmd_list(ui, &desk, args),
        PersonCommand::Away(args) => person::cmd_away(ui, &desk, args),
        PersonCommand::Available(args) => person::cmd_available(ui, &desk, args),
    }
}

/// The commands of customers and of teams, whom we keep in touch with.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TouchCommand<K: Noun> {
    New(NewArgs<K>),
    List(ListArgs<K>),
    Talked(talked::TalkedArgs<K>),
}

pub(crate) fn cmd_touch<K: Noun>(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &TouchCommand<K>,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        TouchCommand::New(args) => new::cmd_new(ui, &desk, args),
        TouchCommand::List(args) => list::cmd_list(ui, &desk, args),
        TouchCommand::Talked(args) => talked::cmd_talked(ui, environment, &desk, args),
    }
}

/// Changes one record: `verb` says how, from the record as the transaction sees it.
fn change(
    ui: &mut Ui,
    desk: &Desk,
    options: &WriteOptions,
    find: impl Fn(&Draft<'_>) -> Result<Record, WriteError>,
    mut verb: impl FnMut(&Draft<'_>, &Record, &mut Moment<'_>) -> Result<Plan, WriteError>,
) -> Result<(), CliError> {
    let done = desk.write(options, |draft| {
        let record = find(draft)?;
        let me = desk.me_in(draft)?;
        let plan = desk.at_moment(options.at, me, |moment| verb(draft, &record, moment))?;
        draft.carry_out(&record.reference(), plan)
    })?;
    report(ui, desk, &done)
}

/// As [`change`], of the record of a kind that `text` names.
fn change_of(
    ui: &mut Ui,
    desk: &Desk,
    options: &WriteOptions,
    kind: Kind,
    text: &str,
    verb: impl FnMut(&Draft<'_>, &Record, &mut Moment<'_>) -> Result<Plan, WriteError>,
) -> Result<(), CliError> {
    change(ui, desk, options, |draft| resolve::slug_in(draft, kind, text), verb)
}
