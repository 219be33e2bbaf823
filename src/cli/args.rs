//! The commands there are, and the noun that may be left out.

use std::ffi::OsString;

use super::environment::Environment;
use super::error::CliError;
use super::later::Later;
use super::open::{self, Globals};
use super::ui::Ui;
use super::{
    bind, check, completions, config, conflicts, demo, diff, digest, edit, fixes, help, history, hooks, import, init,
    kind, merge_driver, note, redact, release, rename, review, search, set, setup, show, sql, sync, template, ticket,
    today, undo,
};

/// A support desk in a git repository.
///
/// Tickets, playbooks, people and proposals are TOML files in the work tree; every change is a commit. `staple` alone shows
/// your day. The noun `ticket` may be left out: `staple reply 7k3` is `staple ticket reply 7k3`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "staple",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "See staple help for the manual's topics."
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,

    /// Your day as it was at a commit, or in effect on a date
    #[arg(long, value_name = "REV|DATE")]
    as_of: Option<String>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Init(Later<init::InitArgs>),
    Demo(Later<demo::DemoArgs>),
    Show(Later<show::ShowArgs>),
    Edit(Later<edit::EditArgs>),
    Set(Later<set::SetArgs>),
    Note(Later<note::NoteArgs>),
    Rename(Later<rename::RenameArgs>),
    Redact(Later<redact::RedactArgs>),
    Search(Later<search::SearchArgs>),
    Sql(Later<sql::SqlArgs>),
    Diff(Later<diff::DiffArgs>),
    History(Later<history::HistoryArgs>),
    Fixes(Later<fixes::FixesArgs>),
    Review(Later<review::ReviewArgs>),
    Undo(Later<undo::UndoArgs>),
    #[command(subcommand)]
    Import(Later<import::ImportCommand>),
    #[command(subcommand)]
    Ticket(Later<Box<ticket::TicketCommand>>),
    #[command(subcommand)]
    Playbook(Later<kind::PlaybookCommand>),
    #[command(subcommand)]
    Proposal(Later<kind::ProposalCommand>),
    #[command(subcommand)]
    Person(Later<kind::PersonCommand>),
    /// Roles: hats that people hold
    #[command(subcommand)]
    Role(Later<kind::PlainCommand<kind::Role>>),
    /// Teams: ours, and those that work crosses to
    #[command(subcommand)]
    Team(Later<kind::TouchCommand<kind::Team>>),
    /// Customers: whom we work for, with what we know of their context
    #[command(subcommand)]
    Customer(Later<kind::TouchCommand<kind::Customer>>),
    /// Channels: ways to reach us, each with its job
    #[command(subcommand)]
    Channel(Later<kind::PlainCommand<kind::Channel>>),
    /// Topics: what customers ask about, in their words
    #[command(subcommand)]
    Topic(Later<kind::PlainCommand<kind::Topic>>),
    /// Saved queries: query:NAME stands for one in any query
    #[command(subcommand)]
    Query(Later<kind::PlainCommand<kind::Query>>),
    Jot(Later<kind::jot::JotArgs>),
    Retire(Later<kind::retire::RetireArgs>),
    Check(Later<check::CheckArgs>),
    Bind(Later<bind::BindArgs>),
    #[command(subcommand)]
    Hooks(Later<hooks::HooksCommand>),
    Setup(Later<setup::SetupArgs>),
    #[command(subcommand)]
    Config(Later<config::ConfigCommand>),
    Completions(Later<completions::CompletionsArgs>),
    CompleteRefs(Later<completions::refs::CompleteRefsArgs>),
    Conflicts(Later<conflicts::ConflictsArgs>),
    Sync(Later<sync::SyncArgs>),
    MergeDriver(Later<merge_driver::MergeDriverArgs>),
    Help(Later<help::HelpArgs>),
    #[command(subcommand)]
    Release(Later<release::ReleaseCommand>),
    #[command(subcommand)]
    Digest(Later<digest::DigestCommand>),
    #[command(subcommand)]
    Template(Later<template::TemplateCommand>),
}

