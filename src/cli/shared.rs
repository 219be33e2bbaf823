//! What many commands take: why and when of a write, moment and form of a read, the text of a message.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{CliError, Exit};
use super::ui::Ui;
use crate::desk::search::Choice;
use crate::desk::{At, Desk, Done, Records, WriteOptions};
use crate::record::change::ticket::Attachment;
use crate::record::finding::Finding;
use crate::record::time::{Day, Time};
use crate::record::when::{DayEdge, Direction, When, parse_when};
use crate::store::Outcome;
use crate::store::layout::plain_file_name;

/// What every command that writes takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct WriteArgs {
    /// Why; it goes into the commit
    #[arg(long, value_name = "TEXT", help_heading = "Writing")]
    pub(crate) why: Option<String>,

    /// When it happened, such as "yesterday 17:00"
    #[arg(long, value_name = "WHEN", help_heading = "Writing")]
    pub(crate) at: Option<String>,

    /// Show what would change, and write nothing
    #[arg(short = 'n', long, help_heading = "Writing")]
    pub(crate) dry_run: bool,

    /// Write and stage, to travel with a commit of your own
    #[arg(long, help_heading = "Writing")]
    pub(crate) stage: bool,

    /// Commit on another branch, such as the desk's, and touch nothing that is checked out
    #[arg(long, value_name = "NAME", help_heading = "Writing", conflicts_with = "stage")]
    pub(crate) branch: Option<String>,

    /// Keep what looks like a card number, key or token
    #[arg(long, help_heading = "Writing", hide_short_help = true)]
    pub(crate) keep_secrets: bool,

    /// A name for this operation, so that a second try finds the first
    #[arg(
        long,
        value_name = "ID",
        help_heading = "Writing",
        hide_short_help = true,
        conflicts_with = "stage",
        value_parser = op_id
    )]
    pub(crate) op_id: Option<String>,
}

impl WriteArgs {
    /// The options of a write by the command `action`.
    pub(crate) fn options(&self, desk: &Desk, action: &str) -> Result<WriteOptions, CliError> {
        let at = self.at.as_deref().map(|text| past(desk, text)).transpose()?;
        Ok(WriteOptions {
            action: action.to_owned(),
            why: self.why.clone().unwrap_or_default(),
            at,
            dry_run: self.dry_run,
            stage: self.stage,
            branch: self.branch.clone(),
            op_id: self.op_id.clone(),
            keep_secrets: self.keep_secrets,
            ..WriteOptions::default()
        })
    }
}

/// The name of an operation stands in a line of the commit and must be found there as it was given.
fn op_id(text: &str) -> Result<String, String> {
    let plain = !text.is_empty() && text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { Ok(text.to_owned()) } else { Err("it is one word of letters, digits and signs".to_owned()) }
}

/// What every command that reads takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ReadArgs {
    /// As it was at a commit, or in effect on a date
    #[arg(long, value_name = "REV|DATE", help_heading = "Reading")]
    pub(crate) as_of: Option<String>,

    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// The form of a listing.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct FormArgs {
    /// JSON in a versioned envelope; the same as --format json
    #[arg(long, conflicts_with = "template", help_heading = "Reading")]
    pub(crate) json: bool,

    /// The form of the output: text or json
    #[arg(long, value_name = "FORM", value_parser = ["text", "json"], help_heading = "Reading")]
    pub(crate) format: Option<String>,

    /// A template filled for each item, such as '{{ ref }} {{ title }}'
    #[arg(long, value_name = "TEMPLATE", help_heading = "Reading")]
    pub(crate) template: Option<String>,
}

impl FormArgs {
    /// Prints items as JSON or through the template, where that is asked for; gives whether it was.
    pub(crate) fn print<T>(
        &self,
        ui: &mut Ui,
        what: &str,
        items: impl IntoIterator<Item = T>,
        item: impl FnMut(T) -> serde_json::Value,
    ) -> Result<bool, CliError> {
        self.print_with(ui, what, items, item, serde_json::Value::Null)
    }

