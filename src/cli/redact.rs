//! `staple redact`: takes words or attachments out of records.

use super::error::CliError;
use super::shared::{WriteArgs, report};
use super::ui::Ui;
use crate::desk::redact::{self as desk_redact, Redaction};
use crate::desk::{Desk, resolve};
use crate::record::Kind;

/// Take words or an attachment out of a record and its messages
///
/// The words become [redacted]. The commit does not repeat them, but history before it keeps them: see staple help erasure.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple redact 7k3 --text \"4111 1111 1111 1111\"\n  staple redact 7k3 --message 4hx2\n  staple redact 7k3 --attachment passport.png --why \"sent by mistake\""
)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["message", "text", "attachment"]))]
pub(crate) struct RedactArgs {
    /// The record
    reference: String,

    /// One message of a ticket, by its id or the end of it: all its words, or only those of --text
    #[arg(long, value_name = "ID")]
    message: Option<String>,

    /// The exact words, wherever they stand in the record and its messages
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,

    /// The name of an attachment; the file goes
    #[arg(long, value_name = "FILE")]
    attachment: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_redact(ui: &mut Ui, desk: &Desk, args: &RedactArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "redact")?;
    if let Some(text) = &args.text {
        if text.trim().is_empty() {
            return Err(CliError::usage("no words are named", "give them exactly: --text \"WORDS\""));
        }
        if options.why.contains(text.as_str()) {
            return Err(CliError::usage(
                "the reason repeats the words, and the commit would keep them",
                "say it without",
            ));
        }
    }
    let wanted =
        Redaction { message: args.message.clone(), text: args.text.clone(), attachment: args.attachment.clone() };
    let done = desk.write(&options, |draft| {
        let (kind, name) = resolve::any_in(draft, &args.reference)?;
        let record = draft.record(kind, &name)?;
        let found = desk_redact::redact(draft, &record, &wanted)?;
        draft.summary(record.reference(), "redacted");
        for path in &found.left {
            draft.hints.push(format!(
                "{path} still holds the words, in a comment, a reference or a key of its own: edit it by hand"
            ));
        }
        if kind == Kind::Ticket && wanted.text.is_some() && wanted.attachment.is_none() {
            draft.hints.push("attachments were not looked into".to_owned());
        }
        draft.hints.push(
            "history and every clone keep what was there before; to take it out of those too: staple help erasure"
                .to_owned(),
        );
        Ok(())
    })?;
    report(ui, desk, &done)
}
