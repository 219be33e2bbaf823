//! `staple history`: the life of a record, or the desk's commits as sentences.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::error::CliError;
use super::shared::ReadArgs;
use super::ui::{Style, Ui};
use crate::desk::{At, Desk, resolve};
use crate::index::RecordLine;
use crate::record::shell::shell_word;
use crate::record::time::Time;
use crate::record::when::{Direction, When, parse_when};
use crate::record::{Kind, Name, Record};
use crate::render::plain::{clean, clean_line, wrap};
use crate::report::history::{self, Step, Told, Window};
use crate::report::told::minute;
use crate::store::ObjectId;

/// Show the life of one record, or what happened on the desk lately
///
/// Of one record: every step, oldest first; when it happened and, where that differs, when it was recorded; who, as the
/// commit says; what changed key by key; what was said; and why. Of the desk: its commits as sentences, newest first.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple history 7k3\n  staple history playbook:reset-password --full\n  staple history --since monday\n  staple history -n 50 --json"
)]
pub(crate) struct HistoryArgs {
    /// The record; the whole desk when left out
    #[arg(value_name = "REF")]
    reference: Option<String>,

    /// How many steps: the latest; of the desk 20 unless said, of a record all
    #[arg(short = 'n', long, value_name = "NUMBER")]
    limit: Option<usize>,

    /// From this day or time on
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,

    /// Up to this day or time
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,

    /// In the other order
    #[arg(long)]
    reverse: bool,

