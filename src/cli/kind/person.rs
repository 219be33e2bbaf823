//! `staple person away` and `available`.

use super::super::error::CliError;
use super::super::shared::{WriteArgs, day};
use super::super::ui::Ui;
use super::change;
use crate::desk::{Desk, Draft, WriteError, resolve};
use crate::record::change::person::{self as verbs, Away};
use crate::record::when::Direction;
use crate::record::{Kind, Record};

/// Say when you, or somebody, are away and who covers; both days are in it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple person away 2026-12-24 2027-01-02 --cover ada\n  staple person away monday friday sam"
)]
pub(crate) struct AwayArgs {
    /// The first day away
    from: String,

    /// The last day away
    to: String,

    /// Who; you when left out
    person: Option<String>,

    /// Who stands in
    #[arg(long, value_name = "PERSON")]
    cover: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_away(ui: &mut Ui, desk: &Desk, args: &AwayArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "person away")?;
    let from = day(desk, &args.from, Direction::Future)?;
    let to = day(desk, &args.to, Direction::Future)?;
    change(
        ui,
        desk,
        &options,
        |draft| who(desk, draft, args.person.as_deref()),
        |draft, person, moment| {
            let cover = args.cover.as_deref().map(|cover| resolve::slug_in(draft, Kind::Person, cover)).transpose()?;
            let cover = cover.map(|cover| cover.slug().to_owned()).unwrap_or_default();
            Ok(verbs::away(person, &Away { from, to, cover }, moment)?)
        },
    )
}

/// Say whether you, or somebody, can take work now
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple person available at-limit --until friday\n  staple person available yes\n  staple person available no sam --until 2026-12-01"
)]
pub(crate) struct AvailableArgs {
    /// Whether they can take work
    #[arg(value_name = "yes|at-limit|no", value_parser = ["yes", "at-limit", "no"])]
    available: String,

    /// Who; you when left out
    person: Option<String>,

    /// Until when that holds
    #[arg(long, value_name = "DAY")]
    until: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_available(ui: &mut Ui, desk: &Desk, args: &AvailableArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "person available")?;
    let until = args.until.as_deref().map(|text| day(desk, text, Direction::Future)).transpose()?;
    change(
        ui,
        desk,
        &options,
        |draft| who(desk, draft, args.person.as_deref()),
        |_, person, moment| Ok(verbs::available(person, &args.available, until, moment)?),
    )
}

/// The person named, or who runs the command.
fn who(desk: &Desk, draft: &Draft<'_>, named: Option<&str>) -> Result<Record, WriteError> {
    if let Some(named) = named {
        return resolve::slug_in(draft, Kind::Person, named);
    }
    let me = desk.me_in(draft)?;
    if me.is_empty() {
        return Err(WriteError::usage("the desk does not know you yet", "make yourself known: staple setup"));
    }
    resolve::slug_in(draft, Kind::Person, &me)
}
