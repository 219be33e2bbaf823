//! `staple diff`, and differences for people to read.

use serde_json::{Value as Json, json};
use similar::{ChangeTag, TextDiff};

use super::error::CliError;
use super::shared::FormArgs;
use super::show::print;
use super::ui::{Style, Ui};
use crate::desk::{At, Desk, FileChange, Records, resolve};
use crate::record::Record;
use crate::render::plain::clean_line;
use crate::render::text::{Lines, Tone};
use crate::report::edits::{EditView, FileEdit, KeyEdit, views};
use crate::report::words::Clock;
use crate::store::layout;
use crate::store::working_tree::State;

/// Show what is edited in the work tree and not committed, record by record and key by key
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  staple diff\n  staple diff 7k3\n  staple diff --patch")]
pub(crate) struct DiffArgs {
    /// The records; all when left out
    #[arg(value_name = "REF")]
    references: Vec<String>,

    /// As lines of the files, in the form of git diff
    #[arg(short, long, conflicts_with_all = ["json", "template", "format"])]
    patch: bool,

    #[command(flatten)]
    form: FormArgs,
}

pub(crate) fn cmd_diff(ui: &mut Ui, desk: &Desk, args: &DiffArgs) -> Result<(), CliError> {
    let records = desk.records(&At::Now)?;
    let mut starts = Vec::new();
    for reference in &args.references {
        starts.push(start_of(&records, desk, reference)?);
    }
    let mut edits = edits(ui, desk)?;
    edits.retain(|edit| starts.is_empty() || starts.iter().any(|start| belongs(&edit.path, start)));
    if args.patch {
        let files = edits.into_iter().map(|e| FileChange { path: e.path, before: e.before, after: e.after });
        show_files(ui, &files.collect::<Vec<_>>());
        return Ok(());
    }
    let clock = Clock { now: desk.now(), zone: desk.zone() };
    let views = views(&records, &edits, &clock);
    if args.form.print(ui, "edits", &views, item)? {
        return Ok(());
    }
    if views.is_empty() {
        ui.status("no record is edited: all are as committed");
    } else {
        show(ui, &views);
    }
    Ok(())
}

/// The path of a record without its ending. A record whose file was removed is found where it was committed.
fn start_of(records: &Records, desk: &Desk, reference: &str) -> Result<String, CliError> {
    let plain = |record: &Record| record.path.strip_suffix(".toml").unwrap_or(&record.path).to_owned();
    if reference == "staple.toml" {
        return Ok("staple".to_owned());
    }
    match resolve::any(records, reference) {
        Ok(record) => Ok(plain(record)),
        Err(error) => {
            let committed = desk.store().head_snapshot()?.commit().map(|commit| commit.to_string());
            let before = committed.map(|commit| desk.records(&At::Rev(commit))).transpose()?;
            let found = before.as_ref().and_then(|before| resolve::any(before, reference).ok());
            found.map(plain).ok_or_else(|| error.into())
        }
    }
}

/// Whether a path is the record's own file, or one of its messages or attachments.
fn belongs(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.starts_with('.'))
}

/// The uncommitted edits; what is no edit but a fault of the work tree is said.
fn edits(ui: &mut Ui, desk: &Desk) -> Result<Vec<FileEdit>, CliError> {
    let store = desk.store();
    let snapshot = store.head_snapshot()?;
    let mut out: Vec<FileEdit> = settings_edit(desk)?.into_iter().collect();
    for found in store.overlay(&snapshot, layout::FOLDERS)? {
        let after = match found.state {
            State::Record(bytes) => Some(bytes),
            State::Attachment => Some(std::fs::read(store.root().join(&found.path))?),
            State::Deleted => None,
            _ => {
                ui.warn(format!("{} cannot be compared; see staple check", found.path));
                continue;
            }
        };
        let before = snapshot.read(&found.path)?;
        out.push(FileEdit { path: found.path, before, after, staged: found.staged });
    }
    Ok(out)
}

