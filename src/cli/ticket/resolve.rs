//! `staple resolve`, `reopen`, `drop` and `duplicate`.

use super::super::error::CliError;
use super::super::shared::WriteArgs;
use super::super::ui::Ui;
use crate::desk::{Desk, WriteError, resolve as names};
use crate::record::Kind;
use crate::record::change::ticket::{self as verbs, Resolve};
use crate::record::schema::Target;

/// Resolve a ticket; the customer must have had a reply
///
/// R is answered, workaround, fixed or declined. To reply and resolve at once: staple reply ID -m TEXT --resolve R.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple resolve 7k3 answered --playbook reset-password\n  staple resolve 7k3 fixed --cause \"cache was never cleared\" --stage && git commit"
)]
pub(crate) struct ResolveArgs {
    /// The ticket
    id: String,

    /// How it was resolved
    #[arg(value_name = "R", value_parser = ["answered", "workaround", "fixed", "declined"])]
    resolution: String,

    #[command(flatten)]
    how: HowArgs,

    #[command(flatten)]
    write: WriteArgs,
}

/// What solved it, and why it arose.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct HowArgs {
    /// The playbook that solved it, or none
    #[arg(long, value_name = "PLAYBOOK|none")]
    pub(crate) playbook: Option<String>,

    /// Why the problem arose, in a line
    #[arg(long, value_name = "TEXT")]
    pub(crate) cause: Option<String>,
}

impl HowArgs {
    pub(crate) fn resolve(&self, draft: &crate::desk::Draft<'_>, resolution: &str) -> Result<Resolve, WriteError> {
        let playbook = match self.playbook.as_deref() {
            None | Some("none") => None,
            Some(text) => {
                let slug = names::typed(draft, &[Target::Of(Kind::Playbook)], text)?;
                Some(slug)
            }
        };
        Ok(Resolve { resolution: resolution.to_owned(), playbook, cause: self.cause.clone() })
    }
}

pub(crate) fn cmd_resolve(ui: &mut Ui, desk: &Desk, args: &ResolveArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket resolve")?;
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        let how = args.how.resolve(draft, &args.resolution)?;
        Ok(verbs::resolve(case, &how, moment)?)
    })
}

/// Open a done ticket again
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple reopen 7k3 --why \"the export fails again\"")]
pub(crate) struct ReopenArgs {
    /// The ticket
    id: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_reopen(ui: &mut Ui, desk: &Desk, args: &ReopenArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket reopen")?;
    super::change(ui, desk, &options, &args.id, |_, case, _| Ok(verbs::reopen(case)?))
}

/// End a ticket that needs no answer: spam, mistake or no-longer-needed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple drop 7k3 spam")]
pub(crate) struct DropArgs {
    /// The ticket
    id: String,

    /// Why it needs no answer
    #[arg(value_parser = ["spam", "mistake", "no-longer-needed"])]
    reason: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_drop(ui: &mut Ui, desk: &Desk, args: &DropArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket drop")?;
    super::change(ui, desk, &options, &args.id, |_, case, _| Ok(verbs::drop(case, &args.reason)?))
}

/// End a ticket as a duplicate of another
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple duplicate 7k3 --of 9mz")]
pub(crate) struct DuplicateArgs {
    /// The ticket
    id: String,

    /// The ticket that stands for the same problem
    #[arg(long, value_name = "ID")]
    of: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_duplicate(ui: &mut Ui, desk: &Desk, args: &DuplicateArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket duplicate")?;
    super::change(ui, desk, &options, &args.id, |draft, case, _| {
        let of = names::ticket_in(draft, &args.of)?;
        let stands = draft.ticket(of)?;
        Ok(verbs::duplicate(case, of, stands.text_of("duplicate-of"))?)
    })
}

/// There is no close: a ticket is resolved or dropped
#[derive(Debug, clap::Args)]
pub(crate) struct CloseArgs {
    /// The ticket
    id: String,
}

pub(crate) fn cmd_close(args: &CloseArgs) -> Result<(), CliError> {
    let id = &args.id;
    let mut error = CliError::usage(
        "a ticket is not closed but resolved, when the customer was helped, or dropped, when no answer is needed",
        format!("staple resolve {id} answered (or workaround, fixed, declined)"),
    );
    error.hints.push(format!("staple drop {id} no-longer-needed (or spam, mistake)"));
    Err(error)
}