    /// As [`FormArgs::print`]; in JSON the keys of the object `more` stand beside the items.
    pub(crate) fn print_with<T>(
        &self,
        ui: &mut Ui,
        what: &str,
        items: impl IntoIterator<Item = T>,
        item: impl FnMut(T) -> serde_json::Value,
        more: serde_json::Value,
    ) -> Result<bool, CliError> {
        if let Some(template) = &self.template {
            fill_each(ui, template, &items.into_iter().map(item).collect::<Vec<_>>())?;
        } else if self.json || self.format.as_deref() == Some("json") {
            let items = items.into_iter().map(item).collect();
            let mut envelope = crate::render::json::envelope(what, items);
            if let (Some(envelope), serde_json::Value::Object(more)) = (envelope.as_object_mut(), more) {
                envelope.extend(more);
            }
            ui.json(&envelope);
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

impl ReadArgs {
    /// The moment that is asked about: a date where the text is one, else a revision.
    pub(crate) fn at(&self, desk: &Desk) -> Result<At, CliError> {
        let Some(text) = &self.as_of else { return Ok(At::Now) };
        // Digits alone could be a year or an abbreviated commit; dates have hyphens.
        if let Ok(when) = parse_when(text, desk.now(), desk.zone(), Direction::Past) {
            return Ok(At::Time(end_of(when, desk)));
        }
        desk.store().resolve(text).map_err(|_| {
            let hint = "write a commit, branch or tag, or a date like 2026-11-20 or \"last friday\"";
            CliError::usage(format!("`{text}` is neither a revision nor a date"), hint)
        })?;
        Ok(At::Rev(text.clone()))
    }

    /// What a list chooses from at the moment that is asked about, and what "now" is for it; words that were corrected are said.
    pub(crate) fn choice(
        &self,
        desk: &Desk,
        ui: &mut Ui,
        choose: impl FnOnce(&At) -> Result<Choice, crate::store::Error>,
    ) -> Result<(Choice, Time), CliError> {
        let at = self.at(desk)?;
        let choice = choose(&at)?;
        super::asking::tell(ui, &choice.corrections);
        warn_unreadable(ui, &choice.records);
        Ok((choice, now_at(desk, &at)?))
    }

    /// What `read` gives of the moment that is asked about, and what "now" is for it.
    pub(crate) fn read(
        &self,
        desk: &Desk,
        ui: &mut Ui,
        read: impl FnOnce(&At) -> Result<Records, crate::store::Error>,
    ) -> Result<(Records, Time), CliError> {
        let at = self.at(desk)?;
        let records = read(&at)?;
        warn_unreadable(ui, &records);
        Ok((records, now_at(desk, &at)?))
    }
}

/// What "now" is at a moment: of a commit when it was made.
pub(crate) fn now_at(desk: &Desk, at: &At) -> Result<Time, CliError> {
    Ok(match at {
        At::Now => desk.now(),
        At::Time(time) => *time,
        At::Tree(_) => desk.now(),
        At::Rev(rev) => {
            let id = desk.store().resolve(rev)?;
            let info = desk.store().commit_info(id)?;
            info.author.time.min(info.committer.time).min(desk.now())
        }
    })
}

/// A bare day means its end, so that `--as-of friday` holds all of Friday.
fn end_of(when: When, desk: &Desk) -> Time {
    match when {
        When::Instant(time) => time,
        When::Day(day) => day.end(desk.zone()).plus(-1),
    }
}

/// Says which records could not be read, or not told apart; all others are shown.
pub(crate) fn warn_unreadable(ui: &mut Ui, records: &Records) {
    for finding in unreadable(records) {
        let place = if finding.line > 0 { format!(":{}:{}", finding.line, finding.column) } else { String::new() };
        ui.warn(format!("{}{place}: {}", finding.path, finding.message));
        if !finding.hint.is_empty() {
            ui.hint(&finding.hint);
        }
    }
}

/// Findings for which a record is missing from what is shown.
pub(crate) fn unreadable(records: &Records) -> impl Iterator<Item = &Finding> {
    records.unreadable()
}

/// Exits 3 when a listing could not show everything, so that a script does not take a part for the whole.
pub(crate) fn incomplete(records: &Records) -> Result<(), CliError> {
    if unreadable(records).next().is_some() {
        return Err(CliError::silent(Exit::Refused));
    }
    Ok(())
}

/// A time in the past as people type it; a bare day is its start.
pub(crate) fn past(desk: &Desk, text: &str) -> Result<Time, CliError> {
    let when =
        parse_when(text, desk.now(), desk.zone(), Direction::Past).map_err(|e| CliError::usage(e.to_string(), ""))?;
    let time = when.instant(desk.zone(), DayEdge::Start);
    if time > desk.now() {
        let hint = "what happens later is a next update: --next-update WHEN";
        return Err(CliError::usage(format!("`{text}` is in the future, and a record says what has happened"), hint));
    }
    if time.unix() < 0 {
        let message = format!("`{text}` is before 1970, and a commit cannot be so old");
        return Err(CliError::usage(message, "write it with its year, such as 2026-11-20"));
    }
    Ok(time)
}

/// A time ahead; a bare day is the end of its working hours.
pub(crate) fn future(desk: &Desk, text: &str) -> Result<Time, CliError> {
    let when =
        parse_when(text, desk.now(), desk.zone(), Direction::Future).map_err(|e| CliError::usage(e.to_string(), ""))?;
    let time = when.instant(desk.zone(), DayEdge::At(jiff::civil::time(17, 0, 0, 0)));
    if time < desk.now() {
        return Err(CliError::usage(
            format!("`{text}` has passed; a next update lies ahead"),
            "such as --next-update 3d",
        ));
    }
    Ok(time)
}

/// A day ahead or back.
pub(crate) fn day(desk: &Desk, text: &str, direction: Direction) -> Result<Day, CliError> {
    let when = parse_when(text, desk.now(), desk.zone(), direction).map_err(|e| CliError::usage(e.to_string(), ""))?;
    Ok(when.day(desk.zone()))
}

/// Where the text of a message comes from.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct TextArgs {
    /// The text; `-` reads standard input
    #[arg(short = 'm', long = "message", value_name = "TEXT", help_heading = "Text")]
    pub(crate) message: Option<String>,

    /// A file with the text; `-` reads standard input
    #[arg(short = 'F', long = "file", value_name = "FILE", help_heading = "Text")]
    pub(crate) file: Option<PathBuf>,
}

impl TextArgs {
    /// The text given by option or `positional`; nothing when none is given.
    pub(crate) fn given(&self, positional: Option<&str>) -> Result<Option<String>, CliError> {
        if let Some(text) = self.message.as_deref().or(positional) {
            return if text == "-" { standard_input().map(Some) } else { Ok(Some(text.to_owned())) };
        }
        self.file.as_deref().map(read_file_or_input).transpose()
    }

    /// Whether the text is given, so that nobody has to be asked.
    pub(crate) fn is_given(&self, positional: Option<&str>) -> bool {
        positional.is_some() || self.message.is_some() || self.file.is_some()
    }

    /// The text given, or asked for in the editor or at a prompt.
    pub(crate) fn asked(
        &self,
        positional: Option<&str>,
        ui: &mut Ui,
        environment: &Environment,
        desk: &Desk,
        about: &str,
    ) -> Result<String, CliError> {
        let text = match self.given(positional)? {
            Some(text) => text,
            None => super::editor::ask(ui, environment, desk, about)?,
        };
        if text.trim().is_empty() {
            return Err(CliError::usage(
                "the text is empty, so nothing was recorded",
                "give it with -m TEXT, -F FILE or -",
            ));
        }
        Ok(text.trim_end().to_owned())
    }
}

/// All of standard input, as text.
pub(crate) fn standard_input() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| CliError::usage("standard input is not UTF-8 text", ""))
}

