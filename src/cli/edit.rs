//! `staple edit`: the text of records in the editor.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::editor;
use super::environment::Environment;
use super::error::CliError;
use super::shared::{WriteArgs, read_text, report, standard_input};
use super::ui::Ui;
use crate::desk::{Desk, Done, Draft, WriteError, WriteOptions, resolve};
use crate::record::change::Refusal;
use crate::record::shell::shell_word;
use crate::record::{Kind, Name, Record};
use crate::store::{self, Outcome};
use crate::text;

/// Edit the text of records in your editor
///
/// The rules of the verbs hold here too. A record that cannot be read, or breaks a rule, comes back to you with what is wrong.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple edit 7k3\n  staple edit reset-password --why \"step 3 was out of date\"\n  staple edit acme -F acme.toml"
)]
pub(crate) struct EditArgs {
    /// The records
    #[arg(required = true, value_name = "REF")]
    references: Vec<String>,

    /// Take the whole text from a file instead of the editor; `-` reads standard input
    #[arg(short = 'F', long, value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(flatten)]
    write: WriteArgs,
}

/// One record's text before and after.
struct Edited {
    kind: Kind,
    name: Name,
    path: String,
    reference: String,
    before: String,
    after: String,
}

pub(crate) fn cmd_edit(ui: &mut Ui, environment: &Environment, desk: &Desk, args: &EditArgs) -> Result<(), CliError> {
    let options = args.write.options(desk, "edit")?;
    if args.file.is_some() && args.references.len() > 1 {
        return Err(CliError::usage("one file cannot be the text of many records", "edit them one at a time"));
    }
    let mut edited = open(desk, &options, &args.references)?;
    match &args.file {
        Some(path) => {
            let text = if path == Path::new("-") { standard_input()? } else { read_text(path)? };
            edited.iter_mut().for_each(|record| record.after.clone_from(&text));
        }
        None => {
            let Some(program) = editor::program(environment, desk) else {
                let hint = "choose one: git config --global core.editor nano; or set keys: staple set REF KEY=VALUE";
                return Err(CliError::refused("no editor is set", hint));
            };
            for i in 0..edited.len() {
                let (done, rest) = edited.split_at_mut(i);
                ask(ui, environment, desk, &options, &program, done, &mut rest[0])?;
            }
        }
    }
    let done = write(desk, &options, &edited)?;
    report(ui, desk, &done)?;
    if matches!(done.outcome, Outcome::Committed { .. } | Outcome::Staged) {
        edited.iter().for_each(|record| {
            // What was kept is in the record now.
            let _ = std::fs::remove_file(kept_path(desk, record));
        });
    }
    Ok(())
}

/// The texts as the transaction sees them. A record with uncommitted edits is refused before anybody types.
fn open(desk: &Desk, options: &WriteOptions, references: &[String]) -> Result<Vec<Edited>, CliError> {
    let mut out: Vec<Edited> = Vec::new();
    let look = WriteOptions { dry_run: true, ..options.clone() };
    desk.write(&look, |draft| {
        out.clear();
        for reference in references {
            let (kind, name) = resolve::any_in(draft, reference)?;
            let Some(path) = draft.path_of(kind, &name)? else {
                return Err(WriteError::NoRecord { kind, name });
            };
            let before = draft.text(&path)?;
            let reference = Record::new(kind, name.clone(), path.as_str()).reference();
            out.push(Edited { kind, name, path, reference, after: before.clone(), before });
        }
        Ok(())
    })?;
    for record in &out {
        let here = std::fs::read_to_string(desk.store().root().join(&record.path));
        if here.is_ok_and(|text| text.replace("\r\n", "\n") != record.before.replace("\r\n", "\n")) {
            let path = desk.store().repository_path(&record.path);
            return Err(store::Error::Uncommitted { path, staged: false, edited: true }.into());
        }
    }
    Ok(out)
}

/// Opens the editor until the text is sound, or the person keeps it for later.
fn ask(
    ui: &mut Ui,
    environment: &Environment,
    desk: &Desk,
    options: &WriteOptions,
    program: &str,
    done: &[Edited],
    record: &mut Edited,
) -> Result<(), CliError> {
    loop {
        record.after = editor::edit(desk, program, &record.after, "toml")?;
        let look = WriteOptions { dry_run: true, ..options.clone() };
        let Err(error) = write(desk, &look, done.iter().chain([&*record])) else { return Ok(()) };
        let kept = kept_path(desk, record);
        std::fs::write(&kept, &record.after)?;
        let resume = format!(
            "your text is kept; mend it there, then: staple edit {} -F {}",
            record.reference,
            shell_word(&kept.to_string_lossy())
        );
        if !environment.input_is_terminal {
            let mut error = error;
            error.hints.push(resume);
            return Err(error);
        }
        ui.error(&error);
        ui.status("[e]dit again, or [q]uit and keep the text?");
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if !answer.trim().is_empty() && !answer.trim().to_lowercase().starts_with('e') {
            return Err(CliError::refused(format!("{} was not changed", record.reference), resume));
        }
    }
}

/// Where a text that could not be recorded waits.
fn kept_path(desk: &Desk, record: &Edited) -> PathBuf {
    let name = record.reference.replace([':', ' '], "-");
    desk.store().git_dir().join("staple").join(format!("KEPT-{name}.toml"))
}

fn write<'e>(
    desk: &Desk,
    options: &WriteOptions,
    edited: impl IntoIterator<Item = &'e Edited>,
) -> Result<Done, CliError> {
    let edited: Vec<&Edited> = edited.into_iter().collect();
    let done = desk.write(options, |draft| {
        for record in &edited {
            put(draft, record)?;
        }
        Ok(())
    })?;
    Ok(done)
}

fn put(draft: &mut Draft<'_>, edited: &Edited) -> Result<(), WriteError> {
    let Edited { kind, name, path, reference, before, after } = edited;
    if after == before {
        return Ok(());
    }
    if draft.text(path)? != *before {
        let message = format!("{reference} was changed meanwhile by another command");
        return Err(Refusal::new(message, format!("look at it and edit again: staple show {reference}")).into());
    }
    let old = text::parse(*kind, name, path, before.as_bytes()).record;
    let new = text::parse(*kind, name, path, after.as_bytes());
    let Some(record) = new.record else { return Err(WriteError::Unreadable(new.findings)) };
    if old.as_ref().is_some_and(|old| old.messages != record.messages) {
        let hint = format!("take words out with staple redact {reference}, or say more with staple note {reference}");
        return Err(Refusal::new("messages are not edited", hint).into());
    }
    draft.write_record(*kind, name, path, after);
    draft.summary(reference.clone(), changed(old.as_ref(), &record));
    Ok(())
}

/// What changed in few words: the keys, where they are few.
fn changed(old: Option<&Record>, new: &Record) -> String {
    let keys: Vec<&str> = new
        .schema()
        .keys
        .iter()
        .map(|key| key.name)
        .filter(|key| old.is_none_or(|old| old.get(key) != new.get(key)))
        .collect();
    match keys.len() {
        0 => "edited".to_owned(),
        1..=3 => format!("edited, {}", keys.join(", ")),
        many => format!("edited, {many} keys"),
    }
}
