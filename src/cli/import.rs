//! `staple import`: the history of another tracker as commits of this desk.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{CliError, with_causes};
use super::open::{self, Globals};
use super::shared::place_words;
use super::ui::Ui;
use crate::desk::Desk;
use crate::desk::bulk::BulkFailure;
use crate::exchange::event_map::EventMap;
use crate::exchange::history::{History, Problem};
use crate::exchange::import::{Import, ImportError, Summary};
use crate::exchange::{beads, events};
use crate::store::Outcome;

/// Import another tracker's history, each event a commit dated as it happened
///
/// Running it again on a newer export imports only what is new. The branch moves once, at the end; until then nothing changes.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ImportCommand {
    Beads(BeadsArgs),
    Events(EventsArgs),
}

/// Issues of beads: issues.jsonl, one JSON object a line
///
/// An issue becomes a ticket, its description what the customer said, its comments, notes and closing reason notes. Closed bugs
/// are resolved as fixed, other issues as answered; those closed as stale, obsolete or orphaned are dropped, deleted ones too.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple import beads ../app/.beads/issues.jsonl -n\n  staple import beads issues.jsonl --report not-carried.txt"
)]
pub(crate) struct BeadsArgs {
    /// The file
    file: PathBuf,

    #[command(flatten)]
    how: HowArgs,
}

/// A log of cases: a CSV file with a case, an activity and a time in each row
///
/// The map says which columns these are and what the activities mean; see examples/bpi-2013.toml.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple import events log.csv --map log.toml -n\n  staple import events log.csv --map examples/bpi-2013.toml"
)]
pub(crate) struct EventsArgs {
    /// The file
    file: PathBuf,

    /// What its columns and activities mean
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,

    #[command(flatten)]
    how: HowArgs,
}

#[derive(Debug, clap::Args)]
struct HowArgs {
    /// Write what was not carried to a file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Why; it goes into every commit
    #[arg(long, value_name = "TEXT", help_heading = "Writing")]
    why: Option<String>,

    /// Sign every commit, not just one that vouches for the others
    #[arg(long, help_heading = "Writing")]
    sign_each: bool,

    /// Say what would be imported, and write nothing
    #[arg(short = 'n', long, help_heading = "Writing")]
    dry_run: bool,
}

pub(crate) fn cmd_import(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    command: &ImportCommand,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    match command {
        ImportCommand::Beads(args) => {
            let known = desk.store().imported(beads::SYSTEM)?;
            let read = beads::read(&bytes(&args.file)?, &known, desk.now());
            let history = read.map_err(|problems| refused(&args.file, &problems))?;
            import(ui, &desk, &history, &known, "import beads", &args.how)
        }
        ImportCommand::Events(args) => {
            let text = super::shared::read_text(&args.map)?;
            let map = EventMap::read(&text).map_err(|problems| refused(&args.map, &problems))?;
            let known = desk.store().imported(&map.system)?;
            let history = events::read(&bytes(&args.file)?, &map, desk.now()).map_err(|error| match error {
                events::Error::Map(problems) => refused(&args.map, &problems),
                events::Error::File(problems) => refused(&args.file, &problems),
            })?;
            import(ui, &desk, &history, &known, "import events", &args.how)
        }
    }
}

fn import(
    ui: &mut Ui,
    desk: &Desk,
    history: &History,
    known: &std::collections::BTreeSet<String>,
    action: &str,
    how: &HowArgs,
) -> Result<(), CliError> {
    if !how.dry_run {
        // One that was killed after it landed leaves nothing to do, but perhaps locks.
        desk.store().settle_dead_run()?;
    }
    let mut plan = Import::plan(desk, history, known, action)?;
    plan.sign_each = how.sign_each;
    let summary = if how.dry_run {
        let (tickets, events) = (counted(plan.tickets(), "ticket"), counted(plan.events(), "event"));
        ui.status(format!("would import {tickets} and {events} from {} (nothing was written)", history.system));
        None
    } else if plan.events() == 0 {
        let events = counted(history.events.len(), "event");
        ui.status(format!("nothing to do: all that can be carried of {events} is here already"));
        None
    } else {
        let summary = plan.carry_out(desk, how.why.as_deref().unwrap_or_default(), &mut |done, all| {
            if done % 50 == 0 {
                ui.progress("importing", done, all, "events");
            }
        });
        ui.progress_done();
        Some(summary?)
    };
    if let Some(summary) = &summary {
        done(ui, desk, history, summary);
    }
    let lines: Vec<String> =
        plan.left_out.lines().map(|(what, why, count)| format!("{count:>6}  {what}: {why}")).collect();
    if let Some(path) = &how.report {
        let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        match std::fs::write(path, text) {
            Ok(()) => return Ok(()),
            // What could not be kept in a file is said here instead.
            Err(error) if ui.has_written => {
                ui.warn(format!("it is done, and {} cannot be written: {error}", path.display()));
            }
            Err(error) => {
                return Err(CliError::refused(format!("{}: {error}", path.display()), "name a file to write"));
            }
        }
    }
    if !lines.is_empty() {
        ui.line("not carried:");
        lines.iter().for_each(|line| ui.line(crate::render::plain::clean(line)));
    }
    Ok(())
}

fn done(ui: &mut Ui, desk: &Desk, history: &History, summary: &Summary) {
    let (tickets, events) = (counted(summary.tickets, "ticket"), counted(summary.events, "event"));
    let system = &history.system;
    match &summary.outcome {
        Outcome::Committed { commit, branch, .. } => {
            ui.has_written = true;
            let commits = counted(summary.commits, "commit");
            let place = branch.as_deref().map_or("detached HEAD".to_owned(), |branch| place_words(desk, branch));
            let short = commit.to_hex_with_len(7);
            ui.status(format!("{system}: {tickets} and {events} imported in {commits} ({short} on {place})"));
        }
        _ => ui.status(format!("nothing to do: {events} of {system} change nothing")),
    }
}

/// `1,487 tickets`, `1 ticket`.
fn counted(count: usize, word: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {word}{}", if count == 1 { "" } else { "s" })
}

fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path)
        .map_err(|error| CliError::usage(format!("{}: {error}", path.display()), "check the file's name"))
}

/// How many problems of a file are named.
const NAMED: usize = 20;

fn refused(path: &Path, problems: &[Problem]) -> CliError {
    let mut lines: Vec<String> =
        problems.iter().take(NAMED).map(|p| format!("{}:{}: {}", path.display(), p.line, p.message)).collect();
    if problems.len() > NAMED {
        lines.push(format!("and {} more", problems.len() - NAMED));
    }
    let mut hints: Vec<String> = Vec::new();
    for hint in problems.iter().map(|problem| &problem.hint).filter(|hint| !hint.is_empty()) {
        if !hints.contains(hint) && hints.len() < 5 {
            hints.push(hint.clone());
        }
    }
    lines.push("nothing was imported".to_owned());
    CliError { hints, ..CliError::refused(lines.join("\n       "), "") }
}

impl From<ImportError> for CliError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Missing(ref names) => {
                let make = |name: &String| name.split_once(':').map(|(kind, slug)| format!("staple {kind} new {slug}"));
                let hints = names.iter().take(5).filter_map(make).collect();
                Self { hints, ..Self::refused(error.to_string(), "") }
            }
            ImportError::Failed(BulkFailure::Write(error)) => error.into(),
            ImportError::Failed(BulkFailure::Store(error)) => error.into(),
            ImportError::Failed(BulkFailure::Bulk(error)) => Self::refused(with_causes(&error), ""),
        }
    }
}