impl Cli {
    /// Runs the command.
    pub(crate) fn run(self, ui: &mut Ui, environment: &Environment) -> Result<(), CliError> {
        let globals = &self.globals;
        let Some(command) = self.command else {
            return today::cmd_today(ui, globals, environment, self.as_of);
        };
        if let Some(moment) = self.as_of {
            let hint = format!("such as staple list --as-of {moment}");
            return Err(CliError::usage("--as-of stands after the command it is for", hint));
        }
        match command {
            Command::Completions(Later(args)) => completions::cmd_completions(ui, &args),
            Command::CompleteRefs(Later(args)) => {
                completions::refs::cmd_complete_refs(ui, globals, environment, &args);
                Ok(())
            }
            Command::Conflicts(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                conflicts::cmd_conflicts(ui, &desk, &args)
            }
            Command::Sync(Later(args)) => sync::cmd_sync(ui, globals, environment, &args),
            Command::MergeDriver(Later(args)) => merge_driver::cmd_merge_driver(ui, &args),
            Command::Config(Later(command)) => config::cmd_config(ui, globals, environment, &command),
            Command::Help(Later(args)) => help::cmd_help(ui, &args),
            Command::History(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                history::cmd_history(ui, &desk, &args)
            }
            Command::Review(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                review::cmd_review(ui, &desk, &args)
            }
            Command::Fixes(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                fixes::cmd_fixes(ui, environment, &desk, &args)
            }
            Command::Init(Later(args)) => init::cmd_init(ui, globals, environment, &args),
            Command::Check(Later(args)) => check::cmd_check(ui, globals, environment, &args),
            Command::Hooks(Later(command)) => hooks::cmd_hooks(ui, globals, environment, &command),
            Command::Bind(Later(args)) => bind::cmd_bind(ui, globals, environment, &args),
            Command::Demo(Later(args)) => demo::cmd_demo(ui, environment, &args),
            Command::Show(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                show::cmd_show(ui, &desk, &args)
            }
            Command::Edit(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                edit::cmd_edit(ui, environment, &desk, &args)
            }
            Command::Set(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                set::cmd_set(ui, environment, &desk, &args)
            }
            Command::Note(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                note::cmd_note(ui, environment, &desk, &args)
            }
            Command::Rename(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                rename::cmd_rename(ui, &desk, &args)
            }
            Command::Redact(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                redact::cmd_redact(ui, &desk, &args)
            }
            Command::Search(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                search::cmd_search(ui, &desk, &args)
            }
            Command::Sql(Later(args)) if args.wants_tables() => {
                sql::cmd_tables(ui, &args);
                Ok(())
            }
            Command::Sql(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                sql::cmd_sql(ui, &desk, &args)
            }
            Command::Diff(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                diff::cmd_diff(ui, &desk, &args)
            }
            Command::Import(Later(command)) => import::cmd_import(ui, globals, environment, &command),
            Command::Ticket(Later(command)) => ticket::cmd_ticket(ui, globals, environment, &command),
            Command::Playbook(Later(command)) => kind::cmd_playbook(ui, globals, environment, &command),
            Command::Proposal(Later(command)) => kind::cmd_proposal(ui, globals, environment, &command),
            Command::Person(Later(command)) => kind::cmd_person(ui, globals, environment, &command),
            Command::Role(Later(command)) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Team(Later(command)) => kind::cmd_touch(ui, globals, environment, &command),
            Command::Customer(Later(command)) => kind::cmd_touch(ui, globals, environment, &command),
            Command::Channel(Later(command)) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Topic(Later(command)) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Query(Later(command)) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Jot(Later(args)) => kind::jot::cmd_jot(ui, globals, environment, &args),
            Command::Retire(Later(args)) => kind::retire::cmd_retire(ui, globals, environment, &args),
            Command::Setup(Later(args)) => setup::cmd_setup(ui, globals, environment, &args),
            Command::Undo(Later(args)) => {
                let desk = open::desk(ui, globals, environment)?;
                undo::cmd_undo(ui, &desk, &args)
            }
            Command::Release(Later(command)) => release::cmd_release(ui, globals, environment, &command),
            Command::Digest(Later(command)) => digest::cmd_digest(ui, globals, environment, &command),
            Command::Template(Later(command)) => template::cmd_template(ui, globals, environment, &command),
        }
    }
}

/// The verbs of tickets: what may follow `staple` without the noun.
const TICKET_VERBS: &[&str] = &[
    "new",
    "list",
    "take",
    "received",
    "reply",
    "wait",
    "hand-off",
    "accept",
    "hand-back",
    "nudge",
    "resolve",
    "reopen",
    "drop",
    "duplicate",
    "told",
    "link",
    "close",
];

/// The whole command line with the verbs of tickets also where they stand without the noun.
pub(crate) fn with_ticket_verbs() -> clap::Command {
    let ticket = <ticket::TicketCommand as clap::Subcommand>::augment_subcommands(clap::Command::new("ticket"));
    let verbs = ticket.get_subcommands().filter(|verb| TICKET_VERBS.contains(&verb.get_name())).cloned();
    <Cli as clap::CommandFactory>::command().subcommands(verbs)
}

/// The verbs of tickets nearest to a word that is no command: the parser does not know that the noun may be left out.
pub(crate) fn nearest_verbs(word: &str) -> Vec<String> {
    crate::record::nearest::nearest(word, TICKET_VERBS.iter().copied())
}

/// The arguments with the noun `ticket` before a verb of tickets.
pub(crate) fn with_noun(mut words: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = words.get(at).and_then(|word| word.to_str()) {
        match word {
            // Options that stand before the command and take a value.
            "-C" | "--desk" | "--color" | "--as-of" => at += 2,
            word if word.starts_with('-') => at += 1,
            word if TICKET_VERBS.contains(&word) => {
                words.insert(at, "ticket".into());
                break;
            }
            _ => break,
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let words = input.split(' ').map(OsString::from).collect();
        let out: Vec<String> = with_noun(words).iter().map(|w| w.to_string_lossy().into_owned()).collect();
        assert_eq!(out.join(" "), expected);
    }

    #[test]
    fn the_noun_may_be_left_out() {
        check("staple reply 7k3", "staple ticket reply 7k3");
        check("staple -C d list", "staple -C d ticket list");
        check("staple ticket list", "staple ticket list");
        check("staple show list", "staple show list");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
