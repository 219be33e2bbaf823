//! The commands there are, and the noun that may be left out.

use std::ffi::OsString;

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::ui::Ui;
use super::{
    bind, check, completions, config, demo, diff, digest, edit, help, history, import, init, kind, note, redact,
    rename, search, set, setup, show, sql, template, ticket, today, undo,
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
    Init(init::InitArgs),
    Demo(demo::DemoArgs),
    Show(show::ShowArgs),
    Edit(edit::EditArgs),
    Set(set::SetArgs),
    Note(note::NoteArgs),
    Rename(rename::RenameArgs),
    Redact(redact::RedactArgs),
    Search(search::SearchArgs),
    Sql(sql::SqlArgs),
    Diff(diff::DiffArgs),
    History(history::HistoryArgs),
    Undo(undo::UndoArgs),
    #[command(subcommand)]
    Import(import::ImportCommand),
    #[command(subcommand)]
    Ticket(Box<ticket::TicketCommand>),
    #[command(subcommand)]
    Playbook(kind::PlaybookCommand),
    #[command(subcommand)]
    Proposal(kind::ProposalCommand),
    #[command(subcommand)]
    Person(kind::PersonCommand),
    /// Roles: hats that people hold
    #[command(subcommand)]
    Role(kind::PlainCommand<kind::Role>),
    /// Teams: ours, and those that work crosses to
    #[command(subcommand)]
    Team(kind::TouchCommand<kind::Team>),
    /// Customers: whom we work for, with what we know of their context
    #[command(subcommand)]
    Customer(kind::TouchCommand<kind::Customer>),
    /// Channels: ways to reach us, each with its job
    #[command(subcommand)]
    Channel(kind::PlainCommand<kind::Channel>),
    /// Topics: what customers ask about, in their words
    #[command(subcommand)]
    Topic(kind::PlainCommand<kind::Topic>),
    /// Saved queries: query:NAME stands for one in any query
    #[command(subcommand)]
    Query(kind::PlainCommand<kind::Query>),
    Jot(kind::jot::JotArgs),
    Retire(kind::retire::RetireArgs),
    Check(check::CheckArgs),
    Bind(bind::BindArgs),
    Setup(setup::SetupArgs),
    #[command(subcommand)]
    Config(config::ConfigCommand),
    Completions(completions::CompletionsArgs),
    CompleteRefs(completions::refs::CompleteRefsArgs),
    Help(help::HelpArgs),
    #[command(subcommand)]
    Digest(digest::DigestCommand),
    #[command(subcommand)]
    Template(template::TemplateCommand),
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
            Command::Completions(args) => completions::cmd_completions(ui, &args),
            Command::CompleteRefs(args) => {
                completions::refs::cmd_complete_refs(ui, globals, environment, &args);
                Ok(())
            }
            Command::Config(command) => config::cmd_config(ui, globals, environment, &command),
            Command::Help(args) => help::cmd_help(ui, &args),
            Command::History(args) => {
                let desk = open::desk(ui, globals, environment)?;
                history::cmd_history(ui, &desk, &args)
            }
            Command::Init(args) => init::cmd_init(ui, globals, environment, &args),
            Command::Check(args) => check::cmd_check(ui, globals, environment, &args),
            Command::Bind(args) => bind::cmd_bind(ui, globals, environment, &args),
            Command::Demo(args) => demo::cmd_demo(ui, environment, &args),
            Command::Show(args) => {
                let desk = open::desk(ui, globals, environment)?;
                show::cmd_show(ui, &desk, &args)
            }
            Command::Edit(args) => {
                let desk = open::desk(ui, globals, environment)?;
                edit::cmd_edit(ui, environment, &desk, &args)
            }
            Command::Set(args) => {
                let desk = open::desk(ui, globals, environment)?;
                set::cmd_set(ui, environment, &desk, &args)
            }
            Command::Note(args) => {
                let desk = open::desk(ui, globals, environment)?;
                note::cmd_note(ui, environment, &desk, &args)
            }
            Command::Rename(args) => {
                let desk = open::desk(ui, globals, environment)?;
                rename::cmd_rename(ui, &desk, &args)
            }
            Command::Redact(args) => {
                let desk = open::desk(ui, globals, environment)?;
                redact::cmd_redact(ui, &desk, &args)
            }
            Command::Search(args) => {
                let desk = open::desk(ui, globals, environment)?;
                search::cmd_search(ui, &desk, &args)
            }
            Command::Sql(args) if args.wants_tables() => {
                sql::cmd_tables(ui, &args);
                Ok(())
            }
            Command::Sql(args) => {
                let desk = open::desk(ui, globals, environment)?;
                sql::cmd_sql(ui, &desk, &args)
            }
            Command::Diff(args) => {
                let desk = open::desk(ui, globals, environment)?;
                diff::cmd_diff(ui, &desk, &args)
            }
            Command::Import(command) => import::cmd_import(ui, globals, environment, &command),
            Command::Ticket(command) => ticket::cmd_ticket(ui, globals, environment, &command),
            Command::Playbook(command) => kind::cmd_playbook(ui, globals, environment, &command),
            Command::Proposal(command) => kind::cmd_proposal(ui, globals, environment, &command),
            Command::Person(command) => kind::cmd_person(ui, globals, environment, &command),
            Command::Role(command) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Team(command) => kind::cmd_touch(ui, globals, environment, &command),
            Command::Customer(command) => kind::cmd_touch(ui, globals, environment, &command),
            Command::Channel(command) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Topic(command) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Query(command) => kind::cmd_plain(ui, globals, environment, &command),
            Command::Jot(args) => kind::jot::cmd_jot(ui, globals, environment, &args),
            Command::Retire(args) => kind::retire::cmd_retire(ui, globals, environment, &args),
            Command::Setup(args) => setup::cmd_setup(ui, globals, environment, &args),
            Command::Undo(args) => {
                let desk = open::desk(ui, globals, environment)?;
                undo::cmd_undo(ui, &desk, &args)
            }
            Command::Digest(command) => digest::cmd_digest(ui, globals, environment, &command),
            Command::Template(command) => template::cmd_template(ui, globals, environment, &command),
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
    "close",
];

/// The whole command line with the verbs of tickets also where they stand without the noun.
pub(crate) fn with_ticket_verbs() -> clap::Command {
    let command = <Cli as clap::CommandFactory>::command();
    let verbs = command.find_subcommand("ticket").map(|ticket| ticket.get_subcommands().cloned().collect::<Vec<_>>());
    let verbs = verbs.unwrap_or_default().into_iter().filter(|verb| TICKET_VERBS.contains(&verb.get_name()));
    command.subcommands(verbs)
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
