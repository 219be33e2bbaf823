//! A reply that leaves the building: as a mail in a file, or through the user's own mail command.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::error::CliError;
use super::super::ui::Ui;
use crate::desk::{Desk, WriteError};
use crate::exchange::compose::{Outgoing, compose, is_address};
use crate::record::change::Moment;
use crate::record::change::ticket::{Case, Words};

/// How a reply leaves.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct PostArgs {
    /// Hand it to the mail command of your settings (mail-command)
    #[arg(long, conflicts_with = "stage", help_heading = "Sending")]
    pub(crate) send: bool,

    /// Write it as a mail to a file; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Sending")]
    pub(crate) eml: Option<PathBuf>,
}

impl PostArgs {
    /// Whether the reply leaves at all.
    pub(crate) fn wanted(&self) -> bool {
        self.send || self.eml.is_some()
    }

    /// The mail command, where one is needed; asked for before anything is recorded.
    pub(crate) fn command(&self, desk: &Desk) -> Result<Option<String>, CliError> {
        if !self.send {
            return Ok(None);
        }
        let command = desk.settings().text("mail-command");
        if command.is_empty() {
            let hint = "name the command that takes a mail on standard input: git config --global staple.mail-command \"msmtp -t\"";
            return Err(CliError::refused("no mail command is set, so nothing can be sent", hint));
        }
        Ok(Some(command.to_owned()))
    }
}

/// The mail for a reply; its id goes into the message's record.
pub(crate) fn mail(
    desk: &Desk,
    case: Case<'_>,
    words: &mut Words,
    moment: &mut Moment<'_>,
) -> Result<Outgoing, WriteError> {
    let identity = desk.store().identity()?;
    let last = case.messages.iter().rev().find(|m| m.text("kind") == "received");
    let known = [words.to.as_str(), last.map_or("", |m| m.text("from")), case.ticket.text("contact")];
    let Some(to) = known.into_iter().find(|address| is_address(address)) else {
        let id = case.ticket.reference();
        return Err(WriteError::usage(
            format!("{id} has no mail address to reply to"),
            format!("name one: --to ADDRESS, or staple set {id} contact=ADDRESS"),
        ));
    };
    let to = to.to_owned();
    let domain = identity.email.rsplit('@').next().unwrap_or("desk.invalid").to_owned();
    let reference = case.ticket.reference();
    words.to.clone_from(&to);
    words.message_id = format!("{}.{:016x}@{domain}", reference.to_lowercase(), (moment.random)());
    words.in_reply_to = last.map(|m| m.text("message-id").to_owned()).unwrap_or_default();
    Ok(Outgoing {
        from_name: identity.name,
        from: identity.email,
        to,
        subject: format!("Re: {} [{reference}]", case.ticket.text("title")),
        text: words.text.clone(),
        at: Some(moment.at),
        message_id: words.message_id.clone(),
        in_reply_to: words.in_reply_to.clone(),
        attachments: words.attachments.clone(),
    })
}

/// Writes or sends a mail that has been recorded, and says so plainly.
pub(crate) fn post(ui: &mut Ui, args: &PostArgs, command: Option<&str>, mail: &Outgoing) -> Result<(), CliError> {
    let failed = |what: String| {
        CliError::refused(
            format!("the reply is recorded, but not sent: {what}"),
            "write it as a mail by hand, from staple show",
        )
    };
    let bytes = compose(mail).map_err(|error| failed(error.to_string()))?;
    match args.eml.as_deref() {
        Some(path) if path == Path::new("-") => ui.text(&String::from_utf8_lossy(&bytes)),
        Some(path) => {
            std::fs::write(path, &bytes).map_err(|error| failed(format!("{}: {error}", path.display())))?;
            ui.status(format!("written as a mail to {}", path.display()));
        }
        None => {}
    }
    if let Some(command) = command {
        hand_over(command, &bytes).map_err(failed)?;
        ui.status(format!("handed to `{command}` for {}", mail.to));
    }
    Ok(())
}

fn hand_over(command: &str, bytes: &[u8]) -> Result<(), String> {
    // The command is the user's own setting; the repository cannot name one.
    let mut child = std::process::Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(bytes).map_err(|error| error.to_string())?;
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("`{command}` ended with {status}")) }
}
