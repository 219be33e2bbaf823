//! `staple wait` and `staple nudge`.

use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs, future};
use super::super::ui::Ui;
use crate::desk::{Desk, resolve};
use crate::record::change::ticket::{self as verbs, Wait, Words};
use crate::record::ticket::WAITING_ON;

/// Set a ticket waiting: on whom, for what in plain words, and when the customer hears next
#[derive(Debug, clap::Args)]
#[command(
    after_help = "ON is customer, team:SLUG, vendor:SLUG or release:TAG; a team's slug alone will do.\n\nExamples:\n  staple wait 7k3 engineering \"a fix for the export\" --next-update 3d\n  staple wait 7k3 customer \"the order number\" --next-update friday"
)]
pub(crate) struct WaitArgs {
    /// The ticket
    id: String,

    /// On whom it waits
    on: String,

    /// For what, in plain words
    #[arg(value_name = "FOR")]
    what: String,

    /// When the customer hears from us again
    #[arg(long, value_name = "WHEN")]
    next_update: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_wait(ui: &mut Ui, desk: &Desk, args: &WaitArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket wait")?;
    let next_update = args.next_update.as_deref().map(|text| future(desk, text)).transpose()?;
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        let on = resolve::typed(draft, WAITING_ON, &args.on)?;
        Ok(verbs::wait(case, &Wait { on, what: args.what.clone(), next_update }, moment)?)
    })
}

/// Record that whom a ticket waits on was reminded
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple nudge 7k3 -m \"any news on the fix?\" --next-update 2d")]
pub(crate) struct NudgeArgs {
    /// The ticket
    id: String,

    /// Whom, where that is not who the ticket waits on
    #[arg(long, value_name = "WHO")]
    to: Option<String>,

    /// When the customer hears from us again
    #[arg(long, value_name = "WHEN")]
    next_update: Option<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_nudge(ui: &mut Ui, desk: &Desk, args: &NudgeArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket nudge")?;
    let next_update = args.next_update.as_deref().map(|text| future(desk, text)).transpose()?;
    let text = args.text.given(None)?.unwrap_or_default();
    super::change(ui, desk, &options, &args.id, |_, case, moment| {
        let words = Words { to: args.to.clone().unwrap_or_default(), ..Words::plain(text.clone()) };
        Ok(verbs::nudge(case, &words, next_update, moment)?)
    })
}