/// A file's text; `-` is standard input.
pub(crate) fn read_file_or_input(path: &Path) -> Result<String, CliError> {
    if path == Path::new("-") { standard_input() } else { read_text(path) }
}

/// What stands in a file, of whatever encoding; `-` is standard input.
pub(crate) fn read_bytes_or_input(path: &Path) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path)
        .map_err(|error| CliError::usage(format!("{}: {error}", path.display()), "check the file's name"))
}

/// A file's text.
pub(crate) fn read_text(path: &Path) -> Result<String, CliError> {
    let failed = |error: &dyn std::fmt::Display| {
        CliError::usage(format!("{}: {error}", path.display()), "check the file's name")
    };
    let bytes = std::fs::read(path).map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|_| failed(&"it is not UTF-8 text"))
}

/// The attachments at `paths`, under plain names.
pub(crate) fn attachments(paths: &[PathBuf]) -> Result<Vec<Attachment>, CliError> {
    const LARGEST: u64 = 25 << 20;
    let mut out: Vec<Attachment> = Vec::new();
    for path in paths {
        let failed = |what: &str| CliError::usage(format!("{}: {what}", path.display()), "");
        let meta = std::fs::metadata(path).map_err(|error| failed(&error.to_string()))?;
        if !meta.is_file() {
            return Err(failed("this is not a file"));
        }
        if meta.len() > LARGEST {
            return Err(failed("this is over 25 MB; link to it instead: staple set ID links+=URL"));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let file = plain_file_name(&name);
        if out.iter().any(|a| a.file == file) {
            return Err(failed("two attachments would have the same name"));
        }
        out.push(Attachment { file, bytes: std::fs::read(path)? });
    }
    Ok(out)
}

/// Says what a write came to: one line on standard error, or the diff of a dry run on standard output.
pub(crate) fn report(ui: &mut Ui, desk: &Desk, done: &Done) -> Result<(), CliError> {
    if done.dry_run {
        if done.files.is_empty() {
            ui.status("nothing to do: it is so already");
            return Ok(());
        }
        super::diff::show_files(ui, &done.files);
        ui.status(format!("would be: {} (nothing was written)", done.subject));
        return Ok(());
    }
    ui.has_written = !matches!(done.outcome, Outcome::Nothing);
    match &done.outcome {
        Outcome::Nothing => ui.status("nothing to do: it is so already"),
        Outcome::Staged => ui.status(format!("{} (staged; git commit records it)", done.subject)),
        Outcome::Committed { commit, branch, already } => {
            let short = commit.to_hex_with_len(7);
            let place = match branch {
                None => "detached HEAD, on no branch".to_owned(),
                Some(branch) => place_words(desk, branch),
            };
            let already = if *already { ", done before" } else { "" };
            ui.status(format!("{} ({short} on {place}{already})", done.subject));
        }
    }
    for hint in &done.hints {
        ui.hint(hint);
    }
    Ok(())
}

/// The branch, and that it is not the desk's own where it is not.
pub(crate) fn place_words(desk: &Desk, branch: &str) -> String {
    let home = desk.settings().text("branch");
    if home.is_empty() || home == branch { branch.to_owned() } else { format!("{branch}, not yet on {home}") }
}

/// Fills `template` for each item and prints a line each.
fn fill_each(ui: &mut Ui, template: &str, items: &[serde_json::Value]) -> Result<(), CliError> {
    for item in items {
        let item = &underscored(item);
        let line = crate::render::template::fill("--template", template, item, crate::render::template::Escape::None)
            .map_err(|error| CliError::usage(error.to_string(), "see staple help templates"))?;
        ui.line(crate::render::plain::clean(&line));
    }
    Ok(())
}

/// The item with names a template can say: `next_update` besides `next-update`.
fn underscored(item: &serde_json::Value) -> serde_json::Value {
    let mut item = item.clone();
    if let Some(fields) = item.as_object_mut() {
        let more = fields.iter().filter(|(name, _)| name.contains('-'));
        let more: Vec<_> = more.map(|(name, value)| (name.replace('-', "_"), value.clone())).collect();
        fields.extend(more);
    }
    item
}
