//! `staple received` and `staple reply`.

use std::path::PathBuf;

use super::super::environment::Environment;
use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs, attachments, future};
use super::super::ui::Ui;
use super::post::{PostArgs, mail, post};
use super::resolve::HowArgs;
use crate::desk::{At, Desk, Draft, WriteError, resolve};
use crate::record::Kind;
use crate::record::change::ticket::{self as verbs, AfterReply, Wait, Words};
use crate::record::schema::Target;
use crate::record::ticket::WAITING_ON;

const CHANNEL: &[Target] = &[Target::Of(Kind::Channel)];

/// Record what the customer said
///
/// A ticket that waited on the customer is worked on again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple received 7k3 \"order 4711, it still fails\"\n  pbpaste | staple received 7k3 -\n  staple received 7k3 --upset -m \"third time this week!\" --at \"9:30\"\n  staple received --mail answer.eml"
)]
pub(crate) struct ReceivedArgs {
    /// The ticket; of a mail that answers one of its messages it may be left out
    #[arg(required_unless_present = "mail")]
    id: Option<String>,

    /// What they said; `-` reads standard input
    words: Option<String>,

    /// Who exactly
    #[arg(long, value_name = "WHO")]
    from: Option<String>,

    /// The way it came
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    /// The customer was upset
    #[arg(long)]
    upset: bool,

    /// Files that came with it
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,

    /// A mail that says it, as it came; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["words", "message", "file"])]
    mail: Option<PathBuf>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_received(
    ui: &mut Ui,
    environment: &Environment,
    desk: &Desk,
    args: &ReceivedArgs,
) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket received")?;
    let (id, mut words) = match &args.mail {
        Some(path) => {
            let mail = super::super::mail::read(path)?;
            let records = desk.records(&At::Now)?;
            if super::super::mail::done_before(ui, &records, &mail) {
                return Ok(());
            }
            let id = args.id.clone().or_else(|| mail.answers(&records).map(|id| id.to_string()));
            let Some(id) = id else {
                let hint = "name the ticket: staple received ID --mail FILE; or open one: staple new --mail FILE";
                return Err(CliError::refused("the mail answers no message of this desk", hint));
            };
            (id, mail.words(desk.now()))
        }
        None => {
            let id = args.id.clone().unwrap_or_default();
            let about = format!("what the customer of {id} said");
            super::check_before_asking(desk, &args.text, args.words.as_deref(), &id)?;
            let text = args.text.asked(args.words.as_deref(), ui, environment, desk, &about)?;
            (id, Words::plain(text))
        }
    };
    words.at = options.at.or(words.at);
    words.upset = args.upset;
    words.attachments.extend(attachments(&args.attach)?);
    if let Some(from) = &args.from {
        words.from.clone_from(from);
    }
    super::change(ui, desk, &options, &id, |draft, case, moment| {
        let words = Words { channel: channel(draft, args.channel.as_deref())?, ..words.clone() };
        Ok(verbs::received(case, &words, moment))
    })
}

pub(crate) fn channel(draft: &Draft<'_>, typed: Option<&str>) -> Result<String, WriteError> {
    typed.map_or(Ok(String::new()), |text| resolve::typed(draft, CHANNEL, text))
}

/// Record a reply to the customer
///
/// A ticket nobody owns is taken by you. The reply is recorded; it is sent only with --send, through your own mail command.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple reply 7k3 \"please try the new link\"\n  staple reply 7k3 -m \"done\" --resolve fixed --playbook reset-password\n  staple reply 7k3 -F answer.txt --wait customer --waiting-for \"the order number\" --next-update 3d"
)]
pub(crate) struct ReplyArgs {
    /// The ticket
    id: String,

    /// The words; `-` reads standard input
    words: Option<String>,

    /// Wait afterwards: on customer, team:SLUG, vendor:SLUG or release:TAG
    #[arg(long, value_name = "ON", conflicts_with = "resolve")]
    wait: Option<String>,

    /// For what it waits, in plain words
    #[arg(long, value_name = "FOR", requires = "wait")]
    waiting_for: Option<String>,

    /// Resolve with it: answered, workaround, fixed or declined
    #[arg(long, value_name = "R", value_parser = ["answered", "workaround", "fixed", "declined"])]
    resolve: Option<String>,

    /// When the customer hears from us again
    #[arg(long, value_name = "WHEN")]
    next_update: Option<String>,

    /// To whom exactly
    #[arg(long, value_name = "WHO")]
    to: Option<String>,

    /// The way it goes
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    /// Files that go with it
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,

    #[command(flatten)]
    how: HowArgs,

    #[command(flatten)]
    post: PostArgs,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_reply(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &ReplyArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket reply")?;
    let next_update = args.next_update.as_deref().map(|text| future(desk, text)).transpose()?;
    let about = format!("the reply to the customer of {}", args.id);
    super::check_before_asking(desk, &args.text, args.words.as_deref(), &args.id)?;
    let text = args.text.asked(args.words.as_deref(), ui, environment, desk, &about)?;
    let attached = attachments(&args.attach)?;
    let command = args.post.command(desk)?;
    let mut letter = None;
    super::change(ui, desk, &options, &args.id, |draft, case, moment| {
        let mut words = Words {
            to: args.to.clone().unwrap_or_default(),
            channel: channel(draft, args.channel.as_deref())?,
            attachments: attached.clone(),
            ..Words::plain(text.clone())
        };
        if args.post.wanted() {
            letter = Some(mail(desk, case, &mut words, moment)?);
        }
        let wait = match &args.wait {
            Some(on) => {
                let on = resolve::typed(draft, WAITING_ON, on)?;
                let what = args.waiting_for.clone().unwrap_or_else(|| default_wait(&on));
                Some(Wait { on, what, next_update })
            }
            None => None,
        };
        let resolve = args.resolve.as_deref().map(|how| args.how.resolve(draft, how)).transpose()?;
        let mut plan = verbs::reply(case, &words, &AfterReply { wait, resolve, next_update }, moment)?;
        if !args.post.wanted() {
            plan.hints.insert(0, "recorded, not sent".to_owned());
        }
        Ok(plan)
    })?;
    match letter {
        Some(letter) if !options.dry_run => post(ui, &args.post, command.as_deref(), &letter),
        _ => Ok(()),
    }
}

/// What a customer is waited on for when nothing is said; anyone else must be named with a reason.
fn default_wait(on: &str) -> String {
    if on == "customer" { "their answer".to_owned() } else { String::new() }
}
