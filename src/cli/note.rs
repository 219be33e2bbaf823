//! `staple note`: words for the desk alone.

use std::path::PathBuf;

use super::environment::Environment;
use super::error::CliError;
use super::shared::{TextArgs, WriteArgs, attachments, report};
use super::ui::Ui;
use crate::desk::{At, Desk, WriteError, resolve};
use crate::record::change::Refusal;
use crate::record::change::ticket::{self as verbs, Case, Words};
use crate::record::{Kind, Name, Record};

/// Add a note to a ticket, for the desk alone
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple note 7k3 \"the importer logs a timeout each time\"\n  staple note 7k3 -F findings.txt --attach trace.log\n  git diff | staple note 7k3 -"
)]
pub(crate) struct NoteArgs {
    /// The ticket
    reference: String,

    /// The words; `-` reads standard input
    words: Option<String>,

    /// Files to keep with it
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,

    #[command(flatten)]
    text: TextArgs,

    #[command(flatten)]
    write: WriteArgs,
}

pub(crate) fn cmd_note(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &NoteArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "note")?;
    if !args.text.is_given(args.words.as_deref()) {
        // Before anybody types: a slip in the reference must not cost the words.
        let records = desk.records(&At::Now)?;
        let record = resolve::any(&records, &args.reference)?;
        if record.kind != Kind::Ticket {
            return Err(no_notes(record).into());
        }
    }
    let text =
        args.text.asked(args.words.as_deref(), ui, environment, desk, &format!("the note on {}", args.reference))?;
    let attached = attachments(&args.attach)?;
    let done = desk.write(&options, |draft| {
        let (kind, name) = resolve::any_in(draft, &args.reference)?;
        let record = draft.record(kind, &name)?;
        let (Kind::Ticket, Name::Ticket(_)) = (kind, &name) else { return Err(WriteError::Refused(no_notes(&record))) };
        let messages = draft.messages(&record)?;
        let messages: Vec<&Record> = messages.iter().collect();
        let me = desk.me_in(draft)?;
        let case = Case { ticket: &record, messages: &messages };
        let words = Words { attachments: attached.clone(), ..Words::plain(text.clone()) };
        let plan = desk.at_moment(options.at, me, |moment| verbs::note(case, &words, moment));
        draft.carry_out(&record.reference(), plan)
    })?;
    report(ui, desk, &done)
}

fn no_notes(record: &Record) -> Refusal {
    let reference = record.reference();
    Refusal::new(
        format!("{reference} is a {}, which keeps no notes", record.kind.word()),
        format!(
            "say it with a change: staple set {reference} KEY=VALUE --why \"...\"; or write it in: staple edit {reference}"
        ),
    )
}
