//! `staple check commits`: do the messages of commits link what they should.

use std::path::{Path, PathBuf};

use super::super::environment::Environment;
use super::super::error::{CliError, Exit};
use super::super::open::Globals;
use super::super::shared::FormArgs;
use super::super::ui::Ui;
use crate::check::commits::{self, KnownTickets};
use crate::desk::Desk;
use crate::record::commit_words::CommitWords;
use crate::record::finding::{Finding, Severity};
use crate::store::ObjectId;

/// Look whether the messages of commits link the tickets they fix
///
/// Without a range, the commits that no remote branch has. Exits 1 when an id is not whole or no ticket of the desk; a fix that names no ticket is a warning.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple check commits\n  staple check commits origin/main..HEAD\n  staple check commits --message .git/COMMIT_EDITMSG"
)]
pub(crate) struct CommitsArgs {
    /// A commit, or a range such as main..HEAD
    #[arg(value_name = "COMMIT|RANGE")]
    range: Option<String>,

    /// A message that is not committed yet, as the hook commit-msg gets it; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "range")]
    message: Option<PathBuf>,

    #[command(flatten)]
    form: FormArgs,
}

pub(crate) fn cmd_commits(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    desk: &Desk,
    args: &CommitsArgs,
) -> Result<(), CliError> {
    let (found, count) = match &args.message {
        Some(path) => (in_message(environment, desk, path)?, 1),
        None => {
            let (closing, tickets) = (desk.closing_words(), KnownTickets(desk.ticket_ids()?));
            let commits = wanted(globals, environment, desk, args.range.as_deref())?;
            let mut found = Vec::new();
            for commit in &commits {
                let message = desk.store().commit_info(*commit)?.message;
                let path = format!("commit {}", commit.to_hex_with_len(7));
                let words = CommitWords::read(&message, &closing);
                let tickets = with_those_elsewhere(desk, &words, tickets.clone())?;
                found.extend(commits::find(&words, &message, &path, &tickets));
            }
            (found, commits.len())
        }
    };
    if !args.form.print(ui, "findings", &found, super::item)? {
        super::show(ui, &found, true);
        let things = if args.message.is_some() { "message" } else { "commit" };
        ui.status(format!("{} checked{}", super::number(count, things), super::counts(&found)));
    }
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    if found.iter().any(is_error) { Err(CliError::silent(Exit::Findings)) } else { Ok(()) }
}

/// Checks a message as the hook commit-msg gets it; says nothing where nothing is wrong.
pub(crate) fn check_message(ui: &mut Ui, environment: &Environment, desk: &Desk, path: &Path) -> Result<(), CliError> {
    let found = in_message(environment, desk, path)?;
    super::show(ui, &found, true);
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        ui.hint("nothing is committed; the message is kept in .git/COMMIT_EDITMSG; to commit anyway: git commit --no-verify");
        return Err(CliError::silent(Exit::Findings));
    }
    Ok(())
}

/// What is wrong with a message that git is about to commit, as it will keep it: by the settings of the repository one stands
/// in, which need not be the desk's.
fn in_message(environment: &Environment, desk: &Desk, path: &Path) -> Result<Vec<Finding>, CliError> {
    let store = desk.store();
    let here = store.code_around(&environment.folder).unwrap_or_else(|_| store.code());
    let message = here.message_text(&super::super::shared::read_bytes_or_input(path)?);
    let message = here.comment_mark().without_comments(&message);
    let words = CommitWords::read(&message, &desk.closing_words());
    let name = if path.as_os_str() == "-" { "message".into() } else { path.to_string_lossy() };
    // Most messages name no ticket, and need none to be looked up.
    let tickets = match words.tickets.is_empty() && words.not_whole.is_empty() {
        true => KnownTickets::default(),
        false => with_those_elsewhere(desk, &words, KnownTickets(desk.ticket_ids()?))?,
    };
    Ok(commits::find(&words, &message, &name, &tickets))
}

/// The tickets, and those that a message names which only other branches have: a ticket may be younger than the branch.
fn with_those_elsewhere(desk: &Desk, words: &CommitWords, mut tickets: KnownTickets) -> Result<KnownTickets, CliError> {
    for named in &words.tickets {
        if !tickets.0.iter().any(|(id, _)| *id == named.ticket) && desk.is_on_a_branch(named.ticket)? {
            tickets.0.push((named.ticket, String::new()));
        }
    }
    Ok(tickets)
}

/// The commits of a range, newest first; without one those that no remote has.
fn wanted(
    globals: &Globals,
    environment: &Environment,
    desk: &Desk,
    range: Option<&str>,
) -> Result<Vec<ObjectId>, CliError> {
    let store = desk.store();
    match range {
        _ if !super::super::open::stands_in(globals, environment, desk) => {
            let hint =
                "check a message instead: staple check commits --message FILE; or run it in the desk's repository";
            Err(CliError::refused("you stand in another repository than the desk's, whose commits are not read", hint))
        }
        None => Ok(store.unpublished()?),
        Some(text) => match super::super::code::ends(text, |rev| store.resolve(rev))? {
            Some((from, to)) => Ok(store.between(from, to)?),
            None => Ok(vec![store.resolve(text)?]),
        },
    }
}
