//! `staple new`: opens a ticket.

use std::path::PathBuf;

use super::super::environment::Environment;
use super::super::error::CliError;
use super::super::shared::{TextArgs, WriteArgs, attachments, report};
use super::super::ui::Ui;
use crate::desk::{At, Desk, Draft, WriteError, resolve};
use crate::record::change::ticket::{self as verbs, Words};
use crate::record::schema::Target;
use crate::record::{Kind, Name, Record};

/// Open a ticket: what the customer said and a way to reach them is all that is needed
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  staple new \"cannot log in since this morning\" --customer acme --contact ada@acme.example\n  staple new --text \"The export fails with error 12\"\n  staple new \"Printer on fire\" --severity stuck --channel phone --at \"10 minutes ago\"\n  staple new --mail message.eml"
)]
pub(crate) struct NewArgs {
    /// What the customer needs, in a line; taken from the text when left out
    title: Option<String>,

    /// Whose it is
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,

    /// Address or number to reach them
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,

    /// How they reached us
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    /// What it is about
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,

    /// The product it is about
    #[arg(long)]
    product: Option<String>,

    /// The product's version
    #[arg(long = "product-version", value_name = "VERSION")]
    version: Option<String>,

    /// How bad it is for them
    #[arg(long, value_parser = ["stuck", "degraded", "question"])]
    severity: Option<String>,

    /// Words to find it by
    #[arg(long, value_name = "LABEL")]
    label: Vec<String>,

    /// The earlier ticket it comes out of
    #[arg(long, value_name = "ID")]
    follows: Option<String>,

    /// What the customer said; `-` reads standard input
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,

    /// The customer was upset
    #[arg(long)]
    upset: bool,

    /// Files that came with it
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,

    /// A mail to open it from, as it came; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["text", "message", "file"])]
    mail: Option<PathBuf>,

    #[command(flatten)]
    words: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_new(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &NewArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "ticket new")?;
    if let Some(path) = &args.mail {
        return from_mail(ui, desk, args, path, &options);
    }
    let mut words = Words {
        from: args.contact.clone().unwrap_or_default(),
        upset: args.upset,
        attachments: attachments(&args.attach)?,
        ..Words::default()
    };
    words.text = args.words.given(args.text.as_deref())?.unwrap_or_default();
    if args.title.is_none() && words.text.is_empty() {
        words.text = super::super::editor::ask(ui, environment, desk, "what the customer said")?;
    }
    let title = title(args.title.as_deref(), &words.text)?;
    open(ui, desk, &options, |draft| {
        Ok((
            record(desk, draft, args, &title, &options)?,
            Some(words.clone()).filter(|w| !w.text.is_empty() || !w.attachments.is_empty()),
        ))
    })
}

/// Opens a ticket from a mail: whose it is by the sender's address, what it is about by the subject.
fn from_mail(
    ui: &mut Ui,
    desk: &Desk,
    args: &NewArgs,
    path: &std::path::Path,
    options: &crate::desk::WriteOptions,
) -> Result<(), CliError> {
    let mail = super::super::mail::read(path)?;
    let records = desk.records(&At::Now)?;
    if super::super::mail::done_before(ui, &records, &mail) {
        return Ok(());
    }
    if let Some(id) = mail.answers(&records) {
        ui.hint(format!("the mail answers {id}; to add it there: staple received {id} --mail FILE"));
    }
    let mut args = args.clone();
    args.contact = args.contact.or(Some(mail.from.clone()).filter(|from| !from.is_empty()));
    args.customer = args.customer.or_else(|| mail.customer(&records));
    let mut words = mail.words(desk.now());
    words.upset = args.upset;
    words.attachments.extend(attachments(&args.attach)?);
    let subject = Some(mail.subject.as_str()).filter(|subject| !subject.is_empty());
    let text = if words.text.is_empty() { "(no subject)" } else { words.text.as_str() };
    let title = title(args.title.as_deref().or(subject), text)?;
    let opened = options.at.or(words.at).unwrap_or(desk.now());
    open(ui, desk, options, |draft| {
        Ok((record(desk, draft, &args, &title, options)?.with("opened", opened), Some(words.clone())))
    })
}

/// Makes the ticket that `build` describes, with the customer's words as its first message.
pub(crate) fn open(
    ui: &mut Ui,
    desk: &Desk,
    options: &crate::desk::WriteOptions,
    mut build: impl FnMut(&Draft<'_>) -> Result<(Record, Option<Words>), WriteError>,
) -> Result<(), CliError> {
    let mut id = String::new();
    let done = desk.write(options, |draft| {
        let (record, words) = build(draft)?;
        id = record.reference();
        let words = words.map(|words| Words { channel: record.text("channel").to_owned(), ..words });
        let me = desk.me_in(draft)?;
        let plan = desk.at_moment(options.at, me, |moment| verbs::new(record, words.as_ref(), moment));
        draft.carry_out(&id, plan)
    })?;
    report(ui, desk, &done)?;
    // A name that was only tried out would lead nowhere.
    if !options.dry_run {
        ui.line(&id);
    }
    Ok(())
}

fn title(given: Option<&str>, text: &str) -> Result<String, CliError> {
    let line = given.or_else(|| text.lines().find(|line| !line.trim().is_empty())).unwrap_or_default();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return Err(CliError::usage(
            "a ticket needs a title or a text",
            "staple ticket new \"what the customer needs\"",
        ));
    }
    if line.chars().count() <= 120 {
        Ok(line)
    } else {
        Ok(format!("{}…", line.chars().take(119).collect::<String>()))
    }
}

fn record(
    desk: &Desk,
    draft: &Draft<'_>,
    args: &NewArgs,
    title: &str,
    options: &crate::desk::WriteOptions,
) -> Result<Record, WriteError> {
    let id = desk.new_ticket_id(draft)?;
    let one = |kind: Kind, typed: &Option<String>| match typed {
        Some(text) => resolve::typed(draft, one_of(kind), text),
        None => Ok(String::new()),
    };
    let follows = args.follows.as_deref().map(|text| resolve::ticket_in(draft, text)).transpose()?;
    let mut labels = args.label.clone();
    labels.sort();
    labels.dedup();
    Ok(Record::new(Kind::Ticket, Name::Ticket(id), "")
        .with("title", title)
        .with("status", "new")
        .with("opened", options.at.unwrap_or(desk.now()))
        .with("customer", one(Kind::Customer, &args.customer)?)
        .with("contact", args.contact.clone())
        .with("channel", one(Kind::Channel, &args.channel)?)
        .with("topic", one(Kind::Topic, &args.topic)?)
        .with("product", args.product.clone())
        .with("version", args.version.clone())
        .with("severity", args.severity.clone())
        .with("labels", labels)
        .with("follows", follows.map(|id| id.to_string())))
}

fn one_of(kind: Kind) -> &'static [Target] {
    match kind {
        Kind::Customer => &[Target::Of(Kind::Customer)],
        Kind::Channel => &[Target::Of(Kind::Channel)],
        _ => &[Target::Of(Kind::Topic)],
    }
}
