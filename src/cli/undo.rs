//! `staple undo`: takes back a commit of yours with a new one.

use super::error::CliError;
use super::shared::report;
use super::ui::Ui;
use crate::desk::{Desk, WriteOptions, undo};

/// Take back your own last change, with a new commit
///
/// Only a commit that staple made, that you wrote and that no remote has yet can be taken back, and only while nothing builds
/// on it. History keeps both: the change and what took it back. Taking back an undo brings the change back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple undo\n  staple undo 3f2a1b4 --why \"wrong ticket\"\n  staple undo -n")]
pub(crate) struct UndoArgs {
    /// The commit; your newest one when left out
    commit: Option<String>,

    /// Why; it goes into the commit
    #[arg(long, value_name = "TEXT", help_heading = "Writing")]
    why: Option<String>,

    /// Keep what looks like a card number, key or token
    #[arg(long, help_heading = "Writing", hide_short_help = true)]
    keep_secrets: bool,

    /// Show what would change, and write nothing
    #[arg(short = 'n', long, help_heading = "Writing")]
    dry_run: bool,

    /// A name for this operation, so that a second try finds the first
    #[arg(long, value_name = "ID", help_heading = "Writing", hide_short_help = true)]
    op_id: Option<String>,
}

pub(crate) fn cmd_undo(ui: &mut Ui, desk: &Desk, args: &UndoArgs) -> Result<(), CliError> {
    let options = WriteOptions {
        action: "undo".to_owned(),
        why: args.why.clone().unwrap_or_default(),
        keep_secrets: args.keep_secrets,
        dry_run: args.dry_run,
        op_id: args.op_id.clone(),
        ..WriteOptions::default()
    };
    let done = undo::undo(desk, args.commit.as_deref(), &options)?;
    report(ui, desk, &done)
}
