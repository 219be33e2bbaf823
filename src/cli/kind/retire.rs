//! `staple retire`.

use super::super::environment::Environment;
use super::super::error::CliError;
use super::super::open::{self, Globals};
use super::super::shared::{WriteArgs, day};
use super::super::ui::Ui;
use super::change;
use crate::desk::resolve;
use crate::record::change::retire;
use crate::record::when::Direction;

/// End a record without breaking what refers to it
///
/// People, roles, teams, customers, channels and topics get the day they ended; a playbook is retired by its status.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple retire customer:acme\n  staple retire sam --on 2026-11-30\n  staple retire playbook:old-export --why \"v3 cannot fail like this\""
)]
pub(crate) struct RetireArgs {
    /// The record
    #[arg(value_name = "REF")]
    reference: String,

    /// The day; today when left out
    #[arg(long, value_name = "DAY")]
    on: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_retire(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &RetireArgs,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    let options = args.write.options(&desk, "retire")?;
    let on = match &args.on {
        Some(text) => day(&desk, text, Direction::Past)?,
        None => options.at.unwrap_or(desk.now()).day_in(desk.zone()),
    };
    let find = |draft: &crate::desk::Draft<'_>| {
        let (kind, name) = resolve::any_in(draft, &args.reference)?;
        draft.record(kind, &name)
    };
    change(ui, &desk, &options, find, |_, record, _| Ok(retire::retire(record, on)?))
}
