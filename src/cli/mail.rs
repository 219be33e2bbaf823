//! Mails given to a command.

use std::io::Read;
use std::path::Path;

use super::error::CliError;
use super::ui::Ui;
use crate::desk::Records;
use crate::exchange::mail::{LARGEST, Mail};

/// The mail in a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Mail, CliError> {
    let failed = |error: &dyn std::fmt::Display| {
        CliError::usage(format!("{}: {error}", path.display()), "check the file's name")
    };
    let mut bytes = Vec::new();
    // One byte more than a mail may have, so that a larger one is known without reading all of it.
    let most = LARGEST as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes)?;
    } else {
        let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
        file.take(most).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    }
    Mail::read(&bytes).map_err(|error| {
        CliError::refused(format!("{}: {error}", path.display()), "open the ticket by hand: staple ticket new")
    })
}

/// Whether the desk has the mail already; says on which ticket.
pub(crate) fn done_before(ui: &mut Ui, records: &Records, mail: &Mail) -> bool {
    let Some(id) = mail.ticket(records) else { return false };
    ui.status(format!("nothing to do: this mail is on {id} already"));
    ui.line(id.to_string());
    true
}