    /// Messages and long texts in full
    #[arg(long)]
    full: bool,

    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn cmd_history(ui: &mut Ui, desk: &Desk, args: &HistoryArgs) -> Result<(), CliError> {
    let (mut until, mut commits) = (moment(desk, &args.until, true)?, None);
    match args.read.at(desk)? {
        At::Now | At::Tree(_) => {}
        At::Time(time) => until = Some(until.map_or(time, |until| until.min(time))),
        At::Rev(rev) => commits = Some(known_at(desk, &rev)?),
    }
    let window = Window { since: moment(desk, &args.since, false)?, until, commits: commits.as_ref() };
    let mut about = None;
    let mut steps = match &args.reference {
        None => history::of_desk(desk, window, args.limit.unwrap_or(DESK_STEPS))?,
        Some(text) => {
            let (record, line) = find(ui, desk, text)?;
            let (steps, clocks) = history::of_record(desk, &record, line, window)?;
            if steps.iter().any(|step| clocks.contains(&step.commit)) {
                ui.warn("a commit's clock was ahead; it counts at the date of the commit after it");
            }
            about = Some(record);
            steps
        }
    };
    if let Some(limit) = args.limit {
        steps.drain(..steps.len().saturating_sub(limit));
    }
    // A life is told from its beginning, news from the end.
    if args.reverse != about.is_none() {
        steps.reverse();
    }
    if args.read.form.print(ui, "steps", &steps, item)? {
        return Ok(());
    }
    if steps.is_empty() {
        ui.status("nothing is recorded there");
    } else if let Some(record) = about {
        show_life(ui, desk, &record, &steps, args.full);
    } else {
        show_news(ui, desk, &steps);
    }
    Ok(())
}

/// How many steps of the desk are shown when nobody says.
const DESK_STEPS: usize = 20;

/// The commits that `rev` builds on; those of another branch are not on this timeline.
fn known_at(desk: &Desk, rev: &str) -> Result<BTreeSet<ObjectId>, CliError> {
    let commit = desk.store().resolve(rev)?;
    let head = desk.store().head()?.commit;
    let here = head.map(|head| desk.store().history_of(head)).transpose()?.unwrap_or_default();
    if !here.contains(&commit) {
        let hint = format!("look at it with git: git log {}", shell_word(rev));
        return Err(CliError::refused(format!("{rev} is not in the history of the branch you are on"), hint));
    }
    Ok(desk.store().history_of(commit)?)
}

/// The record as it is, with its part of the timeline where that is known; one that is gone is known by its whole reference.
fn find(ui: &mut Ui, desk: &Desk, text: &str) -> Result<(Record, Option<RecordLine>), CliError> {
    if text == "staple.toml" {
        return Ok((Record::new(Kind::Settings, Name::Desk, text), None));
    }
    let (records, line) = desk.life_of(text)?;
    match resolve::any(&records, text) {
        Ok(record) => {
            if records.uncommitted.contains(&record.path) {
                ui.status(format!("{} has edits that are not committed, and not in its history", record.reference()));
            }
            Ok((record.clone(), line))
        }
        Err(error) => gone(desk, text)?.map(|record| (record, None)).ok_or_else(|| error.into()),
    }
}

/// A record that is no longer there: by its last path on the timeline.
fn gone(desk: &Desk, text: &str) -> Result<Option<Record>, CliError> {
    let Some((kind, name)) = crate::record::reference::parse_any(text) else { return Ok(None) };
    let folders = [kind.folder().to_owned()];
    let Some(line) = desk.timeline(Some(&folders))? else { return Ok(None) };
    let mut paths = line.positions.iter().rev().flat_map(|position| &position.changes).map(|change| &change.path);
    let found = paths.find(|path| {
        matches!(crate::store::layout::locate(path), Some(crate::store::layout::Located::Record(k, n)) if k == kind && n == name)
    });
    Ok(found.map(|path| Record::new(kind, name.clone(), path.clone())))
}

/// A point in time that was typed; a bare day is its start, or its last second.
fn moment(desk: &Desk, text: &Option<String>, end: bool) -> Result<Option<Time>, CliError> {
    let Some(text) = text else { return Ok(None) };
    let when =
        parse_when(text, desk.now(), desk.zone(), Direction::Past).map_err(|e| CliError::usage(e.to_string(), ""))?;
    Ok(Some(match when {
        When::Instant(time) => time,
        When::Day(day) if end => day.end(desk.zone()).plus(-1),
        When::Day(day) => day.start(desk.zone()),
    }))
}

fn item(step: &Step) -> Json {
    let events: Vec<Json> =
        step.events.iter().map(|told| json!({ "key": told.key, "words": told.words, "text": told.text })).collect();
    let landed: Vec<Json> = step
        .landed
        .iter()
        .map(|one| json!({ "commit": one.commit.to_string(), "author": one.author, "subject": one.subject }))
        .collect();
    json!({
        "commit": step.commit.to_string(),
        "happened": step.happened.to_string(),
        "recorded": step.recorded.to_string(),
        "author": step.author,
        "email": step.email,
        "subject": step.subject,
        "why": step.why,
        "records": step.records,
        "events": events,
        "other-files": step.other_files,
        "landed": landed,
        "undoes": step.undoes.map(|id| id.to_string()),
        "undone-by": step.undone_by.map(|id| id.to_string()),
    })
}

/// One record: a heading a step, and what happened below.
fn show_life(ui: &mut Ui, desk: &Desk, record: &Record, steps: &[Step], full: bool) {
    let heading = ui.style(Style::Bold, &clean_line(&format!("{}  {}", record.reference(), record.label())));
    ui.line(heading);
    for step in steps {
        ui.line("");
        let short = step.commit.to_hex_with_len(7).to_string();
        let happened = minute(step.happened, desk.zone());
        let recorded = minute(step.recorded, desk.zone());
        let late = if happened == recorded { String::new() } else { format!(" (recorded {recorded})") };
        let line = format!(
            "{}{}  {}  {}",
            ui.style(Style::Bold, &happened),
            ui.style(Style::Yellow, &late),
            clean_line(&step.author),
            ui.style(Style::Dim, &short)
        );
        ui.line(line);
        if !step.ours {
            ui.line(format!("  \"{}\"{}", clean_line(&step.subject), other_files(step)));
        }
        for one in &step.landed {
            let short = ui.style(Style::Dim, &one.commit.to_hex_with_len(7).to_string());
            ui.line(format!("  landed: {}  {}  {short}", clean_line(&one.subject), clean_line(&one.author)));
        }
        for told in &step.events {
            show_told(ui, told, full);
        }
        show_why(ui, step, full);
        show_undo(ui, step);
    }
}

fn show_told(ui: &mut Ui, told: &Told, full: bool) {
    ui.line(format!("  {}", clean_line(&told.words)));
    quote(ui, &told.text, full);
}

/// Text below what it belongs to; its first lines, unless all of it is wanted.
fn quote(ui: &mut Ui, text: &str, full: bool) {
    const LINES: usize = 3;
    let text = clean(text);
    let width = ui.width.min(100).saturating_sub(6);
    let lines = wrap(text.trim(), width);
    let shown = if full { lines.len() } else { lines.len().min(LINES) };
    for (i, line) in lines.iter().take(shown).enumerate() {
        let more = if i + 1 == shown && shown < lines.len() { " ..." } else { "" };
        ui.line(format!("    {line}{more}").trim_end());
    }
}

fn show_why(ui: &mut Ui, step: &Step, full: bool) {
    if !step.why.is_empty() {
        let label = ui.style(Style::Dim, "why:");
        if step.why.contains('\n') || step.why.len() + 8 > ui.width {
            ui.line(format!("  {label}"));
            quote(ui, &step.why, full);
        } else {
            ui.line(format!("  {label} {}", clean_line(&step.why)));
        }
    }
}

fn show_undo(ui: &mut Ui, step: &Step) {
    for (words, id) in [("takes back", step.undoes), ("taken back by", step.undone_by)] {
        if let Some(id) = id {
            let line = ui.style(Style::Yellow, &format!("{words} {}", id.to_hex_with_len(7)));
            ui.line(format!("  {line}"));
        }
    }
}

fn other_files(step: &Step) -> String {
    match step.other_files {
        0 => String::new(),
        1 => " with 1 other file".to_owned(),
        n => format!(" with {n} other files"),
    }
}

/// The desk: a sentence a commit, the day as a heading.
fn show_news(ui: &mut Ui, desk: &Desk, steps: &[Step]) {
    let mut day = String::new();
    for step in steps {
        let at = minute(step.happened, desk.zone());
        let (today, clock) = at.split_once(' ').unwrap_or((&at, ""));
        if today != day {
            if !day.is_empty() {
                ui.line("");
            }
            let heading = ui.style(Style::Bold, today);
            ui.line(heading);
            today.clone_into(&mut day);
        }
        let short = ui.style(Style::Dim, &step.commit.to_hex_with_len(7).to_string());
        let recorded = minute(step.recorded, desk.zone());
        let late = if recorded == at { String::new() } else { format!(" (recorded {recorded})") };
        let undo = step.undone_by.map(|id| format!(" (taken back by {})", id.to_hex_with_len(7))).unwrap_or_default();
        ui.line(format!(
            "  {clock}  {short}  {}  {}{}{late}{undo}",
            clean_line(&step.subject),
            ui.style(Style::Dim, &clean_line(&step.author)),
            other_files(step)
        ));
        for told in &step.events {
            for line in wrap(&clean_line(&told.words), ui.width.saturating_sub(18)) {
                ui.line(format!("                  {line}"));
            }
        }
    }
}
