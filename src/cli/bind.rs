//! `staple bind`.

use super::environment::Environment;
use super::error::CliError;
use super::open::{self, Globals};
use super::shared::{WriteArgs, incomplete, report, warn_unreadable};
use super::ui::Ui;
use crate::desk::bind::{Bound, Candidate, Folders, bind, candidates};
use crate::desk::{At, Desk};
use crate::record::shell::shell_word;

const DAY_SECONDS: i64 = 86_400;

/// Move the messages of tickets done for a while into the tickets' own files
///
/// Keeps a desk of many years quick: a done ticket becomes one file, all of them in one commit. Nothing is lost: messages are
/// read the same from either place, and attachments stay where they are. Run it on the desk's branch now and then.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple bind -n\n  staple bind\n  staple bind --older 365")]
pub(crate) struct BindArgs {
    /// Days a ticket must have been done; bind-after-days of the desk when left out
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(0..=36_500))]
    older: Option<i64>,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_bind(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &BindArgs,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    refuse_elsewhere(&desk)?;
    let days = args.older.or_else(|| desk.settings().text("bind-after-days").parse().ok()).unwrap_or(90);
    desk.store().settle_dead_run()?;
    let records = desk.records(&At::Now)?;
    let (found, dirty) = candidates(&desk, &records)?;
    let due = desk.now().unix() - days * DAY_SECONDS;
    let due: Vec<Candidate> = found.into_iter().filter(|candidate| candidate.done_since <= due).collect();
    let mut options = args.write.options(&desk, "bind")?;
    // What was wrong with a ticket before is no worse in another place.
    options.unguarded = true;
    let done = desk.write(&options, |draft| {
        let (mut tickets, mut folders) = (Vec::new(), Folders::default());
        for candidate in &due {
            match bind(draft, &mut folders, candidate.id, &candidate.path)? {
                Bound::Messages(count) => tickets.push((candidate.id, count)),
                Bound::LeftOut(why) => draft.hints.push(format!("left as it is: {why}")),
                Bound::Nothing => {}
            }
        }
        match tickets.as_slice() {
            [] => draft.summary("", "nothing to bind"),
            [(id, 1)] => draft.summary(id.to_string(), "bound, 1 message"),
            [(id, count)] => draft.summary(id.to_string(), format!("bound, {count} messages")),
            many => draft.summary("", format!("{} tickets bound", many.len())),
        }
        Ok(())
    })?;
    report(ui, &desk, &done)?;
    for id in dirty {
        ui.hint(format!("left as it is: {id} has edits that are not committed"));
    }
    warn_unreadable(ui, &records);
    // Whether there was nothing to do is not known then.
    if ui.has_written { Ok(()) } else { incomplete(&records) }
}

/// Binding elsewhere would meet the binding of the desk's branch as a conflict.
fn refuse_elsewhere(desk: &Desk) -> Result<(), CliError> {
    let home = desk.settings().text("branch");
    let head = desk.store().head()?.branch.unwrap_or_else(|| "no branch".to_owned());
    if home.is_empty() || home == head {
        return Ok(());
    }
    let message = format!("tickets are bound on {home}, and HEAD is on {head}");
    Err(CliError::refused(message, format!("git switch {} && staple bind", shell_word(home))))
}