/// The edit of the desk's settings, which lie in no folder of records.
fn settings_edit(desk: &Desk) -> Result<Option<FileEdit>, CliError> {
    const PATH: &str = "staple.toml";
    let before = desk.store().head_snapshot()?.read(PATH)?;
    // A link is never followed; `staple check` tells of it.
    let after = match desk.store().file_at(PATH)? {
        State::Record(bytes) => Some(bytes),
        State::Deleted => None,
        _ => return Ok(None),
    };
    let plain = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|b| String::from_utf8_lossy(b).replace("\r\n", "\n"));
    let same = plain(&before) == plain(&after);
    Ok((!same).then(|| FileEdit { path: PATH.to_owned(), before, after, staged: false }))
}

fn show(ui: &mut Ui, views: &[EditView]) {
    let mut out = Lines::new(ui.width);
    for (i, view) in views.iter().enumerate() {
        if i > 0 {
            out.gap();
        }
        let staged = if view.staged { " (staged)" } else { "" };
        let label = if view.label.is_empty() { String::new() } else { format!("  {}", view.label) };
        out.wrapped(Tone::Strong, 0, &format!("{}{label}", view.reference));
        out.wrapped(Tone::Plain, 2, &format!("{}{staged}", view.what));
        for edit in &view.keys {
            let unset_or = |text: &str| if text.is_empty() { "(unset)".to_owned() } else { text.to_owned() };
            let was_and_is_set = !edit.from.is_empty() && !edit.to.is_empty();
            let is_list = edit.added.len() + edit.removed.len() > 0;
            if was_and_is_set && is_list {
                let added = edit.added.iter().map(|item| format!("+ {item}"));
                let items: Vec<String> = added.chain(edit.removed.iter().map(|item| format!("- {item}"))).collect();
                out.wrapped(Tone::Plain, 4, &format!("{}: {}", edit.key, items.join(", ")));
            } else if edit.from.contains('\n') || edit.to.contains('\n') {
                out.add(Tone::Plain, &format!("    {}:", edit.key));
                prose(&mut out, &edit.from, &edit.to);
            } else if edit.from.is_empty() {
                out.wrapped(Tone::Plain, 4, &format!("{}: {}", edit.key, edit.to));
            } else {
                out.wrapped(Tone::Plain, 4, &format!("{}: {} -> {}", edit.key, edit.from, unset_or(&edit.to)));
            }
        }
    }
    print(ui, &out.done());
}

/// Long text line by line: what went and what came.
fn prose(out: &mut Lines, from: &str, to: &str) {
    for change in TextDiff::from_lines(from, to).iter_all_changes() {
        let line = change.value().trim_end();
        match change.tag() {
            ChangeTag::Delete => out.wrapped(Tone::Pressing, 6, &format!("- {line}")),
            ChangeTag::Insert => out.wrapped(Tone::Public, 6, &format!("+ {line}")),
            ChangeTag::Equal => {}
        }
    }
}

fn item(view: &EditView) -> Json {
    let keys = view.keys.iter().map(|edit| {
        let KeyEdit { key, from, to, added, removed } = edit;
        json!({ "key": key, "from": from, "to": to, "added": added, "removed": removed })
    });
    json!({
        "ref": view.reference,
        "path": view.path,
        "what": view.what,
        "staged": view.staged,
        "keys": keys.collect::<Vec<_>>(),
    })
}

/// Shows what changes in each file, in the form of `git diff`.
pub(crate) fn show_files(ui: &mut Ui, files: &[FileChange]) {
    for file in files {
        let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|b| String::from_utf8_lossy(b).into_owned());
        let (before, after) = (text(&file.before), text(&file.after));
        let name = |there: bool| if there { file.path.as_str() } else { "/dev/null" };
        ui.line(ui.style(Style::Bold, &format!("--- {}", name(before.is_some()))));
        ui.line(ui.style(Style::Bold, &format!("+++ {}", name(after.is_some()))));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        if before.contains('\0') || after.contains('\0') {
            ui.line("binary file");
            continue;
        }
        let diff = TextDiff::from_lines(&before, &after);
        for group in diff.grouped_ops(2) {
            for op in group {
                for change in diff.iter_changes(&op) {
                    let (mark, style) = match change.tag() {
                        ChangeTag::Delete => ("-", Some(Style::Red)),
                        ChangeTag::Insert => ("+", Some(Style::Green)),
                        ChangeTag::Equal => (" ", None),
                    };
                    let line = format!("{mark}{}", clean_line(change.value().trim_end_matches(['\n', '\r'])));
                    ui.line(style.map_or(line.clone(), |style| ui.style(style, &line)));
                }
            }
        }
    }
}
