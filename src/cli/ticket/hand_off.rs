//! `staple hand-off`, `accept` and `hand-back`.

use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs, future};
use super::super::ui::Ui;
use crate::desk::{Desk, Draft, WriteError, resolve};
use crate::record::change::ticket::{self as verbs, HandOffWords};
use crate::record::reference::Reference;
use crate::record::schema::Target;
use crate::record::{Kind, Name};

const TO: &[Target] = &[Target::Of(Kind::Team), Target::Of(Kind::Person)];

/// Offer a ticket to a person or team, with all they need
///
/// The owner stays until somebody of ours accepts. A ticket offered to another team waits on it, so the customer must be
/// told when they hear next.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple hand-off 7k3 engineering --situation \"export fails for files over 2 GB\" --background \"since v2.4\" \\\n      --assessment \"a 32-bit length\" --request \"a fix, or a date for one\" --next-update 3d\n  staple hand-off 7k3 person:sam --request \"please take over while I am away\""
)]
pub(crate) struct HandOffArgs {
    /// The ticket
    id: String,

    /// To whom: a team or a person
    to: String,

    /// What is the matter now
    #[arg(long, value_name = "TEXT", default_value = "")]
    situation: String,

    /// How it came to this
    #[arg(long, value_name = "TEXT", default_value = "")]
    background: String,

    /// What we think it is
    #[arg(long, value_name = "TEXT", default_value = "")]
    assessment: String,

    /// What we ask of them, and by when
    #[arg(long, value_name = "TEXT", default_value = "")]
    request: String,

    /// Logs, steps, links
    #[arg(long, value_name = "TEXT", default_value = "")]
    evidence: String,

    /// When the customer hears from us again
    #[arg(long, value_name = "WHEN")]
    next_update: Option<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_hand_off(ui: &mut Ui, desk: &Desk, args: &HandOffArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket hand-off")?;
    let next_update = args.next_update.as_deref().map(|text| future(desk, text)).transpose()?;
    let text = args.text.given(None)?.unwrap_or_default();
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        let to = resolve::typed(draft, TO, &args.to)?;
        let outside = is_outside(draft, &to)?;
        let words = HandOffWords {
            to,
            situation: args.situation.clone(),
            background: args.background.clone(),
            assessment: args.assessment.clone(),
            request: args.request.clone(),
            evidence: args.evidence.clone(),
            text: text.clone(),
            outside,
            next_update,
        };
        Ok(verbs::hand_off(case, &words, moment)?)
    })
}

/// Whether a team is not one of the desk's own.
fn is_outside(draft: &Draft<'_>, to: &str) -> Result<bool, WriteError> {
    match Reference::parse(to, TO) {
        Some(Reference::Record(Kind::Team, slug)) => Ok(!draft.record(Kind::Team, &Name::Slug(slug))?.flag("ours")),
        _ => Ok(false),
    }
}

/// Accept a ticket that was offered
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple accept 7k3\n  staple accept 7k3 --by ada -m \"on it this afternoon\"")]
pub(crate) struct AcceptArgs {
    /// The ticket
    id: String,

    /// Who accepts; you when left out
    #[arg(long, value_name = "PERSON")]
    by: Option<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_accept(ui: &mut Ui, desk: &Desk, args: &AcceptArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket accept")?;
    let text = args.text.given(None)?.unwrap_or_default();
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        by(draft, args.by.as_deref(), moment)?;
        let ours = is_ours(draft, &moment.by)?;
        Ok(verbs::accept(case, ours, &text, moment)?)
    })
}

/// Sets who acts, where somebody else is named.
fn by(
    draft: &Draft<'_>,
    named: Option<&str>,
    moment: &mut crate::record::change::Moment<'_>,
) -> Result<(), WriteError> {
    if let Some(named) = named {
        moment.by = resolve::typed(draft, &[Target::Of(Kind::Person)], named)?;
    }
    Ok(())
}

/// Whether a person is of the desk: of a team that is ours, or of none.
fn is_ours(draft: &Draft<'_>, person: &str) -> Result<bool, WriteError> {
    let Some(slug) = crate::record::slug::Slug::parse(person) else { return Ok(false) };
    let person = draft.record(Kind::Person, &Name::Slug(slug))?;
    match crate::record::slug::Slug::parse(person.text("team")) {
        Some(team) => Ok(draft.record(Kind::Team, &Name::Slug(team))?.flag("ours")),
        None => Ok(true),
    }
}

/// Hand a ticket back: done, missing-information or not-ours, with the reason
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple hand-back 7k3 missing-information -m \"which version, and how large is the file?\"\n  staple hand-back 7k3 done --by ada -m \"fixed on main\""
)]
pub(crate) struct HandBackArgs {
    /// The ticket
    id: String,

    /// How it ended
    #[arg(value_parser = ["done", "missing-information", "not-ours"])]
    outcome: String,

    /// Who hands it back; you when left out
    #[arg(long, value_name = "PERSON")]
    by: Option<String>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_hand_back(ui: &mut Ui, desk: &Desk, args: &HandBackArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket hand-back")?;
    let text = args.text.given(None)?.unwrap_or_default();
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        by(draft, args.by.as_deref(), moment)?;
        Ok(verbs::hand_back(case, &args.outcome, &text, moment)?)
    })
}
