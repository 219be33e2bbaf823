//! `staple proposal`: from raised to its end.

use super::super::error::CliError;
use super::super::shared::{WriteArgs, day};
use super::super::ui::Ui;
use super::new::{NewArgs, Start, make};
use super::{Proposal, change_of};
use crate::desk::{Desk, resolve};
use crate::record::Kind;
use crate::record::change::proposal as verbs;
use crate::record::time::Day;
use crate::record::when::Direction;

#[derive(Debug, clap::Args)]
pub(crate) struct ProposalNewArgs {
    #[command(flatten)]
    new: NewArgs<Proposal>,

    /// Leave out who raised it: neutral author, unsigned, dated to the day
    #[arg(long, conflicts_with_all = ["raised-by", "stage"])]
    anonymous: bool,
}

pub(crate) fn cmd_new(ui: &mut Ui, desk: &Desk, args: &ProposalNewArgs) -> Result<(), CliError> {
    let mut options = args.new.write.options(desk, "proposal new")?;
    options.anonymous = args.anonymous;
    let raised = options.at.unwrap_or(desk.now()).day_in(desk.zone());
    make(ui, desk, &options, Kind::Proposal, &args.new.given, |draft| {
        let mut values = vec![("status", "proposed".into()), ("raised", raised.into())];
        if !args.anonymous {
            values.push(("raised-by", desk.me_in(draft)?.into()));
        }
        Ok(Start { values, hints: Vec::new() })
    })?;
    if args.anonymous && !options.dry_run {
        ui.status("the commit does not say who you are; whoever pushes it is still known to the forge");
    }
    Ok(())
}

fn ahead(desk: &Desk, text: Option<&String>) -> Result<Option<Day>, CliError> {
    text.map(|text| day(desk, text, Direction::Future)).transpose()
}

/// Record that a proposal was heard, and what was said
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple proposal hear shorter-form --answer \"good; we try it on the web form first\""
)]
pub(crate) struct HearArgs {
    /// The proposal
    proposal: String,

    /// What was said
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    answer: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_hear(ui: &mut Ui, desk: &Desk, args: &HearArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal hear")?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, _| Ok(verbs::hear(record, &args.answer)?))
}

/// Put a proposal on trial until a day
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple proposal trial shorter-form --until 3w\n  staple proposal trial shorter-form --from monday --until 2026-12-18"
)]
pub(crate) struct TrialArgs {
    /// The proposal
    proposal: String,

    /// Its first day; today when left out
    #[arg(long, value_name = "DAY")]
    from: Option<String>,

    /// Its last day
    #[arg(long, value_name = "DAY")]
    until: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_trial(ui: &mut Ui, desk: &Desk, args: &TrialArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal trial")?;
    let (from, until) = (ahead(desk, args.from.as_ref())?, ahead(desk, args.until.as_ref())?);
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, moment| {
        Ok(verbs::trial(record, from, until, moment)?)
    })
}

/// Adopt a proposal, with what it brought
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple proposal adopt shorter-form --what-happened \"half the questions are gone, nobody missed them\""
)]
pub(crate) struct AdoptArgs {
    /// The proposal
    proposal: String,

    /// What the trial or the change brought
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    what_happened: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_adopt(ui: &mut Ui, desk: &Desk, args: &AdoptArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal adopt")?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, _| {
        Ok(verbs::adopt(record, &args.what_happened)?)
    })
}

/// Take a trial or an adopted change back, with what it brought
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple proposal revert shorter-form --what-happened \"we asked twice as often\"")]
pub(crate) struct RevertArgs {
    /// The proposal
    proposal: String,

    /// What the trial or the change brought
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    what_happened: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_revert(ui: &mut Ui, desk: &Desk, args: &RevertArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal revert")?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, _| {
        Ok(verbs::revert(record, &args.what_happened)?)
    })
}

/// Decline a proposal, with an honest reason and what would open it again
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple proposal decline second-desk --reason \"no room in this office\" --would-reopen-if \"we move\""
)]
pub(crate) struct DeclineArgs {
    /// The proposal
    proposal: String,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,

    /// What would have to change
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    would_reopen_if: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_decline(ui: &mut Ui, desk: &Desk, args: &DeclineArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal decline")?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, _| {
        Ok(verbs::decline(record, &args.reason, &args.would_reopen_if)?)
    })
}

/// Put a proposal off to a day when it is taken up again
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple proposal defer second-desk --revisit 2027-02-01")]
pub(crate) struct DeferArgs {
    /// The proposal
    proposal: String,

    /// When it is taken up again
    #[arg(long, value_name = "DAY")]
    revisit: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_defer(ui: &mut Ui, desk: &Desk, args: &DeferArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal defer")?;
    let revisit = ahead(desk, args.revisit.as_ref())?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, moment| {
        Ok(verbs::defer(record, revisit, moment)?)
    })
}

/// Take a proposal back
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple proposal withdraw second-desk --why \"the new office has room\"")]
pub(crate) struct WithdrawArgs {
    /// The proposal
    proposal: String,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_withdraw(ui: &mut Ui, desk: &Desk, args: &WithdrawArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal withdraw")?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |_, record, _| Ok(verbs::withdraw(record)?))
}

/// End a proposal for another that stands for it now
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple proposal supersede shorter-form --by no-form")]
pub(crate) struct SupersedeArgs {
    /// The proposal
    proposal: String,

    /// The proposal that stands for it now
    #[arg(long, value_name = "PROPOSAL")]
    by: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_supersede(ui: &mut Ui, desk: &Desk, args: &SupersedeArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "proposal supersede")?;
    change_of(ui, desk, &options, Kind::Proposal, &args.proposal, |draft, record, _| {
        let by = args.by.as_deref().map(|by| resolve::slug_in(draft, Kind::Proposal, by)).transpose()?;
        let by = by.and_then(|by| crate::record::slug::Slug::parse(by.slug()));
        Ok(verbs::supersede(record, by.as_ref())?)
    })
}
